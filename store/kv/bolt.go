package kv

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// BoltOptions are the choices for a bbolt file.
type BoltOptions struct {
	// Relaxed leaves out fsync: a power cut may damage the file, a crash of the
	// process does not. Sync makes durable what was committed.
	Relaxed bool
	// LockWait is how long to wait for another process to let the file go.
	LockWait time.Duration
}

// alone is the length in octets above which a value stands in a bucket of its
// own, named by its key. bbolt splits no page of four values or fewer, so beside
// others it would be written again with each commit that adds one of its
// neighbours; by itself it is written once.
const alone = 4096

// aloneKey is the key of the value in such a bucket.
var aloneKey = []byte{0}

// arenaKept is up to how many octets the room for packs is kept for the next Update.
const arenaKept = 1 << 20

// fillAscending is how full a page of an ascending bucket gets before it splits.
const fillAscending = 0.9

// Bolt is an engine in one bbolt file.
type Bolt struct {
	path    string
	schema  []Schema
	names   [][]byte
	options BoltOptions

	writing sync.Mutex // held by the one Update, and while files are switched
	touched touched    // what was written since compacting began; nil: nobody compacts
	arena   []byte     // of the Update before, to be used again

	mu      sync.RWMutex // held while a transaction begins
	db      *bbolt.DB
	closing sync.WaitGroup // of files that compacting replaced
}

// OpenBolt opens or creates a file. Errors: ErrLocked, ErrForeign, ErrCorrupt,
// ErrReadOnly, ErrDiskFull, each naming the path.
func OpenBolt(path string, schema []Schema, o BoltOptions) (*Bolt, error) {
	if o.LockWait <= 0 {
		o.LockWait = 200 * time.Millisecond
	}
	if err := checkFile(path); err != nil {
		return nil, err
	}
	if err := verify(path, o); err != nil {
		return nil, openError(path, err)
	}
	db, err := openBolt(path, o)
	if err != nil {
		return nil, openError(path, err)
	}
	_ = os.Remove(path + compactSuffix) // what a crash left
	b := &Bolt{path: path, db: db, schema: schema, options: o}
	for _, s := range schema {
		b.names = append(b.names, []byte(s.Name))
	}
	if err := b.makeBuckets(); err != nil {
		return nil, errors.Join(openError(path, err), db.Close())
	}
	return b, nil
}

// openBolt turns the panics of bbolt on damaged pages into errors.
func openBolt(path string, o BoltOptions) (db *bbolt.DB, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, r)
		}
	}()
	return bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:         o.LockWait,
		FreelistType:    bbolt.FreelistMapType,
		NoFreelistSync:  true,
		InitialMmapSize: initialMmapSize(),
		NoSync:          o.Relaxed,
		PageSize:        4096,
	})
}

// initialMmapSize spares running readers the remapping of a growing file. Only
// address space is reserved, which 32-bit machines are short of; Windows would
// grow the file itself.
func initialMmapSize() int {
	if strconv.IntSize < 64 || runtime.GOOS == "windows" {
		return 0
	}
	return 4 << 30
}

// checkFile tells a foreign or cut-off file before bbolt maps it.
func checkFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return openError(path, err)
	}
	defer f.Close()
	if st, err := f.Stat(); err == nil && !st.Mode().IsRegular() {
		return fmt.Errorf("%s: %w: it is a folder or a device", path, ErrForeign)
	}
	head := make([]byte, 4096+32)
	n, _ := f.Read(head)
	if n == 0 {
		return nil // an empty file is made into a database
	}
	// the magic number of a bbolt meta page stands 16 octets into page 0 and 1,
	// in the machine's byte order
	magic := func(at int) bool {
		if n < at+20 {
			return false
		}
		m := head[at+16 : at+20]
		return bytes.Equal(m, []byte{0xED, 0xDA, 0x0C, 0xED}) || bytes.Equal(m, []byte{0xED, 0x0C, 0xDA, 0xED})
	}
	if !magic(0) && !magic(4096) {
		return fmt.Errorf("%s: %w", path, ErrForeign)
	}
	if st, err := f.Stat(); err == nil && st.Size() < 4*4096 {
		return fmt.Errorf("%s: %w: the file is cut off", path, ErrCorrupt)
	}
	return nil
}

