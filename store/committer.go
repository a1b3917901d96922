package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/catchpost/catchpost/store/kv"
)

// A group is what one transaction commits: as many requests as wait, up to
// these bounds; one beyond them goes alone. A group forms while the one before it
// is written, and waits a moment for those whom that one answered; see rhythm.
const (
	groupRequests = 256
	groupOctets   = 16 << 20
)

// request is one caller's work for the committer.
type request struct {
	run    func(*tx) error
	octets int
	answer chan error
}

// update runs fn in the committer's next transaction and returns when that is
// on disk and published. fn may be run again after a failed group: it must set
// what it sets anew. A fn that fails should do so before it writes.
func (s *Store) update(ctx context.Context, fn func(*tx) error) error {
	return s.commit(ctx, 0, fn)
}

// commit is update with a hint of how many octets will be written. Once handed
// over, a request is waited for whatever becomes of ctx: it may be committed.
func (s *Store) commit(ctx context.Context, octets int, fn func(*tx) error) error {
	r := &request{run: fn, octets: octets, answer: make(chan error, 1)}
	s.sending.RLock()
	if s.closed {
		s.sending.RUnlock()
		return ErrClosed
	}
	select {
	case s.requests <- r:
		s.sending.RUnlock()
	case <-ctx.Done():
		s.sending.RUnlock()
		return ctx.Err()
	}
	return <-r.answer
}

// view reads one consistent state. Copy what outlives fn; write no socket in it.
func (s *Store) view(fn func(kv.Reader) error) error { return storeError(s.db.View(fn)) }

// committer is the only writer. It ends when requests is closed and empty.
func (s *Store) committer() {
	defer close(s.committed)
	var held *request // did not fit into the group before
	w := newRhythm()
	for {
		group, next, open := s.gather(held, w)
		held = next
		if len(group) > 0 {
			began := time.Now()
			s.commitGroup(group)
			w.committed(len(group), began)
		}
		if !open && held == nil {
			return
		}
	}
}

// gather waits for a request and takes what else is there.
func (s *Store) gather(held *request, w *rhythm) (group []*request, next *request, open bool) {
	first := held
	waiting := len(s.requests) // who was not in the group before
	if first == nil {
		var ok bool
		if first, ok = <-s.requests; !ok {
			return nil, nil, false
		}
	}
	expected := w.expects(waiting)
	group, octets := []*request{first}, first.octets
	for len(group) < groupRequests && octets < groupOctets {
		r, ok := w.receive(s.requests, len(group) < expected)
		switch {
		case !ok:
			return group, nil, false
		case r == nil:
			return group, nil, true
		case octets+r.octets > groupOctets:
			return group, r, true
		}
		group, octets = append(group, r), octets+r.octets
	}
	return group, nil, true
}

// commitGroup commits a group in one transaction or, if that fails, each
// request in its own, so that one bad request hurts nobody else.
func (s *Store) commitGroup(group []*request) {
	errs, err := s.try(group)
	if err != nil && len(group) > 1 {
		for _, r := range group {
			s.commitGroup([]*request{r})
		}
		return
	}
	for i, r := range group {
		if err != nil {
			errs[i] = err
		}
		r.answer <- errs[i]
	}
}

var errNothing = errors.New("nothing to commit")

// try runs a group in one transaction and publishes it. errs are of requests
// that failed by themselves; err is of the whole.
func (s *Store) try(group []*request) (errs []error, err error) {
	errs = make([]error, len(group))
	t := &tx{
		s: s, now: s.clock.Now().UTC(), sequence: s.sequence,
		undo: make(map[*space]numbers), save: make(map[*space]bool),
		fresh: make(map[*space][]freshMessage), gone: make(map[Sequence]bool),
		boxes: make(map[MailboxID]*mailbox), added: make(map[Sequence][]EntryChangeRow),
		queued: make(map[Sequence][]*queueFacts),
	}
	err = s.db.Update(func(w kv.Writer) error {
		t.Reader, t.w = w, w
		for i, r := range group {
			m := t.mark()
			if err := runRequest(r, t); err != nil {
				if !t.rewind(m) {
					return err
				}
				errs[i] = err
			}
		}
		if err := t.prune(); err != nil {
			return err
		}
		if err := t.deriveChanges(); err != nil {
			return err
		}
		for sp := range t.save {
			t.Put(bucketCounters, spaceKey(sp.id), encodeNumbers(sp.next))
		}
		if t.writes == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		for sp, n := range t.undo {
			sp.next = n
		}
	}
	switch {
	case errors.Is(err, errNothing):
		// What only looked is answered; applies may still have something to say.
		s.publish(t)
		return errs, nil
	case err != nil:
		return errs, storeError(err)
	}
	s.publish(t)
	return errs, nil
}

// runRequest turns a panic into the request's error: the committer lives on.
func runRequest(r *request, t *tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.writes++ // so that the transaction is rolled back
			t.s.log.Error("panic in a transaction", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic in a transaction: %v", p)
		}
	}()
	return r.run(t)
}

// publish makes a committed transaction visible: index and view state, then
// the subscribers. Callers are answered after it.
func (s *Store) publish(t *tx) {
	s.mu.Lock()
	s.sequence = t.sequence
	for sp := range t.undo {
		sp.now = sp.next
	}
	for _, fn := range t.applies {
		fn()
	}
	s.mu.Unlock()
	s.hub.publish(t.changes)
	s.blobs.remove(t.blobs...)
}

// storeError gives the engine's errors the store's names.
func storeError(err error) error {
	for _, e := range []struct{ engine, store error }{
		{kv.ErrLocked, ErrLocked}, {kv.ErrForeign, ErrForeign}, {kv.ErrCorrupt, ErrCorrupt},
		{kv.ErrReadOnly, ErrReadOnly}, {kv.ErrDiskFull, ErrDiskFull}, {kv.ErrClosed, ErrClosed},
	} {
		if errors.Is(err, e.engine) && !errors.Is(err, e.store) {
			return fmt.Errorf("%w: %w", e.store, err)
		}
	}
	return err
}
