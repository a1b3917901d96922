package address

import (
	"errors"
	"strings"
	"testing"
)

func TestParsePath(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, c := range []struct {
		in      string
		utf8    bool
		want    string // String(), "<>" for the null path
		rest    string
		kind    error
		comment string
	}{
		{in: "<anna@x.test>", want: "anna@x.test"},
		{in: "<anna@x.test> SIZE=10 BODY=8BITMIME", want: "anna@x.test", rest: " SIZE=10 BODY=8BITMIME"},
		{in: "<>", want: "<>"},
		{in: "<> RET=HDRS", want: "<>", rest: " RET=HDRS"},
		{in: "<PostMaster>", want: "PostMaster"},
		{in: "<@a.test,@b.test:anna@x.test>", want: "anna@x.test", comment: "source route dropped"},
		{in: `<"anna b"@x.test>`, want: `"anna b"@x.test`},
		{in: `<""@x.test>`, want: `""@x.test`, comment: "Quoted-string = DQUOTE *QcontentSMTP DQUOTE"},
		{in: `<"anna"@x.test>`, want: `anna@x.test`, comment: "needless quotes go"},
		{in: `<"a\"\\b>"@x.test>`, want: `"a\"\\b>"@x.test`},
		{in: "<anna@[192.0.2.1]>", want: "anna@[192.0.2.1]"},
		{in: "<anna@[IPv6:2001:DB8::1]>", want: "anna@[IPv6:2001:DB8::1]"},
		{in: "<anna@[x-tag:foo]>", want: "anna@[x-tag:foo]"},
		{in: "<änna@bücher.example>", utf8: true, want: "änna@bücher.example"},
		{in: "<änna@x.test>", kind: ErrNotASCII},
		{in: "<anna@bücher.example>", kind: ErrNotASCII},
		{in: "<\xff@x.test>", utf8: true, kind: ErrSyntax},
		{in: "<" + long + "@x.test>", want: long + "@x.test"},
		{in: "<a" + long + "@x.test>", kind: ErrTooLong},
		{in: "<a@" + strings.Repeat("abcdefg.", 40) + "test>", kind: ErrTooLong},
		{in: "<" + long + "@" + strings.Repeat("abcdefg.", 24) + "test>", kind: ErrTooLong, comment: "path over 256"},
		{in: "<a@" + long + ".test>", kind: ErrTooLong, comment: "label over 63"},
		{in: "anna@x.test", kind: ErrSyntax},
		{in: "<anna@x.test", kind: ErrSyntax},
		{in: "<anna>", kind: ErrSyntax},
		{in: "<@x.test>", kind: ErrSyntax},
		{in: "<anna@>", kind: ErrSyntax},
		{in: "<.anna@x.test>", kind: ErrSyntax},
		{in: "<an..na@x.test>", kind: ErrSyntax},
		{in: "<anna.@x.test>", kind: ErrSyntax},
		{in: "<anna@x.test.>", kind: ErrSyntax},
		{in: "<anna@-x.test>", kind: ErrSyntax},
		{in: "<anna@x-.test>", kind: ErrSyntax},
		{in: "<anna b@x.test>", kind: ErrSyntax},
		{in: "<anna@x test>", kind: ErrSyntax},
		{in: "<@a.test:postmaster>", kind: ErrSyntax},
		{in: `<"anna@x.test>`, kind: ErrSyntax},
		{in: "<\"an\x01na\"@x.test>", kind: ErrSyntax},
		{in: "<anna@[300.0.2.1]>", kind: ErrSyntax},
		{in: "<anna@[192.0.2.1>", kind: ErrSyntax},
		{in: "<anna@[IPv6:192.0.2.1]>", kind: ErrSyntax},
		{in: "<anna@[IPv6:fe80::1%eth0]>", kind: ErrSyntax},
		{in: "<anna@[]>", kind: ErrSyntax},
		{in: "<@a.test anna@x.test>", kind: ErrSyntax},
		{in: "", kind: ErrSyntax},
		{in: "<", kind: ErrSyntax},
		{in: " <anna@x.test>", kind: ErrSyntax},
	} {
		a, null, rest, err := ParsePath(c.in, c.utf8)
		if c.kind != nil {
			if !errors.Is(err, c.kind) {
				t.Errorf("%q: error %v, want %v", c.in, err, c.kind)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		got := a.String()
		if null {
			got = "<>"
		}
		if got != c.want || c.in[rest:] != c.rest {
			t.Errorf("%q: got %q rest %q, want %q rest %q", c.in, got, c.in[rest:], c.want, c.rest)
		}
	}
}

func TestReverseAndForward(t *testing.T) {
	if _, _, _, err := ParseReversePath("<postmaster>", false); err == nil {
		t.Error("<postmaster> taken as a reverse-path")
	}
	if _, _, err := ParseForwardPath("<>", false); err == nil {
		t.Error("<> taken as a forward-path")
	}
	var se *SyntaxError
	_, _, err := ParseForwardPath("<an na@x.test>", false)
	if !errors.As(err, &se) || se.Offset != 3 {
		t.Errorf("offset of %v is not 3", err)
	}
}

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"Anna@X.Test":                "anna@x.test",
		`"Anna"@x.test`:              "anna@x.test",
		`"an na"@x.test`:             "an na@x.test",
		"STRASSE@x.test":             "strasse@x.test",
		"straße@x.test":              "strasse@x.test",
		"A\u0308nna@x.test":          "änna@x.test",
		"ÄNNA@BÜCHER.example":        "änna@xn--bcher-kva.example",
		"a@XN--BCHER-KVA.example":    "a@xn--bcher-kva.example",
		"a@[IPv6:2001:DB8:0:0:0::1]": "a@[ipv6:2001:db8::1]",
		"a@under_score.test":         "a@under_score.test",
		"anna+Run-42@shop.example":   "anna+run-42@shop.example",
	} {
		a, err := ParseMailbox(in)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		if got := a.Key(); got != want {
			t.Errorf("Key(%q) = %q, want %q", in, got, want)
		}
	}
	if got := (Address{Local: "Postmaster"}).Key(); got != "postmaster" {
		t.Errorf("postmaster: %q", got)
	}
}

