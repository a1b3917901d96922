package web_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
)

const welcomeHTML = `<!doctype html><html><body style="margin:0;background:#f4f1ea;font-family:Helvetica,Arial,sans-serif;color:#23201a">
<table width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:36px 12px">
<table width="560" cellpadding="0" cellspacing="0" style="max-width:560px;width:100%;background:#fff;border-radius:14px">
<tr><td style="padding:30px 40px 0"><img src="cid:logo@shop.test" width="44" height="44" alt="Shop" style="border-radius:10px;display:block"></td></tr>
<tr><td style="padding:22px 40px 0;font-size:26px;font-weight:bold;letter-spacing:-.02em">Welcome, Anna.</td></tr>
<tr><td style="padding:14px 40px 0;font-size:16px;line-height:25px;color:#4c473d">One thing is left: confirm that this address is yours. Your code is</td></tr>
<tr><td style="padding:18px 40px 0"><div style="font:bold 32px Menlo,monospace;letter-spacing:8px;background:#f4f1ea;border-radius:10px;padding:16px 22px;display:inline-block">482913</div></td></tr>
<tr><td style="padding:24px 40px 0"><a class="button" href="https://shop.test/verify/9f3k2m?u=anna" style="background:#c2361b;color:#fff;text-decoration:none;font-size:16px;font-weight:bold;padding:13px 26px;border-radius:9px;display:inline-block">Confirm address</a></td></tr>
<tr><td style="padding:28px 40px 34px;font-size:13px;line-height:20px;color:#857e70">The code works for ten minutes. If you did not sign up, do nothing.<br><a href="https://shop.test/unsubscribe?u=anna" style="color:#857e70">Unsubscribe</a></td></tr>
</table></td></tr></table><img src="https://track.shop.test/open.gif?m=1" width="1" height="1" alt=""></body></html>`

func logo() string {
	m := image.NewRGBA(image.Rect(0, 0, 88, 88))
	for y := range 88 {
		for x := range 88 {
			c := color.RGBA{194, 54, 27, 255}
			if dx, dy := x-44, y-44; dx*dx+dy*dy < 22*22 {
				c = color.RGBA{253, 252, 250, 255}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m) // a Buffer takes all
	return wrap(b.Bytes())
}

func wrap(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	for len(s) > 76 {
		out.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return out.String() + s
}

// welcome is a message with everything: text, HTML, an inline image, a PDF and a calendar.
func welcome() string {
	pdf := wrap([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"))
	calendar := "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1@shop.test\nSUMMARY:First order call\nDTSTART;TZID=Asia/Jakarta:20261124T100000\nDTEND;TZID=Asia/Jakarta:20261124T103000\nLOCATION:Jakarta\nATTENDEE:mailto:anna@x.test\nEND:VEVENT\nEND:VCALENDAR\n"
	return `From: "Shop" <hello@shop.test>
To: "Anna Lestari" <anna@x.test>
Cc: team@shop.test
Reply-To: help@shop.test
Subject: Welcome, Anna: please confirm your address
Date: Mon, 23 Nov 2026 09:12:44 +0000
Message-ID: <welcome.9f3k2m@shop.test>
List-Unsubscribe: <https://shop.test/unsubscribe?u=anna>
X-Mailer: Shop 4.2
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/related; boundary=rel

--rel
Content-Type: multipart/alternative; boundary=alt

--alt
Content-Type: text/plain; charset=utf-8

Welcome, Anna.

One thing is left: confirm that this address is yours.
Your code is 482913, or open https://shop.test/verify/9f3k2m?u=anna

The code works for ten minutes. If you did not sign up, do nothing.
--alt
Content-Type: text/html; charset=utf-8

` + welcomeHTML + `
--alt--
--rel
Content-Type: image/png; name=logo.png
Content-Transfer-Encoding: base64
Content-ID: <logo@shop.test>
Content-Disposition: inline; filename=logo.png

` + logo() + `
--rel--
--outer
Content-Type: application/pdf; name=terms.pdf
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=terms.pdf

` + pdf + `
--outer
Content-Type: text/calendar; charset=utf-8; name=call.ics
Content-Disposition: attachment; filename=call.ics

` + calendar + `--outer--
`
}

// sampleMails fill a sandbox as a day of tests would: from, to, data.
func sampleMails() [][3]string {
	simple := func(from, name, to, subject, body string) [3]string {
		return [3]string{from, to, plain(fmt.Sprintf("%q <%s>", name, from), to, subject, body)}
	}
	receipt := `From: "Shop" <billing@shop.test>
To: budi@x.test
Subject: Your receipt for order 20-1187
Date: Mon, 23 Nov 2026 08:31:09 +0000
Message-ID: <receipt.1187@shop.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Thank you, Budi. 2 × Kopi Gayo 250 g, Rp 184.000. The invoice is attached.
--b
Content-Type: application/pdf; name=invoice-20-1187.pdf
Content-Disposition: attachment; filename=invoice-20-1187.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b--
`
	rtl := `From: =?utf-8?B?16nXmdeo15XXqiDXlNec16fXldeX15XXqg==?= <noam@x.test>
To: anna@x.test
Subject: =?utf-8?B?15TXlNeW157XoNeUINep15zXmiDXkdeT16jXmg==?=
Date: Mon, 23 Nov 2026 08:02:00 +0000
Message-ID: <rtl.1@x.test>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

16nXnNeV150g15DXoNeULAoK15TXlNeW157XoNeUINep15zXmiDXkdeT16jXmiDXldeq15LXmdeiINee15fXqC4K
`
	return [][3]string{
		simple("noreply@bank.test", "Bank of Test", "anna@x.test", "A new device signed in", "A sign-in from Jakarta at 07:41. Was it you? https://bank.test/sign-in/review/77120"),
		simple("ci@build.test", "Build server", "team@shop.test", "main is green again: 1,284 tests in 3 min 12 s", "All checks passed on 7c1e9a0. Coverage went from 81.2 to 81.6 percent."),
		simple("newsletter@roastery.test", "Roastery Weekly", "budi@x.test", "Three beans for a rainy week", "Gayo, Toraja, Kintamani: notes, recipes and what the harvest looks like. Unsubscribe: https://roastery.test/unsubscribe"),
		{"noam@x.test", "anna@x.test", rtl},
		{"billing@shop.test", "budi@x.test", receipt},
		simple("support@shop.test", "Sari from Support", "anna@x.test", "Re: Where is my parcel?", "Hi Anna,\n\nit left Surabaya this morning and should reach you tomorrow before noon.\n\n> Where is my parcel? It was due yesterday.\n\nSari"),
		simple("alerts@monitor.test", "Monitor", "oncall@shop.test", "[resolved] checkout latency p99 over 800 ms", "Back to 212 ms since 08:58 UTC. Duration 14 minutes, no data lost."),
		simple("auth@shop.test", "Shop", "citra@x.test", "Reset your password", "Open https://shop.test/reset/b7Qx81 within 30 minutes. If it was not you, ignore this."),
		simple("auth@shop.test", "Shop", "dewi@x.test", "Your sign-in code: 771 402", "Your one-time code is 771402. Do not share it."),
		simple("dev@shop.test", "Rahmat", "team@shop.test", "Release notes for 4.2", "What changed: faster checkout, new receipt mail, fewer retries. Draft: https://shop.test/notes/4.2"),
		{"bounce@shop.test", "anna@x.test,team@shop.test,audit@shop.test", welcome()},
	}
}
