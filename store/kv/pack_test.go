package kv

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"
)

// damaged opens a file whose packed bucket was written as rows of a plain one.
func damaged(t *testing.T, rows ...Pair) *Bolt {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kv.db")
	plainly := append([]Schema(nil), testSchema...)
	plainly[packed].Packed = false
	b, err := OpenBolt(path, plainly, BoltOptions{})
	must(t, err)
	must(t, b.Update(func(w Writer) error {
		for _, row := range rows {
			w.Put(packed, row.Key, row.Value)
		}
		return nil
	}))
	must(t, b.Close())
	b, err = OpenBolt(path, testSchema, BoltOptions{})
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	return b
}

// TestDamagedPack reads what is no pack: that is the error, whatever the function
// made of it.
func TestDamagedPack(t *testing.T) {
	b := damaged(t, Pair{[]byte("a"), []byte("junk")})
	missing := errors.New("missing")
	for name, err := range map[string]error{
		"view": b.View(func(r Reader) error {
			if r.Get(packed, []byte("a")) == nil {
				return missing
			}
			return nil
		}),
		"update": b.Update(func(w Writer) error {
			if w.Get(packed, []byte("a")) == nil {
				return missing
			}
			return nil
		}),
		"check": b.Check(),
	} {
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCheckFindsHiddenRows has a pack reach beyond the next one's key.
func TestCheckFindsHiddenRows(t *testing.T) {
	row := func(keys ...string) []byte {
		var rows []Pair
		for _, k := range keys {
			rows = append(rows, Pair{[]byte(k), []byte("1")})
		}
		return appendPack(nil, rows)
	}
	for _, c := range []struct {
		rows []Pair
		want error
	}{
		{[]Pair{{[]byte("a"), row("a", "j")}, {[]byte("k"), row("z")}}, nil},
		{[]Pair{{[]byte("a"), row("a", "m")}, {[]byte("k"), row("z")}}, ErrCorrupt},
		{[]Pair{{[]byte("b"), row("a", "c")}}, ErrCorrupt},
	} {
		if err := damaged(t, c.rows...).Check(); !errors.Is(err, c.want) {
			t.Errorf("%q: %v", c.rows, err)
		}
	}
}

// FuzzPack opens damaged packs: they are refused, or every row can be read.
func FuzzPack(f *testing.F) {
	f.Add(appendPack(nil, []Pair{{[]byte("a"), []byte("1")}}))
	f.Add(appendPack(nil, []Pair{{[]byte("a"), nil}, {[]byte("b"), []byte("two")}, {[]byte("cc"), []byte("3")}}))
	f.Add([]byte{0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1})
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := openPack(b)
		if err != nil {
			return
		}
		rows := make([]Pair, p.count())
		for i := range rows {
			rows[i] = Pair{p.key(i), p.value(i)}
			p.search(rows[i].Key)
		}
		if again := appendPack(nil, rows); !bytes.Equal(again, b) {
			t.Errorf("%x was read as %x", b, again)
		}
	})
}
