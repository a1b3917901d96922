package assert

import (
	"cmp"
	"slices"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
)

// Evidence is what a failed assertion's verdict is explained with.
type Evidence struct {
	// Recent are the sandbox's newest messages, newest first, at most MaxRecent.
	Recent []filter.Subject
	// Messages is how many the sandbox has, Pruned how many it lost to its limits.
	Messages, Pruned int64
	// Others are messages of other sandboxes that the assertion's where matches,
	// for the administrator alone.
	Others []model.Summary

	gone func(error) bool
}

// NeedsEvidence reports whether Verdict wants an Evidence: too few messages came.
func (w *Watch) NeedsEvidence() bool { return w.failedOn == onCount && w.found < w.Min }

// candidate is a message compared with an assertion.
type candidate struct {
	subject filter.Subject
	miss    model.NearMiss
	held    int
	close   float64 // how near the failing clauses came, of 1
	telling bool    // something that says more than "any new message"
	hints   []model.Hint
}

// explain fills in near misses and hints of an assertion that too few messages matched.
func (w *Watch) explain(v *model.Verdict, ev Evidence) error {
	var found []*candidate
	for _, s := range w.shortlist(ev.Recent) {
		c, err := w.judge(s)
		if err != nil {
			if ev.gone != nil && ev.gone(err) {
				continue
			}
			return err
		}
		if c.telling && c.held < len(c.miss.Clauses) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.held, a.held), cmp.Compare(b.close, a.close))
	})
	found = found[:min(len(found), MaxNear)]
	for _, c := range found {
		v.NearMisses = append(v.NearMisses, c.miss)
	}
	v.Hints = w.hints(found, ev)
	return nil
}

// shortlist keeps the messages that hold the most of what a summary tells.
func (w *Watch) shortlist(recent []filter.Subject) []filter.Subject {
	type ranked struct {
		s    filter.Subject
		held int
	}
	var list []ranked
	for _, s := range recent[:min(len(recent), MaxRecent)] {
		sum := s.Summary()
		if _, matched := w.seen[sum.ID]; matched || sum.Origin == model.OriginAppend && !w.Where.Plan().WantsAppend {
			continue
		}
		list = append(list, ranked{s, w.Where.CheapHeld(sum)})
	}
	slices.SortStableFunc(list, func(a, b ranked) int { return b.held - a.held })
	out := make([]filter.Subject, min(len(list), maxJudged))
	for i := range out {
		out[i] = filter.Open(list[i].s)
	}
	return out
}

// judge compares one message with the where, clause by clause.
func (w *Watch) judge(s filter.Subject) (*candidate, error) {
	judged, err := w.Where.Judge(s)
	if err != nil {
		return nil, err
	}
	c := &candidate{subject: s, miss: model.NearMiss{Message: ref(s.Summary())}}
	for _, j := range judged {
		d := c.add("where", j)
		if j.Held {
			c.held++
			c.telling = c.telling || tells(j.Clause)
			continue
		}
		if h := clauseHints(j, d, s.Summary()); len(h) > 0 {
			c.hints = append(c.hints, h...)
			c.telling = true
		}
		if d.near() {
			c.close += max(0, 1-float64(d.distance)/float64(d.length))
			c.telling = true
		}
	}
	if w.onlyLate(judged) {
		c.telling = true
	}
	return c, nil
}

// add appends one clause's outcome and returns its difference.
func (c *candidate) add(in string, j filter.Judgement) *difference {
	out := model.Clause{In: in, Clause: j.Clause.Name(), Value: j.Clause.Value(), Held: j.Held}
	var d *difference
	if !j.Held {
		out.Actual = j.Actual
		if d = compare(j.Clause, j.Actual); d.near() {
			out.Diff = d.text
		}
	}
	c.miss.Clauses = append(c.miss.Clauses, out)
	return d
}

// tells reports whether holding a clause makes a message a near miss; what holds
// on nearly every message does not.
func tells(c filter.Clause) bool {
	switch c.Kind() {
	case filter.Number, filter.Time, filter.YesNo, filter.Presence:
		return false
	}
	return !c.Negated() && c.Operator() != "exists" && c.Field() != "origin"
}

// onlyLate reports whether nothing failed but bounds on when a message arrived.
func (w *Watch) onlyLate(judged []filter.Judgement) bool {
	late := false
	for _, j := range judged {
		switch {
		case j.Held:
		case isBound(j.Clause):
			late = true
		default:
			return false
		}
	}
	return late
}

// isBound reports whether a clause asks for messages after some point.
func isBound(c filter.Clause) bool {
	op := c.Operator()
	return !c.Negated() && (op == "gt" || op == "gte") && (c.Field() == "sequence" || c.Field() == "received_at")
}

// failures judges the message that broke an expect.
func (w *Watch) failures() ([]model.NearMiss, []model.Hint, error) {
	s := filter.Open(w.broken)
	c := &candidate{subject: s, miss: model.NearMiss{Message: ref(s.Summary())}}
	hints := []model.Hint{}
	for _, f := range w.Expect {
		ok, err := f.Match(s)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			continue
		}
		judged, err := f.Judge(s)
		if err != nil {
			return nil, nil, err
		}
		for _, j := range judged {
			if d := c.add("expect", j); !j.Held {
				hints = append(hints, clauseHints(j, d, s.Summary())...)
			}
		}
	}
	return []model.NearMiss{c.miss}, unique(hints), nil
}

func ref(s *model.Summary) model.MessageRef {
	return model.MessageRef{ID: s.ID, Sandbox: s.Sandbox, Subject: s.Subject, PageURL: s.PageURL}
}
