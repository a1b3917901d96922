package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// FlagChange says what STORE does.
type FlagChange struct {
	Op    FlagOp
	Flags []string // `\Seen`, `$Junk`
	// UnchangedSince, when set, leaves alone every entry with a higher
	// mod-sequence (RFC 7162 §3.1.3).
	UnchangedSince *Sequence
}

// FlagResult is what became of one UID.
type FlagResult struct {
	UID    UID
	Flags  Flags // as they now are
	ModSeq Sequence
	Failed bool // changed since UnchangedSince
}

// StoreFlags changes the flags of the entries that are there, in one commit. A
// UID that is not there has no result. Errors: ErrNotFound, ErrBadName,
// ErrTooManyKeywords.
func (s *Store) StoreFlags(ctx context.Context, id MailboxID, uids []UID, c FlagChange) ([]FlagResult, error) {
	if _, err := s.mailbox(id); err != nil {
		return nil, err
	}
	var results []FlagResult
	err := s.alone(ctx, func(t *tx) error {
		m, err := t.s.livingBox(id)
		if err != nil {
			return err
		}
		flags, keywords, err := parseFlags(c.Flags, m.keywords, c.Op != RemoveFlags)
		if err != nil {
			return err
		}
		picked := m.pick(uids)
		results = make([]FlagResult, len(picked))
		var changed []int // indexes into picked
		for n, i := range picked {
			e := &m.entries[i]
			results[n] = FlagResult{UID: e.uid, Flags: e.flags, ModSeq: e.modseq}
			if c.UnchangedSince != nil && e.modseq > *c.UnchangedSince {
				results[n].Failed = true
			} else if f := c.Op.apply(e.flags, flags); f != e.flags {
				results[n].Flags = f
				changed = append(changed, n)
			}
		}
		if len(changed) == 0 {
			return nil
		}
		return t.putFlags(m, picked, changed, results, keywords)
	})
	return results, err
}

// putFlags writes new flags: results[n] holds those of the entry picked[n], for
// every n in changed.
func (t *tx) putFlags(m *mailbox, picked, changed []int, results []FlagResult, keywords []string) error {
	sp := m.acc.space
	seq := t.nextSequence()
	rows := make([]EntryChangeRow, 0, len(changed))
	catchAll := m.isInbox() && m.acc.key == ""
	for _, n := range changed {
		e := m.entries[picked[n]]
		old := e.flags
		e.flags, e.modseq = results[n].Flags, seq
		results[n].ModSeq = seq
		t.Put(bucketEntry, entryKey(m.id, e.uid), e.row().encode())
		rows = append(rows, EntryChangeRow{Mailbox: m.id, UID: e.uid})
		if catchAll && !e.explicit && (old^e.flags)&evidenceFlags != 0 {
			if err := t.putEvidenceFlags(sp, e); err != nil {
				return err
			}
		}
	}
	t.putMailbox(m, keywords, 0, seq)
	t.changeAt(sp, seq, Change{Kind: EntryChanged, Mailbox: m.id, Entries: rows})
	t.apply(func() {
		m.keywords = keywords
		for _, n := range changed {
			m.setFlags(picked[n], results[n].Flags, seq)
		}
	})
	return nil
}

// putEvidenceFlags carries \Seen and \Flagged of a catch-all entry to its
// message, where the API reads them.
func (t *tx) putEvidenceFlags(sp *space, e place) error {
	seen, flagged := e.flags&FlagSeen != 0, e.flags&FlagFlagged != 0
	_, _, _, err := t.putState(sp, e.message, StateChange{Seen: &seen, Flagged: &flagged})
	return err
}

// Expunge removes entries in one commit, of uids (nil: all) those with \Deleted,
// or with any true whatever their flags. It returns the UIDs removed, ascending,
// and the change's mod-sequence.
func (s *Store) Expunge(ctx context.Context, id MailboxID, uids []UID, any bool) ([]UID, Sequence, error) {
	if _, err := s.mailbox(id); err != nil {
		return nil, 0, err
	}
	var gone []UID
	var seq Sequence
	err := s.alone(ctx, func(t *tx) error {
		m, err := t.s.livingBox(id)
		if err != nil {
			return err
		}
		gone, seq = nil, max(m.modseq, 1)
		picked := m.pickAll(uids)
		if !any {
			picked = slices.DeleteFunc(picked, func(i int) bool { return m.entries[i].flags&FlagDeleted == 0 })
		}
		if len(picked) == 0 {
			return nil
		}
		gone, seq, err = t.removePlaces(m, picked, false)
		return err
	})
	return gone, seq, err
}

