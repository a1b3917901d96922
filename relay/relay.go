package relay

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
)

// Smarthost is the one next hop of everything, instead of MX.
type Smarthost struct {
	Host           string // name or address, for TLS
	Port           uint16
	User, Password string
	TLS            TLSPolicy
	Implicit       bool // TLS before the greeting, RFC 8314 §3.3; TLS is not TLSNever
}

// Config is what a Relay needs. Store, Name, Lists and Resolver (or Smarthost)
// are required; the rest has sound zero values.
type Config struct {
	Store     *store.Store
	Log       *slog.Logger
	Name      string   // our host name
	Names     []string // further names of this host, for loop detection
	Lists     *policy.Lists
	Resolver  *Resolver
	Smarthost *Smarthost
	Port      uint16 // of next hops, 25
	Private   bool   // next hops may have private or loopback addresses
	DryRun    bool   // do all but connect
	Schedule  Schedule
	Timeouts  Timeouts
	// TLS is the policy of a domain; nil is opportunistic for all.
	TLS   func(domain string) TLSPolicy
	Roots *x509.CertPool // nil: the system's
	// Rewrite changes relayed copies; the stored octets stay.
	Rewrite Rewrite
	// PerHost and All bound transactions at the same time (2, 50); HostRate and
	// Rate bound transactions a second (0: no bound).
	PerHost, All   int
	HostRate, Rate float64
	// Grace is how long a shutdown waits for the answer to a message that is
	// being handed over, 10 s.
	Grace time.Duration
}

// Relay is the queue's worker. Rows of the store are its only memory.
type Relay struct {
	c       Config
	log     *slog.Logger
	route   router
	dial    dialer
	rate    *rate.Limiter
	filters policy.Filters
	octets  *semaphore.Weighted // of messages in memory

	life context.Context // ends when Run is told to end
	end  context.CancelFunc

	mu      sync.Mutex
	busy    map[store.Sequence]string // entries that an attempt has in hand, with their sandbox
	active  map[string]int            // groups at the same time, by destination
	limits  map[string]*rate.Limiter
	advance map[string]bool // sandboxes whose clock is being moved
	suspect map[string]bool // entries about which a crash may have cut off a notification
	freed   chan struct{}   // closed and made anew when entries are out of hand
	running int
	wake    chan struct{}
	work    sync.WaitGroup
}

// octetsMost bounds the messages that attempts hold in memory at the same time.
const octetsMost = 256 << 20

// New makes a Relay; Run works its queue.
func New(c Config) *Relay {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Port == 0 {
		c.Port = 25
	}
	if c.PerHost == 0 {
		c.PerHost = 2
		if c.Smarthost != nil {
			c.PerHost = 10
		}
	}
	if c.All == 0 {
		c.All = 50
	}
	if c.Grace == 0 {
		c.Grace = 10 * time.Second
	}
	c.Schedule = c.Schedule.withDefaults()
	c.Timeouts = c.Timeouts.withDefaults()
	r := &Relay{
		c: c, log: c.Log, rate: limiter(c.Rate), octets: semaphore.NewWeighted(octetsMost),
		busy: map[store.Sequence]string{}, active: map[string]int{}, limits: map[string]*rate.Limiter{},
		advance: map[string]bool{}, suspect: map[string]bool{}, freed: make(chan struct{}), wake: make(chan struct{}, 1),
		route: router{resolver: c.Resolver, port: c.Port, private: c.Private, names: append([]string{c.Name}, c.Names...)},
		dial:  dialer{name: c.Name, roots: c.Roots, timeouts: c.Timeouts, grace: c.Grace, now: func() time.Time { return time.Now().UTC() }},
	}
	r.life, r.end = context.WithCancel(context.Background())
	if h := c.Smarthost; h != nil && h.User != "" {
		r.dial.auth = func() sasl.Client { return sasl.NewPlainClient("", h.User, h.Password) }
	}
	return r
}

func limiter(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
}

// Judge judges a forward-path without queueing anything.
func (r *Relay) Judge(path string) policy.Verdict { return r.c.Lists.Judge(path) }

// ErrNobody: a message without forward-paths was to be released.
var ErrNobody = errors.New("the message has no forward-path; say to whom it shall go")

// Release queues a message for the given forward-paths, its own when to is
// empty. A path that waits already is not queued twice: its row comes back,
// released if it was held and may leave. It is all or nothing: when a path may not
// leave, nothing is queued or released, and the first such is *policy.Denied.
// Errors: *policy.Denied, ErrNobody, the store's.
func (r *Relay) Release(ctx context.Context, m *store.Message, to []string) ([]store.QueueEntry, error) {
	if len(to) == 0 {
		to = m.ForwardPaths
	}
	if len(to) == 0 {
		return nil, ErrNobody
	}
	for _, path := range to {
		if v := r.Judge(path); v.Outcome == policy.Refused {
			return nil, &policy.Denied{ForwardPath: path, Verdict: v}
		}
	}
	open, err := r.open(ctx, m)
	if err != nil {
		return nil, err
	}
	var out, fresh []store.QueueEntry
	seen := map[string]bool{}
	now := r.c.Store.SandboxNow(m.Sandbox)
	for _, path := range to {
		if seen[path] {
			continue
		}
		seen[path] = true
		e := r.entry(m, path, now)
		old, waits := open[path]
		switch {
		case !waits:
			fresh = append(fresh, e)
			continue
		case old.State == store.Held && e.State != store.Held:
			if old, err = r.unhold(ctx, old, e); err != nil {
				return nil, err
			}
		}
		out = append(out, old)
	}
	if len(fresh) > 0 {
		r.trace(m, fresh)
		made, err := r.c.Store.EnqueueMessage(ctx, m.ID, fresh)
		if err != nil {
			return nil, err
		}
		out = append(out, made...)
	}
	return out, nil
}

// open returns a message's rows that may still leave, by forward-path.
func (r *Relay) open(ctx context.Context, m *store.Message) (map[string]store.QueueEntry, error) {
	out := map[string]store.QueueEntry{}
	if r.c.Store.OpenQueue(m.ID) == 0 {
		return out, nil
	}
	for cursor := ""; ; {
		rows, next, err := r.c.Store.QueueEntries(ctx, store.QueueQuery{MessageID: m.ID, States: []store.QueueState{store.Queued, store.Deferred, store.Held}, Cursor: cursor})
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			out[e.ForwardPath] = e
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// unhold lets a held row go as a fresh one would.
func (r *Relay) unhold(ctx context.Context, old, as store.QueueEntry) (store.QueueEntry, error) {
	return r.c.Store.UpdateQueueEntry(ctx, old.ID, func(e *store.QueueEntry) error {
		if e.State == store.Held {
			e.State, e.Reason, e.Domain = as.State, as.Reason, as.Domain
			e.QueuedAt, e.NextAt, e.ExpiresAt = as.QueuedAt, as.NextAt, as.ExpiresAt
		}
		return nil
	})
}
