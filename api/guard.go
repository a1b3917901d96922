package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// localSuffixes are host names that no stranger can register, so that they
// cannot be rebound to this server.
var localSuffixes = []string{".localhost", ".test", ".local", ".internal", ".svc", ".cluster.local"}

// guard checks what browsers could be tricked into: the Host of an open
// instance (DNS rebinding) and the Origin of requests that change something.
// It answers CORS preflights.
func (s *Server) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		req := c.Request()
		health := strings.HasSuffix(req.URL.Path, "/livez") || strings.HasSuffix(req.URL.Path, "/readyz")
		if !health && s.cfg.AdminToken == "" && !s.hostAllowed(req) {
			return fail("host_not_allowed", "%q is not a name that this open instance answers to", clip(s.seenAs(req).Host, 100))
		}
		origin := req.Header.Get("Origin")
		if origin == "" {
			return next(c)
		}
		h := c.Response().Header()
		h.Add("Vary", "Origin")
		listed := s.corsAllowed(origin)
		if listed {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "Content-Disposition, Content-Range, ETag, Location, Retry-After")
		}
		if req.Method == http.MethodOptions && req.Header.Get("Access-Control-Request-Method") != "" {
			return preflight(c, listed)
		}
		safe := req.Method == http.MethodGet || req.Method == http.MethodHead
		if safe && !strings.HasSuffix(req.URL.Path, "/events") && req.Header.Get("Upgrade") == "" {
			return next(c)
		}
		if !listed && !s.sameOrigin(req, origin) {
			return fail("origin_not_allowed", "a page of %q may not do this here", clip(origin, 100))
		}
		return next(c)
	}
}

func preflight(c echo.Context, listed bool) error {
	if !listed {
		return fail("origin_not_allowed", "a page of %q may not call this server", clip(c.Request().Header.Get("Origin"), 100))
	}
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID, Range, If-None-Match")
	h.Set("Access-Control-Max-Age", "600")
	return c.NoContent(http.StatusNoContent)
}

func (s *Server) corsAllowed(origin string) bool {
	return slices.Contains(s.cfg.CORS, "*") || slices.Contains(s.cfg.CORS, origin)
}

func (s *Server) sameOrigin(req *http.Request, origin string) bool {
	o, err := url.Parse(origin)
	if err != nil || o.Host == "" {
		return false // "null" too: a sandboxed frame
	}
	seen := s.seenAs(req)
	return o.Scheme == seen.Scheme && strings.EqualFold(o.Host, seen.Host)
}

func (s *Server) hostAllowed(req *http.Request) bool {
	host := hostOnly(s.seenAs(req).Host)
	if host == "" || host == "localhost" || !strings.Contains(host, ".") {
		return true // no rebinding without a dotted name; an IPv6 literal too
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	for _, suffix := range localSuffixes {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	for _, allowed := range s.cfg.AllowedHosts {
		if allowed == "*" || strings.EqualFold(strings.TrimSuffix(allowed, "."), host) {
			return true
		}
	}
	for _, address := range s.cfg.Advertise {
		if strings.EqualFold(hostOnly(address), host) {
			return true
		}
	}
	return false
}

// hostOnly drops port, brackets and a final dot, and lowers the case.
func hostOnly(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// seenAs is scheme and host as the client sees them: the request's own, or what
// a trusted proxy says.
func (s *Server) seenAs(req *http.Request) url.URL {
	u := url.URL{Scheme: "http", Host: req.Host}
	if req.TLS != nil {
		u.Scheme = "https"
	}
	if !s.fromProxy(req) {
		return u
	}
	if p := firstOf(req.Header.Get("X-Forwarded-Proto")); p == "http" || p == "https" {
		u.Scheme = p
	}
	if h := firstOf(req.Header.Get("X-Forwarded-Host")); h != "" && !strings.ContainsAny(h, "/\\@ \"<>") {
		u.Host = h
	}
	return u
}

func firstOf(list string) string {
	first, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(first)
}

func (s *Server) fromProxy(req *http.Request) bool {
	peer, err := netip.ParseAddrPort(req.RemoteAddr)
	return err == nil && s.trusted(peer.Addr())
}

func (s *Server) trusted(a netip.Addr) bool {
	a = a.Unmap()
	return slices.ContainsFunc(s.cfg.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// clientAddress is the peer, or the last hop before our trusted proxies.
func (s *Server) clientAddress(req *http.Request) string {
	if !s.fromProxy(req) {
		return req.RemoteAddr
	}
	hops := strings.Split(strings.Join(req.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		if !s.trusted(a) {
			return a.String()
		}
	}
	return req.RemoteAddr
}

// baseURL is where the client reaches us, without a final slash.
func (s *Server) baseURL(req *http.Request) string {
	u := s.seenAs(req)
	if u.Host == "" {
		u.Host = "localhost"
	}
	return u.Scheme + "://" + u.Host + s.base
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
