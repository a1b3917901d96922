package assert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/filter"
)

// Bounds of a JSON body, before anything is made of it.
const (
	maxDepth   = 8
	maxMembers = 100_000
)

var keys = []string{"name", "where", "count", "within", "settle", "expect"}

// ParseJSON reads one assertion or an array of them. Unknown and doubled keys
// are mistakes. Errors are *filter.Error with a path as Param.
func ParseJSON(body []byte, now time.Time) ([]Assertion, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	left := maxMembers
	v, err := decode(dec, "", 0, &left)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, badJSON("", "something stands after the assertions")
	}
	return Parse(v, now)
}

// Parse reads assertions from decoded JSON or YAML: an object, an array, or an
// object with the one key "assertions".
func Parse(v any, now time.Time) ([]Assertion, error) {
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		if list, ok := m["assertions"].([]any); ok {
			v = list
		}
	}
	switch v := v.(type) {
	case map[string]any:
		a, err := one(v, "", now)
		return []Assertion{a}, err
	case []any:
		if len(v) == 0 {
			return nil, badJSON("", "there is no assertion in the array")
		}
		if len(v) > MaxAssertions {
			return nil, badJSON("", "more than %d assertions at once", MaxAssertions)
		}
		out := make([]Assertion, len(v))
		for i := range v {
			path := fmt.Sprintf("assertions[%d]", i)
			m, ok := v[i].(map[string]any)
			if !ok {
				return nil, badJSON(path, "an assertion is an object")
			}
			a, err := one(m, path, now)
			if err != nil {
				return nil, err
			}
			out[i] = a
		}
		return out, nil
	}
	return nil, badJSON("", `an assertion is an object like {"where": {"to": "anna@x.test"}}, or an array of them`)
}

func badJSON(path, format string, args ...any) *filter.Error {
	return &filter.Error{Code: filter.BadJSON, Param: path, Detail: fmt.Sprintf(format, args...)}
}

// decode reads one JSON value as encoding/json would, but refuses doubled keys
// and great depth.
func decode(dec *json.Decoder, path string, depth int, left *int) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, syntax(path, err)
	}
	if *left--; *left < 0 || depth > maxDepth {
		return nil, badJSON(path, "too large or nested too deeply")
	}
	switch tok {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			at := fmt.Sprintf("%s[%d]", path, len(list))
			if path == "" {
				at = "assertions" + at
			}
			v, err := decode(dec, at, depth+1, left)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, syntax(path, err)
	case json.Delim('{'):
		m := map[string]any{}
		for dec.More() {
			k, err := dec.Token()
			if err != nil {
				return nil, syntax(path, err)
			}
			key := k.(string) // the decoder lets nothing else be a key
			at := join(path, key)
			if _, twice := m[key]; twice {
				return nil, badJSON(at, "the key %q stands twice: write an array for several conditions", key)
			}
			if m[key], err = decode(dec, at, depth+1, left); err != nil {
				return nil, err
			}
		}
		_, err := dec.Token()
		return m, syntax(path, err)
	}
	return tok, nil
}

func syntax(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return badJSON(path, "the JSON ends too early")
	}
	return badJSON(path, "not JSON: %s", err)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// one reads one assertion.
func one(m map[string]any, path string, now time.Time) (a Assertion, err error) {
	for k := range m {
		if !slices.Contains(keys, k) {
			return a, unknownKey(path, k)
		}
	}
	a = Assertion{Min: 1, Max: -1}
	if v, ok := m["name"]; ok {
		s, is := v.(string)
		if !is || utf8.RuneCountInString(s) > MaxName {
			return a, badJSON(join(path, "name"), "a name is a string of at most %d characters", MaxName)
		}
		a.Name = s
	}
	if a.Where, err = where(m["where"], join(path, "where"), now); err != nil {
		return a, err
	}
	if err = a.count(m["count"], join(path, "count")); err != nil {
		return a, err
	}
	if a.Within, err = duration(m, "within", path); err != nil {
		return a, err
	}
	if a.Settle, err = duration(m, "settle", path); err != nil {
		return a, err
	}
	if a.Within > 0 && a.Min == 0 {
		return a, &filter.Error{Code: filter.BadValue, Param: join(path, "within"),
			Detail: `"within" waits for a lower bound, and that is 0 here: to watch that nothing more comes, say "settle".`}
	}
	a.Expect, err = expect(m["expect"], join(path, "expect"), now)
	return a, err
}

