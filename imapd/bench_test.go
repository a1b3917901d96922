package imapd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

const benchMessages = 20_000

// full returns a server with an INBOX of 20,000 messages of 4 KB.
func full(b *testing.B) string {
	st := storetest.Open(b, store.Options{})
	body := strings.Repeat("All work and no play makes Jack a dull boy, as they say.\r\n", 65)
	done := make(chan struct{})
	for w := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := w; i < benchMessages; i += 8 {
				storetest.Deliver(b, st, fmt.Sprintf("From: Sender %d <s%d@shop.example>\r\nTo: anna@shop.example\r\nSubject: Order %d is on its way\r\n"+
					"Message-ID: <%d@shop.example>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\n%s", i, i%100, i, i, body), user)
			}
		}()
	}
	for range 8 {
		<-done
	}
	return serve(b, st, Options{})
}

// run sends a command and reads to its end without looking at the responses.
func (p *peer) run(cmd string) int {
	p.n++
	p.conn.SetReadDeadline(time.Time{})
	tag := fmt.Sprintf("\r\nq%d ", p.n)
	p.send(tag[2:] + cmd + "\r\n")
	buf := make([]byte, 256<<10)
	n, keep := 0, 0
	for {
		m, err := p.conn.Read(buf[keep:])
		if err != nil {
			p.tb.Fatal(err)
		}
		n += m
		tail := buf[:keep+m]
		if i := bytes.LastIndex(tail, []byte(tag)); i >= 0 && tail[len(tail)-1] == '\n' || strings.HasPrefix(string(tail), tag[2:]) && tail[len(tail)-1] == '\n' {
			if !bytes.Contains(tail, []byte(tag[2:]+"OK ")) {
				p.tb.Fatalf("%s: %q", cmd, tail[max(0, len(tail)-100):])
			}
			return n
		}
		keep = copy(buf, tail[max(0, len(tail)-300):])
	}
}

func BenchmarkCommands(b *testing.B) {
	addr := full(b)
	p := login(b, addr)
	p.ok("SELECT INBOX")
	for _, cmd := range []string{
		"SELECT INBOX", "FETCH 1:* (FLAGS)", "FETCH 1:* (UID FLAGS ENVELOPE)", "FETCH 1:* (BODY.PEEK[])", "FETCH 1:* (BODY.PEEK[HEADER])",
		"UID SEARCH TEXT \"no such words\"", "UID SEARCH SUBJECT \"Order 19999\"", "UID SEARCH SUBJECT \"on its way\"", "UID SEARCH UNSEEN", "SORT (SUBJECT) UTF-8 ALL",
		"STORE 1:* +FLAGS.SILENT (\\Flagged)", "STORE 1:* -FLAGS.SILENT (\\Flagged)",
	} {
		b.Run(strings.ReplaceAll(cmd, " ", "_"), func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = p.run(cmd)
			}
			b.ReportMetric(float64(n), "octets")
		})
	}
}
