package message

import (
	"bytes"

	"github.com/catchpost/catchpost/internal/model"
)

// maxAddresses bounds the addresses read from one field.
const maxAddresses = 10000

// mailbox is one member of an address field as written: the name unquoted but not
// decoded, the local-part unquoted. A group's start has a local and no host; its
// end has neither (RFC 9051 §7.5.2's way to say them).
type mailbox struct {
	name, local, host []byte
	spelled           []byte // local@host as written
	group, groupEnd   bool
}

// listParser reads an address-list of RFC 5322 §3.4 with the obsolete syntax of
// §4.4, and whatever else is found in mail.
type listParser struct {
	in      []byte
	pos     int
	phrase  []byte // words outside of angle brackets, quotes kept
	comment []byte
	angle   []byte
	inAngle bool // one was seen
	named   int  // how much of phrase stood before it
	inGroup bool
	broken  bool
	open    int // brackets and quotes that were never closed
	members int // that were read, empty ones too
	out     []mailbox
}

// maxOpen bounds how often an open bracket is looked after to the end of the value;
// past it they are text. It keeps the parser linear.
const maxOpen = 4

// parseAddressList reads a field's unfolded value. broken says that some of it
// was not by the grammar.
func parseAddressList(value []byte) (list []mailbox, broken bool) {
	p := &listParser{in: value}
	p.run()
	return p.out, p.broken
}

func (p *listParser) run() {
	for p.pos < len(p.in) && p.members < maxAddresses {
		c := p.in[p.pos]
		if p.open >= maxOpen && (c == '"' || c == '(' || c == '[') {
			c = 'x'
		}
		switch c {
		case '"':
			p.quoted()
		case '(':
			p.comments()
		case '<':
			p.angleAddr()
		case ',':
			p.pos++
			p.finish()
		case ';':
			p.pos++
			p.finish()
			if p.inGroup {
				p.inGroup = false
				p.out = append(p.out, mailbox{groupEnd: true})
			} else {
				p.broken = p.broken || len(bytes.Trim(p.in[p.pos:], " \t")) > 0
			}
		case ':':
			p.pos++
			p.colon()
		case '[':
			p.literal()
		default:
			p.plain()
		}
	}
	p.finish()
	if p.inGroup {
		p.broken = true
		p.out = append(p.out, mailbox{groupEnd: true})
	}
}

// special are the octets that run tells from plain ones.
var special = func() (t [256]bool) {
	for _, c := range "\"(<,;:[" {
		t[c] = true
	}
	return t
}()

// plain takes the run of octets that mean nothing to the list, at least one.
func (p *listParser) plain() {
	start := p.pos
	for p.pos++; p.pos < len(p.in) && !special[p.in[p.pos]]; p.pos++ {
	}
	if len(p.phrase) == 0 { // most members are one run: a slice that append copies
		p.phrase = p.in[start:p.pos:p.pos]
		return
	}
	p.phrase = append(p.phrase, p.in[start:p.pos]...)
}

