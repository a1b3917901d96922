package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/store/kv"
)

// MailboxInfo is what LIST, STATUS and SELECT say of a mailbox.
type MailboxInfo struct {
	ID            MailboxID
	ObjectID      string // RFC 8474 §4: for ever the mailbox's, through renames
	Account       AccountRef
	Name          string // UTF-8, levels parted by MailboxSeparator
	SpecialUse    string // `\Sent`, RFC 6154; "" for none
	Subscribed    bool
	HasChildren   bool
	UIDValidity   UIDValidity
	UIDNext       UID
	HighestModSeq Sequence // at least 1
	Count         int
	Unseen        int
	Recent        int
	Deleted       int
	Size          int64 // octets of all messages
}

// Mailboxes returns an account's mailboxes, INBOX first, the others by name.
// Looking at an account for the first time makes its mailboxes.
// Errors: ErrNoSandbox, ErrSandboxEnded.
func (s *Store) Mailboxes(ctx context.Context, ref AccountRef) ([]MailboxInfo, error) {
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	boxes := slices.Collect(maps.Values(acc.boxes))
	s.mu.RUnlock()
	for _, m := range boxes {
		s.loadBox(m)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]MailboxInfo, 0, len(boxes))
	for _, m := range boxes {
		if s.domain.drops.byID[m.id] == m {
			list = append(list, m.info())
		}
	}
	slices.SortFunc(list, func(a, b MailboxInfo) int {
		if ai, bi := a.Name == Inbox, b.Name == Inbox; ai != bi {
			if ai {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list, nil
}

// Mailbox returns one by name. Errors: ErrNotFound, ErrBadName and those of Mailboxes.
func (s *Store) Mailbox(ctx context.Context, ref AccountRef, name string) (MailboxInfo, error) {
	name, err := MailboxName(name)
	if err != nil {
		return MailboxInfo{}, err
	}
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return MailboxInfo{}, err
	}
	s.mu.RLock()
	m := acc.boxes[name]
	s.mu.RUnlock()
	if m == nil {
		return MailboxInfo{}, fmt.Errorf("mailbox %q: %w", name, ErrNotFound)
	}
	return s.MailboxByID(ctx, m.id)
}

// MailboxByID returns one; ErrNotFound when it was deleted.
func (s *Store) MailboxByID(ctx context.Context, id MailboxID) (MailboxInfo, error) {
	var info MailboxInfo
	err := s.inMailbox(id, func(m *mailbox) { info = m.info() })
	return info, err
}

// inMailbox runs fn on a loaded mailbox of a living sandbox under Store.mu.
func (s *Store) inMailbox(id MailboxID, fn func(*mailbox)) error {
	m, err := s.mailbox(id)
	if err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.domain.drops.byID[id] != m {
		return fmt.Errorf("mailbox: %w", ErrNotFound)
	}
	fn(m)
	return nil
}

// mailbox finds a mailbox of a living sandbox and loads it.
func (s *Store) mailbox(id MailboxID) (*mailbox, error) {
	s.mu.RLock()
	m, err := s.livingBox(id)
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	s.loadBox(m)
	return m, nil
}

// livingBox finds a mailbox; Store.mu is held, or this is the committer.
func (s *Store) livingBox(id MailboxID) (*mailbox, error) {
	m := s.domain.drops.byID[id]
	if m == nil {
		return nil, fmt.Errorf("mailbox: %w", ErrNotFound)
	}
	if m.acc.space.ended {
		return nil, s.noSpace(m.acc.space.name)
	}
	return m, nil
}

// MailboxState is a mailbox at one moment: parallel slices, UIDs ascending. They
// are the caller's own.
type MailboxState struct {
	MailboxInfo
	Keywords []string // names of the keyword bits, see Flags.Names
	UIDs     []UID
	Keys     []Sequence // the messages
	Flags    []Flags    // without FlagRecent
	ModSeqs  []Sequence
	Sizes    []int64
	Dates    []int64 // INTERNALDATE, Unix nanoseconds
}

// MailboxState returns a snapshot. Errors: ErrNotFound.
func (s *Store) MailboxState(ctx context.Context, id MailboxID) (*MailboxState, error) {
	var st *MailboxState
	err := s.inMailbox(id, func(m *mailbox) { st = m.snapshot() })
	return st, err
}

// EntryState is one entry's place in a delta.
type EntryState struct {
	UID    UID
	Key    Sequence
	Flags  Flags
	ModSeq Sequence
	Size   int64
	Date   int64 // INTERNALDATE, Unix nanoseconds
}

// MailboxDelta is what happened in a mailbox after a mod-sequence.
type MailboxDelta struct {
	HighestModSeq Sequence
	Keywords      []string
	Entries       []EntryState // added or changed, UIDs ascending
	Expunged      []UID        // ascending
	// Complete is false when the record of expunges does not reach back that far:
	// then Expunged is to be found by comparing with a snapshot (RFC 7162 §3.2.5.2).
	Complete bool
}

// EntriesSince returns what changed after modseq; it is how a client's view
// follows the mailbox. Errors: ErrNotFound.
func (s *Store) EntriesSince(ctx context.Context, id MailboxID, modseq Sequence) (MailboxDelta, error) {
	var d MailboxDelta
	var box mailbox
	err := s.inMailbox(id, func(m *mailbox) { d, box = m.since(modseq), *m })
	if err != nil || d.Complete {
		return d, err
	}
	gone, complete, err := s.loggedExpunges(ctx, &box, modseq, box.expungedFrom)
	if err != nil {
		return MailboxDelta{}, err
	}
	d.Complete = complete
	d.Expunged = append(d.Expunged, gone...)
	slices.Sort(d.Expunged)
	d.Expunged = slices.Compact(d.Expunged)
	return d, nil
}

// loggedExpunges reads from the change log which entries left a mailbox after
// one change, up to another.
func (s *Store) loggedExpunges(ctx context.Context, m *mailbox, from, to Sequence) (gone []UID, complete bool, err error) {
	sp := m.acc.space
	err = s.view(func(r kv.Reader) error {
		gone = nil
		complete = from >= Sequence(kv.Counter(r.Get(bucketMeta, metaChangeFloor)))
		for k, v := range r.Scan(bucketChange, sequenceKey(from+1), sequenceKey(to+1), 0, false) {
			seq, _ := parseSequenceKey(k)
			id, c, err := decodeChange(seq, v)
			if err != nil || ctx.Err() != nil {
				return firstOf(err, ctx.Err())
			}
			if id != sp.id || c.Kind != MessageDeleted && c.Kind != EntryExpunged {
				continue
			}
			for _, e := range c.Entries {
				if e.Mailbox == m.id {
					gone = append(gone, e.UID)
				}
			}
			derived := c.Kind == MessageDeleted && m.isInbox() && (m.acc.key == "" || slices.Contains(c.Accounts, m.acc.key))
			if derived {
				gone = append(gone, c.UID)
			}
		}
		return nil
	})
	return gone, complete, err
}
