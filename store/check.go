package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/catchpost/catchpost/store/kv"
)

// checkErrors is how many findings a check reports.
const checkErrors = 20

// checker collects what is wrong.
type checker struct {
	s    *Store
	r    kv.Reader
	errs []error

	counted  map[*space]*numbers // from the records
	lists    map[*space][]Sequence
	postings int // of addresses, that should be there
	named    map[Sequence]bool
}

func (c *checker) wrong(format string, args ...any) {
	if len(c.errs) < checkErrors {
		c.errs = append(c.errs, fmt.Errorf(format, args...))
	}
}

// CheckConsistency verifies every invariant of the store; nil when sound. It
// holds up writers meanwhile.
func (s *Store) CheckConsistency() error {
	var errs []error
	err := s.alone(context.Background(), func(t *tx) error {
		c := &checker{
			s: s, r: t.Reader, counted: make(map[*space]*numbers),
			lists: make(map[*space][]Sequence), named: make(map[Sequence]bool),
		}
		s.mu.RLock()
		defer s.mu.RUnlock()
		c.records()
		c.octets()
		c.spaces()
		c.states()
		c.changes()
		if err := s.checkDomain(t.Reader); err != nil {
			c.errs = append(c.errs, err)
		}
		errs = c.errs
		return nil
	})
	return errors.Join(append(errs, err, s.db.Check())...)
}

// records holds every message against the index.
func (c *checker) records() {
	last := make(map[*space]UID)
	for k, v := range messageRows(c.r, rowRecord) {
		seq, _, ok := parseMessageKey(k)
		rec, err := decodeRecord(seq, v)
		if !ok || err != nil {
			c.wrong("record %x: %v", k, err)
			continue
		}
		c.named[seq] = true
		sp := c.s.spacesByID[rec.space]
		if sp == nil {
			c.wrong("record %d: no sandbox %d", seq, rec.space)
			continue
		}
		n := c.counted[sp]
		if n == nil {
			n = &numbers{}
			c.counted[sp] = n
		}
		n.messages++
		n.bytes += rec.m.Size
		c.lists[sp] = append(c.lists[sp], seq)
		if rec.m.UID <= last[sp] || rec.m.UID > sp.now.uid {
			c.wrong("record %d: UID %d after %d, last given %d", seq, rec.m.UID, last[sp], sp.now.uid)
		}
		last[sp] = rec.m.UID
		if seq > c.s.sequence {
			c.wrong("record %d: beyond the newest sequence %d", seq, c.s.sequence)
		}
		c.indexed(sp, rec)
		c.stored(rec)
	}
}

// indexed holds one record against the index.
func (c *checker) indexed(sp *space, rec *record) {
	seq, x := rec.m.Sequence, &c.s.index
	ordinal, ok := x.find(seq)
	if !ok {
		c.wrong("record %d: not in the index", seq)
		return
	}
	e := x.at(ordinal)
	i := c.s.indexedOf(sp.id, rec.m)
	if e.space != sp || e.uid != rec.m.UID || e.size != i.size || e.at != i.at || i.appended != (e.marks&markAppended != 0) {
		c.wrong("record %d: its index entry differs", seq)
	}
	c.postings += len(i.addresses)
	for _, h := range i.addresses {
		if _, ok := slices.BinarySearch(x.addresses[h], ordinal); !ok {
			c.wrong("record %d: not found by an address", seq)
		}
	}
	for _, key := range i.accounts {
		if _, ok := slices.BinarySearch(sp.accounts[key], ordinal); !ok {
			c.wrong("record %d: not found by account %q", seq, key)
		}
	}
	text, err := c.s.readText(c.r, seq)
	if err != nil {
		c.wrong("record %d: search text: %v", seq, err)
		return
	}
	if kept := messageRow(c.r, seq, rowText) != nil; kept != (len(text) <= textKept) {
		c.wrong("record %d: search text of %d octets, kept %v", seq, len(text), kept)
	}
	if len(text) >= 3 && !x.signatures.matcher([]string{text}).may(e.column) {
		c.wrong("record %d: its search signature differs", seq)
	}
}

