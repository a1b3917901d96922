package imapd

import (
	"cmp"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/internal/daemon"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/store"
)

const (
	maxBadCommands = 50  // in a row: it does not speak IMAP
	maxVerbs       = 200 // noted of one session
)

// session is one connection. One goroutine runs it; during IDLE a second one reads.
type session struct {
	srv     *Server
	backend Backend
	conn    *daemon.Conn
	ctx     context.Context
	log     *slog.Logger
	dec     *wire.Decoder
	enc     *wire.Encoder

	tag   string
	state state
	id    store.Identity
	acc   store.AccountRef
	view  *view

	notify *notifier // nil until NOTIFY comes
	owes   owed      // what the command at hand did

	condstore, qresync, rev2 bool
	uidOnly                  bool // RFC 9586
	compressed               bool
	compressions             int
	inflater                 *inflater
	deflater                 *flate.Writer

	metadata metadataNews
	waiting  bool // a command is being done patiently
	progress progress
	heard    time.Time // when the command began, or its progress was told

	earlier  []string // sandboxes of logins before UNAUTHENTICATE
	failures int      // logins
	bad      int      // BAD answers in a row
	secret   bool
	verbs    []string
	outcome  string
}

// handle serves one connection.
func (srv *Server) handle(c *daemon.Conn) {
	layer := c.Layer()
	s := &session{srv: srv, conn: c, ctx: c.Context(), state: notAuthenticated,
		log: srv.opts.Log.With("server", "imap", "session", c.ID()), outcome: "empty"}
	s.backend = patient{srv.opts.Store, s}
	s.dec, s.enc = wire.NewDecoder(layer, wire.Limits{}), wire.NewEncoder(layer)
	s.enc.Reset(layer, c.Flush)
	s.dec.Continue = s.continuation
	s.record()
	defer s.save()
	if err := c.Refusal(); err != nil {
		s.outcome = "rejected"
		if errors.Is(err, daemon.ErrTooMany) {
			s.enc.Atom("* BYE [UNAVAILABLE] too many connections\r\n")
			_ = s.flush()
		}
		return
	}
	s.run()
}

// record makes the transcript: lines with secrets masked, literals by their length.
func (s *session) record() {
	rec := s.conn.Recorder()
	s.enc.Record = func(text []byte, elided int) {
		if elided > 0 {
			rec.Elide(int64(elided), "responses to the client")
			return
		}
		rec.Server(text)
	}
	s.dec.OnLine = func(text []byte) {
		if s.secret {
			rec.Client(text, 0)
		} else {
			rec.Client(text, -1)
		}
	}
	s.dec.OnLiteral = func(n int64) { rec.Elide(n, "literal from the client") }
}

// save keeps the session with its transcript.
func (s *session) save() {
	s.metadata.end()
	if s.acc.Sandbox != "" {
		s.srv.sandboxes.Remove(s.acc.Sandbox, s.conn)
	}
	m := s.conn.Session(true)
	now := time.Now().UTC()
	m.EndedAt, m.Outcome, m.Verbs = &now, s.outcome, s.verbs
	m.Sandbox, m.AuthUser = s.recordedSandbox(), s.id.User
	if m.Verbs == nil {
		m.Verbs = []string{}
	}
	if err := s.backend.SaveSession(context.WithoutCancel(s.ctx), m); err != nil && !errors.Is(err, store.ErrClosed) {
		s.log.Error("save session", "error", err)
	}
}

// run greets and answers commands until the session ends.
func (s *session) run() {
	s.enc.Atom("* OK [CAPABILITY " + s.capabilities() + "] Catchpost is ready\r\n")
	if s.flush() != nil {
		return
	}
	defer s.stopNotify()
	for {
		if err := s.await(); err != nil {
			s.lost(err)
			return
		}
		if !s.command() {
			return
		}
	}
}

// flush sends what is written.
func (s *session) flush() error { return s.enc.Flush() }

