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

// getEvents streams the changes of one sandbox, of several, or of all.
//
//	@Summary		Events of sandboxes, as server-sent events
//	@Description	message.received, message.updated (data: summary), message.deleted, queue.*, mailbox.changed, session.*, sandbox.updated, sandbox.deleted; the data name their sandbox. resync means that something was missed: list again. The filter applies to message.received and message.updated. Last-Event-ID resumes, over all sandboxes of the stream. The stream of one sandbox ends with it; that of several goes on, and tells sandbox.created too.
//	@Tags			events
//	@Produce		text/event-stream
//	@Param			filter			query		object	false	"which messages"
//	@Param			sandbox			query		[]string	false	"for the administrator: a name, several (at most 100), or * for every sandbox, those made later too; for a sandbox's token * is its own"	collectionFormat(multi)
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
	for _, name := range r.sandboxes {
		if _, err := s.store.Sandbox(r.ctx, name); err != nil {
			return nil, err
		}
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

// sandboxKinds are the changes that a stream of sandboxes' events tells.
var sandboxKinds = []store.ChangeKind{
	store.MessageReceived, store.MessageUpdated, store.MessageDeleted, store.QueueChanged, store.SessionChanged,
	store.EntryAdded, store.EntryChanged, store.EntryExpunged, store.AccountChanged, store.SandboxCreated, store.SandboxUpdated, store.SandboxDeleted,
	store.MailboxCreated, store.MailboxRenamed, store.MailboxDeleted, store.MailboxUpdated,
}

func (s *Server) streamEvents(r *request, since store.Sequence, resume bool) error {
	leave, err := s.waits.enterEach(r.sandboxes)
	if err != nil {
		return err
	}
	defer leave()
	plan := r.filter.Plan()
	sub := s.store.Subscribe(store.Interest{Sandboxes: r.sandboxes, Kinds: sandboxKinds, Plan: &plan})
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
		changes, complete, err := s.store.ChangesSince(r.ctx, r.sandboxes, since, replayLimit)
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
	if c.Sandbox == "" {
		return nil // a session that is not in any sandbox yet
	}
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
	case store.SandboxCreated, store.SandboxUpdated, store.SandboxDeleted:
		return tellSandbox(r, out, c)
	case store.EntryAdded, store.EntryChanged, store.EntryExpunged, store.MailboxCreated, store.MailboxRenamed,
		store.MailboxDeleted, store.MailboxUpdated, store.AccountChanged:
		return out.event("mailbox.changed", c.Sequence, mailboxEvent(c))
	}
	return nil
}

// tellSandbox tells what became of a sandbox. To the stream of that one alone its
// creation is no news, and its end is the last.
func tellSandbox(r *request, out *eventWriter, c store.Change) error {
	alone := len(r.sandboxes) == 1
	name := "sandbox.updated"
	switch {
	case c.Kind == store.SandboxDeleted:
		name = "sandbox.deleted"
	case c.Kind == store.SandboxCreated && alone:
		return nil
	case c.Kind == store.SandboxCreated:
		name = "sandbox.created"
	}
	err := out.event(name, c.Sequence, sandboxEvent(c))
	if err == nil && c.Kind == store.SandboxDeleted && alone {
		err = store.ErrSandboxEnded // nothing comes after it
	}
	return err
}

func sandboxEvent(c store.Change) model.SandboxEvent {
	return model.SandboxEvent{Name: c.Sandbox, Sandbox: c.Sandbox}
}

func (s *Server) tellMessage(r *request, out *eventWriter, c store.Change) error {
	m := c.Message
	if m == nil { // the change log keeps the ID alone
		found, err := s.store.Message(r.ctx, c.Sandbox, c.ID)
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
	e := model.MailboxEvent{Sandbox: c.Sandbox, Kind: changeNames[c.Kind], Mailboxes: []uint64{}}
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
			return out.event("sandbox.deleted", c.Sequence, sandboxEvent(c))
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
