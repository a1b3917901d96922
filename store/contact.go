package store

import (
	"context"
	"time"
)

// Contact is an entry of an account's address book.
type Contact struct {
	ID        string
	Account   AccountRef
	Name      string
	Addresses []string
	Note      string
	UpdatedAt time.Time
}

// Contacts returns an account's contacts by name; query, if not empty, must
// stand in the name, an address or the note, without regard to case.
func (s *Store) Contacts(ctx context.Context, acc AccountRef, query string, limit int) ([]Contact, error) {
	panic("being built")
}

// Contact returns one. Errors: ErrNotFound.
func (s *Store) Contact(ctx context.Context, acc AccountRef, id string) (Contact, error) {
	panic("being built")
}

// PutContact creates (empty ID) or replaces one. Errors: ErrBadName, ErrFull, ErrNotFound.
func (s *Store) PutContact(ctx context.Context, c Contact) (Contact, error) { panic("being built") }

// DeleteContact removes one. Errors: ErrNotFound.
func (s *Store) DeleteContact(ctx context.Context, acc AccountRef, id string) error {
	panic("being built")
}
