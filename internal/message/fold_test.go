package message

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// slowFold is Fold for ASCII, one octet after the other.
func slowFold(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' }), " "))
}

func TestFoldWordsEqualsOctets(t *testing.T) {
	const letters = "abzAZ@[`{~\x7f019 \t\r\n\x00\x1f  xyMNX"
	for n := range 40 {
		for range 500 {
			b := make([]byte, n)
			for i := range b {
				b[i] = letters[rand.IntN(len(letters))]
			}
			if got, want := Fold(string(b)), slowFold(string(b)); got != want {
				t.Fatalf("%q folds to %q, not %q", b, got, want)
			}
		}
	}
}

// TestFoldBeyondASCII moves one letter beyond ASCII through a text.
func TestFoldBeyondASCII(t *testing.T) {
	text := "The  Quick Brown FOX jumps\r\nover"
	for i := range len(text) + 1 {
		got := Fold(text[:i] + "Ä" + text[i:])
		if want := strings.Join(strings.Fields(strings.ToLower(text[:i]+"Ä"+text[i:])), " "); got != want {
			t.Errorf("%d: %q, not %q", i, got, want)
		}
	}
	if got := Fold("Cafe\u0301  E\u0301"); got != "café é" {
		t.Errorf("composed: %q", got)
	}
}

func BenchmarkScanText(b *testing.B) {
	line := "Hello Anna, the parcel is on its way to Street 7, and the Invoice is in it.\r\n"
	head := "From: Shop <hello@shop.test>\r\nTo: Anna <anna@x.test>\r\nSubject: Order 7 has shipped\r\n" +
		"Date: Sun, 22 Nov 2026 21:53:06 +0000\r\nMessage-ID: <7@shop.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
	for _, c := range []struct {
		name string
		raw  string
	}{
		{"2KB", head + strings.Repeat(line, 26)},
		{"100KB", head + strings.Repeat(line, 1320)},
		{"100KB-umlauts", head + strings.Repeat("Straße, "+line, 1200)},
	} {
		b.Run(c.name, func(b *testing.B) {
			raw := []byte(c.raw)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(raw)
			}
		})
	}
}

// TestFoldBudget checks that text out of NFC is brought into it piece by piece,
// as far as the budget goes, and that what is in NFC costs none of it.
func TestFoldBudget(t *testing.T) {
	for _, s := range []string{"Gru\u0308\u00dfe, E\u0301te\u0301", "\u1100\u1161\u11a8 \uac00", "a\u0301\u0323\u0327b", "\u0995\u09be\u0995\u09c7\u09be", "J\u030c \u212b \u0130I\u0307", "\u0301a", "\u65e5\u672c\u8a9e\u304b\u3099", "\u01c4\u0300"} {
		long := strings.Repeat(s+" "+strings.Repeat("plain ", 50), 400)
		want := string(norm.NFC.Bytes([]byte(strings.Map(unicode.ToLower, norm.NFC.String(long)))))
		want = strings.Join(strings.Fields(want), " ")
		budget := maxNormal
		if got := string(appendFold(nil, long, &budget)); got != want {
			t.Errorf("%q: a long text is not in NFC", s)
		}
		if spent := maxNormal - budget; spent > len(s)*3*400 {
			t.Errorf("%q: %d octets were paid for", s, spent)
		}
		if got := Fold(long); got != want {
			t.Errorf("%q: Fold differs", s)
		}
	}
	budget := 4
	if got := string(appendFold(nil, "Gru\u0308n Gru\u0308n", &budget)); got != "gr\u00fcn gru\u0308n" {
		t.Errorf("past the budget: %q", got)
	}
}
