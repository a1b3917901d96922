package store

// This file keeps mailboxes in step with the evidence: what is captured enters
// the INBOXes, what is deleted or pruned leaves every mailbox.

// receive puts a captured message into the INBOXes that somebody looked at;
// Store.mu is held.
func (s *Store) receive(sp *space, m *Message, at uint32) {
	accounts := s.domain.drops.accounts[sp.id]
	if len(accounts) == 0 {
		return
	}
	p := place{uid: m.UID, modseq: m.Sequence, message: m.Sequence, size: m.Size, date: int64(at) * 1e9, saved: int64(at)}
	into := func(key string) {
		if box := s.domain.inbox(sp, key); box != nil {
			if box.loaded {
				box.add(p)
			}
			box.uidNext = max(box.uidNext, p.uid+1)
			box.modseq = max(box.modseq, p.modseq)
		}
	}
	for _, key := range m.Accounts {
		into(key)
	}
	into("")
}

// putMailbox writes a mailbox's row with the numbers and, unless nil, the
// keywords it will have; what this transaction wrote of it before holds on.
func (t *tx) putMailbox(m *mailbox, keywords []string, uidNext UID, modseq Sequence) {
	row := t.boxes[m.id]
	if row == nil {
		t.s.mu.RLock() // recentFrom is moved by readers
		now := *m
		t.s.mu.RUnlock()
		row = &now
		t.boxes[m.id] = row
	}
	if keywords != nil {
		row.keywords = keywords
	}
	row.uidNext, row.modseq = max(row.uidNext, uidNext), max(row.modseq, modseq)
	t.Put(bucketMailbox, mailboxKey(m.acc.space.id, m.id), encodeMailbox(row))
}

// forgetEntries removes a message's entries when its evidence goes, under the
// sequence of that change, and returns the explicit ones for the change's row;
// the derived ones are told by the message's UID and accounts.
func (t *tx) forgetEntries(sp *space, m *Message, at Sequence) []EntryChangeRow {
	d := &t.s.domain
	rows := append(d.drops.places[m.Sequence][:0:0], d.drops.places[m.Sequence]...)
	rows = append(rows, t.added[m.Sequence]...)
	for _, row := range rows {
		box := d.drops.byID[row.Mailbox]
		t.Delete(bucketEntry, entryKey(row.Mailbox, row.UID))
		t.putMailbox(box, nil, row.UID+1, at)
	}
	derived := t.forgetDerived(sp, m, at)
	seq := m.Sequence
	if len(rows)+len(derived) > 0 {
		t.apply(func() {
			for _, row := range rows {
				d.drops.byID[row.Mailbox].remove([]UID{row.UID}, at)
				d.drops.dropPlace(sp, seq, row)
			}
			for _, box := range derived {
				box.leave(m.UID, at)
			}
		})
	}
	return rows
}

// forgetDerived finds the INBOXes a delivery stands in and deletes its rows there.
func (t *tx) forgetDerived(sp *space, m *Message, at Sequence) []*mailbox {
	var boxes []*mailbox
	if m.isAppended() || len(t.s.domain.drops.accounts[sp.id]) == 0 {
		return nil
	}
	from := func(key string) {
		box := t.s.domain.inbox(sp, key)
		if box == nil || m.Sequence <= box.acc.since {
			return
		}
		rowKey := entryKey(box.id, m.UID)
		gone := false // expunged before: the mailbox does not change once more
		if v := t.Get(bucketEntry, rowKey); v != nil {
			row, err := decodeEntryRow(v)
			gone = err == nil && row.kind == entryTombstone
			t.Delete(bucketEntry, rowKey)
		}
		if !gone {
			t.putMailbox(box, nil, m.UID+1, at)
		}
		boxes = append(boxes, box)
	}
	for _, key := range m.Accounts {
		from(key)
	}
	from("")
	return boxes
}

// leave takes out a derived entry whose message is gone; one that was expunged
// before is gone already.
func (m *mailbox) leave(uid UID, modseq Sequence) {
	if m.loaded {
		if _, there := m.find(uid); there {
			m.remove([]UID{uid}, modseq)
		}
		return
	}
	if m.overrides[uid].kind != entryTombstone {
		m.modseq = max(m.modseq, modseq)
		m.remember(expunge{modseq, []UID{uid}})
	}
	m.uidNext = max(m.uidNext, uid+1)
	delete(m.overrides, uid)
}

// catchAllEntry is a message's entry in the INBOX of the catch-all account; zero
// when nobody looked at that yet.
func (s *Store) catchAllEntry(m *Message) EntryChangeRow {
	sp := s.spaces[m.Sandbox]
	if sp == nil || m.isAppended() {
		return EntryChangeRow{}
	}
	if box := s.domain.inbox(sp, ""); box != nil {
		return EntryChangeRow{Mailbox: box.id, UID: m.UID}
	}
	return EntryChangeRow{}
}

// stateChanged is told that seen, flagged or tags of a message changed (m has
// the new ones) under a sequence: the mod-sequence of its catch-all entry.
func (t *tx) stateChanged(sp *space, m *Message, old state, seq Sequence) {
	box := t.s.domain.inbox(sp, "")
	if box == nil || m.isAppended() || m.Sequence <= box.acc.since || m.Seen == old.seen && m.Flagged == old.flagged {
		return
	}
	var now Flags
	if m.Seen {
		now |= FlagSeen
	}
	if m.Flagged {
		now |= FlagFlagged
	}
	row := entryRow{kind: entryOverride, message: m.Sequence}
	key := entryKey(box.id, m.UID)
	if v := t.Get(bucketEntry, key); v != nil {
		if have, err := decodeEntryRow(v); err == nil {
			row = have
		}
	}
	if row.kind == entryTombstone {
		return
	}
	row.flags, row.modseq = row.flags&^evidenceFlags|now, seq
	t.Put(bucketEntry, key, row.encode())
	t.putMailbox(box, nil, 0, seq)
	uid := m.UID
	t.apply(func() {
		if !box.loaded {
			box.override(uid, row)
		} else if i, there := box.find(uid); there {
			box.setFlags(i, row.flags, seq)
		}
	})
}
