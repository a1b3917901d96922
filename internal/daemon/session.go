package daemon

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/base32"
	"encoding/binary"
	"time"

	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
)

var idEncoding = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// newID makes a sortable session ID: milliseconds, then chance.
func newID() string {
	var b [10]byte
	binary.BigEndian.PutUint64(b[:8], uint64(time.Now().UnixMilli())<<16)
	rand.Read(b[6:])
	return idEncoding.EncodeToString(b[:])
}

// TLS is the state of the TLS layer, nil without one.
func (c *Conn) TLS() *model.TLS {
	if c.tls == nil {
		return nil
	}
	return &model.TLS{Version: tls.VersionName(c.tls.Version), Cipher: tls.CipherSuiteName(c.tls.CipherSuite)}
}

// Session is the connection's part of its session: addresses, times, octets and,
// when lines is true, the transcript. The protocol fills in the rest.
func (c *Conn) Session(lines bool) *model.Session {
	c.outMu.Lock()
	bytesOut := c.bytesOut
	c.outMu.Unlock()
	s := &model.Session{
		ID: c.id, Server: c.srv.cfg.Name, ClientAddress: c.client, LocalAddress: c.local,
		TLS: c.TLS(), StartedAt: c.began, Outcome: "open", Verbs: []string{}, Messages: []string{},
		BytesIn: c.bytesIn.Load(), BytesOut: bytesOut, Truncated: c.rec.Truncated(),
	}
	if lines {
		s.Lines = c.rec.Lines()
	}
	return s
}

// Suffer applies the connection part of a fault's effect: delay, throttle, and a
// cut that has no reply. It returns ErrCut when the connection is gone, ErrDraining
// when a shutdown ended the delay.
func (c *Conn) Suffer(h *fault.Hit) error {
	if h.Throttle > 0 {
		c.throttle = h.Throttle
		c.remarkInjected("throttled to %d octets a second (fault %s)", h.Throttle, h.Rule)
	}
	if h.CutAfter > 0 {
		c.cutAfter = h.CutAfter
		c.remarkInjected("will be cut after %d more octets (fault %s)", h.CutAfter, h.Rule)
	}
	if h.Delay > 0 {
		c.remarkInjected("delayed by %s (fault %s)", h.Delay, h.Rule)
		if err := c.Flush(); err != nil {
			return err
		}
		if err := c.sleep(h.Delay); err != nil {
			return err
		}
	}
	if h.Effect.Cut && h.Code == 0 && h.Text == "" {
		c.Cut()
		return ErrCut
	}
	return nil
}

func (c *Conn) remarkInjected(format string, args ...any) {
	c.rec.Inject(true)
	c.rec.Remark(format, args...)
	c.rec.Inject(false)
}

// Cut ends the connection without a word: replies not yet sent are lost, and the
// client sees a reset.
func (c *Conn) Cut() {
	c.remarkInjected("connection cut")
	if t, ok := c.raw.(interface{ SetLinger(int) error }); ok {
		t.SetLinger(0)
	}
	c.raw.Close()
	c.silence(ErrCut)
}

// sleep waits for d, less when the server shuts down.
func (c *Conn) sleep(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-c.srv.draining:
		return ErrDraining
	}
}

// pace is how many octets a throttled connection moves at once: a tenth of a
// second's worth.
func (c *Conn) pace() int { return int(min(max(1, c.throttle/10), 1<<20)) }
