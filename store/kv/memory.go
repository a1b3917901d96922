package kv

import (
	"bytes"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// Memory is an engine without a file: B-trees copied on write, one for each
// bucket, so that readers keep their state while a writer goes on.
type Memory struct {
	writing sync.Mutex
	state   atomic.Pointer[[]*memoryTree]
	size    atomic.Int64
	closed  atomic.Bool
}

type memoryTree = btree.BTreeG[Pair]

func lessPair(a, b Pair) bool { return bytes.Compare(a.Key, b.Key) < 0 }

// NewMemory makes an empty engine.
func NewMemory(schema []Schema) *Memory {
	trees := make([]*memoryTree, len(schema))
	for i := range trees {
		trees[i] = btree.NewBTreeGOptions(lessPair, btree.Options{NoLocks: true})
	}
	m := &Memory{}
	m.state.Store(&trees)
	return m
}

// View implements Engine.
func (m *Memory) View(fn func(Reader) error) error {
	if m.closed.Load() {
		return ErrClosed
	}
	return fn(&memoryTx{trees: *m.state.Load()})
}

// Update implements Engine.
func (m *Memory) Update(fn func(Writer) error) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	if m.closed.Load() {
		return ErrClosed
	}
	old := *m.state.Load()
	tx := &memoryTx{trees: append([]*memoryTree(nil), old...), own: make([]bool, len(old))}
	if err := fn(tx); err != nil {
		return err
	}
	m.state.Store(&tx.trees)
	m.size.Add(tx.grown)
	return nil
}

// Sync implements Engine; memory has nothing to make durable.
func (m *Memory) Sync() error { return nil }

// Check implements Engine.
func (m *Memory) Check() error { return nil }

// Stats implements Engine.
func (m *Memory) Stats() (Stats, error) { return Stats{Size: m.size.Load()}, nil }

// Close implements Engine.
func (m *Memory) Close() error {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.closed.Store(true)
	return nil
}

// memoryTx reads trees; a writer copies a tree at its first change of it.
type memoryTx struct {
	trees []*memoryTree
	own   []bool
	grown int64
}

func (t *memoryTx) Get(b Bucket, key []byte) []byte {
	p, _ := t.trees[b].Get(Pair{Key: key})
	return p.Value
}

func (t *memoryTx) MultiGet(b Bucket, keys [][]byte) [][]byte { return multiGet(t, b, keys) }

func multiGet(r Reader, b Bucket, keys [][]byte) [][]byte {
	values := make([][]byte, len(keys))
	for i, k := range keys {
		values[i] = r.Get(b, k)
	}
	return values
}

func (t *memoryTx) Scan(b Bucket, from, to []byte, limit int, reverse bool) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) {
		n := 0
		each := func(p Pair) bool {
			if reverse && to != nil && bytes.Compare(p.Key, to) >= 0 {
				return true // Descend begins at its pivot, our upper bound is exclusive
			}
			if reverse && from != nil && bytes.Compare(p.Key, from) < 0 {
				return false
			}
			if !reverse && to != nil && bytes.Compare(p.Key, to) >= 0 {
				return false
			}
			n++
			return yield(p.Key, p.Value) && (limit <= 0 || n < limit)
		}
		tree := t.trees[b]
		switch {
		case reverse && to != nil:
			tree.Descend(Pair{Key: to}, each)
		case reverse:
			tree.Reverse(each)
		case from != nil:
			tree.Ascend(Pair{Key: from}, each)
		default:
			tree.Scan(each)
		}
	}
}

func (t *memoryTx) writable(b Bucket) *memoryTree {
	if !t.own[b] {
		t.trees[b] = t.trees[b].Copy()
		t.own[b] = true
	}
	return t.trees[b]
}

func (t *memoryTx) Put(b Bucket, key, value []byte) {
	p := Pair{bytes.Clone(key), append(make([]byte, 0, len(value)), value...)}
	old, replaced := t.writable(b).Set(p)
	t.grown += int64(len(key) + len(value))
	if replaced {
		t.grown -= int64(len(old.Key) + len(old.Value))
	}
}

func (t *memoryTx) Delete(b Bucket, key []byte) {
	if old, ok := t.writable(b).Delete(Pair{Key: key}); ok {
		t.grown -= int64(len(old.Key) + len(old.Value))
	}
}

func (t *memoryTx) DeleteRange(b Bucket, from, to []byte) {
	var keys [][]byte
	for k := range t.Scan(b, from, to, 0, false) {
		keys = append(keys, k)
	}
	for _, k := range keys {
		t.Delete(b, k)
	}
}

func (t *memoryTx) Add(b Bucket, key []byte, n int64) uint64 {
	sum := Counter(t.Get(b, key)) + uint64(n)
	t.Put(b, key, EncodeCounter(sum))
	return sum
}