// command answers the command whose first line is read; false ends the session.
func (s *session) command() bool {
	d := s.dec
	s.heard = time.Now()
	s.tag = d.Tag()
	d.ExpectSP()
	name := upperAtom(d)
	s.secret = name == "LOGIN" || name == "AUTHENTICATE" || strings.EqualFold(s.tag, "LOGIN")
	visible := -1
	if s.secret {
		visible = d.Pos() + 1
	}
	s.conn.Recorder().Client(d.Line(), visible)
	if name == "UID" {
		d.ExpectSP()
		name += " " + upperAtom(d)
	}
	r := s.perform(name)
	if r.none {
		return !r.quit
	}
	if d.IOErr() != nil {
		s.lost(d.IOErr())
		return false
	}
	if err := d.Err(); err != nil && r.status == "" {
		r = syntax(err)
	}
	if err := d.Finish(); err != nil {
		s.lost(err)
		return false
	}
	return s.conclude(name, r)
}

// conclude tells the news and the answer.
func (s *session) conclude(name string, r result) bool {
	if r.status == "BAD" {
		if s.bad++; s.bad >= maxBadCommands {
			r = bye("BAD", r.text, "too many bad commands")
		}
	} else {
		s.bad = 0
	}
	if !r.quit && s.view != nil {
		if r2, ok := s.refresh(); !ok {
			r = r2
		} else {
			s.news(!verbs[name].keepNumbers)
			s.tellSteady()
		}
	}
	if !r.quit {
		s.tellMetadataNews()
	}
	s.enc.Mark()
	s.answer(s.tag, r)
	s.enc.Mark()
	if r.quit || r.after != nil || !s.dec.HasLine() {
		if s.flush() != nil {
			return false
		}
	}
	s.enc.Drain()
	if r.after != nil {
		r.after()
	}
	return !r.quit
}

// perform judges the state and runs the verb.
func (s *session) perform(name string) result {
	if !s.dec.OK() {
		return result{}
	}
	v, known := verbs[name]
	if !known {
		return bad("unknown command")
	}
	if len(s.verbs) < maxVerbs && !slices.Contains(s.verbs, name) {
		s.verbs = append(s.verbs, name)
	}
	switch {
	case v.in&s.state == 0:
		return bad(fmt.Sprintf("not permitted in the %s state", s.state))
	case v.numbers && s.uidOnly:
		return uidRequired
	case v.writes && s.view.readOnly:
		return no("READ-ONLY", "the mailbox was opened by EXAMINE")
	}
	if h := s.srv.opts.Faults.Match(fault.Command("imap", name), s.facts); h != nil {
		if r := s.suffer(h); r.status != "" || r.none {
			return r
		}
	}
	if r, ok := s.refresh(); !ok {
		return r
	}
	return v.run(s)
}

func (s *session) facts() fault.Facts {
	return fault.Facts{Sandbox: cmp.Or(s.acc.Sandbox, store.DefaultSandbox), Client: s.conn.ClientAddress(), User: s.id.User}
}

// suffer applies a fault: its connection part, then NO with its text.
func (s *session) suffer(h *fault.Hit) result {
	if err := s.conn.Suffer(h); err != nil {
		return result{none: true, quit: true}
	}
	if h.Text == "" && h.Code == 0 {
		return result{}
	}
	r := no("", h.Text)
	if r.text == "" {
		r.text = "injected failure"
	}
	if h.Cut {
		r = bye("NO", r.text, r.text)
	}
	return r
}

// lost ends a session whose connection gave no further command.
func (s *session) lost(err error) result {
	var large *wire.TooLargeError
	var end *endError
	switch {
	case errors.As(err, &end):
		s.untagged("BYE %s", err)
	case errors.Is(err, daemon.ErrDraining), errors.Is(err, errSandboxEnded):
		s.untagged("BYE %s", err)
	case errors.As(err, &large):
		s.outcome = "error"
		s.untagged("BYE %s", oneLine(err))
	case errors.Is(err, daemon.ErrIdle):
		s.outcome = "timeout"
		s.untagged("BYE idle for too long")
	default:
		s.outcome = "aborted"
	}
	_ = s.flush()
	return result{none: true, quit: true}
}

// continuation asks for a synchronising literal or the next SASL line.
func (s *session) continuation() error {
	s.enc.Atom("+ OK\r\n")
	return s.flush()
}
