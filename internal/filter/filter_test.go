package filter_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/filter/filtertest"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func samples() (map[string]*filtertest.Mail, []filtertest.Row) {
	mails := filtertest.Mails(now)
	byName := map[string]*filtertest.Mail{}
	for _, m := range mails {
		byName[m.Name] = m
	}
	return byName, filtertest.Rows(filtertest.FactsOf(mails))
}

func TestGrammar(t *testing.T) {
	mails, rows := samples()
	for _, r := range rows {
		doors := map[string]func() (*filter.Filter, error){
			"URL":  func() (*filter.Filter, error) { return filter.ParseURL(r.URL, now) },
			"JSON": func() (*filter.Filter, error) { return filter.ParseJSON(r.JSON, "where", now) },
			"args": func() (*filter.Filter, error) { return filter.ParseArgs(r.Args, now) },
			"q":    func() (*filter.Filter, error) { return filter.ParseURL(url.Values{"q": {r.Q}}, now) },
			"String": func() (*filter.Filter, error) {
				f, err := filter.ParseURL(r.URL, now)
				if err != nil {
					return nil, err
				}
				again, err := url.ParseQuery(f.String())
				if err != nil {
					return nil, err
				}
				g, err := filter.ParseURL(again, now)
				if err == nil && !slices.Equal(sorted(g), sorted(f)) {
					t.Errorf("%s: String %q came back as %q", r, f, g)
				}
				return g, err
			},
		}
		for door, parse := range doors {
			f, err := parse()
			if err != nil {
				t.Errorf("%s: %s: %v", r, door, err)
				continue
			}
			check(t, r, door, f, mails[r.Mail])
		}
	}
}

// check asks Match, Judge and the plan, which must agree.
func check(t *testing.T, r filtertest.Row, door string, f *filter.Filter, m *filtertest.Mail) {
	t.Helper()
	s := filtertest.NewSubject(m)
	got, err := f.Match(s)
	if err != nil || got != r.Holds {
		t.Errorf("%s: %s: Match %v %v, want %v", r, door, got, err, r.Holds)
	}
	if f.Plan().CheapOnly && s.Opened > 0 {
		t.Errorf("%s: %s: a cheap filter opened the message", r, door)
	}
	judged, err := f.Judge(filter.Open(s))
	if err != nil {
		t.Errorf("%s: %s: Judge: %v", r, door, err)
	}
	all := !slices.ContainsFunc(judged, func(j filter.Judgement) bool { return !j.Held })
	if all != r.Holds && (f.Plan().WantsAppend || s.Want.Origin != "append") {
		t.Errorf("%s: %s: Judge %v, want %v", r, door, all, r.Holds)
	}
	if got {
		checkPlan(t, r, f, s)
	}
}

func checkPlan(t *testing.T, r filtertest.Row, f *filter.Filter, s *filtertest.Subject) {
	t.Helper()
	p, sum := f.Plan(), s.Summary()
	q, rest, _ := s.SearchText()
	for _, n := range p.Needles {
		if !strings.Contains(q, n) && !strings.Contains(rest, n) {
			t.Errorf("%s: needle %q does not stand in the search text", r, n)
		}
	}
	for _, g := range p.IDs {
		if !slices.Contains(g, sum.ID) {
			t.Errorf("%s: IDs %q", r, g)
		}
	}
	if sum.Sequence <= p.After && p.After > 0 || p.Before > 0 && sum.Sequence >= p.Before {
		t.Errorf("%s: bounds %d..%d exclude %d", r, p.After, p.Before, sum.Sequence)
	}
	if p.Seen != nil && *p.Seen != sum.Seen || p.Flagged != nil && *p.Flagged != sum.Flagged {
		t.Errorf("%s: seen or flagged", r)
	}
	for _, tag := range p.Tags {
		if !slices.Contains(sum.Tags, tag) {
			t.Errorf("%s: tag %q", r, tag)
		}
	}
	var all []string
	for _, list := range [][]string{sum.ForwardPaths, {sum.ReversePath}} {
		all = append(all, list...)
	}
	for _, a := range slices.Concat(sum.From, sum.To, sum.Cc, sum.Bcc, sum.ReplyTo) {
		all = append(all, a.Address)
	}
	for _, g := range p.Addresses {
		if !slices.ContainsFunc(all, func(a string) bool { return slices.Contains(g, strings.ToLower(a)) }) {
			t.Errorf("%s: addresses %q", r, g)
		}
	}
}

// Each field has a row that holds and one that does not for each of its operators.
func TestGrammarIsWhole(t *testing.T) {
	_, rows := samples()
	seen := map[string]bool{}
	for _, r := range rows {
		if len(r.Args) != 1 || strings.HasPrefix(r.Args[0], "not.") {
			continue
		}
		key, _, _ := strings.Cut(r.Args[0], "=")
		yes := "no "
		if r.Holds {
			yes = "yes "
		}
		seen[yes+key] = true
	}
	for _, f := range filter.Fields() {
		name := strings.Replace(f.Name, "headers.NAME", "headers.X-Mailer", 1)
		name = strings.Replace(name, "attr.NAME", "attr.href", 1)
		keys := []string{}
		if f.Default != "" || len(f.Operators) == 0 {
			keys = append(keys, name)
		}
		for _, op := range f.Operators {
			keys = append(keys, name+"."+op)
		}
		for _, k := range keys {
			if !seen["yes "+k] || !seen["no "+k] {
				t.Errorf("%s: rows that hold: %v, that do not: %v", k, seen["yes "+k], seen["no "+k])
			}
		}
		if f.Doc == "" {
			t.Errorf("%s has no description", f.Name)
		}
	}
}

func sorted(f *filter.Filter) []string {
	parts := strings.Split(f.String(), "&")
	slices.Sort(parts)
	return parts
}
