package message

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"mime"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"github.com/catchpost/catchpost/internal/model"
)

// Draft is a message to be written by Compose. All strings are UTF-8.
type Draft struct {
	From, To, Cc, ReplyTo []model.Address
	// Bcc is checked but not written: those addresses belong to the envelope,
	// RFC 5322 §3.6.3.
	Bcc        []model.Address
	Subject    string
	Text, HTML string
	// Headers are further fields, written in order after the others.
	Headers     []model.Header
	Attachments []File
	InReplyTo   []string  // message identifiers, with or without <>
	References  []string  // likewise
	Date        time.Time // now if zero
	MessageID   string    // made up if empty
}

// File is one attachment of a Draft.
type File struct {
	Name      string // file name, may be empty
	Type      string // media type, with parameters or not; application/octet-stream if empty
	Content   []byte
	ContentID string // without <>
	Inline    bool   // shown within the HTML, which names it as cid:ContentID
}

// DraftError says which field of a Draft cannot be written, and why.
type DraftError struct {
	Field  string // "from", "headers", "attachments[0].type" …
	Reason string
}

func (e *DraftError) Error() string { return "message: " + e.Field + ": " + e.Reason }

// Compose writes a draft as RFC 5322 and RFC 2045 octets with CRLF line ends. No
// field can bring in another one: CR, LF and NUL are refused. Everything is ASCII
// but local-parts that are not (RFC 6532); host names become A-labels. Errors are
// *DraftError.
func Compose(d Draft) ([]byte, error) {
	w := &composer{}
	w.header(d)
	w.bodyOf(d)
	if w.err != nil {
		return nil, w.err
	}
	return w.out.Bytes(), nil
}

// composer writes; its first error sticks.
type composer struct {
	out   bytes.Buffer
	depth int // of multiparts
	err   error
}

func (w *composer) fail(field, format string, args ...any) {
	if w.err == nil {
		w.err = &DraftError{Field: field, Reason: fmt.Sprintf(format, args...)}
	}
}

// ownFields are written by Compose and may not stand in Draft.Headers.
var ownFields = map[string]string{
	"from": "from", "to": "to", "cc": "cc", "bcc": "bcc", "reply-to": "reply_to", "subject": "subject", "date": "date",
	"message-id": "message_id", "in-reply-to": "in_reply_to", "references": "references", "mime-version": "",
	"content-type": "", "content-transfer-encoding": "", "content-disposition": "", "content-id": "",
}

func (w *composer) header(d Draft) {
	if len(d.From) == 0 {
		w.fail("from", "is missing")
		return
	}
	if d.Date.IsZero() {
		d.Date = time.Now()
	}
	w.field("Date", d.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	w.addresses("from", "From", d.From)
	w.addresses("reply_to", "Reply-To", d.ReplyTo)
	w.addresses("to", "To", d.To)
	w.addresses("cc", "Cc", d.Cc)
	for _, a := range d.Bcc {
		w.address("bcc", a)
	}
	w.unstructured("subject", "Subject", d.Subject)
	if d.MessageID == "" {
		_, host, _ := strings.Cut(w.address("from", model.Address{Address: d.From[0].Address}), "@")
		d.MessageID = rand.Text() + "@" + strings.Trim(host, ">")
	}
	w.ids("message_id", "Message-ID", []string{d.MessageID})
	w.ids("in_reply_to", "In-Reply-To", d.InReplyTo)
	w.ids("references", "References", d.References)
	for _, h := range d.Headers {
		if own, ok := ownFields[strings.ToLower(h.Name)]; ok {
			w.fail("headers", "%s is not for headers; use %q", h.Name, own)
		}
		if !isFieldName(h.Name) {
			w.fail("headers", "%q is no header name", clip(h.Name, 80))
			return
		}
		w.unstructured("headers", h.Name, h.Value)
	}
	w.field("MIME-Version", "1.0")
}

// isFieldName is field-name of RFC 5322 §3.6.8.
func isFieldName(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':' {
			return false
		}
	}
	return s != "" && len(s) <= 76
}

// field writes one, folded at blanks to 78 octets where it can be.
func (w *composer) field(name, value string) {
	line := len(name) + 2
	w.out.WriteString(name + ":")
	if strings.TrimSpace(value) == "" { // a folded line may not be blank, RFC 5322 §3.2.2
		w.out.WriteString(" \r\n")
		return
	}
	value = " " + strings.Trim(value, " \t")
	line--
	for value != "" {
		// A token is its blanks and the word after them.
		n := len(value) - len(strings.TrimLeft(value, " \t"))
		if i := strings.IndexAny(value[n:], " \t"); i >= 0 {
			n += i
		} else {
			n = len(value)
		}
		if line+n > 78 && line > len(name)+1 {
			w.out.WriteString("\r\n")
			line = 0
		}
		w.out.WriteString(value[:n])
		line += n
		value = value[n:]
	}
	w.out.WriteString("\r\n")
}

