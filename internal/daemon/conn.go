package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/catchpost/catchpost/internal/line"
	"github.com/catchpost/catchpost/internal/transcript"
)

const outSize = 4 << 10 // of the buffer that replies are collected in

// lingerTime is how long we wait for the client to read our last words, so that its
// unread input does not turn them into a reset.
const lingerTime = 500 * time.Millisecond

var outBuffers = sync.Pool{New: func() any { return new([outSize]byte) }}

// Conn is one connection as a protocol sees it: lines and data in, buffered
// replies out, everything recorded. Replies are sent when the next read has to
// wait, so that a pipelined group is answered at once (RFC 2920 §3.2), or by
// Flush. It belongs to the session's goroutine, but one other may read while that
// one writes (IMAP IDLE).
type Conn struct {
	// Visible says how many octets of a command line are no secret, negative for
	// all; nil shows every line.
	Visible func(text []byte) int

	srv     *Server
	raw     net.Conn // the socket
	nc      net.Conn // the socket, or TLS over it
	in      line.Reader
	rec     transcript.Recorder
	id      string
	client  string
	local   string
	began   time.Time
	refusal error
	tls     *tls.ConnectionState
	masking bool
	linger  bool        // the client may still be sending when we close
	cut     atomic.Bool // nothing more may be said

	bytesIn  atomic.Int64
	throttle int64 // octets a second
	cutAfter int64 // octets that may still be read; -1 without a bound
	perRead  bool  // each read has its own deadline
	awaiting bool  // Await runs

	mu      sync.Mutex // of what Shutdown touches
	waiting bool       // for a command
	leaving bool       // the server drains, or Leave was called
	reason  error      // Leave's

	outMu    sync.Mutex // of what is being sent
	out      *[outSize]byte
	outLen   int
	outErr   error
	bytesOut int64
}

func newConn(s *Server, nc net.Conn) *Conn {
	c := &Conn{srv: s, raw: nc, nc: nc, id: newID(), began: time.Now().UTC(), cutAfter: -1}
	c.client, c.local = addrString(nc.RemoteAddr()), addrString(nc.LocalAddr())
	c.in.Reset((*source)(c))
	if s.cfg.TranscriptLimit != 0 {
		c.rec.SetLimit(s.cfg.TranscriptLimit)
	}
	return c
}

// addrString is an address for people; an unnamed Unix socket has none.
func addrString(a net.Addr) string {
	if a == nil || a.String() == "@" {
		return ""
	}
	return a.String()
}

// open does what must come before the protocol: the PROXY header and TLS. What
// fails becomes the connection's Refusal.
func (c *Conn) open(cfg *tls.Config) {
	if c.srv.trusts(c.raw.RemoteAddr()) {
		if err := c.readProxyHeader(); err != nil {
			c.refusal = err
			c.cut.Store(true) // there is no telling what the peer expects
			c.rec.Remark("PROXY header: %v", err)
			return
		}
	}
	if cfg == nil {
		return
	}
	if err := c.handshake(cfg); err != nil && c.refusal == nil {
		c.refusal = err
		c.cut.Store(true)
	}
}

// Refusal is why the connection cannot be served: ErrTooMany, or what went wrong
// with TLS or the PROXY header (nothing can be said to the client then). nil when
// all is well.
func (c *Conn) Refusal() error { return c.refusal }

// ID is the session's.
func (c *Conn) ID() string { return c.id }

// ClientAddress is host:port of the client, by the PROXY header where one came;
// a Unix socket's name or "" otherwise.
func (c *Conn) ClientAddress() string { return c.client }

// Context ends when the server is stopped hard.
func (c *Conn) Context() context.Context { return c.srv.ctx }

// Draining is closed when the server begins to shut down.
func (c *Conn) Draining() <-chan struct{} { return c.srv.draining }

// Recorder is the connection's transcript.
func (c *Conn) Recorder() *transcript.Recorder { return &c.rec }

// Buffered is the number of octets received but not consumed.
func (c *Conn) Buffered() int { return c.in.Buffered() }

// HasLine tells whether a complete line waits.
func (c *Conn) HasLine() bool { return c.in.HasLine() }

