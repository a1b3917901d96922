package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// replayLimit is how many missed changes a resumed stream is told one by one;
// beyond it a fresh look is cheaper for everyone.
const replayLimit = 5000

// eventWriter writes an event stream (HTML Living Standard §9.2.6).
type eventWriter struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	limit time.Duration // for one write
}

// startEvents sends the headers of an event stream.
func (r *request) startEvents() *eventWriter {
	h := r.Response().Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	h.Set("X-Content-Type-Options", "nosniff")
	r.Response().WriteHeader(http.StatusOK)
	return &eventWriter{w: r.Response(), rc: http.NewResponseController(r.Response()), limit: r.s.limits.WriteTime}
}

func (e *eventWriter) comment(text string) error { return e.write(": " + text + "\n\n") }

// event writes one event; id 0 writes none, so that it does not move Last-Event-ID.
func (e *eventWriter) event(name string, id store.Sequence, data any) error {
	out, err := json.Marshal(data)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.Grow(len(out) + 64)
	if id > 0 {
		b.WriteString("id: " + strconv.FormatUint(uint64(id), 10) + "\n")
	}
	b.WriteString("event: " + name + "\ndata: ")
	b.Write(out)
	b.WriteString("\n\n")
	return e.write(b.String())
}

func (e *eventWriter) write(s string) error {
	_ = e.rc.SetWriteDeadline(time.Now().Add(e.limit)) // not every writer can
	if _, err := e.w.Write([]byte(s)); err != nil {
		return err
	}
	return e.rc.Flush()
}

// follow hands changes to tell until the client goes or the server stops; in
// between it keeps the connection alive. lagged is called when changes were lost.
func (r *request) follow(sub *store.Subscription, out *eventWriter, tell func(store.Change) error, lagged func() error) error {
	stopping, cancel := r.untilStopped()
	defer cancel()
	for {
		ctx, done := context.WithTimeout(stopping, r.s.limits.Heartbeat)
		changes, err := sub.Next(ctx)
		done()
		switch {
		case stopping.Err() != nil:
			return nil
		case errors.Is(err, store.ErrLagged):
			err = lagged()
		case errors.Is(err, context.DeadlineExceeded):
			err = out.comment("still here")
		}
		if err != nil {
			return nil // the client is gone, or the store: the stream ends here
		}
		for _, c := range changes {
			if err := tell(c); err != nil {
				return nil
			}
		}
	}
}

// getEvents streams one sandbox's changes.
//
//	@Summary		Events of a sandbox, as server-sent events
//	@Description	message.received, message.updated (data: summary), message.deleted, queue.*, mailbox.*, session.*; resync means that something was missed: list again. The filter applies to message.received and message.updated. Last-Event-ID resumes.
//	@Tags			events
//	@Produce		text/event-stream
//	@Param			filter			query		object	false	"which messages"
//	@Param			sandbox			query		string	false	"for the administrator"
//	@Param			Last-Event-ID	header		string	false	"the last id seen"
//	@Param			last_event_id	query		string	false	"the same, where a header cannot be set"
//	@Success		200				{file}		binary
//	@Failure		default			{object}	model.Problem
//	@Router			/v1/events [get]
func (s *Server) getEvents(r *request) (any, error) {
	since, resume, err := r.lastEventID()
	if err != nil {
		return nil, err
	}
	if _, err := s.store.Sandbox(r.ctx, r.sandbox); err != nil {
		return nil, err
	}
	return stream(func(r *request) error { return s.streamEvents(r, since, resume) }), nil
}

func (r *request) lastEventID() (since store.Sequence, resume bool, err error) {
	given := r.Request().Header.Get("Last-Event-ID")
	if given == "" {
		given = r.query.Get("last_event_id")
	}
	if given == "" {
		return 0, false, nil
	}
	n, err := strconv.ParseUint(given, 10, 64)
	if err != nil {
		return 0, false, fail("bad_value", "Last-Event-ID is the number of an event, not %q", clip(given, 40)).at("last_event_id")
	}
	return store.Sequence(n), true, nil
}

// sandboxKinds are the changes that one sandbox's stream tells.
var sandboxKinds = []store.ChangeKind{
	store.MessageReceived, store.MessageUpdated, store.MessageDeleted, store.QueueChanged, store.SessionChanged,
	store.EntryAdded, store.EntryChanged, store.EntryExpunged, store.AccountChanged, store.SandboxUpdated, store.SandboxDeleted,
	store.MailboxCreated, store.MailboxRenamed, store.MailboxDeleted, store.MailboxUpdated,
}

func (s *Server) streamEvents(r *request, since store.Sequence, resume bool) error {
	leave, err := s.waits.enter(r.sandbox)
	if err != nil {
		return err
	}
	defer leave()
	plan := r.filter.Plan()
	sub := s.store.Subscribe(store.Interest{Sandbox: r.sandbox, Kinds: sandboxKinds, Plan: &plan})
	defer sub.Close()
	out := r.startEvents()
	if err := out.comment("catchpost"); err != nil {
		return nil
	}
	told := since
	tell := func(c store.Change) error {
		if c.Sequence != 0 && c.Sequence <= told {
			return nil // replayed already
		}
		told = max(told, c.Sequence)
		return s.tellChange(r, out, c)
	}
	resync := func() error { return out.event("resync", 0, struct{}{}) }
	if resume && since > s.store.Sequence() { // of an earlier instance, whose data are gone
		told, resume = 0, false
		if err := resync(); err != nil {
			return nil
		}
	}
	if resume {
		changes, complete, err := s.store.ChangesSince(r.ctx, r.sandbox, since, replayLimit)
		if err != nil {
			return nil
		}
		if !complete || len(changes) >= replayLimit {
			err = resync()
			changes = nil
		}
		for _, c := range changes {
			if err == nil {
				err = tell(c)
			}
		}
		if err != nil {
			return nil
		}
	}
	return r.follow(sub, out, tell, resync)
}

