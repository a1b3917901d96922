package message

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// hostileMail is a mail that is large and shaped to be dear, to be scanned within
// bounds, whatever it warns of.
type hostileMail struct {
	name string
	raw  []byte
}

// hostile makes mails of about 1 MiB each, one shape a mail.
func hostile() []hostileMail {
	const mib = 1 << 20
	head := "From: a@x.test\r\nSubject: S\r\nDate: Sun, 22 Nov 2026 21:53:06 +0000\r\n"
	fill := func(s string) string { return strings.Repeat(s, mib/len(s)) }
	field := func(name, value string) []byte { return []byte(head + name + ": " + value + "\r\n\r\nHello\r\n") }
	body := func(fields, value string) []byte { return []byte(head + fields + "\r\n" + value + "\r\n") }
	html := func(value string) []byte { return body("Content-Type: text/html; charset=utf-8\r\n", value) }
	numbered := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	var flips strings.Builder
	for i := 0; flips.Len() < mib; i++ {
		charset := []string{"utf-8", "iso-8859-1", "koi8-r", "shift_jis", "gb18030", "utf-7", "iso-2022-jp", "unknown"}[i%8]
		flips.WriteString(" =?" + charset + "?Q?=E9=A1b?=\r\n")
	}
	var parts strings.Builder
	for i := 0; parts.Len() < mib; i++ {
		fmt.Fprintf(&parts, "--b\r\nContent-Type: text/plain; charset=x%d; name*0*=utf-8''%%41; name*1=b\r\nContent-Disposition: attachment; filename=\"=?utf-8?Q?%d?=\"\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ=\r\n", i, i)
	}
	var nested strings.Builder
	for i := range 99 { // all boundaries open, and each line compared with all
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=%s%02d\r\n\r\n--%s%02d\r\n", strings.Repeat("x", 60), i, strings.Repeat("x", 60), i)
	}
	var unequal strings.Builder
	for i := range 99 { // the same, of 99 lengths
		fmt.Fprintf(&unequal, "Content-Type: multipart/mixed; boundary=%sx\r\n\r\n--%[1]sx\r\n", strings.Repeat("xx", i))
	}
	return []hostileMail{
		{"tiny list entries", field("To", fill("a,"))},
		{"empty list entries", field("To", fill(","))},
		{"groups", field("To", fill("g:a@b;,"))},
		{"named entries", field("To", fill("\"a\" <b@c>,"))},
		{"encoded names", field("To", fill("=?utf-8?Q?=C3=A4?= <b@c>,"))},
		{"colons", field("To", fill("a:"))},
		{"signs of addresses", field("To", fill("@"))},
		{"open angles", field("To", fill("a<b "))},
		{"folded list", field("To", fill("a@b,\r\n "))},
		{"many To fields", []byte(head + fill("To: a@b\r\n") + "\r\n")},
		{"comments", field("To", fill("(a(b(c))) "))},
		{"nested comments closed", field("To", strings.Repeat("(", mib/2)+strings.Repeat(")", mib/2)+" a@b")},
		{"comments in dates", field("Resent-Date", fill("(("))},
		{"domain literals", field("Cc", fill("a@[1],"))},
		{"routes", field("Cc", fill("<@a,@b:c@d>,"))},
		{"encoded words", field("X-A", fill("=?utf-8?B?w6Q=?= "))},
		{"folded encoded words", field("X-A", fill("=?utf-8?Q?=C3=A4?=\r\n "))},
		{"fields of encoded words", []byte(head + fill("A: =?utf-8?Q?=C3=A4?=\r\n") + "\r\n")},
		{"opened words", field("X-A", fill("=?"))},
		{"opened words of subjects", []byte(fill("Subject: =?utf-8?B?\r\n") + "\r\n")},
		{"charset flips", []byte(head + "X-A: a\r\n" + flips.String() + "\r\nHello\r\n")},
		{"8-bit fields", []byte(head + fill("A: \xe4\xf6\xfc\r\n") + "\r\n")},
		{"combining marks", body("Content-Type: text/plain; charset=utf-8\r\n", "a"+fill("\u0301"))},
		{"marks out of order", body("Content-Type: text/plain; charset=utf-8\r\n", fill("a\u0301\u0323\u0327"))},
		{"composed marks", body("Content-Type: text/plain; charset=utf-8\r\n", fill("a\u0301\u0323"))},
		{"Hangul in parts", body("Content-Type: text/plain; charset=utf-8\r\n", fill("\u1112\u1161\u11ab"))},
		{"upper case", body("Content-Type: text/plain; charset=utf-8\r\n", fill("\u00c4\u00d6\u0130"))},
		{"nearly UTF-8", body("", fill("\u00e4\xff"))},
		{"invisible fillers", html(fill("\u034f\u00ad\u200b"))},
		{"invalid UTF-8", body("Content-Type: text/plain; charset=utf-8\r\n", fill("\xff"))},
		{"continuations", field("Content-Type", "text/plain"+numbered("; name*%d=a", 10000))},
		{"continuations backwards", field("Content-Type", "text/plain"+numbered("; name*-%d*=%%41", 10000)+numbered("; name*99999%d*=%%41", 10000))},
		{"many parameters", field("Content-Type", "text/plain"+numbered("; n%d=a", 90000))},
		{"continuations of many names", field("Content-Disposition", "attachment"+numbered("; n%d*0*=utf-8''%%41; n%[1]d*1=b", 30000))},
		{"escaped parameter", field("Content-Type", "text/plain; name=\""+fill("\\\""))},
		{"long boundary", field("Content-Type", "multipart/mixed; boundary="+fill("b"))},
		{"message-ids", field("References", fill("<a@b>"))},
		{"bare ids", field("References", fill("a@b "))},
		{"Received", []byte(strings.Repeat("Received: x\r\n", 100000) + head + "\r\nHello\r\n")},
		{"folded field", []byte(head + "X-A: a\r\n" + fill(" \r\n") + "\r\nHello\r\n")},
		{"fields of one octet", []byte(head + fill("A:\n") + "\n")},
		{"no colons, no end", []byte(head + fill("Ab c\r\nA:b\r\n"))},
		{"long lines without colon", []byte(head + fill(strings.Repeat("a", 200)+"\r\nA: b\r\n") + "\r\n")},
		{"content fields", []byte(head + fill("Content-Type: text/plain; a=b\r\n") + "\r\n")},
		{"nested tags", html(fill("<b>") + "x")},
		{"nested and closed tags", html(strings.Repeat("<div>", mib/11) + "x" + strings.Repeat("</div>", mib/11))},
		{"closing tags", html(fill("</a>"))},
		{"unclosed tags", html(fill("<a "))},
		{"opening signs", html(fill("<"))},
		{"comments of HTML", html(fill("<!--"))},
		{"wrongly closed comments of HTML", html(fill("<!--x--!>") + "-->")},
		{"comments of dashes in HTML", html("<!" + fill("-"))},
		{"closed comments of HTML", html(fill("<!---->a"))},
		{"declarations", html(fill("<!a>"))},
		{"attributes", html("<a " + fill("a=b ") + ">x</a>")},
		{"open attributes", html(fill("<a href=\""))},
		{"links", html(fill("<a href=h://a>b</a>"))},
		{"links of references", html(fill("<a href='&amp;&amp;&#65;'>b</a>"))},
		{"references", html(fill("&amp;"))},
		{"numbered references", html(fill("&#x41;"))},
		{"unknown references", html(fill("&zz"))},
		{"ampersands", html(fill("&"))},
		{"long reference", html("&" + fill("a"))},
		{"styles", html(fill("<style>a</style>b"))},
		{"open styles", html(fill("<style>"))},
		{"open titles", html(fill("<title>"))},
		{"tables", html(fill("<table><tr><td>"))},
		{"scripts", html(fill("<script><!--<script>"))},
		{"soft breaks", body("Content-Transfer-Encoding: quoted-printable\r\n", fill("=\r\n"))},
		{"soft breaks and one letter", body("Content-Transfer-Encoding: quoted-printable\r\n", fill("a=\r\n"))},
		{"padded soft breaks", body("Content-Transfer-Encoding: quoted-printable\r\n", fill("= \t \r\n"))},
		{"blanks without end", body("Content-Transfer-Encoding: quoted-printable\r\n", fill(" a"))},
		{"blanks at line ends", body("Content-Transfer-Encoding: quoted-printable\r\n", fill(strings.Repeat(" ", 70)+"\r\n"))},
		{"only blanks", body("Content-Transfer-Encoding: quoted-printable\r\n", fill(" "))},
		{"broken hex", body("Content-Transfer-Encoding: quoted-printable\r\n", fill("=Z"))},
		{"encoded octets", body("Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html; charset=utf-8\r\n", fill("=C3=A4"))},
		{"base64 with junk", body("Content-Transfer-Encoding: base64\r\n", fill("Y!W?"))},
		{"base64 one a line", body("Content-Transfer-Encoding: base64\r\n", fill("Y\r\n"))},
		{"base64 padded", body("Content-Transfer-Encoding: base64\r\n", fill("YQ=="))},
		{"base64 of HTML", body("Content-Transfer-Encoding: base64\r\nContent-Type: text/html\r\n", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("<b>&lt;", mib*3/4/7))))},
		{"uuencode", body("Content-Transfer-Encoding: x-uuencode\r\n", "begin 644 a\r\n"+fill("!80``\r\n"))},
		{"UTF-16", body("Content-Type: text/plain; charset=utf-16\r\n", fill("\xd8\x00"))},
		{"ISO-2022-JP", body("Content-Type: text/plain; charset=iso-2022-jp\r\n", fill("\x1b$B\x1b(B"))},
		{"UTF-7", body("Content-Type: text/plain; charset=utf-7\r\n", fill("+AOQ-"))},
		{"GB 18030", body("Content-Type: text/plain; charset=gb18030\r\n", fill("\x81\x30\x81\x30"))},
		{"dear parts", []byte(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts.String() + "--b--\r\n")},
		{"near boundaries", []byte(head + "Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\n" + fill("--b\r\n") + "--bb--\r\n")},
		{"boundaries of 99 levels", []byte(head + nested.String() + "\r\n" + fill("--"+strings.Repeat("x", 60)+"99\r\n"))},
		{"dashes under 99 levels", []byte(head + unequal.String() + "\r\n" + fill("--x\r\n"))},
		{"closings under 99 levels", []byte(head + unequal.String() + "\r\n" + fill("--x--\r\n"))},
		{"short lines", body("", fill("\n"))},
		{"bare CR", body("", fill("\r"))},
		{"dashes alone", []byte(head + "Content-Type: multipart/mixed\r\n\r\n" + fill("--\r\n"))},
		{"lines of different dashes", []byte(head + "Content-Type: multipart/mixed\r\n\r\n" + numbered("--%d\r\n", 100000))},
	}
}

func BenchmarkHostile(b *testing.B) {
	mails := hostile()
	for name, m := range big() {
		mails = append(mails, hostileMail{name, m.raw})
	}
	for _, m := range mails {
		b.Run(m.name, func(b *testing.B) {
			b.SetBytes(int64(len(m.raw)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(m.raw)
			}
		})
	}
}
