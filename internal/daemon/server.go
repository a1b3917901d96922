// Package daemon is the ground that the SMTP, POP3 and IMAP servers stand on:
// accepting and counting connections, deadlines, PROXY headers, TLS, transcript,
// connection faults, panics, and an orderly end.
package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of a Server and of its connections.
var (
	ErrServerClosed = errors.New("daemon: server closed")
	// ErrDraining ends a read between commands when the server shuts down.
	ErrDraining = errors.New("the server is shutting down")
	// ErrIdle ends a read whose time ran out.
	ErrIdle = errors.New("idle for too long")
	// ErrTooMany is the Refusal of a connection over the limit.
	ErrTooMany = errors.New("too many connections")
	// ErrCut ends a connection that a fault cut.
	ErrCut = errors.New("cut by a fault rule")
)

// Config of a Server. Zero values have sound meanings.
type Config struct {
	// Name of the server in sessions and logs: smtp, submission, lmtp, pop3, imap.
	Name string
	// Handle serves one connection and returns; the connection is closed after it.
	// When c.Refusal() is not nil it should say so in the protocol's words, and return.
	Handle func(c *Conn)
	// MaxConns bounds the connections served at once; 0 is 1,000, negative no limit.
	MaxConns int
	// Idle bounds the wait for a command line and each read of data; 0 is 5 minutes.
	Idle time.Duration
	// WriteTimeout bounds each write; 0 is one minute.
	WriteTimeout time.Duration
	// Proxies are the peers that must send a PROXY header; connections from others
	// are taken as they are.
	Proxies []netip.Prefix
	// TranscriptLimit bounds a connection's transcript in octets; 0 is the default.
	TranscriptLimit int
	Log             *slog.Logger
}

// Server accepts connections for one protocol. Create it with New.
type Server struct {
	cfg    Config
	ctx    context.Context
	cancel context.CancelFunc
	count  atomic.Int64 // connections being served
	wg     sync.WaitGroup

	mu        sync.Mutex
	listeners map[net.Listener]struct{}
	conns     map[*Conn]struct{}
	draining  chan struct{} // closed by Shutdown
	closed    bool
}

// New returns a server that Serve makes work.
func New(cfg Config) *Server {
	if cfg.MaxConns == 0 {
		cfg.MaxConns = 1000
	}
	if cfg.Idle == 0 {
		cfg.Idle = 5 * time.Minute
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = time.Minute
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Server{
		cfg: cfg, ctx: ctx, cancel: cancel,
		listeners: map[net.Listener]struct{}{}, conns: map[*Conn]struct{}{},
		draining: make(chan struct{}),
	}
}

// Serve accepts connections until Shutdown, and then returns ErrServerClosed.
// It closes ln. It may be called for several listeners.
func (s *Server) Serve(ln net.Listener) error { return s.serve(ln, nil) }

// ServeTLS is Serve with TLS from the first octet.
func (s *Server) ServeTLS(ln net.Listener, cfg *tls.Config) error { return s.serve(ln, cfg) }

func (s *Server) serve(ln net.Listener, cfg *tls.Config) error {
	defer ln.Close()
	if !s.track(ln) {
		return ErrServerClosed
	}
	defer s.untrack(ln)
	pause := time.Duration(0)
	for {
		nc, err := ln.Accept()
		if err != nil {
			if s.isClosed() {
				return ErrServerClosed
			}
			if ne, ok := err.(net.Error); !ok || !ne.Timeout() && !isTemporary(err) {
				return err
			}
			pause = min(max(5*time.Millisecond, 2*pause), time.Second) // out of descriptors
			s.cfg.Log.Error("accept", "server", s.cfg.Name, "error", err, "retry_in", pause)
			select {
			case <-time.After(pause):
			case <-s.draining:
			}
			continue
		}
		pause = 0
		s.begin(nc, cfg)
	}
}

// isTemporary tells that Accept may succeed later (EMFILE, ECONNABORTED).
func isTemporary(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return ok && t.Temporary()
}

// begin counts a connection and starts its goroutine.
func (s *Server) begin(nc net.Conn, cfg *tls.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		nc.Close()
		return
	}
	n := s.count.Add(1)
	if limit := int64(s.cfg.MaxConns); limit > 0 && n > limit+limit/10+10 {
		s.count.Add(-1) // even the refusals have a limit
		nc.Close()
		return
	}
	c := newConn(s, nc)
	if s.cfg.MaxConns > 0 && n > int64(s.cfg.MaxConns) {
		c.refusal = ErrTooMany
	}
	s.conns[c] = struct{}{}
	s.wg.Go(func() { s.run(c, cfg) })
}

func (s *Server) run(c *Conn, cfg *tls.Config) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log.Error("panic in a session", "server", s.cfg.Name, "client", c.client,
				"session", c.id, "panic", p, "stack", string(debug.Stack()))
		}
		c.close()
		s.count.Add(-1)
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
	c.open(cfg)
	s.cfg.Handle(c)
}

// Connections is the number of connections being served.
func (s *Server) Connections() int { return int(s.count.Load()) }

// Shutdown closes the listeners, interrupts sessions that wait for a command (they
// say goodbye), lets commands in flight finish, and cuts what is left when ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.draining)
	}
	for ln := range s.listeners {
		ln.Close()
	}
	for c := range s.conns {
		c.drain()
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
		s.cancel()
		s.mu.Lock()
		for c := range s.conns {
			c.raw.Close()
		}
		s.mu.Unlock()
		<-done
	}
	s.cancel()
	return err
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *Server) track(ln net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.listeners[ln] = struct{}{}
	return true
}

func (s *Server) untrack(ln net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, ln)
}
