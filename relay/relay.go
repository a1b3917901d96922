package relay

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-sasl"
	"golang.org/x/time/rate"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
)

// Smarthost is the one next hop of everything, instead of MX.
type Smarthost struct {
	Host           string // name, for TLS
	Port           uint16
	User, Password string
	TLS            TLSPolicy
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
	// TLS is the policy of a domain; nil is opportunistic for all.
	TLS   func(domain string) TLSPolicy
	Roots *x509.CertPool // nil: the system's
	// Rewrite changes relayed copies; the stored octets stay.
	Rewrite Rewrite
	// PerHost and All bound transactions at the same time (2, 50); HostRate and
	// Rate bound transactions a second (0: no bound).
	PerHost, All   int
	HostRate, Rate float64
}

// Relay is the queue's worker. Rows of the store are its only memory.
type Relay struct {
	c     Config
	log   *slog.Logger
	rules atomic.Pointer[policy.Rules]
	route router
	dial  dialer
	rate  *rate.Limiter

	mu      sync.Mutex
	busy    map[string]bool // entries that an attempt has in hand
	active  map[string]int  // transactions at the same time, by destination
	limits  map[string]*rate.Limiter
	advance map[string]bool // sandboxes whose clock is being moved
	running int
	wake    chan struct{}
	work    sync.WaitGroup
}

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
	}
	if c.All == 0 {
		c.All = 50
	}
	c.Schedule = c.Schedule.withDefaults()
	r := &Relay{
		c: c, log: c.Log, busy: map[string]bool{}, active: map[string]int{}, limits: map[string]*rate.Limiter{},
		advance: map[string]bool{}, wake: make(chan struct{}, 1), rate: limiter(c.Rate),
		route: router{resolver: c.Resolver, port: c.Port, private: c.Private, names: append([]string{c.Name}, c.Names...)},
		dial:  dialer{name: c.Name, roots: c.Roots, now: func() time.Time { return time.Now().UTC() }},
	}
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

// SetRules replaces the rules that select captured messages.
func (r *Relay) SetRules(rules *policy.Rules) { r.rules.Store(rules) }

// Rules returns the rules in force, nil if there are none.
func (r *Relay) Rules() *policy.Rules { return r.rules.Load() }

// Denied says that a forward-path may not leave.
type Denied struct {
	ForwardPath string
	Verdict     policy.Verdict
}

func (d *Denied) Error() string {
	return fmt.Sprintf("%s may not be relayed: %s (%s)", d.ForwardPath, d.Verdict.Reason, d.Verdict.Rule)
}

// Judge judges a forward-path without queueing anything.
func (r *Relay) Judge(path string) policy.Verdict { return r.c.Lists.Judge(path) }

// Derive makes the queue rows of a captured message by the first rule that
// matches; they are committed with it.
func (r *Relay) Derive(m *store.Message, s filter.Subject) []store.QueueEntry {
	rule, ok, err := r.Rules().First(s)
	if err != nil {
		r.log.Warn("a relay rule could not be judged", "message", m.ID, "error", err)
	}
	if !ok || rule.Action == policy.ActionDrop || m.Origin == "dsn" || m.Origin == "append" {
		return nil
	}
	entries := make([]store.QueueEntry, 0, len(m.ForwardPaths))
	for _, path := range m.ForwardPaths {
		e := r.entry(m, path, m.ReversePath)
		if rule.Action == policy.ActionHold && e.State == store.Queued {
			e.State, e.NextAt, e.Reason = store.Held, time.Time{}, "held by rule "+rule.ID
		}
		entries = append(entries, e)
	}
	return entries
}

// Release queues a message for the given forward-paths, its own when to is
// empty. Paths that may not leave become visible rows, and the first of them is
// returned as *Denied beside the rows. Errors: *Denied, the store's.
func (r *Relay) Release(ctx context.Context, m *store.Message, to []string) ([]store.QueueEntry, error) {
	if len(to) == 0 {
		to = m.ForwardPaths
	}
	var denied error
	var entries []store.QueueEntry
	for _, path := range to {
		e := r.entry(m, path, m.ReversePath)
		if e.State == store.Held && denied == nil {
			denied = &Denied{path, r.Judge(path)}
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil, errors.New("the message has no forward-path; say to whom it shall go")
	}
	out, err := r.c.Store.EnqueueMessage(ctx, m.ID, entries)
	if err != nil {
		return nil, err
	}
	return out, denied
}

// entry is the row of one forward-path, judged by the lists.
func (r *Relay) entry(m *store.Message, path, reversePath string) store.QueueEntry {
	now := r.c.Store.SandboxNow(m.Sandbox)
	e := store.QueueEntry{
		Sandbox: m.Sandbox, MessageID: m.ID, ReversePath: r.c.Rewrite.reversePath(reversePath), ForwardPath: path,
		State: store.Queued, QueuedAt: now, NextAt: now, ExpiresAt: now.Add(r.c.Schedule.Expire),
		Received: r.received(m, now),
	}
	if d := m.Envelope.DSN; true {
		if d.Ret != nil {
			e.Ret = *d.Ret
		}
		if d.EnvID != nil {
			e.EnvID = *d.EnvID
		}
		for _, rc := range d.Recipients {
			if rc.Address == path {
				e.DSN = rc
			}
		}
	}
	v := r.Judge(path)
	e.Domain = v.Domain
	switch v.Outcome {
	case policy.Local:
		e.State, e.NextAt, e.Reason = store.Delivered, time.Time{}, "captured here: "+v.Reason
	case policy.Refused:
		e.State, e.NextAt, e.Reason = store.Held, time.Time{}, "not allowed: "+v.Reason
	}
	return e
}

// received is the trace field of a relayed copy, RFC 5321 §4.4. It depends on
// the message alone, so that every copy and every retry has the same octets.
func (r *Relay) received(m *store.Message, _ time.Time) string {
	from := oneWord(m.Envelope.HELO, "unknown")
	client := ""
	if ap, err := netip.ParseAddrPort(m.Envelope.ClientAddress); err == nil {
		ip := ap.Addr().Unmap().String()
		if ap.Addr().Is6() && !ap.Addr().Is4In6() {
			ip = "IPv6:" + ip
		}
		client = " ([" + ip + "])"
	}
	protocol := oneWord(m.Envelope.Protocol, "HTTP")
	return fmt.Sprintf("Received: from %s%s\r\n\tby %s with %s id %s;\r\n\t%s\r\n", from, client, oneWord(r.c.Name, "localhost"), protocol, m.ID,
		m.ReceivedAt.Format(time.RFC1123Z))
}

// oneWord keeps what a client said from making a field of its own.
func oneWord(s, otherwise string) string {
	s = strings.Map(func(c rune) rune {
		if c <= ' ' || c >= 0x7f || c == ';' || c == '(' || c == ')' || c == '<' || c == '>' {
			return -1
		}
		return c
	}, s)
	if s == "" || len(s) > 255 {
		return otherwise
	}
	return s
}
