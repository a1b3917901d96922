package message

import (
	"bytes"
	"io"
)

// base64Value maps an octet to its six bits; 64 is white space, 65 padding,
// 66 junk. RFC 2045 §6.8.
var base64Value = func() (t [256]byte) {
	for i := range t {
		t[i] = 66
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = byte(i)
	}
	for _, c := range " \t\r\n\v\f\x00" {
		t[c] = 64
	}
	t['='] = 65
	return t
}()

// What ended base64 data.
const (
	base64Clean  = iota
	base64Junk   // an undecodable octet, or a lone character at the end
	base64Trails // text after the padding
)

// base64Extent finds how far base64 data goes: its alphabet characters within
// b[:end], and what ended it. The padding is the end, RFC 2045 §6.8. At an
// undecodable octet the prefix is kept; if that octet stands past the first line
// of data the whole line is no data (a footer that a mailing list put there).
func base64Extent(b []byte) (chars, end, how int) {
	line, lineChars := 0, 0 // where the current line began, and chars by then
	t := &base64Value
	for i := 0; i < len(b); i++ {
		for i+8 <= len(b) && (t[b[i]]|t[b[i+1]]|t[b[i+2]]|t[b[i+3]]|t[b[i+4]]|t[b[i+5]]|t[b[i+6]]|t[b[i+7]]) < 64 {
			chars += 8
			i += 8
		}
		if i == len(b) {
			break
		}
		v := t[b[i]]
		if v < 64 {
			chars++
			continue
		}
		switch {
		case b[i] == '\n':
			line, lineChars = i+1, chars
		case v == 65:
			if len(bytes.Trim(b[i:], "= \t\r\n\x00")) > 0 {
				return chars, i, base64Trails
			}
			return chars, i, base64Clean
		case v == 66 && lineChars > 0:
			return lineChars, line, base64Trails
		case v == 66:
			return chars, i, base64Junk
		}
	}
	if chars%4 == 1 {
		return chars, len(b), base64Junk
	}
	return chars, len(b), base64Clean
}

// base64Size is the decoded size of so many alphabet characters.
func base64Size(chars int) int {
	size := chars / 4 * 3
	if rest := chars % 4; rest > 1 {
		size += rest - 1
	}
	return size
}

// appendBase64 decodes at most limit octets of b, which base64Extent has measured.
func appendBase64(dst, b []byte, chars, limit int) []byte {
	var quantum uint32
	n := 0
	t := &base64Value
	for i := 0; i < len(b) && chars > 0; i++ {
		for n == 0 && chars >= 4 && i+4 <= len(b) && len(dst) < limit {
			v0, v1, v2, v3 := t[b[i]], t[b[i+1]], t[b[i+2]], t[b[i+3]]
			if v0|v1|v2|v3 >= 64 {
				break
			}
			dst = append(dst, v0<<2|v1>>4, v1<<4|v2>>2, v2<<6|v3)
			chars, i = chars-4, i+4
		}
		if i >= len(b) || chars == 0 || len(dst) >= limit {
			break
		}
		v := base64Value[b[i]]
		if v >= 64 {
			continue
		}
		chars--
		quantum = quantum<<6 | uint32(v)
		if n++; n == 4 {
			dst = append(dst, byte(quantum>>16), byte(quantum>>8), byte(quantum))
			quantum, n = 0, 0
			if len(dst) >= limit {
				return dst
			}
		}
	}
	switch n {
	case 2:
		dst = append(dst, byte(quantum>>4))
	case 3:
		dst = append(dst, byte(quantum>>10), byte(quantum>>2))
	}
	return dst
}

// appendQuotedPrintable decodes RFC 2045 §6.7. A "=" that begins no escape stays
// as it is. ok is false when there was one. At most about limit octets.
func appendQuotedPrintable(dst, b []byte, limit int) (out []byte, ok bool) {
	ok = true
	for len(b) > 0 && len(dst) < limit {
		i := bytes.IndexByte(b, '\n')
		line, eol := b, 0
		if i >= 0 {
			line, eol = b[:i], 1
			if i > 0 && b[i-1] == '\r' {
				line, eol = b[:i-1], 2
			}
		}
		ending := b[len(line) : len(line)+eol]
		b = b[len(line)+eol:]
		trimmed := bytes.TrimRight(line, " \t") // rule 3: transport padding
		if n := len(trimmed); n > 0 && trimmed[n-1] == '=' {
			trimmed, ending = trimmed[:n-1], nil // rule 5: soft line break
		}
		var good bool
		dst, good = appendQuotedLine(dst, trimmed)
		ok = ok && good
		dst = append(dst, ending...)
	}
	return dst, ok
}

