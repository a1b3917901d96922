package store

import (
	"context"
	"slices"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
)

// removedAtOnce is how many messages one transaction deletes: others get their
// turn in between.
const removedAtOnce = 1000

// DeleteMessages removes evidence: ids, or all that match f (nil f and nil ids:
// all that a list shows). It returns how many were removed.
// Errors: ErrNoSandbox, ErrSandboxEnded, those of the filter.
func (s *Store) DeleteMessages(ctx context.Context, sandbox string, ids []string, f *filter.Filter) (int, error) {
	sp, err := s.space(sandboxOr(sandbox))
	if err != nil {
		return 0, err
	}
	sequences, err := s.selected(ctx, sp, ids, f)
	if err != nil {
		return 0, err
	}
	return s.removeAll(ctx, sp, sequences)
}

// removeAll removes messages in chunks, oldest first.
func (s *Store) removeAll(ctx context.Context, sp *space, sequences []Sequence) (int, error) {
	removed := 0
	for part := range slices.Chunk(sequences, removedAtOnce) {
		n := 0
		err := s.update(ctx, func(t *tx) error {
			n = 0
			for _, seq := range part {
				ok, err := t.remove(sp, seq)
				if err != nil {
					return err
				}
				if ok {
					n++
				}
			}
			return nil
		})
		removed += n
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// remove deletes a message's evidence and entries and logs it; false when it
// is not there.
func (t *tx) remove(sp *space, seq Sequence) (bool, error) {
	m, err := t.erase(sp, seq)
	if m == nil || err != nil {
		return false, err
	}
	at := t.nextSequence()
	entries := t.forgetEntries(sp, m, at)
	t.changeAt(sp, at, Change{Kind: MessageDeleted, ID: m.ID, UID: m.UID, Accounts: m.Accounts, Entries: entries})
	return true, nil
}

// erase deletes a message's rows and takes it out of the index, no more; nil
// when it is not there.
func (t *tx) erase(sp *space, seq Sequence) (*Message, error) {
	key := sequenceKey(seq)
	row := messageRow(t, seq, rowRecord)
	if row == nil || t.gone[seq] {
		return nil, nil
	}
	rec, err := decodeRecordHead(seq, row)
	if err != nil {
		return nil, err
	}
	if rec.space != sp.id {
		return nil, nil
	}
	m := rec.m
	m.ID, m.Sandbox = t.s.idOf(seq), sp.name
	t.gone[seq] = true
	for kind := rowRecord; kind < rowAfter; kind++ {
		t.Delete(bucketMessage, messageKey(seq, kind))
	}
	if rec.blob != "" {
		t.blobs = append(t.blobs, rec.blob)
	}
	if t.Get(bucketState, key) != nil {
		t.Delete(bucketState, key)
	}
	n := t.numbers(sp)
	n.messages--
	n.bytes -= m.Size
	t.saveNumbers(sp)
	t.forgetQueue(seq)
	gone := t.s.indexedOf(sp.id, m)
	t.apply(func() { t.s.index.remove(seq, gone.addresses, gone.accounts) })
	return m, nil
}

// prune drops the oldest messages of the sandboxes that this transaction
// brought beyond their limits; it ends every group.
func (t *tx) prune() error {
	for sp := range t.fresh {
		if err := t.pruneSpace(sp); err != nil {
			return err
		}
	}
	return nil
}

// pruneSpace drops what is too old and what is too much, oldest first. Messages
// that still have a way to go (open queue entries) stay.
func (t *tx) pruneSpace(sp *space) error {
	l := sp.limits
	if l.Age <= 0 && (l.Refuse || l.Messages <= 0 && l.Bytes <= 0) {
		return nil
	}
	oldest := uint32(0)
	if l.Age > 0 {
		oldest = unixSeconds(t.now.Add(sp.offset - l.Age))
	}
	removed := 0
	for seq, at := range t.oldest(sp) {
		n := sp.next
		tooMuch := !l.Refuse && (over(n.messages, l.Messages) || over(n.bytes, l.Bytes))
		if !tooMuch && at >= oldest || removed == removedAtOnce {
			return nil
		}
		if t.gone[seq] || t.s.held(seq) {
			continue
		}
		ok, err := t.remove(sp, seq)
		if err != nil {
			return err
		}
		if ok {
			t.numbers(sp).pruned++
			removed++
		}
	}
	return nil
}

// oldest yields a sandbox's messages and when they were received, oldest first.
func (t *tx) oldest(sp *space) func(yield func(Sequence, uint32) bool) {
	return func(yield func(Sequence, uint32) bool) {
		for _, ordinal := range sp.list {
			if e := t.s.index.at(ordinal); !yield(e.sequence, e.at) {
				return
			}
		}
		for _, f := range t.fresh[sp] {
			if !yield(f.sequence, f.at) {
				return
			}
		}
	}
}

// Prune drops what the limits of every sandbox no longer allow: what became too
// old, by the sandbox's own clock, and what a new limit leaves no room for.
func (s *Store) Prune(ctx context.Context) error {
	s.mu.RLock()
	spaces := make([]*space, 0, len(s.spaces))
	for _, sp := range s.spaces {
		spaces = append(spaces, sp)
	}
	s.mu.RUnlock()
	for _, sp := range spaces {
		if err := s.pruneAll(ctx, sp); err != nil {
			return err
		}
	}
	return nil
}

// pruneAll drops what a sandbox's limits no longer allow.
func (s *Store) pruneAll(ctx context.Context, sp *space) error {
	for more := true; more; {
		err := s.update(ctx, func(t *tx) error {
			before := sp.next.pruned
			if sp.ended {
				more = false
				return nil
			}
			err := t.pruneSpace(sp)
			more = sp.next.pruned-before >= removedAtOnce
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// housekeepingEvery is how often ages, the change log and free pages are looked at.
const housekeepingEvery = 30 * time.Second

// housekeeping runs in the background until the store closes.
func (s *Store) housekeeping() {
	tick := time.NewTicker(housekeepingEvery)
	defer tick.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer cancel()
		select {
		case <-s.stop:
		case <-ctx.Done():
		}
	}()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		for _, work := range []struct {
			name string
			do   func(context.Context) error
		}{{"prune", s.Prune}, {"save claims", s.saveClaims}, {"trim the change log", s.trimChanges}, {"compact", s.compactIfLoose}} {
			if err := work.do(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("housekeeping", "work", work.name, "error", err)
			}
		}
	}
}