// pickAll is pick, ascending and each once; nil picks all.
func (m *mailbox) pickAll(uids []UID) []int {
	if uids == nil {
		picked := make([]int, len(m.entries))
		for i := range picked {
			picked[i] = i
		}
		return picked
	}
	picked := m.pick(uids)
	slices.Sort(picked)
	return slices.Compact(picked)
}

// removePlaces takes entries (indexes, ascending) out of a mailbox. copied says
// that each has a new place already, so that no message can be left without.
func (t *tx) removePlaces(m *mailbox, picked []int, copied bool) ([]UID, Sequence, error) {
	sp, d := m.acc.space, &t.s.domain.drops
	seq := t.nextSequence()
	uids := make([]UID, len(picked))
	rows := make([]EntryChangeRow, len(picked))
	var held []place
	for n, i := range picked {
		e := m.entries[i]
		uids[n], rows[n] = e.uid, EntryChangeRow{Mailbox: m.id, UID: e.uid}
		if e.explicit {
			t.Delete(bucketEntry, entryKey(m.id, e.uid))
			held = append(held, e)
		} else {
			row := entryRow{kind: entryTombstone, message: e.message, modseq: seq}
			t.Put(bucketEntry, entryKey(m.id, e.uid), row.encode())
		}
	}
	t.putMailbox(m, nil, 0, seq)
	t.saveNumbers(sp)
	t.changeAt(sp, seq, Change{Kind: EntryExpunged, Mailbox: m.id, Entries: rows})
	t.apply(func() {
		m.remove(uids, seq)
		for i := range held {
			d.dropPlace(sp, held[i].message, EntryChangeRow{Mailbox: m.id, UID: held[i].uid})
		}
	})
	if copied {
		return uids, seq, nil
	}
	return uids, seq, t.freeAppended(sp, m.id, held)
}

// Transfer is the answer to COPY, MOVE and APPEND: COPYUID and APPENDUID of RFC 4315.
type Transfer struct {
	UIDValidity UIDValidity // of the destination
	From        []UID       // ascending; empty for APPEND
	To          []UID       // parallel to From
	ModSeq      Sequence
}

// Copy puts the entries that are there into another mailbox of the sandbox, with
// their flags and dates, in one commit. Errors: ErrNotFound, ErrFull.
func (s *Store) Copy(ctx context.Context, src MailboxID, uids []UID, dst MailboxID) (Transfer, error) {
	return s.transfer(ctx, src, uids, dst, false)
}

// Move is Copy and Expunge in one commit, RFC 6851.
func (s *Store) Move(ctx context.Context, src MailboxID, uids []UID, dst MailboxID) (Transfer, error) {
	return s.transfer(ctx, src, uids, dst, true)
}

func (s *Store) transfer(ctx context.Context, src MailboxID, uids []UID, dst MailboxID, move bool) (Transfer, error) {
	for _, id := range []MailboxID{src, dst} {
		if _, err := s.mailbox(id); err != nil {
			return Transfer{}, err
		}
	}
	var result Transfer
	err := s.alone(ctx, func(t *tx) error {
		from, err := t.s.livingBox(src)
		if err != nil {
			return err
		}
		to, err := t.s.livingBox(dst)
		if err != nil {
			return err
		}
		if from.acc.space != to.acc.space {
			return fmt.Errorf("mailbox of another sandbox: %w", ErrNotFound)
		}
		picked := from.pickAll(uids)
		if t.s.domain.drops.count[to.acc.space.id]+len(picked) > maxPlaces {
			return fmt.Errorf("%w: the sandbox has too many copies", ErrFull)
		}
		if len(picked) == 0 {
			result = Transfer{UIDValidity: to.validity, ModSeq: max(to.modseq, 1)}
			return nil
		}
		result = t.copyPlaces(from, picked, to)
		if move {
			_, result.ModSeq, err = t.removePlaces(from, picked, true)
		}
		return err
	})
	return result, err
}

// copyPlaces makes entries of a mailbox's messages in another, or in itself.
func (t *tx) copyPlaces(from *mailbox, picked []int, to *mailbox) Transfer {
	sp, d := to.acc.space, &t.s.domain.drops
	seq := t.nextSequence()
	result := Transfer{UIDValidity: to.validity, ModSeq: seq}
	keywords := to.keywords
	places := make([]place, len(picked))
	rows := make([]EntryChangeRow, len(picked))
	for n, i := range picked {
		e := from.entries[i]
		result.From = append(result.From, e.uid)
		e.uid, e.explicit, e.modseq, e.saved = t.nextUID(sp), true, seq, t.now.Unix()
		e.flags, keywords = e.flags.translate(from.keywords, keywords)
		result.To = append(result.To, e.uid)
		places[n], rows[n] = e, EntryChangeRow{Mailbox: to.id, UID: e.uid}
		t.Put(bucketEntry, entryKey(to.id, e.uid), e.row().encode())
	}
	t.putMailbox(to, keywords, places[len(places)-1].uid+1, seq)
	t.changeAt(sp, seq, Change{Kind: EntryAdded, Mailbox: to.id, Entries: rows})
	t.apply(func() {
		to.keywords = keywords
		for n := range places {
			to.add(places[n])
			d.addPlace(sp, places[n].message, rows[n])
		}
	})
	return result
}

