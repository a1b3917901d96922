package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/catchpost/catchpost/store/kv"
)

// Bounds of accounts with a row, and of entries with one, per sandbox.
const (
	maxAccounts = 100_000
	maxPlaces   = 2_000_000
	maxAddress  = 320 // octets of an account's address, RFC 5321 §4.5.3.1
)

// drops are the maildrops: accounts with a row and their mailboxes, in memory.
// All that is derived alone (a million recipients) is not here. Guarded by
// Store.mu; changed by the committer alone, but for the loading of an INBOX and
// the claim of \Recent, which readers do under the lock.
type drops struct {
	accounts map[SpaceID]map[string]*account
	byID     map[MailboxID]*mailbox
	// places are the entries that copies, moves and appends made of a message.
	places map[Sequence][]EntryChangeRow
	count  map[SpaceID]int // of places
	// claimed are the mailboxes whose claims of \Recent no row has yet.
	claimed map[MailboxID]bool
	opened  Sequence // expunges up to here are in the change log alone
}

// account is an account with a row.
type account struct {
	space   *space
	key     string
	address string // as first spelled
	created time.Time
	secret  *secret  // nil: no password of its own
	since   Sequence // deliveries up to here are not in its INBOX
	deleted bool     // it has no mailboxes; what arrives later makes it anew

	subscribed map[string]bool
	boxes      map[string]*mailbox // by name
}

func (a *account) ref() AccountRef { return AccountRef{Sandbox: a.space.name, Key: a.key} }

// hasChildren reports whether a mailbox lies under name.
func (a *account) hasChildren(name string) bool {
	for other := range a.boxes {
		if isBelow(other, name) {
			return true
		}
	}
	return false
}

// account finds an account with a row, nil if there is none.
func (d *domain) account(sp *space, key string) *account { return d.drops.accounts[sp.id][key] }

// inbox finds the INBOX of an account that was looked at, nil if there is none.
func (d *domain) inbox(sp *space, key string) *mailbox {
	if a := d.account(sp, key); a != nil {
		return a.boxes[Inbox]
	}
	return nil
}

func (d *drops) addAccount(a *account) {
	m := d.accounts[a.space.id]
	if m == nil {
		m = make(map[string]*account)
		d.accounts[a.space.id] = m
	}
	m[a.key] = a
}

func (d *drops) addPlace(sp *space, message Sequence, at EntryChangeRow) {
	d.places[message] = append(d.places[message], at)
	d.count[sp.id]++
}

func (d *drops) dropPlace(sp *space, message Sequence, at EntryChangeRow) {
	left := slices.DeleteFunc(d.places[message], func(e EntryChangeRow) bool { return e == at })
	d.count[sp.id]--
	if len(left) == 0 {
		delete(d.places, message)
	} else {
		d.places[message] = left
	}
}

// loadDrops reads accounts, mailboxes and the rows of entries.
func (s *Store) loadDrops(r kv.Reader) error {
	d := &s.domain.drops
	*d = drops{
		accounts: make(map[SpaceID]map[string]*account), byID: make(map[MailboxID]*mailbox),
		places: make(map[Sequence][]EntryChangeRow), count: make(map[SpaceID]int), opened: s.sequence,
		claimed: make(map[MailboxID]bool),
	}
	for k, v := range r.Scan(bucketAccount, nil, nil, 0, false) {
		id, key, ok := parseSpaceKey(k)
		sp := s.spacesByID[id]
		if !ok || sp == nil {
			return fmt.Errorf("%w: account key %x", ErrCorrupt, k)
		}
		a, err := decodeAccount(v)
		if err != nil {
			return err
		}
		a.space, a.key, a.boxes = sp, string(key), make(map[string]*mailbox)
		d.addAccount(a)
	}
	for k, v := range r.Scan(bucketMailbox, nil, nil, 0, false) {
		id, rest, ok := parseSpaceKey(k)
		box, known := parseSequenceKey(rest)
		m, key, err := decodeMailbox(v)
		if err != nil {
			return err
		}
		acc := d.accounts[id][key]
		if !ok || !known || acc == nil {
			return fmt.Errorf("%w: mailbox key %x", ErrCorrupt, k)
		}
		m.id, m.acc, m.expungedFrom = MailboxID(box), acc, d.opened
		acc.boxes[m.name], d.byID[m.id] = m, m
		acc.space.next.uid = max(acc.space.next.uid, m.uidNext-1)
	}
	if err := d.loadPlaces(s, r); err != nil {
		return err
	}
	for _, sp := range s.spacesByID {
		sp.now = sp.next
	}
	return nil
}

