package imapd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
	"golang.org/x/tools/txtar"
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

// TestDialogues plays testdata/*.txtar. A file is a comment, messages (sections
// whose name ends in .eml), and dialogues, each on a fresh store. In a dialogue:
//
//	C: text       the first client sends a line; C2: the second
//	S: pattern    the server answers it; "…" stands for any octets
//	S: …          any lines, up to one that matches the next pattern
//	deliver FILE  FILE arrives for anna@shop.example
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(data)
		mails := map[string]string{}
		for _, f := range a.Files {
			if strings.HasSuffix(f.Name, ".eml") {
				mails[f.Name] = strings.ReplaceAll(string(f.Data), "\n", "\r\n")
			}
		}
		for _, f := range a.Files {
			if !strings.HasSuffix(f.Name, ".eml") {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+f.Name, func(t *testing.T) {
					t.Parallel()
					play(t, string(f.Data), mails)
				})
			}
		}
	}
}

var clientLine = regexp.MustCompile(`^([CS])(\d?): ?(.*)$`)

func play(t *testing.T, script string, mails map[string]string) {
	st := openStore(t)
	addr := serve(t, st, Options{Version: "test", MaxMessage: 100_000})
	peers := map[string]*peer{}
	get := func(n string) *peer {
		if peers[n] == nil {
			peers[n] = dial(t, addr)
		}
		return peers[n]
	}
	skip := false
	for i, l := range strings.Split(strings.TrimSpace(script), "\n") {
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if name, isDelivery := strings.CutPrefix(l, "deliver "); isDelivery {
			storetest.Deliver(t, st, mails[name], user)
			continue
		}
		m := clientLine.FindStringSubmatch(l)
		switch {
		case m == nil:
			t.Fatalf("line %d: %q is nothing", i+1, l)
		case m[1] == "C":
			get(m[2]).send(m[3] + "\r\n")
		case m[3] == "…":
			skip = true
		default:
			expect(t, get(m[2]), i+1, m[3], skip)
			skip = false
		}
	}
}

func expect(t *testing.T, p *peer, n int, pattern string, skip bool) {
	t.Helper()
	re := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), "…", ".*") + "$")
	var seen []string
	for {
		l, err := p.line()
		if err != nil {
			t.Fatalf("line %d: want %q: %v after %q", n, pattern, err, seen)
		}
		if seen = append(seen, l); re.MatchString(l) {
			return
		}
		if !skip {
			t.Fatalf("line %d:\n got %q\nwant %q", n, l, pattern)
		}
	}
}
