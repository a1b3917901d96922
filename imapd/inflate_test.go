package imapd

import (
	"bytes"
	"compress/flate"
	"encoding/hex"
	"io"
	"strings"
	"testing"
)

// A command that was ended by Z_PARTIAL_FLUSH comes out although nothing follows it.
func TestInflatePartialFlush(t *testing.T) {
	// zlib, raw: "3 NAMESPACE\r\n" and Z_PARTIAL_FLUSH (an empty fixed block, not aligned).
	data, err := hex.DecodeString(partiallyFlushed)
	if err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = w.Write(data) }() // and then silence
	buf := make([]byte, 100)
	n, err := newInflater(r).Read(buf)
	if string(buf[:n]) != "3 NAMESPACE\r\n" || err != nil {
		t.Errorf("%q %v", buf[:n], err)
	}
}

const partiallyFlushed = "3256f073f4750d0e707476e5e50208"

func TestInflate(t *testing.T) {
	text := strings.Repeat("FETCH 1:* (UID FLAGS) and so on, ", 5000)
	for level := range 10 {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, level)
		for i := 0; i < len(text); i += 997 {
			_, _ = w.Write([]byte(text[i:min(i+997, len(text))]))
			_ = w.Flush()
		}
		_ = w.Close()
		got, err := io.ReadAll(newInflater(&b))
		if err != nil || string(got) != text {
			t.Errorf("level %d: %d octets, %v", level, len(got), err)
		}
	}
}

// FuzzInflate holds the inflater to compress/flate on any octets.
func FuzzInflate(f *testing.F) {
	for _, level := range []int{0, 1, 9} {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, level)
		_, _ = w.Write([]byte("a1 NOOP\r\na2 FETCH 1:* (FLAGS)\r\na3 NOOP\r\n"))
		_ = w.Close()
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		want, werr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), 1<<20))
		got, gerr := io.ReadAll(io.LimitReader(newInflater(bytes.NewReader(data)), 1<<20))
		if werr == nil && (gerr != nil || !bytes.Equal(got, want)) {
			t.Fatalf("%x: %q %v, want %q", data, got, gerr, want)
		}
		if !bytes.HasPrefix(got, want) && !bytes.HasPrefix(want, got) {
			t.Fatalf("%x: %q, want %q", data, got, want)
		}
	})
}