// quoted copies a quoted string with its quotes.
func (p *listParser) quoted() {
	end := p.pos + 1
	for end < len(p.in) && p.in[end] != '"' {
		if p.in[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.in) { // never closed: the quote is no quote
		p.broken = true
		p.open++
		p.pos++
		return
	}
	p.phrase = append(p.phrase, p.in[p.pos:end+1]...)
	p.pos = end + 1
}

// comments reads a comment, nested as RFC 5322 §3.2.2 has it.
func (p *listParser) comments() {
	depth, end := 0, p.pos
	for ; end < len(p.in); end++ {
		switch p.in[end] {
		case '\\':
			end++
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			break
		}
	}
	if end >= len(p.in) {
		p.broken = true
		p.open++
		p.phrase = append(p.phrase, p.in[p.pos])
		p.pos++
		return
	}
	if len(p.comment) == 0 {
		p.comment = p.in[p.pos+1 : end]
	}
	p.phrase = append(p.phrase, ' ')
	p.pos = end + 1
}

// literal copies a domain-literal, whose colons are not a group's.
func (p *listParser) literal() {
	end := bytes.IndexByte(p.in[p.pos:], ']')
	if end < 0 || bytes.IndexByte(p.in[p.pos:p.pos+end], '@') >= 0 {
		end = 0
		p.open++
	}
	p.phrase = append(p.phrase, p.in[p.pos:p.pos+end+1]...)
	p.pos += end + 1
}

// angleAddr reads "<…>"; a missing ">" ends at the next "," or at the end.
func (p *listParser) angleAddr() {
	if p.inAngle { // a second one without a comma between
		p.broken = true
		next := bytes.Clone(p.phrase[p.named:])
		p.phrase = p.phrase[:p.named]
		p.finish()
		p.phrase = next
	}
	p.named = len(p.phrase)
	start := p.pos + 1
	end, quoted := start, false
	for ; end < len(p.in); end++ {
		c := p.in[end]
		if c == '\\' && quoted {
			end++
			continue
		}
		if c == '"' {
			quoted = !quoted
		}
		if !quoted && (c == '>' || c == '<') {
			break
		}
	}
	if end > len(p.in) {
		end = len(p.in)
	}
	p.inAngle = true
	if end < len(p.in) && p.in[end] == '>' {
		p.angle, p.pos = p.in[start:end], end+1
		return
	}
	p.broken = true
	if i := bytes.IndexByte(p.in[start:end], ','); i >= 0 {
		end = start + i
	}
	p.angle, p.pos = p.in[start:end], end
}

// colon begins a group if a phrase without "@" came before, else it is text.
func (p *listParser) colon() {
	name := bytes.Trim(p.phrase, " \t\r\n")
	if p.inGroup || p.inAngle || len(name) == 0 || bytes.IndexByte(name, '@') >= 0 {
		p.broken = true
		p.phrase = append(p.phrase, ':')
		return
	}
	p.out = append(p.out, mailbox{group: true, local: unquotePhrase(name)})
	p.inGroup = true
	p.phrase, p.comment = nil, nil
}

// finish ends one member.
func (p *listParser) finish() {
	p.members++
	phrase, angle, seen, comment := bytes.Trim(p.phrase, " \t\r\n"), p.angle, p.inAngle, p.comment
	if seen && len(bytes.Trim(p.phrase[min(p.named, len(p.phrase)):], " \t\r\n")) > 0 {
		p.broken = true // text after the angle brackets
	}
	p.phrase, p.angle, p.inAngle, p.comment = nil, nil, false, nil
	if !seen {
		if len(phrase) == 0 {
			return // an empty member is obs-addr-list
		}
		phrase, angle = p.bare(phrase)
	}
	m := mailbox{}
	if m.name = unquotePhrase(phrase); len(m.name) == 0 {
		m.name = bytes.Trim(comment, " \t")
	}
	p.addrSpec(&m, angle)
	if len(m.spelled) == 0 && len(m.name) == 0 {
		p.broken = true
		return
	}
	p.out = append(p.out, m)
}

// bare splits a member without angle brackets into name and address.
func (p *listParser) bare(phrase []byte) (name, addr []byte) {
	at := lastAt(phrase)
	if at < 0 {
		p.broken = true
		if bytes.ContainsAny(phrase, " \t\"") {
			return phrase, nil
		}
		return nil, phrase
	}
	start, end := at, at+1
	for start > 0 && isBlank(phrase[start-1]) { // blanks round "@", RFC 5322 §4.4
		start--
	}
	if start > 0 && phrase[start-1] == '"' {
		if q := bytes.LastIndexByte(phrase[:start-1], '"'); q >= 0 {
			start = q
		}
	}
	for start > 0 && !isBlank(phrase[start-1]) {
		start--
	}
	for end < len(phrase) && isBlank(phrase[end]) {
		end++
	}
	for end < len(phrase) && !isBlank(phrase[end]) {
		end++
	}
	before, after := bytes.Trim(phrase[:start], " \t"), bytes.Trim(phrase[end:], " \t")
	if len(before)+len(after) == 0 {
		return nil, phrase
	}
	if len(after) > 0 && (after[0] == '.' || phrase[at+1] == ' ' && bytes.HasPrefix(after, []byte("."))) {
		return before, phrase[start:]
	}
	p.broken = true
	return bytes.Trim(append(append(bytes.Clone(before), ' '), after...), " \t"), phrase[start:end]
}

// lastAt finds the last "@" outside of quotes.
func lastAt(b []byte) int {
	at, quoted := -1, false
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted
		case '@':
			if !quoted {
				at = i
			}
		}
	}
	if at < 0 && quoted {
		return bytes.LastIndexByte(b, '@')
	}
	return at
}

