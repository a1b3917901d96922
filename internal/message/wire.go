package message

import (
	"bytes"
	"strconv"
	"strings"
)

// maxWireString bounds one string within ENVELOPE and BODYSTRUCTURE, in octets.
const maxWireString = 16 << 10

// maxWireAddresses bounds the addresses of one ENVELOPE list.
const maxWireAddresses = 2000

// emptyEnvelope and emptyBody stand for a message that cannot be opened.
const (
	emptyEnvelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
	emptyBody     = `("text" "plain" NIL NIL NIL "7bit" 0 0)`
)

// wire writes ENVELOPE, BODY and BODYSTRUCTURE.
func (s *scanner) wire(d *Digest, root *rootFields) {
	d.Envelope = root.envelope(make([]byte, 0, 512))
	children := make([][]int, len(s.parts))
	if len(s.parts) > 64 {
		children[0] = make([]int, 0, len(s.parts)) // most of so many stand side by side
	}
	for i := 1; i < len(s.parts); i++ {
		p := s.parts[i].Parent
		children[p] = append(children[p], i)
	}
	b := bodyWriter{s: s, children: children, types: make([][]byte, len(s.parts))}
	d.Body = b.body(make([]byte, 0, 256), 0, false)
	d.BodyStructure = b.body(make([]byte, 0, 512), 0, true)
}

// envelope appends the ENVELOPE of RFC 9051 §7.5.2. Sender and Reply-To default to
// From.
func (r *rootFields) envelope(dst []byte) []byte {
	dst = append(dst, '(')
	dst = appendField(dst, r.raw, r.date)
	dst = append(dst, ' ')
	dst = appendField(dst, r.raw, r.subject)
	dst = append(dst, ' ')
	mark := len(dst)
	dst = r.addressList(dst, &r.from)
	from := string(dst[mark:])
	for _, fs := range []*addressFields{&r.sender, &r.replyTo} {
		dst = append(dst, ' ')
		mark = len(dst)
		if dst = r.addressList(dst, fs); string(dst[mark:]) == "NIL" {
			dst = append(dst[:mark], from...)
		}
	}
	for _, fs := range []*addressFields{&r.to, &r.cc, &r.bcc} {
		dst = append(dst, ' ')
		dst = r.addressList(dst, fs)
	}
	dst = append(dst, ' ')
	dst = appendField(dst, r.raw, r.inReplyTo)
	dst = append(dst, ' ')
	dst = appendField(dst, r.raw, r.messageID)
	return append(dst, ')')
}

func appendField(dst, raw []byte, fs []field) []byte {
	if len(fs) == 0 {
		return append(dst, "NIL"...)
	}
	return appendString(dst, unfold(fs[0].value(raw)))
}

// addressList appends the addresses of some fields as one list, or NIL. Names
// stay encoded, as they are in the header.
func (r *rootFields) addressList(dst []byte, a *addressFields) []byte {
	a.parse(r.raw)
	mark := len(dst)
	dst = append(dst, '(')
	n := 0
	for _, list := range a.lists {
		for _, m := range list {
			if n++; n > maxWireAddresses && !m.groupEnd {
				continue
			}
			dst = append(dst, '(')
			dst = appendNString(dst, m.name)
			dst = append(dst, " NIL "...)
			switch {
			case m.groupEnd:
				dst = append(dst, "NIL NIL"...)
			case m.group:
				dst = appendString(dst, m.local)
				dst = append(dst, " NIL"...)
			default: // a NIL host would mean a group
				dst = appendString(dst, m.local)
				dst = append(dst, ' ')
				dst = appendString(dst, m.host)
			}
			dst = append(dst, ')')
		}
	}
	if len(dst) == mark+1 {
		return append(dst[:mark], "NIL"...)
	}
	return append(dst, ')')
}

// bodyWriter writes BODY and BODYSTRUCTURE from the part table.
type bodyWriter struct {
	s        *scanner
	children [][]int
	types    [][]byte // parameters of each Content-Type, written once for both
}

// body appends a part, RFC 9051 §9 body.
func (w bodyWriter) body(dst []byte, i int, extended bool) []byte {
	p, h := &w.s.parts[i], &w.s.headers[i]
	dst = append(dst, '(')
	if sub, ok := strings.CutPrefix(p.Type, "multipart/"); ok {
		for _, c := range w.children[i] {
			dst = w.body(dst, c, extended)
		}
		if len(w.children[i]) == 0 { // the grammar wants one
			dst = append(dst, emptyBody...)
		}
		dst = append(dst, ' ')
		dst = appendString(dst, []byte(sub))
		if extended {
			dst = append(dst, ' ')
			dst = w.params(dst, h.contentType, p.Type)
			dst = w.extension(dst, p, h)
		}
		return append(dst, ')')
	}
	dst = w.leaf(dst, i, extended)
	if extended {
		dst = append(dst, ' ')
		dst = appendField(dst, w.s.raw, present(h.md5))
		dst = w.extension(dst, p, h)
	}
	return append(dst, ')')
}

