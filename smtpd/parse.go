package smtpd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/address"
)

// parser is a recursive descent over the arguments of a command. A method is a
// rule of an RFC's grammar. The first failure sticks: later rules do nothing, and
// the handler looks at err once, at the end.
type parser struct {
	in  string
	pos int
	err *reply
}

// fail is a 501; format says what is wrong.
func (p *parser) fail(enhanced, format string, args ...any) {
	if p.err == nil {
		p.err = &reply{code: 501, enhanced: enhanced, text: oneLine(fmt.Sprintf(format, args...))}
	}
}

func (p *parser) rest() string { return p.in[p.pos:] }

func (p *parser) atEnd() bool { return p.pos >= len(p.in) }

// end demands that nothing follows.
func (p *parser) end() {
	if p.err == nil && !p.atEnd() {
		p.fail("5.5.4", "Unexpected %q at octet %d of the arguments", clip(p.rest()), p.pos)
	}
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// prefix demands a keyword with its colon ("FROM:"), case ignored. RFC 5321 §3.3
// has no blank on either side of the colon.
func (p *parser) prefix(keyword string) {
	if p.err != nil {
		return
	}
	r := p.rest()
	if len(r) < len(keyword) || !strings.EqualFold(r[:len(keyword)], keyword) {
		p.fail("5.5.4", "Expected %s<address>", keyword)
		return
	}
	p.pos += len(keyword)
	if strings.HasPrefix(p.rest(), " ") {
		p.fail("5.5.4", "No blank between %s and <address> (RFC 5321 section 3.3)", keyword)
	}
}

// reversePath = Path / "<>", RFC 5321 §4.1.2. It returns the mailbox as spelled,
// "" for the null reverse-path.
func (p *parser) reversePath() (spelled string, ascii bool) {
	if p.err != nil {
		return "", true
	}
	a, null, n, err := address.ParseReversePath(p.rest(), true)
	if err != nil {
		p.badPath("5.1.7", err)
		return "", true
	}
	if null {
		p.pos += n
		return "", true
	}
	return p.takePath(n), a.IsASCII()
}

// forwardPath = Path / "<postmaster>", RFC 5321 §4.1.1.3.
func (p *parser) forwardPath() (spelled string, ascii bool) {
	if p.err != nil {
		return "", true
	}
	a, n, err := address.ParseForwardPath(p.rest(), true)
	if err != nil {
		p.badPath("5.1.3", err)
		return "", true
	}
	return p.takePath(n), a.IsASCII()
}

// takePath consumes a path of n octets and returns its mailbox as spelled, without
// brackets and source route (RFC 5321 appendix C).
func (p *parser) takePath(n int) string {
	s := p.rest()[1 : n-1]
	p.pos += n
	if strings.HasPrefix(s, "@") {
		_, s, _ = strings.Cut(s, ":")
	}
	return s
}

func (p *parser) badPath(enhanced string, err error) {
	reason, offset := "Bad address", 0
	if se, ok := errors.AsType[*address.SyntaxError](err); ok {
		reason, offset = se.Reason, se.Offset
	}
	if !strings.HasPrefix(p.rest(), "<") {
		reason = "an address stands in angle brackets"
	}
	p.fail(enhanced, "Bad address at octet %d: %s", p.pos+offset, reason)
}

// param is an esmtp-param, RFC 5321 §4.1.2.
type param struct {
	key      string // upper case
	value    string
	hasValue bool
}

// params = *( SP esmtp-param ), to the end.
func (p *parser) params() []param {
	var list []param
	for p.err == nil && !p.atEnd() {
		if p.rest()[0] != ' ' {
			p.fail("5.5.4", "Expected a blank at octet %d of the arguments", p.pos)
			return nil
		}
		for !p.atEnd() && p.rest()[0] == ' ' {
			p.pos++
		}
		list = append(list, p.param())
	}
	return list
}

// param = esmtp-keyword ["=" esmtp-value]
func (p *parser) param() param {
	word, _, _ := strings.Cut(p.rest(), " ")
	key, value, has := strings.Cut(word, "=")
	if !isKeyword(key) || has && !isValue(value) {
		p.fail("5.5.4", "Bad parameter %q", clip(word))
	}
	p.pos += len(word)
	return param{strings.ToUpper(key), value, has}
}

// isKeyword: (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
func isKeyword(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; !('a' <= c && c <= 'z' || '0' <= s[i] && s[i] <= '9' || s[i] == '-' && i > 0) {
			return false
		}
	}
	return s != ""
}

// isValue: 1*(%d33-60 / %d62-126), and UTF-8 by RFC 6531 §3.3.
func isValue(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == '=' || s[i] == 0x7f {
			return false
		}
	}
	return s != "" && utf8.ValidString(s)
}

// number = 1*20DIGIT, RFC 1870 §4 and RFC 3030 §2; one too big for us is the
// greatest we have.
func number(s string) (int64, bool) {
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		n = 1<<63 - 1
	}
	return n, true
}

// xtext undoes RFC 3461 §4: *( xchar / "+" 2(hex digit in upper case) ).
func xtext(s string) (string, bool) {
	if strings.IndexByte(s, '+') < 0 {
		return s, isXchars(s)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '+' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) || s[i+1:i+3] != strings.ToUpper(s[i+1:i+3]) {
			return "", false
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), isXchars(s)
}

func isXchars(s string) bool {
	for i := range len(s) {
		if s[i] < 33 || s[i] > 126 || s[i] == '=' {
			return false
		}
	}
	return true
}

// utf8Addr undoes utf-8-addr-xtext and utf-8-addr-unitext, RFC 6533 §3: \x{HEX}.
func utf8Addr(s string) (string, bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, `\x{`)
		b.WriteString(before)
		if !found {
			return b.String(), utf8.ValidString(b.String()) && !strings.Contains(before, `\`)
		}
		hex, rest, closed := strings.Cut(after, "}")
		n, err := strconv.ParseUint(hex, 16, 32)
		if !closed || err != nil || len(hex) > 6 || !utf8.ValidRune(rune(n)) || strings.Contains(before, `\`) {
			return "", false
		}
		b.WriteRune(rune(n))
		s = rest
	}
}