func openError(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		err = ErrLocked
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, berrors.ErrChecksum):
		err = fmt.Errorf("%w: %v", ErrCorrupt, err)
	case errors.Is(err, os.ErrPermission), errors.Is(err, syscall.EROFS):
		err = fmt.Errorf("%w: %v", ErrReadOnly, err)
	default:
		err = ioError(err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

func ioError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %v", ErrDiskFull, err)
	}
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

func (b *Bolt) makeBuckets() error {
	missing := false
	err := b.db.View(func(tx *bbolt.Tx) error {
		for _, name := range b.names {
			missing = missing || tx.Bucket(name) == nil
		}
		return nil
	})
	if err != nil || !missing {
		return err
	}
	return b.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range b.names {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// begin starts a transaction on the file of the moment.
func (b *Bolt) begin(writable bool) (*boltTx, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	tx, err := b.db.Begin(writable)
	if err != nil {
		return nil, ioError(err)
	}
	return &boltTx{tx: tx, b: b, buckets: make([]*bbolt.Bucket, len(b.names))}, nil
}

// View implements Engine.
func (b *Bolt) View(fn func(Reader) error) error {
	t, err := b.begin(false)
	if err != nil {
		return err
	}
	defer func() { _ = t.tx.Rollback() }()
	err = t.run(func() error { return fn(t) })
	if t.err != nil { // what fn made of a failed read is not the cause
		err = t.err
	}
	return ioError(err)
}

// Update implements Engine.
func (b *Bolt) Update(fn func(Writer) error) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	t, err := b.begin(true)
	if err != nil {
		return err
	}
	defer func() { _ = t.tx.Rollback() }() // after a commit it does nothing
	if b.touched != nil {
		t.touched = newTouched(b.schema)
	}
	t.arena = b.arena[:0]
	defer func() {
		if b.arena = nil; cap(t.arena) <= arenaKept {
			b.arena = t.arena
		}
	}()
	err = t.run(func() error {
		if err := fn(t); err != nil {
			return err
		}
		t.flushAll()
		return nil
	})
	if t.err != nil { // what fn made of a failed read is not the cause
		err = t.err
	}
	if err != nil {
		return ioError(err)
	}
	if err := t.run(t.tx.Commit); err != nil {
		return ioError(err)
	}
	b.touched.add(t.touched)
	return nil
}

// Sync implements Engine.
func (b *Bolt) Sync() error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return ioError(b.db.Sync())
}

// Stats implements Engine.
func (b *Bolt) Stats() (Stats, error) {
	t, err := b.begin(false)
	if err != nil {
		return Stats{}, err
	}
	defer func() { _ = t.tx.Rollback() }()
	st := t.tx.DB().Stats()
	page := t.tx.DB().Info().PageSize
	return Stats{Size: t.tx.Size(), Free: int64(st.FreePageN+st.PendingPageN) * int64(page)}, nil
}

// Check implements Engine. Writers wait: bbolt holds the pages against the free
// list of the moment.
func (b *Bolt) Check() error {
	b.writing.Lock()
	defer b.writing.Unlock()
	return b.View(func(r Reader) error {
		var errs []error
		t := r.(*boltTx)
		for err := range t.tx.Check() {
			if len(errs) < 10 {
				errs = append(errs, fmt.Errorf("%w: %v", ErrCorrupt, err))
			}
		}
		for i := range b.schema {
			if len(errs) < 10 && b.schema[i].Packed {
				errs = append(errs, t.checkPacks(Bucket(i))...)
			}
		}
		return errors.Join(errs...)
	})
}

// Close implements Engine; it waits for open Views.
func (b *Bolt) Close() error {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.closing.Wait()
	var err error
	if b.options.Relaxed && b.db.Path() != "" { // "" once it is closed
		err = ioError(b.db.Sync())
	}
	return errors.Join(err, b.db.Close())
}

type boltTx struct {
	tx      *bbolt.Tx
	b       *Bolt
	buckets []*bbolt.Bucket
	err     error
	touched touched
	packs   []packedTx // nil until a packed bucket is used
	arena   []byte     // of packs that are written
}

// run turns bbolt's panics on damaged pages into ErrCorrupt; others go on.
func (t *boltTx) run(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if s, ok := r.(string); ok && looksDamaged(s) {
				err = fmt.Errorf("%w: %s", ErrCorrupt, s)
				return
			}
			panic(r)
		}
	}()
	return fn()
}

