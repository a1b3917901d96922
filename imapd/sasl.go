package imapd

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"

	"github.com/catchpost/catchpost/internal/sasl"
	"github.com/catchpost/catchpost/store"
)

// mechanisms is what AUTH= lists. SCRAM has its client check our signature, so it
// is offered only where every login has a verifier.
func (s *session) mechanisms() []string {
	m := []string{sasl.Plain, sasl.Login, sasl.CRAMMD5, sasl.XOAuth2, sasl.OAuthBearer}
	if s.srv.opts.ClearOnly {
		m = slices.Delete(m, 2, 3)
	}
	if s.srv.opts.SCRAM {
		m = append([]string{sasl.SCRAMSHA256}, m...)
	}
	return m
}

// authenticate is AUTHENTICATE, RFC 9051 §6.2.2, with SASL-IR.
func (s *session) authenticate() result {
	d := s.dec
	d.ExpectSP()
	mechanism := upperAtom(d)
	var response []byte
	if d.SP() {
		response = s.decodeSASL(d.RawLine())
	}
	if !d.ExpectEnd() {
		return result{}
	}
	if !s.mayLogin() {
		return no("PRIVACYREQUIRED", "use STARTTLS first")
	}
	x, err := sasl.New(mechanism, sasl.Backend[store.Identity]{Login: s.backend.Login, Secrets: s.secrets})
	if err != nil || mechanism == sasl.SCRAMSHA256 && !s.srv.opts.SCRAM {
		return no("CANNOT", "unknown authentication mechanism")
	}
	for {
		challenge, done, err := x.Next(s.ctx, response)
		switch {
		case errors.Is(err, sasl.ErrSyntax):
			return badCode("CLIENTBUG", oneLine(err))
		case errors.Is(err, sasl.ErrCredentials):
			return s.loginFailed(errors.Join(store.ErrBadLogin, err))
		case err != nil:
			return s.loginFailed(err)
		case done:
			return s.loggedIn(x.ID, "AUTHENTICATE completed")
		}
		var r result
		if response, r = s.askSASL(challenge); r.status != "" || r.none {
			return r
		}
	}
}

// askSASL sends a challenge and reads the response; "*" cancels (RFC 9051 §6.2.2).
func (s *session) askSASL(challenge []byte) ([]byte, result) {
	s.enc.Atom("+ " + base64.StdEncoding.EncodeToString(challenge) + "\r\n")
	if s.flush() != nil {
		return nil, result{none: true, quit: true}
	}
	if err := s.conn.Await(s.dec.Next); err != nil {
		return nil, s.lost(err)
	}
	s.conn.Recorder().Client(s.dec.Line(), 0)
	line := s.dec.RawLine()
	if line == "*" {
		return nil, bad("cancelled")
	}
	response := s.decodeSASL(line)
	if !s.dec.OK() {
		return nil, syntax(s.dec.Err())
	}
	return response, result{}
}

// decodeSASL reads base64; "=" is an empty initial response (RFC 4959 §3).
func (s *session) decodeSASL(line string) []byte {
	if line == "=" {
		return []byte{}
	}
	b, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		s.dec.Fail("expected base64")
		return nil
	}
	return b
}

// secrets finds what a challenge is judged by.
func (s *session) secrets(ctx context.Context, user string) (store.Identity, sasl.Secrets, bool, error) {
	id, sec, ok, err := s.backend.LoginSecrets(ctx, user)
	return id, sasl.Secrets{Salt: sec.Salt, Iterations: sec.Iterations, StoredKey: sec.StoredKey,
		ServerKey: sec.ServerKey, CRAM: sec.CRAMDigest}, ok, err
}
