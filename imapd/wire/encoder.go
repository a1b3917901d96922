package wire

import (
	"bytes"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

// Threshold is how many octets wait in an Encoder before Drain sends them.
const Threshold = 64 << 10

// Encoder collects responses in one buffer that is sent when the command ends
// (Flush) or, between two responses, when it holds 64 KiB (Drain). Writing into
// it never blocks, so it may be done inside a view of the store. The first error
// of the connection sticks.
type Encoder struct {
	buf []byte
	w   io.Writer
	// after is called when the buffer was sent by Flush: a compressor's flush.
	after     func() error
	unflushed bool // something was sent since after was called
	err       error
	// Record, when set, is shown what is sent: text, or how many octets of message
	// data or of a long answer are left out.
	Record func(text []byte, elided int)
	from   int // where the present answer begins in buf
	spent  int // octets of it that were sent already
	cuts   []cut
	// UTF8 lets strings and mailbox names go out as UTF-8 (RFC 6855, RFC 9051).
	UTF8 bool
}

// cut is a run of the buffer that the record leaves out.
type cut struct{ at, n int }

// Bounds of the record: of a literal, and of the responses to one command.
const (
	recordLiteral = 512
	recordAnswer  = 16 << 10
)

// NewEncoder writes to w.
func NewEncoder(w io.Writer) *Encoder { return &Encoder{w: w} }

// Reset writes to another stream; after, when set, is called at each Flush.
func (e *Encoder) Reset(w io.Writer, after func() error) { e.w, e.after = w, after }

// Drain sends what is buffered if it is much. To be called between responses.
func (e *Encoder) Drain() {
	if len(e.buf) >= Threshold {
		e.send()
	}
}

// Flush sends what is buffered.
func (e *Encoder) Flush() error {
	if len(e.buf) > 0 {
		e.send()
	}
	if e.err == nil && e.after != nil && e.unflushed {
		e.unflushed = false
		e.err = e.after()
	}
	return e.err
}

func (e *Encoder) send() {
	e.unflushed = true
	if e.Record != nil {
		e.record()
	}
	if e.err == nil {
		_, e.err = e.w.Write(e.buf)
	}
	if e.buf = e.buf[:0]; cap(e.buf) > 4*Threshold {
		e.buf = nil // one big message does not stay in memory
	}
}

// Mark says that another answer begins here: the record shows its first octets.
func (e *Encoder) Mark() {
	e.trim()
	e.from, e.spent = len(e.buf), 0
}

// trim cuts what is too much of the present answer.
func (e *Encoder) trim() {
	start := e.from + max(0, recordAnswer-e.spent)
	e.spent += len(e.buf) - e.from
	if start >= len(e.buf) {
		return
	}
	for n := len(e.cuts); n > 0 && e.cuts[n-1].at+e.cuts[n-1].n > start; n-- {
		start = min(start, e.cuts[n-1].at)
		e.cuts = e.cuts[:n-1]
	}
	e.cuts = append(e.cuts, cut{start, len(e.buf) - start})
}

// record shows the buffer without its cuts.
func (e *Encoder) record() {
	e.trim()
	at := 0
	for _, c := range e.cuts {
		if c.at > at {
			e.Record(e.buf[at:c.at], 0)
		}
		e.Record(nil, c.n)
		at = c.at + c.n
	}
	if at < len(e.buf) {
		e.Record(e.buf[at:], 0)
	}
	e.from, e.cuts = 0, e.cuts[:0]
}

// Err is the first error of the connection.
func (e *Encoder) Err() error { return e.err }

// Raw writes octets as they are: stored ENVELOPE and BODYSTRUCTURE, response text.
func (e *Encoder) Raw(b []byte) { e.buf = append(e.buf, b...) }

// Atom writes a string as it is.
func (e *Encoder) Atom(s string) { e.buf = append(e.buf, s...) }

// Byte writes one octet.
func (e *Encoder) Byte(c byte) { e.buf = append(e.buf, c) }

// SP writes a space.
func (e *Encoder) SP() { e.buf = append(e.buf, ' ') }

// CRLF ends a response; nothing is sent yet.
func (e *Encoder) CRLF() { e.buf = append(e.buf, '\r', '\n') }

// Number writes an unsigned number.
func (e *Encoder) Number(n uint64) { e.buf = strconv.AppendUint(e.buf, n, 10) }

// Set writes a sequence set.
func (e *Encoder) Set(s Set) { e.buf = s.Append(e.buf) }

// DateTime writes a quoted date-time.
func (e *Encoder) DateTime(t time.Time) {
	e.Byte('"')
	e.buf = t.AppendFormat(e.buf, DateTimeLayout)
	e.Byte('"')
}

// NIL writes NIL.
func (e *Encoder) NIL() { e.Atom("NIL") }

// String writes a quoted string where one is allowed, else a literal.
func (e *Encoder) String(s string) {
	if !e.quotable(s) {
		e.LiteralHead(len(s), false)
		e.Atom(s)
		return
	}
	e.Byte('"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			e.Byte('\\')
		}
		e.Byte(s[i])
	}
	e.Byte('"')
}

func (e *Encoder) quotable(s string) bool {
	if len(s) > 1024 {
		return false
	}
	eight := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == 0 || c == '\r' || c == '\n':
			return false
		case c >= 0x80:
			eight = true
		}
	}
	return !eight || e.UTF8 && utf8.ValidString(s)
}

// Literal writes {n} and the octets. A NUL, which a literal cannot hold (CHAR8,
// RFC 9051 §9), goes out as 0x80, so the length stays.
func (e *Encoder) Literal(b []byte) {
	e.LiteralHead(len(b), false)
	start := len(e.buf)
	e.Data(b)
	for rest := e.buf[start:]; ; {
		i := bytes.IndexByte(rest, 0)
		if i < 0 {
			return
		}
		rest[i] = 0x80
		rest = rest[i+1:]
	}
}

// Data writes a literal's octets behind its head.
func (e *Encoder) Data(b []byte) {
	if e.Record != nil && len(b) > recordLiteral {
		e.cuts = append(e.cuts, cut{len(e.buf), len(b)})
	}
	e.buf = append(e.buf, b...)
}

// LiteralHead writes {n} or, for octets that may hold NUL, ~{n} (RFC 3516 §4.4).
func (e *Encoder) LiteralHead(n int, binary bool) {
	if binary {
		e.Byte('~')
	}
	e.Byte('{')
	e.Number(uint64(n))
	e.Atom("}\r\n")
}

// Flags writes a parenthesised list of atoms.
func (e *Encoder) Flags(flags []string) {
	e.Byte('(')
	for i, f := range flags {
		if i > 0 {
			e.SP()
		}
		e.Atom(f)
	}
	e.Byte(')')
}
