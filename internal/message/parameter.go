package message

import (
	"bytes"
	"slices"
	"strings"
)

// maxParams bounds the parameters of one field.
const maxParams = 100

// segment is one parameter as written: name, section and flags of RFC 2231 §3–4.
type segment struct {
	name    string // without section and flag
	written string // as written, lower-case
	value   []byte
	section int // -1 without one
	percent bool
}

// parseStructured reads "value; name=value; …" leniently: the leading value in
// lower case without blanks or comments, then the parameters, RFC 2231 joined and
// decoded, RFC 2047 in values decoded too. broken says that some of it was not
// by the grammar of RFC 2045 §5.1.
func parseStructured(b []byte) (value string, params []Param, broken bool) {
	head, rest := b, []byte(nil)
	if i := bytes.IndexByte(b, ';'); i >= 0 {
		head, rest = b[:i], b[i+1:]
	}
	value = headValue(head)
	if len(bytes.Trim(rest, " \t;\r\n")) == 0 {
		return value, nil, false
	}
	var room [4]segment // most fields have no more
	segments, broken := scanSegments(room[:0], rest)
	params, bad := joinSegments(segments)
	return value, params, broken || bad
}

// headValue takes comments and blanks out of a leading value.
func headValue(b []byte) string {
	b = trimWhite(b)
	if bytes.IndexByte(b, '(') >= 0 {
		b = stripComments(b)
	}
	if i := bytes.IndexAny(b, " \t"); i >= 0 {
		b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte(" "), nil), []byte("\t"), nil)
	}
	return internLower(b)
}

// internLower returns the lower-case string without allocating for common values.
func internLower(b []byte) string {
	var buf [32]byte
	if len(b) > len(buf) {
		return strings.ToLower(string(b))
	}
	n := copy(buf[:], b)
	for i := range buf[:n] {
		buf[i] = lowerByte(buf[i])
	}
	switch string(buf[:n]) {
	case "text/plain":
		return "text/plain"
	case "text/html":
		return "text/html"
	case "multipart/alternative":
		return "multipart/alternative"
	case "multipart/mixed":
		return "multipart/mixed"
	case "multipart/related":
		return "multipart/related"
	case "application/pdf":
		return "application/pdf"
	case "image/png":
		return "image/png"
	case "7bit":
		return "7bit"
	case "8bit":
		return "8bit"
	case "base64":
		return "base64"
	case "quoted-printable":
		return "quoted-printable"
	case "attachment":
		return "attachment"
	case "inline":
		return "inline"
	case "charset":
		return "charset"
	case "boundary":
		return "boundary"
	case "name":
		return "name"
	case "filename":
		return "filename"
	case "filename*":
		return "filename*"
	case "filename*0*":
		return "filename*0*"
	case "filename*1*":
		return "filename*1*"
	case "name*0*":
		return "name*0*"
	case "name*1":
		return "name*1"
	case "name*1*":
		return "name*1*"
	}
	return string(buf[:n])
}

// stripComments removes RFC 5322 §3.2.2 comments, not within quotes.
func stripComments(b []byte) []byte {
	out := make([]byte, 0, len(b))
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\' && i+1 < len(b):
			if depth == 0 {
				out = append(out, c, b[i+1])
			}
			i++
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			depth++
			continue
		case c == ')' && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			out = append(out, b[i])
		}
	}
	return bytes.Trim(out, " \t")
}

// scanSegments appends the parameters of a field to segments.
func scanSegments(segments []segment, b []byte) (_ []segment, broken bool) {
	for len(segments) < maxParams {
		for len(b) > 0 && (b[0] == ';' || isWhite(b[0])) {
			b = b[1:]
		}
		if len(b) == 0 {
			return segments, broken
		}
		eq := 0
		for eq < len(b) && b[eq] != '=' && b[eq] != ';' {
			eq++
		}
		if eq == len(b) || b[eq] == ';' { // no "="
			broken = true
			if eq == len(b) {
				return segments, broken
			}
			b = b[eq:]
			continue
		}
		name := trimWhite(b[:eq])
		if bytes.IndexByte(name, '(') >= 0 {
			name = stripComments(name)
		}
		b = trimWhiteLeft(b[eq+1:])
		written := internLower(name)
		s := splitSection(written)
		s.written = written
		var bad bool
		s.value, b, bad = paramValue(b, s.name)
		broken = broken || bad || len(name) == 0 || holdsBlankOrQuote(name)
		if s.name != "" {
			segments = append(segments, s)
		}
	}
	return segments, true
}

