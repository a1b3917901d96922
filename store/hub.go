package store

import (
	"context"
	"slices"
	"sync"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
)

// Interest narrows a subscription so that nobody is woken in vain.
type Interest struct {
	Sandbox string // "" is every sandbox
	// Sandboxes, when set, are several in place of Sandbox; each stands there once.
	Sandboxes []string
	Kinds     []ChangeKind // nil is every kind
	// Plan, when set, lets the publisher skip received messages that cannot match.
	Plan *filter.Plan
}

// audiences are the keys under which the hub keeps who has this interest.
func (i *Interest) audiences() []string {
	if len(i.Sandboxes) > 0 {
		return i.Sandboxes
	}
	return []string{i.Sandbox}
}

// subscriptionChanges is how many changes wait for a slow reader before it is
// told that it lost track.
const subscriptionChanges = 4096

// hub hands changes to subscriptions, in commit order; it never blocks. Who
// waits for an address is found by the address, so that hundreds of waiters
// cost nothing while mail for others arrives.
type hub struct {
	mu        sync.Mutex
	audiences map[string]*audience // by sandbox; "" wants every sandbox
	closed    bool
}

// audience is who subscribed to one sandbox.
type audience struct {
	all       subscriptions            // told of everything but received messages
	received  subscriptions            // told of every received message
	byAddress map[string]subscriptions // told of received messages with the address
}

type subscriptions map[*Subscription]struct{}

// Subscription is a bounded queue of changes.
type Subscription struct {
	hub       *hub
	interest  Interest
	addresses []string      // its keys in byAddress; none: it is in received
	rows      []uint32      // of the plan's needles, in the smallest signature
	offered   Sequence      // the last received message it was offered, under hub.mu
	wake      chan struct{} // holds one token while queue, lagged or closed has news

	mu     sync.Mutex
	queue  []Change
	lagged bool
	closed bool
}

// Subscribe begins at the newest committed change. Subscribe first, then look.
func (s *Store) Subscribe(i Interest) *Subscription {
	sub := &Subscription{hub: &s.hub, interest: i, wake: make(chan struct{}, 1)}
	if i.Plan != nil {
		if len(i.Plan.Addresses) > 0 {
			sub.addresses = i.Plan.Addresses[0]
		}
		sub.rows = needleRows(i.Plan.Needles, tiers[0])
	}
	s.hub.add(sub)
	return sub
}

func (h *hub) add(sub *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		sub.end()
		return
	}
	if h.audiences == nil {
		h.audiences = make(map[string]*audience)
	}
	for _, name := range sub.interest.audiences() {
		a := h.audiences[name]
		if a == nil {
			a = &audience{all: subscriptions{}, received: subscriptions{}, byAddress: make(map[string]subscriptions)}
			h.audiences[name] = a
		}
		a.add(sub)
	}
}

func (a *audience) add(sub *Subscription) {
	a.all[sub] = struct{}{}
	if len(sub.addresses) == 0 {
		a.received[sub] = struct{}{}
	}
	for _, address := range sub.addresses {
		if a.byAddress[address] == nil {
			a.byAddress[address] = subscriptions{}
		}
		a.byAddress[address][sub] = struct{}{}
	}
}

func (h *hub) remove(sub *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range sub.interest.audiences() {
		a := h.audiences[name]
		if a == nil {
			continue
		}
		if a.remove(sub); len(a.all) == 0 {
			delete(h.audiences, name)
		}
	}
}

func (a *audience) remove(sub *Subscription) {
	delete(a.all, sub)
	delete(a.received, sub)
	for _, address := range sub.addresses {
		if delete(a.byAddress[address], sub); len(a.byAddress[address]) == 0 {
			delete(a.byAddress, address)
		}
	}
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

// Poll is Next without waiting; nil when there is nothing. Who was woken by another
// subscription finds here what woke it.
func (sub *Subscription) Poll() ([]Change, error) {
	sub.hub.mu.Lock() // a change is on its way to all or to none
	defer sub.hub.mu.Unlock()
	sub.mu.Lock()
	defer sub.mu.Unlock()
	queue, lagged := sub.queue, sub.lagged
	sub.queue, sub.lagged = nil, false
	if lagged {
		return nil, ErrLagged
	}
	return queue, nil
}

// Close ends the subscription.
func (sub *Subscription) Close() {
	sub.hub.remove(sub)
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

// push appends to the queue; a full one is given up, and the reader told so.
func (sub *Subscription) push(c *Change) {
	sub.mu.Lock()
	if len(sub.queue) >= subscriptionChanges {
		sub.queue, sub.lagged = nil, true
	}
	if !sub.lagged {
		sub.queue = append(sub.queue, *c)
		sub.queue[len(sub.queue)-1].signature = nil
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
	if len(h.audiences) == 0 {
		return
	}
	for i := range changes {
		h.audiences[""].tell(&changes[i])
		if name := changes[i].Sandbox; name != "" {
			h.audiences[name].tell(&changes[i])
		}
	}
}

// tell offers a change to those it may concern.
func (a *audience) tell(c *Change) {
	if a == nil {
		return
	}
	if c.Kind != MessageReceived || c.Message == nil {
		for sub := range a.all {
			sub.offer(c)
		}
		return
	}
	for sub := range a.received {
		sub.offerReceived(c)
	}
	if len(a.byAddress) == 0 {
		return
	}
	for address := range addressesOf(c.Message) {
		for sub := range a.byAddress[address] {
			if sub.offered != c.Sequence {
				sub.offered = c.Sequence
				sub.offerReceived(c)
			}
		}
	}
}

func (sub *Subscription) offer(c *Change) {
	if k := sub.interest.Kinds; k == nil || slices.Contains(k, c.Kind) {
		sub.push(c)
	}
}

// offerReceived leaves out a message that the plan rules out.
func (sub *Subscription) offerReceived(c *Change) {
	if p := sub.interest.Plan; p != nil {
		m := c.Message
		if p.Before != 0 && uint64(c.Sequence) >= p.Before || uint64(c.Sequence) <= p.After && p.After != 0 ||
			m.Origin == model.OriginAppend && !p.WantsAppend ||
			len(p.IDs) > 0 && !slices.Contains(p.IDs[0], m.ID) ||
			!c.signature.may(sub.rows) {
			return
		}
	}
	sub.offer(c)
}

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, a := range h.audiences {
		for sub := range a.all {
			sub.end()
		}
	}
	h.audiences = nil
}
