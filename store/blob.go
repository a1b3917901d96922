package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// blobThreshold is the size up to which octets live in the database.
const blobThreshold = 1 << 20

// Names in the blob folder: what is being written, and what a record may name.
const (
	blobTemporary = "tmp-"
	blobSuffix    = ".eml"
)

// files is the file system as the blobs need it; a test has one that forgets
// what was not synced.
type files interface {
	MkdirAll(dir string) error
	Create(path string) (file, error) // fails if it exists
	Open(path string) (io.ReadSeekCloser, error)
	Rename(from, to string) error
	Link(from, to string) error // a second name, or a copy
	Remove(path string) error
	List(dir string) ([]string, error) // names; none if there is no such folder
	SyncDir(dir string) error
}

type file interface {
	io.WriteCloser
	Sync() error
}

// blobs keeps octets too big for the database in a folder beside it. The order
// is what makes it safe: temporary file, fsync, rename, fsync of the folder,
// then the transaction that names it; unlinked after the commit that deletes
// it. What a crash leaves is swept when the store is opened.
type blobs struct {
	fs      files
	dir     string // "": everything stays in the database
	relaxed bool
}

// errNoSpace turns the system's errors of a full disk into ErrDiskFull.
func errNoSpace(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return err
}

func newBlobName() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:]) + blobSuffix
}

func (b *blobs) path(name string) string { return filepath.Join(b.dir, name) }

// temporary makes a file to write to.
func (b *blobs) temporary() (f file, path string, err error) {
	if err := b.fs.MkdirAll(b.dir); err != nil {
		return nil, "", errNoSpace(err)
	}
	path = b.path(blobTemporary + newBlobName())
	f, err = b.fs.Create(path)
	return f, path, errNoSpace(err)
}

// keep gives a written and synced temporary file n names of its own. The caller
// still owns the temporary name.
func (b *blobs) keep(path string, n int) (names []string, err error) {
	defer func() {
		if err != nil {
			b.remove(names...)
			names = nil
		}
	}()
	for i := range n {
		name := newBlobName()
		if i == n-1 {
			err = b.fs.Rename(path, b.path(name))
		} else {
			err = b.fs.Link(path, b.path(name))
		}
		if err != nil {
			return names, errNoSpace(err)
		}
		names = append(names, name)
	}
	if b.relaxed {
		return names, nil
	}
	return names, errNoSpace(b.fs.SyncDir(b.dir))
}

func (b *blobs) open(name string) (io.ReadSeekCloser, error) {
	f, err := b.fs.Open(b.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotFound // deleted since the record was read
	}
	return f, err
}

func (b *blobs) read(name string, size int64) ([]byte, error) {
	f, err := b.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw := make([]byte, size)
	if _, err = io.ReadFull(f, raw); err != nil {
		return nil, fmt.Errorf("%w: octets of %s: %w", ErrCorrupt, name, err)
	}
	return raw, nil
}

// remove unlinks; what fails is swept at the next open.
func (b *blobs) remove(names ...string) {
	for _, name := range names {
		_ = b.fs.Remove(b.path(name))
	}
}

// sweep unlinks what no record names, and says which named ones are missing.
func (b *blobs) sweep(named map[string]bool) (missing []string, err error) {
	if b.dir == "" {
		return nil, nil
	}
	names, err := b.fs.List(b.dir)
	if err != nil {
		return nil, err
	}
	found := make(map[string]bool, len(names))
	for _, name := range names {
		switch {
		case named[name]:
			found[name] = true
		case strings.HasPrefix(name, blobTemporary) || strings.HasSuffix(name, blobSuffix):
			b.remove(name)
		}
	}
	for name := range named {
		if !found[name] {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// osFiles is the machine's file system.
type osFiles struct{}

func (osFiles) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

func (osFiles) Create(path string) (file, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

func (osFiles) Open(path string) (io.ReadSeekCloser, error) { return os.Open(path) }

func (osFiles) Rename(from, to string) error { return os.Rename(from, to) }

func (f osFiles) Link(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from) // a file system without links
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := f.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

func (osFiles) Remove(path string) error { return os.Remove(path) }

func (osFiles) List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (osFiles) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, os.ErrInvalid) && !errors.Is(err, syscall.EINVAL) {
		return err // some systems cannot sync a folder, and need not
	}
	return nil
}
