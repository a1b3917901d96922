package filter

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Controls are the keys of a query string that are no filters.
var Controls = []string{"sandbox", "order", "limit", "cursor", "include", "wait", "min", "all", "pretty"}

// ParseURL compiles the pairs of a query string that are not controls
// (sandbox order limit cursor include wait min all pretty).
func ParseURL(v url.Values, now time.Time) (*Filter, error) {
	c := newCompiler(now)
	for _, k := range sortedKeys(v) {
		if slices.Contains(Controls, k) {
			continue
		}
		for _, s := range v[k] {
			if err := c.add(pair{key: k, param: k, given: s, values: []string{s}}); err != nil {
				return nil, err
			}
		}
	}
	return c.finish(), nil
}

// ParseArgs compiles command-line words "field.op=value".
func ParseArgs(args []string, now time.Time) (*Filter, error) {
	c := newCompiler(now)
	for _, a := range args {
		k, v, ok := strings.Cut(a, "=")
		if !ok {
			return nil, &Error{Code: BadValue, Param: a, Detail: fmt.Sprintf("%q is no condition: write FIELD=VALUE, as in to=anna@x.test", a)}
		}
		if slices.Contains(Controls, k) {
			return nil, &Error{Code: UnknownFilter, Param: k, Detail: fmt.Sprintf("%q is no filter but a control: it is an option of the command line.", k)}
		}
		if err := c.add(pair{key: k, param: k, given: v, values: []string{v}}); err != nil {
			return nil, err
		}
	}
	return c.finish(), nil
}

// ParseJSON compiles a decoded JSON or YAML object. path prefixes Error.Param
// ("assertions[1].where").
func ParseJSON(m map[string]any, path string, now time.Time) (*Filter, error) {
	c := newCompiler(now)
	for _, k := range sortedKeys(m) {
		param := k
		if path != "" {
			param = path + "." + k
		}
		pairs, err := jsonPairs(k, param, m[k])
		if err != nil {
			return nil, err
		}
		for _, p := range pairs {
			if err := c.add(p); err != nil {
				if e, ok := err.(*Error); ok {
					e.Param = p.param
				}
				return nil, err
			}
		}
	}
	return c.finish(), nil
}

// jsonPairs makes pairs of one member: an array is several conditions, or the
// alternatives of an "in".
func jsonPairs(k, param string, v any) ([]pair, error) {
	list, ok := v.([]any)
	if texts, is := v.([]string); is {
		ok = true
		for _, t := range texts {
			list = append(list, t)
		}
	}
	if !ok {
		s, err := jsonValue(param, v)
		return []pair{{key: k, param: param, given: v, values: []string{s}}}, err
	}
	if len(list) == 0 {
		return nil, &Error{Code: EmptyValue, Param: param, Detail: fmt.Sprintf("%q has an empty array.", k)}
	}
	if len(list) > MaxPattern {
		return nil, &Error{Code: BadValue, Param: param, Detail: fmt.Sprintf("%q has more than %d values", k, MaxPattern)}
	}
	texts := make([]string, len(list))
	pairs := make([]pair, len(list))
	for i, e := range list {
		at := fmt.Sprintf("%s[%d]", param, i)
		s, err := jsonValue(at, e)
		if err != nil {
			return nil, err
		}
		texts[i] = s
		pairs[i] = pair{key: k, param: at, given: e, values: []string{s}}
	}
	if strings.HasSuffix(k, "."+opIn) {
		return []pair{{key: k, param: param, given: texts, values: texts, list: true}}, nil
	}
	return pairs, nil
}

// jsonValue writes a bare value as the URL would have it.
func jsonValue(param string, v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		if x, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), "eE.") {
			return jsonValue(param, x)
		}
		return v.String(), nil
	case float64:
		if math.Abs(v) < 1<<53 {
			return strconv.FormatFloat(v, 'f', -1, 64), nil
		}
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case time.Time: // YAML reads a bare date as a time
		return v.Format(time.RFC3339Nano), nil
	case nil:
		return "", &Error{Code: BadValue, Param: param, Detail: "null is no value: ask with .exists: false"}
	}
	return "", &Error{Code: BadValue, Param: param, Detail: "a condition's value is a string, a number, true or false, or an array of these"}
}

// sortedKeys orders the keys by the grammar's fields, so that verdicts read
// alike: addresses first, then the subject and so on.
func sortedKeys[V any](m map[string]V) []string {
	type ranked struct {
		key  string
		rank int
	}
	list := make([]ranked, 0, len(m))
	for k := range m {
		r := ranked{k, len(table)}
		if p, err := parseKey(k); err == nil {
			r.rank = p.field.rank
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b ranked) int {
		if a.rank != b.rank {
			return a.rank - b.rank
		}
		return strings.Compare(a.key, b.key)
	})
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].key
	}
	return out
}
