// Package sasl is the server's side of the SASL mechanisms that SMTP, POP3 and
// IMAP offer: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), SCRAM-SHA-256 (RFC
// 5802, RFC 7677), XOAUTH2 (Google's) and OAUTHBEARER (RFC 7628).
package sasl

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Names of the mechanisms.
const (
	Plain       = "PLAIN"
	Login       = "LOGIN"
	CRAMMD5     = "CRAM-MD5"
	SCRAMSHA256 = "SCRAM-SHA-256"
	XOAuth2     = "XOAUTH2"
	OAuthBearer = "OAUTHBEARER"
)

// Errors that end an exchange, besides those of the Backend, which say that the
// login was judged and refused.
var (
	// ErrUnknown: no such mechanism, RFC 4954 §4: 504.
	ErrUnknown = errors.New("unknown authentication mechanism")
	// ErrSyntax: a response that the mechanism's grammar does not have.
	ErrSyntax = errors.New("malformed response")
	// ErrCredentials: a proof that does not fit the login's secrets.
	ErrCredentials = errors.New("wrong password or token")
)

// Secrets are what the challenge-response mechanisms need; *store.Secrets has them.
type Secrets struct {
	Salt                 []byte // of the SCRAM-SHA-256 verifier, RFC 5802 §3
	Iterations           int
	StoredKey, ServerKey []byte
	// CRAM computes HMAC-MD5(password, challenge), nil where it cannot.
	CRAM func(challenge []byte) []byte
}

// Backend judges logins. ID is the server's own idea of an identity.
type Backend[ID any] struct {
	// Login judges a user and a password or token in clear.
	Login func(ctx context.Context, user, password string) (ID, error)
	// Secrets finds what a challenge is judged by. ok is false for a login that is
	// open: any proof will do, and id says that it is not verified.
	Secrets func(ctx context.Context, user string) (id ID, s Secrets, ok bool, err error)
}

// Exchange is one authentication. Next takes the client's response (nil at first,
// when there was no initial response) and returns the next challenge; when done
// is true the login holds and ID is set.
type Exchange[ID any] struct {
	ID        ID
	Mechanism string
	// User is the name the client gave, also where it was refused.
	User    string
	backend Backend[ID]
	step    func(ctx context.Context, response []byte) (challenge []byte, done bool, err error)
}

// New begins an exchange; the name's case does not matter. Error: ErrUnknown.
func New[ID any](mechanism string, b Backend[ID]) (*Exchange[ID], error) {
	e := &Exchange[ID]{Mechanism: strings.ToUpper(mechanism), backend: b}
	switch e.Mechanism {
	case Plain:
		e.step = e.plain
	case Login:
		e.step = e.login
	case CRAMMD5:
		e.step = e.cramChallenge
	case SCRAMSHA256:
		e.step = e.scramFirst
	case XOAuth2:
		e.step = e.xoauth2
	case OAuthBearer:
		e.step = e.oauthBearer
	default:
		return nil, fmt.Errorf("%w: %.40q", ErrUnknown, mechanism)
	}
	return e, nil
}

// ServerFirst tells whether a mechanism begins with the server's challenge, so
// that an initial response is an error (RFC 4954 §4).
func ServerFirst(mechanism string) bool { return strings.EqualFold(mechanism, CRAMMD5) }

// Next goes one step.
func (e *Exchange[ID]) Next(ctx context.Context, response []byte) (challenge []byte, done bool, err error) {
	return e.step(ctx, response)
}

// judge asks the backend about a password in clear.
func (e *Exchange[ID]) judge(ctx context.Context, user, password string) (err error) {
	e.User = user
	e.ID, err = e.backend.Login(ctx, user, password)
	return err
}

// plain: message = [authzid] NUL authcid NUL passwd, RFC 4616 §2.
func (e *Exchange[ID]) plain(ctx context.Context, response []byte) ([]byte, bool, error) {
	if response == nil {
		return []byte{}, false, nil
	}
	f := strings.Split(string(response), "\x00")
	if len(f) != 3 || f[1] == "" {
		return nil, false, fmt.Errorf("%w: PLAIN is [authzid] NUL user NUL password", ErrSyntax)
	}
	if f[0] != "" && f[0] != f[1] {
		return nil, false, fmt.Errorf("%w: %q may not act for %q", ErrCredentials, f[1], f[0])
	}
	return nil, true, e.judge(ctx, f[1], f[2])
}

// login is the mechanism of draft-murchison-sasl-login: two prompts. An initial
// response is the user name.
func (e *Exchange[ID]) login(ctx context.Context, response []byte) ([]byte, bool, error) {
	if response == nil {
		return []byte("Username:"), false, nil
	}
	user := string(response)
	e.User = user
	e.step = func(ctx context.Context, response []byte) ([]byte, bool, error) {
		return nil, true, e.judge(ctx, user, string(response))
	}
	return []byte("Password:"), false, nil
}
