package kv

import (
	"bytes"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"
)

// packedTx is a transaction's view of one packed bucket: bbolt's keys there are
// those of packs, each not above its first row's key, and a row stands in the pack
// with the greatest key that is not above its own.
type packedTx struct {
	cursor *bbolt.Cursor
	last   pack   // the one that was read last
	draft  *draft // the one that is being written
}

func (t *boltTx) packed(b Bucket) *packedTx {
	if t.packs == nil {
		t.packs = make([]packedTx, len(t.b.schema))
	}
	p := &t.packs[b]
	if p.cursor == nil {
		p.cursor = t.bucket(b).Cursor()
	}
	return p
}

// locate finds in the file the pack that a key belongs to, nil if there is none.
func (t *boltTx) locate(b Bucket, key []byte) (name []byte, p pack) {
	c := t.packed(b).cursor
	k, v := c.Seek(key)
	switch {
	case bytes.Equal(k, key): // a key is never empty
	case k == nil:
		k, v = t.last(c)
	default:
		k, v = t.before(c, k)
	}
	if k == nil {
		return nil, nil
	}
	return k, t.unpack(b, k, v)
}

// packBehind is the key of the first pack behind a key, nil if there is none.
func (t *boltTx) packBehind(b Bucket, key []byte) []byte {
	c := t.packed(b).cursor
	k, _ := c.Seek(key)
	if bytes.Equal(k, key) {
		k, _ = c.Next()
	}
	return k
}

// unpack opens the pack of a key; v is nil where it stands alone.
func (t *boltTx) unpack(b Bucket, k, v []byte) pack {
	if v == nil {
		v = valueAlone(t.bucket(b), k)
	}
	p, err := openPack(v)
	if err != nil {
		t.fail(fmt.Errorf("bucket %s, key %x: %w", t.b.schema[b].Name, k, err))
	}
	return p
}

func (t *boltTx) getPacked(b Bucket, key []byte) []byte {
	s := t.packed(b)
	if s.draft.owns(key) {
		if i, ok := s.draft.search(key); ok {
			return s.draft.rows[i].Value
		}
		return nil
	}
	if !s.last.covers(key) {
		_, s.last = t.locate(b, key)
	}
	if s.last == nil {
		return nil
	}
	if i, ok := s.last.search(key); ok {
		return s.last.value(i)
	}
	return nil
}

// draftFor makes the pack that a key belongs to the draft. A key behind the last
// row of a pack begins a new one: what was written is not written again.
func (t *boltTx) draftFor(b Bucket, key []byte, size int) *draft {
	s := t.packed(b)
	if s.draft.owns(key) && s.draft.roomFor(key, size) {
		return s.draft
	}
	t.flush(b)
	name, p := t.locate(b, key)
	d := &draft{limit: bytes.Clone(t.packBehind(b, key))}
	switch {
	case p != nil && p.covers(key), p != nil && bytes.Compare(key, p.key(0)) < 0:
		d.load(name, p)
	default:
		d.key, d.fresh = bytes.Clone(key), true
	}
	s.draft = d
	return d
}

// load takes over a pack's rows; values are shared with the file.
func (d *draft) load(name []byte, p pack) {
	d.key = bytes.Clone(name)
	d.rows = make([]Pair, p.count())
	for i := range d.rows {
		d.rows[i] = Pair{bytes.Clone(p.key(i)), p.value(i)}
		d.size += rowSize(d.rows[i].Key, d.rows[i].Value)
	}
}

func (t *boltTx) putPacked(b Bucket, key, value []byte) {
	if len(key) == 0 || len(key) > bbolt.MaxKeySize {
		t.fail(fmt.Errorf("a key of %d octets", len(key)))
		return
	}
	t.draftFor(b, key, rowSize(key, value)).put(key, value)
}

func (t *boltTx) deletePacked(b Bucket, key []byte) {
	s := t.packed(b)
	if !s.draft.owns(key) {
		_, p := t.locate(b, key)
		if p == nil {
			return
		}
		if _, ok := p.search(key); !ok {
			return
		}
		t.draftFor(b, key, 0)
	}
	s.draft.remove(key)
}

