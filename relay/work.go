package relay

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
)

// batchMost bounds the messages that one connection takes in a row.
const batchMost = 100

// Run works the queue until ctx ends, then waits for the attempts in hand: those
// that are handing a message over get Grace for the answer, others are cut. A
// Relay runs once.
func (r *Relay) Run(ctx context.Context) error {
	defer r.end()
	defer context.AfterFunc(ctx, r.end)()
	sub := r.c.Store.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.QueueChanged, store.SandboxUpdated}})
	defer sub.Close()
	defer r.work.Wait()
	watch, stop := context.WithCancel(ctx)
	defer stop()
	r.work.Go(func() { r.watch(watch, sub) })
	if err := r.recover(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	for {
		timer := time.NewTimer(r.launch(ctx))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		case <-r.wake:
		}
		timer.Stop()
	}
}

// watch turns the store's changes into wake-ups.
func (r *Relay) watch(ctx context.Context, sub *store.Subscription) {
	for {
		if _, err := sub.Next(ctx); err != nil && !errors.Is(err, store.ErrLagged) {
			return
		}
		r.poke()
	}
}

func (r *Relay) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// recover looks for what a crash cut off. Of an attempt without an outcome it is
// not known whether the next hop took the message, so it may get it twice (RFC
// 5321 §4.5.4.1, RFC 1047). Of what fell due before now a notification may have
// been written already.
func (r *Relay) recover(ctx context.Context) error {
	for cursor := ""; ; {
		entries, next, err := r.c.Store.QueueEntries(ctx, store.QueueQuery{States: []store.QueueState{store.Queued, store.Deferred}, Limit: 500, Cursor: cursor})
		if err != nil {
			return err
		}
		var cut []store.QueueEntry
		r.mu.Lock()
		for _, e := range entries {
			if n := len(e.Attempts); n > 0 {
				if e.Attempts[n-1].Outcome == "" {
					cut = append(cut, e)
				}
				if e.Attempts[n-1].Outcome == "" || !e.NextAt.After(r.c.Store.SandboxNow(e.Sandbox)) {
					r.suspect[e.ID] = true
				}
			}
		}
		r.mu.Unlock()
		r.each(ctx, cut, func(_ int, e *store.QueueEntry) error {
			a := newest(e)
			a.Outcome, a.Text, a.EndedAt = outcomeUncertain, "the process ended during the attempt", r.c.Store.SandboxNow(e.Sandbox)
			return nil
		})
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// launch starts what is due and returns the time to the next.
func (r *Relay) launch(ctx context.Context) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	groups, next := r.groups(time.Now().UTC())
	for _, g := range groups {
		if r.running >= r.c.All || ctx.Err() != nil {
			break
		}
		r.running++
		r.active[g.key]++
		for i, n := range g.rows {
			r.busy[n] = g.sandboxes[i]
		}
		r.work.Go(func() { r.attend(ctx, g) })
	}
	if next.IsZero() {
		return time.Hour
	}
	return max(time.Until(next), 0)
}

// destination is what concurrency is bounded by: a domain, or the smarthost.
func (r *Relay) destination(domain string) string {
	if r.c.Smarthost != nil {
		return "smarthost"
	}
	return domain
}

// group are due rows of one destination that one connection may take.
type group struct {
	key       string
	rows      []store.Sequence
	sandboxes []string
	messages  []store.Sequence
}

// groups shares the due rows out: for each destination at most PerHost groups,
// each of at most batchMost messages, never a row that is in hand. r.mu is held.
func (r *Relay) groups(now time.Time) ([]group, time.Time) {
	waiting := map[string]*group{}
	var order []*group
	most := r.c.PerHost * batchMost
	next := r.c.Store.ScanDue(now, func(d store.Due) {
		if _, busy := r.busy[d.Entry]; busy || r.advance[d.Sandbox] {
			return
		}
		key := r.destination(d.Domain)
		g := waiting[key]
		if g == nil {
			if r.active[key] >= r.c.PerHost {
				return
			}
			g = &group{key: key}
			waiting[key] = g
			order = append(order, g)
		}
		if n := len(g.rows); n >= most && g.messages[n-1] != d.Message {
			return
		}
		g.rows, g.sandboxes, g.messages = append(g.rows, d.Entry), append(g.sandboxes, d.Sandbox), append(g.messages, d.Message)
	})
	var out []group
	for _, g := range order {
		for free := r.c.PerHost - r.active[g.key]; free > 0 && len(g.rows) > 0; free-- {
			n := min(len(g.rows), max(1, min(batchMost, (len(g.rows)+free-1)/free)))
			for n < len(g.rows) && g.messages[n] == g.messages[n-1] {
				n++ // recipients of one message stay together
			}
			out = append(out, group{g.key, g.rows[:n], g.sandboxes[:n], g.messages[:n]})
			g.rows, g.sandboxes, g.messages = g.rows[n:], g.sandboxes[n:], g.messages[n:]
		}
	}
	return out, next
}

// attend does what is due for a group, then frees its rows.
func (r *Relay) attend(ctx context.Context, g group) {
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.running--
		if r.active[g.key]--; r.active[g.key] <= 0 {
			delete(r.active, g.key)
		}
		for _, n := range g.rows {
			delete(r.busy, n)
		}
		close(r.freed)
		r.freed = make(chan struct{})
		r.poke()
	}()
	rows, err := r.c.Store.QueueEntriesAt(ctx, g.rows)
	if err != nil {
		r.log.Error("the queue could not be read", "error", err)
		r.pause(ctx)
		return
	}
	r.process(ctx, g.key, rows)
}