// Mask records client lines as masked from their first octet until the returned
// function is called.
func (c *Conn) Mask() (unmask func()) {
	c.masking = true
	return func() { c.masking = false }
}

// ReadLine reads and records a line of at most limit octets with its end. It is
// where a session waits between commands: the whole line must come within the
// idle time, and a shutdown interrupts. Errors: ErrIdle, ErrDraining, ErrCut,
// line.ErrTooLong (go on), line.ErrUnending, io.EOF and the network's.
func (c *Conn) ReadLine(limit int) (line.Line, error) {
	if err := c.beginWait(); err != nil {
		return line.Line{}, err
	}
	l, err := c.in.ReadLine(limit)
	c.endWait()
	switch {
	case err == nil || len(l.Text) > 0:
		c.rec.Client(l.Text, c.visible(l.Text))
	case errors.Is(err, line.ErrTooLong):
		c.rec.Remark("a line from the client longer than %d octets", limit)
	}
	if err == nil {
		c.remarkBare(l)
	}
	return l, c.readError(err)
}

func (c *Conn) visible(text []byte) int {
	switch {
	case c.masking:
		return 0
	case c.Visible != nil:
		return c.Visible(text)
	}
	return -1
}

func (c *Conn) remarkBare(l line.Line) {
	if l.BareLF {
		c.rec.Remark("the line ends in LF alone")
	}
	if l.BareCR >= 0 {
		c.rec.Remark("the line holds a CR")
	}
}

func (c *Conn) beginWait() error {
	if c.in.HasLine() {
		return c.drained()
	}
	if err := c.Flush(); err != nil {
		return err
	}
	c.in.Idle()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.leave(); err != nil {
		return err
	}
	c.waiting = true
	return c.raw.SetReadDeadline(time.Now().Add(c.srv.cfg.Idle))
}

func (c *Conn) drained() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leave()
}

// leave is why the session must end, nil if it need not; c.mu is held.
func (c *Conn) leave() error {
	switch {
	case !c.leaving:
		return nil
	case c.reason != nil:
		return c.reason
	}
	return ErrDraining
}

func (c *Conn) endWait() {
	c.mu.Lock()
	c.waiting = false
	c.mu.Unlock()
}

// drain is Shutdown's: it ends a wait for a command, now or at its beginning.
func (c *Conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leaving = true
	if c.waiting {
		c.raw.SetReadDeadline(time.Unix(1, 0))
	}
}

func (c *Conn) readError(err error) error {
	switch {
	case err == nil:
		return nil
	case c.cut.Load():
		return ErrCut
	case errors.Is(err, os.ErrDeadlineExceeded):
		if err := c.drained(); err != nil {
			return err
		}
		return ErrIdle
	}
	return err
}

// ReadData copies mail data to dst up to CRLF "." CRLF; see line.Reader.Data. The
// transcript gets its size. Each read may take the idle time.
func (c *Conn) ReadData(dst io.Writer) (line.Data, error) {
	c.perRead = true
	d, err := c.in.Data(dst)
	c.perRead = false
	c.rec.Elide(d.Size, "mail data from the client")
	return d, c.readError(err)
}

// CopyN copies n octets to dst; see line.Reader.CopyN. what names them in the
// transcript ("mail data from the client").
func (c *Conn) CopyN(dst io.Writer, n int64, what string) (refused, err error) {
	c.perRead = true
	refused, err = c.in.CopyN(dst, n)
	c.perRead = false
	c.rec.Elide(n, what)
	return refused, c.readError(err)
}

// Write buffers and records octets of replies.
func (c *Conn) Write(p []byte) (int, error) {
	c.rec.Server(p)
	return c.send(p)
}

// WriteElided buffers octets that the transcript shows by their number alone.
func (c *Conn) WriteElided(p []byte, what string) (int, error) {
	c.rec.Elide(int64(len(p)), what)
	return c.send(p)
}

func (c *Conn) send(p []byte) (int, error) {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	if c.outErr != nil {
		return 0, c.outErr
	}
	if c.outLen+len(p) > outSize {
		if err := c.flush(); err != nil {
			return 0, err
		}
		if len(p) >= outSize {
			return len(p), c.push(p)
		}
	}
	if c.out == nil {
		c.out = outBuffers.Get().(*[outSize]byte)
	}
	c.outLen += copy(c.out[c.outLen:], p)
	return len(p), nil
}

