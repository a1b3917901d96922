package address

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// domainOrLiteral = Domain / address-literal
func (p *parser) domainOrLiteral() string {
	if p.peek() == '[' {
		return p.addressLiteral()
	}
	return p.domain()
}

// domain = sub-domain *("." sub-domain). An underscore is taken, because hosts
// of test networks have it; a final dot is not, RFC 5321 §2.3.5.
func (p *parser) domain() string {
	start := p.pos
	for {
		p.subDomain()
		if !p.take('.') {
			break
		}
	}
	if p.err == nil && p.pos-start > MaxDomain {
		p.failAt(start, ErrTooLong, "domain longer than %d octets", MaxDomain)
	}
	return p.since(start)
}

// subDomain = Let-dig [Ldh-str] / U-label. The length of a label is the name
// server's to judge (63 octets, RFC 1035 §2.3.4), but it is cheap to tell here.
func (p *parser) subDomain() {
	start := p.pos
	for p.err == nil && p.pos < len(p.in) {
		if c := p.in[p.pos]; isLetDig(c) || c == '-' || c == '_' {
			p.pos++
		} else if c < 0x80 || !p.nonASCII() {
			break
		}
	}
	if p.err != nil {
		return
	}
	label := p.in[start:p.pos]
	switch {
	case label == "":
		p.fail(ErrSyntax, "empty label in domain")
	case label[0] == '-' || label[len(label)-1] == '-':
		p.failAt(start, ErrSyntax, "label begins or ends with a hyphen")
	case len(label) > 63 && isASCII(label):
		p.failAt(start, ErrTooLong, "label longer than 63 octets")
	}
}

// addressLiteral = "[" ( IPv4-address-literal / IPv6-address-literal /
// General-address-literal ) "]", RFC 5321 §4.1.3. Returned with its brackets.
func (p *parser) addressLiteral() string {
	start := p.pos
	p.expect('[')
	end := strings.IndexByte(p.in[p.pos:], ']')
	if end < 0 {
		p.fail(ErrSyntax, "address-literal not closed")
		return ""
	}
	body := p.in[p.pos : p.pos+end]
	switch tag, value, general := strings.Cut(body, ":"); {
	case general && strings.EqualFold(tag, "IPv6"):
		p.ipv6(value)
	case general:
		p.generalLiteral(tag, value)
	default:
		if ip, err := netip.ParseAddr(body); err != nil || !ip.Is4() {
			p.fail(ErrSyntax, "bad IPv4 address-literal")
		}
	}
	p.pos += end
	p.expect(']')
	if p.err == nil && p.pos-start > MaxDomain {
		p.failAt(start, ErrTooLong, "domain longer than %d octets", MaxDomain)
	}
	return p.since(start)
}

func (p *parser) ipv6(value string) {
	ip, err := netip.ParseAddr(value)
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		p.fail(ErrSyntax, "bad IPv6 address-literal")
	}
}

// generalLiteral = Standardized-tag ":" 1*dcontent; the tag is an Ldh-str.
func (p *parser) generalLiteral(tag, value string) {
	if tag == "" || !isLetDig(tag[len(tag)-1]) {
		p.fail(ErrSyntax, "bad tag in address-literal")
		return
	}
	for i := 0; i < len(tag); i++ {
		if !isLetDig(tag[i]) && tag[i] != '-' {
			p.fail(ErrSyntax, "bad tag in address-literal")
			return
		}
	}
	if value == "" {
		p.fail(ErrSyntax, "empty address-literal")
	}
	for i := 0; i < len(value); i++ { // dcontent = %d33-90 / %d94-126
		if c := value[i]; c < 33 || c > 126 || c == '[' || c == '\\' {
			p.fail(ErrSyntax, "bad octet in address-literal")
			return
		}
	}
}

// nonASCII consumes one UTF8-non-ascii character of RFC 6531 §3.3, or fails.
func (p *parser) nonASCII() bool {
	if !p.utf8 {
		p.fail(ErrNotASCII, "octet beyond ASCII without SMTPUTF8")
		return false
	}
	r, n := utf8.DecodeRuneInString(p.in[p.pos:])
	if r == utf8.RuneError && n <= 1 {
		p.fail(ErrSyntax, "not UTF-8")
		return false
	}
	p.pos += n
	return true
}

func isLetDig(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
