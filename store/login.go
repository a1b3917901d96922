package store

import "context"

// Identity is who a login turned out to be.
type Identity struct {
	Sandbox string
	Account string // account key (address.Address.Key); "" is the sandbox's catch-all account
	User    string // the login name as given
	// Verified is false where the instance is open and took the login unchecked.
	Verified bool
	// MayRead is false where a login may send (anybody may write to default) but
	// not read: an unknown user of an instance that is not open.
	MayRead bool
}

// Secrets are what a challenge-response mechanism needs of one login.
type Secrets struct {
	// SCRAM-SHA-256 verifier, RFC 5802 §3.
	Salt                 []byte
	Iterations           int
	StoredKey, ServerKey []byte
	// CRAMInner and CRAMOuter are HMAC-MD5 contexts, RFC 2195 §2.
	CRAMInner, CRAMOuter []byte
}

// Login judges a user name and a password by the login grammar and rules of
// DESIGN §2. Errors: ErrBadLogin, ErrSandboxEnded (each with the reason wrapped).
func (s *Store) Login(ctx context.Context, user, password string) (Identity, error) {
	panic("being built")
}

// LoginSecrets returns the identity and the secrets of a login; ok is false
// where the login is open and no secret exists.
func (s *Store) LoginSecrets(ctx context.Context, user string) (id Identity, sec Secrets, ok bool, err error) {
	panic("being built")
}
