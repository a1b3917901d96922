package store

import (
	"hash/maphash"
	"slices"
	"sort"
)

// index is what is looked up by value, in memory: rebuilt at open, fed by the
// committer, guarded by Store.mu. A message is an ordinal, its number in order
// of capture since the store was opened; lists of ordinals are ascending.
type index struct {
	seed       maphash.Seed
	chunks     []*chunk
	first      []Sequence // of each chunk
	next       uint32     // next ordinal
	addresses  map[uint64][]uint32
	tags       map[uint32][]string
	signatures signatures
}

const chunkEntries = 1024

type chunk struct {
	entries [chunkEntries]entry
	live    int
}

// entry is a message in the index.
type entry struct {
	sequence Sequence
	space    *space
	size     uint32
	at       uint32 // received, unix seconds
	column   uint32 // of its signature
	uid      UID
	searchQ  uint32 // of the search text, what q searches
	marks    marks
}

// marks are yes/no facts of an entry.
type marks uint8

const (
	markLive marks = 1 << iota
	markSeen
	markFlagged
	markAppended // origin append
)

// indexed is what the index is told of a message; computed before the commit.
type indexed struct {
	size      uint32
	at        uint32
	uid       UID
	searchQ   int
	appended  bool
	state     state
	signature signature
	addresses []uint64 // Store.addressHash of every address in header and envelope
	accounts  []string // keys
}

func newIndex() index {
	return index{
		seed: maphash.MakeSeed(), addresses: make(map[uint64][]uint32), tags: make(map[uint32][]string),
	}
}

// addressHash hashes an address, lower-cased, of a sandbox. A collision costs
// a candidate, which is verified.
func (x *index) addressHash(id SpaceID, address string) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	_, _ = h.Write(spaceKey(id))
	_, _ = h.WriteString(address)
	return h.Sum64()
}

// at returns an entry; nil when its chunk is gone.
func (x *index) at(ordinal uint32) *entry {
	c := x.chunks[ordinal/chunkEntries]
	if c == nil {
		return nil
	}
	return &c.entries[ordinal%chunkEntries]
}

// add puts a message in; sequences ascend.
func (x *index) add(sp *space, seq Sequence, i *indexed) {
	ordinal := x.next
	x.next++
	if ordinal%chunkEntries == 0 {
		x.chunks = append(x.chunks, &chunk{})
		x.first = append(x.first, seq)
	}
	c := x.chunks[ordinal/chunkEntries]
	c.live++
	e := &c.entries[ordinal%chunkEntries]
	*e = entry{
		sequence: seq, space: sp, size: i.size, at: i.at, uid: i.uid, searchQ: uint32(i.searchQ), marks: markLive,
		column: x.signatures.add(i.signature),
	}
	if i.appended {
		e.marks |= markAppended
		sp.appended++
	}
	x.setState(ordinal, e, i.state)
	sp.list = append(sp.list, ordinal)
	for _, h := range i.addresses {
		x.addresses[h] = append(x.addresses[h], ordinal)
	}
	for _, key := range i.accounts {
		if sp.accounts == nil {
			sp.accounts = make(map[string][]uint32)
		}
		sp.accounts[key] = append(sp.accounts[key], ordinal)
	}
}

// remove takes a message out; addresses and accounts are those it was added with.
func (x *index) remove(seq Sequence, addresses []uint64, accounts []string) {
	ordinal, ok := x.find(seq)
	if !ok {
		return
	}
	c := x.chunks[ordinal/chunkEntries]
	e := &c.entries[ordinal%chunkEntries]
	sp := e.space
	x.signatures.remove(e.column)
	if e.marks&markAppended != 0 {
		sp.appended--
	}
	sp.list = without(sp.list, ordinal)
	for _, h := range addresses {
		if l := without(x.addresses[h], ordinal); len(l) > 0 {
			x.addresses[h] = l
		} else {
			delete(x.addresses, h)
		}
	}
	for _, key := range accounts {
		if l := without(sp.accounts[key], ordinal); len(l) > 0 {
			sp.accounts[key] = l
		} else {
			delete(sp.accounts, key)
		}
	}
	old := x.state(ordinal, e)
	sp.recount(&old, nil, e.marks&markAppended != 0)
	delete(x.tags, ordinal)
	e.marks = 0
	e.space = nil
	if c.live--; c.live == 0 && int(ordinal/chunkEntries) < len(x.chunks)-1 {
		x.chunks[ordinal/chunkEntries] = nil
	}
}

// without removes an ordinal from a list; the oldest at no cost.
func without(list []uint32, ordinal uint32) []uint32 {
	i, ok := slices.BinarySearch(list, ordinal)
	switch {
	case !ok:
		return list
	case i == 0:
		return list[1:]
	}
	return slices.Delete(list, i, i+1)
}

// find returns the ordinal of a living message.
func (x *index) find(seq Sequence) (uint32, bool) {
	n := sort.Search(len(x.first), func(i int) bool { return x.first[i] > seq }) - 1
	if n < 0 || x.chunks[n] == nil {
		return 0, false
	}
	count := chunkEntries
	if n == len(x.chunks)-1 {
		if count = int(x.next % chunkEntries); count == 0 {
			count = chunkEntries
		}
	}
	entries := x.chunks[n].entries[:count]
	i := sort.Search(count, func(i int) bool { return entries[i].sequence >= seq })
	if i == count || entries[i].sequence != seq || entries[i].marks&markLive == 0 {
		return 0, false
	}
	return uint32(n*chunkEntries + i), true
}

// state returns what may change on a message.
func (x *index) state(ordinal uint32, e *entry) state {
	return state{e.marks&markSeen != 0, e.marks&markFlagged != 0, x.tags[ordinal]}
}

func (x *index) setState(ordinal uint32, e *entry, s state) {
	old := x.state(ordinal, e)
	e.space.recount(&old, &s, e.marks&markAppended != 0)
	e.marks &^= markSeen | markFlagged
	if s.seen {
		e.marks |= markSeen
	}
	if s.flagged {
		e.marks |= markFlagged
	}
	if len(s.tags) > 0 {
		x.tags[ordinal] = s.tags
	} else {
		delete(x.tags, ordinal)
	}
}

// allSequences returns the messages of a sandbox, ascending; without appended
// ones that is the catch-all account's INBOX.
func (s *Store) allSequences(sp *space, appended bool) []Sequence {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sequences := make([]Sequence, 0, len(sp.list))
	for _, ordinal := range sp.list {
		if e := s.index.at(ordinal); appended || e.marks&markAppended == 0 {
			sequences = append(sequences, e.sequence)
		}
	}
	return sequences
}
