package filter

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/message"
)

// pair is one pair of the grammar as a door read it.
type pair struct {
	key    string
	param  string // what Error.Param says
	given  any    // as it was written
	values []string
	list   bool // values were given one by one (JSON array of an "in")
}

// compiler collects the clauses of one filter.
type compiler struct {
	now  time.Time
	out  *Filter
	inQ  bool
	left *int // conditions that may still come, shared with the compilers of q
}

func newCompiler(now time.Time) *compiler {
	left := MaxClauses
	return &compiler{now: now, out: &Filter{}, left: &left}
}

func badValue(format string, args ...any) *Error {
	return &Error{Code: BadValue, Detail: fmt.Sprintf(format, args...)}
}

// add compiles one pair.
func (c *compiler) add(p pair) error {
	cl, err := c.clause(p)
	if err == nil && cl != nil {
		err = c.push(cl)
	}
	if e, ok := err.(*Error); ok {
		if e.Param == "" {
			e.Param = p.param
		}
		return e
	}
	return err
}

func (c *compiler) push(cl *clause) error {
	if *c.left--; *c.left < 0 {
		return badValue("a filter has at most %d conditions", MaxClauses)
	}
	c.out.clauses = append(c.out.clauses, cl)
	return nil
}

// clause compiles one pair, or pushes what a q stands for and returns nil.
func (c *compiler) clause(p pair) (*clause, error) {
	k, err := parseKey(p.key)
	if err != nil {
		return nil, err
	}
	cl := &clause{field: k.field, op: k.op, negated: k.negated, key: k.name, given: p.given, values: p.values}
	op, err := k.operator()
	if err != nil {
		return nil, err
	}
	if op == opIn && !p.list {
		cl.values = splitIn(p.values[0])
	}
	if p.list && op != opIn {
		return nil, badValue("%q takes one value at a time", p.key)
	}
	if err := c.checkValues(cl, op, p.key); err != nil {
		return nil, err
	}
	if k.field.Kind == Search {
		return c.search(cl)
	}
	cl.test, err = c.test(cl, op)
	return cl, err
}

// checkValues refuses empty and overlong values.
func (c *compiler) checkValues(cl *clause, op, key string) error {
	if len(cl.values) > MaxPattern {
		return badValue("%q has more than %d values", key, MaxPattern)
	}
	total := 0
	for i, v := range cl.values {
		if v == "" {
			e := &Error{Code: EmptyValue, Detail: fmt.Sprintf("%q has no value.", key)}
			if op == opIn && len(cl.values) > 1 {
				e.Detail = fmt.Sprintf("value %d of %q is empty.", i+1, key)
			} else if slices.Contains(operatorsOf[cl.field.Kind], opExists) {
				e.Detail += fmt.Sprintf(" To ask whether it is there at all, write %s.exists=false", cl.key)
			}
			return e
		}
		if !utf8.ValidString(v) {
			return badValue("the value of %q is not UTF-8", key)
		}
		total += utf8.RuneCountInString(v)
	}
	if total > MaxValue {
		return badValue("the value of %q has more than %d characters", key, MaxValue)
	}
	return nil
}

// test compiles the right side by kind.
func (c *compiler) test(cl *clause, op string) (test, error) {
	f, v := cl.field, cl.values
	if op == opExists || f.Kind == YesNo {
		if v[0] != "true" && v[0] != "false" {
			return test{}, badValue("%q is true or false, not %q", cl.name(), v[0])
		}
		return test{op: op, want: v[0] == "true"}, nil
	}
	switch f.Kind {
	case Number:
		nums := make([]int64, len(v))
		for i := range v {
			n, err := parseNumber(f, v[i])
			if err != nil {
				return test{}, err
			}
			nums[i] = n
		}
		return numberTest(op, nums), nil
	case Time:
		at, err := parseTime(cl.name(), v[0], c.now)
		return timeTest(op, at), err
	case Selector:
		sel, err := compileSelector(v[0])
		return test{op: op, sel: sel}, err
	}
	values := slices.Clone(v)
	for i := range values {
		n, err := normal(f, cl.name(), op, values[i])
		if err != nil {
			return test{}, err
		}
		values[i] = n
	}
	return stringTest(f, op, values)
}

