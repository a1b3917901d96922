package store

import (
	"encoding/binary"
	"iter"

	"github.com/catchpost/catchpost/store/kv"
)

// The buckets. A new one is appended here and to schema; files made before it
// get it when they are opened.
const (
	bucketMeta       kv.Bucket = iota // name → value: format, floors, store-wide counters
	bucketMessage                     // sequence ‖ kind → record, search text, octets of a message
	bucketChange                      // sequence → change
	bucketState                       // sequence → message state that differs from "new"
	bucketCounters                    // space → numbers that outlive rows
	bucketSandbox                     // space → sandbox
	bucketMailbox                     // space ‖ mailbox → mailbox
	bucketEntry                       // mailbox ‖ UID → entry
	bucketAccount                     // space ‖ account key → account
	bucketAlias                       // space ‖ name → alias
	bucketContact                     // space ‖ account key ‖ 0 ‖ contact → contact
	bucketSession                     // number → session
	bucketQueue                       // queue entry → queue entry
	bucketOutbox                      // number → outbox entry
	bucketWebhook                     // space ‖ webhook → webhook
	bucketDelivery                    // webhook ‖ number → a try to deliver
	bucketRelayRules                  // space → relay rules
	bucketMetadata                    // space ‖ whose ‖ name → annotation

	// Of format 1; see migrate.go.
	bucketRaw1    // sequence → octets
	bucketRecord1 // sequence → message record
	bucketText1   // sequence → search text
	bucketChange1 // sequence → change
)

// schema of the file; the order is that of the constants above.
var schema = []kv.Schema{
	bucketMeta:       {Name: "meta"},
	bucketMessage:    {Name: "message", Packed: true},
	bucketChange:     {Name: "changes", Packed: true},
	bucketState:      {Name: "state"},
	bucketCounters:   {Name: "counters"},
	bucketSandbox:    {Name: "sandbox"},
	bucketMailbox:    {Name: "mailbox"},
	bucketEntry:      {Name: "entry"},
	bucketAccount:    {Name: "account"},
	bucketAlias:      {Name: "alias"},
	bucketContact:    {Name: "contact"},
	bucketSession:    {Name: "session", Ascending: true},
	bucketQueue:      {Name: "queue", Ascending: true},
	bucketOutbox:     {Name: "outbox", Ascending: true},
	bucketWebhook:    {Name: "webhook"},
	bucketDelivery:   {Name: "delivery"},
	bucketRelayRules: {Name: "relayrules"},
	bucketMetadata:   {Name: "metadata"},

	bucketRaw1:    {Name: "raw", Ascending: true},
	bucketRecord1: {Name: "record", Ascending: true},
	bucketText1:   {Name: "text", Ascending: true},
	bucketChange1: {Name: "change", Ascending: true},
}

// Keys of bucketMeta.
var (
	metaFormat      = []byte("format")       // counter: formatVersion
	metaIDTag       = []byte("id-tag")       // 8 octets, random: makes IDs of this file its own
	metaChangeFloor = []byte("change-floor") // counter: the change log holds sequences beyond it
	metaOutbox      = []byte("outbox")       // counter: of outbox items
	metaDelivery    = []byte("delivery")     // counter: of rows in the logs of webhooks
	metaMailbox     = []byte("mailbox")      // counter: of mailbox IDs
	metaUIDValidity = []byte("uidvalidity")  // counter: the newest UIDVALIDITY
	metaNames       = []byte("names")        // counter: of generated sandbox names
	metaSequence    = []byte("sequence")     // counter: no sequence up to it is given again
	metaMoving      = []byte("moving")       // counter: the format that rows are still being moved from
)

// Keys are fixed-width big-endian numbers, so that key order is value order;
// text stands last, or is followed by a zero octet.

// rowKind tells the rows of one message apart; they stand in this order.
type rowKind byte

const (
	rowRecord rowKind = iota + 1 // what is known of it
	rowText                      // folded search text, if it is kept
	rowRaw                       // octets, up to blobThreshold
	rowAfter                     // none: the end of a message's rows
)

// messageKey is the key of a message's row. All rows of a message, and of those
// that one commit brings, stand beside each other: they are written as one.
func messageKey(seq Sequence, kind rowKind) []byte {
	return append(sequenceKey(seq), byte(kind))
}

func parseMessageKey(k []byte) (Sequence, rowKind, bool) {
	if len(k) != 9 || k[8] < byte(rowRecord) || k[8] >= byte(rowAfter) {
		return 0, 0, false
	}
	seq, ok := parseSequenceKey(k[:8])
	return seq, rowKind(k[8]), ok
}

// messageRow reads a message's row of a kind; nil if there is none.
func messageRow(r kv.Reader, seq Sequence, kind rowKind) []byte {
	return r.Get(bucketMessage, messageKey(seq, kind))
}

// messageRows yields keys and rows of all messages, of one kind, in order.
func messageRows(r kv.Reader, kind rowKind) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, row []byte) bool) {
		for k, row := range r.Scan(bucketMessage, nil, nil, 0, false) {
			if len(k) > 0 && k[len(k)-1] == byte(kind) && !yield(k, row) {
				return
			}
		}
	}
}

// sequenceKey is the key of change and state rows.
func sequenceKey(seq Sequence) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, 9), uint64(seq))
}

func parseSequenceKey(k []byte) (Sequence, bool) {
	if len(k) != 8 {
		return 0, false
	}
	return Sequence(binary.BigEndian.Uint64(k)), true
}

// spaceKey is the key of sandbox and counters rows, and the prefix of what a
// sandbox owns.
func spaceKey(id SpaceID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

func parseSpaceKey(k []byte) (id SpaceID, rest []byte, ok bool) {
	if len(k) < 8 {
		return 0, nil, false
	}
	return SpaceID(binary.BigEndian.Uint64(k)), k[8:], true
}

// after is the first key that does not begin with prefix, nil if there is none:
// Scan(b, prefix, after(prefix), …) yields exactly the keys beginning with it.
func after(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xFF {
			end := append([]byte(nil), prefix[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}
