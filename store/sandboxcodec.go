package store

import (
	"maps"
	"slices"
	"time"
)

const sandboxVersion = 1

// encodeSandbox encodes a sandbox's row.
func encodeSandbox(b *sandbox) []byte {
	w := writer{}
	w.octet(sandboxVersion)
	w.string(b.name)
	w.time(b.created)
	w.time(b.expires)
	w.time(b.endedAt)
	w.bool(b.freed)
	w.bool(b.limited)
	w.limits(b.limits)
	w.int(int64(b.offset))
	keys := slices.Sorted(maps.Keys(b.labels))
	w.uint(uint64(len(keys)))
	for _, k := range keys {
		w.string(k)
		w.string(b.labels[k])
	}
	w.secret(b.secret)
	return w.b
}

func decodeSandbox(row []byte) (*sandbox, error) {
	r := reader{b: row}
	r.version(sandboxVersion)
	b := &sandbox{name: r.string(), created: r.time(), expires: r.time(), endedAt: r.time()}
	b.freed = r.bool()
	b.limited = r.bool()
	b.limits = r.limits()
	b.offset = time.Duration(r.int())
	if n := r.count(); n > 0 {
		b.labels = make(map[string]string, n)
		for range n {
			k := r.string()
			b.labels[k] = r.string()
		}
	}
	b.secret = r.secret()
	return b, r.finish("sandbox")
}

func (w *writer) limits(l Limits) {
	w.int(l.Messages)
	w.int(l.Bytes)
	w.int(int64(l.Age))
	w.bool(l.Refuse)
}

func (r *reader) limits() Limits {
	return Limits{Messages: r.int(), Bytes: r.int(), Age: time.Duration(r.int()), Refuse: r.bool()}
}

func (w *writer) secret(s *secret) {
	w.bool(s != nil)
	if s == nil {
		return
	}
	w.bytes(s.Hash[:])
	w.bytes(s.Salt)
	w.uint(uint64(s.Iterations))
	w.bytes(s.StoredKey)
	w.bytes(s.ServerKey)
	w.bytes(s.CRAMInner)
	w.bytes(s.CRAMOuter)
}

func (r *reader) secret() *secret {
	if !r.bool() {
		return nil
	}
	s := &secret{}
	if copy(s.Hash[:], r.bytes()) != len(s.Hash) {
		r.fail()
	}
	s.Salt = r.bytes()
	s.Iterations = int(r.uint())
	s.StoredKey, s.ServerKey = r.bytes(), r.bytes()
	s.CRAMInner, s.CRAMOuter = r.bytes(), r.bytes()
	return s
}
