package line

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadLine(t *testing.T) {
	type result struct {
		text   string
		bareLF bool
		bareCR int
		err    error
	}
	long := strings.Repeat("x", 3000)
	for _, tt := range []struct {
		name, in string
		want     []result
	}{
		{"CRLF", "a\r\nb\r\n", []result{{"a", false, -1, nil}, {"b", false, -1, nil}, {"", false, -1, io.EOF}}},
		{"bare LF", "a\nb\r\n", []result{{"a", true, -1, nil}, {"b", false, -1, nil}}},
		{"bare CR", "a\rb\r\n", []result{{"a\rb", false, 1, nil}}},
		{"CR CR LF", "a\r\r\n", []result{{"a\r", false, 1, nil}}},
		{"empty", "\r\n", []result{{"", false, -1, nil}}},
		{"cut", "ab", []result{{"ab", false, -1, io.ErrUnexpectedEOF}}},
		{"at the limit", long[:1022] + "\r\nb\r\n", []result{{long[:1022], false, -1, nil}, {"b", false, -1, nil}}},
		{"over the limit", long[:1023] + "\r\nb\r\n", []result{{"", false, -1, ErrTooLong}, {"b", false, -1, nil}}},
		{"far over the limit", long + "\r\nb\r\n", []result{{"", false, -1, ErrTooLong}, {"b", false, -1, nil}}},
		{"without an end", strings.Repeat("x", maxSkip+9000), []result{{"", false, -1, ErrUnending}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, src := range []io.Reader{strings.NewReader(tt.in), iotest.HalfReader(strings.NewReader(tt.in)), iotest.DataErrReader(strings.NewReader(tt.in))} {
				r := NewReader(src)
				for i, want := range tt.want {
					l, err := r.ReadLine(1024)
					if string(l.Text) != want.text || l.BareLF != want.bareLF || l.BareCR != want.bareCR || err != want.err {
						t.Errorf("line %d: %.20q %v %d %v, want %+v", i, l.Text, l.BareLF, l.BareCR, err, want)
					}
				}
			}
		})
	}
}

func TestHasLine(t *testing.T) {
	r := NewReader(strings.NewReader("MAIL\r\nRCPT\r\nDA"))
	if r.HasLine() {
		t.Error("a line before anything was read")
	}
	r.ReadLine(512)
	if !r.HasLine() {
		t.Error("RCPT does not wait")
	}
	r.ReadLine(512)
	if r.HasLine() || r.Buffered() != 2 {
		t.Errorf("half a line counts as one; %d buffered", r.Buffered())
	}
}

func TestCopyN(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 30_000)
	r := NewReader(iotest.HalfReader(strings.NewReader("BDAT\r\n" + string(body) + "NOOP\r\n")))
	r.ReadLine(512)
	var got bytes.Buffer
	if refused, err := r.CopyN(&got, int64(len(body))); refused != nil || err != nil || !bytes.Equal(got.Bytes(), body) {
		t.Fatalf("%d octets, %v, %v", got.Len(), refused, err)
	}
	if l, err := r.ReadLine(512); string(l.Text) != "NOOP" || err != nil {
		t.Errorf("%q %v", l.Text, err)
	}
	if _, err := r.CopyN(io.Discard, 1); err != io.ErrUnexpectedEOF {
		t.Errorf("past the end: %v", err)
	}
}

func TestIdleReaderIsSmall(t *testing.T) {
	r := NewReader(strings.NewReader("a\r\n"))
	r.CopyN(io.Discard, 1)
	r.ReadLine(512)
	r.Idle()
	if r.big != nil || cap(r.buf) > smallSize {
		t.Errorf("an idle reader holds %d octets", cap(r.buf))
	}
}

func FuzzReadLine(f *testing.F) {
	f.Add([]byte("EHLO a\r\nMAIL\n\rx\r\r\n"), uint8(3))
	f.Fuzz(func(t *testing.T, in []byte, step uint8) {
		r := NewReader(&stepReader{in, int(step) + 1})
		for _, part := range bytes.SplitAfter(in, []byte("\n")) {
			l, err := r.ReadLine(64)
			switch {
			case len(part) > 64 && bytes.HasSuffix(part, []byte("\n")):
				if err != ErrTooLong {
					t.Fatalf("%q: %v", part, err)
				}
			case bytes.HasSuffix(part, []byte("\n")):
				end := "\r\n"
				if l.BareLF {
					end = "\n"
				}
				if err != nil || string(l.Text)+end != string(part) {
					t.Fatalf("%q: %q %v", part, l.Text, err)
				}
			default:
				if err == nil {
					t.Fatalf("%q: a line without an end", part)
				}
				return
			}
		}
	})
}

type stepReader struct {
	b    []byte
	step int
}

func (r *stepReader) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.b[:min(r.step, len(r.b))])
	r.b = r.b[n:]
	return n, nil
}