func TestPlusTag(t *testing.T) {
	for in, want := range map[string][2]string{
		"anna+run-42": {"anna", "run-42"}, "anna": {"anna", ""}, "+x": {"+x", ""},
		"anna+": {"anna+", ""}, "a+b+c": {"a", "b+c"},
	} {
		base, tag, ok := PlusTag(in)
		if base != want[0] || tag != want[1] || ok != (tag != "") {
			t.Errorf("PlusTag(%q) = %q %q %v", in, base, tag, ok)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"<anna@x.test> A=b", "<>", "<postmaster>", `<"a\"b"@x.test>`, "<@a,@b:c@d>", "<a@[IPv6:::1]>", "<ä@ü.example>"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, utf8 bool) {
		a, null, rest, err := ParsePath(s, utf8)
		if err != nil {
			return
		}
		if rest < 0 || rest > len(s) {
			t.Fatalf("rest %d of %d", rest, len(s))
		}
		if null {
			return
		}
		again, _, _, err := ParsePath("<"+a.String()+">", utf8)
		if err != nil && !errors.Is(err, ErrTooLong) { // quoting may lengthen the path
			t.Fatalf("%q does not parse again: %v", a.String(), err)
		}
		if err == nil && again != a {
			t.Fatalf("%+v became %+v", a, again)
		}
		if !utf8 && !a.IsASCII() {
			t.Fatalf("%q is not ASCII", a)
		}
		if k := a.Key(); k == "" {
			t.Fatal("empty key")
		}
	})
}

func BenchmarkParsePath(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, err := ParsePath("<anna+tag@shop.example> SIZE=1000", false); err != nil {
			b.Fatal(err)
		}
	}
}
