package compat

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/mail"
	"slices"
	"strings"

	addr "github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// sendBody is the body of POST /send; keys match in any case.
type sendBody struct {
	From        person
	To          []person
	Cc          []person
	Bcc         []string
	ReplyTo     []person
	Subject     string
	Text        string
	HTML        string
	Attachments []struct{ Content, Filename, ContentType, ContentID string }
	Tags        []string
	Headers     map[string]string
}

type person struct{ Name, Email string }

// maxRecipients bounds a message's recipients, as SMTP's default does.
const maxRecipients = 2000

// refusedHeaders are made from other keys of the body.
var refusedHeaders = []string{"to", "from", "cc", "bcc", "reply-to", "date", "subject", "content-type", "mime-version"}

// sendMessage captures a message that is given as JSON. Its errors are JSON too.
func (c *call) sendMessage() error {
	id, err := c.capture()
	if err != nil {
		f := c.statusOf(err)
		body, _ := json.Marshal(struct{ Error string }{f.text}) // a string cannot fail
		c.send(f.status, "application/json", body)
		return nil
	}
	return c.json(struct{ ID string }{mailpitID(id)})
}

func (c *call) capture() (id string, err error) {
	limit := c.s.c.MessageSize
	raw, err := c.body(limit/3*4 + limit/10) // attachments come in base64
	if err != nil {
		return "", err
	}
	var body sendBody
	if err := decode(raw, &body); err != nil {
		return "", err
	}
	draft, tags, err := body.draft()
	if err != nil {
		return "", err
	}
	octets, err := message.Compose(draft)
	if wrong, ok := errors.AsType[*message.DraftError](err); ok {
		return "", bad("%s %s", wrong.Field, wrong.Reason)
	}
	if err != nil {
		return "", err
	}
	if int64(len(octets)) > limit {
		return "", &failure{http.StatusRequestEntityTooLarge, "the message is larger than is taken"}
	}
	return c.deliver(draft, octets, tags)
}

// deliver captures what was composed as if it had come by SMTP.
func (c *call) deliver(draft message.Draft, octets []byte, tags []string) (id string, err error) {
	to, err := forwardPaths(draft)
	if err != nil {
		return "", err
	}
	o := c.s.store.NewOctets()
	defer o.Discard()
	if _, err := o.Write(octets); err != nil {
		return "", err
	}
	client := c.r.RemoteAddr
	if c.s.c.ClientAddress != nil {
		client = c.s.c.ClientAddress(c.r)
	}
	envelope := model.Envelope{ClientAddress: client, Protocol: "HTTP", DeclaredSize: int64(len(octets)), DSN: model.DSN{Recipients: []model.DSNRecipient{}}}
	for _, f := range to {
		envelope.DSN.Recipients = append(envelope.DSN.Recipients, model.DSNRecipient{Address: f, Notify: []string{}})
	}
	got, err := c.s.store.Deliver(c.ctx, store.Delivery{
		Origin: model.OriginAPI, Sandbox: c.sandbox, ReversePath: draft.From[0].Address, ForwardPaths: to,
		Envelope: envelope, Octets: o, Tags: tags,
	})
	if err != nil {
		return "", err
	}
	return got[0].ID, nil
}

// forwardPaths are the recipients of all fields, each once.
func forwardPaths(d message.Draft) ([]string, error) {
	var out []string
	for _, list := range [][]model.Address{d.To, d.Cc, d.Bcc} {
		for _, a := range list {
			if !slices.Contains(out, a.Address) {
				out = append(out, a.Address)
			}
		}
	}
	if len(out) == 0 {
		return nil, bad("there are no recipients: To, Cc or Bcc")
	}
	if len(out) > maxRecipients {
		return nil, bad("a message has at most %d recipients", maxRecipients)
	}
	for _, a := range append([]string{d.From[0].Address}, out...) {
		if _, err := addr.ParseMailbox(a); err != nil {
			return nil, bad("%q is not an email address", a)
		}
	}
	return out, nil
}

func people(list []person) []model.Address {
	var out []model.Address
	for _, p := range list {
		out = append(out, model.Address{Name: p.Name, Address: p.Email})
	}
	return out
}

// draft reads the body.
func (b *sendBody) draft() (message.Draft, []string, error) {
	d := message.Draft{
		From: people([]person{b.From}), To: people(b.To), Cc: people(b.Cc), ReplyTo: people(b.ReplyTo),
		Subject: b.Subject, Text: b.Text, HTML: b.HTML,
	}
	if b.From.Email == "" {
		return d, nil, bad("a From address is needed")
	}
	if len(b.To)+len(b.Cc)+len(b.Bcc) > maxRecipients {
		return d, nil, bad("a message has at most %d recipients", maxRecipients)
	}
	for _, a := range b.Bcc {
		d.Bcc = append(d.Bcc, model.Address{Address: a})
	}
	tags := b.Tags
	names := make([]string, 0, len(b.Headers))
	for name := range b.Headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := b.Headers[name]
		switch lower := strings.ToLower(name); {
		case slices.Contains(refusedHeaders, lower), lower == "x-tags" && len(b.Tags) > 0:
			return d, nil, bad("the header %q is made from other keys and cannot be given", name)
		case lower == "x-tags":
			tags = append(tags, strings.Split(value, ",")...)
		case lower == "message-id":
			d.MessageID = strings.Trim(value, "<> ")
			continue
		case lower == "in-reply-to":
			d.InReplyTo = strings.Fields(value)
			continue
		case lower == "references":
			d.References = strings.Fields(value)
			continue
		}
		d.Headers = append(d.Headers, model.Header{Name: name, Value: value})
	}
	tags, err := cleanTags(tags)
	if err != nil {
		return d, nil, err
	}
	d.Attachments, err = b.files()
	return d, tags, err
}

func (b *sendBody) files() ([]message.File, error) {
	var out []message.File
	for _, a := range b.Attachments {
		content := a.Content
		if rest, ok := strings.CutPrefix(content, "data:"); ok { // a data URL, RFC 2397
			if _, data, ok := strings.Cut(rest, ","); ok {
				content = data
			}
		}
		octets, err := base64.StdEncoding.DecodeString(strings.TrimSpace(content))
		if err != nil || a.Filename == "" {
			return nil, bad("an attachment needs a Filename and Content in base64")
		}
		mediaType := a.ContentType
		if mediaType == "" {
			mediaType = http.DetectContentType(octets)
		}
		id := strings.Trim(a.ContentID, "<>")
		out = append(out, message.File{Name: a.Filename, Type: mediaType, Content: octets, ContentID: id, Inline: id != ""})
	}
	return out, nil
}

// mailboxes reads addresses, with names or without, each once.
func mailboxes(list []string) ([]string, error) {
	var out []string
	for _, one := range list {
		a, err := mail.ParseAddress(one)
		if err == nil {
			_, err = addr.ParseMailbox(a.Address)
		}
		if err != nil {
			return nil, bad("Invalid email address: %s", one)
		}
		if !slices.Contains(out, a.Address) {
			out = append(out, a.Address)
		}
	}
	return out, nil
}
