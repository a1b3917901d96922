package filter

import (
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/message"
)

// Plan says which indexes can narrow the candidates; every hint is necessary,
// none sufficient. It is computed at compile time.
type Plan struct {
	IDs           [][]string // id.eq / id.in: each group is a disjunction, groups are a conjunction
	After, Before uint64     // exclusive bounds on sequence; 0 is none
	// Addresses are whole addresses of from/to/cc/bcc/reply_to/forward_paths/reverse_path
	// eq, lower-cased by strings.ToLower; groups as above.
	Addresses [][]string
	// Needles are folded substrings that must stand in SearchText (q or rest),
	// longest first.
	Needles []string
	// Enough says that the filter holds just where every needle stands in the q part.
	Enough      bool
	CheapOnly   bool // Match touches Summary only
	WantsAppend bool // origin is asked for, so origin=append is not left out
	Seen        *bool
	Flagged     *bool
	Tags        []string
}

// Plan returns the compiled plan.
func (f *Filter) Plan() Plan {
	if f == nil {
		return Plan{CheapOnly: true}
	}
	return f.plan
}

const maxNeedles = 8

func (f *Filter) makePlan() {
	p := &f.plan
	p.CheapOnly = len(f.deep)+len(f.groups) == 0
	for _, c := range f.clauses {
		if c.field.Name == "origin" || c.sub != nil && c.sub.plan.WantsAppend {
			p.WantsAppend = true
		}
		if c.sub != nil {
			continue
		}
		if c.field.Kind == YesNo {
			want := c.test.want != c.negated
			if c.field.Name == "seen" {
				p.Seen = &want
			} else {
				p.Flagged = &want
			}
		}
		if !c.negated {
			p.take(c)
			words := c.needles()
			p.Needles = append(p.Needles, words...)
			if c.field.sum == nil {
				f.needles = append(f.needles, words...)
			}
		}
	}
	p.Needles, f.needles = longest(p.Needles), longest(f.needles)
	p.Enough = len(f.clauses) > 0 && len(p.Needles) < maxNeedles
	for _, c := range f.clauses {
		p.Enough = p.Enough && c.sub == nil && !c.negated && c.field.Kind == Search
	}
}

// take draws the hints of one clause that is not negated.
func (p *Plan) take(c *clause) {
	exact := c.test.op == opEq || c.test.op == opIn
	switch {
	case c.field.Name == "id" && exact:
		p.IDs = append(p.IDs, c.values)
	case c.field.Name == "tags" && c.test.op == opEq:
		p.Tags = append(p.Tags, c.values[0])
	case c.field.Kind == Address && c.test.op == opEq:
		p.Addresses = append(p.Addresses, addressForms(c.values))
	case c.field.Name == "sequence":
		p.bound(c)
	}
}

// bound tightens the exclusive bounds on sequence; what a bound of 0 cannot say
// is left to Match.
func (p *Plan) bound(c *clause) {
	n, _ := parseNumber(c.field, c.values[0])
	v := uint64(n)
	after := func(v uint64) { p.After = max(p.After, v) }
	before := func(v uint64) {
		if v > 0 && (p.Before == 0 || v < p.Before) {
			p.Before = v
		}
	}
	switch c.test.op {
	case opGt:
		after(v)
	case opGte:
		after(max(v, 1) - 1)
	case opLt:
		before(v)
	case opLte:
		before(v + 1)
	case opEq:
		after(max(v, 1) - 1)
		before(v + 1)
	}
}

// needles are the folded words that must stand in the search text for the
// clause to hold. A phrase of q is looked for whole; a text's value word by
// word, because a value may reach across the sections of the search text.
func (c *clause) needles() []string {
	switch {
	case c.field.Kind == Search:
		return []string{c.test.needle}
	case !c.field.needle:
		return nil
	}
	switch c.test.op {
	case opContains, opPrefix, opSuffix:
		return strings.Fields(c.test.needle)
	case opEq:
		if c.field.Kind == Text {
			return strings.Fields(message.Fold(c.values[0]))
		}
	}
	return nil
}

// longest keeps the few longest needles, without those inside of others.
func longest(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b string) int { return len(b) - len(a) })
	var out []string
	for _, n := range list {
		if len(out) == maxNeedles {
			break
		}
		if !slices.ContainsFunc(out, func(o string) bool { return strings.Contains(o, n) }) {
			out = append(out, n)
		}
	}
	return out
}