// flush writes a bucket's draft.
func (t *boltTx) flush(b Bucket) {
	s := t.packed(b)
	d := s.draft
	s.draft, s.last = nil, nil
	if d == nil || !d.dirty {
		return
	}
	if len(d.rows) == 0 {
		if !d.fresh {
			t.deletePlain(b, d.key)
		}
		return
	}
	name := d.key
	for rows := d.rows; len(rows) > 0; {
		n, size := 1, rowSize(rows[0].Key, rows[0].Value)
		for ; n < len(rows); n++ {
			if size += rowSize(rows[n].Key, rows[n].Value); size > packMax {
				break
			}
		}
		from := len(t.arena)
		t.arena = appendPack(t.arena, rows[:n])
		t.putPlain(b, name, t.arena[from:len(t.arena):len(t.arena)])
		if rows = rows[n:]; len(rows) > 0 {
			name = rows[0].Key
		}
	}
}

// flushAll writes what is still to be written, before the commit.
func (t *boltTx) flushAll() {
	for b := range t.packs {
		if t.packs[b].draft != nil {
			t.flush(Bucket(b))
		}
	}
}

func (t *boltTx) scanPacked(b Bucket, from, to []byte, limit int, reverse bool) iter.Seq2[[]byte, []byte] {
	if reverse {
		return t.scanBack(b, from, to, limit)
	}
	return func(yield func(k, v []byte) bool) {
		t.settle(b)
		c := t.bucket(b).Cursor()
		k, v := c.First()
		if from != nil {
			if k, v = c.Seek(from); !bytes.Equal(k, from) {
				// from may lie within the pack before
				before, w := t.seekBelow(c, k)
				if before == nil {
					before, w = c.Seek(from) // the cursor was moved
				}
				k, v = before, w
			}
		}
		for n := 0; k != nil; k, v = c.Next() {
			p := t.unpack(b, k, v)
			if p == nil {
				return
			}
			i := 0
			if from != nil {
				i, _ = p.search(from)
				from = nil
			}
			for ; i < p.count(); i++ {
				key := p.key(i)
				if to != nil && bytes.Compare(key, to) >= 0 {
					return
				}
				n++
				if !yield(key, p.value(i)) || limit > 0 && n >= limit {
					return
				}
			}
		}
	}
}

func (t *boltTx) scanBack(b Bucket, from, to []byte, limit int) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		t.settle(b)
		c := t.bucket(b).Cursor()
		n := 0
		for k, v := t.seekBelow(c, to); k != nil; k, v = t.before(c, k) {
			p := t.unpack(b, k, v)
			if p == nil {
				return
			}
			i := p.count()
			if to != nil {
				i, _ = p.search(to)
				to = nil
			}
			for i--; i >= 0; i-- {
				key := p.key(i)
				if from != nil && bytes.Compare(key, from) < 0 {
					return
				}
				n++
				if !yield(key, p.value(i)) || limit > 0 && n >= limit {
					return
				}
			}
		}
	}
}

// settle puts the draft into the file's tree, so that a scan meets it.
func (t *boltTx) settle(b Bucket) {
	if t.packed(b).draft != nil {
		t.flush(b)
	}
}

// checkPacks verifies the order of a packed bucket's rows and packs.
func (t *boltTx) checkPacks(b Bucket) (errs []error) {
	name := t.b.schema[b].Name
	var last []byte
	c := t.bucket(b).Cursor()
	for k, v := c.First(); k != nil && len(errs) < 10; k, v = c.Next() {
		if v == nil {
			v = valueAlone(t.bucket(b), k)
		}
		p, err := openPack(v)
		if err != nil {
			errs = append(errs, fmt.Errorf("bucket %s, key %x: %w", name, k, err))
			continue
		}
		if last != nil && bytes.Compare(last, k) >= 0 {
			errs = append(errs, fmt.Errorf("%w: bucket %s, pack %x: the one before reaches beyond it", ErrCorrupt, name, k))
		}
		for i := range p.count() {
			key := p.key(i)
			if bytes.Compare(key, k) < 0 || last != nil && bytes.Compare(last, key) >= 0 {
				errs = append(errs, fmt.Errorf("%w: bucket %s, pack %x: key %x out of order", ErrCorrupt, name, k, key))
			}
			last = key
		}
	}
	return errs
}
