package relay

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// Timeouts of RFC 5321 §4.5.3.2.
const (
	connectTimeout   = 30 * time.Second
	greetingTimeout  = 5 * time.Minute
	commandTimeout   = 5 * time.Minute
	dataTimeout      = 2 * time.Minute
	blockTimeout     = 3 * time.Minute
	finalDotTimeout  = 10 * time.Minute
	transcriptsLines = 200
	transcriptsWidth = 1000
)

// hopConn is a connection to a next hop that keeps a transcript, elides mail
// data and masks credentials. Prefix is read before the connection's own octets.
type hopConn struct {
	net.Conn
	prefix *bytes.Reader
	log    *hopLog
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
	n, err := c.Conn.Read(p)
	c.log.said("S", p[:n])
	return n, err
}

func (c *hopConn) Write(p []byte) (int, error) {
	c.log.said("C", p)
	if c.log.eliding() == "data" {
		_ = c.SetWriteDeadline(time.Now().Add(blockTimeout))
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
	if l.hidden != "" {
		l.add("*", fmt.Sprintf("%s elided: %d octets", l.hidden, l.octets))
		l.hidden = ""
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
