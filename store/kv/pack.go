package kv

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sort"
)

// A pack is several rows in one value, so that a file of pages writes and finds
// them as one. Numbers are big-endian uint32:
//
//	count ‖ count × (end of key, end of value) ‖ keys ‖ values
//
// Ends count from the first octet behind the numbers. Keys ascend.
type pack []byte

// packMax is the length in octets that a pack of more than one row may reach: a
// pack is written whole, and written again when one of its rows goes.
const packMax = 64 << 10

// packNumbers is the length of a pack's numbers for so many rows.
func packNumbers(count int) int { return 4 + 8*count }

// openPack checks a value's ends, so that nothing later reads beyond it.
func openPack(v []byte) (pack, error) {
	p := pack(v)
	if len(v) < 4 || p.count() == 0 || p.count() > (len(v)-4)/8 {
		return nil, fmt.Errorf("%w: a pack of %d octets", ErrCorrupt, len(v))
	}
	n := p.count()
	last := 0
	for i := range n {
		if end := p.end(i, 0); end < last {
			return nil, fmt.Errorf("%w: a pack's key %d", ErrCorrupt, i)
		} else {
			last = end
		}
	}
	for i := range n {
		if end := p.end(i, 1); end < last {
			return nil, fmt.Errorf("%w: a pack's value %d", ErrCorrupt, i)
		} else {
			last = end
		}
	}
	if packNumbers(n)+last != len(v) {
		return nil, fmt.Errorf("%w: a pack of %d octets, not %d", ErrCorrupt, len(v), packNumbers(n)+last)
	}
	return p, nil
}

func (p pack) count() int { return int(binary.BigEndian.Uint32(p)) }

// end is where key (0) or value (1) of a row ends.
func (p pack) end(i, what int) int { return int(binary.BigEndian.Uint32(p[4+8*i+4*what:])) }

func (p pack) key(i int) []byte {
	from := 0
	if i > 0 {
		from = p.end(i-1, 0)
	}
	at := packNumbers(p.count())
	return p[at+from : at+p.end(i, 0) : at+p.end(i, 0)]
}

func (p pack) value(i int) []byte {
	from := p.end(p.count()-1, 0)
	if i > 0 {
		from = p.end(i-1, 1)
	}
	at := packNumbers(p.count())
	return p[at+from : at+p.end(i, 1) : at+p.end(i, 1)]
}

// search finds a key, or where it would stand.
func (p pack) search(key []byte) (int, bool) {
	n := p.count()
	i := sort.Search(n, func(i int) bool { return bytes.Compare(p.key(i), key) >= 0 })
	return i, i < n && bytes.Equal(p.key(i), key)
}

// covers reports whether key lies between the first and the last.
func (p pack) covers(key []byte) bool {
	return p != nil && bytes.Compare(p.key(0), key) <= 0 && bytes.Compare(key, p.key(p.count()-1)) <= 0
}

// appendPack appends rows as a pack.
func appendPack(b []byte, rows []Pair) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(rows)))
	keys := 0
	for i := range rows {
		keys += len(rows[i].Key)
	}
	key, value := 0, keys
	for i := range rows {
		key += len(rows[i].Key)
		value += len(rows[i].Value)
		b = binary.BigEndian.AppendUint32(b, uint32(key))
		b = binary.BigEndian.AppendUint32(b, uint32(value))
	}
	for i := range rows {
		b = append(b, rows[i].Key...)
	}
	for i := range rows {
		b = append(b, rows[i].Value...)
	}
	return b
}

// draft is a pack being written: rows in key order.
type draft struct {
	key   []byte // of the pack; not above its first row's
	limit []byte // the next pack's key; nil: there is none
	fresh bool   // the file does not have it yet
	dirty bool
	rows  []Pair
	size  int
}

// rowSize is what a row takes in a pack.
func rowSize(key, value []byte) int { return len(key) + len(value) + 8 }

func (d *draft) search(key []byte) (int, bool) {
	n := len(d.rows)
	if n > 0 && bytes.Compare(d.rows[n-1].Key, key) < 0 {
		return n, false
	}
	i := sort.Search(n, func(i int) bool { return bytes.Compare(d.rows[i].Key, key) >= 0 })
	return i, i < n && bytes.Equal(d.rows[i].Key, key)
}

// owns reports whether key lies where this pack's rows are: a key of any other
// pack does not.
func (d *draft) owns(key []byte) bool {
	return d != nil && bytes.Compare(d.key, key) <= 0 && (d.limit == nil || bytes.Compare(key, d.limit) < 0)
}

// roomFor reports whether the pack should take a row of this key.
func (d *draft) roomFor(key []byte, size int) bool {
	if n := len(d.rows); n > 0 && bytes.Compare(d.rows[n-1].Key, key) < 0 {
		return d.fresh && d.size+size <= packMax
	}
	return true // between its rows, or it replaces one
}

func (d *draft) put(key, value []byte) {
	i, found := d.search(key)
	d.dirty = true
	if found {
		d.size += len(value) - len(d.rows[i].Value)
		d.rows[i].Value = value
		return
	}
	d.rows = append(d.rows, Pair{})
	copy(d.rows[i+1:], d.rows[i:])
	d.rows[i] = Pair{bytes.Clone(key), value}
	d.size += rowSize(key, value)
}

func (d *draft) remove(key []byte) {
	i, found := d.search(key)
	if !found {
		return
	}
	d.size -= rowSize(d.rows[i].Key, d.rows[i].Value)
	d.rows = append(d.rows[:i], d.rows[i+1:]...)
	d.dirty = true
}
