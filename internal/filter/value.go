package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// normal checks and normalizes the value of an address, text or word.
func normal(f *field, name, op, v string) (string, error) {
	switch {
	case op == opRegex:
		return v, nil
	case f.Kind == Address:
		if strings.ContainsFunc(v, unicode.IsSpace) {
			return "", badValue("%q has a blank in it, which no address has. In a URL a bare + is a blank: write %%2B (curl -G --data-urlencode %s=anna+tag@x.test).", v, name)
		}
		if op == opEq && strings.HasPrefix(v, "<") {
			return "", badValue("write the address of %q without <>", name)
		}
	case f.Name == "message_id":
		v = strings.TrimSuffix(strings.TrimPrefix(v, "<"), ">")
		if v == "" {
			return "", &Error{Code: EmptyValue, Detail: fmt.Sprintf("%q has no value.", name)}
		}
	case len(f.Values) > 0 && (op == opEq || op == opIn):
		if !slices.Contains(f.Values, strings.ToLower(v)) {
			return "", badValue("%q is no %s.%s It is one of %s.", v, f.Name, didYouMean(Nearest(v, f.Values)), strings.Join(f.Values, ", "))
		}
	}
	return v, nil
}

// addressForms are the lower-cased spellings that a whole address may have: as
// given, its domain as A-label and as U-label (RFC 5890 §2.3.2), composed.
func addressForms(values []string) []string {
	var out []string
	add := func(s string) {
		if s = strings.ToLower(s); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, v := range values {
		add(v)
		add(norm.NFC.String(v))
		at := strings.LastIndexByte(v, '@')
		if at < 0 || isASCII(v) && !strings.Contains(strings.ToLower(v[at:]), "xn--") {
			continue
		}
		local, domain := norm.NFC.String(v[:at+1]), v[at+1:]
		if a, err := idna.Lookup.ToASCII(domain); err == nil {
			add(local + a)
		}
		if u, err := idna.Lookup.ToUnicode(domain); err == nil {
			add(local + u)
		}
	}
	return out
}

// units of sizes: decimal, and binary with an i.
var units = []struct {
	name string
	of   int64
}{
	{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1},
}

// parseNumber reads a number that is not negative; sizes may have a unit.
func parseNumber(f *field, v string) (int64, error) {
	s, factor := v, int64(1)
	if f.size {
		up := strings.ToUpper(s)
		for _, u := range units {
			if strings.HasSuffix(up, u.name) {
				s, factor = strings.TrimSpace(s[:len(s)-len(u.name)]), u.of
				break
			}
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n >= 0 && s[0] != '+' && n <= (1<<63-1)/factor {
		return n * factor, nil
	}
	if x, err := strconv.ParseFloat(s, 64); err == nil && factor > 1 && x >= 0 && x < float64(1<<62)/float64(factor) && isDecimal(s) {
		return int64(x * float64(factor)), nil
	}
	if f.size {
		return 0, badValue("%q is no size: write octets, or 10KB, 5MB, 1MiB", v)
	}
	return 0, badValue("%q is no whole number of at least 0", v)
}

func isDecimal(s string) bool { return strings.Trim(s, "0123456789.") == "" }

// parseTime reads RFC 3339, or "-5m": so long before now.
func parseTime(name, v string, now time.Time) (time.Time, error) {
	if back, ok := strings.CutPrefix(v, "-"); ok {
		d, err := Duration(back)
		if err != nil {
			return time.Time{}, &Error{Code: BadDuration, Detail: fmt.Sprintf("%q: %s", v, err)}
		}
		return now.Add(-d), nil
	}
	at, err := time.Parse(time.RFC3339, v)
	if err == nil {
		return at, nil
	}
	if _, err := time.Parse(time.RFC3339, strings.Replace(v, " ", "+", 1)); err == nil {
		return at, badValue("%q has a blank in it. In a URL a bare + is a blank: write %%2B.", v)
	}
	if _, err := Duration(v); err == nil {
		return at, badValue("%q is no point in time. Did you mean %q, so long before now?", v, "-"+v)
	}
	return at, badValue("%q of %q is no time: write 2026-11-22T21:53:07Z, or -5m for five minutes ago", v, name)
}

// MaxDuration bounds a duration in a filter: about 100 years.
const MaxDuration = 100 * 365 * 24 * time.Hour

// Duration reads a duration that is not negative and has units: "10s", "1h30m",
// "500ms", and days as in "7d".
func Duration(s string) (time.Duration, error) {
	var days time.Duration
	rest := s
	if n, after, ok := strings.Cut(s, "d"); ok && len(n) > 0 && len(n) <= 6 && strings.Trim(n, "0123456789") == "" {
		v, _ := strconv.Atoi(n)
		days, rest = time.Duration(min(v, 40_000))*24*time.Hour, after
		if rest == "" {
			return min(days, MaxDuration), nil
		}
	}
	if rest != "" && strings.Trim(rest, "0123456789.") == "" && rest != "0" {
		return 0, fmt.Errorf("a duration needs a unit: 500ms, 10s, 5m, 24h")
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || strings.HasPrefix(rest, "+") {
		return 0, fmt.Errorf("not a duration: write 500ms, 10s, 5m, 24h")
	}
	if days+d > MaxDuration {
		return 0, fmt.Errorf("a duration of more than 100 years")
	}
	return days + d, nil
}
