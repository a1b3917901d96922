package store

import (
	"encoding/binary"
	"maps"
	"slices"
)

const (
	accountVersion = 1
	mailboxVersion = 1
)

func accountRowKey(id SpaceID, key string) []byte { return append(spaceKey(id), key...) }

// mailboxKey is space ‖ mailbox ID.
func mailboxKey(id SpaceID, box MailboxID) []byte {
	return binary.BigEndian.AppendUint64(spaceKey(id), uint64(box))
}

func encodeAccount(a *account) []byte {
	w := writer{}
	w.octet(accountVersion)
	w.string(a.address)
	w.time(a.created)
	w.uint(uint64(a.since))
	w.bool(a.deleted)
	w.secret(a.secret)
	w.strings(slices.Sorted(maps.Keys(a.subscribed)))
	return w.b
}

func decodeAccount(row []byte) (*account, error) {
	r := reader{b: row}
	r.version(accountVersion)
	a := &account{address: r.string(), created: r.time(), since: Sequence(r.uint()), deleted: r.bool(), secret: r.secret()}
	a.subscribed = make(map[string]bool)
	for _, name := range r.strings() {
		a.subscribed[name] = true
	}
	return a, r.finish("account")
}

func encodeMailbox(m *mailbox) []byte {
	w := writer{}
	w.octet(mailboxVersion)
	w.string(m.acc.key)
	w.string(m.name)
	w.string(m.specialUse)
	w.uint(uint64(m.validity))
	w.uint(uint64(m.uidNext))
	w.uint(uint64(m.modseq))
	w.uint(uint64(m.recentFrom))
	w.strings(m.keywords)
	return w.b
}

func decodeMailbox(row []byte) (m *mailbox, account string, err error) {
	r := reader{b: row}
	r.version(mailboxVersion)
	account = r.string()
	m = &mailbox{
		name: r.string(), specialUse: r.string(), validity: UIDValidity(r.uint()),
		uidNext: UID(r.uint()), modseq: Sequence(r.uint()), recentFrom: UID(r.uint()), keywords: r.strings(),
	}
	return m, account, r.finish("mailbox")
}
