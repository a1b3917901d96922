package smtpd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/catchpost/catchpost/internal/daemon"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/line"
	"github.com/catchpost/catchpost/store"
)

// publishEvery bounds how often an open session's progress is told.
const publishEvery = time.Second

// session is one connection's dialogue: what STARTTLS and the end forget.
type session struct {
	srv *Server
	cfg *Config
	c   *daemon.Conn
	log *slog.Logger

	helo     string // argument of HELO, EHLO or LHLO; "" before it
	extended bool   // EHLO or LHLO: parameters are allowed
	login    store.Identity
	mech     string // of the login; "" without one
	tx       *transaction
	verbose  bool
	notes    []string // for 050 lines
	octets   []byte   // of the last reply, to be used again

	errors      int      // refused commands
	rejected    bool     // something of a transaction was refused
	begun       bool     // MAIL was accepted
	unconfirmed bool     // a message is stored, its reply perhaps not read
	lost        error    // what ended the session, nil for QUIT
	failure     string   // outcome that goes before all others
	verbs       []string // in the order of their first use
	messages    []string // IDs
	sandboxes   []string // that were reached
	published   time.Time
}

// replyKept is up to how many octets the room for a reply is kept for the next.
const replyKept = 512

// run is the session from greeting to close.
func (s *session) run() {
	if err := s.c.Refusal(); err != nil {
		s.lost = err
		s.failure = "error"
		if errors.Is(err, daemon.ErrTooMany) {
			s.failure = "rejected"
			s.write(tooManyConns)
		}
		return
	}
	if !s.greet() {
		return
	}
	for {
		l, err := s.c.ReadLine(authLine)
		var r reply
		var v *verb
		switch {
		case err == nil:
			s.unconfirmed = false
			r, v = s.command(l)
		case errors.Is(err, line.ErrTooLong):
			r = lineTooLong
		default:
			s.leave(err)
			return
		}
		s.write(r)
		if r.code >= 500 && !r.injected {
			s.errors++
		}
		if s.errors >= s.cfg.Limits.Errors && !r.hangUp {
			s.failure = "too_many_errors"
			r = tooManyErrs
			s.write(r)
		}
		if r.hangUp {
			if r.code >= 400 {
				s.c.Linger()
			}
			return
		}
		if v != nil && v.endsGroup {
			s.c.Flush() // a failure shows at the next read
		}
	}
}

// greet opens the dialogue, or does what a fault says instead.
func (s *session) greet() bool {
	if h := s.cfg.Faults.Match(fault.Connect, s.facts("")); h != nil {
		if r, struck := s.suffer(h); struck {
			if r.code != 0 {
				s.write(r)
			}
			return false
		}
	}
	text := s.cfg.Hostname + " ESMTP Catchpost"
	if s.cfg.Mode == LMTP {
		text = s.cfg.Hostname + " LMTP Catchpost"
	}
	s.write(reply{code: 220, text: text})
	s.publish()
	return true
}

// command parses the verb, checks its place, lets faults strike, and runs it.
func (s *session) command(l line.Line) (reply, *verb) {
	if l.BareLF || l.BareCR >= 0 {
		return bareLineEnd, nil
	}
	text := bytes.TrimRight(l.Text, " \t") // RFC 5321 §4.1.1: tolerate trailing white space
	name, rest, _ := bytes.Cut(text, []byte{' '})
	v := s.find(name)
	switch {
	case v == nil && len(text) > baseLine-2, v != nil && len(l.Text) > v.limit-2:
		return lineTooLong, nil
	case v == nil:
		return notKnown, nil
	}
	if !slices.Contains(s.verbs, v.name) {
		s.verbs = append(s.verbs, v.name)
	}
	p := &parser{in: string(rest)}
	refused := func(r reply) reply {
		if v.refused != nil {
			return v.refused(s, p, r)
		}
		return r
	}
	if v.in&s.state() == 0 {
		return refused(s.badSequence(v)), v
	}
	if v.point != fault.None && v.name != "RCPT" { // RCPT's facts want its argument
		if h := s.cfg.Faults.Match(v.point, s.facts("")); h != nil {
			if r, struck := s.suffer(h); struck {
				return refused(r), v
			}
		}
	}
	return v.run(s, p), v
}

