package relay

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/store"
)

// dueMost bounds the rows that are looked at in one round.
const dueMost = 20000

// batchMost bounds the messages that one connection takes in a row.
const batchMost = 100

// Run works the queue until ctx ends, then waits for the attempts in hand.
func (r *Relay) Run(ctx context.Context) error {
	sub := r.c.Store.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.QueueChanged, store.MessageReceived}})
	defer sub.Close()
	changed := make(chan struct{}, 1)
	watch, stop := context.WithCancel(ctx)
	defer stop()
	r.work.Go(func() { r.watch(watch, sub, changed) })
	if err := r.recover(ctx); err != nil {
		return err
	}
	for {
		timer := time.NewTimer(r.launch(ctx))
		select {
		case <-ctx.Done():
			timer.Stop()
			stop()
			r.work.Wait()
			return nil
		case <-timer.C:
		case <-changed:
		case <-r.wake:
		}
		timer.Stop()
	}
}

// watch turns the store's changes into wake-ups.
func (r *Relay) watch(ctx context.Context, sub *store.Subscription, changed chan<- struct{}) {
	for {
		if _, err := sub.Next(ctx); err != nil && !errors.Is(err, store.ErrLagged) {
			return
		}
		select {
		case changed <- struct{}{}:
		default:
		}
	}
}

