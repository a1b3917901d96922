package address

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of RFC 5321 §4.5.3.1.1–3, in octets.
const (
	MaxLocal  = 64
	MaxDomain = 255
	MaxPath   = 256
)

// Kinds of failure, for errors.Is.
var (
	// ErrSyntax: not the grammar of RFC 5321 §4.1.2.
	ErrSyntax = errors.New("bad syntax")
	// ErrTooLong: beyond a limit of RFC 5321 §4.5.3.1.
	ErrTooLong = errors.New("too long")
	// ErrNotASCII: octets beyond ASCII where SMTPUTF8 was not asked for, RFC 6531 §3.4.
	ErrNotASCII = errors.New("not ASCII, and SMTPUTF8 was not asked for")
)

// SyntaxError says what is wrong with a path or mailbox, and where.
type SyntaxError struct {
	Kind   error  // ErrSyntax, ErrTooLong or ErrNotASCII
	Offset int    // octet offset into the parsed string
	Reason string // a short sentence, fit for a reply
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("address: %s at octet %d", e.Reason, e.Offset)
}

func (e *SyntaxError) Unwrap() error { return e.Kind }

// ParsePath reads a Path at the start of s: a mailbox in angle brackets, a null
// path, or <postmaster>. A source route is accepted and dropped, RFC 5321 §3.6.1.
// null is true for "<>". rest is the offset of what follows the path (a blank and
// parameters, or the end). utf8 allows RFC 6531 octets.
func ParsePath(s string, utf8 bool) (a Address, null bool, rest int, err error) {
	p := &parser{in: s, utf8: utf8}
	a, null = p.path()
	return p.result(a, null)
}

// ParseReversePath reads a Reverse-path at the start of s: a Path or "<>".
func ParseReversePath(s string, utf8 bool) (a Address, null bool, rest int, err error) {
	p := &parser{in: s, utf8: utf8}
	a, null = p.reversePath()
	return p.result(a, null)
}

// ParseForwardPath reads a Forward-path at the start of s: a Path or
// "<postmaster>" in any case, which has an empty Domain.
func ParseForwardPath(s string, utf8 bool) (a Address, rest int, err error) {
	p := &parser{in: s, utf8: utf8}
	a = p.forwardPath()
	a, _, rest, err = p.result(a, false)
	return a, rest, err
}

// ParseMailbox reads a whole string as a Mailbox, UTF-8 allowed, no brackets.
func ParseMailbox(s string) (Address, error) {
	p := &parser{in: s, utf8: true}
	a := p.mailbox()
	if p.err == nil && p.pos != len(s) {
		p.fail(ErrSyntax, "unexpected text after the mailbox")
	}
	a, _, _, err := p.result(a, false)
	return a, err
}

// ParseDomain reads a whole string as a Domain or address-literal, as the argument
// of EHLO is, RFC 5321 §4.1.1.1.
func ParseDomain(s string, utf8 bool) (string, error) {
	p := &parser{in: s, utf8: utf8}
	d := p.domainOrLiteral()
	if p.err == nil && p.pos != len(s) {
		p.fail(ErrSyntax, "unexpected text after the domain")
	}
	if p.err != nil {
		return "", p.err
	}
	return d, nil
}

// parser is a recursive descent over one string. The first failure sticks: later
// rules do nothing and the caller looks at err once, at the end.
type parser struct {
	in   string
	pos  int
	utf8 bool
	err  *SyntaxError
}

func (p *parser) result(a Address, null bool) (Address, bool, int, error) {
	if p.err != nil {
		return Address{}, false, p.pos, p.err
	}
	return a, null, p.pos, nil
}

func (p *parser) fail(kind error, format string, args ...any) {
	p.failAt(p.pos, kind, format, args...)
}

func (p *parser) failAt(offset int, kind error, format string, args ...any) {
	if p.err == nil {
		p.err = &SyntaxError{Kind: kind, Offset: offset, Reason: fmt.Sprintf(format, args...)}
	}
}

// peek returns the next octet, 0 at the end or after a failure.
func (p *parser) peek() byte {
	if p.err != nil || p.pos >= len(p.in) {
		return 0
	}
	return p.in[p.pos]
}

