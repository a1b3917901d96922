package filter

import (
	"strings"
	"testing"

	"github.com/catchpost/catchpost/internal/message"
)

// CheckFold compares the comparisons that do not allocate with their meaning.
func CheckFold(t *testing.T, s, value string) {
	n, folded := message.Fold(value), message.Fold(s)
	if got, want := containsFold(s, n), strings.Contains(folded, n); got != want {
		t.Errorf("contains %q %q: %v", s, n, got)
	}
	if got, want := prefixFold(s, n), strings.HasPrefix(folded, n); got != want {
		t.Errorf("prefix %q %q: %v", s, n, got)
	}
	if got, want := suffixFold(s, n), strings.HasSuffix(folded, n); got != want {
		t.Errorf("suffix %q %q: %v", s, n, got)
	}
	lower := strings.ToLower(value)
	if got, want := equalLower(s, lower), strings.ToLower(s) == lower; got != want {
		t.Errorf("equal %q %q: %v", s, lower, got)
	}
}
