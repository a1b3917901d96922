package filtertest

import (
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
)

// Mail is a sample: the octets, the envelope facts to deliver them with, and
// what a store must make of them.
type Mail struct {
	Name    string
	Raw     []byte
	Want    model.Message // Origin, paths, Envelope, Seen, Flagged and Tags are facts to deliver with
	Body    string
	Texts   []string // of the attachments
	Links   []model.Link
	Codes   []model.Code
	Visible string // of the HTML, for the search text
}

// Mails returns the samples as received at now.
func Mails(now time.Time) []*Mail {
	list := []*Mail{welcome(), plain(), bare(), page()}
	for i, m := range list {
		raw, err := files.ReadFile("testdata/" + m.Name + ".eml")
		if err != nil {
			panic(err) // embedded
		}
		m.Raw = raw
		m.Want.ID = "06f3k2m9q7v" + string(rune('a'+i))
		m.Want.Sandbox = "default"
		m.Want.Sequence = uint64(40 + i)
		m.Want.ReceivedAt = now
		m.Want.Size = int64(len(raw))
	}
	return list
}

// FactsOf gives the facts of the samples as Mails made them.
func FactsOf(mails []*Mail) map[string]Facts {
	out := map[string]Facts{}
	for _, m := range mails {
		out[m.Name] = Facts{ID: m.Want.ID, Sequence: m.Want.Sequence, Size: m.Want.Size}
	}
	return out
}

func ptr[T any](v T) *T { return &v }

const welcomeText = "Hi Anna,\r\n\r\nYour  code is 482913. Schön, daß du da bist.\r\nhttps://shop.test/verify/t0ken"

var welcomeHTML = strings.ReplaceAll(`<!DOCTYPE html>
<html><head><title>Shop</title><style>a.button { color: red }</style></head>
<body><h1>Hello <b>An</b>na</h1>
<p class="lead">Your code is <strong>482913</strong>.</p>
<p><a class="button primary" href="https://shop.test/verify/t0ken">Confirm  your address</a>
<a href="https://shop.test/unsubscribe?u=1">Unsubscribe</a></p>
<img src="https://shop.test/logo.png" alt=""></body></html>
`, "\n", "\r\n")

func welcome() *Mail {
	m := model.Message{
		Summary: model.Summary{
			Origin: model.OriginSMTP, Date: ptr(time.Date(2026, 11, 22, 21, 53, 6, 0, time.UTC)), MessageID: ptr("a1b2@shop.test"),
			Subject: "Welcome,  Anna – grüße",
			From:    []model.Address{{Name: "Shop", Address: "hello@shop.test"}},
			To:      []model.Address{{Name: "Anna", Address: "anna@x.test"}, {Name: "Bob B.", Address: "Bob@X.test"}},
			Cc:      []model.Address{{Address: "carl@y.test"}},
			Bcc:     []model.Address{{Address: "dora@y.test"}, {Address: "Anna+tag@X.test"}},
			ReplyTo: []model.Address{{Name: "Help", Address: "help@shop.test"}},

			ReversePath: "bounce@shop.test", ForwardPaths: []string{"anna@x.test", "Anna+tag@X.test"},
			Snippet: "Hi Anna, Your code is 482913. Schön, daß du da bist. https://shop.test/verify/t0ken", AttachmentCount: 2,
			Seen: true, Flagged: false, Tags: []string{"Nightly", "shop"},
		},
		Text: ptr(welcomeText), HTML: &welcomeHTML,
		Headers: []model.Header{
			{Name: "Received", Value: "from app-1 (app-1 [127.0.0.1]) by mx.test with ESMTPSA; Sun, 22 Nov 2026 21:53:07 +0000"},
			{Name: "Message-ID", Value: "<a1b2@shop.test>"}, {Name: "Subject", Value: "Welcome,  Anna – grüße"},
			{Name: "X-Mailer", Value: "Shopper 2.1"}, {Name: "X-Trace", Value: "one"}, {Name: "X-Trace", Value: "two"},
		},
		Attachments: []model.Attachment{
			{Path: "2", Name: "price list.csv", Type: "text/csv", Size: 27, Disposition: "attachment",
				SHA256: "3e68bb4db4ada266896e4618fbcdbf4019869fad14f0b2c49277b7e903da11e7"},
			{Path: "3", Name: "terms.pdf", Type: "application/pdf", Size: 23, Disposition: "attachment",
				SHA256: "b323fb56584e515597190b19444c234af91ac4286a616d9b96e239a20442ba2d"},
		},
		Envelope: model.Envelope{HELO: "App-1", ClientAddress: "127.0.0.1:51922", Protocol: "ESMTPSA", AuthUser: "Run-42",
			AuthMechanism: "PLAIN", TLS: &model.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256"}},
	}
	visible := "Hello Anna Your code is 482913. Confirm your address Unsubscribe"
	return &Mail{
		Name: "welcome", Want: m, Visible: visible, Body: welcomeText + "\n" + visible,
		Texts: []string{"item,price\nRed  Shoes,12\n", ""},
		Links: []model.Link{
			{URL: "https://shop.test/verify/t0ken", Label: "Confirm your address", Kind: "verify", Source: "html"},
			{URL: "https://shop.test/unsubscribe?u=1", Label: "Unsubscribe", Kind: "unsubscribe", Source: "html"},
			{URL: "https://shop.test/logo.png", Kind: "image", Source: "html"},
		},
		Codes: []model.Code{{Code: "482913", Score: 0.9}},
	}
}

func plain() *Mail {
	text := "All disks are fine.\n"
	return &Mail{Name: "plain", Body: text, Want: model.Message{
		Summary: model.Summary{
			Origin: model.OriginAPI, Date: ptr(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)), MessageID: ptr("c3@z.test"),
			Subject: "disk report", From: []model.Address{{Name: "Cron Daemon", Address: "cron@z.test"}},
			To: []model.Address{{Address: "root@z.test"}}, ForwardPaths: []string{"root@z.test"},
			Snippet: "All disks are fine.", Flagged: true,
		},
		Text:     &text,
		Headers:  []model.Header{{Name: "From", Value: "Cron Daemon <cron@z.test>"}, {Name: "Subject", Value: "disk report"}},
		Envelope: model.Envelope{HELO: "z.test", Protocol: "SMTP"},
		Warnings: []model.Warning{{Code: "bare_lf", Detail: "7 lines end in LF alone", Offset: 33}},
	}}
}

