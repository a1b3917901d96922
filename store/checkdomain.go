package store

import (
	"errors"
	"fmt"

	"github.com/catchpost/catchpost/store/kv"
)

// checkDomain verifies the rows and memory of the domain. Store.mu is held for
// reading, by the committer.
func (s *Store) checkDomain(r kv.Reader) error {
	var errs []error
	wrong := func(format string, args ...any) {
		if len(errs) < checkErrors {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	s.checkSandboxes(r, wrong)
	s.checkMailboxes(r, wrong)
	s.checkPlaces(r, wrong)
	s.checkOut(r, wrong)
	s.checkMetadata(r, wrong)
	return errors.Join(errs...)
}

func (s *Store) checkSandboxes(r kv.Reader, wrong func(string, ...any)) {
	for name, sp := range s.spaces {
		if b := s.domain.sandboxes[sp.id]; b == nil || b.space != sp || b.name != name || sp.name != name || sp.ended {
			wrong("sandbox %s: its row and its space differ", name)
		}
	}
	rows := 0
	for k, v := range r.Scan(bucketSandbox, nil, nil, 0, false) {
		id, _, _ := parseSpaceKey(k)
		rows++
		row, err := decodeSandbox(v)
		b := s.domain.sandboxes[id]
		if err != nil || b == nil || row.name != b.name || !row.endedAt.Equal(b.endedAt) || row.freed != b.freed {
			wrong("sandbox %d: its row differs from memory (%v)", id, err)
		}
	}
	if n := len(s.domain.sandboxes); n != rows && n != rows+1 { // the default one needs no row
		wrong("%d sandboxes in memory, %d rows", n, rows)
	}
	for _, b := range s.domain.sandboxes {
		if b.secret != nil && s.domain.tokens[b.secret.Hash] != b {
			wrong("sandbox %s: its token is not found", b.name)
		}
	}
}

func (s *Store) checkMailboxes(r kv.Reader, wrong func(string, ...any)) {
	d := &s.domain.drops
	validity := make(map[UIDValidity]bool)
	newest := UIDValidity(kv.Counter(r.Get(bucketMeta, metaUIDValidity)))
	boxes := 0
	for id, accounts := range d.accounts {
		for key, a := range accounts {
			if a.key != key || a.space.id != id {
				wrong("account %q stands under %q", a.key, key)
			}
			for name, m := range a.boxes {
				boxes++
				if m.name != name || m.acc != a || d.byID[m.id] != m {
					wrong("mailbox %q stands under %q", m.name, name)
				}
				if validity[m.validity] || m.validity > newest {
					wrong("mailbox %q: UIDVALIDITY %d was given twice or never", name, m.validity)
				}
				validity[m.validity] = true
				s.checkMailbox(m, wrong)
			}
		}
	}
	if boxes != len(d.byID) {
		wrong("%d mailboxes by name, %d by ID", boxes, len(d.byID))
	}
	rows := 0
	for k, v := range r.Scan(bucketMailbox, nil, nil, 0, false) {
		rows++
		_, rest, _ := parseSpaceKey(k)
		id, _ := parseSequenceKey(rest)
		row, key, err := decodeMailbox(v)
		m := d.byID[MailboxID(id)]
		switch {
		case err != nil || m == nil || row.name != m.name || key != m.acc.key || row.validity != m.validity:
			wrong("mailbox %d: its row differs from memory (%v)", id, err)
		case row.uidNext > m.uidNext || row.modseq > max(m.modseq, 1):
			wrong("mailbox %q: its row is ahead: UIDNEXT %d of %d, HIGHESTMODSEQ %d of %d", m.name, row.uidNext, m.uidNext, row.modseq, m.modseq)
		}
	}
	if rows != len(d.byID) {
		wrong("%d mailboxes, %d rows", len(d.byID), rows)
	}
}

// checkMailbox verifies a mailbox against itself and the evidence.
func (s *Store) checkMailbox(m *mailbox, wrong func(string, ...any)) {
	var sums mailbox
	last := UID(0)
	for _, p := range m.entries {
		ordinal, ok := s.index.find(p.message)
		switch {
		case p.uid <= last || p.uid >= m.uidNext:
			wrong("mailbox %q: UID %d after %d, UIDNEXT %d", m.name, p.uid, last, m.uidNext)
		case p.modseq > m.modseq:
			wrong("mailbox %q: UID %d has mod-sequence %d of %d", m.name, p.uid, p.modseq, m.modseq)
		case !ok || s.index.at(ordinal).space != m.acc.space:
			wrong("mailbox %q: UID %d without its message", m.name, p.uid)
		case m.loaded && m.acc.key == "" && !p.explicit && (p.flags^s.index.at(ordinal).marks.flags())&evidenceFlags != 0:
			wrong("mailbox %q: UID %d: the entry's flags are not the message's", m.name, p.uid)
		}
		last = p.uid
		sums.count(p, 1)
	}
	if sums.unseen != m.unseen || sums.deleted != m.deleted || sums.size != m.size {
		wrong("mailbox %q: sums %d %d %d, counted %d %d %d", m.name, m.unseen, m.deleted, m.size, sums.unseen, sums.deleted, sums.size)
	}
}

// checkPlaces holds the rows of entries against memory.
func (s *Store) checkPlaces(r kv.Reader, wrong func(string, ...any)) {
	d := &s.domain.drops
	explicit := 0
	for k, v := range r.Scan(bucketEntry, nil, nil, 0, false) {
		id, uid, err := decodeEntryKey(k)
		row, err2 := decodeEntryRow(v)
		m := d.byID[id]
		if err != nil || err2 != nil || m == nil {
			wrong("entry row %x: %v %v", k, err, err2)
			continue
		}
		i, there := m.find(uid)
		switch row.kind {
		case entryExplicit:
			explicit++
			if !there || m.entries[i].row() != row {
				wrong("mailbox %q: the row of UID %d differs from memory", m.name, uid)
			}
		case entryTombstone:
			if there {
				wrong("mailbox %q: UID %d is there and expunged", m.name, uid)
			}
			if _, ok := s.index.find(row.message); !ok {
				wrong("mailbox %q: UID %d is expunged and its message gone", m.name, uid)
			}
		case entryOverride:
			if m.loaded && (!there || m.entries[i].flags != row.flags || m.entries[i].modseq != row.modseq) {
				wrong("mailbox %q: the flags of UID %d differ from memory", m.name, uid)
			}
		}
	}
	places := 0
	for seq, list := range d.places {
		places += len(list)
		for _, at := range list {
			m := d.byID[at.Mailbox]
			if m == nil {
				wrong("message %d has an entry in a mailbox that is gone", seq)
			} else if i, there := m.find(at.UID); !there || m.entries[i].message != seq {
				wrong("message %d has no entry %d in %q", seq, at.UID, m.name)
			}
		}
	}
	if explicit != places {
		wrong("%d entries of messages, %d rows", places, explicit)
	}
	for _, sp := range s.spaces {
		for _, ordinal := range sp.list {
			if e := s.index.at(ordinal); e.marks&markAppended != 0 && len(d.places[e.sequence]) == 0 {
				wrong("message %d was appended and is in no mailbox", e.sequence)
			}
		}
	}
}

// checkOut holds queue, webhooks and outbox against their rows.
func (s *Store) checkOut(r kv.Reader, wrong func(string, ...any)) {
	q := &s.domain.queue
	rows, byMessage, due, wait := 0, 0, 0, 0
	for k, v := range r.Scan(bucketQueue, nil, nil, 0, false) {
		rows++
		id, _ := parseSequenceKey(k)
		space, e, err := decodeQueueEntry(v)
		f, ok := q.all.Get(id)
		if err != nil || !ok || f.state != e.State || !f.next.Equal(e.NextAt) || f.space.id != space || s.idOf(f.message) != e.MessageID {
			wrong("queue entry %d: its row differs from memory (%v)", id, err)
			continue
		}
		if _, there := s.index.find(f.message); !there && !f.space.ended {
			wrong("queue entry %d: its message is gone", id)
		}
		if f.isDue() {
			wait++
		}
	}
	for _, list := range q.byMessage {
		byMessage += len(list)
	}
	for _, tree := range q.due {
		due += tree.Len()
	}
	if rows != q.all.Len() || rows != byMessage || due != wait {
		wrong("queue: %d rows, %d in memory, %d by message; %d due, %d in order", rows, q.all.Len(), byMessage, wait, due)
	}
	items, waits := 0, 0
	for k, v := range r.Scan(bucketOutbox, nil, nil, 0, false) {
		items++
		id, _ := parseSequenceKey(k)
		var row outboxRow
		if err := decodeJSON(outboxVersion, v, &row); err != nil {
			wrong("outbox item %d: %v", id, err)
		}
	}
	for _, h := range s.domain.hooks {
		waits += len(h.waiting)
		for i, w := range h.waiting {
			if i > 0 && w.id <= h.waiting[i-1].id || r.Get(bucketOutbox, sequenceKey(w.id)) == nil {
				wrong("webhook %s: item %d is out of order or has no row", h.ID, w.id)
			}
		}
		logged := 0
		for range r.Scan(bucketDelivery, sequenceKey(h.id), sequenceKey(h.id+1), 0, false) {
			logged++
		}
		if logged != len(h.logged) || logged > maxDeliveries {
			wrong("webhook %s: %d tries logged, %d in memory", h.ID, logged, len(h.logged))
		}
	}
	if items != waits {
		wrong("%d outbox rows, %d in memory", items, waits)
	}
}
