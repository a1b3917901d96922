package wire

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// Peek returns the next octet, 0 at the end of the line.
func (d *Decoder) Peek() byte {
	if !d.ok() || d.pos >= len(d.line) {
		return 0
	}
	return d.line[d.pos]
}

// AtEnd reports whether the command's last line is used up.
func (d *Decoder) AtEnd() bool { return d.ok() && d.pos == len(d.line) }

// ExpectEnd demands the end of the command.
func (d *Decoder) ExpectEnd() bool {
	if d.ok() && d.pos != len(d.line) {
		d.Fail("unexpected octets after the command")
	}
	return d.ok()
}

// Special takes the octet c if it is next.
func (d *Decoder) Special(c byte) bool {
	if d.Peek() != c || c == 0 {
		return false
	}
	d.pos++
	return true
}

// ExpectSpecial demands the octet c.
func (d *Decoder) ExpectSpecial(c byte) bool {
	if !d.Special(c) {
		d.Fail("expected " + strconv.Quote(string(c)))
		return false
	}
	return true
}

// SP takes one space if it is next; ExpectSP demands it.
func (d *Decoder) SP() bool { return d.Special(' ') }

// ExpectSP demands one space.
func (d *Decoder) ExpectSP() bool {
	if !d.SP() {
		d.Fail("expected a space")
		return false
	}
	return true
}

// isAtomChar is ATOM-CHAR, RFC 9051 §9.
func isAtomChar(c byte) bool {
	switch c {
	case '(', ')', '{', ' ', '%', '*', '"', '\\', ']':
		return false
	}
	return c > 0x1f && c < 0x7f
}

// isAStringChar is ASTRING-CHAR.
func isAStringChar(c byte) bool { return isAtomChar(c) || c == ']' }

func (d *Decoder) run(is func(byte) bool) string {
	if !d.ok() {
		return ""
	}
	start := d.pos
	for d.pos < len(d.line) && is(d.line[d.pos]) {
		d.pos++
	}
	return string(d.line[start:d.pos])
}

// Atom takes an atom, "" if none is next.
func (d *Decoder) Atom() string { return d.run(isAtomChar) }

// ExpectAtom demands an atom.
func (d *Decoder) ExpectAtom() string {
	a := d.Atom()
	if a == "" {
		d.Fail("expected an atom")
	}
	return a
}

// Word takes atom octets up to a delimiter of the caller's choice as well:
// FETCH attributes end at "[" and "<".
func (d *Decoder) Word(stop string) string {
	return d.run(func(c byte) bool { return isAtomChar(c) && bytes.IndexByte([]byte(stop), c) < 0 })
}

// Tag takes a command's tag: 1*<any ASTRING-CHAR except "+">, RFC 9051 §9.
func (d *Decoder) Tag() string {
	t := d.run(func(c byte) bool { return isAStringChar(c) && c != '+' })
	if t == "" {
		d.Fail("expected a tag")
	}
	return t
}

// Number64 demands an unsigned number of 63 bits.
func (d *Decoder) Number64() uint64 {
	s := d.run(func(c byte) bool { return c >= '0' && c <= '9' })
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		d.Fail("expected a number")
		return 0
	}
	return n
}

// Number demands an unsigned number of 32 bits.
func (d *Decoder) Number() uint32 {
	n := d.Number64()
	if n > 1<<32-1 {
		d.Fail("number over 32 bits")
		return 0
	}
	return uint32(n)
}

// Quoted demands a quoted string.
func (d *Decoder) Quoted() string {
	if !d.ExpectSpecial('"') {
		return ""
	}
	var out []byte
	eight := false
	for d.pos < len(d.line) {
		c := d.line[d.pos]
		d.pos++
		switch {
		case c == '"':
			if eight && (!d.UTF8 || !utf8.Valid(out)) {
				d.Fail("8-bit octets in a quoted string")
				return ""
			}
			return string(out)
		case c == '\\':
			if d.pos >= len(d.line) || d.line[d.pos] != '"' && d.line[d.pos] != '\\' {
				d.Fail("only \\\" and \\\\ are escapes")
				return ""
			}
			out = append(out, d.line[d.pos])
			d.pos++
		case c == 0 || c == '\r':
			d.Fail("control character in a quoted string")
			return ""
		default:
			eight = eight || c >= 0x80
			out = append(out, c)
		}
	}
	d.Fail("quoted string without an end")
	return ""
}

// IsString reports whether a quoted string or a literal is next.
func (d *Decoder) IsString() bool {
	c := d.Peek()
	return c == '"' || c == '{' || c == '~'
}

// String demands string = quoted / literal.
func (d *Decoder) String() string {
	if c := d.Peek(); c == '{' || c == '~' {
		return string(d.literal())
	}
	return d.Quoted()
}

// AString demands astring = 1*ASTRING-CHAR / string.
func (d *Decoder) AString() string {
	if d.IsString() && d.Peek() != '~' {
		return d.String()
	}
	s := d.run(isAStringChar)
	if s == "" {
		d.Fail("expected a string")
	}
	return s
}

// NString demands nstring = string / nil; ok is false for NIL.
func (d *Decoder) NString() (s string, ok bool) {
	if d.IsString() {
		return d.String(), true
	}
	if a := d.Atom(); !equalFold(a, "NIL") {
		d.Fail("expected a string or NIL")
	}
	return "", false
}

// List demands "(" [item *(SP item)] ")" and calls item for each.
func (d *Decoder) List(item func()) {
	if !d.ExpectSpecial('(') || !d.enter() {
		return
	}
	defer d.leave()
	if d.Special(')') {
		return
	}
	for d.ok() {
		before := d.before + d.pos
		item()
		if d.Special(')') {
			return
		}
		d.ExpectSP()
		if d.ok() && before == d.before+d.pos {
			d.Fail("expected a list item")
		}
	}
}

func (d *Decoder) enter() bool {
	if d.depth++; d.depth > d.limits.Nesting {
		d.Fail("nested too deeply")
		return false
	}
	return d.ok()
}

func (d *Decoder) leave() { d.depth-- }

// Flag demands a flag or keyword; perm admits "\*". RFC 9051 §9 flag.
func (d *Decoder) Flag() string {
	if d.Special('\\') {
		return "\\" + d.ExpectAtom()
	}
	return d.ExpectAtom()
}

// Flags demands a parenthesised list of flags.
func (d *Decoder) Flags() []string {
	out := []string{}
	d.List(func() { out = append(out, d.Flag()) })
	return out
}

// RawLine returns the current line as it stands, for AUTHENTICATE and IDLE.
func (d *Decoder) RawLine() string {
	s := string(d.line[d.pos:])
	d.pos = len(d.line)
	return s
}

func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x >= 'a' && x <= 'z' {
			x -= 32
		}
		if y >= 'a' && y <= 'z' {
			y -= 32
		}
		if x != y {
			return false
		}
	}
	return true
}

// PeekString reports whether s is next, without regard to case.
func (d *Decoder) PeekString(s string) bool {
	return d.ok() && len(d.line)-d.pos >= len(s) && equalFold(string(d.line[d.pos:d.pos+len(s)]), s)
}

// DotDigit takes a "." that a digit follows.
func (d *Decoder) DotDigit() bool {
	if d.Peek() != '.' || d.pos+1 >= len(d.line) || d.line[d.pos+1] < '0' || d.line[d.pos+1] > '9' {
		return false
	}
	d.pos++
	return true
}
