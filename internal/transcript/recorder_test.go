package transcript

import (
	"fmt"
	"strings"
	"testing"
)

func script(r *Recorder) string {
	var b strings.Builder
	for _, l := range r.Lines() {
		fmt.Fprintf(&b, "%s %s", l.Direction, l.Text)
		if l.Injected {
			b.WriteString(" (injected)")
		}
		if l.MessageID != "" {
			b.WriteString(" #" + l.MessageID)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestRecorder(t *testing.T) {
	var r Recorder
	r.Server([]byte("220 hi\r\n"))
	r.Client([]byte("AUTH PLAIN AGEAYg=="), 11)
	r.Server([]byte("250-a\r\n250"))
	r.Server([]byte(" b\r"))
	r.Server([]byte("\n"))
	r.Client([]byte("NUL \x00 \xff é"), -1)
	r.Elide(10, "mail data")
	r.Elide(20, "mail data")
	r.Inject(true)
	r.Server([]byte("451 no\r\n"))
	r.Inject(false)
	r.Message("abc")
	r.Server([]byte("250 ok\r\n"))
	r.Remark("TLS %s", "1.3")
	r.Client([]byte(strings.Repeat("x", 3000)), -1)
	want := "S 220 hi\nC AUTH PLAIN ********\nS 250-a\nS 250 b\nC NUL \\x00 \\xff é\n" +
		"* 30 octets of mail data\nS 451 no (injected)\nS 250 ok #abc\n* TLS 1.3\nC " +
		strings.Repeat("x", 2000) + " … (3000 octets)\n"
	if got := script(&r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRecorderIsBounded(t *testing.T) {
	var r Recorder
	r.Server([]byte("220 opening\r\n"))
	for i := range 100_000 {
		r.Client(fmt.Appendf(nil, "NOOP %d", i), -1)
	}
	if r.size > DefaultLimit || !r.Truncated() {
		t.Errorf("%d octets, truncated %v", r.size, r.Truncated())
	}
	lines := r.Lines()
	if lines[0].Text != "220 opening" || lines[len(lines)-1].Text != "NOOP 99999" {
		t.Errorf("from %q to %q", lines[0].Text, lines[len(lines)-1].Text)
	}
}

func TestOfMessage(t *testing.T) {
	var r Recorder
	for _, s := range []string{"EHLO a", "MAIL FROM:<1@x>", "=1", "MAIL FROM:<2@x>", "RSET", "mail FROM:<3@x>", "=3", "QUIT"} {
		if id, ok := strings.CutPrefix(s, "="); ok {
			r.RemarkMessage(id+"b", "also")
			r.Message(id)
			r.Server([]byte("250 ok\r\n"))
			continue
		}
		r.Client([]byte(s), -1)
	}
	for id, want := range map[string]string{"1": "EHLO a|MAIL FROM:<1@x>|also|250 ok", "1b": "EHLO a|MAIL FROM:<1@x>|also|250 ok", "3": "EHLO a|mail FROM:<3@x>|also|250 ok", "none": ""} {
		var got []string
		for _, l := range OfMessage(r.Lines(), id) {
			got = append(got, l.Text)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

func BenchmarkRecorder(b *testing.B) {
	var r Recorder
	l := []byte("RCPT TO:<anna@x.test>")
	for b.Loop() {
		r.Client(l, -1)
	}
}
