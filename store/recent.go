package store

import (
	"context"
	"errors"
)

// ClaimRecent makes the caller the session that sees every entry up to UID upTo
// first (RFC 3501 §2.3.2 \Recent) and returns the first of them: entries from
// there to upTo are \Recent to this session alone. With claim false (EXAMINE)
// they stay unclaimed. A claim is written with the mailbox's next change, by the
// housekeeping, or at Close: what a crash loses is \Recent once more, as RFC 3501
// wants it where it cannot be known.
func (s *Store) ClaimRecent(id MailboxID, upTo UID, claim bool) (from UID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.livingBox(id)
	if err != nil {
		return 0, err
	}
	from = m.recentFrom
	if claim && upTo >= m.recentFrom {
		m.recentFrom = upTo + 1
		s.domain.drops.claimed[id] = true
	}
	return from, nil
}

// saveClaims writes the claims that no row has yet.
func (s *Store) saveClaims(ctx context.Context) error {
	s.mu.RLock()
	n := len(s.domain.drops.claimed)
	s.mu.RUnlock()
	if n == 0 {
		return nil
	}
	err := s.alone(ctx, func(t *tx) error {
		t.s.mu.Lock()
		claimed := t.s.domain.drops.claimed
		t.s.domain.drops.claimed = make(map[MailboxID]bool)
		t.s.mu.Unlock()
		for id := range claimed {
			if m := t.s.domain.drops.byID[id]; m != nil && !m.acc.space.ended {
				t.putMailbox(m, nil, 0, 0)
			}
		}
		return nil
	})
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}
