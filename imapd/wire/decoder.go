package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/catchpost/catchpost/internal/line"
)

// Limits bound what one command may cost. Zero fields take the defaults.
type Limits struct {
	Line    int // octets of all physical lines of a command, without literals
	Literal int // octets of one literal that is kept in memory
	Total   int // octets of all in-memory literals of one command
	Set     int // ranges in one sequence set
	Nesting int // parentheses, NOT and OR inside one another
	Keys    int // search keys in one SEARCH
}

func (l Limits) orDefaults() Limits {
	set := func(p *int, v int) {
		if *p <= 0 {
			*p = v
		}
	}
	set(&l.Line, line.MaxLine-2)
	set(&l.Literal, 1<<20)
	set(&l.Total, 2<<20)
	set(&l.Set, 10_000)
	set(&l.Nesting, 32)
	set(&l.Keys, 1000)
	return l
}

// SyntaxError is the first thing in a command that the grammar does not allow.
type SyntaxError struct {
	Offset int // octets from the start of the command, without literals
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at octet %d", e.Reason, e.Offset)
}

// TooLargeError is a literal or a line beyond its limit. RFC 9051 §4.3: a
// synchronising literal is refused before it is sent.
type TooLargeError struct {
	Size, Limit int64
	Literal     bool
}

func (e *TooLargeError) Error() string {
	what := "command line"
	if e.Literal {
		what = "literal"
	}
	return fmt.Sprintf("%s of %d octets is over the limit of %d", what, e.Size, e.Limit)
}

// Literal is the head of a literal: RFC 9051 §4.3, RFC 7888, RFC 3516 §4.4.
type Literal struct {
	Size   int64
	Sync   bool // {n}: the client waits for our continuation
	Binary bool // ~{n}: may hold NUL
}

// Decoder reads commands. The first error sticks: every later method does
// nothing and returns zero values, so a command is parsed whole and Err is asked
// once. It is used by one goroutine at a time.
type Decoder struct {
	r      *line.Reader
	limits Limits
	// Continue sends a continuation request before a synchronising literal.
	Continue func() error
	// OnLine and OnLiteral, when set, see a command's lines after the first and its
	// literals' lengths, for the transcript.
	OnLine    func(text []byte)
	OnLiteral func(octets int64)
	// UTF8 admits UTF-8 in quoted strings (RFC 6855 §3, RFC 9051) and reads
	// mailbox names as UTF-8 instead of modified UTF-7.
	UTF8 bool

	line    []byte // the current physical line, without CRLF
	pos     int
	before  int // octets of the command's earlier lines
	total   int // octets of its literals so far
	depth   int
	keys    int
	err     error
	ioErr   error
	pending int64 // octets of an opened literal that are still on the wire
}

// NewDecoder reads from r.
func NewDecoder(r io.Reader, l Limits) *Decoder {
	return &Decoder{r: line.NewReader(r), limits: l.orDefaults()}
}

// Reset reads from another stream, as after STARTTLS and COMPRESS.
func (d *Decoder) Reset(r io.Reader) { d.r.Reset(r) }

// Rest returns the stream with what is buffered of it, for COMPRESS (RFC 4978 §3);
// the decoder must be Reset then.
func (d *Decoder) Rest() io.Reader {
	r := d.r
	d.r = line.NewReader(nil)
	return r
}

// HasLine reports whether the next command's first line is here already.
func (d *Decoder) HasLine() bool { return d.r.HasLine() }

// Idle gives memory back before a read that may take long.
func (d *Decoder) Idle() { d.r.Idle() }

// Line is the current line.
func (d *Decoder) Line() []byte { return d.line }

// Pos is the offset in the current line.
func (d *Decoder) Pos() int { return d.pos }

// Buffered tells whether octets of a next command are already here.
func (d *Decoder) Buffered() int { return d.r.Buffered() }

// Next reads the first line of the next command. An error of the connection is
// returned; a line over the limit sticks as a *TooLargeError.
func (d *Decoder) Next() error {
	d.pos, d.before, d.total, d.depth, d.keys, d.err = 0, 0, 0, 0, 0, nil
	d.line = d.line[:0]
	if cap(d.line) > 1<<17 {
		d.line = nil
	}
	return d.readLine()
}

// readLine replaces the current line by the next one.
func (d *Decoder) readLine() error {
	d.line, d.pos = d.line[:0], 0
	limit := d.limits.Line + 2 - d.before
	l, err := d.r.ReadLine(limit)
	switch {
	case errors.Is(err, line.ErrTooLong):
		d.stick(&TooLargeError{Size: int64(d.limits.Line + 1), Limit: int64(d.limits.Line)})
		return nil
	case errors.Is(err, line.ErrUnending):
		err = &TooLargeError{Size: 1 << 20, Limit: int64(d.limits.Line)}
		fallthrough
	case err != nil:
		d.ioErr = err
		return err
	}
	d.line = append(d.line, l.Text...)
	if l.BareLF {
		d.stick(&SyntaxError{d.before + len(d.line), "bare LF"})
	}
	return nil
}

// nextLine goes on to the line behind a literal.
func (d *Decoder) nextLine() error {
	err := d.readLine()
	if err == nil && d.OnLine != nil {
		d.OnLine(d.line)
	}
	return err
}

