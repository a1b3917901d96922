package fault

import (
	"sync"
	"testing"
)

func count(s *Set, p Point, f Facts, n int) (pattern string) {
	for range n {
		if s.Match(p, func() Facts { return f }) != nil {
			pattern += "x"
		} else {
			pattern += "."
		}
	}
	return pattern
}

func TestMatch(t *testing.T) {
	busy := Effect{Code: 451}
	anna := Facts{Sandbox: "default", ForwardPath: "Anna@x.test", ReversePath: "a/b@y.test", Client: "[::ffff:10.1.2.3]:4000"}
	for _, tt := range []struct {
		name  string
		rule  Rule
		point Point
		want  string
	}{
		{"always", Rule{Points: []Point{Rcpt}, Effect: busy}, Rcpt, "xxxxx"},
		{"other point", Rule{Points: []Point{Rcpt}, Effect: busy}, Mail, "....."},
		{"the next 2", Rule{Points: []Point{Rcpt}, Times: 2, Effect: busy}, Rcpt, "xx..."},
		{"the third", Rule{Points: []Point{Mail, Rcpt}, Skip: 2, Times: 1, Effect: busy}, Rcpt, "..x.."},
		{"forward-path", Rule{Points: []Point{Rcpt}, ForwardPath: "anna@*", Effect: busy}, Rcpt, "xxxxx"},
		{"other forward-path", Rule{Points: []Point{Rcpt}, ForwardPath: "bob@*", Effect: busy}, Rcpt, "....."},
		{"slash", Rule{Points: []Point{Rcpt}, ReversePath: "a*@y.test", Effect: busy}, Rcpt, "xxxxx"},
		{"prefix", Rule{Points: []Point{Rcpt}, Client: "10.0.0.0/8", Effect: busy}, Rcpt, "xxxxx"},
		{"address", Rule{Points: []Point{Rcpt}, Client: "10.1.2.3", Effect: busy}, Rcpt, "xxxxx"},
		{"other address", Rule{Points: []Point{Rcpt}, Client: "10.1.2.4", Effect: busy}, Rcpt, "....."},
		{"seeded", Rule{ID: "r", Points: []Point{Rcpt}, Chance: 0.5, Seed: 7, Effect: busy}, Rcpt, "x..x."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 { // a rule behaves the same in every run
				var s Set
				if err := s.Replace([]Rule{tt.rule}); err != nil {
					t.Fatal(err)
				}
				if got := count(&s, tt.point, anna, 5); got != tt.want {
					t.Errorf("%s, want %s", got, tt.want)
				}
			}
		})
	}
}

func TestCheck(t *testing.T) {
	for _, r := range []Rule{
		{},
		{Points: []Point{"smtp.nowhere"}, Effect: Effect{Cut: true}},
		{Points: []Point{Rcpt}},
		{Points: []Point{Rcpt}, Effect: Effect{Code: 99}},
		{Points: []Point{Rcpt}, Effect: Effect{Code: 451, Text: "a\r\n250 b"}},
		{Points: []Point{Rcpt}, ForwardPath: "[", Effect: Effect{Cut: true}},
		{Points: []Point{Rcpt}, Client: "x", Effect: Effect{Cut: true}},
		{Points: []Point{Rcpt}, Chance: 1, Effect: Effect{Cut: true}},
	} {
		var s Set
		if err := s.Replace([]Rule{r}); err == nil {
			t.Errorf("%+v is taken", r)
		}
	}
}

func TestReplaceKeepsCounts(t *testing.T) {
	var s Set
	rule := Rule{ID: "a", Points: []Point{Rcpt}, Times: 2, Effect: Effect{Code: 451}}
	s.Replace([]Rule{rule})
	count(&s, Rcpt, Facts{}, 1)
	s.Replace([]Rule{{ID: "b", Points: []Point{Mail}, Effect: Effect{Cut: true}}, rule})
	if got := count(&s, Rcpt, Facts{}, 3); got != "x.." {
		t.Errorf("after a swap: %s", got)
	}
	if st := s.States()[1]; st.Struck != 2 || st.Matched != 4 {
		t.Errorf("%+v", st)
	}
}

func TestTimesHoldsUnderConcurrency(t *testing.T) {
	var s Set
	s.Replace([]Rule{{Points: []Point{Rcpt}, Times: 50, Effect: Effect{Code: 451}}})
	var wg sync.WaitGroup
	hits := make(chan int, 8)
	for range 8 {
		wg.Go(func() {
			n := 0
			for range 100 {
				if s.Match(Rcpt, func() Facts { return Facts{} }) != nil {
					n++
				}
			}
			hits <- n
		})
	}
	wg.Wait()
	close(hits)
	sum := 0
	for n := range hits {
		sum += n
	}
	if sum != 50 {
		t.Errorf("%d struck, want 50", sum)
	}
}

func TestNilSet(t *testing.T) {
	var s *Set
	if s.Match(Rcpt, nil) != nil {
		t.Error("a nil set struck")
	}
}
