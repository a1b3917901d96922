package pop3d

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/catchpost/catchpost/store"
)

// The AUTHORIZATION state, RFC 1939 §4.

// capa lists what is true now (RFC 2449 §5).
func (s *session) capa(_ []string) reply {
	caps := []string{"TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "EXPIRE NEVER", "UTF8 USER"}
	if s.mayLogin() {
		caps = append(caps, "USER")
		if m := s.mechanisms(); len(m) > 0 {
			caps = append(caps, "SASL "+strings.Join(m, " "))
		}
	}
	if s.canStartTLS() {
		caps = append(caps, "STLS")
	}
	caps = append(caps, "IMPLEMENTATION Catchpost-"+s.srv.opts.Version)
	return listing("capabilities follow", []byte(strings.Join(caps, "\r\n")+"\r\n"))
}

// utf8Mode is UTF8, RFC 6856 §2: octets are sent as they are in any case; names
// and passwords may be UTF-8 from here on.
func (s *session) utf8Mode(_ []string) reply {
	s.utf8 = true
	return good("UTF-8 it is")
}

func (s *session) user(args []string) reply {
	if !s.mayLogin() {
		return failureCode("AUTH", "use STLS first")
	}
	if !s.text(args[0]) {
		return failureCode("AUTH", "send UTF8 before a name that is not ASCII")
	}
	s.name = args[0]
	return good("and the password?")
}

func (s *session) pass(args []string) reply {
	if s.name == "" {
		return failure("USER comes first")
	}
	if !s.text(args[0]) {
		return failureCode("AUTH", "send UTF8 before a password that is not ASCII")
	}
	id, err := s.srv.opts.Store.Login(s.ctx, s.name, args[0])
	s.name = ""
	if err != nil {
		return s.loginFailed(err)
	}
	return s.enter(id)
}

// text admits ASCII, and UTF-8 after UTF8 (RFC 6856 §2.2).
func (s *session) text(arg string) bool {
	for i := range len(arg) {
		if arg[i] >= 0x80 {
			return s.utf8 && utf8.ValidString(arg)
		}
	}
	return true
}

func (s *session) loginFailed(err error) reply {
	switch {
	case errors.Is(err, store.ErrBadLogin), errors.Is(err, store.ErrSandboxEnded), errors.Is(err, store.ErrNoSandbox):
		r := failureCode("AUTH", oneLine(err)) // RFC 3206 §5
		if s.fails++; s.fails >= maxFailures {
			r.quit = true
		}
		return r
	}
	return s.failed(err)
}

// enter takes the snapshot, all of it, and with it the TRANSACTION state.
func (s *session) enter(id store.Identity) reply {
	if !id.MayRead {
		return failureCode("AUTH", "this login may send but not read")
	}
	acc := store.AccountRef{Sandbox: id.Sandbox, Key: id.Account}
	info, err := s.srv.opts.Store.Mailbox(s.ctx, acc, store.Inbox)
	if err != nil {
		return s.failed(err)
	}
	if !s.lock(info.ID) {
		return failureCode("IN-USE", "another session has this maildrop") // RFC 2449 §8.1.1
	}
	st, err := s.srv.opts.Store.MailboxState(s.ctx, info.ID)
	if err != nil {
		s.unlock()
		return s.failed(err)
	}
	s.id, s.drop, s.state = id, newMaildrop(st), transaction
	s.log = s.log.With("user", id.User, "sandbox", id.Sandbox)
	s.srv.sandboxes.Add(id.Sandbox, s.conn)
	return good(fmt.Sprintf("%d messages", len(s.drop.uids)))
}

// oneLine makes an error safe to stand in a reply.
func oneLine(err error) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '?'
		}
		return r
	}, err.Error())
}

// stls is STLS, RFC 2595 §4.
func (s *session) stls(_ []string) reply {
	switch {
	case s.conn.TLS() != nil:
		return failure("TLS is active")
	case !s.canStartTLS():
		return failure("TLS is not offered")
	case s.conn.Buffered() > 0: // nothing sent in the clear may be taken for protected
		return reply{text: "octets behind STLS", quit: true}
	}
	r := good("begin TLS")
	r.after = s.handshake
	return r
}

// handshake starts TLS; what was said before it is forgotten (RFC 2595 §4).
func (s *session) handshake() {
	s.name, s.utf8 = "", false
	if err := s.conn.StartTLS(s.srv.opts.TLS); err != nil {
		s.outcome = "error"
	}
}

func (s *session) canStartTLS() bool {
	return s.srv.opts.TLS != nil && s.conn.TLS() == nil && s.state == authorization
}

// mayLogin is false while logins need TLS.
func (s *session) mayLogin() bool { return !s.srv.opts.RequireTLS || s.conn.TLS() != nil }

// lock takes the maildrop for this session where the option asks for RFC 1939's
// exclusive lock; otherwise several sessions have one at once.
func (s *session) lock(id store.MailboxID) bool {
	if !s.srv.opts.ExclusiveLock {
		return true
	}
	if _, taken := s.srv.locked.LoadOrStore(id, struct{}{}); taken {
		return false
	}
	s.held = id
	return true
}

func (s *session) unlock() {
	if s.held != 0 {
		s.srv.locked.Delete(s.held)
		s.held = 0
	}
}
