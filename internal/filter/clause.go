package filter

import "strings"

// Clause is one condition, for verdicts. (Conditions on one family are judged
// together by Filter.Match and Filter.Judge, and one by one here.)
type Clause struct{ *clause }

// clause is one compiled condition.
type clause struct {
	field   *field
	op      string // "" where the field's default was meant
	negated bool
	given   any      // the value as it was given: string, bool, number or []string
	values  []string // as text; more than one for "in"
	test    test
	sub     *Filter // of a negated q with several conditions
	key     string  // field name as in the URL: "headers.X-Id"
}

// Name is the condition's key as it stands in a URL: "subject.prefix", "not.html".
func (c Clause) Name() string { return c.name() }

// Value is the condition's value as it was given: a string, a bool, a number or
// a list of strings.
func (c Clause) Value() any { return c.given }

// Values are the texts that the condition compares with; more than one for "in".
func (c Clause) Values() []string { return c.values }

// Field is the field's name without the operator: "subject", "headers.X-Id".
func (c Clause) Field() string { return c.key }

// Operator is the operator in effect: the default one where none was given.
func (c Clause) Operator() string { return c.test.op }

// Negated reports whether the condition was turned round by "not.".
func (c Clause) Negated() bool { return c.negated }

// Kind is the field's kind.
func (c Clause) Kind() Kind { return c.field.Kind }

func (c *clause) name() string {
	n := c.key
	if c.op != "" {
		n += "." + c.op
	}
	if c.negated {
		n = "not." + n
	}
	return n
}

// urlValue writes the value so that the URL's grammar reads it back.
func (c *clause) urlValue() string {
	if c.test.op == opIn {
		esc := make([]string, len(c.values))
		for i, v := range c.values {
			esc[i] = inEscaper.Replace(v)
		}
		return strings.Join(esc, ",")
	}
	if c.field.Kind == Search && c.sub == nil {
		return quoteWord(c.values[0])
	}
	return c.values[0]
}

var inEscaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`)

// splitIn takes a URL's list apart at its commas; "\," is a comma of the value
// and "\\" a backslash.
func splitIn(s string) []string {
	var out []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == ',' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == ',':
			out = append(out, b.String())
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(out, b.String())
}

// positive is the clause without its "not.".
func (c *clause) positive() *clause {
	if !c.negated {
		return c
	}
	p := *c
	p.negated = false
	return &p
}
