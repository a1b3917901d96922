package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestKillUnderLoad kills the process while 32 connections send, again and
// again on one data file: whatever got its 250 is there afterwards, octet for
// octet, and nothing is half there.
func TestKillUnderLoad(t *testing.T) {
	clientTests(t)
	dir := t.TempDir()
	sent := &sentLog{octets: map[string][]byte{}}
	for round := range 20 {
		p := start(t, dir)
		sent.verify(t, p)
		var wg sync.WaitGroup
		acknowledged := make(chan struct{}, 1<<16)
		for c := range 32 {
			wg.Go(func() { sent.load(p.addrs["smtp"], round, c, acknowledged) })
		}
		// Let some hundred be acknowledged, then kill in the midst of it.
		for range 200 + rand.IntN(600) {
			select {
			case <-acknowledged:
			case <-time.After(30 * time.Second):
				t.Fatal("no message was acknowledged for 30 s")
			}
		}
		p.kill()
		wg.Wait()
		if out, errs, code := run(t, nil, "check", "--data", filepath.Join(dir, "catchpost.db")); code != 0 {
			t.Fatalf("round %d: catchpost check: status %d\n%s%s", round, code, out, errs)
		}
	}
	p := start(t, dir)
	sent.verify(t, p)
	t.Logf("%d messages were acknowledged in 20 rounds; all are there", sent.total)
}

// sentLog is what was acknowledged and must be there: octets by ID.
type sentLog struct {
	mu     sync.Mutex
	octets map[string][]byte
	total  int
}

// load sends messages one after another until the connection breaks.
func (s *sentLog) load(addr string, round, conn int, acknowledged chan<- struct{}) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	say := func(text string, replies int) (last string, ok bool) {
		if _, err := c.Write([]byte(text)); err != nil {
			return "", false
		}
		for replies > 0 {
			line, err := r.ReadString('\n')
			if err != nil {
				return "", false
			}
			if last = strings.TrimSpace(line); len(last) > 3 && last[3] == ' ' {
				replies--
			}
		}
		return last, last[0] == '2' || last[0] == '3'
	}
	if _, ok := say("", 1); !ok {
		return
	}
	if _, ok := say("EHLO crash.test\r\n", 1); !ok {
		return
	}
	for n := 0; ; n++ {
		size := 200 + rand.IntN(4000)
		if n%50 == 49 {
			size = 3 << 20 // a blob
		}
		data := fmt.Sprintf("From: a@shop.test\r\nTo: b@x.test\r\nSubject: round %d connection %d number %d\r\n\r\n%s\r\n",
			round, conn, n, strings.Repeat("0123456789abcdef\r\n", size/18))
		if _, ok := say("MAIL FROM:<a@shop.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\n", 3); !ok {
			return
		}
		reply, ok := say(data+".\r\n", 1)
		if !ok {
			return
		}
		s.mu.Lock()
		s.octets[reply[strings.LastIndexByte(reply, ' ')+1:]] = []byte(data)
		s.total++
		s.mu.Unlock()
		acknowledged <- struct{}{}
	}
}

// verify looks at every message that was acknowledged since the last time, and
// at each other one's end.
func (s *sentLog) verify(t *testing.T, p *process) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var list struct {
		Total      int
		TotalExact bool `json:"total_exact"`
	}
	p.getJSON(t, "/v1/messages?limit=1", &list)
	if list.Total < s.total {
		t.Fatalf("%d messages were acknowledged, %d are there", s.total, list.Total)
	}
	for id, want := range s.octets {
		if got := p.get(t, "/v1/messages/"+id+"/raw"); !bytes.Equal(got, want) {
			t.Fatalf("message %s: %d octets came back, %d were sent", id, len(got), len(want))
		}
		delete(s.octets, id)
	}
}
