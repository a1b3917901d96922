package imapd

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/clock"
	"github.com/catchpost/catchpost/internal/daemon"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/store"
)

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = daemon.ErrServerClosed

// Options of a Server. Store is needed; zero values of the others have sound meanings.
type Options struct {
	Store Backend
	// TLS, when set, offers STARTTLS; ServeTLS uses it too.
	TLS *tls.Config
	// RequireTLS refuses logins in the clear (LOGINDISABLED).
	RequireTLS bool
	// MaxMessage bounds an APPEND in octets and is announced as APPENDLIMIT; 0 is 50 MiB.
	MaxMessage int64
	// SCRAM announces SCRAM-SHA-256: every login that is served has a verifier.
	SCRAM bool
	// NoUnauthenticate leaves UNAUTHENTICATE out, for a proxy in front that judges
	// logins (RFC 8437 §8 demands the choice).
	NoUnauthenticate bool
	// ClearOnly leaves CRAM-MD5 out of what is announced: the accounts file's hashes
	// judge passwords in clear alone, and a client that prefers CRAM-MD5 would fail.
	ClearOnly bool
	MaxConns  int           // 0 is 1,000
	Idle      time.Duration // between commands; 0 is 30 minutes (RFC 9051 §5.4)
	Proxies   []netip.Prefix
	Faults    *fault.Set
	Clock     clock.Clock
	Log       *slog.Logger
	Version   string // told by ID
	// TranscriptLimit bounds a session's transcript in octets; 0 is the default.
	TranscriptLimit int
}

// Server is the IMAP server. Create it with New.
type Server struct {
	*daemon.Server
	opts      Options
	sandboxes daemon.Sandboxes
	stop      context.CancelFunc
	watching  sync.WaitGroup
}

// New returns a server that Serve and ServeTLS make work.
func New(o Options) *Server {
	if o.MaxMessage <= 0 {
		o.MaxMessage = 50 << 20
	}
	if o.Idle <= 0 {
		o.Idle = 30 * time.Minute
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{opts: o}
	s.Server = daemon.New(daemon.Config{
		Name: "imap", Handle: s.handle, MaxConns: o.MaxConns, Idle: o.Idle, WriteTimeout: 5 * time.Minute,
		Proxies: o.Proxies, TranscriptLimit: o.TranscriptLimit, Log: o.Log,
	})
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	sub := o.Store.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.SandboxDeleted}})
	s.watching.Go(func() { s.watchSandboxes(ctx, sub) })
	return s
}

// ServeTLS is Serve with TLS from the first octet.
func (s *Server) ServeTLS(ln net.Listener) error { return s.Server.ServeTLS(ln, s.opts.TLS) }

// Shutdown says BYE to every session between commands and cuts what is left when
// ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.Server.Shutdown(ctx)
	s.stop()
	s.watching.Wait()
	return err
}

func (s *Server) now() time.Time { return s.opts.Clock.Now() }

// errSandboxEnded ends the sessions of a sandbox that is no more.
var errSandboxEnded = errors.New("the sandbox has ended")

// watchSandboxes makes the sessions of a sandbox that ends say BYE.
func (s *Server) watchSandboxes(ctx context.Context, sub *store.Subscription) {
	defer sub.Close()
	for {
		changes, err := sub.Next(ctx)
		if errors.Is(err, store.ErrLagged) {
			for _, name := range s.sandboxes.Names() {
				if _, err := s.opts.Store.Sandbox(ctx, name); err != nil {
					s.sandboxes.Leave(name, errSandboxEnded)
				}
			}
		} else if err != nil {
			return
		}
		for _, c := range changes {
			s.sandboxes.Leave(c.Sandbox, errSandboxEnded)
		}
	}
}
