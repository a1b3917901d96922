package imapd

import (
	"bytes"
	"strings"

	"github.com/catchpost/catchpost/internal/message"
)

// octets returns what a section names; ok is false where the message has no such
// part (then the answer is NIL). The result is a slice of raw where it can be.
func (sec *section) octets(raw []byte, dg *message.Digest) (b []byte, ok bool) {
	if sec.part == "" {
		if sec.what == "" {
			return raw, true
		}
		return sec.text(raw, rootBody(raw, dg))
	}
	p, ok := message.View{Raw: raw, Digest: dg}.Part(sec.part)
	if !ok || !within(p, len(raw)) {
		return nil, false
	}
	switch sec.what {
	case "":
		return raw[p.BodyStart:p.BodyEnd], true
	case "MIME":
		return raw[p.HeaderStart:p.BodyStart], true
	}
	// HEADER and TEXT of a part are those of the message in it (RFC 9051 §6.4.5.1).
	if p.Type != "message/rfc822" && p.Type != "message/global" {
		return nil, false
	}
	inner := raw[p.BodyStart:p.BodyEnd]
	return sec.text(inner, innerBody(p, dg, inner))
}

// text returns HEADER, HEADER.FIELDS or TEXT of a message whose body begins at body.
func (sec *section) text(msg []byte, body int) ([]byte, bool) {
	switch sec.what {
	case "TEXT":
		return msg[body:], true
	case "HEADER":
		return msg[:body], true
	}
	return headerFields(msg[:body], sec.fields, sec.what == "HEADER.FIELDS.NOT"), true
}

func within(p message.Part, n int) bool {
	return 0 <= p.HeaderStart && p.HeaderStart <= p.BodyStart && p.BodyStart <= p.BodyEnd && p.BodyEnd <= int64(n)
}

// rootBody is where the message's body begins.
func rootBody(raw []byte, dg *message.Digest) int {
	if dg != nil && len(dg.Parts) > 0 {
		if b := dg.Parts[0].BodyStart; b >= 0 && b <= int64(len(raw)) {
			return int(b)
		}
	}
	return len(raw)
}

// innerBody is where the body of the message inside part p begins, relative to
// p's body: the part table has the inner message as the part that begins there.
func innerBody(p message.Part, dg *message.Digest, inner []byte) int {
	for _, q := range dg.Parts {
		if q.HeaderStart == p.BodyStart && q.BodyStart >= p.BodyStart && q.BodyStart <= p.BodyEnd {
			return int(q.BodyStart - p.BodyStart)
		}
	}
	if i := bytes.Index(inner, []byte("\r\n\r\n")); i >= 0 {
		return i + 4
	}
	return len(inner)
}

// headerFields picks the fields whose names are listed (or, with not, are not),
// and ends them with the empty line (RFC 9051 §6.4.5.1).
func headerFields(header []byte, names []string, not bool) []byte {
	out := make([]byte, 0, 256)
	keep := false
	for rest := header; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n') + 1
		if n == 0 {
			n = len(rest)
		}
		l := rest[:n]
		rest = rest[n:]
		if len(bytes.TrimRight(l, "\r\n")) == 0 {
			break
		}
		if l[0] != ' ' && l[0] != '\t' { // not a continuation of the field before
			name, _, isField := bytes.Cut(l, []byte(":"))
			keep = isField && listed(string(bytes.TrimRight(name, " \t")), names) != not
		}
		if keep {
			out = append(out, l...)
		}
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\r', '\n')
	}
	return append(out, '\r', '\n')
}

func listed(name string, names []string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// binary returns the decoded octets of a leaf, RFC 3516 §4.2. known is false where
// the transfer encoding is not one of ours: the answer is then NO [UNKNOWN-CTE].
func (sec *section) binary(raw []byte, dg *message.Digest) (b []byte, ok, known bool) {
	if sec.part == "" {
		return raw, true, true
	}
	v := message.View{Raw: raw, Digest: dg}
	p, ok := v.Part(sec.part)
	if !ok || !within(p, len(raw)) {
		return nil, false, true
	}
	switch p.Encoding {
	case "", "7bit", "8bit", "binary", "base64", "quoted-printable":
		if strings.HasPrefix(p.Type, "multipart/") || strings.HasPrefix(p.Type, "message/") {
			return raw[p.BodyStart:p.BodyEnd], true, true
		}
		return v.Decoded(p), true, true
	}
	return nil, true, false
}
