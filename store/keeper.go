package store

import (
	"context"
	"errors"
	"slices"
	"time"
)

// keeper is the one goroutine behind the sandboxes: it ends those whose time has
// come, frees the rows of those that ended, and forgets them at last. It sleeps
// until the next of these is due, or it is woken.
type keeper struct {
	wake chan struct{} // holds a token when there is something new
}

// keeperLongest bounds the sleep, so that a clock that was set is noticed.
const keeperLongest = time.Hour

// keeperRetry is the pause after an error, of a full disk say.
const keeperRetry = time.Minute

// wakeKeeper tells the keeper to look anew.
func (s *Store) wakeKeeper() {
	select {
	case s.domain.keeper.wake <- struct{}{}:
	default:
	}
}

// keepSandboxes is the keeper; it runs until the store closes.
func (s *Store) keepSandboxes() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-s.domain.keeper.wake:
		case <-timer.C:
		}
		next, err := s.keepOnce(ctx)
		switch {
		case errors.Is(err, ErrClosed):
			return
		case err != nil:
			s.log.Error("sandboxes could not be freed", "error", err)
			next = keeperRetry
		}
		timer.Reset(min(max(next, 0), keeperLongest))
	}
}

// duties are what the keeper finds to do.
type duties struct {
	end    []*sandbox // living, expired
	free   []*sandbox // ended, with rows
	forget []*sandbox // ended, freed, long ago
	next   time.Time  // when to look again; zero: when woken
}

// findDuties looks through the sandboxes.
func (s *Store) findDuties(now time.Time) duties {
	var d duties
	sooner := func(t time.Time) {
		if d.next.IsZero() || t.Before(d.next) {
			d.next = t
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, b := range s.domain.sandboxes {
		switch {
		case b.endedAt.IsZero() && b.expires.IsZero():
		case b.endedAt.IsZero():
			if now.Before(b.expires) {
				sooner(b.expires)
			} else {
				d.end = append(d.end, b)
			}
		case !b.freed:
			d.free = append(d.free, b)
		case now.Before(b.endedAt.Add(keepEnded)):
			sooner(b.endedAt.Add(keepEnded))
		default:
			d.forget = append(d.forget, b)
		}
	}
	return d
}

// keepOnce does what is due and says how long to sleep.
func (s *Store) keepOnce(ctx context.Context) (time.Duration, error) {
	d := s.findDuties(s.clock.Now())
	for _, b := range d.end {
		s.mu.RLock()
		name, expires := b.name, b.expires
		s.mu.RUnlock()
		err := s.endSandbox(ctx, name, expires)
		if err != nil && !errors.Is(err, ErrSandboxEnded) && !errors.Is(err, ErrNoSandbox) {
			return 0, err
		}
	}
	for _, b := range d.free {
		if err := s.freeSandbox(ctx, b); err != nil {
			return 0, err
		}
	}
	if len(d.forget) > 0 {
		if err := s.forgetEnded(ctx, d.forget); err != nil {
			return 0, err
		}
	}
	if len(d.end) > 0 {
		return 0, nil // they are to be freed now
	}
	if d.next.IsZero() {
		return keeperLongest, nil
	}
	return d.next.Sub(s.clock.Now()), nil
}

// freeSandbox removes all rows of an ended sandbox but its own, in chunks that
// let deliveries in between.
func (s *Store) freeSandbox(ctx context.Context, b *sandbox) error {
	if err := s.freeMessages(ctx, b.space); err != nil {
		return err
	}
	if err := s.freeMailboxes(ctx, b.space); err != nil {
		return err
	}
	return s.update(ctx, func(t *tx) error {
		t.freeDomain(b.space)
		freed := *b
		freed.freed = true
		t.Put(bucketSandbox, spaceKey(b.space.id), encodeSandbox(&freed))
		t.Delete(bucketCounters, spaceKey(b.space.id))
		t.apply(func() {
			b.freed = true
			t.s.dropSpace(b.space)
		})
		return nil
	})
}

// freeMessages removes an ended sandbox's messages in chunks, without a word in
// the change log: its end was said.
func (s *Store) freeMessages(ctx context.Context, sp *space) error {
	for part := range slices.Chunk(s.allSequences(sp, true), removedAtOnce) {
		err := s.update(ctx, func(t *tx) error {
			for _, seq := range part {
				if _, err := t.erase(sp, seq); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		select {
		case <-s.stop: // the rest goes when the store is opened again
			return ErrClosed
		default:
		}
	}
	return nil
}

// forgetEnded removes the rows of sandboxes whose names are free of memory now.
func (s *Store) forgetEnded(ctx context.Context, list []*sandbox) error {
	return s.update(ctx, func(t *tx) error {
		for _, b := range list {
			t.Delete(bucketSandbox, spaceKey(b.space.id))
		}
		t.apply(func() {
			for _, b := range list {
				t.s.forgetSandbox(b)
			}
		})
		return nil
	})
}
