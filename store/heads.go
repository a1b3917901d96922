package store

import (
	"context"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/store/kv"
)

// Head is a message as far as a search by subject, address or date looks at it. It
// is valid during the call only.
type Head struct {
	UID UID
	ID  string // the message's
	row []byte // of its record: from the subject to the date
}

// Subject is the decoded subject.
func (h *Head) Subject() []byte {
	r := reader{b: h.row}
	return r.take(r.uint())
}

// Digest decodes Subject, the address lists and Date; all else of it is zero.
func (h *Head) Digest() *message.Digest {
	r := reader{b: h.row}
	return r.digestHead()
}

// FetchHeads is FetchRecords with heads.
func (s *Store) FetchHeads(ctx context.Context, id MailboxID, uids []UID, fn func(*Head) error) error {
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
		part := places[:min(fetchBatch, len(places))]
		places = places[len(part):]
		arena, ends, which = arena[:0], ends[:0], which[:0]
		err := s.view(func(r kv.Reader) error {
			for i, row := range rowsOf(r, rowRecord, part) {
				if arena, err = appendHead(arena, row); err != nil {
					return err
				}
				ends, which = append(ends, len(arena)), append(which, i)
			}
			return nil
		})
		if err != nil {
			return err
		}
		at := 0
		for n, end := range ends {
			p := &part[which[n]]
			if err := fn(&Head{UID: p.uid, ID: s.idOf(p.message), row: arena[at:end:end]}); err != nil {
				return err
			}
			at = end
		}
	}
	return nil
}

// appendHead appends what a head has of a record's row.
func appendHead(arena, row []byte) ([]byte, error) {
	r := reader{b: row}
	r.version(recordVersion)
	r.fixed32() // UID
	r.skipToSubject()
	from := r.b
	r.skipToMessageID()
	return append(arena, from[:len(from)-len(r.b)]...), r.finish("message record")
}

// MayHold returns the UIDs, ascending, of the entries whose search text may hold
// every needle (message.Fold), by their signatures alone: a caller that looks at the
// messages itself is spared the reading of their texts. All that hold them are there.
func (s *Store) MayHold(ctx context.Context, id MailboxID, needles []string) ([]UID, error) {
	var uids []UID
	err := s.inMailbox(id, func(m *mailbox) {
		uids = make([]UID, 0, len(m.entries))
		s.allowed(m, needles, func(p *place) { uids = append(uids, p.uid) })
	})
	return uids, err
}