// pause keeps an error of the store from being met without end.
func (r *Relay) pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}

// process gives up, warns or attempts, row by row, by each sandbox's clock. Rows
// that a defect of ours meets are held for a person to look at.
func (r *Relay) process(ctx context.Context, key string, rows []store.QueueEntry) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("an attempt failed by a defect", "destination", key, "panic", p, "stack", string(debug.Stack()))
			r.each(context.WithoutCancel(ctx), rows, func(_ int, e *store.QueueEntry) error {
				if e.State != store.Queued && e.State != store.Deferred {
					return errGone
				}
				e.State, e.NextAt, e.Reason = store.Held, time.Time{}, fmt.Sprint("a defect of ours: ", p)
				return nil
			})
		}
	}()
	var expired, late, local, barred, try, later []store.QueueEntry
	for _, e := range rows {
		now := r.c.Store.SandboxNow(e.Sandbox)
		if e.State != store.Queued && e.State != store.Deferred || e.NextAt.IsZero() || e.NextAt.After(now) {
			continue // changed since it was found due
		}
		verdict := r.Judge(e.ForwardPath).Outcome // once more: the lists may be others than when it was queued
		switch {
		case verdict == policy.Local:
			local = append(local, e)
		case verdict != policy.Relay:
			barred = append(barred, e)
		case !e.ExpiresAt.IsZero() && !now.Before(e.ExpiresAt) && len(e.Attempts) > 0:
			expired = append(expired, e)
		default:
			warn := r.c.Schedule.Warn > 0 && e.WarnedAt.IsZero() && len(e.Attempts) > 0 && !now.Before(e.QueuedAt.Add(r.c.Schedule.Warn))
			retry := r.retryDue(e, now)
			switch {
			case warn:
				late = append(late, e)
			case !retry:
				later = append(later, e)
			}
			if retry {
				try = append(try, e)
			}
		}
	}
	r.arrive(ctx, local)
	r.bar(ctx, barred)
	r.expire(ctx, expired)
	r.warn(ctx, late)
	r.reschedule(ctx, later)
	if len(try) > 0 {
		r.deliver(ctx, key, try)
	}
}

// retryAt is when an entry is tried again by the schedule. Recipients of one
// message in one domain keep together.
func (r *Relay) retryAt(e store.QueueEntry) time.Time {
	n := len(e.Attempts)
	if n == 0 {
		return e.QueuedAt
	}
	return r.c.Schedule.After(e.MessageID+e.Domain, n, e.Attempts[n-1].At)
}

// nextAt is when an entry is due by the schedule.
func (r *Relay) nextAt(e store.QueueEntry) time.Time {
	return r.c.Schedule.Next(r.retryAt(e), e.QueuedAt, e.WarnedAt, e.ExpiresAt)
}

// retryDue tells a retry from a warning that alone was due. A row whose time
// somebody set by hand is tried.
func (r *Relay) retryDue(e store.QueueEntry, now time.Time) bool {
	return !now.Before(r.retryAt(e)) || !e.NextAt.Equal(r.nextAt(e))
}

func (r *Relay) reschedule(ctx context.Context, rows []store.QueueEntry) {
	r.each(ctx, rows, func(_ int, e *store.QueueEntry) error {
		if e.State != store.Queued && e.State != store.Deferred {
			return errGone
		}
		e.NextAt = r.nextAt(*e)
		return nil
	})
}

// transactions shares rows out into transactions: one message, one reverse-path,
// at most recipientsMost forward-paths (RFC 5321 §4.5.3.1.8).
func transactions(rows []store.QueueEntry) [][]store.QueueEntry {
	key := func(e store.QueueEntry) string {
		return e.MessageID + "\x00" + e.ReversePath + "\x00" + e.Ret + "\x00" + e.EnvID
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b store.QueueEntry) int { return strings.Compare(key(a), key(b)) })
	var out [][]store.QueueEntry
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && j-i < recipientsMost && key(rows[j]) == key(rows[i]) {
			j++
		}
		out = append(out, rows[i:j])
		i = j
	}
	return out
}

const recipientsMost = 100
