package message

import (
	"math/rand/v2"
	"strings"
	"testing"
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
