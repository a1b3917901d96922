package program

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/relay"
	"github.com/catchpost/catchpost/store"
)

// outward is what acts on captured messages from within: the relay and the
// webhooks. The store asks it for rows before they exist, so both are pointers
// that are set once.
type outward struct {
	relay  atomic.Pointer[relay.Relay]
	hooks  atomic.Pointer[relay.Hooks]
	lists  *policy.Lists // set with relay
	cancel context.CancelFunc
}

// derive makes the rows that are committed with a captured message.
func (w *outward) derive(m *store.Message, s filter.Subject) store.Derived {
	var queue, outbox store.Derived
	if r := w.relay.Load(); r != nil {
		queue = r.Derive(m, s)
	}
	if h := w.hooks.Load(); h != nil {
		outbox = h.Derive(m, s)
	}
	return store.Derived{Queue: queue.Queue, Outbox: outbox.Outbox, Finish: both(queue.Finish, outbox.Finish)}
}

// both runs two functions that finish rows, each its own kind.
func both(a, b func(*store.Message, *store.Derived)) func(*store.Message, *store.Derived) {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(m *store.Message, d *store.Derived) {
		a(m, d)
		b(m, d)
	}
}

// deriveChange makes the rows that are committed with an update or a deletion.
func (w *outward) deriveChange(c store.Change, s filter.Subject) []store.OutboxEntry {
	if h := w.hooks.Load(); h != nil {
		return h.DeriveChange(c, s)
	}
	return nil
}

// storeClock moves sandboxes' clocks where no relay works their queues.
type storeClock struct{ *store.Store }

func (c storeClock) AdvanceClock(ctx context.Context, sandbox string, d time.Duration) (time.Duration, []model.Ran, error) {
	offset, err := c.Store.AdvanceClock(ctx, sandbox, d)
	return offset, []model.Ran{}, err
}

// giveRelay tells the API what may leave and who moves clocks.
func (in *Instance) giveRelay(cfg *api.Config) {
	cfg.Hostname = in.hostname()
	r := in.outward.relay.Load()
	if r != nil {
		cfg.Policy, cfg.Relay = in.outward.lists, r
	}
	switch {
	case !in.Options.Mail.ControlledClock:
	case r != nil:
		cfg.Clocks = r
	default:
		cfg.Clocks = storeClock{in.Store}
	}
}

// startOutward starts the webhooks, and the relay if it is on.
func (in *Instance) startOutward() error {
	o := &in.Options
	ctx, cancel := context.WithCancel(context.Background())
	in.outward.cancel = cancel
	hooks := relay.NewHooks(relay.HooksConfig{Store: in.Store, Log: in.log, Private: o.Relay.HookPrivate, PageURL: in.messageURL})
	in.outward.hooks.Store(hooks)
	in.serving.Go(func() { in.report("webhooks", hooks.Run(ctx)) })
	if !o.Relay.Relay {
		return nil
	}
	c, err := in.relayConfig()
	if err != nil {
		cancel()
		return err
	}
	r := relay.New(c)
	in.outward.lists = c.Lists
	in.outward.relay.Store(r)
	in.serving.Go(func() { in.report("relay", r.Run(ctx)) })
	return nil
}

func (in *Instance) report(what string, err error) {
	if err != nil {
		select {
		case in.failed <- fmt.Errorf("%s: %w", what, err):
		default:
		}
	}
}

// messageURL is a message's page, for webhooks, which no request names the host of.
func (in *Instance) messageURL(sandbox, id string) string {
	page := in.pageURL()
	if page == "" {
		return ""
	}
	return page + "#/" + sandbox + "/" + id
}