// AppendItem is one message of an APPEND.
type AppendItem struct {
	Octets *Octets // consumed, whatever the result
	Flags  []string
	Date   time.Time // INTERNALDATE; zero is now
}

// Append adds messages, all or none (RFC 3502). Errors: ErrNotFound, ErrFull,
// ErrDiskFull, ErrBadName, ErrTooManyKeywords.
func (s *Store) Append(ctx context.Context, id MailboxID, items []AppendItem) (Transfer, error) {
	return s.appendItems(ctx, id, items, func(*tx, *mailbox) error { return nil })
}

// appendItems is Append with something that goes before it in its transaction.
func (s *Store) appendItems(ctx context.Context, id MailboxID, items []AppendItem, before func(*tx, *mailbox) error) (Transfer, error) {
	defer func() {
		for _, item := range items {
			item.Octets.Discard()
		}
	}()
	m, err := s.mailbox(id)
	if err != nil {
		return Transfer{}, err
	}
	var captures []*capture
	defer func() { s.abandon(captures) }()
	for _, item := range items {
		d := Delivery{Origin: model.OriginAppend, Sandbox: m.acc.space.name, Octets: item.Octets}
		c, _, err := s.makeCaptures(d)
		captures = append(captures, c...)
		if err != nil {
			return Transfer{}, err
		}
	}
	var result Transfer
	err = s.alone(ctx, func(t *tx) error {
		m, err := t.s.livingBox(id)
		if err != nil {
			return err
		}
		flags := make([]Flags, len(items))
		keywords := m.keywords
		for i, item := range items {
			if flags[i], keywords, err = parseFlags(item.Flags, keywords, true); err != nil {
				return err
			}
		}
		if t.s.domain.drops.count[m.acc.space.id]+len(items) > maxPlaces {
			return fmt.Errorf("%w: the sandbox has too many entries", ErrFull)
		}
		if err := before(t, m); err != nil {
			return err
		}
		n := 0
		result = Transfer{UIDValidity: m.validity}
		err = t.capture(captures, func(t *tx, msg *Message) error {
			t.appendPlace(m, msg, flags[n], items[n].Date)
			result.To = append(result.To, msg.UID)
			n++
			return nil
		})
		if err != nil || n == 0 {
			return err
		}
		result.ModSeq = t.logAppended(m, captures, keywords)
		return nil
	})
	if err == nil {
		captures = nil // they are in the store
	}
	return result, err
}

// appendPlace writes the entry of a message just captured; its mod-sequence is
// the message's own sequence.
func (t *tx) appendPlace(m *mailbox, msg *Message, flags Flags, date time.Time) {
	sp := m.acc.space
	if date.IsZero() {
		date = msg.ReceivedAt
	}
	p := place{
		uid: msg.UID, explicit: true, flags: flags, modseq: msg.Sequence, message: msg.Sequence,
		size: msg.Size, date: date.UnixNano(), saved: t.now.Unix(),
	}
	row := EntryChangeRow{Mailbox: m.id, UID: p.uid}
	t.Put(bucketEntry, entryKey(m.id, p.uid), p.row().encode())
	t.added[msg.Sequence] = append(t.added[msg.Sequence], row)
	t.apply(func() {
		m.add(p)
		t.s.domain.drops.addPlace(sp, p.message, row)
	})
}

// logAppended logs the entries of an APPEND in one change.
func (t *tx) logAppended(m *mailbox, captures []*capture, keywords []string) Sequence {
	seq := t.nextSequence()
	rows := make([]EntryChangeRow, len(captures))
	for i, c := range captures {
		rows[i] = EntryChangeRow{Mailbox: m.id, UID: c.m.UID}
	}
	t.putMailbox(m, keywords, captures[len(captures)-1].m.UID+1, seq)
	t.changeAt(m.acc.space, seq, Change{Kind: EntryAdded, Mailbox: m.id, Entries: rows})
	t.apply(func() {
		m.keywords = keywords
		m.modseq = max(m.modseq, seq)
	})
	return seq
}
