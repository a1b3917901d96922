package store

import (
	"time"
)

// SpaceID is a sandbox's number inside the store, never given twice: the
// sequence of its creation; that of the default sandbox is 0.
type SpaceID uint64

// numbers of a sandbox that every commit may move.
type numbers struct {
	uid      UID // the last that was given
	messages int64
	bytes    int64
	pruned   int64
	sequence Sequence // newest change
}

// space is what the committer and the index know of a sandbox.
type space struct {
	id   SpaceID
	name string

	// next is the committer's: the numbers with the running transaction in them.
	next numbers

	// The rest is guarded by Store.mu, written by the committer alone.
	now    numbers // as published
	limits Limits
	offset time.Duration // of its clock
	ended  bool

	list     []uint32            // its messages
	accounts map[string][]uint32 // account key → messages delivered to it
	appended int64               // messages that only a client put here
	seen     int                 // of the others, those seen
	tags     map[string]int      // of the others, by tag
}

// space finds a living sandbox. Errors: ErrNoSandbox, ErrSandboxEnded.
func (s *Store) space(name string) (*space, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if sp := s.spaces[name]; sp != nil {
		return sp, nil
	}
	return nil, s.noSpace(name)
}

// joinSpace makes a sandbox known, under its name only if it lives. Call it while
// opening, or in tx.apply.
func (s *Store) joinSpace(sp *space) {
	s.spacesByID[sp.id] = sp
	if !sp.ended {
		s.spaces[sp.name] = sp
	}
}

// endSpace takes a sandbox's name away: from now on nothing enters it. Its rows
// stay until they are freed; then call dropSpace. Call it in tx.apply.
func (s *Store) endSpace(sp *space) {
	sp.ended = true
	if s.spaces[sp.name] == sp {
		delete(s.spaces, sp.name)
	}
}

// dropSpace forgets an ended sandbox whose rows are gone. Call it in tx.apply.
func (s *Store) dropSpace(sp *space) { delete(s.spacesByID, sp.id) }
