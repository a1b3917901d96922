package store

import "time"

const (
	// maxJoin bounds how long a group waits for its last members.
	maxJoin = 2 * time.Millisecond
	// stale is how long after a commit nobody is expected back from it.
	stale = 20 * time.Millisecond
	// maxPasses bounds how many groups do not wait after one that waited in vain.
	maxPasses = 64
)

// rhythm is the committer's sense of who is about to come. A sender that was just
// answered mostly sends again at once: without a wait senders fall into two halves
// that commit by turns, and each commit, whose cost hardly grows with its size,
// serves half of them. So while some wait already, a group waits for those of the
// group before, at most twice as long as that took to commit: on a busy machine
// they need about so long to come back one after the other, and who waits costs
// nobody anything meanwhile. Nobody waits for a sender who is alone, and after a wait
// in vain groups pass without one.
type rhythm struct {
	last   int           // requests of the last group
	ended  time.Time     // its commit
	took   time.Duration // its commit
	timer  *time.Timer
	set    bool // the timer runs for this group
	passes int  // groups that will not wait
	vain   int  // passes after the next wait in vain
}

func newRhythm() *rhythm {
	w := &rhythm{timer: time.NewTimer(time.Hour), vain: 1}
	w.timer.Stop()
	return w
}

// committed notes a commit.
func (w *rhythm) committed(requests int, began time.Time) {
	w.last, w.ended = requests, time.Now()
	w.took = w.ended.Sub(began)
	if w.set {
		w.timer.Stop()
		w.set = false
	}
}

// expects says how large the next group may become, when so many wait already.
func (w *rhythm) expects(waiting int) int {
	switch {
	case w.passes > 0:
		w.passes--
		return 0
	case time.Since(w.ended) > stale:
		return 0
	}
	return w.last + waiting
}

// receive takes a request that waits; if wait is set, it waits for one a moment.
// It returns nil when there is none, ok is false when there will be no more.
func (w *rhythm) receive(requests <-chan *request, wait bool) (r *request, ok bool) {
	select {
	case r, ok = <-requests:
		return r, ok
	default:
	}
	if !wait {
		if w.set { // all came
			w.vain = 1
		}
		return nil, true
	}
	if !w.set {
		w.timer.Reset(min(2*w.took, maxJoin))
		w.set = true
	}
	select {
	case r, ok = <-requests:
		return r, ok
	case <-w.timer.C:
		w.passes, w.vain = w.vain, min(2*w.vain, maxPasses)
		return nil, true
	}
}
