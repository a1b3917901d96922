package imapd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/mailtest"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// user is the login of most tests; on an open instance any password will do.
const user = "anna@shop.example"

// serve starts a server over a store in memory and returns its address.
func serve(tb testing.TB, st *store.Store, o Options) string {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	o.Store = st
	srv := New(o)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			tb.Errorf("shutdown: %v", err)
		}
		if err := <-done; !errors.Is(err, ErrServerClosed) {
			tb.Errorf("serve: %v", err)
		}
	})
	return ln.Addr().String()
}

func openStore(tb testing.TB) *store.Store {
	tb.Helper()
	return storetest.Open(tb, store.Options{Path: store.InMemory})
}

// peer is a raw client connection.
type peer struct {
	tb   testing.TB
	conn net.Conn
	r    *bufio.Reader
	n    int
}

func dial(tb testing.TB, addr string) *peer {
	tb.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	p := &peer{tb: tb, conn: c, r: bufio.NewReader(c)}
	return p
}

func (p *peer) send(s string) {
	p.tb.Helper()
	if _, err := p.conn.Write([]byte(s)); err != nil {
		p.tb.Fatal(err)
	}
}

func (p *peer) line() (string, error) {
	p.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	l, err := p.r.ReadString('\n')
	return strings.TrimSuffix(l, "\r\n"), err
}

// do sends a command and returns all lines up to its tagged answer, which is last.
func (p *peer) do(format string, args ...any) []string {
	p.tb.Helper()
	p.n++
	tag := fmt.Sprintf("t%d", p.n)
	p.send(tag + " " + fmt.Sprintf(format, args...) + "\r\n")
	var lines []string
	for {
		l, err := p.line()
		if err != nil {
			p.tb.Fatalf("%s: %v after %q", fmt.Sprintf(format, args...), err, lines)
		}
		if lines = append(lines, l); strings.HasPrefix(l, tag+" ") {
			return lines
		}
	}
}

// ok is do for a command that must succeed.
func (p *peer) ok(format string, args ...any) []string {
	p.tb.Helper()
	lines := p.do(format, args...)
	if last := lines[len(lines)-1]; !strings.Contains(last, " OK ") {
		p.tb.Fatalf("%s: %q", fmt.Sprintf(format, args...), lines)
	}
	return lines
}

// login dials, reads the greeting and logs in.
func login(tb testing.TB, addr string) *peer {
	tb.Helper()
	p := dial(tb, addr)
	if l, err := p.line(); err != nil || !strings.HasPrefix(l, "* OK ") {
		tb.Fatalf("greeting %q, %v", l, err)
	}
	p.ok("LOGIN %s secret", user)
	return p
}

func TestDialogues(t *testing.T) {
	mailtest.Dialogues(t, "testdata/*.txtar", func(t *testing.T) mailtest.Server {
		st := openStore(t)
		return mailtest.Server{
			Addr:    serve(t, st, Options{Version: "test", MaxMessage: 100_000}),
			Deliver: func(t *testing.T, raw string) { storetest.Deliver(t, st, raw, user) },
		}
	})
}