// loadPlaces reads the rows of entries.
func (d *drops) loadPlaces(s *Store, r kv.Reader) error {
	for k, v := range r.Scan(bucketEntry, nil, nil, 0, false) {
		id, uid, err := decodeEntryKey(k)
		if err != nil {
			return err
		}
		row, err := decodeEntryRow(v)
		if err != nil {
			return err
		}
		m := d.byID[id]
		if m == nil {
			return fmt.Errorf("%w: entry %d of the unknown mailbox %d", ErrCorrupt, uid, id)
		}
		m.acc.space.next.uid = max(m.acc.space.next.uid, uid)
		if row.kind != entryExplicit {
			m.override(uid, row)
			continue
		}
		ordinal, ok := s.index.find(row.message)
		if !ok {
			return fmt.Errorf("%w: entry %d of mailbox %d without its message", ErrCorrupt, uid, id)
		}
		m.add(place{
			uid: uid, explicit: true, flags: row.flags, modseq: row.modseq, message: row.message,
			size: int64(s.index.at(ordinal).size), date: row.date, saved: row.saved,
		})
		d.addPlace(m.acc.space, row.message, EntryChangeRow{Mailbox: id, UID: uid})
	}
	return nil
}

// override keeps the row of a derived entry until the INBOX is loaded.
func (m *mailbox) override(uid UID, row entryRow) {
	if m.overrides == nil {
		m.overrides = make(map[UID]entryRow)
	}
	m.overrides[uid] = row
	m.modseq = max(m.modseq, row.modseq)
}

// loadBox derives an INBOX from what was captured, when it is first asked for.
// The caller must not hold Store.mu.
func (s *Store) loadBox(m *mailbox) {
	s.mu.RLock()
	loaded := m.loaded || !m.isInbox()
	s.mu.RUnlock()
	if loaded {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.derive(m)
}

// derive fills an INBOX; Store.mu is held for writing.
func (s *Store) derive(m *mailbox) {
	if m.loaded {
		return
	}
	sp, catchAll := m.acc.space, m.acc.key == ""
	list := sp.accounts[m.acc.key]
	if catchAll {
		list = sp.list
	}
	explicit := m.entries
	m.entries = make([]place, 0, len(list)+len(explicit))
	m.unseen, m.deleted, m.size = 0, 0, 0
	for _, ordinal := range list {
		e := s.index.at(ordinal)
		if e.sequence <= m.acc.since || e.marks&markAppended != 0 {
			continue
		}
		row, differs := m.overrides[e.uid]
		if row.kind == entryTombstone {
			continue
		}
		p := place{uid: e.uid, modseq: e.sequence, message: e.sequence, size: int64(e.size), date: int64(e.at) * 1e9, saved: int64(e.at)}
		if differs {
			p.flags, p.modseq = row.flags, row.modseq
		}
		if catchAll {
			p.flags = p.flags&^evidenceFlags | e.marks.flags()
		}
		m.entries = append(m.entries, p)
	}
	m.entries = append(m.entries, explicit...)
	slices.SortFunc(m.entries, func(a, b place) int { return int(int64(a.uid) - int64(b.uid)) })
	for i := range m.entries {
		m.count(m.entries[i], 1)
		m.modseq = max(m.modseq, m.entries[i].modseq)
	}
	if n := len(m.entries); n > 0 {
		m.uidNext = max(m.uidNext, m.entries[n-1].uid+1)
	}
	m.overrides, m.loaded = nil, true
}

// flags are those of a catch-all entry that the message itself holds.
func (k marks) flags() Flags {
	var f Flags
	if k&markSeen != 0 {
		f |= FlagSeen
	}
	if k&markFlagged != 0 {
		f |= FlagFlagged
	}
	return f
}

// freeMailboxes removes the mailboxes of an ended sandbox, in chunks.
func (s *Store) freeMailboxes(ctx context.Context, sp *space) error {
	s.mu.RLock()
	var boxes []*mailbox
	for _, a := range s.domain.drops.accounts[sp.id] {
		for _, m := range a.boxes {
			boxes = append(boxes, m)
		}
	}
	s.mu.RUnlock()
	for part := range slices.Chunk(boxes, removedAtOnce) {
		err := s.update(ctx, func(t *tx) error {
			for _, m := range part {
				from, to := mailboxRange(m.id)
				t.DeleteRange(bucketEntry, from, to)
				t.Delete(bucketMailbox, mailboxKey(sp.id, m.id))
			}
			t.apply(func() {
				for _, m := range part {
					for _, e := range m.entries {
						if e.explicit {
							t.s.domain.drops.dropPlace(sp, e.message, EntryChangeRow{Mailbox: m.id, UID: e.uid})
						}
					}
					delete(m.acc.boxes, m.name)
					delete(t.s.domain.drops.byID, m.id)
				}
			})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// freeDomain removes the accounts, aliases, contacts, queue and webhooks of an
// ended sandbox.
func (t *tx) freeDomain(sp *space) {
	from := spaceKey(sp.id)
	for _, b := range []kv.Bucket{bucketAccount, bucketAlias, bucketContact, bucketMetadata} {
		t.DeleteRange(b, from, after(from))
	}
	t.freeOut(sp)
	t.apply(func() {
		delete(t.s.domain.aliases, sp.id)
		delete(t.s.domain.drops.accounts, sp.id)
		delete(t.s.domain.drops.count, sp.id)
		delete(t.s.domain.metadata, sp.id)
	})
}
