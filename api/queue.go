package api

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

var queueStates = []string{"queued", "deferred", "held", "relayed", "delivered", "failed", "expired", "cancelled"}

// tellQueue tells what became of a queue entry: queue.STATE.
func (s *Server) tellQueue(r *request, out *eventWriter, c store.Change) error {
	e, err := s.store.QueueEntry(r.ctx, c.ID)
	if err != nil {
		return nil // gone since
	}
	return out.event("queue."+string(e.State), c.Sequence, queueEntry(e, false))
}

func queueEntry(e store.QueueEntry, transcripts bool) model.QueueEntry {
	m := model.QueueEntry{
		ID: e.ID, Sandbox: e.Sandbox, MessageID: e.MessageID, ReversePath: e.ReversePath, ForwardPath: e.ForwardPath,
		Domain: e.Domain, State: string(e.State), Reason: e.Reason, QueuedAt: e.QueuedAt.UTC(),
		NextAt: timeOrNull(e.NextAt), ExpiresAt: timeOrNull(e.ExpiresAt), Attempts: make([]model.Attempt, 0, len(e.Attempts)),
	}
	for _, a := range e.Attempts {
		one := model.Attempt{
			At: a.At.UTC(), EndedAt: timeOrNull(a.EndedAt), Host: a.Host, Address: a.Address, TLS: a.TLS, Stage: a.Stage,
			Code: a.Code, EnhancedCode: a.EnhancedCode, Text: a.Text, Outcome: a.Outcome,
		}
		if transcripts {
			one.Transcript = notNil(a.Transcript.Lines())
		}
		m.Attempts = append(m.Attempts, one)
	}
	return m
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// listQueue lists queue entries, oldest first.
//
//	@Summary	What is on its way out, and what became of it
//	@Tags		queue
//	@Param		state	query		string	false	"comma-separated: queued deferred held relayed delivered failed expired cancelled"
//	@Param		domain	query		string	false	"the destination"
//	@Param		message	query		string	false	"a message's ID"
//	@Param		limit	query		int		false	"1 to 500"	default(50)
//	@Param		cursor	query		string	false	"next_cursor of the page before"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Queue
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/queue [get]
func (s *Server) listQueue(r *request) (any, error) {
	limit, err := r.number("limit", 50, 1, 500)
	if err != nil {
		return nil, err
	}
	states, err := r.words("state", queueStates...)
	if err != nil {
		return nil, err
	}
	q := store.QueueQuery{
		Sandbox: r.sandbox, Domain: strings.ToLower(r.query.Get("domain")), MessageID: r.query.Get("message"),
		Limit: limit, Cursor: r.query.Get("cursor"),
	}
	for _, st := range states {
		q.States = append(q.States, store.QueueState(st))
	}
	entries, next, err := s.store.QueueEntries(r.ctx, q)
	if err != nil {
		return nil, err
	}
	out := model.Queue{Entries: make([]model.QueueEntry, 0, len(entries)), NextCursor: orNull(next)}
	for _, e := range entries {
		out.Entries = append(out.Entries, queueEntry(e, false))
	}
	return out, nil
}

// ownQueueEntry finds a queue entry of the request's sandbox.
func (r *request) ownQueueEntry() (store.QueueEntry, error) {
	e, err := r.s.store.QueueEntry(r.ctx, r.Param("id"))
	if err == nil && e.Sandbox != r.sandbox {
		err = store.ErrNotFound
	}
	return e, err
}

// getQueueEntry answers one entry with its attempts and their transcripts.
//
//	@Summary	One queue entry with its attempts and their transcripts
//	@Tags		queue
//	@Param		id		path		string	true	"the entry"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.QueueEntry
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/queue/{id} [get]
func (s *Server) getQueueEntry(r *request) (any, error) {
	e, err := r.ownQueueEntry()
	return queueEntry(e, true), err
}

// retryQueueEntry tries an entry now.
//
//	@Summary	Try a queued or deferred entry now
//	@Tags		queue
//	@Param		id		path		string	true	"the entry"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.QueueEntry
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/queue/{id}/retry [post]
func (s *Server) retryQueueEntry(r *request) (any, error) {
	return s.moveQueueEntry(r, "retried", func(e *store.QueueEntry) {
		e.NextAt = s.store.SandboxNow(e.Sandbox)
	}, store.Queued, store.Deferred)
}

// holdQueueEntry keeps an entry from leaving.
//
//	@Summary	Hold an entry
//	@Tags		queue
//	@Param		id		path		string	true	"the entry"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.QueueEntry
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/queue/{id}/hold [post]
func (s *Server) holdQueueEntry(r *request) (any, error) {
	return s.moveQueueEntry(r, "held", func(e *store.QueueEntry) {
		e.State, e.Reason, e.NextAt = store.Held, "held by hand", time.Time{}
	}, store.Queued, store.Deferred)
}

// releaseQueueEntry lets a held entry leave, if the lists allow it.
//
//	@Summary	Release a held entry
//	@Tags		queue
//	@Param		id		path		string	true	"the entry"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.QueueEntry
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/queue/{id}/release [post]
func (s *Server) releaseQueueEntry(r *request) (any, error) {
	e, err := r.ownQueueEntry()
	if err != nil {
		return nil, err
	}
	if err := s.mayLeave(e.ForwardPath); err != nil {
		return nil, err
	}
	if s.cfg.Relay == nil {
		return nil, fail("state_conflict", "relaying is off: start with --relay")
	}
	return s.moveQueueEntry(r, "released", func(e *store.QueueEntry) {
		now := s.store.SandboxNow(e.Sandbox)
		life := e.ExpiresAt.Sub(e.QueuedAt) // it begins anew: what was held long is not given up at once
		if !e.ExpiresAt.IsZero() {
			e.ExpiresAt = now.Add(life)
		}
		e.State, e.Reason, e.NextAt, e.QueuedAt = store.Queued, "", now, now
	}, store.Held)
}

// cancelQueueEntry gives an entry up.
//
//	@Summary	Cancel an entry
//	@Tags		queue
//	@Param		id		path		string	true	"the entry"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.QueueEntry
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/queue/{id}/cancel [post]
func (s *Server) cancelQueueEntry(r *request) (any, error) {
	return s.moveQueueEntry(r, "cancelled", func(e *store.QueueEntry) {
		e.State, e.Reason, e.NextAt = store.Cancelled, "cancelled by hand", time.Time{}
	}, store.Queued, store.Deferred, store.Held)
}

// moveQueueEntry changes an entry that is in one of the states given.
func (s *Server) moveQueueEntry(r *request, done string, change func(*store.QueueEntry), from ...store.QueueState) (any, error) {
	own, err := r.ownQueueEntry()
	if err != nil {
		return nil, err
	}
	e, err := s.store.UpdateQueueEntry(r.ctx, own.ID, func(e *store.QueueEntry) error {
		if !slices.Contains(from, e.State) {
			return fmt.Errorf("%w: a %s entry cannot be %s", store.ErrConflict, e.State, done)
		}
		change(e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return queueEntry(e, true), nil
}
