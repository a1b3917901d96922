package compat

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/store"
)

// wholeMessage is Mailpit's Message.
type wholeMessage struct {
	ID              string
	MessageID       string
	From            address
	To              []address
	Cc              []address
	Bcc             []address
	ReplyTo         []address
	ReturnPath      string
	Subject         string
	ListUnsubscribe listUnsubscribe
	Date            time.Time
	Tags            []string
	Username        string
	Text            string
	HTML            string
	Size            int64
	Inline          []file
	Attachments     []file
}

// file is Mailpit's attachment.
type file struct {
	PartID      string
	FileName    string
	ContentType string
	ContentID   string
	Size        int64
	Checksums   checksums
}

type checksums struct{ MD5, SHA1, SHA256 string }

// open reads a message's octets.
func (c *call) open(m *store.Message) (message.View, error) {
	raw, err := c.s.store.Raw(c.ctx, m)
	return message.View{Raw: raw, Digest: m.Digest}, err
}

// findOpen is find and open.
func (c *call) findOpen() (*store.Message, message.View, error) {
	m, err := c.find()
	if err != nil {
		return nil, message.View{}, err
	}
	v, err := c.open(m)
	return m, v, err
}

// message answers a message and marks it read.
func (c *call) message() error {
	m, v, err := c.findOpen()
	if err != nil {
		return err
	}
	if !m.Seen {
		seen := true
		if _, err := c.s.store.UpdateMessages(c.ctx, c.sandbox, []string{m.ID}, nil, store.StateChange{Seen: &seen}); err != nil {
			return err
		}
	}
	return c.json(wholeOf(m, v))
}

func wholeOf(m *store.Message, v message.View) wholeMessage {
	d := m.Digest
	out := wholeMessage{
		ID: mailpitID(m.ID), MessageID: d.MessageID, From: firstAddress(d.From),
		To: orEmpty(addresses(d.To)), Cc: orEmpty(addresses(d.Cc)), Bcc: orEmpty(addresses(blind(m))), ReplyTo: orEmpty(addresses(d.ReplyTo)),
		ReturnPath: m.ReversePath, Subject: d.Subject, ListUnsubscribe: unsubscribeOf(v), Date: dateOf(v),
		Tags: sortedTags(m.Tags), Username: m.Envelope.AuthUser, Size: m.Size, Inline: []file{}, Attachments: []file{},
	}
	if d.Date.IsZero() {
		out.Date = milliseconds(m.ReceivedAt)
	}
	out.HTML = bodyText(v, d.HTMLPart)
	out.Text = plainText(v)
	inline, attached := files(d)
	for _, p := range inline {
		out.Inline = append(out.Inline, fileOf(p, v))
	}
	for _, p := range attached {
		out.Attachments = append(out.Attachments, fileOf(p, v))
	}
	return out
}

// dateOf is the Date field in the zone that the sender wrote.
func dateOf(v message.View) time.Time {
	for _, h := range v.Headers() {
		if strings.EqualFold(h.Name, "Date") {
			if t, err := mail.ParseDate(h.Value); err == nil && t.Equal(v.Digest.Date) {
				return t
			}
			break
		}
	}
	return v.Digest.Date
}

// bodyText is a body as it came, with the line ends that it has.
func bodyText(v message.View, part int) string {
	if part < 0 || part >= len(v.Digest.Parts) {
		return ""
	}
	return v.SentText(v.Digest.Parts[part])
}

// plainText is the text body, or what can be read of the HTML.
func plainText(v message.View) string {
	if _, ok := v.Text(); ok {
		return bodyText(v, v.Digest.TextPart)
	}
	html, _ := v.HTML()
	return message.Visible(html)
}

func fileOf(p message.Part, v message.View) file {
	octets := v.Decoded(p)
	m, s := md5.Sum(octets), sha1.Sum(octets)
	return file{
		PartID: p.Path, FileName: p.Name, ContentType: p.Type, ContentID: p.ContentID, Size: p.Size,
		Checksums: checksums{hex.EncodeToString(m[:]), hex.EncodeToString(s[:]), v.SHA256(p)},
	}
}

// headers answers the header as sent, unfolded, by canonical name.
func (c *call) headers() error {
	_, v, err := c.findOpen()
	if err != nil {
		return err
	}
	return c.json(headersOf(v, textproto.CanonicalMIMEHeaderKey))
}

func headersOf(v message.View, name func(string) string) map[string][]string {
	out := map[string][]string{}
	for _, f := range v.RawHeaders() {
		if key, value, ok := strings.Cut(string(f), ":"); ok {
			key = name(strings.TrimSpace(key))
			out[key] = append(out[key], unfold(value))
		}
	}
	return out
}

// unfold undoes RFC 5322 §2.2.3: a line end before a blank goes.
func unfold(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	return strings.TrimSpace(strings.Join(lines, " "))
}

// mailCSP keeps content that came by mail from running, as in our own API.
const mailCSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"

func (c *call) octets(mediaType, disposition string, body []byte) error {
	h := c.w.Header()
	h.Set("Content-Security-Policy", mailCSP)
	h.Set("Referrer-Policy", "no-referrer")
	if disposition != "" {
		h.Set("Content-Disposition", disposition)
	}
	c.send(http.StatusOK, mediaType, body)
	return nil
}

func (c *call) raw() error {
	m, v, err := c.findOpen()
	if err != nil {
		return err
	}
	disposition := ""
	if c.query.Get("dl") == "1" {
		disposition = `attachment; filename="` + mailpitID(m.ID) + `.eml"`
	}
	return c.octets("text/plain; charset=utf-8", disposition, v.Raw)
}

// findPart is the leaf that the path names.
func (c *call) findPart() (message.Part, message.View, error) {
	_, v, err := c.findOpen()
	if err != nil {
		return message.Part{}, v, err
	}
	p, ok := v.Part(c.r.PathValue("part"))
	if !ok || strings.HasPrefix(p.Type, "multipart/") {
		return p, v, notFound
	}
	return p, v, nil
}

func (c *call) part() error {
	p, v, err := c.findPart()
	if err != nil {
		return err
	}
	name := p.Name
	if name == "" {
		name = p.ContentID
	}
	mediaType := p.Type
	for _, param := range p.Params {
		if param.Name == "charset" && plainToken(param.Value) {
			mediaType += "; charset=" + param.Value
		}
	}
	return c.octets(mediaType, `inline; filename="`+headerSafe(name)+`"`, v.Decoded(p))
}

func plainToken(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_.:") == ""
}

// headerSafe makes a file name that can stand in quotes in a header.
func headerSafe(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == '"' || c == '\\' || c == '/' || c > '~' {
			return '_'
		}
		return c
	}, s)
}
