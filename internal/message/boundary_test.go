package message

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestOpenBoundaries compares the table of open boundaries with looking through
// them, names used again within themselves too.
func TestOpenBoundaries(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := &scanner{}
	for range 20000 {
		if n := len(s.open); n > 0 && (n > 30 || rnd.IntN(9) < 4) {
			s.pop(rnd.IntN(n + 1))
		} else {
			s.push(fmt.Appendf(nil, "b%d%s", rnd.IntN(20), []string{"", "--"}[rnd.IntN(2)]))
		}
		line := fmt.Sprintf("b%d%s", rnd.IntN(20), []string{"", "--", "----"}[rnd.IntN(3)])
		want := -1
		for level := len(s.open) - 1; level >= 0 && want < 0; level-- {
			if b := s.open[level]; line == string(b) || line == string(b)+"--" {
				want = level
			}
		}
		s.raw = []byte("--" + line + " \r\n")
		d, ok := s.delimiterAt(0)
		if ok != (want >= 0) || ok && d.level != want {
			t.Fatalf("%q is level %d %v, want %d, in %q", line, d.level, ok, want, bytes.Join(s.open, []byte(" ")))
		}
	}
}

// TestWronglyClosedComment: "--!>" ends a comment, HTML standard §13.2.5.52, with
// or without a "-->" after it.
func TestWronglyClosedComment(t *testing.T) {
	for doc, want := range map[string]string{
		"a<!--x--!>b": "ab", "a<!--x--!>b<!--y-->c": "abc", "a<!--->b": "ab", "a<!-->b": "ab",
		"a<!----!>b": "ab", "a<!--x---!>b": "ab", "a<!--x--->b": "ab", "a<!--x-- >b": "a", "a<<<<1": "a<<<<1", "a<<<<b": "a<<<", "a<<b>c": "a<c",
	} {
		if got := Visible(doc); got != want {
			t.Errorf("Visible(%q) = %q, want %q", doc, got, want)
		}
	}
}
