package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/kv"
)

// sandboxOr takes an empty name as the default sandbox's.
func sandboxOr(name string) string {
	if name == "" {
		return DefaultSandbox
	}
	return name
}

// Message returns one message; sandbox "" finds it wherever it is.
// Errors: ErrNotFound, ErrNoSandbox, ErrSandboxEnded.
func (s *Store) Message(ctx context.Context, sandbox, id string) (*Message, error) {
	if sandbox != "" {
		if _, err := s.space(sandbox); err != nil {
			return nil, err
		}
	}
	seq, ok := s.sequenceOf(id)
	if !ok {
		return nil, ErrNotFound
	}
	m, err := s.messageAt(seq)
	if err != nil {
		return nil, err
	}
	if sandbox != "" && m.Sandbox != sandbox {
		return nil, ErrNotFound
	}
	return m, nil
}

// MessageAt returns the message of a sequence, the key that entries hold.
// Errors: ErrNotFound.
func (s *Store) MessageAt(ctx context.Context, seq Sequence) (*Message, error) {
	return s.messageAt(seq)
}

// MessagesAt returns the messages of sequences in their order, nil where there
// is none any more.
func (s *Store) MessagesAt(ctx context.Context, sequences []Sequence) ([]*Message, error) {
	messages := make([]*Message, len(sequences))
	rest := messages
	for part := range slices.Chunk(sequences, scanBatch) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		keys := make([][]byte, len(part))
		for i, seq := range part {
			keys[i] = messageKey(seq, rowRecord)
		}
		into := rest
		rest = rest[len(part):]
		err := s.view(func(r kv.Reader) error {
			for i, row := range r.MultiGet(bucketMessage, keys) {
				if row == nil {
					continue
				}
				rec, err := decodeRecord(part[i], row)
				if err != nil {
					return err
				}
				into[i] = s.complete(rec)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return messages, nil
}

func (s *Store) messageAt(seq Sequence) (*Message, error) {
	var rec *record
	err := s.view(func(r kv.Reader) (err error) {
		rec, err = readRecord(r, seq)
		return err
	})
	if err != nil {
		return nil, err
	}
	if m := s.complete(rec); m != nil {
		return m, nil
	}
	return nil, ErrNotFound
}

func readRecord(r kv.Reader, seq Sequence) (*record, error) {
	row := messageRow(r, seq, rowRecord)
	if row == nil {
		return nil, ErrNotFound
	}
	return decodeRecord(seq, row)
}

// complete gives a decoded message what memory knows of it; nil if it is not
// (or no longer, or not yet) in the index, or its sandbox has ended.
func (s *Store) complete(rec *record) *Message {
	m := rec.m
	s.mu.RLock()
	defer s.mu.RUnlock()
	ordinal, ok := s.index.find(m.Sequence)
	if !ok {
		return nil
	}
	e := s.index.at(ordinal)
	if e.space.ended {
		return nil
	}
	m.ID, m.Sandbox = s.idOf(m.Sequence), e.space.name
	st := s.index.state(ordinal, e)
	m.Seen, m.Flagged, m.Tags = st.seen, st.flagged, st.tags
	return m
}

// Raw returns a message's octets, copied. Errors: ErrNotFound when deleted since.
func (s *Store) Raw(ctx context.Context, m *Message) ([]byte, error) {
	var raw []byte
	err := s.view(func(r kv.Reader) (err error) {
		raw, err = s.readRaw(r, m)
		return err
	})
	return raw, err
}

// readRaw reads a message's octets from the database or its blob.
func (s *Store) readRaw(r kv.Reader, m *Message) ([]byte, error) {
	if v := messageRow(r, m.Sequence, rowRaw); v != nil {
		return append(make([]byte, 0, len(v)), v...), nil
	}
	rec, err := readRecord(r, m.Sequence)
	if err != nil {
		return nil, err
	}
	if rec.blob != "" {
		return s.blobs.read(rec.blob, rec.m.Size)
	}
	if rec.m.Size == 0 {
		return []byte{}, nil
	}
	return nil, fmt.Errorf("%w: message %s has no octets", ErrCorrupt, m.ID)
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// OpenRaw streams a message's octets. Errors: ErrNotFound when deleted since.
func (s *Store) OpenRaw(ctx context.Context, m *Message) (io.ReadSeekCloser, error) {
	if m.Size > blobThreshold {
		var rec *record
		err := s.view(func(r kv.Reader) (err error) {
			rec, err = readRecord(r, m.Sequence)
			return err
		})
		if err != nil {
			return nil, err
		}
		if rec.blob != "" {
			return s.blobs.open(rec.blob)
		}
	}
	raw, err := s.Raw(ctx, m)
	if err != nil {
		return nil, err
	}
	return nopCloser{bytes.NewReader(raw)}, nil
}

// SearchText returns what message.Digest.SearchText was at capture, and with it the
// blind copies that the envelope names.
func (s *Store) SearchText(ctx context.Context, m *Message) (string, error) {
	var text string
	err := s.view(func(r kv.Reader) (err error) {
		text, err = s.readText(r, m.Sequence)
		return err
	})
	return text, err
}

// textKept is the length in octets up to which search text is stored. A longer
// one would write a big mail nearly twice; it is derived from the octets again
// where it is needed, which its signature makes rare.
const textKept = 32 << 10

// readText returns a message's search text. Errors: ErrNotFound.
func (s *Store) readText(r kv.Reader, seq Sequence) (string, error) {
	text, err := s.textIn(r, seq)
	return string(text), err
}

// textIn is readText without a copy of what is stored: it is valid in the view only.
func (s *Store) textIn(r kv.Reader, seq Sequence) ([]byte, error) {
	if v := messageRow(r, seq, rowText); v != nil {
		return v, nil
	}
	row := messageRow(r, seq, rowRecord)
	if row == nil {
		return nil, ErrNotFound
	}
	rec, err := decodeRecordHead(seq, row)
	if err != nil {
		return nil, err
	}
	raw, err := s.readRaw(r, rec.m)
	if err != nil {
		return nil, err
	}
	d := message.Scan(raw)
	text, _ := rec.m.withBlind(d.SearchText, d.SearchQ)
	return []byte(text), nil
}

// holds reports whether all needles stand in a message's search text, or in its
// first octets if most is not negative.
func (s *Store) holds(r kv.Reader, seq Sequence, needles []string, most int) bool {
	if len(needles) == 0 {
		return true
	}
	text, err := s.textIn(r, seq)
	if err != nil {
		return false
	}
	if most >= 0 {
		text = text[:min(most, len(text))]
	}
	return holdsAll(text, needles)
}

// Summary is the message as it stands in lists; PageURL is left to the API.
func (m *Message) Summary() model.Summary {
	d := m.Digest
	s := model.Summary{
		ID: m.ID, Sandbox: m.Sandbox, Sequence: uint64(m.Sequence), Origin: m.Origin,
		ReceivedAt: m.ReceivedAt, Subject: d.Subject,
		From: list(d.From), To: list(d.To), Cc: list(d.Cc), Bcc: m.bcc(), ReplyTo: list(d.ReplyTo),
		ReversePath: m.ReversePath, ForwardPaths: list(m.ForwardPaths),
		Size: m.Size, Snippet: d.Snippet, AttachmentCount: d.Attachments,
		Seen: m.Seen, Flagged: m.Flagged, Tags: list(m.Tags),
	}
	if !d.Date.IsZero() {
		date := d.Date
		s.Date = &date
	}
	if d.MessageID != "" {
		id := d.MessageID
		s.MessageID = &id
	}
	return s
}

// list makes an absent list an empty one: in JSON a list is never null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// bcc is the Bcc header, plus the forward-paths that stand in no To, Cc or Bcc.
func (m *Message) bcc() []model.Address {
	bcc := slices.Clone(list(m.Digest.Bcc))
	for _, p := range m.blindPaths() {
		bcc = append(bcc, model.Address{Address: p})
	}
	return bcc
}