func bare() *Mail {
	text := "Hello?\r\n"
	return &Mail{Name: "bare", Body: text, Want: model.Message{
		Summary: model.Summary{
			Origin: model.OriginAppend, ForwardPaths: []string{}, Snippet: "Hello?",
		},
		Text: &text, Headers: []model.Header{{Name: "X-Nothing", Value: "here"}},
	}}
}

func page() *Mail {
	html := "<p>Hi</p>"
	return &Mail{Name: "page", Body: "Hi", Visible: "Hi", Want: model.Message{
		Summary: model.Summary{
			Origin: model.OriginImport, Date: ptr(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)), MessageID: ptr("p4@w.test"),
			Subject: "Notice", From: []model.Address{{Name: "Page", Address: "page@w.test"}},
			To: []model.Address{{Address: "reader@w.test"}}, ReversePath: "page@w.test", ForwardPaths: []string{"reader@w.test"},
			Snippet: "Hi",
		},
		HTML:     &html,
		Headers:  []model.Header{{Name: "From", Value: "Page <page@w.test>"}, {Name: "Subject", Value: "Notice"}},
		Envelope: model.Envelope{HELO: "w.test", Protocol: "ESMTP"},
	}}
}

// Subject is a message made of model values; it counts what a filter opened.
type Subject struct {
	Mail
	Opened int   // calls of anything but Summary
	Err    error // what those calls answer
}

// NewSubject makes a subject of a sample.
func NewSubject(m *Mail) *Subject { return &Subject{Mail: *m} }

// Of makes a subject of a message alone: its body is its text and HTML source
// without tags' meaning, its links and codes the message's own.
func Of(m model.Message) *Subject {
	s := &Subject{Mail: Mail{Name: m.ID, Want: m, Links: m.Links, Codes: m.Codes}}
	if m.Text != nil {
		s.Body = *m.Text
	}
	if m.HTML != nil {
		s.Visible = *m.HTML
		s.Body += "\n" + *m.HTML
	}
	s.Texts = make([]string, len(m.Attachments))
	return s
}

// Summary is the message's summary.
func (s *Subject) Summary() *model.Summary { return &s.Want.Summary }

// Full is the whole message.
func (s *Subject) Full() (*model.Message, error) { s.Opened++; return &s.Want, s.Err }

// BodyText is the text and the visible words.
func (s *Subject) BodyText() (string, error) { s.Opened++; return s.Body, s.Err }

// AttachmentTexts are the texts of the attachments.
func (s *Subject) AttachmentTexts() ([]string, error) { s.Opened++; return s.Texts, s.Err }

// SearchText is made as message.Digest tells.
func (s *Subject) SearchText() (q, rest string, err error) {
	s.Opened++
	var b strings.Builder
	section := func(t string) { b.WriteString(message.Fold(t)); b.WriteByte('\n') }
	section(s.Want.Subject)
	for _, list := range [][]model.Address{s.Want.From, s.Want.To, s.Want.Cc, s.Want.Bcc, s.Want.ReplyTo} {
		for _, a := range list {
			section(a.Name + " " + a.Address)
		}
	}
	for _, a := range s.Want.Attachments {
		section(a.Name)
	}
	if s.Want.Text != nil {
		section(*s.Want.Text)
	}
	section(s.Visible)
	q = b.String()
	b.Reset()
	for _, h := range s.Want.Headers {
		section(h.Value)
	}
	for _, l := range s.Mail.Links {
		section(l.URL)
	}
	return q, b.String(), s.Err
}

// Links are the links.
func (s *Subject) Links() ([]model.Link, error) { s.Opened++; return s.Mail.Links, s.Err }

// Codes are the codes.
func (s *Subject) Codes() ([]model.Code, error) { s.Opened++; return s.Mail.Codes, s.Err }
