package pop3d

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"

	"github.com/catchpost/catchpost/internal/line"
	"github.com/catchpost/catchpost/internal/sasl"
	"github.com/catchpost/catchpost/store"
)

// mechanisms is what CAPA's SASL lists. SCRAM has its client check our signature,
// so it is offered only where every login has a verifier.
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

// auth is AUTH, RFC 5034 §4; without an argument it lists the mechanisms, as
// clients older than CAPA ask.
func (s *session) auth(args []string) reply {
	if !s.mayLogin() {
		return failureCode("AUTH", "use STLS first")
	}
	if len(args) == 0 {
		var body []byte
		for _, m := range s.mechanisms() {
			body = append(append(body, m...), "\r\n"...)
		}
		return listing("mechanisms follow", body)
	}
	x, err := sasl.New(args[0], sasl.Backend[store.Identity]{Login: s.srv.opts.Store.Login, Secrets: s.secrets})
	if err != nil || x.Mechanism == sasl.SCRAMSHA256 && !s.srv.opts.SCRAM {
		return failure("unknown authentication mechanism")
	}
	var response []byte
	if len(args) == 2 {
		var r reply
		if response, r = decodeSASL(args[1]); !r.ok {
			return r
		}
	}
	for {
		challenge, done, err := x.Next(s.ctx, response)
		switch {
		case errors.Is(err, sasl.ErrSyntax):
			return failure(oneLine(err))
		case errors.Is(err, sasl.ErrCredentials):
			return s.loginFailed(errors.Join(store.ErrBadLogin, err))
		case err != nil:
			return s.loginFailed(err)
		case done:
			return s.enter(x.ID)
		}
		var r reply
		if response, r = s.askSASL(challenge); !r.ok {
			return r
		}
	}
}

// askSASL sends a challenge and reads the response; "*" cancels (RFC 5034 §4).
func (s *session) askSASL(challenge []byte) ([]byte, reply) {
	defer s.conn.Mask()()
	text := "+ " + base64.StdEncoding.EncodeToString(challenge) + "\r\n"
	s.out = append(s.out, text...)
	s.conn.Recorder().Server([]byte(text))
	if s.flush() != nil {
		return nil, reply{none: true, quit: true}
	}
	l, err := s.conn.ReadLine(maxSASL)
	switch {
	case errors.Is(err, line.ErrTooLong):
		return nil, failure("response too long")
	case err != nil:
		s.lost(err)
		return nil, reply{none: true, quit: true}
	case string(l.Text) == "*":
		return nil, failure("cancelled")
	}
	return decodeSASL(string(l.Text))
}

// decodeSASL reads base64; "=" is an empty initial response (RFC 5034 §4).
func decodeSASL(text string) ([]byte, reply) {
	if text == "=" {
		return []byte{}, reply{ok: true}
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, failure("expected base64")
	}
	return b, reply{ok: true}
}

// secrets finds what a challenge is judged by.
func (s *session) secrets(ctx context.Context, user string) (store.Identity, sasl.Secrets, bool, error) {
	id, sec, ok, err := s.srv.opts.Store.LoginSecrets(ctx, user)
	return id, sasl.Secrets{Salt: sec.Salt, Iterations: sec.Iterations, StoredKey: sec.StoredKey,
		ServerKey: sec.ServerKey, CRAM: sec.CRAMDigest}, ok, err
}
