package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/catchpost/catchpost/internal/address"
)

// maxLogin bounds a user name and a password, in octets.
const maxLogin = 1024

// Identity is who a login turned out to be.
type Identity struct {
	Sandbox string
	Account string // account key (address.Address.Key); "" is the sandbox's catch-all account
	User    string // the login name as given
	// Verified is false where the instance is open and took the login unchecked.
	Verified bool
	// MayRead is false where a login may send (anybody may write to default) but
	// not read: an unchecked user of an instance that is not open.
	MayRead bool
}

// Secrets are what a challenge-response mechanism needs of one login.
type Secrets struct {
	// SCRAM-SHA-256 verifier, RFC 5802 §3.
	Salt                 []byte
	Iterations           int
	StoredKey, ServerKey []byte
	// CRAMInner and CRAMOuter are HMAC-MD5 contexts, RFC 2195 §2; see CRAMDigest.
	CRAMInner, CRAMOuter []byte
}

// login is what a user name means, before any password.
type login struct {
	id      Identity
	secrets []*secret // any of them opens it; none: it is open, or the accounts file judges
	// byFile says that the accounts file knows who may.
	byFile bool
	// closed says that without a right password the login may not read.
	closed bool
}

// Login judges a user name and a password by the login grammar and rules of
// DESIGN §2: "sandbox", "sandbox/address" or "address". Errors: ErrBadLogin,
// ErrSandboxEnded (each with the reason wrapped).
func (s *Store) Login(ctx context.Context, user, password string) (Identity, error) {
	if len(user) > maxLogin || len(password) > maxLogin {
		return Identity{}, fmt.Errorf("%w: user name or password is too long", ErrBadLogin)
	}
	l, err := s.resolve(user)
	if err != nil {
		return Identity{}, err
	}
	for _, sec := range l.secrets {
		if sec.isToken(password) || s.rememberedPassword(sec, password) {
			l.id.Verified, l.id.MayRead = true, true
			return l.id, nil
		}
	}
	if l.byFile {
		if known, ok := s.askFile(user, password); !ok {
			if !known {
				return Identity{}, fmt.Errorf("%w: unknown user %q", ErrBadLogin, user)
			}
			return Identity{}, fmt.Errorf("%w: wrong password", ErrBadLogin)
		}
		l.id.Verified, l.id.MayRead = true, true
		return l.id, nil
	}
	if len(l.secrets) > 0 && !l.closed {
		return Identity{}, fmt.Errorf("%w: wrong password or token", ErrBadLogin)
	}
	l.id.MayRead = !l.closed
	return l.id, nil
}

// LoginReader is Login for servers that show mail: it refuses who may only send.
func (s *Store) LoginReader(ctx context.Context, user, password string) (Identity, error) {
	id, err := s.Login(ctx, user, password)
	if err == nil && !id.MayRead {
		return Identity{}, fmt.Errorf("%w: wrong password or token", ErrBadLogin)
	}
	return id, err
}

// LoginSecrets returns the identity and the secrets of a login; ok is false
// where the login is open and no secret exists. Errors: those of Login, and
// ErrBadLogin where only a password in clear can be judged.
func (s *Store) LoginSecrets(ctx context.Context, user string) (id Identity, sec Secrets, ok bool, err error) {
	if len(user) > maxLogin {
		return Identity{}, Secrets{}, false, fmt.Errorf("%w: user name is too long", ErrBadLogin)
	}
	l, err := s.resolve(user)
	switch {
	case err != nil:
		return Identity{}, Secrets{}, false, err
	case len(l.secrets) > 0:
		l.id.Verified, l.id.MayRead = true, true
		return l.id, l.secrets[0].Secrets, true, nil
	case l.byFile:
		return Identity{}, Secrets{}, false, fmt.Errorf("%w: %q can be verified by PLAIN or LOGIN alone", ErrBadLogin, user)
	}
	l.id.MayRead = !l.closed
	return l.id, Secrets{}, false, nil
}

// SandboxOfToken finds the sandbox a token opens. Errors: ErrBadLogin, ErrSandboxEnded.
func (s *Store) SandboxOfToken(ctx context.Context, token string) (Sandbox, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.domain.tokens[sha256.Sum256([]byte(token))] // the hash tells a clock nothing about the token
	switch {
	case b == nil:
		return Sandbox{}, fmt.Errorf("%w: no sandbox has that token", ErrBadLogin)
	case !b.endedAt.IsZero():
		return Sandbox{}, fmt.Errorf("%w: %s", ErrSandboxEnded, b.name)
	}
	return b.view(), nil
}

// IsAdminToken reports, in constant time, whether token is the administrator's.
// It is false when there is none.
func (s *Store) IsAdminToken(token string) bool {
	want, got := sha256.Sum256([]byte(s.o.AdminToken)), sha256.Sum256([]byte(token))
	return s.o.AdminToken != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// resolve reads a user name by the login grammar.
func (s *Store) resolve(user string) (login, error) {
	l := login{id: Identity{User: user}}
	s.mu.RLock()
	defer s.mu.RUnlock()
	name, rest, slash := strings.Cut(user, "/")
	name = strings.ToLower(name)
	if b, err := s.sandbox(name); err == nil {
		return s.inSandbox(l, b, rest, slash)
	} else if errors.Is(err, ErrSandboxEnded) && !strings.Contains(name, "@") {
		return login{}, fmt.Errorf("login %q: %w", user, err)
	}
	b, err := s.sandbox(DefaultSandbox)
	if err != nil {
		return login{}, err
	}
	a, parseErr := address.ParseMailbox(user)
	if parseErr != nil {
		// No sandbox and no address: mail of unknown users is captured too.
		if s.o.UnknownLogin == "reject" {
			return login{}, fmt.Errorf("%w: %q names no sandbox and is no address", ErrBadLogin, user)
		}
	} else {
		l.id.Account = a.Key()
	}
	return s.inDefault(l, b), nil
}

// inSandbox is a login that names its sandbox; Store.mu is held.
func (s *Store) inSandbox(l login, b *sandbox, rest string, slash bool) (login, error) {
	if slash && rest != "" {
		a, err := address.ParseMailbox(rest)
		if err != nil {
			return login{}, fmt.Errorf("%w: %q is no address", ErrBadLogin, rest)
		}
		l.id.Account = a.Key()
	}
	if b.name == DefaultSandbox {
		return s.inDefault(l, b), nil
	}
	l.id.Sandbox = b.name
	l.secrets = s.secretsOf(b, l.id.Account)
	return l, nil
}

// inDefault is a login of the default sandbox; Store.mu is held. Without a token
// of its own it is open as long as the instance is; then anybody may still send.
func (s *Store) inDefault(l login, b *sandbox) login {
	l.id.Sandbox = DefaultSandbox
	l.secrets = s.secretsOf(b, l.id.Account)
	guarded := b.secret != nil || len(l.secrets) > 1 || len(l.secrets) == 1 && s.domain.admin == nil
	switch {
	case guarded:
	case s.o.Accounts != nil:
		l.byFile = true
	case s.domain.admin != nil:
		l.closed = true
	}
	return l
}

// secretsOf lists what opens an account: its own password, the sandbox's token,
// the administrator's token. Store.mu is held.
func (s *Store) secretsOf(b *sandbox, key string) []*secret {
	var list []*secret
	if acc := s.domain.account(b.space, key); key != "" && acc != nil && acc.secret != nil {
		list = append(list, acc.secret)
	}
	if b.secret != nil {
		list = append(list, b.secret)
	}
	if s.domain.admin != nil {
		list = append(list, s.domain.admin)
	}
	return list
}
