package assert

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/catchpost/catchpost/internal/filter"
)

// Legend explains the notation of a diff: [n] stands in the expected value and
// is missing, {n} stands in the actual value and was not expected.
const Legend = "[x] expected and missing, {x} there and not expected"

// edit is one step of an alignment: both, only expected, only actual.
type edit struct {
	kind rune // '=', '-', '+'
	r    rune
}

// align finds the fewest insertions and deletions that lead from the expected
// runes to the actual ones; distance counts a replaced rune once.
func align(want, got []rune, same func(a, b rune) bool) (steps []edit, distance int) {
	cost := make([][]int, len(want)+1)
	for i := range cost {
		cost[i] = make([]int, len(got)+1)
	}
	for i := len(want); i >= 0; i-- {
		for j := len(got); j >= 0; j-- {
			switch {
			case i == len(want):
				cost[i][j] = len(got) - j
			case j == len(got):
				cost[i][j] = len(want) - i
			case same(want[i], got[j]):
				cost[i][j] = cost[i+1][j+1]
			default:
				cost[i][j] = 1 + min(cost[i+1][j], cost[i][j+1], cost[i+1][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case i < len(want) && j < len(got) && same(want[i], got[j]) && cost[i][j] == cost[i+1][j+1]:
			steps = append(steps, edit{'=', got[j]})
			i, j = i+1, j+1
		case i < len(want) && j < len(got) && cost[i][j] == 1+cost[i+1][j+1]:
			steps = append(steps, edit{'-', want[i]}, edit{'+', got[j]})
			i, j = i+1, j+1
		case i < len(want) && cost[i][j] == 1+cost[i+1][j]:
			steps = append(steps, edit{'-', want[i]})
			i++
		default:
			steps = append(steps, edit{'+', got[j]})
			j++
		}
	}
	return steps, cost[0][0]
}

// write joins an alignment: runs of what is missing in [], of what was not
// expected in {}; of neighbouring runs the missing one first.
func write(steps []edit) string {
	var b, minus, plus strings.Builder
	flush := func() {
		if minus.Len() > 0 {
			b.WriteString("[" + minus.String() + "]")
		}
		if plus.Len() > 0 {
			b.WriteString("{" + plus.String() + "}")
		}
		minus.Reset()
		plus.Reset()
	}
	for _, s := range steps {
		switch s.kind {
		case '-':
			minus.WriteString(visible(s.r))
		case '+':
			plus.WriteString(visible(s.r))
		default:
			flush()
			b.WriteString(visible(s.r))
		}
	}
	flush()
	return b.String()
}

// visible writes a rune so that it can be seen: what does not print is escaped.
func visible(r rune) string {
	if strconv.IsPrint(r) {
		return string(r)
	}
	q := strconv.QuoteRune(r)
	return q[1 : len(q)-1]
}

func sameRune(a, b rune) bool { return a == b }

func sameLetter(a, b rune) bool {
	return a == b || unicode.ToLower(a) == unicode.ToLower(b) || unicode.IsSpace(a) && unicode.IsSpace(b)
}

// difference is how one actual value differs from the one expected.
type difference struct {
	text     string
	actual   string // the part of the actual value that was compared
	distance int
	length   int  // of the expected value
	alike    bool // enough for the difference to tell something
}

// near reports whether there is a difference and it tells something.
func (d *difference) near() bool { return d != nil && d.distance > 0 && d.alike }

// alike holds texts alike with at most two of five letters changed, addresses
// with at most two letters or but for their tags.
func alike(kind filter.Kind, value string, d *difference) bool {
	if kind == filter.Address {
		return d.distance <= 2 && d.length > 4 || withoutTag(value) == withoutTag(d.actual)
	}
	return d.distance*5 <= d.length*2
}

const maxDiff = 200 // runes of either side

// compare finds the actual value that comes nearest to what a clause expects.
// nil where a diff says nothing: numbers, patterns, negations, lists.
func compare(c filter.Clause, actual []string) *difference {
	op := c.Operator()
	if c.Negated() || !slices.Contains([]string{"eq", "contains", "prefix", "suffix"}, op) || len(c.Values()) != 1 {
		return nil
	}
	same := sameLetter
	switch c.Kind() {
	case filter.Text, filter.Word:
		if op == "eq" {
			same = sameRune
		}
	case filter.Address:
	default:
		return nil
	}
	value := c.Values()[0]
	want := []rune(value)
	if len(want) > maxDiff {
		return nil
	}
	var best *difference
	for _, a := range actual {
		a = window(op, value, a)
		got := []rune(a)
		if len(got) > maxDiff {
			continue
		}
		steps, n := align(want, got, same)
		if best == nil || n < best.distance {
			best = &difference{text: write(steps), actual: a, distance: n, length: len(want)}
		}
	}
	if best != nil {
		best.alike = alike(c.Kind(), value, best)
	}
	return best
}

// window is the part of an actual value that a clause's value should be compared with.
func window(op, value, actual string) string {
	r, n := []rune(actual), len([]rune(value))
	switch {
	case op == "contains":
		if start, end, ok := filter.NearestPassage(actual, value); ok {
			return actual[start:end]
		}
	case op == "prefix" && len(r) > n:
		return string(r[:n])
	case op == "suffix" && len(r) > n:
		return string(r[len(r)-n:])
	}
	return actual
}
