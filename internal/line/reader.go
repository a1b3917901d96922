package line

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// MaxLine is the longest line that ReadLine can be asked for, in octets.
const MaxLine = 64 << 10

const (
	smallSize = 512         // an idle connection holds this much
	maxSkip   = 1 << 20     // of a line over its limit, before the stream is given up
	bigSize   = 64 << 10    // taken from the pool while data flows
	direct    = bigSize / 2 // reads at least this long bypass the buffer when it is empty
)

// Errors of Reader. After ErrTooLong the reader stands behind the line and may
// go on; after ErrUnending it may not.
var (
	ErrTooLong  = errors.New("line too long")
	ErrUnending = errors.New("line without an end")
)

// Line is one line without its end. Text is valid until the next read.
type Line struct {
	Text []byte
	// BareLF says that the line ended in LF alone, which is no line end in
	// RFC 5321 §2.3.8, RFC 9051 §2.2 and RFC 1939 §3.
	BareLF bool
	// BareCR is the offset of the first CR in Text, -1 without one.
	BareCR int
}

// Reader is a bounded reader of CRLF lines and counted octets. It holds a small
// buffer while idle and borrows a big one while data flows. The zero value with
// Reset called is ready for use; it is not safe for concurrent use.
type Reader struct {
	src   io.Reader
	buf   []byte
	r, w  int
	small []byte
	big   *[bigSize]byte
}

var bigBuffers = sync.Pool{New: func() any { return new([bigSize]byte) }}

// NewReader returns a reader of src.
func NewReader(src io.Reader) *Reader {
	r := new(Reader)
	r.Reset(src)
	return r
}

// Reset forgets what is buffered and reads from src from now on.
func (r *Reader) Reset(src io.Reader) {
	r.Release()
	r.src = src
}

// Release forgets what is buffered and gives borrowed memory back. The reader
// must not be used afterwards, except for Reset.
func (r *Reader) Release() {
	r.r, r.w = 0, 0
	r.shrink()
}

// Buffered is the number of octets that are read already but not consumed.
func (r *Reader) Buffered() int { return r.w - r.r }

// HasLine tells whether a complete line waits in the buffer, so that reading it
// will not block: the rule by which replies are held back, RFC 2920 §3.2.
func (r *Reader) HasLine() bool {
	return bytes.IndexByte(r.buf[r.r:r.w], '\n') >= 0
}

// ReadLine reads a line of at most limit octets with its end (at most MaxLine).
// Errors: ErrTooLong when the line was longer (it is skipped), ErrUnending, io.EOF
// before the first octet, io.ErrUnexpectedEOF inside a line (Text then holds what
// came), those of the source.
func (r *Reader) ReadLine(limit int) (Line, error) {
	limit = min(limit, MaxLine)
	seen := 0 // octets of the buffer known to hold no LF
	for {
		if i := bytes.IndexByte(r.buf[r.r+seen:r.w], '\n'); i >= 0 {
			return r.take(seen+i+1, limit)
		}
		if seen = r.w - r.r; seen >= limit {
			return Line{BareCR: -1}, r.skip()
		}
		if err := r.fill(); err != nil {
			l := Line{Text: r.buf[r.r:r.w], BareCR: bytes.IndexByte(r.buf[r.r:r.w], '\r')}
			r.r = r.w
			if err == io.EOF && len(l.Text) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return l, err
		}
	}
}

// take consumes a line of n octets, its LF included.
func (r *Reader) take(n, limit int) (Line, error) {
	text := r.buf[r.r : r.r+n-1]
	r.r += n
	if n > limit {
		return Line{BareCR: -1}, ErrTooLong
	}
	l := Line{BareLF: true}
	if m := len(text); m > 0 && text[m-1] == '\r' {
		text, l.BareLF = text[:m-1], false
	}
	l.Text, l.BareCR = text, bytes.IndexByte(text, '\r')
	return l, nil
}

// skip consumes the rest of a line that is over its limit.
func (r *Reader) skip() error {
	for skipped := 0; skipped < maxSkip; {
		if i := bytes.IndexByte(r.buf[r.r:r.w], '\n'); i >= 0 {
			r.r += i + 1
			return ErrTooLong
		}
		skipped += r.w - r.r
		r.r = r.w
		if err := r.fill(); err != nil {
			return err
		}
	}
	return ErrUnending
}

// Read reads buffered octets, or from the source.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.r == r.w {
		if len(p) >= direct {
			return r.src.Read(p)
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.buf[r.r:r.w])
	r.r += n
	return n, nil
}

// CopyN writes the next n octets to dst in large blocks. When dst fails the rest
// is read all the same, so that the stream stays in step; refused is its first
// error. err is the source's, io.ErrUnexpectedEOF when it ended early.
func (r *Reader) CopyN(dst io.Writer, n int64) (refused, err error) {
	r.grow()
	for n > 0 {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				if err == io.EOF {
					err = io.ErrUnexpectedEOF
				}
				return refused, err
			}
		}
		m := int(min(n, int64(r.w-r.r)))
		if refused == nil {
			_, refused = dst.Write(r.buf[r.r : r.r+m])
		}
		r.r += m
		n -= int64(m)
	}
	return refused, nil
}

// fill reads once from the source into free space, making some if there is none.
func (r *Reader) fill() error {
	switch {
	case r.r == r.w:
		r.r, r.w = 0, 0
		if r.small == nil && r.big == nil {
			r.small = make([]byte, smallSize)
			r.buf = r.small
		}
	case r.r > 0:
		r.w = copy(r.buf, r.buf[r.r:r.w])
		r.r = 0
	}
	if r.w == len(r.buf) {
		r.grow()
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.w:])
		r.w += n
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// Idle gives a borrowed buffer back if nothing is in it: to be called before a
// read that may block for long.
func (r *Reader) Idle() {
	if r.r == r.w {
		r.r, r.w = 0, 0
		r.shrink()
	}
}

// grow moves what is buffered into a borrowed big buffer.
func (r *Reader) grow() {
	if r.big != nil {
		return
	}
	r.big = bigBuffers.Get().(*[bigSize]byte)
	r.w = copy(r.big[:], r.buf[r.r:r.w])
	r.r = 0
	r.buf = r.big[:]
}

func (r *Reader) shrink() {
	if r.big == nil {
		return
	}
	bigBuffers.Put(r.big)
	r.big, r.buf = nil, r.small
}
