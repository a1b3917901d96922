package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/catchpost/catchpost/internal/daemon"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/sasl"
	"github.com/catchpost/catchpost/store"
)

// ErrServerClosed is returned by Serve after Shutdown.
var ErrServerClosed = daemon.ErrServerClosed

// Backend is what the server asks of the store, which is its one implementation;
// tests count, delay and refuse through it.
type Backend interface {
	NewOctets() *store.Octets
	Route(sandbox, forwardPath string) (string, error)
	Deliver(ctx context.Context, d store.Delivery) ([]*store.Message, error)
	SASL() sasl.Backend[store.Identity]
	Alias(ctx context.Context, sandbox, address string) (store.Alias, error)
	Account(ctx context.Context, ref store.AccountRef) (store.Account, error)
	Accounts(ctx context.Context, sandbox string) ([]store.Account, error)
	SaveSession(ctx context.Context, sess *model.Session) error
	PublishSession(sess *model.Session)
}

var _ Backend = (*store.Store)(nil)

// Mode is the dialect of a server.
type Mode int

// The dialects. Submission differs from SMTP in its name alone: what a login
// demands is said by RequireAuth.
const (
	SMTP Mode = iota
	Submission
	LMTP
)

func (m Mode) String() string { return [...]string{"smtp", "submission", "lmtp"}[m] }

// Limits of a server; zero values have the defaults named.
type Limits struct {
	MessageSize int64         // octets; 50 MiB
	Recipients  int           // of one transaction; 2,000 (RFC 5321 §4.5.3.1.8 asks for 100)
	Connections int           // 1,000; negative: no limit
	Idle        time.Duration // wait for a command or data; 5 minutes (§4.5.3.2.7)
	Errors      int           // refused commands of one session; 20
	Transcript  int           // octets of one session's transcript; 256 KiB
}

// Config of a Server.
type Config struct {
	Mode     Mode
	Hostname string // of the greeting; "localhost" when empty
	Backend  Backend
	Limits   Limits
	// TLS is for STARTTLS, which is announced when it is set; REQUIRETLS follows.
	TLS *tls.Config
	// RequireAuth refuses mail before AUTH (530).
	RequireAuth bool
	// AuthNeedsTLS refuses AUTH in the clear (538).
	AuthNeedsTLS bool
	// Closed lets VRFY and EXPN tell of accounts after a login that may read alone
	// (252, RFC 5321 §7.3).
	Closed bool
	// SCRAM announces SCRAM-SHA-256: only where every login served has a verifier.
	SCRAM bool
	// ClearOnly leaves CRAM-MD5 out of what is announced: the accounts file's hashes
	// judge passwords in clear alone, and a client that prefers CRAM-MD5 would fail.
	ClearOnly bool
	// RejectBareLF refuses messages with a bare LF or CR in DATA (550).
	RejectBareLF bool
	// Proxies are the peers whose connections begin with a PROXY header.
	Proxies []netip.Prefix
	Faults  *fault.Set
	Log     *slog.Logger
}

// Server receives mail on any number of listeners.
type Server struct {
	cfg    Config
	daemon *daemon.Server
}

// New returns a server that Serve makes work.
func New(cfg Config) *Server {
	if cfg.Hostname == "" {
		cfg.Hostname = "localhost"
	}
	l := &cfg.Limits
	if l.MessageSize == 0 {
		l.MessageSize = 50 << 20
	}
	if l.Recipients == 0 {
		l.Recipients = 2000
	}
	if l.Errors == 0 {
		l.Errors = 20
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg}
	s.daemon = daemon.New(daemon.Config{
		Name: cfg.Mode.String(), Handle: s.handle, MaxConns: l.Connections, Idle: l.Idle,
		Proxies: cfg.Proxies, TranscriptLimit: l.Transcript, Log: cfg.Log,
	})
	return s
}

// Serve accepts connections from ln until Shutdown; STARTTLS is offered when
// Config.TLS is set. It returns ErrServerClosed after Shutdown.
func (s *Server) Serve(ln net.Listener) error { return s.daemon.Serve(ln) }

// ServeTLS is Serve with TLS from the first octet (RFC 8314 §3.3).
func (s *Server) ServeTLS(ln net.Listener) error {
	if s.cfg.TLS == nil {
		ln.Close()
		return errors.New("smtpd: ServeTLS without a TLS configuration")
	}
	return s.daemon.ServeTLS(ln, s.cfg.TLS)
}

// Shutdown ends the server: sessions between commands get 421, commits in flight
// are answered first; when ctx ends, what is left is cut.
func (s *Server) Shutdown(ctx context.Context) error { return s.daemon.Shutdown(ctx) }

// Connections is the number of connections being served.
func (s *Server) Connections() int { return s.daemon.Connections() }

func (s *Server) handle(c *daemon.Conn) {
	sess := &session{srv: s, cfg: &s.cfg, c: c, log: s.cfg.Log}
	c.Visible = visible
	defer sess.end()
	sess.run()
}
