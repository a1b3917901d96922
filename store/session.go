package store

import (
	"context"

	"github.com/catchpost/catchpost/internal/model"
)

// SaveSession keeps a closed session and publishes it (SessionChanged). Bounded
// by count and octets; the oldest go first.
func (s *Store) SaveSession(ctx context.Context, sess *model.Session) error { panic("being built") }

// PublishSession tells subscribers of an open session's progress; nothing is stored.
func (s *Store) PublishSession(sess *model.Session) { panic("being built") }

// SessionQuery filters sessions; empty fields match all.
type SessionQuery struct {
	Sandbox string // "" is every sandbox (administrator)
	Peer    string // prefix of the client address
	Outcome string
	Verb    string
	Limit   int
	Cursor  string
}

// Sessions lists sessions, newest first, without their lines.
func (s *Store) Sessions(ctx context.Context, q SessionQuery) (sessions []*model.Session, next string, err error) {
	panic("being built")
}

// Session returns one with its lines.
func (s *Store) Session(ctx context.Context, id string) (*model.Session, error) { panic("being built") }