func unknownKey(path, key string) error {
	detail := fmt.Sprintf("%q is no part of an assertion.", key)
	if near := filter.Nearest(key, keys); near != "" {
		detail += fmt.Sprintf(" Did you mean %q?", near)
	} else {
		detail += " It has " + strings.Join(keys, ", ") + "."
	}
	return badJSON(join(path, key), "%s", detail)
}

func where(v any, path string, now time.Time) (*filter.Filter, error) {
	if v == nil {
		v = map[string]any{}
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, badJSON(path, `a filter is an object like {"to": "anna@x.test"}`)
	}
	return filter.ParseJSON(m, path, now)
}

func expect(v any, path string, now time.Time) ([]*filter.Filter, error) {
	list, ok := v.([]any)
	switch {
	case v == nil:
		return nil, nil
	case !ok:
		f, err := where(v, path, now)
		return []*filter.Filter{f}, err
	case len(list) > MaxExpect:
		return nil, badJSON(path, "more than %d filters", MaxExpect)
	}
	out := make([]*filter.Filter, len(list))
	for i := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		if list[i] == nil {
			return nil, badJSON(at, "null is no filter")
		}
		f, err := where(list[i], at, now)
		if err != nil {
			return nil, err
		}
		out[i] = f
	}
	return out, nil
}

// count reads n, or {"min": n, "max": m} with either left out.
func (a *Assertion) count(v any, path string) error {
	m, ok := v.(map[string]any)
	if v == nil {
		return nil
	}
	if !ok {
		n, err := whole(v, path)
		a.Min, a.Max = n, n
		return err
	}
	a.Min = 0
	for k, b := range m {
		n, err := whole(b, join(path, k))
		switch {
		case k != "min" && k != "max":
			return badJSON(join(path, k), `a count has "min" and "max"`)
		case err != nil:
			return err
		case k == "min":
			a.Min = n
		default:
			a.Max = n
		}
	}
	if len(m) == 0 || a.Max >= 0 && a.Min > a.Max {
		return &filter.Error{Code: filter.BadValue, Param: path, Detail: `a count is a number, or {"min": n, "max": m} with min at most max`}
	}
	return nil
}

// whole reads a count from JSON or YAML.
func whole(v any, path string) (int, error) {
	n := -1
	switch v := v.(type) {
	case json.Number:
		if i, err := strconv.Atoi(v.String()); err == nil {
			n = i
		}
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= MaxCount {
			n = int(v)
		}
	case int:
		n = v
	}
	if n < 0 || n > MaxCount {
		return 0, &filter.Error{Code: filter.BadValue, Param: path, Detail: fmt.Sprintf("a count is a whole number from 0 to %d", MaxCount)}
	}
	return n, nil
}

func duration(m map[string]any, key, path string) (time.Duration, error) {
	v, ok := m[key]
	if !ok || v == nil {
		return 0, nil
	}
	s, ok := v.(string)
	bad := func(detail string) error {
		return &filter.Error{Code: filter.BadDuration, Param: join(path, key), Detail: fmt.Sprintf("%q: %s", fmt.Sprint(v), detail)}
	}
	if !ok {
		return 0, bad(`a duration is a string with a unit: "500ms", "10s", "5m"`)
	}
	d, err := filter.Duration(s)
	switch {
	case err != nil:
		return 0, bad(err.Error())
	case d > MaxDuration:
		return 0, bad("at most 5m")
	}
	return d, nil
}