// facts are what a fault rule may ask about.
func (s *session) facts(forwardPath string) func() fault.Facts {
	return func() fault.Facts {
		f := fault.Facts{Client: s.c.ClientAddress(), User: s.login.User, Sandbox: s.chosen(), ForwardPath: forwardPath}
		if s.tx != nil {
			f.ReversePath = s.tx.reversePath
		}
		if f.Sandbox == "" && forwardPath != "" {
			f.Sandbox, _ = s.cfg.Backend.Route("", forwardPath)
		}
		if f.Sandbox == "" && s.tx != nil && len(s.tx.sandboxes) > 0 {
			f.Sandbox = s.tx.sandboxes[0]
		}
		// Before a login or a forward-path names another one: default. A rule
		// of its own at smtp.connect would never strike otherwise.
		f.Sandbox = cmp.Or(f.Sandbox, store.DefaultSandbox)
		return f
	}
}

// suffer applies a fault. struck is false when the command runs all the same
// (after a delay); a reply without a code says nothing and hangs up.
func (s *session) suffer(h *fault.Hit) (r reply, struck bool) {
	if err := s.c.Suffer(h); err != nil {
		s.lost = err
		if errors.Is(err, daemon.ErrDraining) {
			return shuttingDown, true
		}
		return reply{hangUp: true, injected: true}, true
	}
	if h.Code == 0 {
		return reply{}, false
	}
	r = reply{code: h.Code, enhanced: h.Enhanced, text: h.Text, injected: true, hangUp: h.Effect.Cut || h.Code == 421}
	if r.text == "" {
		r.text = "Injected by a fault rule"
	}
	if r.enhanced == "" && h.Code/100 != 3 {
		r.enhanced = string(byte('0'+h.Code/100)) + ".3.0"
	}
	s.rejected = s.rejected || h.Code >= 400
	return r, true
}

// write sends and records a reply. Nobody else writes to the connection.
func (s *session) write(r reply) {
	if r.code == 0 {
		return
	}
	b := s.octets[:0]
	for _, n := range s.takeNotes(r.code) {
		b = append(append(append(b, "050 "...), n...), "\r\n"...)
	}
	if len(b) > 0 {
		s.c.Write(b)
		b = b[:0]
	}
	rec := s.c.Recorder()
	if r.injected {
		rec.Inject(true)
		defer rec.Inject(false)
	}
	if r.message != "" {
		rec.Message(r.message)
	}
	b = r.appendTo(b)
	s.c.Write(b)
	if cap(b) <= replyKept {
		s.octets = b
	}
	for _, m := range r.more {
		s.write(m)
	}
}

// note is a line for VERB: what happened on the way to the next final reply.
func (s *session) note(text string) {
	if s.verbose {
		s.notes = append(s.notes, oneLine(text))
	}
}

// takeNotes returns what may stand before a reply: nothing before an intermediate one.
func (s *session) takeNotes(code int) []string {
	if code/100 == 3 {
		return nil
	}
	notes := s.notes
	s.notes = nil
	return notes
}

// leave ends a session whose client can not be read any more.
func (s *session) leave(err error) {
	s.lost = err
	switch {
	case errors.Is(err, daemon.ErrDraining):
		s.write(shuttingDown)
	case errors.Is(err, daemon.ErrIdle):
		s.write(timedOut)
	case errors.Is(err, line.ErrUnending):
		s.failure = "error"
		r := lineTooLong
		r.hangUp = true
		s.write(r)
	}
}

// end closes the books: the transaction is dropped and the session kept.
func (s *session) end() {
	if p := recover(); p != nil { // the session is kept first
		s.failure = "error"
		s.write(reply{code: 421, enhanced: "4.3.0", text: "Internal error, closing channel"})
		defer panic(p)
	}
	aborted := s.tx != nil
	s.reset()
	if err := s.c.Flush(); err != nil && s.unconfirmed {
		s.c.Recorder().Remark("the reply was not delivered: %v", err)
	}
	sess := s.record(true)
	now := time.Now().UTC()
	sess.EndedAt = &now
	sess.Outcome = s.outcome(aborted)
	if err := s.cfg.Backend.SaveSession(context.WithoutCancel(s.c.Context()), sess); err != nil {
		s.log.Error("keep session", "session", sess.ID, "error", err)
	}
}
