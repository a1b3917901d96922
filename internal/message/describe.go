package message

import (
	"bytes"
	"strings"
)

// describe fills a part's type, encoding, disposition and names from its fields.
func (s *scanner) describe(p *Part, h entityHeader, at place) {
	p.Type, p.Encoding = "text/plain", "7bit" // RFC 2045 §5.2, §6.1
	if at.digest {
		p.Type = "message/rfc822"
	}
	if f := h.contentType; f.end > 0 {
		value, params, broken := parseStructured(unfold(f.value(s.raw)))
		p.Params = params
		if broken {
			s.warn.add(WarnBrokenParameter, f.start, "Content-Type has a broken parameter")
		}
		if validType(value) {
			p.Type = value
		} else {
			p.Type = "text/plain"
			s.warn.add(WarnBadContentType, f.start, "%q is no type/subtype", clip(value, 80))
		}
	}
	if f := h.encoding; f.end > 0 {
		p.Encoding = s.encoding(f)
	}
	if f := h.disposition; f.end > 0 {
		var broken bool
		p.Disposition, p.DispParams, broken = parseStructured(unfold(f.value(s.raw)))
		if !isToken(p.Disposition) && p.Disposition != "" {
			p.Disposition, broken = "attachment", true // RFC 2183 §2.8: unknown ones are that
		}
		if broken {
			s.warn.add(WarnBrokenParameter, f.start, "Content-Disposition has a broken parameter")
		}
	}
	if f := h.id; f.end > 0 {
		p.ContentID = guessUTF8(bytes.Trim(unfold(f.value(s.raw)), " <>"))
	}
	if f := h.description; f.end > 0 {
		p.Description, _, _ = decodeText(unfold(f.value(s.raw)))
	}
	p.Name = param(p.DispParams, "filename")
	if p.Name == "" {
		p.Name = param(p.Params, "name")
	}
	if p.Type == "application/ms-tnef" || strings.EqualFold(p.Name, "winmail.dat") {
		s.warn.add(WarnTNEF, int(p.HeaderStart), "a TNEF part stays closed")
	}
}

// encoding reads Content-Transfer-Encoding; an unknown one counts as identity.
func (s *scanner) encoding(f field) string {
	value, _, _ := parseStructured(unfold(f.value(s.raw)))
	value = strings.Trim(value, "\"'")
	switch value {
	case "7bit", "8bit", "binary", "base64", "quoted-printable", "x-uuencode", "x-uue", "uuencode":
		return value
	case "7-bit", "8-bit":
		s.warn.add(WarnBadTransferEncoding, f.start, "%q is written without hyphen", value)
		return value[:1] + "bit"
	case "quotedprintable", "qp", "quoted_printable":
		s.warn.add(WarnBadTransferEncoding, f.start, "%q is meant to be quoted-printable", value)
		return "quoted-printable"
	case "base-64":
		s.warn.add(WarnBadTransferEncoding, f.start, "%q is meant to be base64", value)
		return "base64"
	case "":
		s.warn.add(WarnBadTransferEncoding, f.start, "the transfer encoding is empty")
		return "7bit"
	}
	s.warn.add(WarnBadTransferEncoding, f.start, "%q is no transfer encoding", clip(value, 80))
	return guessUTF8([]byte(clip(value, 80)))
}

// validType reports whether s is type "/" subtype of tokens, RFC 2045 §5.1.
func validType(s string) bool {
	t, sub, ok := strings.Cut(s, "/")
	return ok && len(s) <= 255 && isToken(t) && isToken(sub)
}

func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?=", c) >= 0 {
			return false
		}
	}
	return s != ""
}

// clip cuts a string for a warning's text.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}

// choose finds the text and HTML bodies: the first such leaf of the message
// itself that is no attachment. All other leaves, and attached messages, are
// attachments.
func (s *scanner) choose() (text, html, attachments int) {
	text, html = -1, -1
	inside := make([]bool, len(s.parts)) // of an attached message
	for i := range s.parts {
		p := &s.parts[i]
		if p.Parent >= 0 {
			inside[i] = inside[p.Parent] || isMessageType(s.parts[p.Parent].Type)
		}
		switch {
		case inside[i] || strings.HasPrefix(p.Type, "multipart/"):
		case p.Type == "text/plain" && text < 0 && p.Disposition != "attachment":
			text = i
		case p.Type == "text/html" && html < 0 && p.Disposition != "attachment":
			html = i
		default:
			p.Attachment = true
			attachments++
		}
	}
	return text, html, attachments
}

// measure finds a leaf's decoded size and tells what is wrong with its encoding. It
// returns about limit of the decoded octets, or all where it had to decode them.
func (s *scanner) measure(p *Part, limit int) []byte {
	body := s.raw[p.BodyStart:p.BodyEnd]
	p.Lines = countLines(body)
	switch p.Encoding {
	case "base64":
		chars, end, how := base64Extent(body)
		p.Size = int64(base64Size(chars))
		switch how {
		case base64Junk:
			s.warn.add(WarnBadTransferEncoding, int(p.BodyStart)+end, "base64 data is broken")
		case base64Trails:
			s.warn.add(WarnTrailingJunk, int(p.BodyStart)+end, "text follows the base64 data")
		}
		if limit > 0 {
			return appendBase64(make([]byte, 0, min(base64Size(chars), limit+4)), body[:end], chars, limit)
		}
		return nil
	case "quoted-printable":
		out, ok := appendQuotedPrintable(make([]byte, 0, len(body)), body, len(body)+1)
		p.Size = int64(len(out))
		if !ok {
			s.warn.add(WarnBadTransferEncoding, int(p.BodyStart), "quoted-printable data has a bad escape")
		}
		return out
	case "x-uuencode", "x-uue", "uuencode":
		out, ok := appendUU(nil, body, len(body)+1)
		p.Size = int64(len(out))
		if !ok {
			s.warn.add(WarnBadTransferEncoding, int(p.BodyStart), "uuencoded data is broken")
		}
		return out
	}
	p.Size = int64(len(body))
	return body[:min(len(body), limit)]
}

// countLines counts lines; a last one without line end is one.
func countLines(b []byte) int64 {
	n := int64(bytes.Count(b, []byte{'\n'}))
	if len(b) > 0 && b[len(b)-1] != '\n' {
		n++
	}
	return n
}
