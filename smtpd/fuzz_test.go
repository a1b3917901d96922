package smtpd

import (
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/store"
)

// FuzzParser holds that no argument makes a rule panic, run past its end, or
// leave line ends in a reply.
func FuzzParser(f *testing.F) {
	for _, s := range []string{"FROM:<a@x.test> SIZE=1 BODY=8BITMIME RET=FULL ENVID=a+2Bb AUTH=<>", "TO:<@a,@b:c@d> NOTIFY=NEVER ORCPT=utf-8;\\x{F6}",
		"FROM:<>", "TO:<Postmaster>", "5 LAST", "\"a b\"@[IPv6:::1] SMTPUTF8", "FROM:<\x00@\xff>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, rule := range []func(*parser){
			func(p *parser) { p.prefix("FROM:"); p.reversePath(); p.params(); p.end() },
			func(p *parser) {
				p.prefix("TO:")
				path, _ := p.forwardPath()
				for _, q := range p.params() {
					originalRecipient(q.value)
				}
				if p.err == nil && (path == "" || !strings.Contains(in, path)) {
					t.Errorf("%q: path %q is not as spelled", in, path)
				}
			},
			func(p *parser) { p.chunk() },
			func(p *parser) { p.nameOrMailbox() },
			func(p *parser) { heloName(p) },
		} {
			p := &parser{in: in}
			rule(p)
			if p.pos > len(in) {
				t.Fatalf("%q: at %d", in, p.pos)
			}
			if p.err != nil && (p.err.code != 501 || strings.ContainsAny(p.err.text, "\r\n")) {
				t.Errorf("%q: %+v", in, p.err)
			}
		}
		if s, ok := xtext(in); ok && strings.IndexByte(in, '+') < 0 && s != in {
			t.Errorf("xtext %q is %q", in, s)
		}
	})
}

var replyLine = regexp.MustCompile(`^(050 .*|[2-5][0-9][0-9][ -].*)$`)

// FuzzSession feeds octets to a session in each state: it answers in replies, and
// ends.
func FuzzSession(f *testing.F) {
	preludes := []string{"", "EHLO c\r\n", "EHLO c\r\nMAIL FROM:<a@x.test>\r\n",
		"EHLO c\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<a@x.test>\r\n", "EHLO c\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<a@x.test>\r\nDATA\r\n",
		"EHLO c\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<a@x.test>\r\nBDAT 1\r\nx", "EHLO c\r\nAUTH LOGIN\r\n"}
	for name := range verbs {
		for i := range preludes {
			f.Add(uint8(i), []byte(name+" x\r\n"))
		}
	}
	f.Add(uint8(4), []byte(".\r\nBDAT 3\r\nabcQUIT\r\n"))
	st, err := store.Open(context.Background(), store.Options{Path: ":memory:"})
	if err != nil {
		f.Fatal(err)
	}
	addr := start(f, Config{Backend: &dropStore{Store: st}}, false)
	f.Fuzz(func(t *testing.T, state uint8, in []byte) {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		nc.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(nc, preludes[int(state)%len(preludes)])
		nc.Write(in)
		nc.(*net.TCPConn).CloseWrite()
		answer, err := io.ReadAll(nc)
		if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Fatalf("the session does not end after %q", in)
		}
		for _, l := range strings.Split(strings.TrimSuffix(string(answer), "\r\n"), "\r\n") {
			if err == nil && !replyLine.MatchString(l) {
				t.Errorf("%q answers %q", in, l)
			}
		}
	})
}
