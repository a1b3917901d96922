package filter

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/message"
)

// test is the compiled right side of a clause; op is the operator in effect.
type test struct {
	op     string
	want   bool // of exists and yes/no
	str    func(string) bool
	num    func(int64) bool
	at     func(time.Time) bool
	sel    *selector
	needle string         // of q and of contains, prefix, suffix: folded
	re     *regexp.Regexp // of regex
	// collect, when set, is told the values that are looked at; the test then
	// holds nowhere.
	collect func(string)
}

// none judges an absent value.
func (t *test) none() bool { return t.op == opExists && !t.want }

// one judges a value that stands alone; the empty one does not exist.
func (t *test) one(s string) bool {
	if t.op == opExists {
		return (s != "") == t.want
	}
	return t.str(s)
}

// stringTest compiles the comparison of an address, text or word.
func stringTest(f *field, op string, values []string) (test, error) {
	t := test{op: op}
	switch op {
	case opEq, opIn:
		t.str = equality(f, values)
	case opRegex:
		re, err := compileRegex(values[0])
		if err != nil {
			return t, err
		}
		t.re, t.str = re, re.MatchString
	default:
		n := message.Fold(values[0])
		t.needle = n
		t.str = map[string]func(string) bool{
			opContains: func(s string) bool { return containsFold(s, n) },
			opPrefix:   func(s string) bool { return prefixFold(s, n) },
			opSuffix:   func(s string) bool { return suffixFold(s, n) },
		}[op]
	}
	return t, nil
}

func compileRegex(expr string) (*regexp.Regexp, error) {
	if utf8.RuneCountInString(expr) > MaxPattern {
		return nil, badValue("a regular expression has at most 1,000 characters")
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, badValue("not a regular expression (RE2): %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// equality compares addresses without case, caseless words too, all else exactly.
func equality(f *field, values []string) func(string) bool {
	switch {
	case f.Kind == Address:
		forms := addressForms(values)
		if len(forms) == 1 {
			want := forms[0]
			return func(s string) bool { return equalLower(s, want) }
		}
		return func(s string) bool { return inLower(s, forms) }
	case f.caseless:
		forms := make([]string, len(values))
		for i, v := range values {
			forms[i] = strings.ToLower(v)
		}
		return func(s string) bool { return inLower(s, forms) }
	case len(values) == 1:
		want := values[0]
		return func(s string) bool { return s == want }
	}
	set := slices.Clone(values)
	return func(s string) bool { return slices.Contains(set, s) }
}

func inLower(s string, forms []string) bool {
	for _, w := range forms {
		if equalLower(s, w) {
			return true
		}
	}
	return false
}

// equalLower reports strings.ToLower(s) == lower, without allocating for ASCII.
func equalLower(s, lower string) bool {
	if len(s) == len(lower) {
		i := 0
		for ; i < len(s) && s[i] < utf8.RuneSelf; i++ {
			if lowerASCII(s[i]) != lower[i] {
				return false
			}
		}
		if i == len(s) {
			return true
		}
	} else if isASCII(s) {
		return false
	}
	return strings.ToLower(s) == lower
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// numberTest compiles the comparison of a number.
func numberTest(op string, values []int64) test {
	n := values[0]
	t := test{op: op}
	switch op {
	case opEq, opIn:
		t.num = func(v int64) bool { return slices.Contains(values, v) }
	case opGt:
		t.num = func(v int64) bool { return v > n }
	case opGte:
		t.num = func(v int64) bool { return v >= n }
	case opLt:
		t.num = func(v int64) bool { return v < n }
	case opLte:
		t.num = func(v int64) bool { return v <= n }
	}
	return t
}

// timeTest compiles the comparison of a time.
func timeTest(op string, at time.Time) test {
	t := test{op: op}
	switch op {
	case opGt:
		t.at = func(v time.Time) bool { return v.After(at) }
	case opGte:
		t.at = func(v time.Time) bool { return !v.Before(at) }
	case opLt:
		t.at = func(v time.Time) bool { return v.Before(at) }
	case opLte:
		t.at = func(v time.Time) bool { return !v.After(at) }
	}
	return t
}
