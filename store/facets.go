package store

import (
	"context"
	"maps"
)

// Facets are counts over what a list of the whole sandbox shows.
type Facets struct {
	Messages int
	Unread   int
	Tags     map[string]int // messages by tag
}

// Facets counts a sandbox's messages, without looking at them.
// Errors: ErrNoSandbox, ErrSandboxEnded.
func (s *Store) Facets(_ context.Context, sandbox string) (Facets, error) {
	sp, err := s.space(sandboxOr(sandbox))
	if err != nil {
		return Facets{}, err
	}
	return s.facets(sp), nil
}

func (s *Store) facets(sp *space) Facets {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := int(sp.now.messages - sp.appended)
	return Facets{Messages: n, Unread: max(n-sp.seen, 0), Tags: maps.Clone(sp.tags)}
}

func (s *Store) unread(sp *space) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return max(int(sp.now.messages-sp.appended)-sp.seen, 0)
}

func unread(messages []*Message) int {
	n := 0
	for _, m := range messages {
		if !m.Seen {
			n++
		}
	}
	return n
}

// unreadOf counts the living messages among sequences that are not seen.
func (s *Store) unreadOf(sequences []Sequence) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for _, seq := range sequences {
		if ordinal, ok := s.index.find(seq); ok && s.index.at(ordinal).marks&markSeen == 0 {
			n++
		}
	}
	return n
}

// recount moves the sandbox's counts from one state of a message to another; nil
// is one that is not there.
func (sp *space) recount(from, to *state, appended bool) {
	if appended {
		return
	}
	if from != nil {
		if from.seen {
			sp.seen--
		}
		for _, tag := range from.tags {
			if sp.tags[tag]--; sp.tags[tag] <= 0 {
				delete(sp.tags, tag)
			}
		}
	}
	if to == nil {
		return
	}
	if to.seen {
		sp.seen++
	}
	for _, tag := range to.tags {
		if sp.tags == nil {
			sp.tags = map[string]int{}
		}
		sp.tags[tag]++
	}
}
