package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func decode(t *testing.T, in string) *Decoder {
	t.Helper()
	d := NewDecoder(strings.NewReader(in), Limits{})
	d.UTF8 = true
	if err := d.Next(); err != nil {
		t.Fatalf("%q: %v", in, err)
	}
	return d
}

func TestStrings(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"INBOX\r\n", "INBOX"},
		{"a]b\r\n", "a]b"},
		{`"a \"b\" \\c"` + "\r\n", `a "b" \c`},
		{"\"caf\u00e9\"\r\n", "caf\u00e9"},
		{"{3}\r\nabc\r\n", "abc"},
		{"{3+}\r\na\r\n\r\n", "a\r\n"},
		{"{0+}\r\n\r\n", ""},
		{`""` + "\r\n", ""},
	} {
		d := decode(t, c.in)
		if got := d.AString(); got != c.want || !d.ExpectEnd() {
			t.Errorf("%q: got %q, %v", c.in, got, d.Err())
		}
	}
}

func TestRefused(t *testing.T) {
	for _, in := range []string{
		"\"abc\r\n", `"a\b"` + "\r\n", "\"a\xff\"\r\n", "{3}x\r\nabc\r\n", "{-1}\r\n", "{+1}\r\n",
		"(\r\n", "\r\n", "{3}\r\na\x00c\r\n", "{99999999999999999999}\r\n",
	} {
		d := decode(t, in)
		d.AString()
		var syntax *SyntaxError
		if !errors.As(d.Err(), &syntax) {
			t.Errorf("%q: got %v, want a syntax error", in, d.Err())
		}
	}
	d := decode(t, "a\n")
	if d.Err() == nil {
		t.Error("bare LF passed")
	}
}

// A synchronising literal over the limit is never asked for; a non-synchronising
// one is skipped; in both cases the next command is found.
func TestTooLargeLiteral(t *testing.T) {
	for in, next := range map[string]string{
		"a LOGIN {11}\r\nb NOOP\r\n":                      "b",
		"a LOGIN {11+}\r\n01234567890 x\r\nb\r\n":         "b",
		"a LOGIN {11+}\r\n01234567890 {1+}\r\nx\r\nb\r\n": "b",
	} {
		asked := false
		d := NewDecoder(strings.NewReader(in), Limits{Literal: 10})
		d.Continue = func() error { asked = true; return nil }
		_ = d.Next()
		d.Tag()
		d.ExpectSP()
		d.ExpectAtom()
		d.ExpectSP()
		d.AString()
		var large *TooLargeError
		if !errors.As(d.Err(), &large) || large.Size != 11 || asked {
			t.Errorf("%q: %v, asked %v", in, d.Err(), asked)
		}
		if err := d.Finish(); err != nil {
			t.Fatal(err)
		}
		if err := d.Next(); err != nil || d.Tag() != next {
			t.Errorf("%q: next command: %v %v", in, err, d.Err())
		}
	}
}

func TestLineLimit(t *testing.T) {
	in := "a " + strings.Repeat("x", 5000) + "\r\nb NOOP\r\n"
	d := NewDecoder(iotest.HalfReader(strings.NewReader(in)), Limits{Line: 1000})
	var large *TooLargeError
	if err := d.Next(); err != nil || !errors.As(d.Err(), &large) {
		t.Fatalf("%v %v", err, d.Err())
	}
	if err := d.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := d.Next(); err != nil || d.Tag() != "b" {
		t.Error("lost the next command")
	}
}