// take consumes c if it comes next.
func (p *parser) take(c byte) bool {
	if p.peek() != c || p.pos >= len(p.in) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expect(c byte) {
	if p.err == nil && !p.take(c) {
		if p.pos >= len(p.in) {
			p.fail(ErrSyntax, "expected %q, found the end", c)
			return
		}
		p.fail(ErrSyntax, "expected %q, found %q", c, p.in[p.pos])
	}
}

// reversePath = Path / "<>"
func (p *parser) reversePath() (Address, bool) {
	if strings.HasPrefix(p.in[p.pos:], "<>") {
		p.pos += 2
		return Address{}, true
	}
	return p.bracketed(false), false
}

// forwardPath = Path / "<postmaster>", the latter from RFC 5321 §4.1.1.3.
func (p *parser) forwardPath() Address { return p.bracketed(true) }

// path takes what either of the two takes.
func (p *parser) path() (Address, bool) {
	if strings.HasPrefix(p.in[p.pos:], "<>") {
		p.pos += 2
		return Address{}, true
	}
	return p.bracketed(true), false
}

// bracketed = "<" [ A-d-l ":" ] Mailbox ">"
func (p *parser) bracketed(postmaster bool) Address {
	start := p.pos
	p.expect('<')
	if p.peek() == '@' {
		p.sourceRoute()
		postmaster = false // it stands alone, RFC 5321 §4.1.1.3
	}
	var a Address
	const name = "postmaster>"
	if tail := p.in[min(p.pos, len(p.in)):]; postmaster && len(tail) >= len(name) && strings.EqualFold(tail[:len(name)], name) {
		a.Local = tail[:len(name)-1]
		p.pos += len(name) - 1
	} else {
		a = p.mailbox()
	}
	p.expect('>')
	if p.err == nil && p.pos-start > MaxPath {
		p.failAt(start, ErrTooLong, "path longer than %d octets", MaxPath)
	}
	return a
}

// sourceRoute = A-d-l ":"; A-d-l = At-domain *( "," At-domain ). Dropped, as
// RFC 5321 §4.1.2 and appendix C say.
func (p *parser) sourceRoute() {
	for p.err == nil {
		p.expect('@')
		p.domain()
		if !p.take(',') {
			break
		}
	}
	p.expect(':')
}

// mailbox = Local-part "@" ( Domain / address-literal )
func (p *parser) mailbox() Address {
	var a Address
	a.Local = p.localPart()
	p.expect('@')
	a.Domain = p.domainOrLiteral()
	return a
}

// localPart = Dot-string / Quoted-string
func (p *parser) localPart() string {
	start := p.pos
	var local string
	if p.peek() == '"' {
		local = p.quotedString()
	} else {
		local = p.dotString()
	}
	if p.err == nil && len(local) > MaxLocal {
		p.failAt(start, ErrTooLong, "local-part longer than %d octets", MaxLocal)
	}
	return local
}

// dotString = Atom *("." Atom)
func (p *parser) dotString() string {
	start := p.pos
	for {
		p.atom()
		if !p.take('.') {
			break
		}
	}
	return p.since(start)
}

// atom = 1*atext, with UTF8-non-ascii of RFC 6531 §3.3 where allowed.
func (p *parser) atom() {
	start := p.pos
	for p.err == nil && p.pos < len(p.in) {
		if c := p.in[p.pos]; isAtext(c) {
			p.pos++
		} else if c < 0x80 || !p.nonASCII() {
			break
		}
	}
	if p.err == nil && p.pos == start {
		p.fail(ErrSyntax, "empty atom in local-part")
	}
}

// quotedString = DQUOTE *QcontentSMTP DQUOTE; returns it without the quoting.
func (p *parser) quotedString() string {
	var b strings.Builder
	p.expect('"')
	for p.err == nil {
		if p.pos >= len(p.in) {
			p.fail(ErrSyntax, "quoted string not closed")
			break
		}
		switch c := p.in[p.pos]; {
		case c == '"':
			p.pos++
			return b.String() // may be empty: the grammar has no least length
		case c == '\\': // quoted-pairSMTP = %d92 %d32-126
			p.pos++
			if p.pos >= len(p.in) || p.in[p.pos] < 32 || p.in[p.pos] > 126 {
				p.fail(ErrSyntax, "bad quoted pair")
				break
			}
			b.WriteByte(p.in[p.pos])
			p.pos++
		case c >= 0x80:
			start := p.pos
			if p.nonASCII() {
				b.WriteString(p.in[start:p.pos])
			}
		case c < 32 || c == 127:
			p.fail(ErrSyntax, "control character in quoted string")
		default: // qtextSMTP
			b.WriteByte(c)
			p.pos++
		}
	}
	return ""
}

func (p *parser) since(start int) string {
	if p.err != nil {
		return ""
	}
	return p.in[start:p.pos]
}
