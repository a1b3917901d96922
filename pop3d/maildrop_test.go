package pop3d

import (
	"strings"
	"testing"
)

// The octets announced are those sent, dots not counted.
func TestSentOctets(t *testing.T) {
	for _, raw := range []string{"", "a\r\n", "a", "a\n", "a\nb\r\nc", ".a\r\n..\r\n", "\r", "a\r", "a\rb\n", "\n", "a\r\r\n"} {
		sent := string(appendMultiline(nil, []byte(raw)))
		body := strings.TrimSuffix(sent, ".\r\n")
		stuffed := 0
		for _, l := range strings.Split(body, "\r\n") {
			if strings.HasPrefix(l, ".") {
				stuffed++
			}
		}
		if got := sentOctets([]byte(raw)); got != int64(len(body)-stuffed) {
			t.Errorf("%q: counted %d, sent %d", raw, got, len(body)-stuffed)
		}
	}
}

func TestTop(t *testing.T) {
	msg := "A: 1\r\nB: 2\r\n\r\none\r\ntwo\r\n"
	for n, want := range map[int]string{0: "A: 1\r\nB: 2\r\n\r\n", 1: "A: 1\r\nB: 2\r\n\r\none\r\n", 9: msg} {
		if got := string(top([]byte(msg), n)); got != want {
			t.Errorf("%d lines: %q", n, got)
		}
	}
	if got := string(top([]byte("A: 1"), 0)); got != "A: 1" {
		t.Errorf("no body: %q", got)
	}
}
