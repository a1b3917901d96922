package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/catchpost/catchpost/internal/clock"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
)

// Config is what a Server needs. Store is required; the rest has sound zero values.
type Config struct {
	Store   *store.Store
	Version string
	// Listeners are the addresses that are really listened on, for /v1/info and
	// for the access data of sandboxes.
	Listeners []Listener
	// Advertise maps a listener's name ("smtp", "pop3", "imap", "http", …) to
	// the "host:port" that clients reach it by, where that differs.
	Advertise map[string]string
	// AdminToken closes the instance: every request then needs a token.
	AdminToken string
	// AdminUser is a name that it goes by in Basic credentials, besides "admin".
	AdminUser string
	// BasePath is the path the page and the API live under, "" or "/mail".
	BasePath string
	// SandboxDomain is the domain whose subdomains are sandboxes, "" turns it off.
	SandboxDomain string
	// SandboxLimits are a created sandbox's, as in store.Options.
	SandboxLimits store.Limits
	// AllowedHosts are further host names that an open instance answers to; "*" is any.
	AllowedHosts []string
	// TrustedProxies may set X-Forwarded-For, -Proto and -Host.
	TrustedProxies []netip.Prefix
	// CORS are the origins that browsers may call from; "*" is any.
	CORS []string
	// CA returns the PEM of our certificate authority; nil or empty: none.
	CA func() []byte
	// Page serves "/" and everything that no other route claims; nil: a short note.
	Page http.Handler
	// Metrics are the other servers' for /metrics; they are shown to the
	// administrator alone.
	Metrics prometheus.Gatherer
	// Durability and Data are told by /v1/info.
	Durability, Data string
	// Faults are the rules that the mail servers obey; /v1/faults changes them.
	Faults *fault.Set
	// Hostname names this host in notifications that are made on demand, and in
	// the trace fields of /raw?trace=true.
	Hostname string
	// Policy judges what may leave; nil: nothing does.
	Policy *policy.Lists
	// Relay delivers what is released; nil: nothing leaves.
	Relay Relay
	// Clocks moves sandboxes' clocks; nil: they are not controllable.
	Clocks Clocks
	// Compat says whose /api/v1 is: "mailpit" (or "") or "mailhog".
	Compat string
	// LinkCheckPrivate lets Mailpit's link check reach private addresses.
	LinkCheckPrivate bool

	Clock  clock.Clock
	Log    *slog.Logger
	Limits Limits
}

// Relay queues messages for delivery to real servers, for all forward-paths or
// none. Errors: *policy.Denied when one may not leave.
type Relay interface {
	Release(ctx context.Context, m *store.Message, to []string) ([]store.QueueEntry, error)
}

// Clocks moves a sandbox's clock forward, and with it all that falls due.
type Clocks interface {
	AdvanceClock(ctx context.Context, sandbox string, d time.Duration) (offset time.Duration, ran []model.Ran, err error)
}

// Listener is one address that is listened on.
type Listener struct {
	// Name is smtp, smtps, submission, lmtp, pop3, pop3s, imap, imaps or http.
	Name string
	// Network is "tcp" or "unix".
	Network string
	// Address is "host:port" or a path.
	Address string
	// TLS is "", "starttls" or "implicit".
	TLS string
	// Auth tells whether a login is demanded.
	Auth bool
}

// Limits bound what requests may cost; zero fields take the defaults.
type Limits struct {
	MessageSize int64         // octets of a message posted, 50 MiB
	BodySize    int64         // octets of any other request body, 1 MiB
	Wait        time.Duration // longest wait, 5 min
	Waits       int           // requests that wait or listen at the same time, 5,000
	SandboxWait int           // the same for one sandbox, 2,000
	BodyTime    time.Duration // to send a request body, 60 s
	WriteTime   time.Duration // for one write to a client, 60 s
	Heartbeat   time.Duration // comment on an idle event stream, 15 s
}

func (l Limits) withDefaults() Limits {
	setDefault(&l.MessageSize, 50<<20)
	setDefault(&l.BodySize, 1<<20)
	setDefault(&l.Wait, 5*time.Minute)
	setDefault(&l.Waits, 5000)
	setDefault(&l.SandboxWait, 2000)
	setDefault(&l.BodyTime, time.Minute)
	setDefault(&l.WriteTime, time.Minute)
	setDefault(&l.Heartbeat, 15*time.Second)
	return l
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
