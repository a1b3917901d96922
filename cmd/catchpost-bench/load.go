package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type loadOptions struct {
	addr        string
	size        int
	connections int
	duration    time.Duration
	messages    int64 // stop after so many, when positive
	recipient   string
}

// loadResult is what one load run measured.
type loadResult struct {
	Size        int     `json:"size"`
	Connections int     `json:"connections"`
	Messages    int64   `json:"messages"`
	Seconds     float64 `json:"seconds"`
	PerSecond   float64 `json:"messages_per_second"`
	P50MS       float64 `json:"p50_ms"`
	P99MS       float64 `json:"p99_ms"`
}

var serial atomic.Int64

// load keeps o.connections busy: MAIL, RCPT and DATA in one write (RFC 2920),
// then the data. A reply other than success ends the run with an error.
func load(ctx context.Context, o loadOptions) (loadResult, error) {
	if o.recipient == "" {
		o.recipient = "anna@x.test"
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var sent atomic.Int64
	var wg sync.WaitGroup
	delays := make([][]time.Duration, o.connections)
	clients := make([]*client, o.connections)
	for i := range clients {
		c, err := dial(o.addr)
		if err != nil {
			return loadResult{}, err
		}
		defer c.close()
		clients[i] = c
	}
	start := time.Now()
	for i, c := range clients {
		wg.Go(func() {
			to := o.recipient
			if strings.Contains(to, "%d") {
				to = fmt.Sprintf(to, i)
			}
			body := newBody(o.size)
			for ctx.Err() == nil && time.Since(start) < o.duration {
				if o.messages > 0 && sent.Load() >= o.messages {
					return
				}
				began := time.Now()
				if err := c.send(to, body.next()); err != nil {
					cancel(fmt.Errorf("connection %d: %w", i, err))
					return
				}
				delays[i] = append(delays[i], time.Since(began))
				sent.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	if err := context.Cause(ctx); err != nil {
		return loadResult{}, err
	}
	all := slices.Concat(delays...)
	slices.Sort(all)
	if len(all) == 0 {
		return loadResult{}, errors.New("nothing was sent")
	}
	return loadResult{
		Size: o.size, Connections: o.connections, Messages: sent.Load(), Seconds: took.Seconds(),
		PerSecond: float64(sent.Load()) / took.Seconds(),
		P50MS:     ms(all[len(all)/2]), P99MS: ms(all[len(all)*99/100]),
	}, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// body makes messages of one size that differ in subject, Message-ID and a
// word of the text, without building each anew.
type body struct {
	octets []byte
	slots  []int
}

const slotMark = "@@@@@@@@@@"

func newBody(size int) *body {
	head := "From: Shop <hello@shop.test>\r\nTo: Anna <anna@x.test>\r\nSubject: Order " + slotMark +
		" has shipped\r\nDate: Sun, 22 Nov 2026 21:53:06 +0000\r\nMessage-ID: <" + slotMark + ".bench@shop.test>\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello Anna, reference ref" + slotMark + "\r\n"
	var b bytes.Buffer
	b.WriteString(head)
	words := []string{"parcel", "invoice", "street", "delivery", "window", "garden", "thank", "monday", "basket", "account", "quiet", "paper"}
	for i := 0; b.Len() < size-80; i++ {
		for j := range 9 {
			b.WriteString(words[(i*7+j*5)%len(words)])
			b.WriteByte(' ')
		}
		b.WriteString("\r\n")
	}
	b.WriteString("Bye.\r\n.\r\n")
	octets := b.Bytes()
	out := &body{octets: octets}
	for at := 0; ; {
		i := bytes.Index(octets[at:], []byte(slotMark))
		if i < 0 {
			return out
		}
		out.slots = append(out.slots, at+i)
		at += i + len(slotMark)
	}
}

func (b *body) next() []byte {
	n := fmt.Sprintf("%010d", serial.Add(1))
	for _, at := range b.slots {
		copy(b.octets[at:], n)
	}
	return b.octets
}

// client is a minimal pipelining SMTP client.
type client struct {
	conn net.Conn
	r    *bufio.Reader
	w    []byte
}

func dial(addr string) (*client, error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	c := &client{conn: conn, r: bufio.NewReaderSize(conn, 4096)}
	if _, err := c.reply("220"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if _, err := conn.Write([]byte("EHLO bench.test\r\n")); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if _, err := c.reply("250"); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (c *client) close() {
	_, _ = c.conn.Write([]byte("QUIT\r\n"))
	_ = c.conn.Close()
}

func (c *client) send(to string, data []byte) error {
	_, err := c.sendID(to, data)
	return err
}

// sendID returns the last word of the final reply: the message's ID.
func (c *client) sendID(to string, data []byte) (string, error) {
	c.w = append(c.w[:0], "MAIL FROM:<bounce@shop.test>\r\nRCPT TO:<"...)
	c.w = append(c.w, to...)
	c.w = append(c.w, ">\r\nDATA\r\n"...)
	if _, err := c.conn.Write(c.w); err != nil {
		return "", err
	}
	for _, want := range []string{"250", "250", "354"} {
		if _, err := c.reply(want); err != nil {
			return "", err
		}
	}
	if _, err := c.conn.Write(data); err != nil {
		return "", err
	}
	line, err := c.reply("250")
	return line[strings.LastIndexByte(line, ' ')+1:], err
}

func (c *client) reply(want string) (string, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(60 * time.Second))
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		if len(line) >= 4 && line[3] == '-' {
			continue
		}
		s := strings.TrimRight(string(line), "\r\n")
		if !strings.HasPrefix(s, want) {
			return s, fmt.Errorf("want %s, got %q", want, s)
		}
		return s, nil
	}
}
