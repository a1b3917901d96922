package store

import (
	"encoding/binary"
	"fmt"
)

// Keys and values of entries. All numbers are fixed in width and big-endian, so
// that the order of octets is the order of numbers.
//
//	entries: mailbox ID (8) ‖ UID (4) → kind (1) ‖ message (8) ‖ modseq (8) ‖ flags (8) ‖ date (8) ‖ saved (8)

// entryKind says what a row makes of a UID.
type entryKind uint8

const (
	entryOverride  entryKind = 1 // a derived entry whose flags differ
	entryExplicit  entryKind = 2 // an entry by copy, move or append
	entryTombstone entryKind = 3 // a derived entry that was expunged
)

// entryRow is the value of an entry's row.
type entryRow struct {
	kind    entryKind
	message Sequence
	modseq  Sequence
	flags   Flags
	date    int64
	saved   int64
}

const (
	entryKeySize = 12
	entryRowSize = 41
)

func entryKey(id MailboxID, uid UID) []byte {
	k := binary.BigEndian.AppendUint64(make([]byte, 0, entryKeySize), uint64(id))
	return binary.BigEndian.AppendUint32(k, uint32(uid))
}

// mailboxRange bounds the entry rows of one mailbox.
func mailboxRange(id MailboxID) (from, to []byte) {
	return binary.BigEndian.AppendUint64(nil, uint64(id)), binary.BigEndian.AppendUint64(nil, uint64(id)+1)
}

func decodeEntryKey(k []byte) (MailboxID, UID, error) {
	if len(k) != entryKeySize {
		return 0, 0, fmt.Errorf("%w: an entry's key of %d octets", ErrCorrupt, len(k))
	}
	return MailboxID(binary.BigEndian.Uint64(k)), UID(binary.BigEndian.Uint32(k[8:])), nil
}

func (r entryRow) encode() []byte {
	b := make([]byte, 0, entryRowSize)
	b = append(b, byte(r.kind))
	b = binary.BigEndian.AppendUint64(b, uint64(r.message))
	b = binary.BigEndian.AppendUint64(b, uint64(r.modseq))
	b = binary.BigEndian.AppendUint64(b, uint64(r.flags))
	b = binary.BigEndian.AppendUint64(b, uint64(r.date))
	return binary.BigEndian.AppendUint64(b, uint64(r.saved))
}

func decodeEntryRow(v []byte) (entryRow, error) {
	if len(v) != entryRowSize || v[0] < byte(entryOverride) || v[0] > byte(entryTombstone) {
		return entryRow{}, fmt.Errorf("%w: an entry's row of %d octets", ErrCorrupt, len(v))
	}
	u := func(at int) uint64 { return binary.BigEndian.Uint64(v[at:]) }
	return entryRow{
		kind: entryKind(v[0]), message: Sequence(u(1)), modseq: Sequence(u(9)),
		flags: Flags(u(17)), date: int64(u(25)), saved: int64(u(33)),
	}, nil
}

// row is what an entry looks like on disk.
func (p *place) row() entryRow {
	kind := entryOverride
	if p.explicit {
		kind = entryExplicit
	}
	return entryRow{kind: kind, message: p.message, modseq: p.modseq, flags: p.flags, date: p.date, saved: p.saved}
}