// Flush sends what was written. After an error nothing more is sent.
func (c *Conn) Flush() error {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	return c.flush()
}

func (c *Conn) flush() error {
	if c.outLen == 0 || c.outErr != nil {
		return c.outErr
	}
	err := c.push(c.out[:c.outLen])
	c.outLen = 0
	outBuffers.Put(c.out)
	c.out = nil
	return err
}

func (c *Conn) push(p []byte) error {
	for len(p) > 0 && c.outErr == nil {
		n := len(p)
		if c.throttle > 0 {
			n = min(n, c.pace())
			c.outErr = c.sleep(time.Duration(n) * time.Second / time.Duration(c.throttle))
		}
		if c.outErr == nil {
			c.nc.SetWriteDeadline(time.Now().Add(c.srv.cfg.WriteTimeout))
			n, c.outErr = c.nc.Write(p[:n])
			c.bytesOut += int64(n)
			p = p[n:]
		}
	}
	return c.outErr
}

// silence makes err the end of sending; what was not sent is lost.
func (c *Conn) silence(err error) {
	c.cut.Store(true)
	c.outMu.Lock()
	defer c.outMu.Unlock()
	c.outErr = err
}

// source is a Conn as its line.Reader reads it.
type source Conn

func (s *source) Read(p []byte) (int, error) {
	c := (*Conn)(s)
	if err := c.Flush(); err != nil {
		return 0, err
	}
	if c.perRead {
		if err := c.raw.SetReadDeadline(time.Now().Add(c.srv.cfg.Idle)); err != nil {
			return 0, err
		}
	}
	if c.cutAfter >= 0 {
		if c.cutAfter == 0 {
			c.Cut()
			return 0, ErrCut
		}
		p = p[:min(int64(len(p)), c.cutAfter)]
	}
	if c.throttle > 0 {
		p = p[:min(len(p), c.pace())]
		if err := c.sleep(time.Duration(len(p)) * time.Second / time.Duration(c.throttle)); err != nil {
			return 0, err
		}
	}
	n, err := c.nc.Read(p)
	c.bytesIn.Add(int64(n))
	if c.cutAfter >= 0 {
		c.cutAfter -= int64(n)
	}
	return n, err
}

// StartTLS answers the client's handshake. The caller has flushed its go-ahead
// and made sure that nothing is Buffered (RFC 3207 §6, CVE-2011-0411).
func (c *Conn) StartTLS(cfg *tls.Config) error { return c.handshake(cfg) }

func (c *Conn) handshake(cfg *tls.Config) error {
	t := tls.Server(c.raw, cfg)
	ctx, cancel := context.WithTimeout(c.srv.ctx, min(c.srv.cfg.Idle, time.Minute))
	defer cancel()
	c.raw.SetDeadline(time.Time{})
	if err := t.HandshakeContext(ctx); err != nil {
		c.rec.Remark("TLS handshake failed: %v", err)
		c.cut.Store(true)
		return err
	}
	state := t.ConnectionState()
	c.tls, c.nc = &state, t
	c.in.Reset((*source)(c))
	c.rec.Remark("TLS started: %s, %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
	return nil
}

// Linger says that the session ends by our will: the client, which may be sending
// still, gets a moment to read the last reply.
func (c *Conn) Linger() { c.linger = true }

// close ends the connection: what was written is sent, and the client gets a
// moment to read it.
func (c *Conn) close() {
	if !c.cut.Load() && c.Flush() == nil {
		c.finish()
	}
	c.nc.Close()
	c.in.Release()
}

// finish closes our side and drains a little, so that octets still under way do
// not reset the connection before our last reply is read.
func (c *Conn) finish() {
	if t, ok := c.nc.(*tls.Conn); ok {
		t.SetWriteDeadline(time.Now().Add(lingerTime))
		t.CloseWrite()
	}
	half, ok := c.raw.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	if !c.linger && c.in.Buffered() == 0 && c.refusal == nil {
		return
	}
	c.raw.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.raw, 1<<20)
}
