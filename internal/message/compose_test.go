package message

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

func TestComposeAndScan(t *testing.T) {
	long := strings.Repeat("long subject wörd ", 20)
	draft := Draft{
		From:    []model.Address{{Name: "Shöp, Inc.", Address: "hello@shop.test"}},
		To:      []model.Address{{Name: "Anna \"A\" M.", Address: "anna@x.test"}, {Address: "bob@bücher.example"}, {Name: "Jürgen Müller-Lüdenscheidt von und zu Hohenzollern-Sigmaringen", Address: "j@x.test"}},
		Cc:      []model.Address{{Name: "Plain Name", Address: `"odd local"@x.test`}},
		Bcc:     []model.Address{{Address: "secret@x.test"}},
		ReplyTo: []model.Address{{Address: "reply@shop.test"}},
		Subject: strings.TrimSpace(long),
		Text:    "Hällo\nline\n" + strings.Repeat("x", 2000) + "\n",
		HTML:    "<p>Hello <img src=\"cid:logo@x\"></p>",
		Headers: []model.Header{{Name: "X-Test", Value: "ünï"}, {Name: "X-Long", Value: strings.Repeat("y", 3000)}, {Name: "X-Empty", Value: ""}},
		Attachments: []File{
			{Name: "logo.png", Type: "image/png", Content: []byte("\x89PNG"), ContentID: "logo@x", Inline: true},
			{Name: "té \"st\" " + strings.Repeat("lang", 30) + ".txt", Type: "text/plain; charset=utf-8", Content: []byte("ü")},
			{Name: "inner.eml", Type: "message/rfc822", Content: []byte("Subject: in\r\n\r\nbody\r\n")},
			{Name: "empty.bin"},
		},
		InReplyTo: []string{"<a@x>"}, References: []string{"a@x", "<b@x>"},
		Date: time.Date(2026, 11, 22, 21, 53, 6, 0, time.UTC), MessageID: "m1@shop.test",
	}
	raw, err := Compose(draft)
	if err != nil {
		t.Fatal(err)
	}
	d := Scan(raw)
	v := View{Raw: raw, Digest: d}
	if len(d.Warnings) > 0 {
		t.Errorf("warnings: %+v", d.Warnings)
	}
	if d.Subject != draft.Subject {
		t.Errorf("subject %q", d.Subject)
	}
	wantTo := append([]model.Address{}, draft.To...)
	wantTo[1].Address = "bob@xn--bcher-kva.example"
	for _, c := range []struct{ got, want any }{
		{d.From, draft.From}, {d.To, wantTo}, {d.Cc, draft.Cc}, {d.ReplyTo, draft.ReplyTo}, {len(d.Bcc), 0},
		{d.Date, draft.Date}, {d.MessageID, "m1@shop.test"}, {d.InReplyTo, []string{"a@x"}}, {d.References, []string{"a@x", "b@x"}},
		{v.Header("x-test"), []string{"ünï"}}, {v.Header("X-Long"), []string{strings.Repeat("y", 3000)}}, {v.Header("x-empty"), []string{""}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
	if text, _ := v.Text(); text != draft.Text {
		t.Errorf("text %q", text)
	}
	if html, _ := v.HTML(); html != draft.HTML+"\n" && html != draft.HTML {
		t.Errorf("html %q", html)
	}
	var names []string
	for i, p := range v.Attachments() {
		names = append(names, p.Name)
		part, _ := v.Part(p.Path)
		if got := v.Decoded(part); !bytes.Equal(bytes.TrimSuffix(got, []byte("\r\n")), bytes.TrimSuffix(draft.Attachments[i].Content, []byte("\r\n"))) {
			t.Errorf("%s: %q", p.Name, got)
		}
	}
	for i, f := range draft.Attachments {
		if i >= len(names) || names[i] != f.Name {
			t.Fatalf("names %q", names)
		}
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || !isASCII(line) || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("line %q", line)
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	from := []model.Address{{Address: "a@x.test"}}
	for field, d := range map[string]Draft{
		"from":                {},
		"to":                  {From: from, To: []model.Address{{Address: "b@x.test>, <c@x.test"}}},
		"cc":                  {From: from, Cc: []model.Address{{Name: "x\r\nBcc: y", Address: "b@x.test"}}},
		"reply_to":            {From: from, ReplyTo: []model.Address{{Address: "b@x.test\r\nX: y"}}},
		"bcc":                 {From: from, Bcc: []model.Address{{Address: "no address"}}},
		"subject":             {From: from, Subject: "a\r\nBcc: b@x.test"},
		"headers":             {From: from, Headers: []model.Header{{Name: "X-A\r\nB", Value: "c"}}},
		"message_id":          {From: from, MessageID: "a b@x"},
		"references":          {From: from, References: []string{"a\nb@x"}},
		"attachments[0].type": {From: from, Attachments: []File{{Type: "multipart/mixed; boundary=x"}}},
		"attachments[0]":      {From: from, Attachments: []File{{Name: "a\r\nb"}}},
	} {
		var de *DraftError
		if _, err := Compose(d); !errors.As(err, &de) || de.Field != field {
			t.Errorf("%s: error %v", field, err)
		}
	}
	if _, err := Compose(Draft{From: from, Headers: []model.Header{{Name: "subject", Value: "x"}}}); err == nil {
		t.Error("a header that has its own field was taken")
	}
	if _, err := Compose(Draft{From: from, Headers: []model.Header{{Name: "X-A", Value: "b\nBcc: c@x.test"}}}); err == nil {
		t.Error("a header value with a line end was taken")
	}
}

func FuzzCompose(f *testing.F) {
	f.Add("Anna", "anna@x.test", "subject", "text", "<p>", "name.txt", "X-A", "value")
	f.Fuzz(func(t *testing.T, name, addr, subject, text, html, file, header, value string) {
		raw, err := Compose(Draft{From: []model.Address{{Name: name, Address: addr}}, Subject: subject, Text: text, HTML: html,
			Headers: []model.Header{{Name: header, Value: value}}, Attachments: []File{{Name: file, Content: []byte(text)}}})
		if err != nil {
			return
		}
		d := Scan(raw)
		if len(d.From) != 1 || len(d.To)+len(d.Cc)+len(d.Bcc) != 0 {
			t.Fatalf("addresses of %q: %+v %+v", raw, d.From, d.To)
		}
		if want := strings.ToValidUTF8(subject, "\ufffd"); d.Subject != want {
			t.Fatalf("subject %q, want %q", d.Subject, want)
		}
		for i, b := range raw {
			if b == 0 || b == '\n' && raw[i-1] != '\r' {
				t.Fatalf("octet %d at %d of %q", b, i, raw)
			}
		}
	})
}
