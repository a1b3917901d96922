package pop3d

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/daemon"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/line"
	"github.com/catchpost/catchpost/store"
)

const (
	maxLine        = 512 // octets with CRLF; RFC 2449 §4 says 255, a SASL response may be longer
	maxSASL        = 16 << 10
	maxBad         = 50 // replies -ERR in a row to what is no command
	maxFailures    = 10 // logins
	flushThreshold = 64 << 10
	maxRecorded    = 2 << 10 // of a multi-line reply; a longer one is shown by its size
)

// session is one connection, run by one goroutine.
type session struct {
	srv   *Server
	conn  *daemon.Conn
	wire  daemon.Layer
	ctx   context.Context
	log   *slog.Logger
	out   []byte // replies not yet sent
	state state
	name  string // USER's
	utf8  bool
	id    store.Identity
	drop  *maildrop
	held  store.MailboxID // the maildrop that this session has locked
	bad   int
	fails int

	verbs   []string
	outcome string
}

// handle serves one connection.
func (srv *Server) handle(c *daemon.Conn) {
	s := &session{srv: srv, conn: c, wire: c.Layer(), ctx: c.Context(), state: authorization, outcome: "empty",
		log: srv.opts.Log.With("server", "pop3", "session", c.ID())}
	c.Visible = visible
	defer s.save()
	if err := c.Refusal(); err != nil {
		s.outcome = "rejected"
		if errors.Is(err, daemon.ErrTooMany) {
			s.send(reply{code: "SYS/TEMP", text: "too many connections"})
			_ = s.flush()
		}
		return
	}
	s.run()
}

// visible hides passwords and SASL responses from the transcript.
func visible(text []byte) int {
	word, _, _ := bytes.Cut(text, []byte(" "))
	if w := strings.ToUpper(string(word)); w == "PASS" || w == "AUTH" {
		return len(word) + 1
	}
	return -1
}

// run greets and answers until the session ends. A connection that drops removes
// nothing: the marks die with it (RFC 1939 §6).
func (s *session) run() {
	defer s.unlock()
	s.send(good("Catchpost is ready"))
	for {
		if !s.conn.HasLine() || len(s.out) >= flushThreshold {
			if s.flush() != nil {
				return
			}
		}
		l, err := s.conn.ReadLine(maxLine)
		var r reply
		switch {
		case errors.Is(err, line.ErrTooLong):
			r = s.badCommand("line too long")
		case err != nil:
			s.lost(err)
			return
		default:
			r = s.command(l)
		}
		s.send(r)
		if r.quit || r.after != nil {
			if s.flush() != nil || r.quit {
				return
			}
			r.after()
		}
	}
}

// command answers one line.
func (s *session) command(l line.Line) reply {
	word, rest, hasArgs := strings.Cut(string(l.Text), " ")
	name := strings.ToUpper(word)
	if l.BareLF {
		return s.badCommand("lines end in CRLF")
	}
	v, known := verbs[name]
	if !known {
		return s.badCommand("unknown command")
	}
	if !slices.Contains(s.verbs, name) {
		s.verbs = append(s.verbs, name)
	}
	if v.in&s.state == 0 {
		return s.badCommand(name + " is not permitted in this state")
	}
	args, ok := v.arguments(rest, hasArgs)
	if !ok {
		return s.badCommand("wrong arguments")
	}
	if h := s.srv.opts.Faults.Match(fault.Command("pop3", name), s.facts); h != nil {
		if r := s.suffer(h); r.text != "" || r.none {
			return r
		}
	}
	s.bad = 0
	return v.run(s, args)
}

// arguments splits the rest of a line. A lone argument is all of it: a password
// and a name may hold blanks (RFC 1939 §7 PASS).
func (v verb) arguments(rest string, has bool) (args []string, ok bool) {
	switch {
	case !has:
	case v.raw:
		args = []string{rest}
	default:
		args = strings.Fields(rest)
	}
	if len(args) < v.min || len(args) > v.max {
		return nil, false
	}
	for _, a := range args {
		if a == "" {
			return nil, false
		}
	}
	return args, true
}

func (s *session) facts() fault.Facts {
	return fault.Facts{Sandbox: cmp.Or(s.id.Sandbox, store.DefaultSandbox), Client: s.conn.ClientAddress(), User: s.id.User}
}

// suffer applies a fault: its connection part, then -ERR with its text.
func (s *session) suffer(h *fault.Hit) reply {
	if err := s.conn.Suffer(h); err != nil {
		return reply{none: true, quit: true}
	}
	if h.Text == "" && h.Code == 0 {
		return reply{}
	}
	r := failure(h.Text)
	if r.text == "" {
		r.text = "injected failure"
	}
	r.quit = h.Cut
	return r
}

func (s *session) badCommand(text string) reply {
	s.bad++
	return reply{text: text, quit: s.bad >= maxBad}
}

// send puts a reply behind those that wait (RFC 2449 §6.6, PIPELINING).
func (s *session) send(r reply) {
	if r.none {
		return
	}
	start := len(s.out)
	s.out = appendReply(s.out, r)
	rec, sent := s.conn.Recorder(), s.out[start:]
	if status := bytes.IndexByte(sent, '\n') + 1; len(sent)-status > maxRecorded {
		rec.Server(sent[:status])
		rec.Elide(int64(len(sent)-status), "a multi-line reply")
		return
	}
	rec.Server(sent)
}

// flush sends the replies that wait.
func (s *session) flush() error {
	if len(s.out) > 0 {
		if _, err := s.wire.Write(s.out); err != nil {
			return err
		}
		if s.out = s.out[:0]; cap(s.out) > 4*flushThreshold {
			s.out = nil
		}
	}
	return s.conn.Flush()
}

// lost says why the server gives up, where there is somebody to hear it.
func (s *session) lost(err error) {
	switch {
	case errors.Is(err, daemon.ErrDraining), errors.Is(err, errSandboxEnded):
		s.send(reply{code: "SYS/TEMP", text: err.Error() + "; nothing was removed"})
	case errors.Is(err, daemon.ErrIdle):
		s.outcome = "timeout"
		s.send(failure("idle for too long; nothing was removed"))
	default:
		s.outcome = "aborted"
	}
	_ = s.flush()
}

// save keeps the session with its transcript.
func (s *session) save() {
	if s.id.Sandbox != "" {
		s.srv.sandboxes.Remove(s.id.Sandbox, s.conn)
	}
	m := s.conn.Session(true)
	now := time.Now().UTC()
	m.EndedAt, m.Outcome, m.Sandbox, m.AuthUser = &now, s.outcome, s.id.Sandbox, s.id.User
	if s.verbs != nil {
		m.Verbs = s.verbs
	}
	err := s.srv.opts.Store.SaveSession(context.WithoutCancel(s.ctx), m)
	if err != nil && !errors.Is(err, store.ErrClosed) {
		s.log.Error("save session", "error", err)
	}
}
