package relay

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// Timeouts are RFC 5321 §4.5.3.2's; zero fields take its values.
type Timeouts struct {
	Connect  time.Duration // 30 s
	Greeting time.Duration // 5 min, with EHLO and TLS
	Command  time.Duration // 5 min
	Data     time.Duration // 2 min, for the 354
	Block    time.Duration // 3 min, for one write of data
	Dot      time.Duration // 10 min, for the final reply
}

func (t Timeouts) withDefaults() Timeouts {
	for _, f := range []struct {
		field *time.Duration
		value time.Duration
	}{{&t.Connect, 30 * time.Second}, {&t.Greeting, 5 * time.Minute}, {&t.Command, 5 * time.Minute}, {&t.Data, 2 * time.Minute}, {&t.Block, 3 * time.Minute}, {&t.Dot, 10 * time.Minute}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return t
}

// Bounds of a transcript, and of what a next hop may say in one transaction.
const (
	transcriptsLines = 200
	transcriptsWidth = 1000
	repliesMost      = 1 << 20
)

// errTalkative ends a session with a next hop that never stops talking.
var errTalkative = errors.New("the next hop says too much")

// hopConn is a connection to a next hop that keeps a transcript, elides mail
// data and masks credentials. Prefix is read before the connection's own octets.
type hopConn struct {
	net.Conn
	prefix *bytes.Reader
	log    *hopLog
	block  time.Duration // for one write of data
	heard  atomic.Int64  // octets of replies since the transaction began
}

// hopLog is the transcript of one attempt; a connection outlives it.
type hopLog struct {
	mu     sync.Mutex
	lines  []model.TranscriptLine
	now    func() time.Time
	hidden string // "data" or "credentials" while the client's octets are elided
	octets int64  // elided so far
	in     bytes.Buffer
	out    bytes.Buffer
}

func (c *hopConn) Read(p []byte) (int, error) {
	if c.prefix != nil && c.prefix.Len() > 0 {
		return c.prefix.Read(p)
	}
	if c.heard.Load() > repliesMost {
		return 0, errTalkative
	}
	n, err := c.Conn.Read(p)
	c.heard.Add(int64(n))
	c.log.said("S", p[:n])
	return n, err
}

func (c *hopConn) Write(p []byte) (int, error) {
	c.log.said("C", p)
	if c.log.eliding() == "data" {
		_ = c.SetWriteDeadline(time.Now().Add(c.block))
	}
	return c.Conn.Write(p)
}

// say adds a remark of ours.
func (l *hopLog) say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add("*", fmt.Sprintf(format, args...))
}

// hide elides what the client says until show.
func (l *hopLog) hide(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hidden, l.octets = what, 0
}

func (l *hopLog) show() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tellHidden()
	l.hidden = ""
}

// tellHidden says what was elided, before the reply to it.
func (l *hopLog) tellHidden() {
	if l.octets > 0 {
		l.add("*", fmt.Sprintf("%s elided: %d octets", l.hidden, l.octets))
		l.octets = 0
	}
}

func (l *hopLog) eliding() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hidden
}

func (l *hopLog) said(who string, p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if who == "C" && l.hidden != "" {
		l.octets += int64(len(p))
		return
	}
	if l.hidden != "" {
		l.tellHidden()
	}
	buffer := &l.in
	if who == "C" {
		buffer = &l.out
	}
	buffer.Write(p)
	for {
		i := bytes.IndexByte(buffer.Bytes(), '\n')
		if i < 0 {
			if buffer.Len() > transcriptsWidth {
				buffer.Truncate(transcriptsWidth)
			}
			return
		}
		l.add(who, strings.TrimRight(string(buffer.Next(i+1)), "\r\n"))
	}
}

func (l *hopLog) add(who, text string) {
	if len(l.lines) >= transcriptsLines {
		return
	}
	if len(text) > transcriptsWidth {
		text = text[:transcriptsWidth] + "…"
	}
	l.lines = append(l.lines, model.TranscriptLine{At: l.now(), Direction: who, Text: strings.ToValidUTF8(text, "?")})
}

// take returns the lines so far and begins anew.
func (l *hopLog) take() []model.TranscriptLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}