func looksDamaged(s string) bool {
	for _, mark := range []string{"page ", "Page ", "invalid page", "assertion failed", "freepages:", "pos("} {
		if len(s) >= len(mark) && bytes.Contains([]byte(s), []byte(mark)) {
			return true
		}
	}
	return false
}

func (t *boltTx) bucket(b Bucket) *bbolt.Bucket {
	if t.buckets[b] == nil {
		bk := t.tx.Bucket(t.b.names[b])
		if t.b.schema[b].Ascending || t.b.schema[b].Packed {
			bk.FillPercent = fillAscending
		}
		t.buckets[b] = bk
	}
	return t.buckets[b]
}

func (t *boltTx) fail(err error) {
	if t.err == nil && err != nil {
		t.err = err
	}
}

func (t *boltTx) Get(b Bucket, key []byte) []byte {
	if t.b.schema[b].Packed {
		return t.getPacked(b, key)
	}
	bk := t.bucket(b)
	if v := bk.Get(key); v != nil {
		return v
	}
	return valueAlone(bk, key)
}

// valueAlone returns the value that has a bucket of its own; nil if there is none.
func valueAlone(bk *bbolt.Bucket, key []byte) []byte {
	if own := bk.Bucket(key); own != nil {
		return own.Get(aloneKey)
	}
	return nil
}

func (t *boltTx) MultiGet(b Bucket, keys [][]byte) [][]byte { return multiGet(t, b, keys) }

func (t *boltTx) Scan(b Bucket, from, to []byte, limit int, reverse bool) iter.Seq2[[]byte, []byte] {
	if t.b.schema[b].Packed {
		return t.scanPacked(b, from, to, limit, reverse)
	}
	return func(yield func(k, v []byte) bool) {
		bk := t.bucket(b)
		c := bk.Cursor()
		var k, v []byte
		step := c.Next
		if reverse {
			step = func() ([]byte, []byte) { return t.before(c, k) }
			k, v = t.seekBelow(c, to)
		} else if from == nil {
			k, v = c.First()
		} else {
			k, v = c.Seek(from)
		}
		for n := 0; k != nil; k, v = step() {
			if reverse && from != nil && bytes.Compare(k, from) < 0 ||
				!reverse && to != nil && bytes.Compare(k, to) >= 0 {
				return
			}
			n++
			if v == nil {
				v = valueAlone(bk, k)
			}
			if !yield(k, v) || limit > 0 && n >= limit {
				return
			}
		}
	}
}

func (t *boltTx) Put(b Bucket, key, value []byte) {
	t.touched.note(b, key)
	if t.b.schema[b].Packed {
		t.putPacked(b, key, value)
		return
	}
	t.putPlain(b, key, value)
}

func (t *boltTx) putPlain(b Bucket, key, value []byte) {
	bk := t.bucket(b)
	if len(value) <= alone {
		err := bk.Put(key, value)
		if errors.Is(err, berrors.ErrIncompatibleValue) { // a longer one stands there
			err = errors.Join(bk.DeleteBucket(key), bk.Put(key, value))
		}
		t.fail(err)
		return
	}
	own, err := bk.CreateBucketIfNotExists(key)
	if errors.Is(err, berrors.ErrIncompatibleValue) { // a shorter one
		t.fail(bk.Delete(key))
		own, err = bk.CreateBucket(key)
	}
	if err != nil {
		t.fail(err)
		return
	}
	t.fail(own.Put(aloneKey, value))
}

func (t *boltTx) Delete(b Bucket, key []byte) {
	t.touched.note(b, key)
	if t.b.schema[b].Packed {
		t.deletePacked(b, key)
		return
	}
	t.deletePlain(b, key)
}

func (t *boltTx) deletePlain(b Bucket, key []byte) {
	bk := t.bucket(b)
	err := bk.Delete(key)
	if errors.Is(err, berrors.ErrIncompatibleValue) {
		err = bk.DeleteBucket(key)
	}
	t.fail(err)
}

func (t *boltTx) DeleteRange(b Bucket, from, to []byte) {
	var keys [][]byte // deleting under a cursor skips keys
	for k := range t.Scan(b, from, to, 0, false) {
		keys = append(keys, bytes.Clone(k))
	}
	for _, k := range keys {
		t.Delete(b, k)
	}
}

func (t *boltTx) Add(b Bucket, key []byte, n int64) uint64 {
	sum := Counter(t.Get(b, key)) + uint64(n)
	t.Put(b, key, EncodeCounter(sum))
	return sum
}
