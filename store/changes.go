package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/catchpost/catchpost/store/kv"
)

// changesKept is how far the change log reaches back, in sequences; it is trimmed
// when it reaches a tenth further.
const changesKept = 100_000

// ChangesSince returns what changed in some sandboxes (nil: in every one) after
// seq, oldest first, up to limit changes (0: all): what the change log says, and
// the messages received since that are still there. Of a sandbox that has ended
// only that is told. complete is false when the log no longer reaches back that
// far. An updated message that is gone since has Message nil.
func (s *Store) ChangesSince(ctx context.Context, sandboxes []string, seq Sequence, limit int) (changes []Change, complete bool, err error) {
	// The index first: the log, read later, has every change up to newest.
	changes, living, newest := s.receivedSince(sandboxes, seq, limit)
	err = s.view(func(r kv.Reader) error {
		complete = seq >= Sequence(kv.Counter(r.Get(bucketMeta, metaChangeFloor)))
		logged := 0
		for k, v := range r.Scan(bucketChange, sequenceKey(seq+1), nil, 0, false) {
			at, _ := parseSequenceKey(k)
			if at > newest || limit > 0 && logged >= limit || ctx.Err() != nil {
				break // committed but not published yet is not there yet
			}
			id, c, err := decodeChange(at, v)
			if err != nil {
				return err
			}
			// Files of format 1 logged received messages too.
			asked := c.Sandbox != "" && (sandboxes == nil || slices.Contains(sandboxes, c.Sandbox))
			if asked && (living[id] || c.Kind == SandboxDeleted) && c.Kind != MessageReceived {
				changes = append(changes, c)
				logged++
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.Sequence, b.Sequence) })
	if limit > 0 && len(changes) > limit {
		changes = changes[:limit]
	}
	return changes, complete, s.fillMessages(changes)
}

// receivedSince lists the messages of some sandboxes (nil: of every one) after seq
// as the changes that brought them, oldest first, up to limit (0: all); which of
// the sandboxes live, and the newest sequence of that moment.
func (s *Store) receivedSince(sandboxes []string, seq Sequence, limit int) ([]Change, map[SpaceID]bool, Sequence) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	living := map[SpaceID]bool{}
	var list []uint32 // ascending ordinals are ascending sequences
	for name, sp := range s.spaces {
		if sandboxes != nil && !slices.Contains(sandboxes, name) {
			continue
		}
		living[sp.id] = true
		from := sort.Search(len(sp.list), func(i int) bool { return s.index.at(sp.list[i]).sequence > seq })
		own := sp.list[from:]
		if limit > 0 {
			own = own[:min(limit, len(own))]
		}
		list = append(list, own...)
	}
	slices.Sort(list)
	if limit > 0 {
		list = list[:min(limit, len(list))]
	}
	changes := make([]Change, len(list))
	for i, ordinal := range list {
		e := s.index.at(ordinal)
		changes[i] = Change{
			Sequence: e.sequence, Kind: MessageReceived, Sandbox: e.space.name,
			At: time.Unix(int64(e.at), 0).UTC(), ID: s.idOf(e.sequence), UID: e.uid,
		}
	}
	return changes, living, s.sequence
}

// fillMessages gives received and updated changes their message as it is now.
func (s *Store) fillMessages(changes []Change) error {
	for i := range changes {
		c := &changes[i]
		if c.Kind != MessageReceived && c.Kind != MessageUpdated {
			continue
		}
		seq, ok := s.sequenceOf(c.ID)
		if !ok {
			return fmt.Errorf("%w: change %d names message %q", ErrCorrupt, c.Sequence, c.ID)
		}
		m, err := s.messageAt(seq)
		if err == nil {
			c.Message = m
			if c.Kind == MessageReceived {
				c.At, c.Accounts = m.ReceivedAt, m.Accounts
			}
		} else if err != ErrNotFound {
			return err
		}
	}
	return nil
}

// Sequence is the newest published change of the whole store.
func (s *Store) Sequence() Sequence {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sequence
}

// trimChanges drops the oldest rows of the change log beyond what is kept.
func (s *Store) trimChanges(ctx context.Context) error {
	return s.trimChangesTo(ctx, changesKept)
}

// trimChangesTo drops all but the rows of the newest keep sequences, if the log
// reaches back a tenth further.
func (s *Store) trimChangesTo(ctx context.Context, keep Sequence) error {
	newest := s.Sequence()
	var floor Sequence
	err := s.view(func(r kv.Reader) error {
		floor = Sequence(kv.Counter(r.Get(bucketMeta, metaChangeFloor)))
		return nil
	})
	if err != nil || newest-floor <= keep+keep/10 {
		return err
	}
	for end := newest - keep; floor < end; {
		next := min(floor+removedAtOnce*10, end)
		err := s.update(ctx, func(t *tx) error {
			t.keepNewest(next)
			t.DeleteRange(bucketChange, nil, sequenceKey(next+1))
			t.Put(bucketMeta, metaChangeFloor, kv.EncodeCounter(uint64(next)))
			return nil
		})
		if err != nil {
			return err
		}
		floor = next
	}
	return nil
}

// keepNewest saves the numbers of the sandboxes whose newest change is about to
// leave the log.
func (t *tx) keepNewest(floor Sequence) {
	for _, sp := range t.s.spacesByID {
		if sp.next.sequence <= floor {
			t.saveNumbers(sp)
		}
	}
}
