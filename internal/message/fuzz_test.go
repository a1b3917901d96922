package message

import (
	"testing"
	"unicode/utf8"
)

// FuzzScan: whatever comes in, offsets stay within, IMAP octets stay valid, and
// everything that a View offers can be asked for.
func FuzzScan(f *testing.F) {
	f.Add(crlf(mixed))
	for _, m := range corpus(f) {
		f.Add(m.raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := Scan(raw)
		checkInvariants(t, raw, d)
		v := View{Raw: raw, Digest: d}
		v.Headers()
		v.RawHeaders()
		v.Header("Subject")
		v.Attachments()
		if !utf8.ValidString(v.BodyText()) {
			t.Error("body text is not UTF-8")
		}
		for _, s := range []string{d.Subject, d.Snippet, d.SearchText, d.MessageID} {
			if !utf8.ValidString(s) {
				t.Errorf("%q is not UTF-8", s)
			}
		}
		for _, p := range d.Parts {
			if !utf8.ValidString(p.Name) || !utf8.ValidString(p.Type) || !utf8.ValidString(p.Encoding) || !utf8.ValidString(p.ContentID) {
				t.Errorf("part %+v is not UTF-8", p)
			}
			v.AttachmentText(p)
		}
	})
}

func FuzzDecodeText(f *testing.F) {
	for _, s := range []string{"=?utf-8?Q?a=C3=A9?= =?utf-8?B?Y2Fm?=", "=?x?Q?a b", "caf\xe9", "=?utf-7?Q?+AOk-?=", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?="} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if text, _, _ := decodeText(b); !utf8.ValidString(text) {
			t.Errorf("%q became %q", b, text)
		}
	})
}

func FuzzAddressList(f *testing.F) {
	for _, s := range []string{"A <a@x.test>, b@x.test", "G: a@x, b@y;", `"a, b" <"c d"@e>`, "<@a,@b:c@d>", "a (b (c)) <d@e", "a@[1.2.3.4]", "a @ b . c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, a := range ParseAddressList(s) {
			if !utf8.ValidString(a.Name) || !utf8.ValidString(a.Address) {
				t.Errorf("%q gave %+v", s, a)
			}
		}
		raw := []byte("From: " + s)
		if err := checkEnvelope(Scan(raw).Envelope); err != nil {
			t.Error(err)
		}
	})
}

func FuzzParameters(f *testing.F) {
	for _, s := range []string{"text/plain; a=b; c=\"d\\\"e\"", "x/y; n*0*=utf-8''%C3; n*1*=%A9", "a; b*=''c; b=d", "a;b=\"c", "a; =b; c"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, params, _ := parseStructured(b)
		seen := map[string]bool{}
		for _, p := range params {
			if seen[p.Name] || !utf8.ValidString(p.Value) {
				t.Errorf("%q gave %+v", b, params)
			}
			seen[p.Name] = true
		}
	})
}

func FuzzFold(f *testing.F) {
	f.Add("Ä\u0308 \t x\u00a0İ")
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if !utf8.ValidString(once) {
			t.Errorf("%q became %q", s, once)
		}
		if again := Fold(once); again != once {
			t.Errorf("%q folds to %q, then to %q", s, once, again)
		}
	})
}

func FuzzCharset(f *testing.F) {
	for _, c := range []string{"utf-8", "utf-7", "iso-2022-jp", "gb18030", "utf-16", "windows-1252", "x-nope", ""} {
		f.Add([]byte("caf\xe9 +AOk-"), c)
	}
	f.Fuzz(func(t *testing.T, b []byte, charset string) {
		if text, _ := toUTF8(b, charset); !utf8.ValidString(text) {
			t.Errorf("%q in %q became %q", b, charset, text)
		}
	})
}
