package store

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"sync"
)

// Octets collects the octets of one message. It is for one goroutine.
type Octets struct {
	b    *blobs
	buf  *[]byte
	file file
	path string // of the temporary file
	n    int64
	err  error
}

// octetBuffers keeps buffers of usual size for the next message.
var octetBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// octetBufferKept is the capacity above which a buffer is left to the collector.
const octetBufferKept = 256 << 10

// errOctetsGone is what a discarded Octets answers.
var errOctetsGone = errors.New("octets were discarded")

// NewOctets returns a writer for a message's octets: memory up to 1 MiB, then a
// temporary file beside the blobs. Discard it or hand it to Deliver.
func (s *Store) NewOctets() *Octets {
	return &Octets{b: &s.blobs, buf: octetBuffers.Get().(*[]byte)}
}

// Write adds octets. Errors: ErrDiskFull and those of the file system; the
// first one stays.
func (o *Octets) Write(p []byte) (int, error) {
	if o.buf == nil && o.err == nil {
		o.err = errOctetsGone
	}
	if o.err == nil && o.n+int64(len(p)) > math.MaxUint32 {
		o.err = fmt.Errorf("%w: a message over 4 GiB", ErrFull)
	}
	if o.err != nil {
		return 0, o.err
	}
	if o.file == nil && o.b.dir != "" && o.n+int64(len(p)) > blobThreshold {
		o.err = o.spill()
	}
	if o.err == nil && o.file != nil {
		_, err := o.file.Write(p)
		o.err = errNoSpace(err)
	} else if o.err == nil {
		*o.buf = append(*o.buf, p...)
	}
	if o.err != nil {
		return 0, o.err
	}
	o.n += int64(len(p))
	return len(p), nil
}

// spill moves what was written into a file.
func (o *Octets) spill() (err error) {
	if o.file, o.path, err = o.b.temporary(); err != nil {
		return err
	}
	_, err = o.file.Write(*o.buf)
	*o.buf = (*o.buf)[:0]
	return errNoSpace(err)
}

// Len is the number of octets written.
func (o *Octets) Len() int64 { return o.n }

// Discard frees the octets. It may be called after Deliver too.
func (o *Octets) Discard() {
	if o.buf == nil {
		return
	}
	if cap(*o.buf) <= octetBufferKept {
		*o.buf = (*o.buf)[:0]
		octetBuffers.Put(o.buf)
	}
	o.buf = nil
	if o.file != nil {
		_ = o.file.Close()
		_ = o.b.fs.Remove(o.path) // gone already if it was kept
		o.file = nil
	}
}

// raw returns all octets: the buffer itself, or what the file holds.
func (o *Octets) raw() ([]byte, error) {
	switch {
	case o.err != nil:
		return nil, o.err
	case o.buf == nil:
		return nil, errOctetsGone
	case o.file == nil:
		return *o.buf, nil
	}
	return o.b.read(filepath.Base(o.path), o.n)
}

// sync closes the file with everything in it on disk.
func (o *Octets) sync() error {
	if o.b.relaxed {
		return nil
	}
	return errNoSpace(o.file.Sync())
}
