package extract

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/catchpost/catchpost/internal/model"
)

// TestFirstCode holds single phrases: what the first code of a text body is.
func TestFirstCode(t *testing.T) {
	tests := []struct{ want, text string }{
		{"482913", "Din kod: 482913"},
		{"482913", "Använd koden 482 913 för att bekräfta"},
		{"482913", "482913 är din kod"},
		{"482913", "Koden är 48 29 13 och gäller i 15 minuter."},
		{"48291377", "Din engangskode til MitID er 4829 1377. Den udløber kl. 14.30."},
		{"482913", "Engangskode\n\n48-29-13\n\nGyldig i 10 min."},
		{"482913", "Din engangskode er 482913 (udløber 22.11.2026 kl. 14:35). Beløb: 1.482,00 kr. til konto 3409 1234567."},
		{"482913", "Your 2FA code: 482913 (sent to phone ending 4471)"},
		{"482913", "Use 482913 to verify your phone number +1 555 010 9999."},
		{"482913", "Your verification code for phone number +1 415 555 0100 is 482913"},
		{"482913", "Verification code for (415) 555-0100:\n\n482913"},
		{"482913", "【云】验证码482913，您正在登录。"},
		{"482913", "尊敬的用户：您本次操作的验证码是：482913（15分钟内有效）"},
		{"482913", "あなたのコードは４８２９１３です"},
		{"482913", "인증번호는 482913 입니다"},
		{"482913", "رمزك: ٤٨٢٩١٣"},
		{"482913", "کد تایید شما: ۴۸۲۹۱۳"},
		{"482913", "आपका ओटीपी ४८२९१३ है"},
		{"482913", "Your code is 4 8 2 9 1 3"},
		{"482913", "Your code is *482913*"},
		{"482913", "Your code is 4\u200b8\u00ad2\u200b913"},
		{"482913", "OTP-482913"},
		{"482913", "code=482913"},
		{"482913", "G-482913 is your code"},
		{"882041", "Din engångskod: 8820 41"},
		{"4829", "Your code 4829 15 minutes"},
		{"2026", "Your PIN is 2026."},
		{"A7K-9QX", "Dein Code lautet A7K-9QX"},
		{"XK4P2M", "access code XK4P2M"},
		{"WDJB-MJHT", "Enter this user code:\n\nWDJB-MJHT"},
		{"482913", "The code for your order is 482913"},
		{"222222", "Your previous code 111111 is no longer valid.\nYour new code: 222222"},
		{"", "The code for order 482913 was sent"},
		{"", "Use coupon 482913 for a discount"},
		{"", "Enter code FALL2026 at checkout"},
		{"", "Your discount: 25% with code HELLO25\n\nHELLO25\n\nShop now"},
		{"", "Zip code 94107, error code 50012, product code 482913"},
		{"", "Call 0800 123 4567 or +49 30 482913"},
		{"", "Total: $4829.13, 482913 EUR, 482913円, Rp 482913"},
		{"", "22.11.2026, 2026-11-22, 11/22/2026, November 22, 2026"},
		{"", "Version 4.8.2913, build 482913, colour #A1B2C3"},
		{"", "IBAN DE89 3704 0044 0532 0130 00"},
		{"", "Card 4111 1111 1111 1111, ending in 4829"},
		{"", "https://shop.test/verify?code=482913 and anna482913@x.test"},
		{"", "ext. 5521, Medlemsnr. 20881, Ticket: 8817"},
		{"", "1 2 3 4 5 6 7 8 9"},
		{"", "123e4567-e89b-12d3-a456-426614174000"},
	}
	for _, tt := range tests {
		got := ""
		if codes := Codes("", "", tt.text); len(codes) > 0 {
			got = codes[0].Code
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestCodesHTML(t *testing.T) {
	tests := []struct{ name, want, html string }{
		{"hidden text", "", `<p style="display:none">Your code is 482913</p><p hidden>code 111222</p><!-- code 333444 -->`},
		{"hidden by class", "", `<style>.pre, p.x {display:none}</style><p class="pre">Your code is 482913</p>`},
		{"comment for Outlook", "", `<!--[if mso]>Your code is 482913<![endif]-->`},
		{"script and title", "", `<title>code 482913</title><script>var code="482913"</script>`},
		{"a digit a cell", "482913", `<p>Your code</p><table><tr><td>4<td>8<td>2<td>9<td>1<td>3</table>`},
		{"a digit a span", "482913", `<p>Your code</p><p><span>4</span><span>8</span><span>2</span><span>9</span><span>1</span><span>3</span></p>`},
		{"entities", "482913", `<p>Code:&nbsp;482&#8209;913</p>`},
		{"unclosed tags", "482913", `<div><p>Your code is <b>482913`},
		{"read-only field", "482913", `<p>Your code:</p><input readonly value="482913">`},
		{"struck out", "222222", `<p>Code: <s>111111</s></p><p>222222</p>`},
	}
	for _, tt := range tests {
		got := ""
		if codes := Codes("", tt.html, ""); len(codes) > 0 {
			got = codes[0].Code
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestMerged: one code in subject, text and HTML is one answer, better founded.
func TestMerged(t *testing.T) {
	text := Codes("", "", "Your code is ４８２-９１３.")
	both := Codes("482913 is your code", "<p>Your code is <b>482 913</b></p>", "Your code is 482913.")
	if len(text) != 1 || len(both) != 1 || both[0].Score <= text[0].Score {
		t.Fatalf("text %+v\nboth %+v", text, both)
	}
	if text[0].Context != "Your code is ４８２-９１３." {
		t.Errorf("context %q is not as printed", text[0].Context)
	}
	for _, reason := range []string{inBoth, inSubject, "six digits", "bold"} {
		if !strings.Contains(strings.Join(both[0].Reasons, "|"), reason) {
			t.Errorf("no reason %q in %q", reason, both[0].Reasons)
		}
	}
}

func TestLinks(t *testing.T) {
	html := `<head><base href="https://shop.test/base/"></head>
<a href=" https://shop.test/v?a=1&amp;b=2
">Confirm your address</a>
<a href="v2?x">Relative</a> <a href="#top">no</a> <a href="javascript:x()">no</a>
<a href="https://shop.test/go/81c0ffee99"><img src="cid:logo" alt="Reset password"></a>
<img src="https://shop.test/logo.png" alt="Shop"><img src="https://t.test/p" style="width:1px;height:1px">
<a href="mailto:out@shop.test?subject=unsubscribe">leave</a>`
	text := "Confirm: https://shop.test/v?a=1&amp;b=2\nSign in <https://shop.test/login\n?next=1>. See www.shop.test/help, (https://shop.test/a_(b)).\n認証はhttps://shop.test/jaをクリック"
	want := []model.Link{
		{URL: "https://shop.test/v?a=1&b=2", Label: "Confirm your address", Kind: "verify", Source: "html"},
		{URL: "https://shop.test/base/v2?x", Label: "Relative", Kind: "other", Source: "html"},
		{URL: "https://shop.test/go/81c0ffee99", Label: "Reset password", Kind: "reset", Source: "html"},
		{URL: "https://shop.test/logo.png", Label: "Shop", Kind: "image", Source: "html"},
		{URL: "https://t.test/p", Kind: "tracking", Source: "html"},
		{URL: "mailto:out@shop.test?subject=unsubscribe", Label: "leave", Kind: "unsubscribe", Source: "html"},
		{URL: "https://shop.test/login?next=1", Label: "Sign in", Kind: "sign_in", Source: "text"},
		{URL: "http://www.shop.test/help", Kind: "other", Source: "text"},
		{URL: "https://shop.test/a_(b)", Kind: "other", Source: "text"},
		{URL: "https://shop.test/ja", Kind: "verify", Source: "text"},
	}
	got := Links(html, text)
	for i := range got {
		if got[i].Context == "" && got[i].Source == "text" {
			t.Errorf("%s has no context", got[i].URL)
		}
		got[i].Context = ""
	}
	got[len(got)-2].Label = "" // free in running text
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestBounded: hostile input costs no more than its size.
func TestBounded(t *testing.T) {
	n := 1 << 16
	for name, s := range map[string]string{
		"digits":     strings.Repeat("482913 ", n/7),
		"one number": strings.Repeat("4", n),
		"keywords":   strings.Repeat("code ", n/5),
		"both":       strings.Repeat("code 482913 ", n/12),
		"dashes":     strings.Repeat("A1-", n/3),
		"singles":    strings.Repeat("1 ", n/2),
		"lines":      strings.Repeat("code\n482913\n", n/12),
		"open tags":  strings.Repeat("<b>", n/3) + "482913",
		"anchors":    strings.Repeat("<a href=x>", n/10),
		"styles":     "<style>" + strings.Repeat(".a{display:none}", n/16) + "</style>",
		"divs":       strings.Repeat("<div style='color:red'>1", n/24),
		"schemes":    strings.Repeat("://", n/3),
		"brackets":   strings.Repeat("<http://", n/8),
		"urls":       strings.Repeat("http://a/b ", n/11),
		"at signs":   strings.Repeat("@", n),
		"words/":     strings.Repeat("a.bc/", n/5),
		"queries":    strings.Repeat("?", n),
	} {
		start := time.Now()
		codes, links := Codes(s, s, s), Links(s, s)
		if len(codes) > maxCodes || len(links) > maxLinks {
			t.Errorf("%s: %d codes, %d links", name, len(codes), len(links))
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s: took %v", name, d)
		} else {
			t.Logf("%s: %v", name, d.Round(time.Millisecond))
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("482913 is your code", "<p>Your code: <b>482 913</b><a href='https://x.test/v?a=1&amp;b=2'>x", "Code ４８２９１３ https://x.test/(a)")
	f.Add("", "<style>.a{font:bold 3em/1 mono}</style><td class=a>4<td>8<img src=x width=1 height=1>", "<https://x.test/a\n b> www.x G-4829")
	f.Fuzz(func(t *testing.T, subject, html, text string) {
		for _, c := range Codes(subject, html, text) {
			if c.Code == "" || c.Score < threshold || c.Score > 1 || len(c.Reasons) == 0 {
				t.Errorf("%+v", c)
			}
		}
		seen := map[string]bool{}
		for _, l := range Links(html, text) {
			if l.URL == "" || l.Kind == "" || seen[l.URL] {
				t.Errorf("%+v", l)
			}
			seen[l.URL] = true
		}
	})
}

// TestContextKeepsMarks: scripts that write vowels as combining marks can be read.
func TestContextKeepsMarks(t *testing.T) {
	for _, text := range []string{"आपका सत्यापन कोड 482913 है", "รหัสยืนยันของคุณคือ 482913", "Your code for the cafe\u0301 is 482913."} {
		for _, got := range [][]model.Code{Codes("", "", text), Codes("", "<p>"+text+"</p>", "")} {
			if len(got) != 1 || got[0].Code != "482913" || got[0].Context != text {
				t.Errorf("%q gave %+v", text, got)
			}
		}
	}
	got := Codes("", "", "Your code a"+strings.Repeat("\u0301", 1000)+" is 482913")
	if len(got) != 1 || len(got[0].Context) > 40 {
		t.Errorf("a heap of marks gave %+v", got)
	}
	if got := shorten("aaคื", 3); got != "aa…" {
		t.Errorf("shortened to %q", got)
	}
}

func BenchmarkExtract(b *testing.B) {
	html := "<p>Hello Anna, your code is</p><h1>482913</h1><p><a href='https://x.test/verify?t=1'>Verify</a></p>" + strings.Repeat("<p>Some more words of a usual mail, 12 of them.</p>", 60)
	b.SetBytes(int64(len(html)))
	for b.Loop() {
		Codes("Your code", html, "Your code is 482913")
		Links(html, "https://x.test/verify?t=1")
	}
}
