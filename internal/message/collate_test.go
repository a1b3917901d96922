package message

import (
	"slices"
	"testing"
)

func TestCollate(t *testing.T) {
	words := []string{"_x", "zoe", "Änne", "adam", "Bob", "ａｂｃ", "", "école", "eclair", "ECLAIR 2"}
	slices.SortStableFunc(words, func(a, b string) int {
		if x, y := Collate(a), Collate(b); x < y {
			return -1
		} else if x > y {
			return 1
		}
		return 0
	})
	if want := []string{"", "ａｂｃ", "adam", "Änne", "Bob", "eclair", "ECLAIR 2", "école", "zoe", "_x"}; !slices.Equal(words, want) {
		t.Errorf("%q\nwant %q", words, want)
	}
	for a, b := range map[string]string{"É": "e\u0301", "ǆ": "ǅ"} {
		if Collate(a) != Collate(b) {
			t.Errorf("%q and %q differ", a, b)
		}
	}
}
