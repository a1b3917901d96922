package kv

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	plain Bucket = iota
	ascending
	packed
)

var testSchema = []Schema{plain: {Name: "plain"}, ascending: {Name: "ascending", Ascending: true}, packed: {Name: "packed", Packed: true}}

// eachBucket runs a test on every engine and on both kinds of bucket that keep
// rows in their own way.
func eachBucket(t *testing.T, fn func(t *testing.T, e Engine, b Bucket)) {
	for _, b := range []Bucket{ascending, packed} {
		t.Run(testSchema[b].Name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, e Engine) { fn(t, e, b) })
		})
	}
}

// engines are all engines; each passes the same tests.
var engines = map[string]func(tb testing.TB) Engine{
	"bolt":      func(tb testing.TB) Engine { return openBoltForTest(tb, BoltOptions{}) },
	"relaxed":   func(tb testing.TB) Engine { return openBoltForTest(tb, BoltOptions{Relaxed: true}) },
	"memory":    func(tb testing.TB) Engine { return NewMemory(testSchema) },
	"forgetful": func(tb testing.TB) Engine { return NewForgetful(testSchema, &Power{}, false) },
}

func openBoltForTest(tb testing.TB, o BoltOptions) *Bolt {
	tb.Helper()
	b, err := OpenBolt(filepath.Join(tb.TempDir(), "kv.db"), testSchema, o)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func eachEngine(t *testing.T, fn func(t *testing.T, e Engine)) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			e := open(t)
			fn(t, e)
			if err := errors.Join(e.Check(), e.Close()); err != nil {
				t.Error(err)
			}
			if err := e.View(func(Reader) error { return nil }); !errors.Is(err, ErrClosed) {
				t.Errorf("view after close: %v", err)
			}
		})
	}
}

func pairs(r Reader, b Bucket, from, to string, limit int, reverse bool) (keys []string) {
	bound := func(s string) []byte {
		if s == "" {
			return nil
		}
		return []byte(s)
	}
	for k, v := range r.Scan(b, bound(from), bound(to), limit, reverse) {
		keys = append(keys, string(k)+"="+string(v))
	}
	return keys
}

func TestScan(t *testing.T) {
	eachBucket(t, func(t *testing.T, e Engine, b Bucket) {
		must(t, e.Update(func(w Writer) error {
			for _, k := range []string{"d", "b", "a", "c"} {
				w.Put(b, []byte(k), []byte("1"))
			}
			return nil
		}))
		for _, c := range []struct {
			from, to string
			limit    int
			reverse  bool
			want     []string
		}{
			{"", "", 0, false, []string{"a=1", "b=1", "c=1", "d=1"}},
			{"", "", 0, true, []string{"d=1", "c=1", "b=1", "a=1"}},
			{"b", "d", 0, false, []string{"b=1", "c=1"}},
			{"b", "d", 0, true, []string{"c=1", "b=1"}},
			{"", "", 1, false, []string{"a=1"}},
			{"", "", 1, true, []string{"d=1"}},
			{"bb", "x", 0, false, []string{"c=1", "d=1"}},
			{"", "bb", 2, true, []string{"b=1", "a=1"}},
			{"x", "", 0, false, nil},
			{"", "a", 0, true, nil},
			{"a", "a", 0, false, nil},
		} {
			must(t, e.View(func(r Reader) error {
				if d := cmp.Diff(c.want, pairs(r, b, c.from, c.to, c.limit, c.reverse)); d != "" {
					t.Errorf("scan %q to %q limit %d reverse %v: %s", c.from, c.to, c.limit, c.reverse, d)
				}
				return nil
			}))
		}
	})
}

