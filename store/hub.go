package store

import (
	"context"
	"slices"
	"sync"

	"github.com/catchpost/catchpost/internal/filter"
)

// Interest narrows a subscription so that nobody is woken in vain.
type Interest struct {
	Sandbox string       // "" is every sandbox
	Kinds   []ChangeKind // nil is every kind
	// Plan, when set, lets the publisher skip received messages that cannot match.
	Plan *filter.Plan
}

// subscriptionChanges is how many changes wait for a slow reader before it is
// told that it lost track.
const subscriptionChanges = 4096

// hub hands changes to subscriptions, in commit order; it never blocks.
type hub struct {
	mu     sync.Mutex
	subs   map[*Subscription]struct{}
	closed bool
}

// Subscription is a bounded queue of changes.
type Subscription struct {
	hub      *hub
	interest Interest
	wake     chan struct{} // holds one token while queue, lagged or closed has news

	mu     sync.Mutex
	queue  []Change
	lagged bool
	closed bool
}

// Subscribe begins at the newest committed change. Subscribe first, then look.
func (s *Store) Subscribe(i Interest) *Subscription {
	sub := &Subscription{hub: &s.hub, interest: i, wake: make(chan struct{}, 1)}
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.hub.closed {
		sub.end()
		return sub
	}
	if s.hub.subs == nil {
		s.hub.subs = make(map[*Subscription]struct{})
	}
	s.hub.subs[sub] = struct{}{}
	return sub
}

// Next returns the changes published since the last call, waiting for one.
// Errors: ErrLagged once when the reader was too slow (look again), ctx's, ErrClosed.
func (sub *Subscription) Next(ctx context.Context) ([]Change, error) {
	for {
		sub.mu.Lock()
		queue, lagged, closed := sub.queue, sub.lagged, sub.closed
		sub.queue, sub.lagged = nil, false
		sub.mu.Unlock()
		switch {
		case lagged:
			return nil, ErrLagged
		case len(queue) > 0:
			return queue, nil
		case closed:
			return nil, ErrClosed
		}
		select {
		case <-sub.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close ends the subscription.
func (sub *Subscription) Close() {
	sub.hub.mu.Lock()
	delete(sub.hub.subs, sub)
	sub.hub.mu.Unlock()
	sub.end()
}

func (sub *Subscription) end() {
	sub.mu.Lock()
	sub.closed = true
	sub.mu.Unlock()
	sub.signal()
}

func (sub *Subscription) signal() {
	select {
	case sub.wake <- struct{}{}:
	default:
	}
}

func (sub *Subscription) push(c Change) {
	sub.mu.Lock()
	if len(sub.queue) >= subscriptionChanges {
		sub.queue, sub.lagged = nil, true
	}
	if !sub.lagged {
		sub.queue = append(sub.queue, c)
	}
	sub.mu.Unlock()
	sub.signal()
}

// publish hands changes out; callers keep the order of commits.
func (h *hub) publish(changes []Change) {
	if len(changes) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range changes {
		for sub := range h.subs {
			if sub.interest.wants(&changes[i]) {
				sub.push(changes[i])
			}
		}
	}
}

func (i *Interest) wants(c *Change) bool {
	return (i.Sandbox == "" || i.Sandbox == c.Sandbox) &&
		(i.Kinds == nil || slices.Contains(i.Kinds, c.Kind))
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for sub := range h.subs {
		sub.end()
	}
	h.subs = nil
}
