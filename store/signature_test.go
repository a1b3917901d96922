package store

import (
	"fmt"
	"strings"
	"testing"
)

// TestSign holds signatures to the definition: the rows of all trigrams, no other.
func TestSign(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 100, 2 << 10, 2<<10 + 1, 100 << 10} {
		text := strings.Repeat("the quick brown fox jumps over straße 1234567890 ", n/48+1)[:n]
		g := sign(text)
		want := make([]uint64, tiers[g.tier].rows/64)
		for _, row := range needleRows([]string{text}, tiers[g.tier]) {
			want[row/64] |= 1 << (row % 64)
		}
		if got := fmt.Sprint(g.rows); got != fmt.Sprint(want) {
			t.Errorf("%d octets: tier %d has rows %s, not %v", n, g.tier, got, want)
		}
	}
	if g := sign(strings.Repeat("x", 300<<10)); g.tier != -1 {
		t.Errorf("a long text has tier %d", g.tier)
	}
}

func BenchmarkSign(b *testing.B) {
	for _, n := range []int{1400, 100 << 10} {
		text := strings.Repeat("parcel invoice street delivery window garden thank monday basket ref0000123 ", n/70)[:n]
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(n))
			for b.Loop() {
				sign(text)
			}
		})
	}
}