func TestUpdateRollsBack(t *testing.T) {
	boom := errors.New("boom")
	eachEngine(t, func(t *testing.T, e Engine) {
		must(t, e.Update(func(w Writer) error { w.Put(plain, []byte("k"), []byte("old")); return nil }))
		err := e.Update(func(w Writer) error {
			w.Put(plain, []byte("k"), []byte("new"))
			w.Put(ascending, []byte("x"), []byte("y"))
			if got := w.Get(plain, []byte("k")); string(got) != "new" {
				t.Errorf("a writer reads %q of its own write", got)
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		must(t, e.View(func(r Reader) error {
			got := r.MultiGet(plain, [][]byte{[]byte("k"), []byte("none")})
			if string(got[0]) != "old" || got[1] != nil || r.Get(ascending, []byte("x")) != nil {
				t.Errorf("after a rollback: %q", got)
			}
			return nil
		}))
	})
}

func TestBadKeyFailsTheUpdate(t *testing.T) {
	b := openBoltForTest(t, BoltOptions{})
	defer b.Close()
	if err := b.Update(func(w Writer) error { w.Put(plain, nil, []byte("v")); return nil }); err == nil {
		t.Error("an empty key was taken")
	}
}

func TestCounter(t *testing.T) {
	eachEngine(t, func(t *testing.T, e Engine) {
		must(t, e.Update(func(w Writer) error {
			if a, b := w.Add(plain, []byte("n"), 5), w.Add(plain, []byte("n"), -2); a != 5 || b != 3 {
				t.Errorf("sums %d, %d", a, b)
			}
			return nil
		}))
		must(t, e.View(func(r Reader) error {
			if n := Counter(r.Get(plain, []byte("n"))); n != 3 {
				t.Errorf("counter %d", n)
			}
			return nil
		}))
	})
}

func TestReadersKeepTheirState(t *testing.T) {
	eachEngine(t, func(t *testing.T, e Engine) {
		must(t, e.Update(func(w Writer) error { w.Put(plain, []byte("k"), []byte("1")); return nil }))
		var writing sync.WaitGroup
		must(t, e.View(func(r Reader) error {
			writing.Go(func() {
				must(t, e.Update(func(w Writer) error { w.Put(plain, []byte("k"), []byte("2")); return nil }))
			})
			writing.Wait()
			if got := r.Get(plain, []byte("k")); string(got) != "1" {
				t.Errorf("a reader saw %q", got)
			}
			return nil
		}))
	})
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, b, 0o600))
		return path
	}
	good := filepath.Join(dir, "good.db")
	b, err := OpenBolt(good, testSchema, BoltOptions{})
	must(t, err)
	if _, err := OpenBolt(good, testSchema, BoltOptions{}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second open: %v", err)
	}
	must(t, b.Update(func(w Writer) error {
		for i := range 2000 {
			w.Put(plain, fmt.Appendf(nil, "%06d", i), bytes.Repeat([]byte("x"), 40))
		}
		return nil
	}))
	must(t, b.Close())
	octets, err := os.ReadFile(good)
	must(t, err)
	broken := slices.Clone(octets)
	for i := 24; i < 60; i++ { // both meta pages, behind the magic number
		broken[i] ^= 0xFF
		broken[4096+i] ^= 0xFF
	}
	pages := slices.Clone(octets) // all but the meta pages
	for i := 2 * 4096; i < len(pages); i += 4096 {
		copy(pages[i:], bytes.Repeat([]byte{0xFF}, 64))
	}
	keys := bytes.ReplaceAll(octets, []byte("000500"), []byte("999999"))
	for _, c := range []struct {
		path string
		want error
	}{
		{write("pages", pages), ErrCorrupt},
		{write("keys", keys), ErrCorrupt},
		{write("cut later", octets[:5*4096]), ErrCorrupt},
		{write("foreign", bytes.Repeat([]byte("From a@b.test\n"), 2000)), ErrForeign},
		{write("short", []byte("hello")), ErrForeign},
		{write("cut", octets[:6000]), ErrCorrupt},
		{write("broken", broken), ErrCorrupt},
	} {
		b, err := OpenBolt(c.path, testSchema, BoltOptions{})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", filepath.Base(c.path), err, c.want)
		}
		if err == nil {
			must(t, b.Close())
		}
	}
	if os.Getuid() != 0 {
		ro := filepath.Join(dir, "ro")
		must(t, os.Mkdir(ro, 0o500))
		if _, err := OpenBolt(filepath.Join(ro, "x.db"), testSchema, BoltOptions{}); !errors.Is(err, ErrReadOnly) {
			t.Errorf("a read-only folder: %v", err)
		}
	}
}

