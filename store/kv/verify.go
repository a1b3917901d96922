package kv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// verify reads, read-only, all the pages and keys that bbolt walks when it opens a
// file without a stored free list. bbolt does so in a goroutine of its own, whose
// panic at a damaged page nobody can catch; here it becomes ErrCorrupt, and so does
// the fault of reading behind the end of a file that was cut off.
func verify(path string, o BoltOptions) (err error) {
	if st, err := os.Stat(path); err != nil || st.Size() == 0 {
		return nil // it is made anew
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, r)
		}
	}()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: o.LockWait, PageSize: 4096})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.Begin(false)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // before Close, which waits for it
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if st.Size() < tx.Size() {
		return fmt.Errorf("%w: the file is cut off: %d octets of %d", ErrCorrupt, st.Size(), tx.Size())
	}
	return tx.ForEach(verifyBucket)
}

// verifyBucket demands that the keys of a bucket ascend, and that a key without
// value has a bucket with one.
func verifyBucket(name []byte, b *bbolt.Bucket) error {
	var last []byte
	return b.ForEach(func(key, value []byte) error {
		if last != nil && bytes.Compare(last, key) >= 0 {
			return fmt.Errorf("%w: the keys of bucket %s are not in order", ErrCorrupt, name)
		}
		if value == nil && valueAlone(b, key) == nil {
			return fmt.Errorf("%w: a key of bucket %s has no value", ErrCorrupt, name)
		}
		last = key
		return nil
	})
}