func (in *Instance) relayConfig() (relay.Config, error) {
	o := &in.Options.Relay
	c := relay.Config{
		Store: in.Store, Log: in.log, Name: in.hostname(), Port: o.Port, Private: o.Private, DryRun: o.DryRun,
		Schedule: relay.Schedule{Retry: o.Retry, Warn: o.Warn, Expire: o.Expire},
		Rate:     o.Rate, HostRate: o.HostRate,
		Rewrite: relay.Rewrite{ReversePath: o.ReversePath, Headers: o.Header},
	}
	var err error
	if c.Lists, err = policy.New(o.Allow, o.Deny, o.LocalDomain); err != nil {
		return c, err
	}
	if err := c.Rewrite.Check(); err != nil {
		return c, fmt.Errorf("--relay-header: %w", err)
	}
	if c.Rewrite.DKIM, err = o.dkim(); err != nil {
		return c, err
	}
	if c.TLS, err = o.tlsPolicy(); err != nil {
		return c, err
	}
	if o.DNS != "" {
		if _, _, err := net.SplitHostPort(o.DNS); err != nil {
			return c, fmt.Errorf("--dns: %q is not HOST:PORT", o.DNS)
		}
		c.Resolver = &relay.Resolver{Servers: []string{o.DNS}}
	} else if c.Resolver, err = relay.SystemResolver(); err != nil && o.Smarthost != "" {
		c.Resolver = &relay.Resolver{Hosts: true}
	} else if err != nil {
		return c, err
	}
	c.Smarthost, err = o.smarthost()
	return c, err
}

func (o *Relay) dkim() (*relay.DKIM, error) {
	given := [...]string{o.DKIMKey, o.DKIMDomain, o.DKIMSelector}
	if given == [3]string{} {
		return nil, nil
	}
	for _, g := range given {
		if g == "" {
			return nil, errors.New("--dkim-key, --dkim-domain and --dkim-selector go together")
		}
	}
	key, err := relay.ReadDKIMKey(o.DKIMKey)
	return &relay.DKIM{Domain: o.DKIMDomain, Selector: o.DKIMSelector, Signer: key}, err
}

// tlsPolicy reads DOMAIN=POLICY; the first that matches wins.
func (o *Relay) tlsPolicy() (func(domain string) relay.TLSPolicy, error) {
	type rule struct {
		domain string
		policy relay.TLSPolicy
	}
	var rules []rule
	for _, given := range o.TLS {
		domain, p, ok := strings.Cut(given, "=")
		pol := relay.TLSPolicy(p)
		if _, err := path.Match(domain, ""); !ok || err != nil || !known(pol) {
			return nil, fmt.Errorf("--relay-tls: %q is not DOMAIN=opportunistic, required or never", given)
		}
		rules = append(rules, rule{strings.ToLower(domain), pol})
	}
	return func(domain string) relay.TLSPolicy {
		for _, r := range rules {
			if ok, _ := path.Match(r.domain, domain); ok {
				return r.policy
			}
		}
		return relay.TLSOpportunistic
	}, nil
}

func known(p relay.TLSPolicy) bool {
	return p == relay.TLSOpportunistic || p == relay.TLSRequired || p == relay.TLSNever
}

// smarthost reads smtp://user:password@host:port?tls=required, or smtps:// for TLS
// from the first octet.
func (o *Relay) smarthost() (*relay.Smarthost, error) {
	if o.Smarthost == "" {
		return nil, nil
	}
	text := o.Smarthost
	if !strings.Contains(text, "://") {
		text = "smtp://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || (u.Path != "" && u.Path != "/") {
		return nil, errors.New("--smarthost is not a URL such as smtp://user:password@mail.example.com:587, or smtps://user:password@mail.example.com:465")
	}
	h := &relay.Smarthost{Host: u.Hostname(), Port: 25, User: u.User.Username(), TLS: relay.TLSOpportunistic}
	h.Password, _ = u.User.Password()
	if u.Scheme == "smtps" {
		h.Implicit, h.Port, h.TLS = true, 465, relay.TLSRequired // RFC 8314 §7.3
	}
	if p := u.Query().Get("tls"); p != "" {
		if h.TLS = relay.TLSPolicy(p); !known(h.TLS) {
			return nil, fmt.Errorf("--smarthost: tls=%s is not opportunistic, required or never", p)
		}
		if h.Implicit && h.TLS == relay.TLSNever {
			return nil, errors.New("--smarthost: smtps:// is TLS from the first octet, so tls=never cannot be; say smtp://")
		}
	} else if h.User != "" {
		h.TLS = relay.TLSRequired // a password does not travel in clear text unless somebody says so
	}
	if p := u.Port(); p != "" {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("--smarthost: %q is no port", p)
		}
		h.Port = uint16(n)
	}
	return h, nil
}

// hostname is the name in greetings and trace fields.
func (in *Instance) hostname() string {
	if in.Options.Mail.Hostname != "" {
		return in.Options.Mail.Hostname
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "localhost"
	}
	return name
}
