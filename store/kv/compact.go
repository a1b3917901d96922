package kv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.etcd.io/bbolt"
)

const (
	// compactSuffix is added to the path for the file being made.
	compactSuffix = ".compact"
	// sliceOctets and sliceKeys bound what is copied in one transaction.
	sliceOctets = 4 << 20
	sliceKeys   = 10_000
	// compactGrowth is by how much the new file grows at a time, in octets.
	compactGrowth = 1 << 20
	// compactRounds is how often what was written meanwhile is copied beside the
	// writers, before the rest is copied while they wait.
	compactRounds = 5
)

// touched is which keys were written: one set for each bucket.
type touched []map[string]struct{}

func newTouched(schema []Schema) touched {
	t := make(touched, len(schema))
	for i := range t {
		t[i] = make(map[string]struct{})
	}
	return t
}

func (t touched) note(b Bucket, key []byte) {
	if t != nil {
		t[b][string(key)] = struct{}{}
	}
}

func (t touched) add(o touched) {
	if t == nil {
		return
	}
	for b := range o {
		for k := range o[b] {
			t[b][k] = struct{}{}
		}
	}
}

func (t touched) len() (n int) {
	for _, keys := range t {
		n += len(keys)
	}
	return n
}

// Compact implements Compactor: every bucket is copied in slices into a new
// file while writers go on, then what they wrote meanwhile, the last of it while
// they wait; then the new file takes the old one's name.
func (b *Bolt) Compact(ctx context.Context) (err error) {
	b.writing.Lock()
	if b.touched != nil {
		b.writing.Unlock()
		return errors.New("already compacting")
	}
	b.touched = newTouched(b.schema)
	b.writing.Unlock()
	defer func() {
		b.writing.Lock()
		b.touched = nil
		b.writing.Unlock()
	}()

	path := b.path + compactSuffix
	_ = os.Remove(path)
	into, err := OpenBolt(path, b.schema, BoltOptions{Relaxed: true})
	if err != nil {
		_ = os.Remove(path) // on a full disk there is an empty one
		return err
	}
	into.db.AllocSize = compactGrowth
	defer func() {
		if err != nil {
			err = errors.Join(err, into.db.Close(), os.Remove(path))
		}
	}()
	for i := range b.schema {
		if err := b.copyBucket(ctx, into, Bucket(i)); err != nil {
			return fmt.Errorf("copy bucket %s: %w", b.schema[i].Name, err)
		}
	}
	for range compactRounds {
		b.writing.Lock()
		keys := b.touched
		b.touched = newTouched(b.schema)
		b.writing.Unlock()
		if err := b.copyTouched(ctx, into, keys); err != nil {
			return err
		}
		if keys.len() < sliceKeys {
			break
		}
	}
	return b.switchTo(ctx, into)
}

// copyBucket copies a bucket in slices, each read in a transaction of its own,
// so that no reader keeps the writers' pages for long.
func (b *Bolt) copyBucket(ctx context.Context, into *Bolt, bucket Bucket) error {
	var from []byte
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		var next []byte
		err := b.View(func(r Reader) error {
			return into.Update(func(w Writer) error {
				octets, keys := 0, 0
				w.(*boltTx).bucket(bucket).FillPercent = fillAscending
				for k, v := range r.Scan(bucket, from, nil, 0, false) {
					w.Put(bucket, k, v)
					octets += len(k) + len(v)
					if keys++; octets >= sliceOctets || keys >= sliceKeys {
						next = append(bytes.Clone(k), 0) // the first key after k
						return nil
					}
				}
				return nil
			})
		})
		if err != nil || next == nil {
			return err
		}
		from = next
	}
}

// copyTouched brings keys in the new file to what they now are.
func (b *Bolt) copyTouched(ctx context.Context, into *Bolt, keys touched) error {
	for bucket := range keys {
		list := make([][]byte, 0, len(keys[bucket]))
		for k := range keys[bucket] {
			list = append(list, []byte(k))
		}
		slices.SortFunc(list, bytes.Compare) // so that packs stay whole
		for len(list) > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			done := 0
			err := b.View(func(r Reader) error {
				return into.Update(func(w Writer) error {
					octets := 0
					for _, k := range list {
						v := r.Get(Bucket(bucket), k)
						if v == nil {
							w.Delete(Bucket(bucket), k)
						} else {
							w.Put(Bucket(bucket), k, v)
						}
						octets += len(v)
						if done++; octets >= sliceOctets || done >= sliceKeys {
							return nil
						}
					}
					return nil
				})
			})
			if err != nil {
				return err
			}
			list = list[done:]
		}
	}
	return nil
}

// switchTo copies the last of what was written, while writers wait, and puts
// the new file in the old one's place. Readers of the old one finish there.
func (b *Bolt) switchTo(ctx context.Context, into *Bolt) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	if err := b.copyTouched(ctx, into, b.touched); err != nil {
		return err
	}
	if err := into.db.Sync(); err != nil {
		return ioError(err)
	}
	if err := into.db.Close(); err != nil { // an open file cannot be renamed everywhere
		return ioError(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.db
	if err := os.Rename(into.path, b.path); err != nil {
		return ioError(err)
	}
	syncFolder(filepath.Dir(b.path))
	db, err := openBolt(b.path, b.options)
	if err != nil {
		return openError(b.path, err)
	}
	b.db = db
	b.closing.Go(func() { closeOld(old) })
	return nil
}

// closeOld waits for the readers of a replaced file.
func closeOld(db *bbolt.DB) { _ = db.Close() }

// syncFolder makes a rename durable, where folders can be synced.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
