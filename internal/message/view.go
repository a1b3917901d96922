package message

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"github.com/catchpost/catchpost/internal/model"
)

// View opens a message for decoding: its octets and its part table.
type View struct {
	Raw    []byte
	Digest *Digest
}

// fields walks the root's header fields; lines that are none are passed over.
func (v View) fields(visit func(f field)) {
	if len(v.Digest.Parts) == 0 {
		return
	}
	pos := int(v.Digest.Parts[0].HeaderStart)
	end := min(int(v.Digest.Parts[0].BodyStart), len(v.Raw))
	pos = (&scanner{raw: v.Raw}).beforeHeader(min(pos, end))
	for pos < end {
		if _, empty := emptyLine(v.Raw, pos, end); empty {
			return
		}
		f := nextField(v.Raw, pos, end)
		visit(f)
		pos = f.end
	}
}

// Headers returns the root's header fields in order, unfolded and decoded.
func (v View) Headers() []model.Header {
	out := []model.Header{}
	v.fields(func(f field) {
		if !f.bad {
			value, _, _ := decodeText(unfold(f.value(v.Raw)))
			out = append(out, model.Header{Name: string(f.name(v.Raw)), Value: value})
		}
	})
	return out
}

// RawHeaders returns them as sent: each field's octets, folding and all, and the
// lines that are no fields.
func (v View) RawHeaders() [][]byte {
	var out [][]byte
	v.fields(func(f field) { out = append(out, v.Raw[f.start:f.end]) })
	return out
}

// Header returns the decoded values of every field of that name, in order.
func (v View) Header(name string) []string {
	var out []string
	lower := strings.ToLower(name)
	v.fields(func(f field) {
		if !f.bad && asciiEqualFold(f.name(v.Raw), lower) {
			value, _, _ := decodeText(unfold(f.value(v.Raw)))
			out = append(out, value)
		}
	})
	return out
}

// Part finds a part by its IMAP part number.
func (v View) Part(path string) (Part, bool) {
	for _, p := range v.Digest.Parts {
		if p.Path == path {
			return p, true
		}
	}
	return Part{}, false
}

// body returns a part's octets as sent; nothing if the table is not this message's.
func (v View) body(p Part) []byte {
	if p.BodyStart < 0 || p.BodyEnd < p.BodyStart || p.BodyEnd > int64(len(v.Raw)) {
		return nil
	}
	return v.Raw[p.BodyStart:p.BodyEnd]
}

// Decoded returns a leaf's octets with the transfer encoding undone; after the
// first undecodable octet the prefix is kept. The result may be a slice of Raw.
func (v View) Decoded(p Part) []byte {
	if strings.HasPrefix(p.Type, "multipart/") { // RFC 2045 §6.4: identity only
		return v.body(p)
	}
	body := v.body(p)
	return decodeTransfer(body, p.Encoding, 2*len(body)+64)
}

// DecodedReader streams what Decoded returns.
func (v View) DecodedReader(p Part) io.Reader {
	if strings.HasPrefix(p.Type, "multipart/") {
		p.Encoding = ""
	}
	return transferReader(v.body(p), p.Encoding)
}

// PartText returns a text leaf decoded to UTF-8 by its charset, lines ending in LF.
func (v View) PartText(p Part) string {
	return strings.ReplaceAll(v.SentText(p), "\r\n", "\n") // CRLF is for the wire, RFC 2046 §4.1.1
}

// SentText is PartText with the line ends as they came.
func (v View) SentText(p Part) string {
	octets := v.Decoded(p)
	text, _ := toUTF8(octets, partCharset(octets, &p))
	return text
}

// Text returns the first text/plain body in UTF-8; false if there is none.
func (v View) Text() (string, bool) { return v.indexText(v.Digest.TextPart) }

// HTML returns the first text/html body in UTF-8; false if there is none.
func (v View) HTML() (string, bool) { return v.indexText(v.Digest.HTMLPart) }

func (v View) indexText(i int) (string, bool) {
	if i < 0 || i >= len(v.Digest.Parts) {
		return "", false
	}
	return v.PartText(v.Digest.Parts[i]), true
}

// BodyText returns what the field "body" searches: text part plus the HTML's visible words.
func (v View) BodyText() string {
	text, _ := v.Text()
	if doc, ok := v.HTML(); ok {
		visible := Visible(doc)
		if text != "" && visible != "" {
			text += "\n"
		}
		text += visible
	}
	return text
}

// Attachments returns the attachments in part order, with their SHA-256.
func (v View) Attachments() []model.Attachment {
	out := []model.Attachment{}
	for _, p := range v.Digest.Parts {
		if !p.Attachment {
			continue
		}
		a := model.Attachment{Path: p.Path, Name: p.Name, Type: p.Type, Size: p.Size, Disposition: p.Disposition, SHA256: v.SHA256(p)}
		if p.ContentID != "" {
			a.ContentID = &p.ContentID
		}
		out = append(out, a)
	}
	return out
}

// SHA256 returns the hex SHA-256 of a leaf's decoded octets, computed now unless
// the table has it.
func (v View) SHA256(p Part) string {
	if p.SHA256 != "" {
		return p.SHA256
	}
	h := sha256.New()
	_, _ = io.Copy(h, v.DecodedReader(p)) // neither of the two can fail
	return hex.EncodeToString(h.Sum(nil))
}

// textualTypes are the types beside text/* that AttachmentText decodes.
var textualTypes = map[string]bool{
	"application/json": true, "application/xml": true, "application/ics": true, "application/csv": true,
	"application/javascript": true, "application/x-yaml": true, "application/yaml": true, "application/sql": true,
	"message/delivery-status": true, "message/disposition-notification": true, "message/feedback-report": true,
}

// AttachmentText returns a textual attachment in UTF-8 (text/*, JSON, XML,
// calendar), "" for others.
func (v View) AttachmentText(p Part) string {
	textual := strings.HasPrefix(p.Type, "text/") || textualTypes[p.Type] ||
		strings.HasSuffix(p.Type, "+json") || strings.HasSuffix(p.Type, "+xml")
	if !textual {
		return ""
	}
	return v.PartText(p)
}