func (r *Relay) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// recover marks attempts that a crash cut off: whether the next hop took the
// message is not known, so it may get it twice (RFC 5321 §4.5.4.1, RFC 1047).
func (r *Relay) recover(ctx context.Context) error {
	for cursor := ""; ; {
		entries, next, err := r.c.Store.QueueEntries(ctx, store.QueueQuery{States: []store.QueueState{store.Queued, store.Deferred}, Limit: 500, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, e := range entries {
			if n := len(e.Attempts); n == 0 || e.Attempts[n-1].Outcome != "" {
				continue
			}
			_, err := r.c.Store.UpdateQueueEntry(ctx, e.ID, func(e *store.QueueEntry) error {
				a := &e.Attempts[len(e.Attempts)-1]
				a.Outcome, a.Text, a.EndedAt = outcomeUncertain, "the process ended during the attempt", r.c.Store.SandboxNow(e.Sandbox)
				return nil
			})
			if err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// launch starts what is due and returns the time to the next.
func (r *Relay) launch(ctx context.Context) time.Duration {
	now := time.Now().UTC()
	due, next, err := r.c.Store.DueQueue(ctx, now, dueMost)
	if err != nil {
		if ctx.Err() == nil {
			r.log.Error("the queue could not be read", "error", err)
		}
		return time.Second
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, group := range r.groups(due) {
		if r.running >= r.c.All || ctx.Err() != nil {
			break
		}
		key := destination(group[0])
		r.running++
		r.active[key]++
		for _, e := range group {
			r.busy[e.ID] = true
		}
		r.work.Go(func() { r.attend(ctx, key, group) })
	}
	if next.IsZero() {
		return time.Hour
	}
	return max(time.Until(next), 0)
}

// destination is what concurrency is bounded by.
func destination(e store.QueueEntry) string { return e.Domain }

// groups shares the due rows out: for each destination at most PerHost groups,
// each at most batchMost messages, never a row that is in hand.
func (r *Relay) groups(due []store.QueueEntry) [][]store.QueueEntry {
	waiting := map[string][]store.QueueEntry{}
	var order []string
	for _, e := range due {
		if r.busy[e.ID] || r.advance[e.Sandbox] {
			continue
		}
		key := destination(e)
		if waiting[key] == nil {
			order = append(order, key)
		}
		waiting[key] = append(waiting[key], e)
	}
	var out [][]store.QueueEntry
	for _, key := range order {
		rows, free := waiting[key], r.c.PerHost-r.active[key]
		for free > 0 && len(rows) > 0 {
			n := min(len(rows), max(1, min(batchMost, (len(rows)+free-1)/free)))
			for n < len(rows) && rows[n].MessageID == rows[n-1].MessageID {
				n++ // recipients of one message stay together
			}
			out = append(out, rows[:n])
			rows = rows[n:]
			free--
		}
	}
	return out
}

// attend does what is due for a group of rows of one destination, then frees them.
func (r *Relay) attend(ctx context.Context, key string, group []store.QueueEntry) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("an attempt failed by a defect", "destination", key, "panic", p)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.running--
		if r.active[key]--; r.active[key] <= 0 {
			delete(r.active, key)
		}
		for _, e := range group {
			delete(r.busy, e.ID)
		}
		r.poke()
	}()
	r.process(ctx, key, group)
}

// process gives up, warns or attempts, row by row, by each sandbox's clock.
func (r *Relay) process(ctx context.Context, key string, group []store.QueueEntry) {
	var try []store.QueueEntry
	for _, e := range group {
		now := r.c.Store.SandboxNow(e.Sandbox)
		switch {
		case !e.ExpiresAt.IsZero() && !now.Before(e.ExpiresAt) && len(e.Attempts) > 0:
			r.expire(ctx, e, now)
			continue
		case r.c.Schedule.Warn > 0 && e.WarnedAt.IsZero() && len(e.Attempts) > 0 && !now.Before(e.QueuedAt.Add(r.c.Schedule.Warn)):
			if e = r.warn(ctx, e, now); e.ID == "" {
				continue
			}
		}
		if r.retryDue(e, now) {
			try = append(try, e)
		} else {
			r.reschedule(ctx, e)
		}
	}
	if len(try) > 0 {
		r.deliver(ctx, key, try)
	}
}

// retryAt is when an entry is tried again by the schedule.
func (r *Relay) retryAt(e store.QueueEntry) time.Time {
	n := len(e.Attempts)
	if n == 0 {
		return e.QueuedAt
	}
	return r.c.Schedule.After(e.ID, n, e.Attempts[n-1].At)
}

// nextAt is when an entry is due by the schedule.
func (r *Relay) nextAt(e store.QueueEntry) time.Time {
	return r.c.Schedule.Next(r.retryAt(e), e.QueuedAt, e.WarnedAt, e.ExpiresAt)
}

// retryDue tells a retry from a warning that alone was due. A row whose time
// somebody set by hand is tried.
func (r *Relay) retryDue(e store.QueueEntry, now time.Time) bool {
	if !now.Before(r.retryAt(e)) {
		return true
	}
	unwarned := e
	unwarned.WarnedAt = time.Time{}
	return !e.NextAt.Equal(r.nextAt(e)) && !e.NextAt.Equal(r.nextAt(unwarned))
}

func (r *Relay) reschedule(ctx context.Context, e store.QueueEntry) {
	_, err := r.c.Store.UpdateQueueEntry(ctx, e.ID, func(e *store.QueueEntry) error {
		if e.State.Open() && e.State != store.Held {
			e.NextAt = r.nextAt(*e)
		}
		return nil
	})
	r.report("a queue entry could not be put off", e, err)
}

func (r *Relay) report(what string, e store.QueueEntry, err error) {
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, errGone) {
		r.log.Error(what, "entry", e.ID, "forward_path", e.ForwardPath, "error", err)
	}
}

// transactions shares a group out into transactions: one message, one
// reverse-path, at most recipientsMost forward-paths (RFC 5321 §4.5.3.1.8).
func transactions(group []store.QueueEntry) [][]store.QueueEntry {
	slices.SortStableFunc(group, func(a, b store.QueueEntry) int {
		return strings.Compare(a.MessageID+"\x00"+a.ReversePath, b.MessageID+"\x00"+b.ReversePath)
	})
	var out [][]store.QueueEntry
	for i := 0; i < len(group); {
		j := i + 1
		for j < len(group) && j-i < recipientsMost && group[j].MessageID == group[i].MessageID &&
			group[j].ReversePath == group[i].ReversePath && group[j].Ret == group[i].Ret && group[j].EnvID == group[i].EnvID {
			j++
		}
		out = append(out, group[i:j])
		i = j
	}
	return out
}

const recipientsMost = 100
