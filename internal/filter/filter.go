// Package filter compiles the one filter grammar of the product into one
// predicate. Looking runs it over the index, waking over the new messages only.
package filter

import (
	"net/url"
	"strings"

	"github.com/catchpost/catchpost/internal/model"
)

// Subject is the message a filter looks at; the store implements it. Cheap
// fields come from Summary; the others open the octets at first use and are
// remembered.
type Subject interface {
	Summary() *model.Summary
	Full() (*model.Message, error)           // text, html, headers, attachments, envelope, warnings
	BodyText() (string, error)               // field "body"
	SearchText() (q, rest string, err error) // folded, see message.Digest
	AttachmentTexts() ([]string, error)      // one for each of Full().Attachments
	Links() ([]model.Link, error)
	Codes() ([]model.Code, error)
}

// Limits of one filter.
const (
	MaxClauses  = 100      // conditions, the words of q counted each
	MaxValue    = 10_000   // characters of one value
	MaxPattern  = 1_000    // characters of a regular expression or a CSS selector
	MaxHTML     = 4 << 20  // octets of HTML that elements.* looks into
	MaxElements = 20_000   // HTML elements that elements.* looks at
	maxElemText = 32 << 20 // octets of element text that one look may touch
)

// Codes of Error, as in API.md "Errors".
const (
	UnknownFilter = "unknown_filter"
	BadOperator   = "bad_operator"
	BadValue      = "bad_value"
	EmptyValue    = "empty_value"
	BadDuration   = "bad_duration"
	BadJSON       = "bad_json"
)

// Error is a mistake in a filter. Code is an API error code: unknown_filter,
// bad_operator, bad_value, empty_value, bad_duration, bad_json.
type Error struct {
	Code   string
	Param  string
	Detail string
}

func (e *Error) Error() string { return e.Detail }

// Filter is a compiled filter; the zero value matches everything but what
// clients appended by themselves (origin "append"), which a filter sees only
// when it asks for origin. It is immutable and safe for concurrent use.
type Filter struct {
	clauses []*clause
	cheap   []*clause   // those that need the summary alone, in their order
	deep    []*clause   // the others outside of families, cheapest first
	groups  [][]*clause // conditions on one family, judged on the same element
	needles []string    // of the deep clauses: looked for before a message is opened
	plan    Plan
}

// Match reports whether every condition holds. Errors are those of s: octets
// that cannot be read. A nil filter is the zero filter.
func (f *Filter) Match(s Subject) (bool, error) {
	sum := s.Summary()
	if f == nil {
		return sum.Origin != model.OriginAppend, nil
	}
	if sum.Origin == model.OriginAppend && !f.plan.WantsAppend {
		return false, nil
	}
	if !f.matchCheap(sum) {
		return false, nil
	}
	if f.plan.CheapOnly || len(f.deep)+len(f.groups) == 0 {
		return true, nil
	}
	return f.matchDeep(s)
}

func (f *Filter) matchDeep(s Subject) (bool, error) {
	v := look(s)
	if len(f.needles) > 0 {
		q, rest, err := s.SearchText()
		if err != nil {
			return false, err
		}
		for _, n := range f.needles {
			if !strings.Contains(q, n) && !strings.Contains(rest, n) {
				return false, nil
			}
		}
	}
	for _, c := range f.deep {
		if held, err := c.holds(v); err != nil || !held {
			return false, err
		}
	}
	for _, g := range f.groups {
		if held, err := groupHolds(g, v); err != nil || !held {
			return false, err
		}
	}
	return true, nil
}

// holds evaluates one clause by itself.
func (c *clause) holds(v *view) (bool, error) {
	var held bool
	var err error
	switch {
	case c.sub != nil:
		if held = c.sub.matchCheap(v.subject.Summary()); held {
			held, err = c.sub.matchDeep(v.subject)
		}
	case c.field.sum != nil:
		held = c.field.sum(v.subject.Summary(), &c.test)
	case c.field.family != "":
		held, err = groupHolds([]*clause{c.positive()}, v)
	default:
		held, err = c.field.full(v, &c.test)
	}
	return held != c.negated, err
}

func (f *Filter) matchCheap(sum *model.Summary) bool {
	for _, c := range f.cheap {
		if c.field.sum(sum, &c.test) == c.negated {
			return false
		}
	}
	return true
}

// groupHolds reports whether some element of the family satisfies every clause.
// Where there is no element, the clauses are asked about nothing at all, which
// satisfies exists=false alone.
func groupHolds(g []*clause, v *view) (bool, error) {
	elements, err := v.family(g[0].field.family)
	if err != nil {
		return false, err
	}
	if len(elements) == 0 {
		return heldOn(g, &absent) == len(g), nil
	}
	for i := range elements {
		if heldOn(g, &elements[i]) == len(g) {
			return true, nil
		}
	}
	return false, nil
}

// heldOn counts the clauses that hold on e.
func heldOn(g []*clause, e *element) int {
	n := 0
	for _, c := range g {
		if c.field.elem(e, &c.test) {
			n++
		}
	}
	return n
}

// Clauses returns the conditions in their order.
func (f *Filter) Clauses() []Clause {
	if f == nil {
		return nil
	}
	out := make([]Clause, len(f.clauses))
	for i, c := range f.clauses {
		out[i] = Clause{c}
	}
	return out
}

// Len is the number of conditions.
func (f *Filter) Len() int {
	if f == nil {
		return 0
	}
	return len(f.clauses)
}

// String gives the filter back in its URL form, for logs and messages. Compiled
// again at the same time of day it gives an equal filter.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	var b strings.Builder
	for i, c := range f.clauses {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(c.name()))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(c.urlValue()))
	}
	return b.String()
}