// leaf appends body-type-basic, -text or -msg without extension data.
func (w bodyWriter) leaf(dst []byte, i int, extended bool) []byte {
	p, h := &w.s.parts[i], &w.s.headers[i]
	mediaType, sub, _ := strings.Cut(p.Type, "/")
	dst = appendString(dst, []byte(mediaType))
	dst = append(dst, ' ')
	dst = appendString(dst, []byte(sub))
	dst = append(dst, ' ')
	if w.types[i] == nil {
		mark := len(dst)
		dst = w.params(dst, h.contentType, p.Type)
		w.types[i] = append(w.types[i], dst[mark:]...)
	} else {
		dst = append(dst, w.types[i]...)
	}
	dst = append(dst, ' ')
	dst = appendField(dst, w.s.raw, present(h.id))
	dst = append(dst, ' ')
	dst = appendField(dst, w.s.raw, present(h.description))
	dst = append(dst, ' ')
	dst = appendString(dst, []byte(p.Encoding))
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, p.BodyEnd-p.BodyStart, 10)
	switch {
	case mediaType == "text":
		dst = append(dst, ' ')
		dst = strconv.AppendInt(dst, p.Lines, 10)
	case isMessageType(p.Type):
		dst = append(dst, ' ')
		if c := w.children[i]; len(c) > 0 {
			root := readRoot(w.s.raw, int(w.s.parts[c[0]].HeaderStart), w.s.headers[c[0]].headerEnd)
			dst = root.envelope(dst)
			dst = append(dst, ' ')
			dst = w.body(dst, c[0], extended)
		} else {
			dst = append(dst, emptyEnvelope+" "+emptyBody...)
		}
		dst = append(dst, ' ')
		dst = strconv.AppendInt(dst, p.Lines, 10)
	}
	return dst
}

func present(f field) []field {
	if f.end == 0 {
		return nil
	}
	return []field{f}
}

// params appends a field's parameters as they are written, RFC 2231 names and
// all: decoding them is the client's.
func (w bodyWriter) params(dst []byte, f field, mediaType string) []byte {
	var room [4]segment
	segments := room[:0]
	if f.end > 0 {
		value := unfold(f.value(w.s.raw))
		if i := bytes.IndexByte(value, ';'); i >= 0 {
			segments, _ = scanSegments(segments, value[i+1:])
		}
	}
	if len(segments) == 0 {
		if f.end == 0 && strings.HasPrefix(mediaType, "text/") { // RFC 2045 §5.2
			return append(dst, `("charset" "us-ascii")`...)
		}
		return append(dst, "NIL"...)
	}
	for i, s := range segments {
		if i == 0 {
			dst = append(dst, '(')
		} else {
			dst = append(dst, ' ')
		}
		dst = appendString(dst, []byte(s.written))
		dst = append(dst, ' ')
		dst = appendString(dst, s.value)
	}
	return append(dst, ')')
}

// extension appends disposition, language and location.
func (w bodyWriter) extension(dst []byte, p *Part, h *entityHeader) []byte {
	dst = append(dst, ' ')
	if p.Disposition == "" {
		dst = append(dst, "NIL"...)
	} else {
		dst = append(dst, '(')
		dst = appendString(dst, []byte(p.Disposition))
		dst = append(dst, ' ')
		dst = w.params(dst, h.disposition, "")
		dst = append(dst, ')')
	}
	dst = append(dst, ' ')
	dst = w.languages(dst, h.language)
	dst = append(dst, ' ')
	return appendField(dst, w.s.raw, present(h.location))
}

// languages appends Content-Language, RFC 3282: one string, or a list.
func (w bodyWriter) languages(dst []byte, f field) []byte {
	if f.end == 0 {
		return append(dst, "NIL"...)
	}
	var tags [][]byte
	for tag := range bytes.SplitSeq(stripComments(unfold(f.value(w.s.raw))), []byte(",")) {
		if tag = bytes.Trim(tag, " \t"); len(tag) > 0 && len(tags) < maxParams {
			tags = append(tags, tag)
		}
	}
	switch len(tags) {
	case 0:
		return append(dst, "NIL"...)
	case 1:
		return appendString(dst, tags[0])
	}
	dst = append(dst, '(')
	for i, tag := range tags {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = appendString(dst, tag)
	}
	return append(dst, ')')
}

// appendNString appends NIL for nothing.
func appendNString(dst, s []byte) []byte {
	if len(s) == 0 {
		return append(dst, "NIL"...)
	}
	return appendString(dst, s)
}

// appendString appends a string as RFC 9051 §4.3 and RFC 3501 §4.3 both take it:
// quoted if short and ASCII without CR, LF and NUL, else a literal. NUL stands in
// neither and is left out; CR and LF become blanks.
func appendString(dst, s []byte) []byte {
	if len(s) > maxWireString {
		s = wholeRunes(s[:maxWireString])
	}
	plain, clean := len(s) <= 1024, true
	for _, c := range s {
		if c == 0 || c == '\r' || c == '\n' {
			clean = false
		}
		if c >= 0x80 || c < ' ' && c != '\t' || c == 0x7f {
			plain = false
		}
	}
	if !clean {
		s = bytes.ReplaceAll(s, []byte{0}, nil)
		s = bytes.ReplaceAll(s, []byte{'\r'}, []byte{' '})
		s = bytes.ReplaceAll(s, []byte{'\n'}, []byte{' '})
	}
	if !plain {
		dst = append(dst, '{')
		dst = strconv.AppendInt(dst, int64(len(s)), 10)
		dst = append(dst, "}\r\n"...)
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for _, c := range s {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}
