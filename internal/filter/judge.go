package filter

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/model"
)

// Bounds of what Judge tells.
const (
	MaxActual      = 10  // values of one clause
	MaxActualRunes = 200 // of one value; cut with "…"
)

// Judgement is one clause's outcome on one message.
type Judgement struct {
	Clause Clause
	Held   bool
	// Actual are the values that were looked at: at most MaxActual, each at most
	// MaxActualRunes long. Of a long text it is the passage that matters.
	Actual []string
}

// Judge evaluates every condition, in the order of Clauses. Conditions on one
// family are judged on the element that satisfies the most of them, so that all
// hold exactly when Match does.
func (f *Filter) Judge(s Subject) ([]Judgement, error) {
	if f == nil {
		return nil, nil
	}
	v := look(s)
	chosen := map[*clause]*element{}
	for _, g := range f.groups {
		if len(g) < 2 {
			continue
		}
		e, err := best(g, v)
		if err != nil {
			return nil, err
		}
		for _, c := range g {
			chosen[c] = e
		}
	}
	out := make([]Judgement, len(f.clauses))
	for i, c := range f.clauses {
		j := Judgement{Clause: Clause{c}}
		var err error
		if e := chosen[c]; e != nil {
			j.Held = c.field.elem(e, &c.test)
			j.Actual = c.actualOn(e, v)
		} else {
			j.Held, j.Actual, err = c.judge(v)
		}
		if err != nil {
			return nil, err
		}
		out[i] = j
	}
	return out, nil
}

// best is the first element on which the most clauses hold.
func best(g []*clause, v *view) (*element, error) {
	elements, err := v.family(g[0].field.family)
	if err != nil {
		return nil, err
	}
	at, most := &absent, -1
	if len(elements) == 0 {
		return at, nil
	}
	for i := range elements {
		if n := heldOn(g, &elements[i]); n > most {
			at, most = &elements[i], n
		}
	}
	return at, nil
}

// Judge evaluates one condition on one message: whether it held and the actual
// values that it looked at (bounded in number and length).
func (c Clause) Judge(s Subject) (held bool, actual []string, err error) {
	return c.judge(look(s))
}

func (c *clause) judge(v *view) (bool, []string, error) {
	held, err := c.holds(v)
	if err != nil {
		return false, nil, err
	}
	col := collector{clause: c}
	switch {
	case c.field.Kind == Search:
		return held, c.searchActual(v, held), nil
	case c.field.sum != nil:
		c.field.sum(v.subject.Summary(), col.test())
	case c.field.family != "":
		elements, err := v.family(c.field.family)
		if err != nil {
			return false, nil, err
		}
		if c.field.Kind == Selector {
			return held, c.tags(elements, v), nil
		}
		if c.field.Kind == Presence {
			return held, []string{strconv.FormatBool(len(elements) > 0)}, nil
		}
		for i := range elements {
			if col.full() {
				break
			}
			c.field.elem(&elements[i], col.test())
		}
	default:
		_, err = c.field.full(v, col.test())
	}
	return held, col.values, err
}

// actualOn tells what one element has for the clause.
func (c *clause) actualOn(e *element, v *view) []string {
	if c.field.Kind == Selector {
		if e.doc == nil {
			return c.tags(nil, v)
		}
		return []string{cut(e.doc.tag(e.index))}
	}
	col := collector{clause: c}
	c.field.elem(e, col.test())
	return col.values
}

// tags tells the start tags that a selector matched, or else those of the
// elements with the type that it names last.
func (c *clause) tags(elements []element, v *view) []string {
	var near, hit []string
	want := lastType(c.values[0])
	for i := range elements {
		d, n := elements[i].doc, elements[i].index
		if len(hit) < MaxActual && elementMatches(&elements[i], &c.test) {
			hit = append(hit, cut(d.tag(n)))
		}
		if len(near) < MaxActual && d.elements[n].html.Data == want {
			near = append(near, cut(d.tag(n)))
		}
	}
	switch {
	case len(hit) > 0:
		return hit
	case len(near) > 0:
		return near
	case v.doc != nil && v.doc.tooDeep:
		return []string{"(the HTML is nested too deeply)"}
	case len(elements) == 0:
		return []string{"(no HTML)"}
	}
	return nil
}

// lastType is the element type of a selector's last compound, "" if it has none.
func lastType(selector string) string {
	var text string
	if list := splitSelector(selector); len(list) > 0 && len(list[len(list)-1]) > 0 {
		alt := list[len(list)-1]
		text = alt[len(alt)-1].text
	}
	end := strings.IndexFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	})
	if end >= 0 {
		text = text[:end]
	}
	return strings.ToLower(text)
}

// searchActual tells the passage of the search text around a hit of a word that
// should not be there.
func (c *clause) searchActual(v *view, held bool) []string {
	if held || !c.negated || c.sub != nil {
		return nil
	}
	q, _, err := v.subject.SearchText()
	if err != nil {
		return nil
	}
	if i := strings.Index(q, c.test.needle); i >= 0 {
		return []string{around(q, i, i+len(c.test.needle))}
	}
	return nil
}

// collector gathers the values that a clause looks at.
type collector struct {
	clause *clause
	values []string
	probe  *test
}

func (c *collector) full() bool { return len(c.values) >= MaxActual }

func (c *collector) add(s string) {
	if !c.full() {
		c.values = append(c.values, passage(c.clause, s))
	}
}

// test is a probe that holds nowhere and tells the collector every value.
func (c *collector) test() *test {
	if c.probe == nil {
		c.probe = &test{
			str:     func(s string) bool { c.add(s); return false },
			num:     func(n int64) bool { c.add(strconv.FormatInt(n, 10)); return false },
			at:      func(t time.Time) bool { c.add(t.UTC().Format(time.RFC3339Nano)); return false },
			collect: c.add,
		}
	}
	return c.probe
}

// cut bounds a value's length.
func cut(s string) string {
	if len(s) <= MaxActualRunes || utf8.RuneCountInString(s) <= MaxActualRunes {
		return s
	}
	return string([]rune(s)[:MaxActualRunes-1]) + "…"
}

// CheapHeld counts the conditions that hold of those that the summary answers.
func (f *Filter) CheapHeld(sum *model.Summary) int {
	if f == nil {
		return 0
	}
	n := 0
	for _, c := range f.cheap {
		if c.field.sum(sum, &c.test) != c.negated {
			n++
		}
	}
	return n
}

// MatchFold reports whether a regular expression matches s when case is ignored.
func (c Clause) MatchFold(s string) bool {
	if c.test.re == nil {
		return false
	}
	re, err := regexp.Compile("(?i:" + c.test.re.String() + ")")
	return err == nil && re.MatchString(s)
}
