package imapd

import (
	"strings"
	"testing"

	"github.com/catchpost/catchpost/store/storetest"
)

// The message that URLs make is bounded, and so is what is read for them.
func TestCatenateBounds(t *testing.T) {
	st := openStore(t)
	for range 2 {
		storetest.Deliver(t, st, "Subject: x\r\n\r\n"+strings.Repeat("x", 66), user) // 80 octets
	}
	p := login(t, serve(t, st, Options{MaxMessage: 100}))
	parts := func(n int, urls ...string) string {
		var b []string
		for i := range n {
			b = append(b, "URL "+urls[i%len(urls)])
		}
		return "APPEND Sent CATENATE (" + strings.Join(b, " ") + ")"
	}
	const one, two = `"/INBOX/;UID=1/;PARTIAL=0.1"`, `"/INBOX/;UID=2/;PARTIAL=0.1"`
	for _, c := range []struct{ command, want string }{
		{parts(2, "/INBOX/;UID=1"), "NO [TOOBIG] the limit is 100 octets"},
		{parts(21, one, two), "NO [LIMIT] the URLs of one command name too many octets"},
		{parts(20, one, two), "OK [APPENDUID"},
		{parts(100, one), "OK [APPENDUID"}, // one message is read once
		{parts(101, one), "NO [TOOBIG]"},
		{parts(1001, `"/INBOX/;UID=1/;PARTIAL=80"`), "NO [LIMIT] too many parts"},
		{parts(1, "/INBOX/;UID=1/;PARTIAL=80"), "NO [CANNOT] an empty message"},
	} {
		if l := p.do("%s", c.command); !strings.Contains(l[0], c.want) {
			t.Errorf("%.60s: %q, want %q", c.command, l, c.want)
		}
	}
}