func TestNumSet(t *testing.T) {
	for _, c := range []struct {
		in   string
		last uint32
		want string
	}{
		{"1", 9, "1"}, {"3:1", 9, "1:3"}, {"1,2,3", 9, "1:3"}, {"5:*", 9, "5:9"}, {"*:5", 3, "3:5"},
		{"*", 9, "9"}, {"*", 0, ""}, {"1:4294967295", 9, "1:4294967295"}, {"7,1:3,2:5", 9, "1:5,7"},
		{"1:*", 0, "1"}, {"4294967295,4294967294", 1, "4294967294:4294967295"},
	} {
		d := decode(t, c.in+"\r\n")
		got := d.Numbers().Resolve(c.last)
		if got.String() != c.want || !d.ExpectEnd() {
			t.Errorf("%s with *=%d: got %s, want %s (%v)", c.in, c.last, got, c.want, d.Err())
		}
	}
	for _, in := range []string{"0", "1:0", "4294967296", "1,", ":1", "1::2", "a", ""} {
		d := decode(t, in+"\r\n")
		d.Numbers()
		if d.ExpectEnd() {
			t.Errorf("%q was taken for a set", in)
		}
	}
	set := Set{{1, 3}, {5, 5}, {9, 4294967295}}
	for n, want := range map[uint32]bool{0: false, 1: true, 3: true, 4: false, 5: true, 6: false, 4294967295: true} {
		if set.Contains(n) != want {
			t.Errorf("contains %d: %v", n, !want)
		}
	}
}

func TestUTF7(t *testing.T) {
	for utf, want := range map[string]string{
		"INBOX": "INBOX", "A&B": "A&-B", "\u53f0\u5317": "&U,BTFw-", "~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e": "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		"Entw\u00fcrfe": "Entw&APw-rfe", "\U0001f4e7": "&2D3c5w-",
	} {
		if got := EncodeUTF7(utf); got != want {
			t.Errorf("encode %q: got %q, want %q", utf, got, want)
		}
		if got, err := DecodeUTF7(want); err != nil || got != utf {
			t.Errorf("decode %q: got %q, %v", want, got, err)
		}
	}
	for _, bad := range []string{"&", "&U,BTFw", "&AGE-", "&U,BTF-", "\u00fc", "&2D0-", "&AGEA-", "a\x00"} {
		if got, err := DecodeUTF7(bad); err == nil {
			t.Errorf("decode %q: got %q", bad, got)
		}
	}
}

func TestDates(t *testing.T) {
	d := decode(t, "1-Feb-1994 \"17-Jul-1996 02:44:25 -0700\" \" 7-Jul-1996 02:44:25 +0200\"\r\n")
	a := d.Date()
	d.ExpectSP()
	b := d.DateTime()
	d.ExpectSP()
	c := d.DateTime()
	if !d.ExpectEnd() || a.Day() != 1 || b.UTC().Hour() != 9 || c.UTC() != time.Date(1996, 7, 7, 0, 44, 25, 0, time.UTC) {
		t.Errorf("%v %v %v %v", a, b, c, d.Err())
	}
}

func TestSearchKeys(t *testing.T) {
	for _, in := range []string{
		"ALL", "UNSEEN FROM \"smith\"", "OR (SEEN 1:3) NOT UID 5:*", "HEADER Subject \"\" LARGER 5", "OLDER 3600 YOUNGER 9",
		"MODSEQ \"/flags/\\\\draft\" all 620162338", "MODSEQ 1", "$", "KEYWORD $Junk UNKEYWORD x", "SENTSINCE 1-Feb-1994 BEFORE \"2-Feb-1994\"",
		"SAVEDATESUPPORTED SAVEDON 3-Mar-2020", "EMAILID M1 THREADID T1", "TEXT {3+}\r\nabc", "(((OLD)))", "UNDRAFT NEW RECENT",
	} {
		d := decode(t, in+"\r\n")
		d.SearchKeys()
		if !d.ExpectEnd() {
			t.Errorf("%q: %v", in, d.Err())
		}
	}
	for _, in := range []string{
		"", "UNFOO", "OR ALL", "NOT", "(ALL", "ALL)", "UID", "LARGER x", strings.Repeat("NOT ", 100) + "ALL", "ALL ", "UNRECENT",
		strings.Repeat("(", 100) + "ALL" + strings.Repeat(")", 100), strings.Repeat("ALL ", 2000) + "ALL",
	} {
		d := decode(t, in+"\r\n")
		d.SearchKeys()
		if d.ExpectEnd() {
			t.Errorf("%.40q passed", in)
		}
	}
}