// search compiles q: each word becomes a condition of its own, unless "not."
// turns several round together.
func (c *compiler) search(cl *clause) (*clause, error) {
	if c.inQ {
		return nil, badValue("q cannot stand inside of q")
	}
	inner := &compiler{now: c.now, out: &Filter{}, inQ: true, left: c.left}
	if err := inner.query(cl.values[0]); err != nil {
		return nil, err
	}
	switch found := inner.out.clauses; {
	case len(found) == 0:
		return nil, &Error{Code: EmptyValue, Detail: `"q" has no words.`}
	case !cl.negated:
		c.out.clauses = append(c.out.clauses, found...)
		return nil, nil
	case len(found) == 1:
		found[0].negated = !found[0].negated
		c.out.clauses = append(c.out.clauses, found[0])
		return nil, nil
	default:
		cl.sub = inner.finish()
		cl.test = test{op: opContains}
		return cl, nil
	}
}

// word makes the clause of one word or phrase of q.
func word(s string, negated bool) *clause {
	return &clause{
		field: byName["q"], key: "q", negated: negated, given: s, values: []string{s},
		test: test{op: opContains, needle: message.Fold(s)},
	}
}

// finish sorts the clauses into the order of evaluation and plans.
func (c *compiler) finish() *Filter {
	f := c.out
	families := map[string]int{}
	for _, cl := range f.clauses {
		switch fam := cl.field.family; {
		case cl.sub == nil && cl.field.sum != nil:
			f.cheap = append(f.cheap, cl)
		case cl.sub == nil && fam != "" && !cl.negated:
			i, ok := families[fam]
			if !ok {
				i = len(f.groups)
				families[fam] = i
				f.groups = append(f.groups, nil)
			}
			f.groups[i] = append(f.groups[i], cl)
		default:
			f.deep = append(f.deep, cl)
		}
	}
	slices.SortStableFunc(f.deep, func(a, b *clause) int { return a.cost() - b.cost() })
	f.makePlan()
	return f
}

// cost orders the deep clauses: those that fail cheaply first.
func (c *clause) cost() int {
	switch {
	case c.sub != nil:
		return 4
	case c.field.Kind == Search:
		return 0
	case c.field.family != "":
		return 5
	case c.field.Name == "body":
		return 3
	case c.field.Name == "text" || c.field.Name == "html":
		return 2
	}
	return 1
}

// key is the left side of a pair, taken apart.
type key struct {
	field   *field
	name    string // the field as in the URL
	op      string
	negated bool
	whole   string
}

// parseKey takes ["not."] field ["." op] apart: the last dotted word is the
// operator if it is one of the eleven, else part of the field.
func parseKey(s string) (key, error) {
	k := key{whole: s}
	k.name, k.negated = strings.CutPrefix(s, "not.")
	if i := strings.LastIndexByte(k.name, '.'); i > 0 && slices.Contains(Operators, k.name[i+1:]) {
		k.name, k.op = k.name[:i], k.name[i+1:]
	}
	f, ok := lookup(k.name)
	if !ok {
		return k, unknown(k)
	}
	k.field = f
	return k, nil
}

// operator is the operator in effect, or the error that it does not fit.
func (k key) operator() (string, error) {
	ops := operatorsOf[k.field.Kind]
	switch {
	case k.op == "" && k.field.Kind == Time:
		return "", &Error{Code: BadOperator, Detail: fmt.Sprintf("%q needs an operator, as in %s.gt=-5m: one of %s.", k.name, k.name, strings.Join(ops, ", "))}
	case k.op == "" && k.field.Kind == Presence:
		return "", &Error{Code: UnknownFilter, Detail: fmt.Sprintf("%q by itself is no filter. Did you mean %q?%s", k.name, k.name+".exists", members(k.name))}
	case k.op == "":
		return defaultOf[k.field.Kind], nil
	case len(ops) == 0:
		return "", &Error{Code: BadOperator, Detail: fmt.Sprintf("%q takes no operator: write %s=VALUE.", k.name, k.name)}
	case !slices.Contains(ops, k.op):
		return "", misfit(k, ops)
	}
	return k.op, nil
}
