package policy

import (
	"strings"
	"testing"
)

// TestHostileSpellings holds that nobody slips past a narrow list by spelling.
func TestHostileSpellings(t *testing.T) {
	l, err := New([]string{"*@qa.example.com", "boss@example.org", "*.staging.example.net", "*@bücher.example"},
		[]string{"ceo@*", "*.prod.staging.example.net"}, []string{"local.test"})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]Outcome{
		"anna@qa.example.com":                       Relay,
		"Anna@QA.Example.COM":                       Relay,
		"anna+tag@qa.example.com":                   Relay,
		`"anna"@qa.example.com`:                     Relay,
		"boss@example.org":                          Relay,
		"BOSS@EXAMPLE.ORG":                          Relay,
		"x@a.staging.example.net":                   Relay,
		"x@a.b.staging.example.net":                 Relay,
		"x@bücher.example":                          Relay,
		"x@xn--bcher-kva.example":                   Relay,
		"x@BÜCHER.example":                          Relay,
		"anyone@local.test":                         Local,
		"anyone@LOCAL.TEST":                         Local,
		"ceo@qa.example.com":                        Refused,
		"CEO@qa.example.com":                        Refused,
		`"ceo"@qa.example.com`:                      Refused,
		`"c\eo"@qa.example.com`:                     Refused,
		"x@db.prod.staging.example.net":             Refused,
		"anna@example.com":                          Refused,
		"anna@qa.example.com.evil.test":             Refused,
		"anna@evilqa.example.com":                   Refused,
		"anna@qa-example.com":                       Refused,
		"anna@qaxexample.com":                       Refused,
		"anna@sub.qa.example.com":                   Refused,
		"boss@example.org.":                         Refused,
		"bosss@example.org":                         Refused,
		"boss+x@example.org":                        Refused,
		"x@staging.example.net":                     Refused,
		"x@evil.test":                               Refused,
		"x%evil.test@qa.example.com":                Refused,
		"evil.test!x@qa.example.com":                Refused,
		`"x@evil.test"@qa.example.com`:              Refused,
		`"x\@evil.test"@qa.example.com`:             Refused,
		`"x%evil.test"@qa.example.com`:              Refused,
		"x@evil.test@qa.example.com":                Refused,
		"x@qa.example.com@evil.test":                Refused,
		"@evil.test:x@qa.example.com":               Refused,
		"x@[127.0.0.1]":                             Refused,
		"x@[IPv6:::1]":                              Refused,
		"x@[qa.example.com]":                        Refused,
		"x@qa.example.com.":                         Refused,
		"x@qa.example.com..":                        Refused,
		"x@.qa.example.com":                         Refused,
		"x@qa..example.com":                         Refused,
		"x@qa.example.com\x00":                      Refused,
		"x@qa.example.com\r\nRCPT TO:<e@f>":         Refused,
		"x@qa.example.com e@evil.test":              Refused,
		"x@qa.example.com,e@evil.test":              Refused,
		"x@qa.example.com>":                         Refused,
		"<x@qa.example.com>":                        Refused,
		"x@qa\u3002example.com":                     Refused,
		"x@qa\uff0eexample.com":                     Refused,
		"x@qa.exam\u00adple.com":                    Refused,
		"x@qa.exam\u200bple.com":                    Refused,
		"x\u200b@qa.example.com":                    Refused,
		"x\u202ey@qa.example.com":                   Refused,
		`" x"@qa.example.com`:                       Refused,
		`"x:y"@qa.example.com`:                      Refused,
		`"|/bin/sh"@qa.example.com`:                 Refused,
		"x@qa.example.com#evil.test":                Refused,
		"x@qa.example.com/evil.test":                Refused,
		"x@q\u0430.example.com":                     Refused, // Cyrillic a
		"postmaster":                                Refused,
		"":                                          Refused,
		"@qa.example.com":                           Refused,
		"x@":                                        Refused,
		strings.Repeat("x", 65) + "@qa.example.com": Refused,
	} {
		if got := l.Judge(path); got.Outcome != want {
			t.Errorf("%q: %+v, want %s", path, got, want)
		}
	}
	if n := (&Lists{}).Judge("a@b.test"); n.Outcome != Refused {
		t.Errorf("empty lists: %+v", n)
	}
}

// TestPatterns holds that a pattern that could not work is an error.
func TestPatterns(t *testing.T) {
	for _, p := range []string{"", " ", "@", "a@", "a b@x.test", "x..test", "a@x.test\n"} {
		if _, err := New([]string{p}, nil, nil); err == nil && strings.TrimSpace(p) != "a@x.test" {
			t.Errorf("%q compiled", p)
		}
	}
}

// FuzzJudge holds that what may leave is a plain mailbox of an allowed domain.
func FuzzJudge(f *testing.F) {
	l, err := New([]string{"*@qa.example.com"}, nil, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("anna@qa.example.com")
	f.Add(`"a@b"@qa.example.com`)
	f.Add("x@q\u0430.example.com")
	f.Fuzz(func(t *testing.T, path string) {
		if v := l.Judge(path); v.Outcome == Relay && (v.Domain != "qa.example.com" || strings.ContainsAny(path, "\r\n<>%!")) {
			t.Errorf("%q: %+v", path, v)
		}
	})
}
