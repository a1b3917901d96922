package assert

import (
	"slices"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
)

// Watch is one assertion under way: a state machine that is told of messages
// and of time, and knows neither store nor clock. It is for one goroutine.
type Watch struct {
	Assertion
	started  time.Time
	reached  time.Time // when the lower bound was; zero before
	decided  time.Time // when the outcome was; zero before
	failedOn string
	seen     map[string]struct{} // ids that matched
	found    int
	matched  []model.Summary
	broken   filter.Subject // the first that broke an expect
}

// Reasons to fail, as in Verdict.FailedOn.
const (
	onCount  = "count"
	onExpect = "expect"
)

// New begins an assertion.
func New(a Assertion, now time.Time) *Watch {
	w := &Watch{Assertion: a, started: now, seen: map[string]struct{}{}}
	if a.Min == 0 {
		w.reached = now
	}
	return w
}

// Add judges one message, there already, new or changed, if it has not matched
// before. Once decided, it is counted and judged no more. Errors are those of s.
func (w *Watch) Add(s filter.Subject, now time.Time) error {
	id := s.Summary().ID
	if _, known := w.seen[id]; known {
		return nil
	}
	if ok, err := w.Where.Match(s); err != nil || !ok {
		return err
	}
	broken, err := w.breaks(s)
	if err != nil {
		return err
	}
	w.seen[id] = struct{}{}
	w.found++
	if len(w.matched) < MaxMatched {
		w.matched = append(w.matched, *s.Summary())
	}
	switch {
	case w.Decided():
	case w.Max >= 0 && w.found > w.Max:
		w.fail(onCount, now)
	case broken:
		w.broken = s
		w.fail(onExpect, now)
	case w.reached.IsZero() && w.found >= w.Min:
		w.reached = now
	}
	return nil
}

// breaks reports whether a message that matched breaks an expect.
func (w *Watch) breaks(s filter.Subject) (bool, error) {
	if w.Decided() {
		return false, nil
	}
	for _, f := range w.Expect {
		ok, err := f.Match(s)
		if err != nil || !ok {
			return !ok, err
		}
	}
	return false, nil
}

func (w *Watch) fail(on string, now time.Time) { w.failedOn, w.decided = on, now }

// Deadline is when time alone decides: the end of within before the lower bound
// was reached, the end of settle after it.
func (w *Watch) Deadline() time.Time {
	if w.reached.IsZero() {
		return w.started.Add(w.Within)
	}
	return w.reached.Add(w.Settle)
}

// waits reports whether the present deadline is one that was waited for.
func (w *Watch) waits() bool {
	if w.reached.IsZero() {
		return w.Within > 0
	}
	return w.Settle > 0
}

// Tick decides if the deadline has come. Whoever calls it has looked at what is
// there by then.
func (w *Watch) Tick(now time.Time) {
	if w.Decided() || now.Before(w.Deadline()) {
		return
	}
	if w.reached.IsZero() {
		w.fail(onCount, now)
		return
	}
	w.decided = now
}

// Decided reports whether there is a verdict.
func (w *Watch) Decided() bool { return !w.decided.IsZero() }

// Passed reports whether the verdict is good.
func (w *Watch) Passed() bool { return w.Decided() && w.failedOn == "" }

// Verdict makes the verdict; ev is needed only when it failed.
func (w *Watch) Verdict(ev Evidence) (model.Verdict, error) {
	v := model.Verdict{
		Name: w.Label(), Passed: w.Passed(), FailedOn: w.failedOn, Found: w.found,
		WaitedMS: w.decided.Sub(w.started).Milliseconds(),
		Matched:  slices.Clone(w.matched), Failures: []model.NearMiss{}, NearMisses: []model.NearMiss{}, Hints: []model.Hint{},
	}
	if v.Matched == nil {
		v.Matched = []model.Summary{}
	}
	var err error
	switch {
	case v.FailedOn == onExpect:
		v.Failures, v.Hints, err = w.failures()
	case v.FailedOn == onCount && w.found < w.Min:
		err = w.explain(&v, ev)
	}
	v.Reason = w.reason(&v, ev.Messages)
	return v, err
}