func isWhite(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// trimWhiteLeft is bytes.TrimLeft(b, " \t\r\n"), which builds a set at each call.
func trimWhiteLeft(b []byte) []byte {
	for len(b) > 0 && isWhite(b[0]) {
		b = b[1:]
	}
	return b
}

func trimWhite(b []byte) []byte {
	b = trimWhiteLeft(b)
	for len(b) > 0 && isWhite(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func holdsBlankOrQuote(b []byte) bool {
	for _, c := range b {
		if c == ' ' || c == '\t' || c == '"' {
			return true
		}
	}
	return false
}

// splitSection splits "filename*1*" into its name, section and percent flag.
func splitSection(name string) segment {
	s := segment{name: name, section: -1}
	base, tail, ok := strings.Cut(name, "*")
	if !ok {
		return s
	}
	s.name = base
	if tail == "" {
		s.percent = true
		return s
	}
	s.percent = strings.HasSuffix(tail, "*")
	n := 0
	for _, c := range strings.TrimSuffix(tail, "*") {
		if c < '0' || c > '9' || n > maxParams {
			return segment{name: name, section: -1}
		}
		n = n*10 + int(c-'0')
	}
	s.section = n
	return s
}

// notInToken are blanks, the tspecials of RFC 2045 §5.1 and what is not ASCII.
var notInToken = func() (t [256]bool) {
	for _, c := range " \t()<>@,:\\\"/[]?=" {
		t[c] = true
	}
	for c := 0x80; c < len(t); c++ {
		t[c] = true
	}
	return t
}()

// paramValue reads a quoted string or a token. A token takes all up to ";", so
// that unquoted boundaries and file names come through.
func paramValue(b []byte, name string) (value, rest []byte, broken bool) {
	if len(b) > 0 && b[0] == '"' {
		return quotedValue(b)
	}
	end := bytes.IndexByte(b, ';')
	if end < 0 {
		end = len(b)
	}
	value, rest = trimWhite(b[:end]), b[end:]
	if i := bytes.IndexByte(value, '('); i > 0 && name != "filename" && name != "name" {
		value = stripComments(value)
	}
	broken = len(value) == 0
	for _, c := range value {
		broken = broken || notInToken[c]
	}
	return value, rest, broken
}

func quotedValue(b []byte) (value, rest []byte, broken bool) {
	plain := 1 // how far nothing is to be unquoted
	for plain < len(b) && b[plain] != '"' && b[plain] != '\\' {
		plain++
	}
	out := b[1:plain:plain]
	for i := plain; i < len(b); i++ {
		switch c := b[i]; c {
		case '\\':
			// Only quotes and backslashes are unquoted: writers of file names leave
			// the backslashes of C:\path as they are.
			if i+1 < len(b) && (b[i+1] == '"' || b[i+1] == '\\') {
				i++
			}
			out = append(out, b[i])
		case '"':
			rest = trimWhiteLeft(b[i+1:])
			if len(rest) > 0 && rest[0] == '(' {
				rest = stripComments(rest)
			}
			if len(rest) > 0 && rest[0] != ';' {
				semi := bytes.IndexByte(rest, ';')
				if semi < 0 {
					semi = len(rest)
				}
				tail := bytes.TrimRight(rest[:semi], " \t")
				switch {
				case bytes.HasSuffix(tail, []byte(`"`)) && bytes.IndexByte(tail, '=') < 0:
					// Quotes within a quoted name, not escaped.
					within := len(b) - i - 1 - len(rest)
					out = append(append(out, '"'), b[i+1:i+1+within]...)
					return append(out, tail[:len(tail)-1]...), rest[semi:], true
				case bytes.IndexByte(tail, '=') < 0:
					return out, rest[semi:], true // junk after the quotes
				}
				return out, rest, true // the ";" between two parameters is missing
			}
			return out, rest, !isASCII(out)
		default:
			out = append(out, c)
		}
	}
	return bytes.TrimRight(out, " \t;"), nil, true
}

// joinSegments makes parameters of segments: a name once, RFC 2231 forms first.
func joinSegments(segments []segment) (params []Param, broken bool) {
	params = make([]Param, 0, min(len(segments), 8))
	for i, s := range segments {
		if s.section < 0 && !s.percent {
			if hasExtended(segments, s.name) || hasParam(params, s.name) {
				broken = broken || hasParam(params, s.name)
				continue // name* wins over name, RFC 6266 §4.3's rule for the same pair
			}
			text, badWord, notUTF8 := decodeText(s.value)
			params = append(params, Param{s.name, text})
			broken = broken || badWord || notUTF8
			continue
		}
		if hasParam(params, s.name) {
			continue
		}
		var room [4]segment
		group := room[:0]
		for _, o := range segments[i:] {
			if o.name == s.name && (o.section >= 0 || o.percent) {
				group = append(group, o)
			}
		}
		value, bad := joinGroup(group)
		params = append(params, Param{s.name, value})
		broken = broken || bad
	}
	return params, broken
}

func joinGroup(group []segment) (value string, broken bool) {
	slices.SortStableFunc(group, func(a, b segment) int { return a.section - b.section })
	var octets []byte
	charset := ""
	extended := false
	for i, s := range group {
		if s.section >= 0 && s.section != i { // a gap or one twice
			broken = true
		}
		v := s.value
		if s.percent {
			if i == 0 {
				name, rest, _ := bytes.Cut(v, []byte("'"))
				if _, text, ok := bytes.Cut(rest, []byte("'")); ok {
					charset, v = string(name), text
				} else {
					broken = true
				}
			}
			var ok bool
			v, ok = unpercent(v)
			extended, broken = true, broken || !ok
		}
		octets = append(octets, v...)
	}
	if !extended {
		text, badWord, notUTF8 := decodeText(octets)
		return text, broken || badWord || notUTF8
	}
	if charset == "" {
		charset = "utf-8"
	}
	text, ok := toUTF8(octets, charset)
	return text, broken || !ok
}

func unpercent(b []byte) ([]byte, bool) {
	out, ok := make([]byte, 0, len(b)), true
	for i := 0; i < len(b); i++ {
		if b[i] == '%' {
			if i+2 < len(b) && unhex(b[i+1]) < 16 && unhex(b[i+2]) < 16 {
				out = append(out, unhex(b[i+1])<<4|unhex(b[i+2]))
				i += 2
				continue
			}
			ok = false
		}
		out = append(out, b[i])
	}
	return out, ok
}

func hasExtended(segments []segment, name string) bool {
	for _, s := range segments {
		if s.name == name && (s.section >= 0 || s.percent) {
			return true
		}
	}
	return false
}

func hasParam(params []Param, name string) bool {
	for _, p := range params {
		if p.Name == name {
			return true
		}
	}
	return false
}

// param returns a parameter's value, "" without it.
func param(params []Param, name string) string {
	for _, p := range params {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}
