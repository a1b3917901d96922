package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
)

// modelled is a message as the plain model knows it.
type modelled struct {
	id, to, raw   string
	seen, flagged bool
	tags          []string
}

// plainModel is what a store should hold: lists of messages, oldest first.
type plainModel struct {
	boxes  map[string][]*modelled
	pruned map[string]int64
	limit  int
}

func (m *plainModel) prune(box string) {
	for len(m.boxes[box]) > m.limit {
		m.boxes[box] = m.boxes[box][1:]
		m.pruned[box]++
	}
}

// TestAgainstModel runs random operations on a store and on the model, reopening
// the file now and then, and compares what both show.
func TestAgainstModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	o := Options{
		Path: filepath.Join(t.TempDir(), "mail.db"), Relaxed: true, SandboxDomain: "catchpost.test",
		DefaultLimits: Limits{Messages: 30}, SandboxLimits: Limits{Messages: 30},
	}
	s := openPlain(t, o)
	defer func() { closeChecked(t, s) }()
	boxes := []string{DefaultSandbox, "one", "two"}
	for _, name := range boxes[1:] {
		if _, _, err := s.CreateSandbox(context.Background(), NewSandbox{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	m := &plainModel{boxes: map[string][]*modelled{}, pruned: map[string]int64{}, limit: 30}
	for step := range 600 {
		box := boxes[rnd.IntN(len(boxes))]
		switch op := rnd.IntN(20); {
		case op < 10:
			modelDeliver(t, s, m, rnd, step)
		case op < 14:
			modelUpdate(t, s, m, rnd, box)
		case op < 17:
			modelDelete(t, s, m, rnd, box)
		case op == 17 && step%3 == 0:
			closeChecked(t, s)
			s = openPlain(t, o)
		default:
			m.compare(t, s, box)
		}
	}
	for _, box := range boxes {
		m.compare(t, s, box)
	}
}

// modelDeliver delivers to one to three sandboxes at once.
func modelDeliver(t *testing.T, s *Store, m *plainModel, rnd *rand.Rand, step int) {
	to := []string{fmt.Sprintf("anna%d@x.test", rnd.IntN(5)), fmt.Sprintf("bo%d@one.catchpost.test", rnd.IntN(3)), "eve+two@x.test"}
	rnd.Shuffle(len(to), func(i, j int) { to[i], to[j] = to[j], to[i] })
	to = to[:1+rnd.IntN(3)]
	raw := order(step)
	for _, got := range deliver(t, s, raw, to...) {
		m.boxes[got.Sandbox] = append(m.boxes[got.Sandbox], &modelled{id: got.ID, to: got.ForwardPaths[0], raw: raw})
		m.prune(got.Sandbox)
	}
}

// some draws some of a box's IDs, and one that is not there.
func (m *plainModel) some(rnd *rand.Rand, box string) []string {
	ids := []string{"000000000000"}
	for _, x := range m.boxes[box] {
		if rnd.IntN(6) == 0 {
			ids = append(ids, x.id)
		}
	}
	return ids
}

func modelUpdate(t *testing.T, s *Store, m *plainModel, rnd *rand.Rand, box string) {
	ids := m.some(rnd, box)
	seen, flagged, tags := rnd.IntN(2) == 0, rnd.IntN(2) == 0, []string{"a", "b"}[:rnd.IntN(3)]
	got, err := s.UpdateMessages(context.Background(), box, ids, nil, StateChange{Seen: &seen, Flagged: &flagged, Tags: &tags})
	want := 0
	for _, x := range m.boxes[box] {
		if slices.Contains(ids, x.id) && (x.seen != seen || x.flagged != flagged || !slices.Equal(x.tags, tags)) {
			x.seen, x.flagged, x.tags = seen, flagged, tags
			want++
		}
	}
	if err != nil || got != want {
		t.Fatalf("changed %d, want %d: %v", got, want, err)
	}
}

func modelDelete(t *testing.T, s *Store, m *plainModel, rnd *rand.Rand, box string) {
	var ids []string
	var gone func(x *modelled) bool
	var got int
	var err error
	if rnd.IntN(2) == 0 {
		ids = m.some(rnd, box)
		gone = func(x *modelled) bool { return slices.Contains(ids, x.id) }
		got, err = s.DeleteMessages(context.Background(), box, ids, nil)
	} else {
		to := fmt.Sprintf("anna%d@x.test", rnd.IntN(5))
		gone = func(x *modelled) bool { return x.to == to && x.seen }
		got, err = s.DeleteMessages(context.Background(), box, nil, parse(t, "seen=true&forward_paths="+to))
	}
	before := len(m.boxes[box])
	m.boxes[box] = slices.DeleteFunc(m.boxes[box], gone)
	if want := before - len(m.boxes[box]); err != nil || got != want {
		t.Fatalf("deleted %d, want %d: %v", got, want, err)
	}
}

// compare walks the box in both orders, page by page, and by some filters.
func (m *plainModel) compare(t *testing.T, s *Store, box string) {
	t.Helper()
	for _, c := range []struct {
		filter string
		keep   func(*modelled) bool
	}{
		{"", func(*modelled) bool { return true }},
		{"seen=true", func(x *modelled) bool { return x.seen }},
		{"flagged=false", func(x *modelled) bool { return !x.flagged }},
		{"tags=b", func(x *modelled) bool { return slices.Contains(x.tags, "b") }},
		{"forward_paths=anna1@x.test", func(x *modelled) bool { return x.to == "anna1@x.test" }},
	} {
		var want []*modelled
		for _, x := range m.boxes[box] {
			if c.keep(x) {
				want = append(want, x)
			}
		}
		m.walk(t, s, Query{Sandbox: box, Filter: parse(t, c.filter), Order: Oldest, Limit: 7}, want)
		slices.Reverse(want)
		m.walk(t, s, Query{Sandbox: box, Filter: parse(t, c.filter), Order: Newest, Limit: 7}, want)
	}
}

func (m *plainModel) walk(t *testing.T, s *Store, q Query, want []*modelled) {
	t.Helper()
	n := 0
	for {
		page, err := s.List(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		// On a machine that stands still for countMost the total is a lower bound.
		right := page.Total == len(want) || !page.TotalExact && page.Total < len(want) && page.Total >= len(page.Messages)
		if !right || page.Pruned != m.pruned[q.Sandbox] {
			t.Fatalf("%s %q: total %d exact %v pruned %d, want %d and %d", q.Sandbox, q.Filter, page.Total, page.TotalExact, page.Pruned, len(want), m.pruned[q.Sandbox])
		}
		for _, got := range page.Messages {
			if n == len(want) || got.ID != want[n].id || got.Seen != want[n].seen || got.Flagged != want[n].flagged || !slices.Equal(got.Tags, want[n].tags) {
				t.Fatalf("%s %q: message %d of %d is %+v", q.Sandbox, q.Filter, n, len(want), got)
			}
			raw, err := s.Raw(context.Background(), got)
			if err != nil || string(raw) != want[n].raw {
				t.Fatalf("octets of %s: %q, %v", got.ID, raw, err)
			}
			n++
		}
		if q.Cursor = page.NextCursor; q.Cursor == "" {
			break
		}
	}
	if n != len(want) {
		t.Fatalf("%s %q: %d messages, want %d", q.Sandbox, q.Filter, n, len(want))
	}
}

func openPlain(t testing.TB, o Options) *Store {
	t.Helper()
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeChecked(t testing.TB, s *Store) {
	t.Helper()
	if err := s.CheckConsistency(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
