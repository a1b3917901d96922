package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/smtp"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/relay"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// sink is Postfix's smtp-sink with its counter.
type sink struct {
	port  string
	taken atomic.Int64
	more  chan struct{}
}

var sinkCount = regexp.MustCompile(`mesg=(\d+)`)

func newSink(t *testing.T) *sink {
	t.Helper()
	program := need(t, "smtp-sink", "postfix")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{more: make(chan struct{}, 1)}
	_, s.port, _ = net.SplitHostPort(ln.Addr().String())
	_ = ln.Close()
	cmd := exec.Command(program, "-c", "-u", "nobody", "127.0.0.1:"+s.port, "1000")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewScanner(out)
		lines.Split(splitCR)
		for lines.Scan() {
			if m := sinkCount.FindStringSubmatch(lines.Text()); m != nil {
				n, _ := strconv.ParseInt(m[1], 10, 64)
				s.taken.Store(n)
				select {
				case s.more <- struct{}{}:
				default:
				}
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait()
	})
	answers(t, "127.0.0.1:"+s.port, func() string { return "" })
	return s
}

func splitCR(data []byte, _ bool) (int, []byte, error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}

// reach waits until n messages were taken and returns how long that was.
func (s *sink) reach(t *testing.T, n int64, since time.Time) time.Duration {
	t.Helper()
	late := time.After(2 * time.Minute)
	for s.taken.Load() < n {
		select {
		case <-s.more:
		case <-late:
			t.Fatalf("%d messages of %d", s.taken.Load(), n)
		}
	}
	return time.Since(since)
}

const (
	drained = 1000
	domains = 50
)

// TestDrain empties a queue of 1,000 messages to 50 domains into smtp-sink,
// beside a domain that never answers, and lets Postfix do the same without one.
func TestDrain(t *testing.T) {
	clientTests(t)
	ours := drainOurs(t)
	theirs := drainPostfix(t)
	t.Logf("1,000 queued messages to 50 domains into smtp-sink: catchpost %s (%.0f messages/s, beside a domain that never answers), Postfix %s (%.0f messages/s)",
		ours.Round(time.Millisecond), drained/ours.Seconds(), theirs.Round(time.Millisecond), drained/theirs.Seconds())
}

func drainOurs(t *testing.T) time.Duration {
	s := newSink(t)
	port, _ := strconv.ParseUint(s.port, 10, 16)
	slow, err := net.Listen("tcp", "127.0.0.2:"+s.port) // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = slow.Close() })
	lists, err := policy.New([]string{"*.test"}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, store.Options{Path: filepath.Join(t.TempDir(), "catchpost.db")})
	r := relay.New(relay.Config{Store: st, Name: "relay.example", Lists: lists, Private: true, Port: uint16(port),
		Resolver: &relay.Resolver{Servers: []string{nameServer(t)}}})
	var wg sync.WaitGroup
	for w := range 20 {
		wg.Go(func() {
			for i := w; i < drained+40; i += 20 {
				to := fmt.Sprintf("u%d@d%d.test", i, i%domains)
				if i >= drained {
					to = fmt.Sprintf("u%d@slow.test", i)
				}
				o := st.NewOctets()
				_, _ = fmt.Fprintf(o, "From: a@here.test\r\nTo: %s\r\nSubject: %d\r\n\r\n%s\r\n", to, i, bytes.Repeat([]byte("some text of a mail\r\n"), 100))
				m, err := st.Deliver(t.Context(), store.Delivery{Origin: model.OriginSMTP, ReversePath: "a@here.test", ForwardPaths: []string{to}, Octets: o})
				if err == nil {
					_, err = r.Release(t.Context(), m[0], nil)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- r.Run(ctx) }()
	took := s.reach(t, drained, began)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return took
}

func drainPostfix(t *testing.T) time.Duration {
	s := newSink(t)
	addr, log := postfix(t, "smtp:[127.0.0.1]:"+s.port, "defer_transports = smtp\ndefault_destination_concurrency_limit = 50\ninitial_destination_concurrency = 50\nin_flow_delay = 0")
	answers(t, addr, func() string { return log })
	var wg sync.WaitGroup
	for w := range 10 {
		wg.Go(func() {
			c, err := smtp.Dial(addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.Quit() }()
			for i := w; i < drained; i += 10 {
				if err := mailTo(c, fmt.Sprintf("u%d@d%d.test", i, i%domains)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	etc := filepath.Join(filepath.Dir(log), "etc")
	for _, args := range [][]string{{"postconf", "-c", etc, "-e", "defer_transports="}, {"postfix", "-c", etc, "reload"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	began := time.Now()
	if out, err := exec.Command("postqueue", "-c", etc, "-f").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return s.reach(t, drained, began)
}

func mailTo(c *smtp.Client, to string) error {
	if err := c.Mail("a@here.test"); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "From: a@here.test\r\nTo: %s\r\nSubject: drain\r\n\r\n%s\r\n", to, bytes.Repeat([]byte("some text of a mail\r\n"), 100))
	return w.Close()
}