func appendQuotedLine(dst, line []byte) ([]byte, bool) {
	ok := true
	for {
		i := bytes.IndexByte(line, '=')
		if i < 0 {
			return append(dst, line...), ok
		}
		dst = append(dst, line[:i]...)
		if i+2 < len(line) {
			hi, lo := unhex(line[i+1]), unhex(line[i+2])
			if hi < 16 && lo < 16 {
				dst = append(dst, hi<<4|lo)
				line = line[i+3:]
				continue
			}
		}
		ok = false
		dst = append(dst, '=')
		line = line[i+1:]
	}
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	case 'a' <= c && c <= 'f': // not by the RFC, but seen
		return c - 'a' + 10
	}
	return 16
}

// appendUU decodes uuencoded data, which old mail calls x-uuencode.
func appendUU(dst, b []byte, limit int) (out []byte, ok bool) {
	begin := bytes.Index(b, []byte("begin "))
	if begin < 0 {
		return append(dst, b...), false
	}
	b = b[lineAfter(b, begin, len(b)):]
	for len(b) > 0 && len(dst) < limit {
		next := lineAfter(b, 0, len(b))
		line := bytes.TrimRight(b[:next], "\r\n")
		b = b[next:]
		if len(line) == 0 || line[0] == '`' || bytes.Equal(line, []byte("end")) {
			return dst, true
		}
		n := int(line[0]-' ') & 63
		for line = line[1:]; n > 0; n -= 3 {
			var q [4]byte
			for i := range q {
				if i < len(line) {
					q[i] = (line[i] - ' ') & 63
				}
			}
			line = line[min(4, len(line)):]
			three := []byte{q[0]<<2 | q[1]>>4, q[1]<<4 | q[2]>>2, q[2]<<6 | q[3]}
			dst = append(dst, three[:min(n, 3)]...)
		}
	}
	return dst, false
}

// decodeTransfer undoes a Content-Transfer-Encoding, at most about limit octets
// of it. For the identity encodings it returns body itself.
func decodeTransfer(body []byte, encoding string, limit int) []byte {
	switch encoding {
	case "base64":
		chars, end, _ := base64Extent(body)
		return appendBase64(make([]byte, 0, min(base64Size(chars), limit+4)), body[:end], chars, limit)
	case "quoted-printable":
		out, _ := appendQuotedPrintable(make([]byte, 0, min(len(body), limit+1024)), body, limit)
		return out
	case "x-uuencode", "x-uue", "uuencode":
		out, _ := appendUU(nil, body, limit)
		return out
	}
	return body[:min(len(body), limit)]
}

// transferReader streams the decoded octets of a leaf.
func transferReader(body []byte, encoding string) io.Reader {
	switch encoding {
	case "base64":
		chars, end, _ := base64Extent(body)
		return &base64Reader{body: body[:end], chars: chars}
	case "quoted-printable":
		return &quotedReader{body: body}
	}
	return bytes.NewReader(decodeTransfer(body, encoding, len(body)))
}

// base64Reader decodes block by block, so that a large attachment costs no copy.
type base64Reader struct {
	body    []byte
	chars   int
	pending []byte
}

func (r *base64Reader) Read(p []byte) (int, error) {
	for len(r.pending) == 0 {
		if r.chars == 0 {
			return 0, io.EOF
		}
		const block = 16 << 10 // characters, a multiple of 4
		take, n := 0, 0
		for take < len(r.body) && n < min(block, r.chars) {
			if base64Value[r.body[take]] < 64 {
				n++
			}
			take++
		}
		r.pending = appendBase64(r.pending[:0], r.body[:take], n, take+4)
		r.body = r.body[take:]
		if r.chars -= n; n == 0 {
			r.chars = 0
		}
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}

// quotedReader decodes some lines at a time.
type quotedReader struct {
	body, pending []byte
}

func (r *quotedReader) Read(p []byte) (int, error) {
	for len(r.pending) == 0 {
		if len(r.body) == 0 {
			return 0, io.EOF
		}
		n := min(16<<10, len(r.body))
		n = lineAfter(r.body, n-1, len(r.body))
		r.pending, _ = appendQuotedPrintable(r.pending[:0], r.body[:n], n+1)
		r.body = r.body[n:]
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}
