package kv

import (
	"bytes"
	"testing"
)

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