// unstructured writes a text field, in encoded words where it must be.
func (w *composer) unstructured(field, name, value string) {
	if strings.ContainsAny(value, "\r\n\x00") {
		w.fail(field, "has a line end or NUL")
		return
	}
	if needsWords(value) {
		value = encodeWords(value)
	}
	w.field(name, value)
}

// needsWords reports whether text cannot stand in a header as it is: not printable
// ASCII, looking like an encoded word, a word too long to fold, or blanks that
// unfolding or trimming would lose.
func needsWords(s string) bool {
	run := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x7f || c < ' ' && c != '\t' {
			return true
		}
		if run++; isBlank(c) {
			run = 0
		}
		if run > 900 {
			return true
		}
	}
	return strings.Contains(s, "=?") || s != strings.Trim(s, " \t")
}

// encodeWords writes UTF-8 as encoded words of at most 75 octets, RFC 2047 §2, no
// character split; B where more than a third is beyond ASCII, else Q in the narrow
// alphabet that phrases take, §5 (3).
func encodeWords(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	beyond := 0
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			beyond++
		}
	}
	encoder, room := byte('Q'), 63
	if beyond*3 > len(s) {
		encoder, room = 'B', 45
	}
	var words []string
	start, cost := 0, 0
	for i, r := range s {
		n := len(string(r))
		c := n
		if encoder == 'Q' {
			c = 0
			for j := i; j < i+n; j++ {
				c += len(qOctet(s[j]))
			}
		}
		if cost+c > room {
			words = append(words, encodeWord(encoder, s[start:i]))
			start, cost = i, 0
		}
		cost += c
	}
	return strings.Join(append(words, encodeWord(encoder, s[start:])), " ")
}

func encodeWord(encoder byte, s string) string {
	var b strings.Builder
	if encoder == 'B' {
		b.WriteString("=?utf-8?B?")
		b.Write(appendBase64Lines(nil, []byte(s), 0))
	} else {
		b.WriteString("=?utf-8?Q?")
		for i := 0; i < len(s); i++ {
			b.WriteString(qOctet(s[i]))
		}
	}
	b.WriteString("?=")
	return b.String()
}

func qOctet(c byte) string {
	switch {
	case c == ' ':
		return "_"
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("!*+-/", c) >= 0:
		return string(rune(c))
	}
	return fmt.Sprintf("=%02X", c)
}

// addresses writes an address field; nothing for no addresses.
func (w *composer) addresses(field, name string, list []model.Address) {
	if len(list) == 0 {
		return
	}
	var b strings.Builder
	for i, a := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(w.address(field, a))
	}
	w.field(name, b.String())
}

// address writes one, RFC 5322 §3.4, after a check that it is one and nothing else.
func (w *composer) address(field string, a model.Address) string {
	list, broken := parseAddressList([]byte("<" + a.Address + ">"))
	if broken || len(list) != 1 || string(list[0].spelled) != a.Address || list[0].group || len(list[0].name) > 0 || hasControl(a.Address) ||
		len(a.Address) > 900 || strings.ContainsAny(string(list[0].host), "\"\\() ,;:<>") && !bytes.HasPrefix(list[0].host, []byte("[")) {
		w.fail(field, "%q is no address", clip(a.Address, 80))
		return ""
	}
	addr := a.Address
	if host := string(list[0].host); !isASCII(host) {
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			addr = strings.TrimSuffix(addr, host) + ascii
		}
	}
	switch name := a.Name; {
	case strings.ContainsAny(name, "\r\n\x00"):
		w.fail(field, "a name has a line end or NUL")
		return ""
	case name == "":
		return addr
	case needsWords(name):
		return encodeWords(name) + " <" + addr + ">"
	case strings.ContainsAny(name, "()<>[]:;@\\,.\"\t") || strings.Contains(name, "  "):
		return quoteString(name) + " <" + addr + ">"
	default:
		return name + " <" + addr + ">"
	}
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
}

// quoteString writes a quoted-string, RFC 5322 §3.2.4.
func quoteString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// ids writes message identifiers; nothing for none.
func (w *composer) ids(field, name string, ids []string) {
	if len(ids) == 0 {
		return
	}
	var b strings.Builder
	for i, id := range ids {
		id = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
		if id == "" || len(id) > 900 || hasControl(id) || strings.ContainsAny(id, " <>") || !isASCII(id) {
			w.fail(field, "%q is no message identifier", clip(id, 80))
			return
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("<" + id + ">")
	}
	w.field(name, b.String())
}

// mediaType splits an attachment's type; "" and bad ones are refused or defaulted.
func (w *composer) mediaType(field, s string) (string, map[string]string) {
	if s == "" {
		return "application/octet-stream", nil
	}
	t, params, err := mime.ParseMediaType(s)
	if err != nil || !validType(t) || strings.HasPrefix(t, "multipart/") || hasControl(s) {
		w.fail(field, "%q is no type for an attachment", clip(s, 80))
	}
	delete(params, "name")
	return t, params
}
