package pop3d

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/daemon"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = daemon.ErrServerClosed

// Backend is what the server asks of the store, which is its one implementation.
type Backend interface {
	Maildrops
	Login(ctx context.Context, user, password string) (store.Identity, error)
	LoginSecrets(ctx context.Context, user string) (store.Identity, store.Secrets, bool, error)
	Sandbox(ctx context.Context, name string) (store.Sandbox, error)
	Subscribe(i store.Interest) *store.Subscription
	SaveSession(ctx context.Context, sess *model.Session) error
}

var _ Backend = (*store.Store)(nil)

// Options of a Server. Store is needed; zero values of the others have sound meanings.
type Options struct {
	Store Backend
	// TLS, when set, offers STLS; ServeTLS uses it too.
	TLS *tls.Config
	// RequireTLS refuses logins in the clear.
	RequireTLS bool
	// ExclusiveLock lets one session at a time have a maildrop (RFC 1939 §4).
	ExclusiveLock bool
	// SCRAM announces SCRAM-SHA-256: every login that is served has a verifier.
	SCRAM bool
	// ClearOnly leaves CRAM-MD5 out of what is announced: the accounts file's hashes
	// judge passwords in clear alone, and a client that prefers CRAM-MD5 would fail.
	ClearOnly bool
	MaxConns  int           // 0 is 1,000
	Idle      time.Duration // between commands; 0 is 10 minutes (RFC 1939 §3)
	Proxies   []netip.Prefix
	Faults    *fault.Set
	Log       *slog.Logger
	Version   string // told by CAPA
	// TranscriptLimit bounds a session's transcript in octets; 0 is the default.
	TranscriptLimit int
}

// Server is the POP3 server. Create it with New.
type Server struct {
	*daemon.Server
	opts      Options
	locked    sync.Map // store.MailboxID, with ExclusiveLock
	sandboxes daemon.Sandboxes
	stop      context.CancelFunc
	watching  sync.WaitGroup
}

// New returns a server that Serve and ServeTLS make work.
func New(o Options) *Server {
	if o.Idle <= 0 {
		o.Idle = 10 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{opts: o}
	s.Server = daemon.New(daemon.Config{
		Name: "pop3", Handle: s.handle, MaxConns: o.MaxConns, Idle: o.Idle,
		Proxies: o.Proxies, TranscriptLimit: o.TranscriptLimit, Log: o.Log,
	})
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	sub := o.Store.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.SandboxDeleted}}) // before the first session
	s.watching.Go(func() { s.watchSandboxes(ctx, sub) })
	return s
}

// ServeTLS is Serve with TLS from the first octet.
func (s *Server) ServeTLS(ln net.Listener) error { return s.Server.ServeTLS(ln, s.opts.TLS) }

// Shutdown ends every session between commands, removing nothing, and cuts what is
// left when ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.Server.Shutdown(ctx)
	s.stop()
	s.watching.Wait()
	return err
}

// errSandboxEnded ends the sessions of a sandbox that is no more.
var errSandboxEnded = errors.New("the sandbox has ended")

// watchSandboxes ends the sessions of a sandbox that ends.
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
