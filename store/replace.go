package store

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoEntry is what Replace answers when the entry that was to go is not there.
var ErrNoEntry = errors.New("no such entry")

// Replace adds a message to a mailbox and removes an entry of the same or another
// mailbox, in one commit (RFC 8508): what the entry took counts no more when the
// limits judge the new message. Transfer.ModSeq is that of the removal. Errors:
// ErrNoEntry, and those of Append; then nothing has changed.
func (s *Store) Replace(ctx context.Context, src MailboxID, uid UID, dst MailboxID, item AppendItem) (Transfer, error) {
	if _, err := s.mailbox(src); err != nil {
		item.Octets.Discard()
		return Transfer{}, err
	}
	var seq Sequence
	result, err := s.appendItems(ctx, dst, []AppendItem{item}, func(t *tx, to *mailbox) error {
		from, err := t.s.livingBox(src)
		if err != nil {
			return err
		}
		if from.acc.space != to.acc.space {
			return fmt.Errorf("mailbox of another sandbox: %w", ErrNotFound)
		}
		i, found := from.find(uid)
		if !found {
			return fmt.Errorf("%w: UID %d in %q", ErrNoEntry, uid, from.name)
		}
		_, seq, err = t.removePlaces(from, []int{i}, false)
		return err
	})
	if err != nil {
		return Transfer{}, err
	}
	result.From, result.ModSeq = []UID{uid}, seq
	return result, nil
}