// tellChange writes one change as an event, if it concerns this stream.
func (s *Server) tellChange(r *request, out *eventWriter, c store.Change) error {
	switch c.Kind {
	case store.MessageReceived, store.MessageUpdated:
		return s.tellMessage(r, out, c)
	case store.MessageDeleted:
		return out.event("message.deleted", c.Sequence, model.MessageEvent{ID: c.ID, Sandbox: c.Sandbox, Sequence: uint64(c.Sequence)})
	case store.QueueChanged:
		return s.tellQueue(r, out, c)
	case store.SessionChanged:
		if c.Session == nil {
			return nil
		}
		name := "session.updated"
		if c.Session.EndedAt != nil {
			name = "session.closed"
		}
		short := *c.Session
		short.Lines = nil
		return out.event(name, 0, short)
	case store.SandboxUpdated, store.SandboxDeleted:
		name := "sandbox.updated"
		if c.Kind == store.SandboxDeleted {
			name = "sandbox.deleted"
		}
		err := out.event(name, c.Sequence, model.SandboxEvent{Name: c.Sandbox})
		if err == nil && c.Kind == store.SandboxDeleted {
			err = store.ErrSandboxEnded // nothing comes after it
		}
		return err
	case store.EntryAdded, store.EntryChanged, store.EntryExpunged, store.MailboxCreated, store.MailboxRenamed,
		store.MailboxDeleted, store.MailboxUpdated, store.AccountChanged:
		return out.event("mailbox.changed", c.Sequence, mailboxEvent(c))
	case store.SandboxCreated:
	}
	return nil
}

func (s *Server) tellMessage(r *request, out *eventWriter, c store.Change) error {
	m := c.Message
	if m == nil { // the change log keeps the ID alone
		found, err := s.store.Message(r.ctx, r.sandbox, c.ID)
		if err != nil {
			return nil // gone since; its deletion follows
		}
		m = found
	}
	if ok, err := s.matches(r.filter, m); err != nil || !ok {
		return nil
	}
	name := "message.received"
	if c.Kind == store.MessageUpdated {
		name = "message.updated"
	}
	return out.event(name, c.Sequence, s.summary(m, s.baseURL(r.Request())))
}

// mailboxEvent tells which mailboxes of the sandbox look different now.
func mailboxEvent(c store.Change) model.MailboxEvent {
	e := model.MailboxEvent{Kind: changeNames[c.Kind], Mailboxes: []uint64{}}
	seen := map[store.MailboxID]bool{}
	if c.Mailbox != 0 {
		seen[c.Mailbox] = true
		e.Mailboxes = append(e.Mailboxes, uint64(c.Mailbox))
	}
	for _, entry := range c.Entries {
		if !seen[entry.Mailbox] {
			seen[entry.Mailbox] = true
			e.Mailboxes = append(e.Mailboxes, uint64(entry.Mailbox))
		}
	}
	return e
}

var changeNames = map[store.ChangeKind]string{
	store.EntryAdded: "entry_added", store.EntryChanged: "entry_changed", store.EntryExpunged: "entry_expunged",
	store.MailboxCreated: "created", store.MailboxRenamed: "renamed", store.MailboxDeleted: "deleted",
	store.MailboxUpdated: "updated", store.AccountChanged: "account",
}

// getSandboxEvents streams the life of all sandboxes to the administrator.
//
//	@Summary		Events of all sandboxes, as server-sent events
//	@Description	First sandboxes (the list), then sandbox.created, sandbox.updated and sandbox.deleted.
//	@Tags			events
//	@Produce		text/event-stream
//	@Success		200		{file}		binary
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/sandboxes/events [get]
func (s *Server) getSandboxEvents(*request) (any, error) {
	return stream(s.streamSandboxes), nil
}

func (s *Server) streamSandboxes(r *request) error {
	leave, err := s.waits.enter("")
	if err != nil {
		return err
	}
	defer leave()
	sub := s.store.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.SandboxCreated, store.SandboxUpdated, store.SandboxDeleted}})
	defer sub.Close()
	out := r.startEvents()
	list := func() error {
		all, err := s.listSandboxes(r)
		if err != nil {
			return err
		}
		return out.event("sandboxes", 0, all)
	}
	if err := list(); err != nil {
		return nil
	}
	tell := func(c store.Change) error {
		name := "sandbox.created"
		switch c.Kind {
		case store.SandboxDeleted:
			return out.event("sandbox.deleted", c.Sequence, model.SandboxEvent{Name: c.Sandbox})
		case store.SandboxUpdated:
			name = "sandbox.updated"
		}
		box, err := s.store.Sandbox(r.ctx, c.Sandbox)
		if err != nil {
			return nil // ended since; that follows
		}
		return out.event(name, c.Sequence, s.sandbox(r, box, ""))
	}
	return r.follow(sub, out, tell, list)
}