func TestMailbox(t *testing.T) {
	d := decode(t, "inbox iNbOx/a \"b c\"\r\n")
	for _, want := range []string{"INBOX", "INBOX/a", "b c"} {
		if got := d.Mailbox(); got != want {
			t.Errorf("got %q, want %q: %v", got, want, d.Err())
		}
		d.SP()
	}
	for _, bad := range []string{`""`, `"/a"`, `"a//b"`, `"a` + "\x01" + `"`, `"a%"`, "{2+}\r\n\xff\xfe", "{1+}\r\n\x00"} {
		d := decode(t, bad+"\r\n")
		if name := d.Mailbox(); d.OK() {
			t.Errorf("%q passed as %q", bad, name)
		}
	}
}

func TestEncoder(t *testing.T) {
	var out bytes.Buffer
	e := NewEncoder(&out)
	e.String(`a"b`)
	e.SP()
	e.String("caf\u00e9")
	e.SP()
	e.Mailbox("Entw\u00fcrfe")
	e.SP()
	e.Set(Set{{1, 3}, {5, 5}})
	e.SP()
	e.DateTime(time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC))
	e.SP()
	e.NIL()
	e.Flags([]string{`\Seen`, "x"})
	e.CRLF()
	_ = e.Flush()
	want := "\"a\\\"b\" {5}\r\ncaf\u00e9 \"Entw&APw-rfe\" 1:3,5 \" 2-Nov-2026 03:04:05 +0000\" NIL(\\Seen x)\r\n"
	if out.String() != want {
		t.Errorf("got %q\nwant %q", out.String(), want)
	}
}

// FuzzDecoder runs every production over any octets, in any chunking: it ends,
// does not panic, and what it says of a string comes back from the encoder.
func FuzzDecoder(f *testing.F) {
	for _, s := range []string{
		"a LOGIN {3}\r\nabc {2+}\r\nxy\r\n", "b SEARCH OR (SEEN 1:*) NOT UID 5,7 TEXT \"x\"\r\n", "c x (\\Seen $Junk)\r\n",
		"d \"&U,BTFw-\" 1-Feb-1994\r\n", "~{3+}\r\n\x00ab\r\n", "(((((\r\n",
	} {
		f.Add([]byte(s), uint8(3))
	}
	f.Add([]byte("1:5\r\n-3:-100\r\n"), uint8(7))
	f.Fuzz(func(t *testing.T, in []byte, how uint8) {
		d := NewDecoder(iotest.OneByteReader(bytes.NewReader(in)), Limits{Literal: 64, Total: 128, Line: 256})
		d.UTF8 = how&16 != 0
		for range 20 {
			if d.Next() != nil {
				return
			}
			switch how % 8 {
			case 0:
				roundTrip(t, d.AString())
			case 1:
				d.SearchKeys()
			case 2:
				d.Flags()
			case 3:
				if s := d.Numbers().Resolve(7); s.String() != s.Union(nil).String() {
					t.Fatalf("set %v is not normal", s)
				}
			case 4:
				if name := d.Mailbox(); d.OK() {
					if back, err := DecodeUTF7(EncodeUTF7(name)); err != nil || back != name {
						t.Fatalf("mailbox %q comes back as %q, %v", name, back, err)
					}
				}
			case 5:
				d.Date()
				d.SP()
				d.DateTime()
			case 6:
				_, r := d.OpenLiteral(100)
				_, _ = io.CopyN(io.Discard, r, 3)
				d.CloseLiteral()
			case 7:
				if from, to := d.PartialRange().Cut(int(how)); d.OK() && (from < 0 || from > to || to > int(how)) {
					t.Fatalf("%q cuts %d to %d out of %d", in, from, to, how)
				}
			}
			d.ExpectEnd()
			if d.Finish() != nil {
				return
			}
		}
	})
}

func roundTrip(t *testing.T, s string) {
	var out bytes.Buffer
	e := NewEncoder(&out)
	e.String(s)
	e.CRLF()
	_ = e.Flush()
	d := NewDecoder(&out, Limits{})
	if d.Next() != nil || d.String() != s || !d.ExpectEnd() {
		t.Fatalf("%q does not come back: %v", s, d.Err())
	}
}