// Err is the sticky error, an error of the connection first.
func (d *Decoder) Err() error {
	if d.ioErr != nil {
		return d.ioErr
	}
	return d.err
}

// IOErr is the error of the connection, nil while it lives.
func (d *Decoder) IOErr() error { return d.ioErr }

func (d *Decoder) stick(err error) {
	if d.err == nil {
		d.err = err
	}
}

// Fail records a syntax error at the present offset.
func (d *Decoder) Fail(reason string) {
	d.stick(&SyntaxError{d.before + d.pos, reason})
}

func (d *Decoder) ok() bool { return d.err == nil && d.ioErr == nil }

// OK reports whether nothing went wrong so far.
func (d *Decoder) OK() bool { return d.ok() }

// Finish skips the rest of the command after an error, including non-synchronising
// literals that the client has sent or is sending. Errors are the connection's.
func (d *Decoder) Finish() error {
	if d.ioErr != nil {
		return d.ioErr
	}
	for {
		if d.pending > 0 {
			if err := d.skip(d.pending); err != nil {
				return err
			}
			d.pending = 0
		} else {
			lit, _, ok := literalAtEnd(d.line)
			if !ok || lit.Sync {
				return nil
			}
			if lit.Size > 1<<30 {
				d.ioErr = &TooLargeError{Size: lit.Size, Limit: 1 << 30, Literal: true}
				return d.ioErr
			}
			if d.OnLiteral != nil {
				d.OnLiteral(lit.Size)
			}
			if err := d.skip(lit.Size); err != nil {
				return err
			}
		}
		if err := d.nextLine(); err != nil {
			return err
		}
		if d.err == nil {
			d.Fail("unexpected literal")
		}
	}
}

func (d *Decoder) skip(n int64) error {
	if _, err := io.CopyN(io.Discard, d.r, n); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		d.ioErr = err
	}
	return d.ioErr
}

// literalAtEnd reads "{n}", "{n+}", "~{n}" or "~{n+}" at the end of a line.
func literalAtEnd(line []byte) (lit Literal, start int, ok bool) {
	if n := len(line); n < 3 || line[n-1] != '}' {
		return lit, 0, false
	}
	start = bytes.LastIndexByte(line, '{')
	if start < 0 {
		return lit, 0, false
	}
	digits := line[start+1 : len(line)-1]
	lit.Sync = true
	if n := len(digits); n > 0 && digits[n-1] == '+' {
		lit.Sync, digits = false, digits[:n-1]
	}
	size, err := strconv.ParseUint(string(digits), 10, 63)
	if err != nil || digits[0] == '+' {
		return lit, 0, false
	}
	lit.Size = int64(size)
	if start > 0 && line[start-1] == '~' {
		lit.Binary = true
		start--
	}
	return lit, start, true
}

// NextLiteral reports the literal that is next, if one is.
func (d *Decoder) NextLiteral() (Literal, bool) {
	if c := d.Peek(); c != '{' && c != '~' {
		return Literal{}, false
	}
	lit, start, ok := literalAtEnd(d.line)
	if !ok || start != d.pos {
		return Literal{}, false
	}
	return lit, true
}

// OpenLiteral takes a literal's head and lets the caller read its octets itself
// (APPEND): at most limit octets, else a *TooLargeError sticks and a
// synchronising literal is never asked for. CloseLiteral must follow.
func (d *Decoder) OpenLiteral(limit int64) (Literal, io.Reader) {
	lit, ok := d.NextLiteral()
	if !ok {
		d.Fail("expected a literal")
		return lit, bytes.NewReader(nil)
	}
	if lit.Size > limit {
		d.stick(&TooLargeError{Size: lit.Size, Limit: limit, Literal: true})
		return lit, bytes.NewReader(nil)
	}
	if lit.Sync && d.Continue != nil {
		if err := d.Continue(); err != nil {
			d.ioErr = err
			return lit, bytes.NewReader(nil)
		}
	}
	d.pos = len(d.line)
	d.pending = lit.Size
	if d.OnLiteral != nil {
		d.OnLiteral(lit.Size)
	}
	return lit, (*literalReader)(d)
}

type literalReader Decoder

func (l *literalReader) Read(p []byte) (int, error) {
	if l.pending == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > l.pending {
		p = p[:l.pending]
	}
	n, err := l.r.Read(p)
	l.pending -= int64(n)
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		l.ioErr = err
	}
	return n, err
}

// CloseLiteral skips what was not read and goes on to the command's next line.
func (d *Decoder) CloseLiteral() {
	if d.ioErr != nil {
		return
	}
	n := d.pending
	d.pending = 0
	if n > 0 && d.skip(n) != nil {
		return
	}
	d.before += len(d.line)
	_ = d.nextLine() // kept in ioErr
}

// literal reads one literal into memory.
func (d *Decoder) literal() []byte {
	limit := int64(min(d.limits.Literal, d.limits.Total-d.total))
	lit, r := d.OpenLiteral(limit)
	if !d.ok() {
		return nil
	}
	buf := make([]byte, lit.Size)
	if _, err := io.ReadFull(r, buf); err != nil {
		d.ioErr = err
		return nil
	}
	d.total += int(lit.Size)
	d.CloseLiteral()
	if !lit.Binary && bytes.IndexByte(buf, 0) >= 0 { // CHAR8 = %x01-ff
		d.Fail("NUL in a literal")
		return nil
	}
	return buf
}
