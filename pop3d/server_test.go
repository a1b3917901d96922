package pop3d

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/mailtest"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// user is the login of the tests; on an open instance any password will do.
const user = "anna@shop.example"

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

func TestDialogues(t *testing.T) {
	mailtest.Dialogues(t, "testdata/*.txtar", func(t *testing.T) mailtest.Server {
		st := openStore(t)
		return mailtest.Server{Addr: serve(t, st, Options{Version: "test"}),
			Deliver: func(t *testing.T, raw string) { storetest.Deliver(t, st, raw, user) }}
	})
}

type peer struct {
	tb   testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func dial(tb testing.TB, addr string) *peer {
	tb.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	p := &peer{tb, c, bufio.NewReaderSize(c, 256<<10)}
	p.want("+OK ")
	return p
}

func (p *peer) want(prefix string) string {
	p.tb.Helper()
	p.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	l, err := p.r.ReadString('\n')
	if err != nil || !strings.HasPrefix(l, prefix) {
		p.tb.Fatalf("%q, %v; want %q", l, err, prefix)
	}
	return l
}

func (p *peer) send(s string) {
	p.tb.Helper()
	if _, err := io.WriteString(p.conn, s); err != nil {
		p.tb.Fatal(err)
	}
}

func (p *peer) login() {
	p.tb.Helper()
	p.send("USER " + user + "\r\nPASS x\r\n")
	p.want("+OK")
	p.want("+OK")
}

// Replies to a pipelined group come in order (RFC 2449 §6.6).
func TestPipelining(t *testing.T) {
	st := openStore(t)
	for i := range 50 {
		storetest.Deliver(t, st, fmt.Sprintf("Subject: %d\r\n\r\nbody %d\r\n", i, i), user)
	}
	p := dial(t, serve(t, st, Options{}))
	p.send("USER " + user + "\r\nPASS x\r\n")
	var all strings.Builder
	for i := range 50 {
		fmt.Fprintf(&all, "RETR %d\r\n", i+1)
	}
	p.send(all.String() + "QUIT\r\n")
	p.want("+OK")
	p.want("+OK 50")
	for i := range 50 {
		p.want("+OK ")
		p.want(fmt.Sprintf("Subject: %d\r\n", i))
		p.want("\r\n")
		p.want(fmt.Sprintf("body %d\r\n", i))
		p.want(".\r\n")
	}
	p.want("+OK goodbye")
}

// With the option, a second session is told IN-USE until the first one ends.
func TestExclusiveLock(t *testing.T) {
	st := openStore(t)
	addr := serve(t, st, Options{ExclusiveLock: true})
	a, b := dial(t, addr), dial(t, addr)
	a.login()
	b.send("USER " + user + "\r\nPASS x\r\n")
	b.want("+OK")
	b.want("-ERR [IN-USE] ")
	a.send("QUIT\r\n")
	a.want("+OK")
	if _, err := a.r.ReadByte(); err != io.EOF {
		t.Fatal(err)
	}
	b.login()
}

// A sandbox that ends takes its sessions with it.
func TestSandboxEnds(t *testing.T) {
	st := openStore(t)
	ctx := context.Background()
	_, token, err := st.CreateSandbox(ctx, store.NewSandbox{Name: "run-1"})
	if err != nil {
		t.Fatal(err)
	}
	p := dial(t, serve(t, st, Options{}))
	p.send("USER run-1\r\nPASS wrong\r\n")
	p.want("+OK")
	p.want("-ERR [AUTH] ")
	p.send("USER run-1\r\nPASS " + token + "\r\n")
	p.want("+OK")
	p.want("+OK 0 ")
	if err := st.EndSandbox(ctx, "run-1"); err != nil {
		t.Fatal(err)
	}
	p.want("-ERR [SYS/TEMP] the sandbox has ended")
}

// FuzzSession sends any octets; the server must answer or close.
func FuzzSession(f *testing.F) {
	for name := range verbs {
		f.Add(true, name+" 1 1")
		f.Add(false, name)
	}
	st := openStore(f)
	addr := serve(f, st, Options{Idle: time.Second})
	storetest.Deliver(f, st, "Subject: x\r\n\r\n.body", user)
	f.Fuzz(func(t *testing.T, in bool, line string) {
		p := dial(t, addr)
		defer p.conn.Close()
		if in {
			p.login()
		}
		p.send(line + "\r\nRSET\r\nNOOP\r\nQUIT\r\n")
		p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, p.r); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Fatalf("%q: %v", line, err)
		}
	})
}

func BenchmarkRETR(b *testing.B) {
	st := openStore(b)
	body := strings.Repeat("All work and no play makes Jack a dull boy, as they say.\r\n", 70)
	const n = 5000
	for i := range n {
		storetest.Deliver(b, st, fmt.Sprintf("Subject: %d\r\n\r\n%s", i, body), user)
	}
	p := dial(b, serve(b, st, Options{}))
	p.login()
	p.conn.SetReadDeadline(time.Time{})
	for _, window := range []int{1, 64} {
		b.Run(fmt.Sprint(window, "_in_flight"), func(b *testing.B) {
			i := 0
			for b.Loop() {
				var cmd strings.Builder
				for range window {
					fmt.Fprintf(&cmd, "RETR %d\r\n", i%n+1)
					i++
				}
				p.send(cmd.String())
				for range window {
					for l, _ := p.r.ReadSlice('\n'); string(l) != ".\r\n"; l, _ = p.r.ReadSlice('\n') {
					}
				}
			}
			b.ReportMetric(float64(window)*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}
