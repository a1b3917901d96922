package daemon

import "io"

// Layer is a connection as octets, for a protocol that frames and records by
// itself, and for layers such as IMAP's COMPRESS. Writes are buffered until Flush
// or the next read. One goroutine may read while another writes.
type Layer struct{ c *Conn }

// Layer returns the connection as octets.
func (c *Conn) Layer() Layer { return Layer{c} }

var _ io.ReadWriter = Layer{}

// Read reads octets; it may take the idle time unless it runs inside Await.
func (l Layer) Read(p []byte) (int, error) {
	c := l.c
	if !c.awaiting {
		c.perRead = true
		defer func() { c.perRead = false }()
	}
	n, err := c.in.Read(p)
	return n, c.readError(err)
}

// Write buffers octets; the transcript does not see them.
func (l Layer) Write(p []byte) (int, error) { return l.c.send(p) }

// Await runs read, which waits for a command by reading the Layer: within the idle
// time, and interrupted by a shutdown or Leave, as ReadLine is.
func (c *Conn) Await(read func() error) error {
	if err := c.beginWait(); err != nil {
		return err
	}
	c.awaiting = true
	err := read()
	c.awaiting = false
	c.endWait()
	return err
}

// Leave makes the session end as a shutdown does, now or at its next wait; reason
// comes in place of ErrDraining. Any goroutine may call it.
func (c *Conn) Leave(reason error) {
	c.mu.Lock()
	if c.reason == nil {
		c.reason = reason
	}
	c.mu.Unlock()
	c.drain()
}
