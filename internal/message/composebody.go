package message

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"slices"
	"strings"
)

// maxTextLine is the longest line that text is sent with as it is, RFC 5322 §2.1.1.
const maxTextLine = 998

// bodyOf writes the body: alternatives of text and HTML, the HTML together with
// what it shows (RFC 2387), all together with the attachments.
func (w *composer) bodyOf(d Draft) {
	var inline, attached []numbered
	for i, f := range d.Attachments {
		n := numbered{fmt.Sprintf("attachments[%d]", i), f}
		if f.Inline && d.HTML != "" {
			inline = append(inline, n)
		} else {
			attached = append(attached, n)
		}
	}
	body := func() { w.text("text/plain", d.Text) }
	if d.HTML != "" {
		body = func() { w.text("text/html", d.HTML) }
		if len(inline) > 0 {
			body = w.group("related", `; type="text/html"`, append([]func(){body}, w.files(inline)...))
		}
		if d.Text != "" {
			body = w.group("alternative", "", []func(){func() { w.text("text/plain", d.Text) }, body})
		}
	}
	if len(attached) > 0 {
		body = w.group("mixed", "", append([]func(){body}, w.files(attached)...))
	}
	body()
}

// numbered is an attachment with its place in the draft, for errors.
type numbered struct {
	field string
	file  File
}

func (w *composer) files(list []numbered) (parts []func()) {
	for _, n := range list {
		parts = append(parts, func() { w.file(n.field, n.file) })
	}
	return parts
}

// group writes a multipart. The boundary begins with "=_", which neither base64
// nor quoted-printable can hold, RFC 2045 §6.7.
func (w *composer) group(sub, params string, parts []func()) func() {
	return func() {
		boundary := "=_" + rand.Text()
		w.depth++
		defer func() { w.depth-- }()
		w.out.WriteString("Content-Type: multipart/" + sub + params + ";\r\n boundary=\"" + boundary + "\"\r\n\r\n")
		for _, part := range parts {
			w.out.WriteString("--" + boundary + "\r\n")
			part()
			w.out.WriteString("\r\n")
		}
		w.out.WriteString("--" + boundary + "--\r\n")
	}
}

// text writes a text part in UTF-8: as it is if that is ASCII in short lines, else
// quoted-printable, or base64 where much is beyond ASCII.
func (w *composer) text(mediaType, s string) {
	s = toCRLF(strings.ToValidUTF8(s, "\ufffd"))
	beyond := 0
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			beyond++
		}
	}
	w.field("Content-Type", mediaType+"; charset=utf-8")
	switch {
	case beyond == 0 && plainLines([]byte(s)):
		w.field("Content-Transfer-Encoding", "7bit")
		w.out.WriteString("\r\n" + s)
	case beyond*3 > len(s):
		w.field("Content-Transfer-Encoding", "base64")
		w.out.WriteString("\r\n")
		w.out.Write(appendBase64Lines(nil, []byte(s), 76))
	default:
		w.field("Content-Transfer-Encoding", "quoted-printable")
		w.out.WriteString("\r\n")
		q := quotedprintable.NewWriter(&w.out)
		_, _ = q.Write([]byte(s)) // a Buffer takes everything
		_ = q.Close()
	}
	if w.depth == 0 && !bytes.HasSuffix(w.out.Bytes(), []byte("\r\n")) {
		w.out.WriteString("\r\n") // in a multipart that CRLF is the boundary's, RFC 2046 §5.1.1
	}
}

// toCRLF makes every line end CRLF, bare CR too.
func toCRLF(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	return strings.ReplaceAll(s, "\n", "\r\n")
}

// plainLines reports whether octets can be sent as 7bit or 8bit, RFC 2045 §2.7–8:
// short lines ending in CRLF, no NUL.
func plainLines(b []byte) bool {
	for len(b) > 0 {
		n := lineAfter(b, 0, len(b))
		line := bytes.TrimSuffix(b[:n], []byte("\r\n"))
		if len(line) > maxTextLine || bytes.ContainsAny(line, "\r\n\x00") {
			return false
		}
		b = b[n:]
	}
	return true
}

// file writes one attachment.
func (w *composer) file(field string, f File) {
	if strings.ContainsAny(f.Name, "\r\n\x00") || strings.ContainsAny(f.ContentID, "\r\n\x00<> ") || !isASCII(f.ContentID) {
		w.fail(field, "the name or content_id cannot stand in a header")
		return
	}
	mediaType, params := w.mediaType(field+".type", f.Type)
	encoding := "base64"
	if isMessageType(mediaType) { // may not be base64, RFC 2046 §5.2.1
		switch {
		case !plainLines(f.Content):
			mediaType, params = "application/octet-stream", nil
		case isASCII(f.Content):
			encoding = "7bit"
		default:
			encoding = "8bit"
		}
	}
	value := mediaType
	for _, name := range sortedKeys(params) {
		value += "; " + parameter(name, params[name])
	}
	if f.Name != "" { // for readers that do not know RFC 2183
		name := quoteString(f.Name)
		if needsWords(f.Name) || len(f.Name) > 60 {
			name = `"` + encodeWords(f.Name) + `"`
		}
		value += "; name=" + name
	}
	w.field("Content-Type", value)
	disposition := "attachment"
	if f.Inline {
		disposition = "inline"
	}
	if f.Name != "" {
		disposition += "; " + parameter("filename", f.Name)
	}
	w.field("Content-Disposition", disposition)
	if f.ContentID != "" {
		w.field("Content-ID", "<"+f.ContentID+">")
	}
	w.field("Content-Transfer-Encoding", encoding)
	w.out.WriteString("\r\n")
	if encoding != "base64" {
		w.out.Write(f.Content)
		return
	}
	w.out.Grow(len(f.Content)*4/3 + len(f.Content)/57*2 + 100)
	w.out.Write(appendBase64Lines(w.out.AvailableBuffer(), f.Content, 76))
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// parameter writes name=value; one that is not short printable ASCII in the
// sections and percent signs of RFC 2231 §3–4.
func parameter(name, value string) string {
	if !needsWords(value) && len(value) <= 60 {
		if isToken(value) {
			return name + "=" + value
		}
		return name + "=" + quoteString(value)
	}
	value = strings.ToValidUTF8(value, "\ufffd")
	var sections []string
	part := "utf-8''"
	for i := 0; i < len(value); i++ {
		octet := string(rune(value[i]))
		if c := value[i]; c >= 0x80 || !isToken(octet) || strings.IndexByte("*'%", c) >= 0 {
			octet = fmt.Sprintf("%%%02X", c)
		}
		if len(part)+len(octet) > 60 {
			sections = append(sections, part)
			part = ""
		}
		part += octet
	}
	if len(sections) == 0 {
		return name + "*=" + part
	}
	sections = append(sections, part)
	for i := range sections {
		sections[i] = fmt.Sprintf("%s*%d*=%s", name, i, sections[i])
	}
	return strings.Join(sections, "; ")
}

// appendBase64Lines encodes b in lines of so many characters, 0 for one line.
func appendBase64Lines(dst, b []byte, width int) []byte {
	if width == 0 {
		return base64.StdEncoding.AppendEncode(dst, b)
	}
	for octets := width / 4 * 3; len(b) > 0; {
		n := min(octets, len(b))
		dst = base64.StdEncoding.AppendEncode(dst, b[:n])
		dst = append(dst, "\r\n"...)
		b = b[n:]
	}
	return dst
}
