package wire

import (
	"bufio"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

// Encoder writes responses into one 64 KiB buffer that is flushed when the
// command ends or the buffer is full. Errors of the connection stick in the
// buffer and come out of Flush.
type Encoder struct {
	w *bufio.Writer
	// UTF8 lets strings and mailbox names go out as UTF-8 (RFC 6855, RFC 9051).
	UTF8 bool
	num  [32]byte
	// after is called by Flush when the buffer is empty: a compressor's flush.
	after func() error
}

// NewEncoder writes to w.
func NewEncoder(w io.Writer) *Encoder {
	return &Encoder{w: bufio.NewWriterSize(w, 64<<10)}
}

// Reset writes to another stream; after, when set, is called at each Flush.
func (e *Encoder) Reset(w io.Writer, after func() error) {
	e.w.Reset(w)
	e.after = after
}

// Flush sends what is buffered.
func (e *Encoder) Flush() error {
	if e.w.Buffered() == 0 && e.after == nil {
		return nil
	}
	if err := e.w.Flush(); err != nil {
		return err
	}
	if e.after != nil {
		return e.after()
	}
	return nil
}

// Raw writes octets as they are: stored ENVELOPE and BODYSTRUCTURE, response text.
func (e *Encoder) Raw(b []byte) { _, _ = e.w.Write(b) }

// Atom writes a string as it is.
func (e *Encoder) Atom(s string) { _, _ = e.w.WriteString(s) }

// Byte writes one octet.
func (e *Encoder) Byte(c byte) { _ = e.w.WriteByte(c) }

// SP writes a space.
func (e *Encoder) SP() { _ = e.w.WriteByte(' ') }

// CRLF ends a response; nothing is sent yet.
func (e *Encoder) CRLF() { _, _ = e.w.WriteString("\r\n") }

// Number writes an unsigned number.
func (e *Encoder) Number(n uint64) { e.Raw(strconv.AppendUint(e.num[:0], n, 10)) }

// Set writes a sequence set.
func (e *Encoder) Set(s Set) {
	for i := 0; i < len(s); i += 64 {
		if i > 0 {
			e.Byte(',')
		}
		e.Raw(s[i:min(i+64, len(s))].Append(e.num[:0]))
	}
}

// DateTime writes a quoted date-time.
func (e *Encoder) DateTime(t time.Time) {
	e.Byte('"')
	e.Raw(t.AppendFormat(e.num[:0], DateTimeLayout))
	e.Byte('"')
}

// NIL writes NIL.
func (e *Encoder) NIL() { e.Atom("NIL") }

// String writes a quoted string where one is allowed, else a literal.
func (e *Encoder) String(s string) {
	if !e.quotable(s) {
		e.Literal([]byte(s))
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

// NString writes a string, NIL when ok is false.
func (e *Encoder) NString(s string, ok bool) {
	if !ok {
		e.NIL()
		return
	}
	e.String(s)
}

// Literal writes {n} and the octets; the caller has no NUL in them.
func (e *Encoder) Literal(b []byte) {
	e.LiteralHead(int64(len(b)), false)
	e.Raw(b)
}

// LiteralHead writes {n} or, for octets that may hold NUL, ~{n} (RFC 3516 §4.4).
func (e *Encoder) LiteralHead(n int64, binary bool) {
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

// Write sends octets as they are, for io.Copy of literals.
func (e *Encoder) Write(p []byte) (int, error) { return e.w.Write(p) }
