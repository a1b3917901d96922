package line

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestData(t *testing.T) {
	for _, tt := range []struct {
		name, wire, want, rest string
		bareLF, bareCR         int64
	}{
		{name: "empty", wire: ".\r\n", rest: ""},
		{name: "one line", wire: "a\r\n.\r\n", want: "a\r\n"},
		{name: "pipelined", wire: "a\r\n.\r\nQUIT\r\n", want: "a\r\n", rest: "QUIT\r\n"},
		{name: "stuffed", wire: "..a\r\n...\r\n.\r\n", want: ".a\r\n..\r\n"},
		{name: "dot and text", wire: ".a\r\n.\r\n", want: "a\r\n"},
		{name: "LF dot LF", wire: "a\n.\nMAIL\r\n.\r\n", want: "a\n.\nMAIL\r\n", bareLF: 2},
		{name: "LF dot CRLF", wire: "a\n.\r\nMAIL\r\n.\r\n", want: "a\n.\r\nMAIL\r\n", bareLF: 1},
		{name: "CRLF dot LF", wire: "a\r\n.\nMAIL\r\n.\r\n", want: "a\r\n\nMAIL\r\n", bareLF: 1},
		{name: "CR dot CR", wire: "a\r.\rMAIL\r\n.\r\n", want: "a\r.\rMAIL\r\n", bareCR: 2},
		{name: "CRLF dot CR", wire: "a\r\n.\rMAIL\r\n.\r\n", want: "a\r\n\rMAIL\r\n", bareCR: 1},
		{name: "CR LF dot CR CR LF", wire: "a\r\n.\r\r\nMAIL\r\n.\r\n", want: "a\r\n\r\r\nMAIL\r\n", bareCR: 1},
		{name: "CR CRLF dot CRLF", wire: "a\r\r\n.\r\n", want: "a\r\r\n", bareCR: 1},
		{name: "NUL", wire: "\x00\r\n.\r\n", want: "\x00\r\n"},
		{name: "LF at start", wire: "\n\r\n.\r\n", want: "\n\r\n", bareLF: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, src := range []io.Reader{strings.NewReader(tt.wire), iotest.OneByteReader(strings.NewReader(tt.wire))} {
				r := NewReader(src)
				var got bytes.Buffer
				d, err := r.Data(&got)
				rest, _ := io.ReadAll(r)
				if err != nil || got.String() != tt.want || string(rest) != tt.rest {
					t.Errorf("got %q rest %q err %v, want %q rest %q", got.String(), rest, err, tt.want, tt.rest)
				}
				if d.Size != int64(len(tt.want)) || d.BareLF != tt.bareLF || d.BareCR != tt.bareCR {
					t.Errorf("%+v, want bare LF %d, bare CR %d", d, tt.bareLF, tt.bareCR)
				}
			}
		})
	}
}

func TestDataEndsEarly(t *testing.T) {
	for _, wire := range []string{"", ".", ".\r", "a\r\n.", "a\r\n.\r", "a\r\n.\n", "a\n.\n"} {
		if _, err := NewReader(strings.NewReader(wire)).Data(io.Discard); err != io.ErrUnexpectedEOF {
			t.Errorf("%q: %v", wire, err)
		}
	}
}

type refusing struct{ after int }

func (w *refusing) Write(p []byte) (int, error) {
	if w.after -= len(p); w.after < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestRefusedDataStaysInStep(t *testing.T) {
	r := NewReader(strings.NewReader(strings.Repeat("x\r\n", 100_000) + ".\r\nNOOP\r\n"))
	d, err := r.Data(&refusing{after: 10})
	if err != nil || d.Refused == nil || d.Size != 300_000 {
		t.Fatalf("%+v %v", d, err)
	}
	if l, err := r.ReadLine(512); err != nil || string(l.Text) != "NOOP" {
		t.Errorf("%q %v", l.Text, err)
	}
}

// FuzzData holds that unstuffing undoes stuffing however the octets arrive, and
// that the counts of bare CR and LF are those of a plain scan.
func FuzzData(f *testing.F) {
	for _, s := range []string{"", ".", "\r\n.\r\n", "a\n.\nb", "..\r\n", "a\r\n.\rb", "\r\r\n.", "x\r\n.\n.\r\n"} {
		f.Add([]byte(s), uint8(1), []byte("NOOP\r\n"))
	}
	f.Fuzz(func(t *testing.T, data []byte, step uint8, rest []byte) {
		want := data
		if len(data) > 0 && !bytes.HasSuffix(data, []byte("\r\n")) {
			want = append(bytes.Clone(data), "\r\n"...)
		}
		wire := append(AppendStuffed(nil, data), rest...)
		var got bytes.Buffer
		u := NewUnstuffer(&got)
		at, done := 0, false
		for !done && at < len(wire) {
			var n int
			n, done = u.Unstuff(wire[at:min(len(wire), at+int(step)+1)])
			at += n
		}
		if !done || !bytes.Equal(wire[at:], rest) || !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("done %v, got %q rest %q", done, got.Bytes(), wire[at:])
		}
		checkCounts(t, u.Data, want)
	})
}

func checkCounts(t *testing.T, d Data, data []byte) {
	t.Helper()
	want := Data{Size: int64(len(data)), FirstBareLF: -1, FirstBareCR: -1}
	for i, c := range data {
		switch {
		case c == '\n' && (i == 0 || data[i-1] != '\r'):
			if want.BareLF++; want.FirstBareLF < 0 {
				want.FirstBareLF = int64(i)
			}
		case c == '\r' && (i == len(data)-1 || data[i+1] != '\n'):
			if want.BareCR++; want.FirstBareCR < 0 {
				want.FirstBareCR = int64(i)
			}
		}
	}
	if d != want {
		t.Errorf("counts of %q: %+v, want %+v", data, d, want)
	}
}

// FuzzUnstuff feeds arbitrary octets: the end is found exactly at the first
// CRLF "." CRLF, or at a leading "." CRLF.
func FuzzUnstuff(f *testing.F) {
	for _, s := range []string{"\n.\n\r\n.\r\n", "\r\n.\r\r\n.\r\n", ".\r\n", "\r\n.\n\r\n.\r\n"} {
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, wire []byte, step uint8) {
		want := bytes.Index(append([]byte("\r\n"), wire...), []byte("\r\n.\r\n"))
		u := NewUnstuffer(io.Discard)
		at, done := 0, false
		for !done && at < len(wire) {
			var n int
			n, done = u.Unstuff(wire[at:min(len(wire), at+int(step)+1)])
			at += n
		}
		if done != (want >= 0) || done && at != want+3 {
			t.Fatalf("%q: ended %v at %d, want %d", wire, done, at, want+3)
		}
	})
}

func BenchmarkData(b *testing.B) {
	body := bytes.Repeat([]byte(strings.Repeat("x", 76)+"\r\n"), 1<<20/78)
	wire := AppendStuffed(nil, body)
	src := bytes.NewReader(nil)
	b.SetBytes(int64(len(wire)))
	for b.Loop() {
		src.Reset(wire)
		r := NewReader(src)
		if _, err := r.Data(io.Discard); err != nil {
			b.Fatal(err)
		}
		r.Release()
	}
}
