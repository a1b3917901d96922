package api

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
)

// controls are the query parameters of API.md that are no filters.
var controls = []string{"sandbox", "order", "limit", "cursor", "include", "wait", "min", "all", "pretty"}

// checkParams refuses parameters that the route does not take, and compiles
// the filter of a route that has one.
func (r *request) checkParams() error {
	takes := append([]string{"pretty", "sandbox"}, r.route.params...)
	rest := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(r.query)) {
		switch {
		case slices.Contains(takes, name):
			if len(r.query[name]) > 1 && !(name == "sandbox" && r.route.several) {
				return fail("bad_value", "%s is given more than once", name).at(name)
			}
		case slices.Contains(controls, name):
			return fail("unknown_filter", "%q is a control that does not apply to this route", name).at(name)
		case r.takesFilter():
			rest[name] = r.query[name]
		default:
			return r.unknownParam(name, takes)
		}
	}
	if _, err := r.flag("pretty"); err != nil {
		return err
	}
	if !r.takesFilter() {
		return nil
	}
	f, err := filter.ParseURL(rest, r.s.clock.Now())
	if err != nil {
		return nearControl(err, takes)
	}
	r.filter = f
	return nil
}

// nearControl adds the control that was meant to the error of a filter that is
// unknown and resembles no field: "wiat" is "wait".
func nearControl(err error, takes []string) error {
	e, ok := errors.AsType[*filter.Error](err)
	if !ok || e.Code != filter.UnknownFilter || strings.Contains(e.Detail, "Did you mean") {
		return err
	}
	near := filter.Nearest(e.Param, takes)
	if near == "" {
		return err
	}
	return &filter.Error{Code: e.Code, Param: e.Param, Detail: e.Detail + " Did you mean \"" + near + "\"?"}
}

// takesFilter: routes of one message take a filter only for "latest".
func (r *request) takesFilter() bool {
	return r.route.filter && (r.route.path != messagePath && !strings.HasPrefix(r.route.path, messagePath+"/") || r.Param("id") == latest)
}

func (r *request) unknownParam(name string, takes []string) error {
	p := fail("unknown_filter", "%q is no parameter of this route", name).at(name)
	if r.route.filter {
		p.detail = strconv.Quote(name) + " is no parameter here; filters go with /messages and /messages/latest"
		return p
	}
	if near := filter.Nearest(name, takes); near != "" {
		p.detail += ". Did you mean \"" + near + "\"?"
	}
	return p
}

// flag reads a yes/no control; bare (?pretty) is yes.
func (r *request) flag(name string) (bool, error) {
	v, given := r.query[name]
	if !given {
		return false, nil
	}
	switch v[0] {
	case "", "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, fail("bad_value", "%s takes true or false, not %q", name, v[0]).at(name)
}

// number reads an integer control within bounds.
func (r *request) number(name string, fallback, low, high int) (int, error) {
	if !r.query.Has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(r.query.Get(name))
	if err != nil || n < low || n > high {
		return 0, fail("bad_value", "%s takes a number from %d to %d, not %q", name, low, high, r.query.Get(name)).at(name)
	}
	return n, nil
}

// duration reads a duration control of at most max.
func (r *request) duration(name string, max time.Duration) (time.Duration, error) {
	if !r.query.Has(name) {
		return 0, nil
	}
	return parseDuration(name, r.query.Get(name), max)
}

// parseDuration reads "500ms", "10s", "2m"; a bare number has no unit.
func parseDuration(name, value string, max time.Duration) (time.Duration, error) {
	d, err := time.ParseDuration(value)
	switch {
	case err != nil:
		if _, e := strconv.ParseFloat(value, 64); e == nil {
			return 0, fail("bad_duration", "%s=%s has no unit: write %ss", name, value, value).at(name)
		}
		return 0, fail("bad_duration", "%s takes a duration like 10s, not %q", name, value).at(name)
	case d < 0:
		return 0, fail("bad_duration", "%s must not be negative", name).at(name)
	case max > 0 && d > max:
		return 0, fail("bad_duration", "%s=%s is longer than %s", name, value, shortDuration(max)).at(name)
	}
	return d, nil
}

// shortDuration writes 5m, not 5m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// word reads a control that is one of a few words.
func (r *request) word(name, fallback string, among ...string) (string, error) {
	if !r.query.Has(name) {
		return fallback, nil
	}
	v := r.query.Get(name)
	if !slices.Contains(among, v) {
		return "", fail("bad_value", "%s takes %s, not %q", name, strings.Join(among, " or "), v).at(name)
	}
	return v, nil
}

// words reads a comma-separated control whose words are known.
func (r *request) words(name string, among ...string) ([]string, error) {
	if !r.query.Has(name) {
		return nil, nil
	}
	var out []string
	for w := range strings.SplitSeq(r.query.Get(name), ",") {
		w = strings.TrimSpace(w)
		if w == "" {
			continue
		}
		if !slices.Contains(among, w) {
			p := fail("bad_value", "%q is nothing that %s knows: %s", w, name, strings.Join(among, " ")).at(name)
			if near := filter.Nearest(w, among); near != "" {
				p.detail += ". Did you mean \"" + near + "\"?"
			}
			return nil, p
		}
		out = append(out, w)
	}
	return out, nil
}
