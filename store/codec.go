package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// errRow marks a row that does not decode.
var errRow = errors.New("row does not decode")

// writer encodes a row: append-only, numbers as varints, text with its length.
// A row begins with its version; fields are only ever added at its end, and a
// reader takes absent ones as zero.
type writer struct{ b []byte }

func (w *writer) octet(v byte)     { w.b = append(w.b, v) }
func (w *writer) uint(v uint64)    { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) int(v int64)      { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) fixed32(v uint32) { w.b = binary.BigEndian.AppendUint32(w.b, v) }

func (w *writer) bool(v bool) {
	if v {
		w.octet(1)
	} else {
		w.octet(0)
	}
}

func (w *writer) string(v string) {
	w.uint(uint64(len(v)))
	w.b = append(w.b, v...)
}

func (w *writer) bytes(v []byte) {
	w.uint(uint64(len(v)))
	w.b = append(w.b, v...)
}

// optional writes a pointer to text: 0 for nil, else the length plus one.
func (w *writer) optional(v *string) {
	if v == nil {
		w.uint(0)
		return
	}
	w.uint(uint64(len(*v)) + 1)
	w.b = append(w.b, *v...)
}

func (w *writer) strings(v []string) {
	w.uint(uint64(len(v)))
	for _, s := range v {
		w.string(s)
	}
}

// time keeps an instant to the nanosecond; the zero time stays zero.
func (w *writer) time(v time.Time) {
	if v.IsZero() {
		w.int(0)
		w.uint(0)
		return
	}
	w.int(v.Unix())
	w.uint(uint64(v.Nanosecond()) + 1)
}

// reader decodes a row. The first failure sticks; what is read after it is
// zero, and what is read past the end of a whole row is zero without failure.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = errRow
	}
	r.b = nil
}

func (r *reader) done() bool { return len(r.b) == 0 }

func (r *reader) octet() byte {
	if r.done() {
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) bool() bool { return r.octet() != 0 }

func (r *reader) uint() uint64 {
	if r.done() {
		return 0
	}
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) int() int64 {
	if r.done() {
		return 0
	}
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) fixed32() uint32 {
	if len(r.b) < 4 {
		r.fail()
		return 0
	}
	v := binary.BigEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

// take returns the next n octets of the row itself.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) string() string { return string(r.take(r.uint())) }

func (r *reader) bytes() []byte {
	v := r.take(r.uint())
	if len(v) == 0 {
		return nil
	}
	return append([]byte(nil), v...)
}

func (r *reader) optional() *string {
	n := r.uint()
	if n == 0 {
		return nil
	}
	s := string(r.take(n - 1))
	return &s
}

// count reads how many elements follow; each takes an octet at least, so that
// a damaged row cannot ask for more memory than it has octets.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

// elements reads a list; nil for an empty one.
func elements[T any](r *reader, read func() T) []T {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := make([]T, 0, min(n, 64))
	for range n {
		if r.done() {
			r.fail()
			return nil
		}
		list = append(list, read())
	}
	return list
}

func (r *reader) strings() []string { return elements(r, r.string) }

func (r *reader) time() time.Time {
	sec, nsec := r.int(), r.uint()
	if nsec == 0 || nsec > 1e9 {
		return time.Time{}
	}
	return time.Unix(sec, int64(nsec)-1).UTC()
}

// version reads a row's first octet and fails if it is beyond the newest known.
func (r *reader) version(newest byte) byte {
	v := r.octet()
	if v == 0 || v > newest {
		r.fail()
	}
	return v
}

// finish says whether the row was read without failure.
func (r *reader) finish(what string) error {
	if r.err != nil {
		return fmt.Errorf("%w: %s: %w", ErrCorrupt, what, r.err)
	}
	return nil
}
