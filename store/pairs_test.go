package store

import (
	"context"
	"strings"
	"testing"
)

// TestShortNeedles looks for one and two octets in texts of every tier.
func TestShortNeedles(t *testing.T) {
	s := openPlain(t, Options{Path: InMemory})
	for n := range 70 {
		body := "plain text number " + strings.Repeat("abc ", n*n)
		switch n {
		case 13:
			body += " zz"
		case 33:
			body += " straße ß"
		case 60:
			body = "!"
		case 69:
			body += strings.Repeat("abc ", 10_000) // is not stored, but read again
		}
		deliver(t, s, "From: a@x.test\r\nSubject: s\r\n\r\n"+body+"\r\n", "a@x.test")
	}
	for needle, want := range map[string]int{"zz": 1, "ß": 1, "!": 1, "z": 1, "qj": 0, "~": 0, "ab": 68, "s": 70, "x.": 70, "zz ß": 0} {
		page, err := s.List(context.Background(), Query{Filter: parse(t, "q="+strings.ReplaceAll(needle, " ", "+")), Limit: 500})
		if err != nil || page.Total != want || !page.TotalExact || len(page.Messages) != want {
			t.Errorf("%q: %d of %d, exact %v, want %d, %v", needle, len(page.Messages), page.Total, page.TotalExact, want, err)
		}
	}
	closeChecked(t, s)
}
