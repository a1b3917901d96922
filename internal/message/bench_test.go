package message

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"testing"
)

const benchHeader = `Return-Path: <bounce@shop.test>
Received: from app-1 (app-1.shop.test [192.0.2.7])
	by mx.x.test with ESMTPS id 4ABCDEF
	for <anna@x.test>; Sun, 22 Nov 2026 21:53:06 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.test; s=s1;
	h=from:to:subject:date:message-id; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;
	b=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/abcdefghijklmnop
From: Shop <hello@shop.test>
To: =?utf-8?Q?Anna_M=C3=BCller?= <anna@x.test>
Subject: =?utf-8?Q?Your_order_4711_is_on_its_way_=E2=80=93_thank_you?=
Date: Sun, 22 Nov 2026 21:53:06 +0000
Message-ID: <a1b2c3d4e5@shop.test>
MIME-Version: 1.0
`

// benchMail makes mail of about size octets: plain, realistic (text, HTML in
// quoted-printable, a small image) or one large attachment.
func benchMail(kind string, size int) []byte {
	prose := "Dear Anna, your order has left our house and will be with you by tomorrow.\n"
	switch kind {
	case "plain":
		return crlf(benchHeader + "Content-Type: text/plain; charset=utf-8\n\n" + strings.Repeat(prose, size/len(prose)))
	case "base64":
		enc := appendBase64Lines(nil, bytes.Repeat([]byte("0123456789abcdef\xff\x00"), size*3/4/18), 76)
		return append(crlf(benchHeader+"Content-Type: multipart/mixed; boundary=b1\n\n--b1\n\nSee the attachment.\n--b1\nContent-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: base64\n\n"),
			append(enc, "--b1--\r\n"...)...)
	}
	var html strings.Builder
	html.WriteString("<html><head><title>x</title><style>p { color: #123456; margin: 0 }</style></head><body>")
	for i := 0; html.Len() < size/3; i++ {
		fmt.Fprintf(&html, "<table><tr><td style=\"font-family: Arial; padding: 10px\">Ärticle %d &amp; more</td><td><a href=\"https://shop.test/p/%d\">see it</a></td></tr></table>\n", i, i)
	}
	html.WriteString("</body></html>")
	var qp strings.Builder
	w := quotedprintable.NewWriter(&qp)
	_, _ = w.Write(crlf(html.String()))
	_ = w.Close()
	text := strings.Repeat(prose, size/6/len(prose))
	img := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("png?"), size/16))
	var b strings.Builder
	b.WriteString(benchHeader + "Content-Type: multipart/mixed; boundary=\"outer_1\"\n\n--outer_1\nContent-Type: multipart/alternative; boundary=\"alt_1\"\n\n")
	b.WriteString("--alt_1\nContent-Type: text/plain; charset=utf-8\n\n" + text + "\n--alt_1\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n")
	head := crlf(b.String())
	b.Reset()
	b.WriteString("\n--alt_1--\n--outer_1\nContent-Type: image/png; name=logo.png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\n")
	for len(img) > 76 {
		b.WriteString(img[:76] + "\n")
		img = img[76:]
	}
	b.WriteString(img + "\n--outer_1--\n")
	return append(append(head, qp.String()...), crlf(b.String())...)
}

func BenchmarkScan(b *testing.B) {
	for _, c := range []struct {
		name, kind string
		size       int
	}{{"2KB plain", "plain", 2 << 10}, {"18KB realistic", "mixed", 15 << 10}, {"100KB realistic", "mixed", 88 << 10}, {"5MB base64", "base64", 5 << 20}} {
		raw := benchMail(c.kind, c.size)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(raw)
			}
		})
	}
}

// BenchmarkParts measures the part table alone.
func BenchmarkParts(b *testing.B) {
	raw := benchMail("mixed", 15<<10)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		s := &scanner{raw: raw, warn: &warnings{}, root: rootFields{raw: raw}}
		s.entity(0, place{parent: -1, root: true})
	}
}
