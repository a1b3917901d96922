package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/catchpost/catchpost/internal/assert"
	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// Bounds on looking for a failed assertion's mail in other sandboxes.
const (
	maxOthers  = 50
	othersTime = 200 * time.Millisecond
)

// postAssert judges assertions.
//
//	@Summary		Assert what was sent
//	@Description	One assertion or an array of them, all started now and run together. 200: all passed; 422: the mail is wrong, the verdicts say why.
//	@Tags			messages
//	@Param			sandbox	query		string			false	"for the administrator"
//	@Param			body	body		model.Assertion	true	"one, or an array"
//	@Success		200		{object}	model.AssertAnswer
//	@Failure		422		{object}	model.AssertAnswer
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/assert [post]
func (s *Server) postAssert(r *request) (any, error) {
	if err := r.wantType("application/json"); err != nil {
		return nil, err
	}
	body, err := r.readBody(s.limits.BodySize)
	if err != nil {
		return nil, err
	}
	list, err := assert.ParseJSON(body, s.clock.Now())
	if err != nil {
		return nil, err
	}
	leave, err := s.waits.enter(r.sandbox)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := r.untilStopped()
	defer cancel()
	answer, err := assert.Run(ctx, &source{r: r, base: s.baseURL(r.Request())}, list)
	if err != nil {
		return nil, err
	}
	if !answer.Passed {
		return result{http.StatusUnprocessableEntity, answer}, nil
	}
	return answer, nil
}

// source is one sandbox as an assertion looks at it.
type source struct {
	r    *request
	base string
}

// pageSubject is a subject whose summary knows the address of its page.
type pageSubject struct {
	filter.Subject
	base    string
	summary *model.Summary
}

// Summary implements filter.Subject.
func (p *pageSubject) Summary() *model.Summary {
	if p.summary == nil {
		sum := *p.Subject.Summary()
		sum.PageURL = pageURL(p.base, sum.Sandbox, sum.ID)
		p.summary = &sum
	}
	return p.summary
}

func (a *source) subject(m *store.Message) filter.Subject {
	return &pageSubject{Subject: a.r.s.store.Subject(m), base: a.base}
}

// Subscribe implements assert.Source.
func (a *source) Subscribe(_ context.Context, filters []*filter.Filter) (assert.Subscription, error) {
	interest := store.Interest{
		Sandbox: a.r.sandbox,
		Kinds:   []store.ChangeKind{store.MessageReceived, store.MessageUpdated, store.SandboxDeleted},
	}
	wantsAppend := false
	for _, f := range filters {
		wantsAppend = wantsAppend || f.Plan().WantsAppend
	}
	if len(filters) == 1 {
		plan := filters[0].Plan()
		interest.Plan = &plan
	}
	return &subjects{source: a, sub: a.r.s.store.Subscribe(interest), wantsAppend: wantsAppend}, nil
}

// Look implements assert.Source.
func (a *source) Look(ctx context.Context, f *filter.Filter, yield func(filter.Subject) error) error {
	q := store.Query{Sandbox: a.r.sandbox, Filter: f, Order: store.Oldest, Limit: 500}
	for {
		page, err := a.r.s.store.List(ctx, q)
		if err != nil {
			return err
		}
		for _, m := range page.Messages {
			if err := yield(a.subject(m)); err != nil {
				return err
			}
		}
		if page.NextCursor == "" {
			return nil
		}
		q.Cursor = page.NextCursor
	}
}

// Evidence implements assert.Source. Other sandboxes are looked into for the
// administrator alone.
func (a *source) Evidence(ctx context.Context, w *assert.Watch) (assert.Evidence, error) {
	var ev assert.Evidence
	page, err := a.r.s.store.List(ctx, store.Query{Sandbox: a.r.sandbox, Filter: &filter.Filter{}, Limit: assert.MaxRecent})
	if err != nil {
		return ev, err
	}
	ev.Messages, ev.Pruned = int64(page.Total), page.Pruned
	for _, m := range page.Messages {
		ev.Recent = append(ev.Recent, a.subject(m))
	}
	if !a.r.caller.admin {
		return ev, nil
	}
	boxes, err := a.r.s.store.Sandboxes(ctx)
	if err != nil {
		return ev, err
	}
	ctx, cancel := context.WithTimeout(ctx, othersTime)
	defer cancel()
	looked := 0
	for _, box := range boxes {
		if box.Name == a.r.sandbox || box.Messages == 0 || looked == maxOthers {
			continue
		}
		looked++
		page, err := a.r.s.store.List(ctx, store.Query{Sandbox: box.Name, Filter: w.Where, Limit: 1})
		if errors.Is(err, store.ErrSandboxEnded) || errors.Is(err, store.ErrNoSandbox) {
			continue
		}
		if errors.Is(err, context.DeadlineExceeded) {
			break // a hint is not worth more
		}
		if err != nil {
			return ev, err
		}
		for _, m := range page.Messages {
			ev.Others = append(ev.Others, a.r.s.summary(m, a.base))
		}
	}
	return ev, nil
}

// Gone implements assert.Source.
func (a *source) Gone(err error) bool { return errors.Is(err, store.ErrNotFound) }

// subjects hands the messages of a subscription on.
type subjects struct {
	source      *source
	sub         *store.Subscription
	wantsAppend bool
}

// Next implements assert.Subscription.
func (n *subjects) Next(ctx context.Context) ([]filter.Subject, error) {
	changes, err := n.sub.Next(ctx)
	if errors.Is(err, store.ErrLagged) {
		return nil, assert.ErrLagged
	}
	if err != nil {
		return nil, err
	}
	out := make([]filter.Subject, 0, len(changes))
	for _, c := range changes {
		if c.Kind == store.SandboxDeleted {
			return nil, store.ErrSandboxEnded
		}
		if c.Message == nil || c.Message.Origin == model.OriginAppend && !n.wantsAppend {
			continue
		}
		out = append(out, n.source.subject(c.Message))
	}
	return out, nil
}

// Close implements assert.Subscription.
func (n *subjects) Close() { n.sub.Close() }
