package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/transcript"
	"github.com/catchpost/catchpost/store"
)

// listSessions lists client connections, newest first.
//
//	@Summary		Sessions of the mail servers
//	@Description	The administrator sees every sandbox's unless ?sandbox names one: many a session ends before it has one.
//	@Tags			sessions
//	@Param			sandbox	query		string	false	"for the administrator"
//	@Param			peer	query		string	false	"how the client's address begins"
//	@Param			outcome	query		string	false	"open delivered empty rejected aborted timeout error too_many_errors"
//	@Param			verb	query		string	false	"a command that was used, such as STARTTLS"
//	@Param			limit	query		int		false	"1 to 500"	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Success		200		{object}	model.Sessions
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/sessions [get]
func (s *Server) listSessions(r *request) (any, error) {
	limit, err := r.number("limit", 50, 1, 500)
	if err != nil {
		return nil, err
	}
	outcome, err := r.word("outcome", "", "open", "delivered", "empty", "rejected", "aborted", "timeout", "error", "too_many_errors")
	if err != nil {
		return nil, err
	}
	sessions, next, err := s.store.Sessions(r.ctx, store.SessionQuery{
		Sandbox: r.sandbox, Peer: r.query.Get("peer"), Outcome: outcome,
		Verb: strings.ToUpper(r.query.Get("verb")), Limit: limit, Cursor: r.query.Get("cursor"),
	})
	if err != nil {
		return nil, err
	}
	out := model.Sessions{Sessions: make([]model.Session, 0, len(sessions)), NextCursor: orNull(next)}
	for _, one := range sessions {
		short := *cleanSession(one)
		short.Lines = nil
		out.Sessions = append(out.Sessions, short)
	}
	return out, nil
}

// getSession answers one session with its transcript.
//
//	@Summary	One session with its transcript, JSON or text
//	@Tags		sessions
//	@Param		id		path		string	true	"the session's ID"
//	@Param		format	query		string	false	"json (default) or text"	Enums(json, text)
//	@Success	200		{object}	model.Session
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/sessions/{id} [get]
func (s *Server) getSession(r *request) (any, error) {
	return s.session(r, r.Param("id"), "")
}

// getTranscript answers the session that brought a message.
//
//	@Summary	The session that brought a message, JSON or text
//	@Tags		messages
//	@Param		id		path		string	true	"an ID, or latest"
//	@Param		filter	query		object	false	"with latest"
//	@Param		wait	query		string	false	"with latest"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Param		format	query		string	false	"json (default) or text"	Enums(json, text)
//	@Success	200		{object}	model.Session
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id}/transcript [get]
func (s *Server) getTranscript(r *request) (any, error) {
	started := time.Now()
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	if m.Envelope.SessionID == "" {
		return nil, fail("not_found", "message %s came without a session (origin %s)", m.ID, m.Origin)
	}
	wait, err := r.duration("wait", s.limits.Wait)
	if err != nil {
		return nil, err
	}
	if err := r.awaitSession(m.Envelope.SessionID, wait-time.Since(started)); err != nil {
		return nil, err
	}
	return s.session(r, m.Envelope.SessionID, m.ID)
}

// awaitSession waits until a session is kept, which it is when it closes: a
// message that was waited for is there before its client has said QUIT.
func (r *request) awaitSession(id string, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	leave, err := r.s.waits.enter(r.sandbox)
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := r.untilStopped()
	defer cancel()
	ctx, cancelTimer := context.WithTimeoutCause(ctx, wait, errWaited)
	defer cancelTimer()
	// Of any sandbox: a session that reached several is known under one alone.
	sub := r.s.store.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.SessionChanged, store.SandboxDeleted}})
	defer sub.Close()
	for {
		if _, err := r.s.store.Session(r.ctx, id); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if _, err := sub.Next(ctx); ctx.Err() != nil {
			if cause := context.Cause(ctx); !errors.Is(cause, errWaited) {
				return cause
			}
			return nil // the look that follows says that it is not kept
		} else if err != nil && !errors.Is(err, store.ErrLagged) {
			return err
		}
	}
}

// session answers a session that the caller may see, in the form asked for; with a
// message's ID its lines are the opening and that message's transaction.
func (s *Server) session(r *request, id, messageID string) (any, error) {
	format, err := r.word("format", r.preferred(), "json", "text")
	if err != nil {
		return nil, err
	}
	got, err := s.store.Session(r.ctx, id)
	if err != nil {
		if problemOf(err).code == "not_found" {
			return nil, fail("not_found", "session %q is not kept; an open one is kept when it closes", clip(id, 60))
		}
		return nil, err
	}
	if !r.caller.admin && got.Sandbox != r.caller.sandbox {
		return nil, fail("not_found", "session %q is not kept; an open one is kept when it closes", clip(id, 60))
	}
	got = cleanSession(got)
	if messageID != "" {
		if own := transcript.OfMessage(got.Lines, messageID); own != nil {
			got.Lines = own
		}
	}
	if format == "json" {
		return got, nil
	}
	return stream(func(r *request) error {
		return r.send(content{mediaType: "text/plain; charset=utf-8", csp: sandboxCSP, inline: true, body: strings.NewReader(transcriptText(got))})
	}), nil
}

// preferred is "text" where the client asks for text/plain alone.
func (r *request) preferred() string {
	if strings.HasPrefix(r.Request().Header.Get("Accept"), "text/plain") {
		return "text"
	}
	return "json"
}

// cleanSession makes absent lists empty ones, on a copy.
func cleanSession(one *model.Session) *model.Session {
	c := *one
	c.Verbs, c.Messages = notNil(c.Verbs), notNil(c.Messages)
	return &c
}

// transcriptText writes a session as people read it.
func transcriptText(s *model.Session) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s session %s from %s, %s\n", s.Server, s.ID, s.ClientAddress, s.Outcome)
	for _, l := range s.Lines {
		fmt.Fprintf(&b, "%s %s: %s\n", l.At.UTC().Format("15:04:05.000"), l.Direction, l.Text)
	}
	return b.String()
}
