package smtpd

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/line"
	"github.com/catchpost/catchpost/internal/sasl"
	"github.com/catchpost/catchpost/store"
)

var (
	authCancelled = reply{code: 501, enhanced: "5.7.0", text: "Authentication cancelled"}
	notBase64     = reply{code: 501, enhanced: "5.5.2", text: "The response is not base64"}
)

// auth is AUTH, RFC 4954 §4.
func (s *session) auth(p *parser) reply {
	if r := s.mayAuth(); r != nil {
		return *r
	}
	mech, initial, hasInitial := strings.Cut(p.in, " ")
	if mech == "" {
		return reply{code: 501, enhanced: "5.5.4", text: "AUTH takes a mechanism"}
	}
	if !slices.Contains(s.mechanisms(), strings.ToUpper(mech)) {
		return reply{code: 504, enhanced: "5.5.4", text: "Mechanism not offered"}
	}
	x, err := sasl.New(mech, s.cfg.Backend.SASL())
	if err != nil {
		return reply{code: 504, enhanced: "5.5.4", text: "Mechanism not known"}
	}
	var response []byte
	if hasInitial {
		if sasl.ServerFirst(mech) {
			return reply{code: 501, enhanced: "5.7.0", text: "This mechanism takes no initial response"}
		}
		var r *reply
		if response, r = decodeResponse(initial, true); r != nil {
			return *r
		}
	}
	return s.exchange(x, response)
}

// mayAuth refuses AUTH where it is not allowed.
func (s *session) mayAuth() *reply {
	switch {
	case s.mech != "":
		return &reply{code: 503, enhanced: "5.5.1", text: "Already logged in"}
	case !s.extended:
		return &reply{code: 503, enhanced: "5.5.1", text: "AUTH needs EHLO"}
	case s.needsTLS():
		return &reply{code: 538, enhanced: "5.7.11", text: "Encryption required for authentication"} // RFC 4954 §6
	}
	return nil
}

// decodeResponse takes base64; as an initial response "=" is the empty one.
func decodeResponse(text string, initial bool) ([]byte, *reply) {
	if initial && text == "=" {
		return []byte{}, nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || initial && text == "" {
		return nil, &notBase64
	}
	return append([]byte{}, b...), nil // empty, not nil
}

// exchange goes through challenges and responses until the login holds or fails.
func (s *session) exchange(x *sasl.Exchange[store.Identity], response []byte) reply {
	defer s.c.Mask()()
	for {
		challenge, done, err := x.Next(s.c.Context(), response)
		if err != nil {
			return s.authFailed(err)
		}
		if done {
			s.login, s.mech = x.ID, x.Mechanism
			if s.login.User == "" {
				s.login.User = x.User
			}
			return reply{code: 235, enhanced: "2.7.0", text: "Authentication successful"}
		}
		s.write(reply{code: 334, text: base64.StdEncoding.EncodeToString(challenge)})
		l, err := s.c.ReadLine(authLine)
		switch {
		case errors.Is(err, line.ErrTooLong):
			return reply{code: 500, enhanced: "5.5.6", text: "Authentication exchange line too long"} // RFC 4954 §6
		case err != nil:
			s.leave(err)
			return reply{hangUp: true}
		case l.BareLF || l.BareCR >= 0:
			return bareLineEnd
		case string(l.Text) == "*":
			return authCancelled
		}
		var r *reply
		if response, r = decodeResponse(string(l.Text), false); r != nil {
			return *r
		}
	}
}

// authFailed puts the errors of an exchange into replies.
func (s *session) authFailed(err error) reply {
	s.rejected = true
	switch {
	case errors.Is(err, sasl.ErrSyntax):
		return reply{code: 501, enhanced: "5.5.2", text: "Authentication: " + oneLine(err.Error())}
	case errors.Is(err, sasl.ErrCredentials), errors.Is(err, store.ErrBadLogin),
		errors.Is(err, store.ErrSandboxEnded), errors.Is(err, store.ErrNoSandbox):
		return reply{code: 535, enhanced: "5.7.8", text: "Authentication failed: " + oneLine(err.Error())}
	}
	s.log.Error("judge a login", "session", s.c.ID(), "error", err)
	return reply{code: 454, enhanced: "4.7.0", text: "Temporary authentication failure"}
}
