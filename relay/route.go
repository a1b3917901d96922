package relay

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
)

// hop is one address of one next hop, in the order in which they are tried.
type hop struct {
	host string // MX name, for TLS and transcripts
	addr netip.AddrPort
	// implicit is set where TLS comes before the greeting.
	implicit bool
}

// routeError says why a domain has no next hop. Enhanced is RFC 3463's code;
// permanent ends the forward-path, held waits for a person.
type routeError struct {
	enhanced  string
	text      string
	permanent bool
	held      bool
}

func (e *routeError) Error() string { return e.text }

// hopsMost bounds the addresses of one attempt.
const hopsMost = 5

// router finds next hops by RFC 5321 §5.1.
type router struct {
	resolver *Resolver
	port     uint16
	private  bool     // next hops may be private or loopback addresses
	names    []string // our own host names, for loop detection
}

// route returns the addresses to try for a domain (an A-label), best first, at
// most hopsMost. Errors are *routeError.
func (r *router) route(ctx context.Context, domain string) ([]hop, error) {
	exchangers, err := r.resolver.MX(ctx, domain)
	switch {
	case errors.Is(err, ErrNoName):
		return nil, &routeError{"5.1.2", err.Error(), true, false}
	case err != nil:
		return nil, &routeError{"4.4.3", err.Error(), false, false}
	}
	if len(exchangers) == 1 && exchangers[0].Host == "" { // RFC 7505 §3
		return nil, &routeError{"5.1.10", domain + " accepts no mail (null MX)", true, false}
	}
	explicit := len(exchangers) > 0
	if !explicit {
		exchangers = []MX{{0, domain}} // the implicit MX, RFC 5321 §5.1
	}
	exchangers = slices.DeleteFunc(slices.Clone(exchangers), func(mx MX) bool { return mx.Host == "" })
	shuffle(exchangers)
	if exchangers, err = r.withoutUs(domain, exchangers); err != nil {
		return nil, err
	}
	return r.hops(ctx, domain, exchangers, explicit)
}

// shuffle mixes exchangers of equal preference, RFC 5321 §5.1.
func shuffle(list []MX) {
	for i := 0; i < len(list); {
		j := i
		for j < len(list) && list[j].Preference == list[i].Preference {
			j++
		}
		rand.Shuffle(j-i, func(a, b int) { list[i+a], list[i+b] = list[i+b], list[i+a] })
		i = j
	}
}

// withoutUs drops ourselves and all that is not preferred to us; if nothing is
// left, mail would loop, RFC 5321 §5.1.
func (r *router) withoutUs(domain string, list []MX) ([]MX, error) {
	for i, mx := range list {
		if !slices.ContainsFunc(r.names, func(n string) bool { return strings.EqualFold(n, mx.Host) }) {
			continue
		}
		i = slices.IndexFunc(list[:i+1], func(m MX) bool { return m.Preference == mx.Preference })
		if i == 0 {
			return nil, &routeError{"5.4.6", "mail for " + domain + " loops back to this host", true, false}
		}
		return list[:i], nil
	}
	return list, nil
}

func (r *router) hops(ctx context.Context, domain string, list []MX, explicit bool) ([]hop, error) {
	var out []hop
	var later, private error
	for _, mx := range list {
		addrs, err := r.resolver.Addresses(ctx, mx.Host)
		if errors.Is(err, ErrNoAnswer) {
			later = err
		}
		share := max(1, hopsMost-(len(list)-1)) // of one exchanger: the others shall have their turn
		for _, a := range addrs {
			if !r.private && !public(a) {
				private = fmt.Errorf("%s has the private address %s; --relay-private lets mail go there", mx.Host, a)
				continue
			}
			if share--; share >= 0 && len(out) < hopsMost {
				out = append(out, hop{host: mx.Host, addr: netip.AddrPortFrom(a, r.port)})
			}
		}
	}
	switch {
	case len(out) > 0:
		return out, nil
	case later != nil:
		return nil, &routeError{"4.4.3", later.Error(), false, false}
	case private != nil:
		return nil, &routeError{"5.7.1", private.Error(), false, true}
	case explicit:
		return nil, &routeError{"5.4.4", "no mail exchanger of " + domain + " has an address", true, false}
	}
	return nil, &routeError{"5.1.2", domain + " has neither a mail exchanger nor an address", true, false}
}

// smarthost returns the addresses of the one next hop. Somebody named it: it may
// be anywhere.
func (r *router) smarthost(ctx context.Context, h *Smarthost) ([]hop, error) {
	if a, err := netip.ParseAddr(h.Host); err == nil {
		return []hop{{h.Host, netip.AddrPortFrom(a, h.Port), h.Implicit}}, nil
	}
	to := *r
	to.port, to.private = h.Port, true
	hops, err := to.hops(ctx, h.Host, []MX{{0, h.Host}}, true)
	for i := range hops {
		hops[i].implicit = h.Implicit
	}
	if re := (*routeError)(nil); errors.As(err, &re) && re.permanent {
		return nil, &routeError{"4.4.4", "the smarthost " + h.Host + " has no address", false, false} // a mistake in the configuration bounces nothing
	}
	return hops, err
}

// public reports whether an address may be a host out there.
func public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// special are ranges that are no private ones by name and yet never a mail host,
// RFC 6890.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/32"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}
