package main_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// clientTests skips where outside programs are not asked for.
func clientTests(t testing.TB) {
	t.Helper()
	if os.Getenv("CATCHPOST_CLIENTS") == "" {
		t.Skip("outside programs: set CATCHPOST_CLIENTS=1 (make check-clients)")
	}
}

// need finds an outside program; without it the test skips, and fails in CI.
func need(t testing.TB, program, debian string) string {
	t.Helper()
	for _, name := range []string{program, "/usr/sbin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: install the Debian package %s", program, debian)
	}
	t.Skipf("%s is missing: install the Debian package %s", program, debian)
	return ""
}

// wiretap forwards connections to a server and keeps what clients said, so that
// what came back can be compared with what crossed the wire.
type wiretap struct {
	ln    net.Listener
	mu    sync.Mutex
	conns []*bytes.Buffer
	wg    sync.WaitGroup
}

func tap(t testing.TB, server string) *wiretap {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wiretap{ln: ln}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			w.wg.Go(func() { w.forward(c, server) })
		}
	}()
	t.Cleanup(func() { _ = ln.Close() })
	return w
}

func (w *wiretap) forward(c net.Conn, server string) {
	defer func() { _ = c.Close() }()
	s, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	said := &bytes.Buffer{}
	w.mu.Lock()
	w.conns = append(w.conns, said)
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(c, s)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	b := make([]byte, 32<<10)
	for {
		n, err := c.Read(b)
		w.mu.Lock()
		said.Write(b[:n])
		w.mu.Unlock()
		if _, werr := s.Write(b[:n]); err != nil || werr != nil {
			break
		}
	}
	_ = s.(*net.TCPConn).CloseWrite()
	<-done
	_ = s.Close()
}

// data returns the mail data of every DATA command that was said, dots
// unstuffed, found without any code of ours.
func (w *wiretap) data(t testing.TB) [][]byte {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all [][]byte
	for _, c := range w.conns {
		rest := c.Bytes()
		for {
			i := bytes.Index(bytes.ToUpper(rest), []byte("\r\nDATA\r\n"))
			if i < 0 {
				break
			}
			rest = rest[i+len("\r\nDATA\r\n"):]
			end := bytes.Index(append([]byte("\r\n"), rest...), []byte("\r\n.\r\n"))
			if end < 0 {
				t.Fatalf("data without end: %q", rest)
			}
			all = append(all, bytes.ReplaceAll(append([]byte("\r\n"), rest[:end]...), []byte("\r\n."), []byte("\r\n"))[2:])
			rest = rest[max(end-2, 0):]
		}
	}
	return all
}

// mailText is a message with dots at line starts, a long line and UTF-8 text.
const mailText = "From: Shop <hello@shop.test>\r\nTo: Anna <anna@x.test>\r\nSubject: Dots and =?utf-8?q?=C3=BCmlauts?=\r\n" +
	"Date: Sun, 22 Nov 2026 21:53:06 +0000\r\nMessage-ID: <dots@shop.test>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	".\r\n..\r\n.leading\r\nGr=C3=BC=C3=9Fe\r\n\r\n"

// sameAsSaid compares every captured message with what crossed the wire.
func (p *process) sameAsSaid(t *testing.T, w *wiretap) {
	t.Helper()
	said := w.data(t)
	var list struct {
		Messages []struct{ ID string }
		Total    int
	}
	p.getJSON(t, "/v1/messages?order=oldest&limit=500", &list)
	if len(said) == 0 || len(said) != list.Total {
		t.Fatalf("%d messages crossed the wire, %d were captured", len(said), list.Total)
	}
	for i, m := range list.Messages {
		raw := p.get(t, "/v1/messages/"+m.ID+"/raw")
		if len(said) == 1 && !bytes.Equal(raw, said[0]) {
			t.Errorf("message %d differs:\n said %q\n  raw %q", i, said[0], raw)
		}
		found := false
		for _, s := range said {
			found = found || bytes.Equal(raw, s)
		}
		if !found {
			t.Errorf("message %d is not what any connection said: %q", i, raw)
		}
	}
}

// command runs an outside program that must succeed.
func command(t *testing.T, stdin string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.WaitDelay = time.Minute
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}
