package imapd

import (
	"bytes"
	"compress/flate"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"testing/iotest"
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

// What follows the stream passes as it is, however the client ended it: by a sync
// flush, by a final block, by both, or by a partial flush; all at once or octet by octet.
func TestInflateEnd(t *testing.T) {
	const line, behind = "a UNAUTHENTICATE\r\n", "b LOGIN x y\r\nc NOOP\r\n"
	stream := func(level int, end ...func(*flate.Writer) error) string {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, level)
		_, _ = w.Write([]byte(line))
		for _, fn := range end {
			_ = fn(w)
		}
		return b.String()
	}
	partial, _ := hex.DecodeString(partiallyFlushed)
	cases := map[string]string{"partial": string(partial)}
	for _, level := range []int{0, 1, 9} {
		cases["flush"+string(rune('0'+level))] = stream(level, (*flate.Writer).Flush)
		cases["close"+string(rune('0'+level))] = stream(level, (*flate.Writer).Close)
		cases["both"+string(rune('0'+level))] = stream(level, (*flate.Writer).Flush, (*flate.Writer).Close)
	}
	cases["finish"] = stream(9, (*flate.Writer).Flush) + "\x03\x00" // zlib's Z_FINISH
	for name, data := range cases {
		for _, src := range []io.Reader{strings.NewReader(data + behind), iotest.OneByteReader(strings.NewReader(data + behind))} {
			f := newInflater(src)
			got := make([]byte, 0, 100)
			for !bytes.HasSuffix(got, []byte("\n")) {
				n, err := f.Read(got[len(got):cap(got)])
				if got = got[:len(got)+n]; err != nil {
					t.Fatalf("%s: %v after %q", name, err, got)
				}
			}
			f.end()
			rest, err := io.ReadAll(f)
			if string(got) != line && name != "partial" || string(rest) != behind || err != nil {
				t.Errorf("%s: %q, %q %v", name, got, rest, err)
			}
		}
	}
}

// Data in the stream behind its end is an error.
func TestInflateBehindEnd(t *testing.T) {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 9)
	_, _ = w.Write([]byte("a\r\n"))
	_ = w.Flush()
	at := b.Len()
	_, _ = w.Write([]byte("b\r\n"))
	_ = w.Flush()
	data := b.Bytes()
	for data[at] >= ' ' { // it would pass for a command
		t.Skip("the second block begins with a printable octet")
	}
	f := newInflater(bytes.NewReader(data))
	if n, err := f.Read(make([]byte, 100)); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	f.end()
	if rest, err := io.ReadAll(f); err == nil {
		t.Errorf("%q", rest)
	}
}
