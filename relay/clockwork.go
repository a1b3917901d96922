package relay

import (
	"context"
	"fmt"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// AdvanceClock moves a sandbox's clock forward by d. Rows that fall due on the
// way are worked in the order of time, each at its due time, through the same
// code as ever, until none is left; what ran is returned, with the new offset.
// Errors: store.ErrConflict (backwards, or it is being moved), the store's.
func (r *Relay) AdvanceClock(ctx context.Context, sandbox string, d time.Duration) (offset time.Duration, ran []model.Ran, err error) {
	if d < 0 {
		return 0, nil, fmt.Errorf("%w: a clock is moved forward only", store.ErrConflict)
	}
	if err := r.seize(ctx, sandbox); err != nil {
		return 0, nil, err
	}
	defer r.yield(sandbox)
	ran = []model.Ran{}
	end := r.c.Store.SandboxNow(sandbox).Add(d)
	for {
		at, due := r.c.Store.FirstDue(sandbox, end)
		if len(due) == 0 {
			break
		}
		if err := r.moveTo(ctx, sandbox, at); err != nil {
			return 0, ran, err
		}
		did, err := r.runAt(ctx, at, due)
		if ran = append(ran, did...); err != nil {
			return 0, ran, err
		}
		if len(ran) > ranMost {
			return 0, ran, fmt.Errorf("%w: more than %d things would happen; move the clock in smaller steps", store.ErrConflict, ranMost)
		}
	}
	offset, err = r.c.Store.AdvanceClock(ctx, sandbox, max(0, end.Sub(r.c.Store.SandboxNow(sandbox))))
	return offset, ran, err
}

// ranMost bounds what one call does and tells.
const ranMost = 100_000

func (r *Relay) moveTo(ctx context.Context, sandbox string, at time.Time) error {
	ahead := at.Sub(r.c.Store.SandboxNow(sandbox))
	if ahead <= 0 {
		return ctx.Err()
	}
	_, err := r.c.Store.AdvanceClock(ctx, sandbox, ahead)
	return err
}

// runAt works what is due at one instant, destination by destination.
func (r *Relay) runAt(ctx context.Context, at time.Time, due []store.Due) ([]model.Ran, error) {
	groups := map[string][]store.Sequence{}
	var order []string
	for _, d := range due {
		key := r.destination(d.Domain)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], d.Entry)
	}
	var ran []model.Ran
	for _, key := range order {
		rows, err := r.c.Store.QueueEntriesAt(ctx, groups[key])
		if err != nil {
			return ran, err
		}
		// An attempt is not cut off because the caller no longer listens.
		r.process(r.life, key, rows)
		if r.life.Err() != nil {
			return ran, fmt.Errorf("%w: the relay is stopping", store.ErrClosed)
		}
		after, err := r.c.Store.QueueEntriesAt(ctx, groups[key])
		if err != nil {
			return ran, err
		}
		for _, e := range after {
			if (e.State == store.Queued || e.State == store.Deferred) && e.NextAt.Equal(at) {
				return ran, fmt.Errorf("queue entry %s stays due", e.ID)
			}
			ran = append(ran, model.Ran{Entry: e.ID, ForwardPath: e.ForwardPath, At: at, State: string(e.State)})
		}
		if err := ctx.Err(); err != nil {
			return ran, err
		}
	}
	return ran, nil
}

// seize keeps the worker off a sandbox and waits until its rows are out of hand.
func (r *Relay) seize(ctx context.Context, sandbox string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.advance[sandbox] {
		return fmt.Errorf("%w: the clock is being moved already", store.ErrConflict)
	}
	r.advance[sandbox] = true
	for r.inHand(sandbox) {
		freed := r.freed
		r.mu.Unlock()
		var err error
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-freed:
		}
		r.mu.Lock()
		if err != nil {
			delete(r.advance, sandbox)
			return err
		}
	}
	return nil
}

func (r *Relay) inHand(sandbox string) bool {
	for _, s := range r.busy {
		if s == sandbox {
			return true
		}
	}
	return false
}

func (r *Relay) yield(sandbox string) {
	r.mu.Lock()
	delete(r.advance, sandbox)
	r.mu.Unlock()
	r.poke()
}
