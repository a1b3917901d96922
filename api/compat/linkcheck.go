package compat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/catchpost/catchpost/internal/extract"
)

// Bounds on checking the links of one mail.
const (
	maxLinks      = 200
	linksAtOnce   = 5
	linkTime      = 10 * time.Second
	linksTime     = 2 * time.Minute
	linkRedirects = 10
	linkRead      = 64 << 10 // octets of an answer that are read
)

// linkChecker asks for links, but only where the public reaches, unless told.
type linkChecker struct {
	private bool
	client  *http.Client
}

func newLinkChecker(private bool) *linkChecker {
	l := &linkChecker{private: private}
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: l.guard}
	l.client = &http.Client{
		Timeout: linkTime,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, DisableKeepAlives: true,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return l
}

var errPrivate = errors.New("a private address; --link-check-private lets checks go there")

// guard looks at the address after the name was resolved, and after every
// redirect, so that no name can lead inwards.
func (l *linkChecker) guard(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !l.private && !public(ap.Addr()) {
		return errPrivate
	}
	return nil
}

// notPublic are networks besides those that netip names, RFC 6890 and successors.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

type linkResult struct {
	URL        string
	StatusCode int
	Status     string
}

// linkCheck asks for every http link of a mail; ?follow=true follows redirects.
func (c *call) linkCheck() error {
	_, v, err := c.findOpen()
	if err != nil {
		return err
	}
	doc, _ := v.HTML()
	text, _ := v.Text()
	var urls []string
	for _, l := range extract.Links(doc, text) {
		lower := strings.ToLower(l.URL)
		if (strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")) && len(urls) < maxLinks {
			urls = append(urls, l.URL)
		}
	}
	ctx, cancel := context.WithTimeout(c.ctx, linksTime)
	defer cancel()
	results := c.s.links.check(ctx, urls, c.query.Get("follow") == "true" || c.query.Get("follow") == "1")
	errs := 0
	for _, r := range results {
		if r.StatusCode < 200 || r.StatusCode >= 400 {
			errs++
		}
	}
	return c.json(struct {
		Errors int
		Links  []linkResult
	}{errs, results})
}

func (l *linkChecker) check(ctx context.Context, urls []string, follow bool) []linkResult {
	out := make([]linkResult, len(urls))
	turns := make(chan struct{}, linksAtOnce)
	var wg sync.WaitGroup
	for i, u := range urls {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			code, err := l.ask(ctx, u, follow)
			out[i] = linkResult{u, code, http.StatusText(code)}
			if err != nil {
				out[i].Status = reason(err)
			}
			if errors.Is(err, errPrivate) {
				out[i].StatusCode = http.StatusUnavailableForLegalReasons // as Mailpit says it
			}
		})
	}
	wg.Wait()
	return out
}

// reason is what went wrong, without the address that is named beside it.
func reason(err error) string {
	switch {
	case errors.Is(err, errPrivate):
		return errPrivate.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return "no such host: " + dns.Name
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Err.Error()
	}
	return err.Error()
}

// ask sends HEAD, and GET where that is not known; it follows redirects if told.
func (l *linkChecker) ask(ctx context.Context, url string, follow bool) (int, error) {
	for range linkRedirects {
		code, location, err := l.once(ctx, http.MethodHead, url)
		if err == nil && (code == http.StatusMethodNotAllowed || code == http.StatusNotImplemented || code == http.StatusNotFound || code == http.StatusForbidden) {
			code, location, err = l.once(ctx, http.MethodGet, url)
		}
		if err != nil || !follow || location == "" {
			return code, err
		}
		url = location
	}
	return 0, fmt.Errorf("more than %d redirects", linkRedirects)
}

func (l *linkChecker) once(ctx context.Context, method, url string) (code int, location string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("User-Agent", "Catchpost link check")
	res, err := l.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.CopyN(io.Discard, res.Body, linkRead) // the status says enough
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		if u, err := res.Location(); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
			location = u.String()
		}
	}
	return res.StatusCode, location, nil
}