// stored looks for a message's octets.
func (c *checker) stored(rec *record) {
	seq := rec.m.Sequence
	raw := messageRow(c.r, seq, rowRaw)
	switch {
	case rec.blob == "" && int64(len(raw)) != rec.m.Size:
		c.wrong("record %d: %d octets of %d", seq, len(raw), rec.m.Size)
	case rec.blob != "" && raw != nil:
		c.wrong("record %d: octets twice", seq)
	case rec.blob != "":
		f, err := c.s.blobs.open(rec.blob)
		if err != nil {
			c.wrong("record %d: octets in %s: %v", seq, rec.blob, err)
			return
		}
		defer f.Close()
		if n, err := f.Seek(0, 2); err != nil || n != rec.m.Size {
			c.wrong("record %d: %s has %d octets of %d: %v", seq, rec.blob, n, rec.m.Size, err)
		}
	}
}

// octets looks for rows without a record.
func (c *checker) octets() {
	for k := range c.r.Scan(bucketMessage, nil, nil, 0, false) {
		if seq, _, ok := parseMessageKey(k); !ok || !c.named[seq] {
			c.wrong("message row %x: no record", k)
		}
	}
	for k := range c.r.Scan(bucketState, nil, nil, 0, false) {
		if seq, ok := parseSequenceKey(k); !ok || !c.named[seq] {
			c.wrong("state row %x: no record", k)
		}
	}
	for b := bucketRaw1; b <= bucketChange1; b++ {
		for k := range c.r.Scan(b, nil, nil, 1, false) {
			c.wrong("row %x of format 1 in bucket %s", k, schema[b].Name)
		}
	}
}

// spaces holds counters and lists against the records.
func (c *checker) spaces() {
	postings := 0
	for _, list := range c.s.index.addresses {
		postings += len(list)
	}
	if postings != c.postings {
		c.wrong("the address index has %d entries, not %d", postings, c.postings)
	}
	for _, sp := range c.s.spacesByID {
		n := c.counted[sp]
		if n == nil {
			n = &numbers{}
		}
		if n.messages != sp.now.messages || n.bytes != sp.now.bytes {
			c.wrong("sandbox %s counts %d messages of %d octets, has %d of %d", sp.name, sp.now.messages, sp.now.bytes, n.messages, n.bytes)
		}
		if sp.next != sp.now {
			c.wrong("sandbox %s: numbers published %+v, next %+v", sp.name, sp.now, sp.next)
		}
		if len(sp.list) != len(c.lists[sp]) {
			c.wrong("sandbox %s lists %d messages, has %d", sp.name, len(sp.list), len(c.lists[sp]))
			continue
		}
		for i, ordinal := range sp.list {
			if e := c.s.index.at(ordinal); e == nil || e.sequence != c.lists[sp][i] {
				c.wrong("sandbox %s: message %d of its list is not %d", sp.name, i, c.lists[sp][i])
				break
			}
		}
	}
}

// states holds the state rows against the index, and the index against them.
func (c *checker) states() {
	rows := 0
	for k, v := range c.r.Scan(bucketState, nil, nil, 0, false) {
		seq, _ := parseSequenceKey(k)
		st, err := decodeState(v)
		ordinal, ok := c.s.index.find(seq)
		if err != nil || !ok {
			c.wrong("state %d: indexed %v, %v", seq, ok, err)
			continue
		}
		rows++
		if got := c.s.index.state(ordinal, c.s.index.at(ordinal)); got.seen != st.seen || got.flagged != st.flagged || !slices.Equal(got.tags, st.tags) {
			c.wrong("state %d: %+v in memory, %+v stored", seq, got, st)
		}
	}
	marked := 0
	for _, sp := range c.s.spacesByID {
		for _, ordinal := range sp.list {
			e := c.s.index.at(ordinal)
			if st := c.s.index.state(ordinal, e); !st.isNew() {
				marked++
			}
		}
	}
	if marked != rows {
		c.wrong("%d messages have a state, %d have a row of it", marked, rows)
	}
}

// changes reads the change log.
func (c *checker) changes() {
	floor := Sequence(kv.Counter(c.r.Get(bucketMeta, metaChangeFloor)))
	for k, v := range c.r.Scan(bucketChange, nil, nil, 0, false) {
		seq, ok := parseSequenceKey(k)
		if _, _, err := decodeChange(seq, v); !ok || err != nil {
			c.wrong("change %x: %v", k, err)
		}
		if seq <= floor || seq > c.s.sequence {
			c.wrong("change %d: not between floor %d and newest %d", seq, floor, c.s.sequence)
		}
	}
}
