package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// waits counts the requests that wait or listen, and bounds them.
type waits struct {
	mu     sync.Mutex
	all    int
	boxes  map[string]int
	max    int
	perBox int
}

func newWaits(l Limits) *waits {
	return &waits{boxes: map[string]int{}, max: l.Waits, perBox: l.SandboxWait}
}

// enter takes a place; leave it when done. Sandbox "" is that of who listens to
// every sandbox.
func (w *waits) enter(sandbox string) (leave func(), err error) {
	return w.enterEach([]string{sandbox})
}

// enterEach is enter for one request in several sandboxes, each named once.
func (w *waits) enterEach(sandboxes []string) (leave func(), err error) {
	if len(sandboxes) == 0 {
		sandboxes = []string{""}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all >= w.max {
		return nil, fail("too_many_waits", "%d requests wait or listen already", w.all)
	}
	for _, name := range sandboxes {
		switch {
		case w.boxes[name] < w.perBox:
		case name == "":
			return nil, fail("too_many_waits", "%d requests listen to every sandbox already", w.boxes[name])
		default:
			return nil, fail("too_many_waits", "%d requests wait or listen in sandbox %q already", w.boxes[name], name)
		}
	}
	w.all++
	for _, name := range sandboxes {
		w.boxes[name]++
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.all--
		for _, name := range sandboxes {
			if w.boxes[name]--; w.boxes[name] == 0 {
				delete(w.boxes, name)
			}
		}
	}, nil
}

func (w *waits) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all
}

// untilStopped derives a context that ends with the request and, with
// errCutShort as its cause, when the server stops.
func (r *request) untilStopped() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(r.ctx)
	release := context.AfterFunc(r.s.running, func() { cancel(errCutShort) })
	return ctx, func() { release(); cancel(nil) }
}

// errWaited ends a wait whose time is over.
var errWaited = errors.New("the wait is over")

// listWaiting lists until at least min messages match, or the wait is over. It
// subscribes first, then looks; woken, it judges the new messages alone.
func (r *request) listWaiting(q store.Query, wait time.Duration, min int) (page store.Page, waited time.Duration, timedOut bool, err error) {
	if wait == 0 {
		page, err = r.s.store.List(r.ctx, q)
		return page, 0, page.Total < min, err
	}
	leave, err := r.s.waits.enter(r.sandbox)
	if err != nil {
		return page, 0, false, err
	}
	defer leave()
	started := time.Now()
	ctx, cancel := r.untilStopped()
	defer cancel()
	ctx, cancelTimer := context.WithTimeoutCause(ctx, wait, errWaited)
	defer cancelTimer()
	plan := q.Filter.Plan()
	sub := r.s.store.Subscribe(store.Interest{
		Sandbox: r.sandbox, Kinds: []store.ChangeKind{store.MessageReceived, store.MessageUpdated, store.SandboxDeleted}, Plan: &plan,
	})
	defer sub.Close()
	for {
		page, err = r.s.store.List(r.ctx, q)
		if err != nil || page.Total >= min {
			return page, time.Since(started), false, err
		}
		err = r.awaken(ctx, sub, q.Filter, page, min)
		switch {
		case err == nil:
			continue
		case errors.Is(err, errWaited):
			page, err = r.s.store.List(r.ctx, q)
			return page, time.Since(started), page.Total < min, err
		default:
			return page, time.Since(started), false, err
		}
	}
}

// awaken returns nil when enough new messages match that a look is worth it.
func (r *request) awaken(ctx context.Context, sub *store.Subscription, f *filter.Filter, page store.Page, min int) error {
	found := page.Total
	for found < min {
		changes, err := sub.Next(ctx)
		if errors.Is(err, store.ErrLagged) {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		for _, c := range changes {
			if c.Kind == store.SandboxDeleted {
				return nil
			}
			if c.Sequence <= page.Sequence || c.Message == nil {
				continue
			}
			ok, err := r.s.matches(f, c.Message)
			if err != nil {
				return err
			}
			if ok {
				found++
			}
		}
	}
	return nil
}

// matches runs the one predicate; a client's own copies stay out unless asked for.
// A message that was deleted since, perhaps with its sandbox, matches nothing.
func (s *Server) matches(f *filter.Filter, m *store.Message) (bool, error) {
	if m.Origin == model.OriginAppend && !f.Plan().WantsAppend {
		return false, nil
	}
	ok, err := f.Match(s.store.Subject(m))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return ok, err
}
