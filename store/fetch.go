package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/catchpost/catchpost/store/kv"
)

// Bounds of one view while many messages are fetched.
const (
	fetchBatch  = 256
	fetchOctets = 512 << 10
)

// Record is what FETCH needs of a message without opening it. The slices are
// valid during the call only.
type Record struct {
	UID           UID
	ID            string // the message's: EMAILID of RFC 8474
	Key           Sequence
	Size          int64
	Date          time.Time // INTERNALDATE
	SaveDate      time.Time // RFC 8514
	Envelope      []byte    // wire octets, RFC 9051 §7.5.2
	Body          []byte
	BodyStructure []byte
}

// located copies the entries of UIDs that are there, in the order of uids.
func (s *Store) located(id MailboxID, uids []UID) ([]place, error) {
	var places []place
	err := s.inMailbox(id, func(m *mailbox) {
		picked := m.pick(uids)
		places = make([]place, len(picked))
		for n, i := range picked {
			places[n] = m.entries[i]
		}
	})
	return places, err
}

// FetchRecords calls fn for each of the entries that are there, in the order of
// uids; what is deleted meanwhile is passed over. It reads in short views, and
// fn runs outside of them. An error of fn ends it.
func (s *Store) FetchRecords(ctx context.Context, id MailboxID, uids []UID, fn func(*Record) error) error {
	places, err := s.located(id, uids)
	if err != nil {
		return err
	}
	var arena []byte
	records := make([]Record, 0, fetchBatch)
	for part := range slices.Chunk(places, fetchBatch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		arena, records = arena[:0], records[:0]
		ends := make([][3]int, 0, fetchBatch)
		err := s.view(func(r kv.Reader) error {
			for i, row := range rowsOf(r, rowRecord, part) {
				var end [3]int
				if arena, end, err = appendWire(arena, row); err != nil {
					return err
				}
				ends = append(ends, end)
				records = append(records, s.recordOf(&part[i]))
			}
			return nil
		})
		if err != nil {
			return err
		}
		at := 0
		for i := range records {
			r, end := &records[i], ends[i]
			r.Envelope, r.Body, r.BodyStructure = arena[at:end[0]], arena[end[0]:end[1]], arena[end[1]:end[2]]
			at = end[2]
			if err := fn(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowsOf yields the rows of a kind of the messages that entries name, with the entry's
// index, those that are there. Messages that lie close together are read in one
// walk, which is several times quicker than looking up each.
func rowsOf(r kv.Reader, kind rowKind, part []place) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		first, last := part[0].message, part[len(part)-1].message
		ascending := slices.IsSortedFunc(part, func(a, b place) int { return cmp.Compare(a.message, b.message) })
		if !ascending || uint64(last-first) > 4*uint64(len(part)) {
			for i := range part {
				if row := messageRow(r, part[i].message, kind); row != nil && !yield(i, row) {
					return
				}
			}
			return
		}
		i := 0
		for k, row := range r.Scan(bucketMessage, messageKey(first, rowRecord), messageKey(last, rowAfter), 0, false) {
			seq, is, _ := parseMessageKey(k)
			if is != kind {
				continue
			}
			for i < len(part) && part[i].message < seq {
				i++
			}
			for i < len(part) && part[i].message == seq { // a message may stand here twice
				if !yield(i, row) {
					return
				}
				i++
			}
		}
	}
}

func (s *Store) recordOf(p *place) Record {
	return Record{
		UID: p.uid, ID: s.idOf(p.message), Key: p.message, Size: p.size,
		Date: time.Unix(0, p.date).UTC(), SaveDate: time.Unix(p.saved, 0).UTC(),
	}
}

// FetchMessages is FetchRecords with the whole decoded message.
func (s *Store) FetchMessages(ctx context.Context, id MailboxID, uids []UID, fn func(UID, *Message) error) error {
	places, err := s.located(id, uids)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(places, fetchBatch) {
		sequences := make([]Sequence, len(part))
		for i := range part {
			sequences[i] = part[i].message
		}
		messages, err := s.MessagesAt(ctx, sequences)
		if err != nil {
			return err
		}
		for i, m := range messages {
			if m == nil {
				continue
			}
			if err := fn(part[i].uid, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// FetchRaw is FetchRecords with the octets, which are valid during the call only.
func (s *Store) FetchRaw(ctx context.Context, id MailboxID, uids []UID, fn func(uid UID, raw []byte) error) error {
	places, err := s.located(id, uids)
	if err != nil {
		return err
	}
	var arena []byte
	var ends, which []int
	for len(places) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		arena, ends, which = arena[:0], ends[:0], which[:0]
		n := 0
		err := s.view(func(r kv.Reader) error {
			for n < len(places) && n < fetchBatch && (n == 0 || int64(len(arena))+places[n].size <= fetchOctets) {
				var err error
				if arena, err = s.appendRaw(arena, r, places[n].message); err == nil {
					ends, which = append(ends, len(arena)), append(which, n)
				} else if !errors.Is(err, ErrNotFound) {
					return err
				}
				n++
			}
			return nil
		})
		if err != nil {
			return err
		}
		at := 0
		for i, end := range ends {
			if err := fn(places[which[i]].uid, arena[at:end:end]); err != nil {
				return err
			}
			at = end
		}
		places = places[n:]
	}
	return nil
}

// appendRaw appends a message's octets.
func (s *Store) appendRaw(arena []byte, r kv.Reader, seq Sequence) ([]byte, error) {
	if v := messageRow(r, seq, rowRaw); v != nil {
		return append(arena, v...), nil
	}
	raw, err := s.readRaw(r, &Message{Sequence: seq})
	return append(arena, raw...), err
}

// SearchMailbox returns the UIDs, ascending, of the entries whose search text
// (message.Digest.SearchText) holds every needle (message.Fold). It asks keep, if
// set, last.
func (s *Store) SearchMailbox(ctx context.Context, id MailboxID, needles []string, keep func(UID) bool) ([]UID, error) {
	var candidates []place
	err := s.inMailbox(id, func(m *mailbox) { candidates = s.mayHold(m, needles) })
	if err != nil {
		return nil, err
	}
	found := make([]UID, 0, len(candidates))
	for part := range slices.Chunk(candidates, fetchBatch) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		at := len(found)
		err := s.view(func(r kv.Reader) error {
			found = found[:at]
			for i := range part {
				if s.holdsMail(r, part[i].message, needles) {
					found = append(found, part[i].uid)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if keep != nil {
		found = slices.DeleteFunc(found, func(u UID) bool { return !keep(u) })
	}
	return found, nil
}

// mayHold copies the entries whose signatures allow all needles; Store.mu is held.
func (s *Store) mayHold(m *mailbox, needles []string) []place {
	if len(needles) == 0 {
		return slices.Clone(m.entries)
	}
	var list []place
	s.allowed(m, needles, func(p *place) { list = append(list, *p) })
	return list
}

// allowed calls fn for the entries whose signatures allow all needles.
func (s *Store) allowed(m *mailbox, needles []string, fn func(*place)) {
	matcher := s.index.signatures.matcher(needles)
	for i := range m.entries {
		ordinal, ok := s.index.find(m.entries[i].message)
		if ok && matcher.may(s.index.at(ordinal).column) {
			fn(&m.entries[i])
		}
	}
}

func holdsAll(text []byte, needles []string) bool {
	for _, n := range needles {
		if !bytes.Contains(text, []byte(n)) {
			return false
		}
	}
	return true
}
