package store

import (
	"context"
	"time"
)

// Due is what memory knows of a queue entry that is due.
type Due struct {
	Entry   Sequence // for QueueEntriesAt
	Message Sequence
	Sandbox string
	Domain  string
}

// ScanDue offers what is due at the real time now, each judged by its sandbox's
// clock and the longest due of a sandbox first, without reading a row. It
// returns the real time at which the next will be due (zero: none waits). offer
// must be quick and must not call the store.
func (s *Store) ScanDue(now time.Time, offer func(Due)) (next time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for sp, tree := range s.domain.queue.due {
		if sp.ended {
			continue
		}
		tree.Scan(func(f *queueFacts) bool {
			real := f.next.Add(-sp.offset)
			if real.After(now) {
				if next.IsZero() || real.Before(next) {
					next = real
				}
				return false
			}
			offer(Due{f.id, f.message, sp.name, f.domain})
			return true
		})
	}
	return next
}

// FirstDue returns the entries of a sandbox that are due before all others, all
// at the same instant at, which is not after until; none if there is no such.
func (s *Store) FirstDue(sandbox string, until time.Time) (at time.Time, due []Due) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sp := s.spaces[sandboxOr(sandbox)]
	if sp == nil || sp.ended || s.domain.queue.due[sp] == nil {
		return time.Time{}, nil
	}
	s.domain.queue.due[sp].Scan(func(f *queueFacts) bool {
		switch {
		case len(due) == 0 && f.next.After(until), len(due) > 0 && !f.next.Equal(at):
			return false
		}
		at = f.next
		due = append(due, Due{f.id, f.message, sp.name, f.domain})
		return true
	})
	return at, due
}

// QueueEntriesAt reads entries in the order of their numbers given, those that
// are still there.
func (s *Store) QueueEntriesAt(ctx context.Context, numbers []Sequence) ([]QueueEntry, error) {
	return s.queueRows(numbers)
}

// QueueSizes counts the entries of each sandbox by state.
func (s *Store) QueueSizes() map[string]map[QueueState]int {
	sizes := make(map[string]map[QueueState]int)
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.domain.queue.all.Scan(func(_ Sequence, f *queueFacts) bool {
		if !f.space.ended {
			if sizes[f.space.name] == nil {
				sizes[f.space.name] = make(map[QueueState]int)
			}
			sizes[f.space.name][f.state]++
		}
		return true
	})
	return sizes
}
