package kv

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestAgainstModel runs random operations on every engine and on a map. Keys
// mostly come in ascending order, as they do in the store.
func TestAgainstModel(t *testing.T) {
	eachBucket(t, func(t *testing.T, e Engine, b Bucket) {
		m := model{rnd: rand.New(rand.NewPCG(1, 2)), b: b, rows: map[string]string{}}
		for range 80 {
			must(t, e.Update(func(w Writer) error {
				for range m.rnd.IntN(40) {
					m.change(w)
					m.compare(t, w, 1)
				}
				return nil
			}))
			must(t, e.View(func(r Reader) error { m.compare(t, r, 20); return nil }))
			must(t, e.Check())
		}
		if c, ok := e.(Compactor); ok {
			must(t, c.Compact(t.Context()))
			must(t, e.View(func(r Reader) error { m.compare(t, r, 50); return nil }))
		}
	})
}

// model is what a bucket should hold.
type model struct {
	rnd  *rand.Rand
	b    Bucket
	rows map[string]string
	next int // the key to be put next in ascending order
}

func (m *model) key() string { return fmt.Sprintf("%04d", m.rnd.IntN(m.next+10)) }

func (m *model) change(w Writer) {
	k := m.key()
	switch m.rnd.IntN(10) {
	case 0, 1:
		w.Delete(m.b, []byte(k))
		delete(m.rows, k)
	case 2:
		to := m.key()
		if k > to || m.rnd.IntN(4) > 0 {
			return
		}
		w.DeleteRange(m.b, []byte(k), []byte(to))
		for row := range m.rows {
			if row >= k && row < to {
				delete(m.rows, row)
			}
		}
	case 3:
		m.put(w, k)
	default:
		m.next++
		m.put(w, fmt.Sprintf("%04d", m.next))
	}
}

func (m *model) put(w Writer, k string) {
	v := fmt.Sprintf("v%d", m.rnd.Int())
	if m.rnd.IntN(8) == 0 {
		v = strings.Repeat(v, m.rnd.IntN(4000))
	}
	w.Put(m.b, []byte(k), []byte(v))
	m.rows[k] = v
}

// compare reads single keys and ranges both ways.
func (m *model) compare(t *testing.T, r Reader, times int) {
	t.Helper()
	for range times {
		k := m.key()
		if got, want := string(r.Get(m.b, []byte(k))), m.rows[k]; got != want {
			t.Fatalf("get %s: %d octets, not %d", k, len(got), len(want))
		}
	}
	from, to, limit, reverse := m.key(), m.key(), m.rnd.IntN(20), m.rnd.IntN(2) == 0
	if m.rnd.IntN(3) == 0 {
		from = ""
	}
	if m.rnd.IntN(3) == 0 {
		to = ""
	}
	var want []string
	for _, k := range slices.Sorted(maps.Keys(m.rows)) {
		if k >= from && (to == "" || k < to) {
			want = append(want, k+"="+m.rows[k])
		}
	}
	if reverse {
		slices.Reverse(want)
	}
	if limit > 0 {
		want = want[:min(limit, len(want))]
	}
	if got := pairs(r, m.b, from, to, limit, reverse); !slices.Equal(got, want) {
		t.Fatalf("scan %q to %q limit %d reverse %v: %d rows, not %d", from, to, limit, reverse, len(got), len(want))
	}
}
