package store

import (
	"slices"
	"sort"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/store/kv"
)

// candidates walks the messages of one sandbox that a filter may match, by what
// memory knows: batches of ordinals, in order, each batch under Store.mu. The
// messages themselves are read between batches, without the lock.
type candidates struct {
	s       *Store
	sp      *space
	plan    filter.Plan
	order   Order
	ids     map[Sequence]bool // nil: no hint
	hashes  [][]uint64        // groups of address hashes
	matcher *matcher          // nil: no needles
	from    Sequence          // where the next batch begins; exclusive
	ended   bool
}

func (s *Store) candidates(sp *space, f *filter.Filter, order Order, from Sequence) *candidates {
	if f == nil {
		return s.planned(sp, filter.Plan{}, order, from)
	}
	return s.planned(sp, f.Plan(), order, from)
}

// planned begins beyond from; 0 is the beginning of the order.
func (s *Store) planned(sp *space, plan filter.Plan, order Order, from Sequence) *candidates {
	c := &candidates{s: s, sp: sp, plan: plan, order: order, from: from}
	for _, group := range c.plan.IDs {
		set := make(map[Sequence]bool)
		for _, id := range group {
			if seq, ok := s.sequenceOf(id); ok && (c.ids == nil || c.ids[seq]) {
				set[seq] = true
			}
		}
		c.ids = set
	}
	for _, group := range c.plan.Addresses {
		hashes := make([]uint64, len(group))
		for i, a := range group {
			hashes[i] = s.index.addressHash(sp.id, a)
		}
		c.hashes = append(c.hashes, hashes)
	}
	if len(c.plan.Needles) > 0 {
		c.matcher = s.index.signatures.matcher(c.plan.Needles)
	}
	return c
}

// candidate is a message to be verified.
type candidate struct {
	sequence Sequence
	searchQ  int
}

// batch returns up to n more candidates, in order, perhaps none; ended is set
// with the last ones.
func (c *candidates) batch(n int) []candidate {
	c.s.mu.RLock()
	defer c.s.mu.RUnlock()
	if c.matcher != nil {
		c.matcher.forget()
	}
	list := c.list()
	found := make([]candidate, 0, min(n, len(list)))
	// no more than scanLocked at once: the committer wants to publish in between
	for range min(len(list), scanLocked) {
		if len(found) == n {
			return found
		}
		var ordinal uint32
		if c.order == Newest {
			ordinal, list = list[len(list)-1], list[:len(list)-1]
		} else {
			ordinal, list = list[0], list[1:]
		}
		e := c.s.index.at(ordinal)
		c.from = e.sequence
		if c.may(ordinal, e) {
			found = append(found, candidate{e.sequence, int(e.searchQ)})
		}
	}
	c.ended = len(list) == 0
	return found
}

// list is the shortest ascending list that holds all candidates still to come.
func (c *candidates) list() []uint32 {
	list := c.sp.list
	for _, group := range c.hashes {
		if len(group) == 1 {
			if l := c.s.index.addresses[group[0]]; len(l) < len(list) {
				list = l
			}
			continue
		}
		total := 0
		for _, h := range group {
			total += len(c.s.index.addresses[h])
		}
		if total < len(list)/4 {
			var merged []uint32
			for _, h := range group {
				merged = append(merged, c.s.index.addresses[h]...)
			}
			slices.Sort(merged)
			list = slices.Compact(merged)
		}
	}
	if c.ids != nil && len(c.ids) < len(list) {
		list = nil
		for seq := range c.ids {
			if ordinal, ok := c.s.index.find(seq); ok {
				list = append(list, ordinal)
			}
		}
		slices.Sort(list)
	}
	return c.rest(list)
}

// rest cuts a list to what lies beyond from and within the plan's bounds.
func (c *candidates) rest(list []uint32) []uint32 {
	after, before := Sequence(c.plan.After), Sequence(c.plan.Before)
	if c.order == Newest && c.from != 0 && (before == 0 || c.from < before) {
		before = c.from
	}
	if c.order == Oldest {
		after = max(after, c.from)
	}
	at := func(i int) Sequence { return c.s.index.at(list[i]).sequence }
	if before != 0 {
		list = list[:sort.Search(len(list), func(i int) bool { return at(i) >= before })]
	}
	if after != 0 {
		list = list[sort.Search(len(list), func(i int) bool { return at(i) > after }):]
	}
	return list
}

// may tests what memory knows of a message.
func (c *candidates) may(ordinal uint32, e *entry) bool {
	p := &c.plan
	if e.space != c.sp || e.marks&markAppended != 0 && !p.WantsAppend ||
		p.Seen != nil && *p.Seen != (e.marks&markSeen != 0) ||
		p.Flagged != nil && *p.Flagged != (e.marks&markFlagged != 0) ||
		c.ids != nil && !c.ids[e.sequence] {
		return false
	}
	if len(p.Tags) > 0 {
		tags := c.s.index.tags[ordinal]
		for _, tag := range p.Tags {
			if !slices.Contains(tags, tag) {
				return false
			}
		}
	}
	return c.matcher == nil || c.matcher.may(e.column)
}

// holds tests the needles in the stored text. What it says is all that the
// filter asks where the plan's needles are enough.
func (c *candidates) holds(r kv.Reader, found candidate) bool {
	if c.plan.CheapOnly { // the head of the record decides, and costs less than the text
		return true
	}
	if c.plan.Enough {
		return c.s.holds(r, found.sequence, c.plan.Needles, found.searchQ)
	}
	return c.s.holds(r, found.sequence, c.plan.Needles, -1)
}
