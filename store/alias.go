package store

import "context"

// Alias is a name with members: what is written to it appears in its own
// account and in each member's INBOX from then on.
type Alias struct {
	Sandbox string
	Address string
	Members []string // addresses; a member that is an alias itself is followed
}

// Aliases returns the aliases of a sandbox by address.
func (s *Store) Aliases(ctx context.Context, sandbox string) ([]Alias, error) {
	panic("being built")
}

// Alias finds one by address, for EXPN. Errors: ErrNotFound.
func (s *Store) Alias(ctx context.Context, sandbox, address string) (Alias, error) {
	panic("being built")
}

// PutAlias makes or replaces one. Errors: ErrBadName, ErrNoSandbox, ErrFull.
func (s *Store) PutAlias(ctx context.Context, a Alias) error { panic("being built") }

// DeleteAlias removes one. Errors: ErrNotFound.
func (s *Store) DeleteAlias(ctx context.Context, sandbox, address string) error {
	panic("being built")
}
