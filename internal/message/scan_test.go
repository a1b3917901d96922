package message

import (
	"strings"
	"testing"
)

// crlf makes wire lines of a test's text.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

const mixed = `From: Shop <hello@shop.test>
To: =?utf-8?Q?Anna_M=C3=BCller?= <anna@x.test>, bob@x.test
Subject: =?utf-8?B?V2VsY29tZSwgw4RubmE=?=
Date: Sun, 22 Nov 2026 21:53:06 +0000
Message-ID: <a1b2@shop.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Your code is=20
482913 caf=C3=A9=
!
--inner
Content-Type: text/html; charset=utf-8

<html><head><title>no</title><style>p{}</style></head><body><p>Hi <b>An</b>na</p><a href="https://shop.test/v">Verify</a></body></html>
--inner--

--outer
Content-Type: application/pdf; name="terms.pdf"
Content-Disposition: attachment; filename*=utf-8''t%C3%A9rms.pdf
Content-Transfer-Encoding: base64

SGVsbG8gV29ybGQ=
--outer
Content-Type: message/rfc822

Subject: inner
From: in@x.test

inner text
--outer--
epilogue
`

func TestScanMixed(t *testing.T) {
	raw := crlf(mixed)
	d := Scan(raw)
	v := View{Raw: raw, Digest: d}
	if len(d.Warnings) != 0 {
		t.Errorf("warnings: %+v", d.Warnings)
	}
	if d.Subject != "Welcome, Änna" || d.To[0].Name != "Anna Müller" || d.MessageID != "a1b2@shop.test" {
		t.Errorf("digest: %+v", d)
	}
	var paths []string
	for _, p := range d.Parts {
		paths = append(paths, p.Path+" "+p.Type)
	}
	want := " multipart/mixed|1 multipart/alternative|1.1 text/plain|1.2 text/html|2 application/pdf|3 message/rfc822|3.1 text/plain"
	if got := strings.Join(paths, "|"); got != want {
		t.Errorf("parts:\n got %s\nwant %s", got, want)
	}
	if text, _ := v.Text(); text != "Your code is \n482913 café!" {
		t.Errorf("text %q", text)
	}
	if got := v.BodyText(); !strings.HasSuffix(got, "\nHi Anna Verify") {
		t.Errorf("body %q", got)
	}
	a := v.Attachments()
	if len(a) != 2 || a[0].Name != "térms.pdf" || a[0].Size != 11 || d.Attachments != 2 {
		t.Errorf("attachments %+v", a)
	}
	if a[0].SHA256 != "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e" {
		t.Errorf("sha256 %s", a[0].SHA256)
	}
	if !strings.Contains(d.SearchText[:d.SearchQ], "welcome, änna\nshop\nhello@shop.test") ||
		!strings.Contains(d.SearchText[d.SearchQ:], "https://shop.test/v") {
		t.Errorf("search text %d %q", d.SearchQ, d.SearchText)
	}
	t.Logf("%s\n%s\n%q", d.Envelope, d.BodyStructure, d.Snippet)
}
