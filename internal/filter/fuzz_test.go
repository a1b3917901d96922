package filter_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/filter/filtertest"
)

// FuzzCompile puts anything through every door: nothing panics, mistakes are
// Errors, and what compiles can be matched, judged, and read back from its String.
func FuzzCompile(f *testing.F) {
	mails, rows := samples()
	for _, r := range rows {
		f.Add(strings.Join(r.Args, "&"))
	}
	f.Add(`{"to": ["a@x.test", 3, true, null], "size.in": [1, 2.5]}`)
	f.Add(`a "b c" -d from:"x y" re: q:q not.to:b -"\"" "open`)
	m := mails["welcome"]
	f.Fuzz(func(t *testing.T, s string) {
		var object map[string]any
		values, _ := url.ParseQuery(s)
		compiled := []func() (*filter.Filter, error){
			func() (*filter.Filter, error) { return filter.ParseURL(values, now) },
			func() (*filter.Filter, error) { return filter.ParseArgs(strings.Split(s, "&"), now) },
			func() (*filter.Filter, error) { return filter.ParseURL(url.Values{"q": {s}}, now) },
			func() (*filter.Filter, error) { return filter.ParseURL(url.Values{"not.q": {s}}, now) },
		}
		if json.Unmarshal([]byte(s), &object) == nil {
			compiled = append(compiled, func() (*filter.Filter, error) { return filter.ParseJSON(object, "where", now) })
		}
		for _, parse := range compiled {
			exercise(t, parse, m)
		}
	})
}

func exercise(t *testing.T, parse func() (*filter.Filter, error), m *filtertest.Mail) {
	t.Helper()
	g, err := parse()
	var e *filter.Error
	if err != nil {
		if !errors.As(err, &e) || e.Code == "" || e.Detail == "" {
			t.Fatalf("error %#v", err)
		}
		return
	}
	held, err := g.Match(filtertest.NewSubject(m))
	if err != nil {
		t.Fatal(err)
	}
	judged, err := g.Judge(filtertest.NewSubject(m))
	if err != nil || len(judged) != g.Len() {
		t.Fatalf("%d judgements, %v", len(judged), err)
	}
	all := true
	for _, j := range judged {
		all = all && j.Held
		if len(j.Actual) > filter.MaxActual {
			t.Fatalf("%d actual values", len(j.Actual))
		}
		for _, a := range j.Actual {
			if len([]rune(a)) > filter.MaxActualRunes {
				t.Fatalf("actual value of %d characters", len([]rune(a)))
			}
		}
	}
	if all != held {
		t.Fatalf("%s: Match %v, Judge %v", g, held, all)
	}
	v, err := url.ParseQuery(g.String())
	if err != nil {
		t.Fatal(err)
	}
	back, err := filter.ParseURL(v, now)
	if err != nil || strings.Join(sorted(back), "&") != strings.Join(sorted(g), "&") {
		t.Fatalf("%q came back as %q, %v", g, back, err)
	}
	if again, _ := back.Match(filtertest.NewSubject(m)); again != held {
		t.Fatalf("%q matched %v, read back %v", g, held, again)
	}
}

// FuzzFold holds the fast comparisons to message.Fold's.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", " ", "a b", "A  B", "É\u0301", "x ", " x", "ſK"} {
		f.Add(s, "a")
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, s, value string) {
		filter.CheckFold(t, s, value)
	})
}

func BenchmarkMatch(b *testing.B) {
	mails, _ := samples()
	for _, q := range []string{"to=nobody@x.test", "to=bob@x.test", "subject=password", "subject=disk usage", "subject.prefix=Welcome", "subject.regex=^Pass", "to=bob@x.test&subject=anna&sequence.gt=5", "q=anna", "body=hello anna", "elements.css=a.button"} {
		v, _ := url.ParseQuery(q)
		f, err := filter.ParseURL(v, now)
		if err != nil {
			b.Fatal(err)
		}
		s := filtertest.NewSubject(mails["welcome"])
		if q == "subject=disk usage" { // an ASCII subject
			s = filtertest.NewSubject(mails["plain"])
		}
		b.Run(q, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Match(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
