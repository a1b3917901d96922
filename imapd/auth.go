package imapd

import (
	"errors"

	"github.com/catchpost/catchpost/store"
)

// maxAuthFailures closes a session that keeps guessing.
const maxAuthFailures = 10

// login is LOGIN, RFC 9051 §6.2.3.
func (s *session) login() result {
	d := s.dec
	d.ExpectSP()
	user := d.AString()
	d.ExpectSP()
	password := d.AString()
	if !d.ExpectEnd() {
		return result{}
	}
	if !s.mayLogin() {
		return no("PRIVACYREQUIRED", "use STARTTLS first")
	}
	id, err := s.backend.Login(s.ctx, user, password)
	if err != nil {
		return s.loginFailed(err)
	}
	return s.loggedIn(id, "LOGIN completed")
}

// loggedIn makes an identity the session's.
func (s *session) loggedIn(id store.Identity, text string) result {
	if !id.MayRead {
		return no("AUTHORIZATIONFAILED", "this login may send but not read")
	}
	s.id, s.acc = id, store.AccountRef{Sandbox: id.Sandbox, Key: id.Account}
	s.state = authenticated
	s.log = s.log.With("user", id.User, "sandbox", id.Sandbox)
	s.srv.sandboxes.Add(id.Sandbox, s.conn)
	return okCode("CAPABILITY "+s.capabilities(), text)
}

// loginFailed answers a login that was refused (RFC 5530 §3).
func (s *session) loginFailed(err error) result {
	switch {
	case errors.Is(err, store.ErrBadLogin):
		if s.failures++; s.failures >= maxAuthFailures {
			return bye("NO", "too many failed logins", "too many failed logins")
		}
		return no("AUTHENTICATIONFAILED", oneLine(err))
	case errors.Is(err, store.ErrSandboxEnded), errors.Is(err, store.ErrNoSandbox):
		return no("EXPIRED", oneLine(err))
	}
	return s.failed(err)
}

// startTLS is STARTTLS, RFC 9051 §6.2.1.
func (s *session) startTLS() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	switch {
	case s.conn.TLS() != nil:
		return bad("TLS is active")
	case !s.canStartTLS():
		return bad("TLS is not offered")
	case s.dec.Buffered() > 0: // nothing sent in the clear may be taken for protected
		return result{status: "BAD", text: "octets behind STARTTLS", quit: true, bye: "octets behind STARTTLS"}
	}
	r := ok("begin TLS")
	r.after = s.handshake
	return r
}

// handshake starts TLS; what was said before it is forgotten (RFC 9051 §6.2.1).
func (s *session) handshake() {
	if err := s.conn.StartTLS(s.srv.opts.TLS); err != nil {
		s.outcome = "error"
	}
}

// canStartTLS is false where DEFLATE was: the readers it leaves behind may hold octets
// sent in the clear, which nobody may take for protected.
func (s *session) canStartTLS() bool {
	return s.srv.opts.TLS != nil && s.conn.TLS() == nil && s.compressions == 0
}

// mayLogin is false while logins need TLS.
func (s *session) mayLogin() bool { return !s.srv.opts.RequireTLS || s.conn.TLS() != nil }
