package store

import (
	"context"
	"time"
)

// AccountRef names an account: its sandbox and its key (address.Address.Key).
// The empty key is the sandbox's catch-all account.
type AccountRef struct {
	Sandbox string
	Key     string
}

// Account is one address's maildrop, or the catch-all. Most are derived from
// what was captured and have no row.
type Account struct {
	AccountRef
	Address     string    // as first spelled; "" for the catch-all
	CreatedAt   time.Time // zero while it is only derived
	HasPassword bool
	Messages    int // of INBOX
	Unseen      int
	Bytes       int64
}

// NewAccount describes an account to create. With a Password the account is
// opened by it (or by the sandbox's token) alone.
type NewAccount struct {
	Sandbox  string
	Address  string
	Password string
}

// Accounts returns the accounts of a sandbox by key, the catch-all first.
// Errors: ErrNoSandbox, ErrSandboxEnded.
func (s *Store) Accounts(ctx context.Context, sandbox string) ([]Account, error) {
	panic("being built")
}

// Account returns one; an address that nobody has written to yet has an empty one.
// Errors: ErrNoSandbox, ErrSandboxEnded, ErrNotFound for a deleted one.
func (s *Store) Account(ctx context.Context, ref AccountRef) (Account, error) {
	panic("being built")
}

// CreateAccount gives an address a row of its own, or a new password if it has one.
// Errors: ErrNoSandbox, ErrSandboxEnded, ErrBadName.
func (s *Store) CreateAccount(ctx context.Context, n NewAccount) (Account, error) {
	panic("being built")
}

// DeleteAccount removes an account's mailboxes and entries, never the evidence;
// what arrives later makes it anew. Errors: ErrNotFound.
func (s *Store) DeleteAccount(ctx context.Context, ref AccountRef) error { panic("being built") }
