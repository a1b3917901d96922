package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/message"
)

// passage is the part of a value that a verdict should show: all of a short
// one; of a long one what was found, or what comes nearest to what was looked for.
func passage(c *clause, s string) string {
	if utf8.RuneCountInString(s) <= MaxActualRunes {
		return s
	}
	switch c.test.op {
	case opRegex:
		if loc := c.test.re.FindStringIndex(s); loc != nil {
			return around(s, loc[0], loc[1])
		}
	case opSuffix:
		r := []rune(s)
		return "…" + string(r[len(r)-MaxActualRunes+1:])
	case opContains:
		f := message.Fold(s)
		if i := strings.Index(f, c.test.needle); i >= 0 {
			if i < len(s) && equalAt(s, i, c.test.needle) {
				return around(s, i, i+len(c.test.needle))
			}
			return around(f, i, i+len(c.test.needle))
		}
		if start, end, ok := nearestPassage(s, c.test.needle); ok {
			return around(s, start, end)
		}
	}
	return cut(s)
}

// equalAt reports whether the needle stands at s[i:] but for ASCII case, so that
// the folded text's offset is the text's own.
func equalAt(s string, i int, needle string) bool {
	return i+len(needle) <= len(s) && strings.EqualFold(s[i:i+len(needle)], needle)
}

// around cuts MaxActualRunes out of s with s[start:end] in them.
func around(s string, start, end int) string {
	if end-start > MaxActualRunes {
		end = start + MaxActualRunes
	}
	room := (MaxActualRunes - 2 - (end - start)) / 2
	from, to := max(0, start-max(room, 0)), min(len(s), end+max(room, 0))
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	out := s[from:to]
	if from > 0 {
		out = "…" + out
	}
	if to < len(s) {
		out += "…"
	}
	return cut(out)
}

// Bounds of the search for a near passage: needle × text steps.
const (
	nearNeedle = 80
	nearText   = 20_000
)

// nearestPassage finds the passage of s with the smallest edit distance to the
// folded needle (Sellers' algorithm), if it is near at all.
func nearestPassage(s, needle string) (start, end int, ok bool) {
	n := []rune(needle)
	if len(n) < 3 || len(n) > nearNeedle {
		return 0, 0, false
	}
	type cell struct{ cost, start int }
	col := make([]cell, len(n)+1)
	for j := range col {
		col[j].cost = j
	}
	best := cell{cost: len(n)/2 + 1}
	seen := 0
	for i, r := range s {
		if seen++; seen > nearText {
			break
		}
		after := i + utf8.RuneLen(r)
		if r = unicode.ToLower(r); unicode.IsSpace(r) {
			r = ' '
		}
		diag := cell{0, i}
		col[0] = cell{0, after}
		for j := 1; j <= len(n); j++ {
			next := diag
			if n[j-1] != r {
				next.cost++
			}
			if c := col[j]; c.cost+1 < next.cost {
				next = cell{c.cost + 1, c.start}
			}
			if c := col[j-1]; c.cost+1 < next.cost {
				next = cell{c.cost + 1, c.start}
			}
			diag, col[j] = col[j], next
		}
		if last := col[len(n)]; last.cost < best.cost {
			best, end, ok = last, after, true
		}
	}
	return best.start, min(max(end, best.start), len(s)), ok
}

// NearestPassage finds the part of s that comes nearest to value, case and white
// space folded; ok is false where nothing comes near.
func NearestPassage(s, value string) (start, end int, ok bool) {
	return nearestPassage(s, message.Fold(value))
}
