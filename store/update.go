package store

import (
	"context"
	"slices"

	"github.com/catchpost/catchpost/internal/filter"
)

// UpdateMessages changes the messages that match; ids or a filter, not both.
// It returns how many changed. Errors: ErrNoSandbox, ErrSandboxEnded, those of
// the filter; unknown ids are passed over.
func (s *Store) UpdateMessages(ctx context.Context, sandbox string, ids []string, f *filter.Filter, c StateChange) (int, error) {
	sp, err := s.space(sandboxOr(sandbox))
	if err != nil {
		return 0, err
	}
	sequences, err := s.selected(ctx, sp, ids, f)
	if err != nil {
		return 0, err
	}
	changed := 0
	for part := range slices.Chunk(sequences, removedAtOnce) {
		n := 0
		err := s.update(ctx, func(t *tx) error {
			n = 0
			if err := t.living(sp); err != nil {
				return err
			}
			for _, seq := range part {
				ok, err := t.setState(sp, seq, c)
				if err != nil {
					return err
				}
				if ok {
					n++
				}
			}
			return nil
		})
		changed += n
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// setState changes a message's state and its catch-all entry and logs it; false
// when nothing changed or it is not there.
func (t *tx) setState(sp *space, seq Sequence, c StateChange) (bool, error) {
	m, old, at, err := t.putState(sp, seq, c)
	if m == nil || err != nil {
		return false, err
	}
	t.stateChanged(sp, m, old, at)
	return true, nil
}

// putState changes a message's state and logs it; m, with the new state, is nil
// when nothing changed or it is not there.
func (t *tx) putState(sp *space, seq Sequence, c StateChange) (m *Message, old state, at Sequence, err error) {
	key := sequenceKey(seq)
	row := messageRow(t, seq, rowRecord)
	if row == nil {
		return nil, old, 0, nil
	}
	if v := t.Get(bucketState, key); v != nil {
		if old, err = decodeState(v); err != nil {
			return nil, old, 0, err
		}
	}
	st := old
	if c.Seen != nil {
		st.seen = *c.Seen
	}
	if c.Flagged != nil {
		st.flagged = *c.Flagged
	}
	if c.Tags != nil {
		st.tags = slices.Clone(*c.Tags)
	}
	if st.seen == old.seen && st.flagged == old.flagged && slices.Equal(st.tags, old.tags) {
		return nil, old, 0, nil
	}
	rec, err := decodeRecord(seq, row)
	if err != nil || rec.space != sp.id {
		return nil, old, 0, err
	}
	m = rec.m
	m.ID, m.Sandbox = t.s.idOf(seq), sp.name
	m.Seen, m.Flagged, m.Tags = st.seen, st.flagged, st.tags
	if st.isNew() {
		t.Delete(bucketState, key)
	} else {
		t.Put(bucketState, key, encodeState(st))
	}
	ch := Change{Kind: MessageUpdated, ID: m.ID, UID: m.UID, Message: m}
	if st.seen != old.seen || st.flagged != old.flagged {
		if e := t.s.catchAllEntry(m); e != (EntryChangeRow{}) {
			ch.Entries = []EntryChangeRow{e}
		}
	}
	at = t.change(sp, ch)
	t.apply(func() {
		if ordinal, ok := t.s.index.find(seq); ok {
			t.s.index.setState(ordinal, t.s.index.at(ordinal), st)
		}
	})
	return m, old, at, nil
}
