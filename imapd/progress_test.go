package imapd

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// pipes is a listener whose connections are pipes: in a synctest bubble, time goes
// on when both ends wait.
type pipes struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.ended) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// slow is a store that takes its time: a message's digest, and a copy.
type slow struct {
	Backend
	message, copying time.Duration
}

func (b slow) FetchMessages(ctx context.Context, id store.MailboxID, uids []store.UID, fn func(store.UID, *store.Message) error) error {
	return b.Backend.FetchMessages(ctx, id, uids, func(uid store.UID, m *store.Message) error {
		time.Sleep(b.message)
		return fn(uid, m)
	})
}

func (b slow) FetchHeads(ctx context.Context, id store.MailboxID, uids []store.UID, fn func(*store.Head) error) error {
	return b.Backend.FetchHeads(ctx, id, uids, func(h *store.Head) error {
		time.Sleep(b.message)
		return fn(h)
	})
}

func (b slow) Copy(ctx context.Context, src store.MailboxID, uids []store.UID, dst store.MailboxID) (store.Transfer, error) {
	time.Sleep(b.copying)
	if b.copying == 55*time.Second {
		panic("in the store")
	}
	return b.Backend.Copy(ctx, src, uids, dst)
}

// withSlow plays with a server over a slow store, in a bubble of time.
func withSlow(t *testing.T, b slow, play func(t *testing.T, p *peer)) {
	synctest.Test(t, func(t *testing.T) {
		st, err := store.Open(context.Background(), store.Options{Path: store.InMemory})
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			storetest.Deliver(t, st, "Subject: x\r\n\r\nbody\r\n", user)
		}
		b.Backend = st
		srv := New(Options{Store: b})
		ln := &pipes{conns: make(chan net.Conn), ended: make(chan struct{})}
		served := make(chan error, 1)
		go func() { served <- srv.Serve(ln) }()
		here, there := net.Pipe()
		ln.conns <- there
		p := &peer{tb: t, conn: here, r: bufio.NewReader(here)}
		_, _ = p.line()
		p.ok("LOGIN %s x", user)
		p.ok("SELECT INBOX")
		play(t, p)
		_ = here.Close()
		if err := errors.Join(srv.Shutdown(t.Context()), st.Close()); err != nil {
			t.Error(err)
		}
		<-served
	})
}

// patientLines is what a command is answered with; the peer waits as long as it takes.
func (p *peer) patientLines(command string) (lines []string) {
	_ = p.conn.SetReadDeadline(time.Time{})
	p.send("x " + command + "\r\n")
	for {
		l, err := p.r.ReadString('\n')
		if l = strings.TrimSuffix(l, "\r\n"); err != nil {
			return append(lines, err.Error())
		}
		if lines = append(lines, l); strings.HasPrefix(l, "x ") {
			return lines
		}
	}
}

func TestInProgress(t *testing.T) {
	for _, c := range []struct {
		name    string
		b       slow
		command string
		want    []string
	}{
		{"search", slow{message: 2600 * time.Millisecond}, "SEARCH SENTSINCE 1-Jan-2020", []string{
			`* OK [INPROGRESS ("x" 3 10)] Still working, 30% done`, `* OK [INPROGRESS ("x" 7 10)] Still working, 70% done`, "* SEARCH", "x OK SEARCH completed"}},
		{"sort", slow{message: 1001 * time.Millisecond}, "SORT (SIZE) UTF-8 ALL", []string{
			`* OK [INPROGRESS ("x" 9 10)] Still working, 90% done`, "* SORT 1 2 3 4 5 6 7 8 9 10", "x OK SORT completed"}},
		{"copy", slow{copying: 21 * time.Second}, "UID COPY 1 Sent", []string{
			`* OK [INPROGRESS ("x" NIL NIL)] Still working`, `* OK [INPROGRESS ("x" NIL NIL)] Still working`, "x OK"}},
		// two steps of one command: the search of messages, then their sorting
		{"steps", slow{message: 700 * time.Millisecond}, "SORT (SIZE) UTF-8 SUBJECT x", []string{
			`* OK [INPROGRESS ("x" 4 10)] Still working, 40% done`, "* SORT 1 2", "x OK SORT completed"}},
		{"quick", slow{message: 999 * time.Millisecond, copying: 9 * time.Second}, "UID SEARCH SUBJECT x", []string{
			"* SEARCH 1 2 3 4 5 6 7 8 9 10", "x OK SEARCH completed"}},
		{"panic", slow{copying: 55 * time.Second}, "COPY 1 Sent", []string{"* OK", "* OK", "* OK", "* OK", "* OK", "EOF"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			withSlow(t, c.b, func(t *testing.T, p *peer) {
				lines := p.patientLines(c.command)
				if len(lines) != len(c.want) {
					t.Errorf("%q, want %q", lines, c.want)
					return
				}
				for i, want := range c.want {
					if !strings.HasPrefix(lines[i], want) {
						t.Errorf("line %d: %q, want %q", i, lines[i], want)
					}
				}
			})
		})
	}
}
