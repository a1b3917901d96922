// Package kv is the ordered transactional key-value engine under the store:
// small and batch-shaped, so that a networked engine can serve it too. Three
// engines stand here: a bbolt file, memory, and, for tests, one that forgets
// what was not synced.
package kv

import (
	"context"
	"encoding/binary"
	"errors"
	"iter"
)

// Errors of every engine.
var (
	ErrLocked   = errors.New("in use by another process")
	ErrForeign  = errors.New("not a database of this program")
	ErrCorrupt  = errors.New("damaged")
	ErrReadOnly = errors.New("cannot be written")
	ErrDiskFull = errors.New("no space left on the device")
	ErrClosed   = errors.New("closed")
)

// Bucket names a key space: the index into the schema an engine was opened with.
type Bucket uint8

// Schema describes one bucket.
type Schema struct {
	Name string
	// Ascending says that keys are (nearly always) put in ascending order, so
	// that an engine may fill its pages.
	Ascending bool
	// Packed says that rows which one Update puts beside each other in ascending
	// order belong together, so that an engine may keep them as one: cheap to put
	// and to scan, dearer to delete singly. For buckets much of whose rows come and
	// go in groups.
	Packed bool
}

// Pair is a key and its value.
type Pair struct{ Key, Value []byte }

// Reader reads one consistent state. Octets it returns are shared and valid
// until the transaction ends: copy what outlives it, change nothing. A failed
// read yields nothing and makes View or Update return the engine's error.
type Reader interface {
	// Get returns the value of a key, nil if there is none.
	Get(b Bucket, key []byte) []byte
	// MultiGet returns the values of keys in their order, nil where there is none.
	MultiGet(b Bucket, keys [][]byte) [][]byte
	// Scan yields pairs with from ≤ key < to in key order, or in reverse; a nil
	// bound is open; limit ≤ 0 is none. The bucket must not be written while scanning.
	Scan(b Bucket, from, to []byte, limit int, reverse bool) iter.Seq2[[]byte, []byte]
}

// Writer reads its own writes. The first failed write makes Update roll back
// and return its error; values handed to Put must stay unchanged until Update
// returned, keys may be used again at once.
type Writer interface {
	Reader
	Put(b Bucket, key, value []byte)
	Delete(b Bucket, key []byte)
	// DeleteRange removes from ≤ key < to; nil bounds are open.
	DeleteRange(b Bucket, from, to []byte)
	// Add adds n to a counter (eight octets, big-endian, absent is 0) and
	// returns the sum.
	Add(b Bucket, key []byte, n int64) uint64
}

// Stats tell an engine's size in octets.
type Stats struct {
	Size int64 // as a file, or in memory
	Free int64 // of it, what could be given back by compacting
}

// Engine is an ordered transactional key-value store. One Update runs at a
// time; Views run beside it and see the state before it.
type Engine interface {
	View(fn func(Reader) error) error
	// Update runs fn in a transaction and commits it durably, unless the engine
	// was opened relaxed. An error of fn rolls back.
	Update(fn func(Writer) error) error
	// Sync makes earlier commits durable, for engines opened relaxed.
	Sync() error
	Stats() (Stats, error)
	// Check verifies the engine's own structure.
	Check() error
	Close() error
}

// Compactor is an engine that can give free space back.
type Compactor interface {
	// Compact rewrites the database without its free space, beside readers and,
	// nearly all of the time, beside writers.
	Compact(ctx context.Context) error
}

// Counter decodes a value that Add keeps.
func Counter(v []byte) uint64 {
	if len(v) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(v)
}

// EncodeCounter encodes a counter's value, for Put.
func EncodeCounter(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
