package store

import (
	"context"
	"fmt"

	"github.com/catchpost/catchpost/store/kv"
)

// loadNumbers finds the newest sequence and each sandbox's persisted numbers.
func (s *Store) loadNumbers(r kv.Reader) error {
	s.sequence = Sequence(max(kv.Counter(r.Get(bucketMeta, metaSequence)), kv.Counter(r.Get(bucketMeta, metaChangeFloor))))
	for k, v := range r.Scan(bucketCounters, nil, nil, 0, false) {
		id, _, ok := parseSpaceKey(k)
		n, err := decodeNumbers(v)
		if !ok || err != nil {
			return fmt.Errorf("%w: counters row %x", ErrCorrupt, k)
		}
		s.sequence = max(s.sequence, n.sequence)
		if sp := s.spacesByID[id]; sp != nil {
			sp.next = n
		}
	}
	for k, v := range r.Scan(bucketChange, nil, nil, 0, false) {
		seq, ok := parseSequenceKey(k)
		if !ok {
			return fmt.Errorf("%w: change key %x", ErrCorrupt, k)
		}
		id, c, err := decodeChange(seq, v)
		if err != nil {
			return err
		}
		if sp := s.spacesByID[id]; sp != nil && c.Sandbox == sp.name {
			sp.next.sequence = max(sp.next.sequence, seq)
		}
		s.sequence = max(s.sequence, seq)
	}
	return nil
}

// progressEvery is how many messages are indexed between two calls of Options.Progress.
const progressEvery = 1000

// loadMessages rebuilds the index and sweeps the blobs.
func (s *Store) loadMessages(ctx context.Context, r kv.Reader) error {
	total := 0
	if s.o.Progress != nil {
		for range messageRows(r, rowRecord) {
			total++
		}
	}
	done := 0
	named := make(map[string]bool)
	for k, v := range messageRows(r, rowRecord) {
		seq, _, ok := parseMessageKey(k)
		if !ok {
			return fmt.Errorf("%w: record key %x", ErrCorrupt, k)
		}
		rec, err := decodeRecordHead(seq, v)
		if err != nil {
			return fmt.Errorf("sequence %d: %w", seq, err)
		}
		if rec.blob != "" {
			named[rec.blob] = true
		}
		if err := s.loadMessage(r, rec); err != nil {
			return err
		}
		if done++; done%progressEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if s.o.Progress != nil {
				s.o.Progress(done, total)
			}
		}
	}
	if s.o.Progress != nil {
		s.o.Progress(done, total)
	}
	missing, err := s.blobs.sweep(named)
	if err != nil {
		return err
	}
	for _, name := range missing {
		s.log.Error("the octets of a message are missing", "file", s.blobs.path(name))
	}
	for _, sp := range s.spacesByID {
		sp.now = sp.next
	}
	return nil
}

// loadMessage puts a record into the index.
func (s *Store) loadMessage(r kv.Reader, rec *record) error {
	m := rec.m
	s.sequence = max(s.sequence, m.Sequence)
	sp := s.spacesByID[rec.space]
	if sp == nil {
		s.log.Error("a message belongs to no sandbox", "sequence", m.Sequence, "space", rec.space)
		return nil
	}
	key := sequenceKey(m.Sequence)
	if v := r.Get(bucketState, key); v != nil {
		st, err := decodeState(v)
		if err != nil {
			return fmt.Errorf("sequence %d: %w", m.Sequence, err)
		}
		m.Seen, m.Flagged, m.Tags = st.seen, st.flagged, st.tags
	}
	i := s.indexedOf(sp.id, m)
	text, err := s.readText(r, m.Sequence)
	if err != nil {
		return fmt.Errorf("sequence %d: %w", m.Sequence, err)
	}
	i.signature = sign(text)
	s.index.add(sp, m.Sequence, &i)
	n := &sp.next
	n.sequence = max(n.sequence, m.Sequence)
	n.uid = max(n.uid, m.UID)
	n.messages++
	n.bytes += m.Size
	return nil
}