func TestForgetful(t *testing.T) {
	power := &Power{}
	e := NewForgetful(testSchema, power, true)
	must(t, e.Update(func(w Writer) error { w.Put(plain, []byte("a"), []byte("1")); return nil }))
	must(t, e.Sync())
	must(t, e.Update(func(w Writer) error { w.Put(plain, []byte("b"), []byte("1")); return nil }))
	power.Cut()
	if err := e.Sync(); !errors.Is(err, ErrNoPower) {
		t.Errorf("sync without power: %v", err)
	}
	must(t, e.Restart(&Power{}).View(func(r Reader) error {
		if d := cmp.Diff([]string{"a=1"}, pairs(r, plain, "", "", 0, false)); d != "" {
			t.Error(d)
		}
		return nil
	}))
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// TestCompact compacts while a writer goes on and a reader stays.
func TestCompact(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kv.db")
	b, err := OpenBolt(path, testSchema, BoltOptions{})
	must(t, err)
	key := func(n int) []byte { return fmt.Appendf(nil, "%06d", n) }
	for from := 0; from < 5000; from += 1000 {
		must(t, b.Update(func(w Writer) error {
			for n := from; n < from+1000; n++ {
				w.Put(ascending, key(n), bytes.Repeat([]byte{byte(n)}, 2000))
			}
			return nil
		}))
	}
	must(t, b.Update(func(w Writer) error { w.DeleteRange(ascending, key(0), key(4000)); return nil }))
	must(t, b.Update(func(w Writer) error { w.Put(plain, []byte("x"), []byte("1")); return nil }))
	before, err := b.Stats()
	must(t, err)
	if before.Free < before.Size/2 {
		t.Errorf("little is free: %+v", before)
	}
	stop := make(chan struct{})
	var writing, reading sync.WaitGroup
	written := 0
	started := make(chan struct{})
	writing.Go(func() {
		for ; ; written++ {
			if written == 1 {
				close(started)
			}
			select {
			case <-stop:
				return
			default:
				must(t, b.Update(func(w Writer) error {
					w.Put(plain, key(written), []byte("v"))
					w.Delete(ascending, key(4000+written%500))
					return nil
				}))
			}
		}
	})
	<-started
	opened, release := make(chan struct{}), make(chan struct{})
	reading.Go(func() {
		must(t, b.View(func(r Reader) error {
			close(opened)
			<-release
			if string(r.Get(plain, []byte("x"))) != "1" {
				t.Error("a reader lost its state")
			}
			return nil
		}))
	})
	<-opened
	must(t, b.Compact(t.Context()))
	close(stop)
	close(release)
	writing.Wait()
	reading.Wait()
	check := func(b *Bolt) {
		must(t, b.View(func(r Reader) error {
			if n := len(pairs(r, plain, "", "", 0, false)); n != written+1 {
				t.Errorf("%d keys, written %d", n, written+1)
			}
			if n, want := len(pairs(r, ascending, "", "", 0, false)), 1000-min(written, 500); n != want {
				t.Errorf("%d of the old keys, want %d", n, want)
			}
			return nil
		}))
		must(t, b.Check())
	}
	check(b)
	after, err := b.Stats()
	must(t, err)
	if after.Size > before.Size*2/3 {
		t.Errorf("%d octets after, %d before", after.Size, before.Size)
	}
	must(t, b.Close())
	if _, err := os.Stat(path + compactSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary file: %v", err)
	}
	b, err = OpenBolt(path, testSchema, BoltOptions{})
	must(t, err)
	check(b)
	must(t, b.Close())
}

// TestValueLengths puts short and long values over each other: a long one is kept
// apart from its neighbours, which nobody may notice.
func TestValueLengths(t *testing.T) {
	lengths := []int{0, 10, alone, alone + 1, 100 << 10}
	value := func(n int) []byte { return bytes.Repeat([]byte{byte(n%251 + 1)}, n) }
	eachBucket(t, func(t *testing.T, e Engine, b Bucket) {
		key := func(i, j int) []byte { return fmt.Appendf(nil, "%d-%d", i, j) }
		for i, before := range lengths {
			for j, after := range lengths {
				must(t, e.Update(func(w Writer) error { w.Put(b, key(i, j), value(before)); return nil }))
				must(t, e.Update(func(w Writer) error {
					w.Put(b, key(i, j), value(after))
					if got := w.Get(b, key(i, j)); !bytes.Equal(got, value(after)) {
						t.Errorf("%d over %d: the writer reads %d octets", after, before, len(got))
					}
					return nil
				}))
			}
		}
		check := func() {
			must(t, e.View(func(r Reader) error {
				for i := range lengths {
					for j, after := range lengths {
						if got := r.Get(b, key(i, j)); !bytes.Equal(got, value(after)) {
							t.Errorf("%s: %d octets, not %d", key(i, j), len(got), after)
						}
					}
				}
				for _, reverse := range []bool{false, true} {
					n := 0
					for k, v := range r.Scan(b, nil, nil, 0, reverse) {
						if want := value(lengths[k[2]-'0']); !bytes.Equal(v, want) {
							t.Errorf("scan: %s has %d octets, not %d", k, len(v), len(want))
						}
						n++
					}
					if n != len(lengths)*len(lengths) {
						t.Errorf("scan yields %d pairs", n)
					}
				}
				return nil
			}))
		}
		check()
		if c, ok := e.(Compactor); ok {
			must(t, c.Compact(t.Context()))
			check()
			must(t, verify(e.(*Bolt).path+".copy", BoltOptions{})) // there is none
			octets, err := os.ReadFile(e.(*Bolt).path)
			must(t, err)
			must(t, os.WriteFile(e.(*Bolt).path+".copy", octets, 0o600))
			must(t, verify(e.(*Bolt).path+".copy", BoltOptions{}))
		}
		must(t, e.Update(func(w Writer) error {
			w.Delete(b, key(0, 4))
			w.DeleteRange(b, nil, nil)
			return nil
		}))
		must(t, e.View(func(r Reader) error {
			if left := pairs(r, b, "", "", 0, false); len(left) > 0 {
				t.Errorf("%d pairs are left", len(left))
			}
			return nil
		}))
	})
}
