package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Errors of a look-up.
var (
	// ErrNoName: the name does not exist, or has no record of the kind.
	ErrNoName = errors.New("no such name")
	// ErrNoAnswer: the DNS could not tell; try again later.
	ErrNoAnswer = errors.New("the DNS gave no answer")
)

// MX is a mail exchanger, RFC 5321 §5.1. Host has no trailing dot; it is empty
// for the null MX of RFC 7505.
type MX struct {
	Preference uint16
	Host       string
}

// Resolver looks names up at DNS servers and remembers answers for their TTL.
// It is safe for concurrent use.
type Resolver struct {
	// Servers are asked in order, HOST:PORT.
	Servers []string
	// Timeout bounds one exchange; 0 is 5 s.
	Timeout time.Duration
	// Hosts makes Addresses look where the machine's own resolver looks (its hosts
	// file) for names that the servers do not know.
	Hosts bool

	mu    sync.Mutex
	cache map[dns.Question]cached
}

type cached struct {
	records []dns.RR
	err     error
	until   time.Time
}

const (
	cacheMost   = 10000
	cacheLong   = time.Hour
	cacheNoName = time.Minute
	cnamesMost  = 8
)

// SystemResolver asks the servers of the machine's resolver configuration.
func SystemResolver() (*Resolver, error) {
	config, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil || len(config.Servers) == 0 {
		return nil, fmt.Errorf("the system names no DNS server; say --dns HOST:PORT: %w", errors.Join(err, ErrNoAnswer))
	}
	r := &Resolver{Hosts: true}
	for _, s := range config.Servers {
		r.Servers = append(r.Servers, net.JoinHostPort(s, config.Port))
	}
	return r, nil
}

// MX returns the mail exchangers of a domain, best first, unshuffled. An empty
// list means that the domain exists and has none (implicit MX).
// Errors: ErrNoName, ErrNoAnswer.
func (r *Resolver) MX(ctx context.Context, domain string) ([]MX, error) {
	records, err := r.look(ctx, domain, dns.TypeMX)
	if err != nil {
		return nil, err
	}
	var out []MX
	for _, rr := range records {
		if mx, ok := rr.(*dns.MX); ok {
			out = append(out, MX{mx.Preference, strings.ToLower(strings.TrimSuffix(mx.Mx, "."))})
		}
	}
	slices.SortStableFunc(out, func(a, b MX) int { return int(a.Preference) - int(b.Preference) })
	return out, nil
}

// Addresses returns the IPv4 and IPv6 addresses of a host, taking turns.
// Errors: ErrNoName when it has none, ErrNoAnswer.
func (r *Resolver) Addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	var kinds [2][]netip.Addr
	var errs [2]error
	for i, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		var records []dns.RR
		records, errs[i] = r.look(ctx, host, kind)
		for _, rr := range records {
			var ip net.IP
			switch rr := rr.(type) {
			case *dns.A:
				ip = rr.A.To4()
			case *dns.AAAA:
				ip = rr.AAAA
			}
			if a, ok := netip.AddrFromSlice(ip); ok {
				kinds[i] = append(kinds[i], a)
			}
		}
	}
	var out []netip.Addr
	for i := range max(len(kinds[0]), len(kinds[1])) {
		for _, k := range kinds {
			if i < len(k) {
				out = append(out, k[i])
			}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	if r.Hosts {
		if found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host+"."); err == nil && len(found) > 0 {
			return found, nil
		}
	}
	for _, err := range errs {
		if errors.Is(err, ErrNoAnswer) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %s has no address", ErrNoName, host)
}

// look follows CNAMEs (RFC 5321 §5.1: the target's records count as the
// domain's own) and returns the records of one kind.
func (r *Resolver) look(ctx context.Context, name string, kind uint16) ([]dns.RR, error) {
	name = dns.Fqdn(strings.ToLower(name))
	for range cnamesMost {
		answer, err := r.ask(ctx, dns.Question{Name: name, Qtype: kind, Qclass: dns.ClassINET})
		if err != nil {
			return nil, err
		}
		var out []dns.RR
		target := name
		for range cnamesMost {
			next := target
			for _, rr := range answer {
				if c, ok := rr.(*dns.CNAME); ok && strings.EqualFold(c.Hdr.Name, target) {
					next = strings.ToLower(c.Target)
				}
			}
			if next == target {
				break
			}
			target = next
		}
		for _, rr := range answer {
			if rr.Header().Rrtype == kind && strings.EqualFold(rr.Header().Name, target) {
				out = append(out, rr)
			}
		}
		if len(out) > 0 || target == name {
			return out, nil
		}
		name = target
	}
	return nil, fmt.Errorf("%w: %s: a loop of CNAME records", ErrNoAnswer, strings.TrimSuffix(name, "."))
}

// ask answers a question from the cache or the servers.
func (r *Resolver) ask(ctx context.Context, q dns.Question) ([]dns.RR, error) {
	r.mu.Lock()
	c, ok := r.cache[q]
	r.mu.Unlock()
	if ok && time.Now().Before(c.until) {
		return c.records, c.err
	}
	last := fmt.Errorf("%w: no server to ask", ErrNoAnswer)
	for _, server := range append(slices.Clone(r.Servers), r.Servers...) { // a datagram may be lost: each is asked twice
		records, ttl, err := r.exchange(ctx, server, q)
		if errors.Is(err, ErrNoAnswer) {
			last = err
			continue
		}
		r.remember(q, cached{records, err, time.Now().Add(ttl)})
		return records, err
	}
	return nil, last
}

func (r *Resolver) remember(q dns.Question, c cached) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cache == nil || len(r.cache) >= cacheMost {
		r.cache = map[dns.Question]cached{}
	}
	r.cache[q] = c
}

// exchange asks one server, by TCP when the answer did not fit (RFC 7766 §5).
func (r *Resolver) exchange(ctx context.Context, server string, q dns.Question) ([]dns.RR, time.Duration, error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = 5 * time.Second
	}
	m := new(dns.Msg)
	m.Id, m.RecursionDesired, m.Question = dns.Id(), true, []dns.Question{q}
	m.SetEdns0(1232, false)
	name := strings.TrimSuffix(q.Name, ".")
	for _, network := range []string{"udp", "tcp"} {
		client := &dns.Client{Net: network, Timeout: timeout}
		in, _, err := client.ExchangeContext(ctx, m, server)
		if err != nil {
			return nil, 0, fmt.Errorf("%w: %s %s at %s: %w", ErrNoAnswer, name, dns.TypeToString[q.Qtype], server, err)
		}
		if in.Truncated && network == "udp" {
			continue
		}
		switch in.Rcode {
		case dns.RcodeSuccess:
			return in.Answer, lifetime(in.Answer), nil
		case dns.RcodeNameError:
			return nil, cacheNoName, fmt.Errorf("%w: %s does not exist (NXDOMAIN)", ErrNoName, name)
		}
		return nil, 0, fmt.Errorf("%w: %s %s at %s: %s", ErrNoAnswer, name, dns.TypeToString[q.Qtype], server, dns.RcodeToString[in.Rcode])
	}
	return nil, 0, ErrNoAnswer
}

// lifetime is the least TTL of the records.
func lifetime(records []dns.RR) time.Duration {
	if len(records) == 0 {
		return cacheNoName
	}
	least := cacheLong
	for _, rr := range records {
		least = min(least, time.Duration(rr.Header().Ttl)*time.Second)
	}
	return least
}
