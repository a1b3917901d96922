package message

import (
	"bytes"
)

// field is one header field as offsets into the raw message.
type field struct {
	start    int  // first octet of the name
	nameEnd  int  // just after the name, before blanks and the colon
	valStart int  // just after the colon
	end      int  // just after the line end of the last line
	bad      bool // a line without a colon; the name is empty
}

func (f field) name(raw []byte) []byte  { return raw[f.start:f.nameEnd] }
func (f field) value(raw []byte) []byte { return raw[f.valStart:f.end] }

// nextField reads the field at pos; pos must not stand at an empty line. A field
// goes on as long as the next line begins with a blank or tab, RFC 5322 §2.2.3.
func nextField(raw []byte, pos, end int) field {
	f := field{start: pos, nameEnd: pos, valStart: pos}
	for f.nameEnd < end && raw[f.nameEnd] > ' ' && raw[f.nameEnd] != ':' && raw[f.nameEnd] < 0x7f {
		f.nameEnd++
	}
	var lineEnd int
	if f.nameEnd > pos && f.nameEnd < end && raw[f.nameEnd] == ':' {
		f.valStart = f.nameEnd + 1
		lineEnd = lineAfter(raw, f.valStart, end)
	} else {
		lineEnd = lineAfter(raw, pos, end)
		f.nameEnd, f.valStart, f.bad = fieldName(raw, pos, lineEnd)
	}
	for lineEnd < end && (raw[lineEnd] == ' ' || raw[lineEnd] == '\t') {
		lineEnd = lineAfter(raw, lineEnd, end)
	}
	f.end = lineEnd
	return f
}

// fieldName finds the end of a field's name and the start of its value. Blanks
// before the colon are taken, RFC 5322 §4.5.
func fieldName(raw []byte, pos, end int) (nameEnd, valStart int, bad bool) {
	i := pos
	for i < end && raw[i] > ' ' && raw[i] != ':' && raw[i] < 0x7f {
		i++
	}
	nameEnd = i
	for i < end && (raw[i] == ' ' || raw[i] == '\t') {
		i++
	}
	if nameEnd == pos || i >= end || raw[i] != ':' {
		return pos, pos, true
	}
	return nameEnd, i + 1, false
}

// lineAfter returns the offset just after the line that pos is in.
func lineAfter(raw []byte, pos, end int) int {
	near := min(end, pos+32) // most lines of a hostile header are short, and a call costs more
	for ; pos < near; pos++ {
		if raw[pos] == '\n' {
			return pos + 1
		}
	}
	if i := bytes.IndexByte(raw[pos:end], '\n'); i >= 0 {
		return pos + i + 1
	}
	return end
}

// emptyLine reports whether an empty line stands at pos, and its length.
func emptyLine(raw []byte, pos, end int) (int, bool) {
	switch {
	case pos >= end:
		return 0, true
	case raw[pos] == '\n':
		return 1, true
	case raw[pos] == '\r' && pos+1 < end && raw[pos+1] == '\n':
		return 2, true
	case raw[pos] == '\r' && pos+1 == end:
		return 1, true
	}
	return 0, false
}

// unfold takes the line ends out of a field's value and the blanks around it;
// the blank that began a folded line stays, RFC 5322 §2.2.3. It returns a slice of
// value when there is nothing to take out.
func unfold(value []byte) []byte {
	value = trimWhite(value)
	if bytes.IndexByte(value, '\n') < 0 {
		return value
	}
	out := make([]byte, 0, len(value))
	for {
		i := bytes.IndexByte(value, '\n')
		if i < 0 {
			return append(out, value...)
		}
		line := value[:i]
		if i > 0 && line[i-1] == '\r' {
			line = line[:i-1]
		}
		out = append(out, line...)
		value = value[i+1:]
	}
}

// asciiEqualFold compares without regard to case; lower must be lower-case ASCII.
func asciiEqualFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := 0; i < len(b); i++ {
		if lowerByte(b[i]) != lower[i] {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// isASCII reports whether s has no octet beyond ASCII, eight at a time.
func isASCII[S ~string | ~[]byte](s S) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if (s[i]|s[i+1]|s[i+2]|s[i+3]|s[i+4]|s[i+5]|s[i+6]|s[i+7])&0x80 != 0 {
			return false
		}
	}
	for ; i < len(s); i++ {
		if s[i]&0x80 != 0 {
			return false
		}
	}
	return true
}
