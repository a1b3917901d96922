package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/catchpost/catchpost/store"
)

// ErrBackwards: a sandbox's clock never goes backwards.
var ErrBackwards = errors.New("a clock is moved forward only")

// ErrMoving: the sandbox's clock is being moved already.
var ErrMoving = errors.New("the clock is being moved already")

// Ran is what moving a clock did to a queue entry.
type Ran struct {
	Entry string           `json:"entry"`
	At    time.Time        `json:"at"`
	State store.QueueState `json:"state"`
}

// AdvanceClock moves a sandbox's clock forward by d. Rows that fall due on the
// way are worked in the order of time, each at its due time, through the same
// code as ever, until none is left; what ran is returned, with the new offset.
// Errors: ErrBackwards, ErrMoving, the store's.
func (r *Relay) AdvanceClock(ctx context.Context, sandbox string, d time.Duration) (offset time.Duration, ran []Ran, err error) {
	if d < 0 {
		return 0, nil, ErrBackwards
	}
	if err := r.seize(ctx, sandbox); err != nil {
		return 0, nil, err
	}
	defer r.yield(sandbox)
	end := r.c.Store.SandboxNow(sandbox).Add(d)
	for range clockStepsMost {
		due, err := r.earliest(ctx, sandbox, end)
		if err != nil || len(due) == 0 {
			if err != nil {
				return 0, ran, err
			}
			break
		}
		if ahead := due[0].NextAt.Sub(r.c.Store.SandboxNow(sandbox)); ahead > 0 {
			if _, err := r.c.Store.AdvanceClock(ctx, sandbox, ahead); err != nil {
				return 0, ran, err
			}
		}
		for _, e := range due {
			r.process(ctx, destination(e), []store.QueueEntry{e})
			after, err := r.c.Store.QueueEntry(ctx, e.ID)
			if err != nil {
				return 0, ran, err
			}
			if after.NextAt.Equal(e.NextAt) && after.State == e.State && ctx.Err() == nil {
				return 0, ran, fmt.Errorf("queue entry %s stays due", e.ID)
			}
			ran = append(ran, Ran{e.ID, e.NextAt, after.State})
		}
		if err := ctx.Err(); err != nil {
			return 0, ran, err
		}
	}
	offset, err = r.c.Store.AdvanceClock(ctx, sandbox, max(0, end.Sub(r.c.Store.SandboxNow(sandbox))))
	return offset, ran, err
}

// clockStepsMost bounds the instants of one call.
const clockStepsMost = 100000

// seize keeps the worker off a sandbox and waits until its rows are out of hand.
func (r *Relay) seize(ctx context.Context, sandbox string) error {
	r.mu.Lock()
	if r.advance[sandbox] {
		r.mu.Unlock()
		return ErrMoving
	}
	r.advance[sandbox] = true
	r.mu.Unlock()
	for {
		held, _, err := r.c.Store.QueueEntries(ctx, store.QueueQuery{Sandbox: sandbox, States: []store.QueueState{store.Queued, store.Deferred}, Limit: dueMost})
		if err != nil {
			r.yield(sandbox)
			return err
		}
		if !r.anyBusy(held) {
			return nil
		}
		select {
		case <-ctx.Done():
			r.yield(sandbox)
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (r *Relay) anyBusy(entries []store.QueueEntry) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range entries {
		if r.busy[e.ID] {
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

// earliest returns the rows of a sandbox that are due first, all at the same
// instant, not after end.
func (r *Relay) earliest(ctx context.Context, sandbox string, end time.Time) ([]store.QueueEntry, error) {
	var first []store.QueueEntry
	for cursor := ""; ; {
		entries, next, err := r.c.Store.QueueEntries(ctx, store.QueueQuery{Sandbox: sandbox, States: []store.QueueState{store.Queued, store.Deferred}, Limit: 500, Cursor: cursor})
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			switch {
			case e.NextAt.IsZero() || e.NextAt.After(end):
			case len(first) == 0 || e.NextAt.Before(first[0].NextAt):
				first = []store.QueueEntry{e}
			case e.NextAt.Equal(first[0].NextAt):
				first = append(first, e)
			}
		}
		if cursor = next; cursor == "" {
			return first, nil
		}
	}
}