// addrSpec cleans an addr-spec: blanks, comments and a route go; it is split at
// the last "@".
func (p *listParser) addrSpec(m *mailbox, addr []byte) {
	addr = bytes.Trim(addr, " \t\r\n<>")
	if len(addr) > 0 && addr[0] == '@' { // obs-route, RFC 5322 §4.4
		if i := bytes.IndexByte(addr, ':'); i >= 0 {
			addr = addr[i+1:]
		}
	}
	if bytes.IndexByte(addr, '(') >= 0 {
		addr = stripComments(addr)
	}
	if bytes.ContainsAny(addr, " \t\r") {
		addr = dropBlanks(addr)
	}
	if len(addr) > 7 && asciiEqualFold(addr[:7], "mailto:") {
		p.broken = true
		addr = addr[7:]
	}
	m.spelled = addr
	at := lastAt(addr)
	if at < 0 {
		m.local = unquotePhrase(addr)
		p.broken = true
		return
	}
	m.local, m.host = unquotePhrase(addr[:at]), addr[at+1:]
	if len(m.local) == 0 || len(m.host) == 0 {
		p.broken = true
	}
}

// dropBlanks removes blanks outside of quotes.
func dropBlanks(b []byte) []byte {
	out, quoted := make([]byte, 0, len(b)), false
	for i := 0; i < len(b); i++ {
		if b[i] == '"' {
			quoted = !quoted
		}
		if b[i] == '\\' && quoted && i+1 < len(b) {
			out = append(out, b[i], b[i+1])
			i++
			continue
		}
		if quoted || !isBlank(b[i]) && b[i] != '\r' {
			out = append(out, b[i])
		}
	}
	return out
}

// unquotePhrase takes quotes and backslashes out and makes runs of blanks one.
func unquotePhrase(b []byte) []byte {
	b = bytes.Trim(b, " \t\r\n")
	if !bytes.ContainsAny(b, "\"\\\t") && !bytes.Contains(b, []byte("  ")) {
		return b
	}
	out, quoted := make([]byte, 0, len(b)), false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '\\' && quoted && i+1 < len(b):
			i++
			out = append(out, b[i])
		case c == '"':
			quoted = !quoted
		case isBlank(c) && !quoted:
			if len(out) > 0 && out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
		default:
			out = append(out, c)
		}
	}
	return bytes.Trim(out, " ")
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// ParseAddressList reads an address field's value, decoded for people: groups
// give their members, encoded words are decoded, whatever is broken is read as far
// as it can be.
func ParseAddressList(value string) []model.Address {
	list, _ := parseAddressList(unfold([]byte(value)))
	return decodeAddresses(nil, list, nil, 0)
}

// decodeAddresses appends the members to dst, names decoded.
func decodeAddresses(dst []model.Address, list []mailbox, w *warnings, offset int) []model.Address {
	for _, m := range list {
		if m.group || m.groupEnd || len(m.name)+len(m.spelled) == 0 {
			continue
		}
		name, badWord, notUTF8 := decodeText(w.clip(m.name, offset))
		if badWord {
			w.add(WarnBrokenEncodedWord, offset, "an address's name has a broken encoded word")
		}
		if notUTF8 {
			w.add(WarnEightBitHeader, offset, "an address's name is not UTF-8")
		}
		dst = append(dst, model.Address{Name: name, Address: guessUTF8(m.spelled)})
	}
	return dst
}
