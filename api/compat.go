package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/catchpost/catchpost/api/compat"
	"github.com/catchpost/catchpost/store"
)

// compatRoute is what a request of another product's client is admitted as: one
// sandbox, by Basic SANDBOX:TOKEN, else the default one.
var compatRoute = route{access: scoped}

// newCompat makes the APIs of Mailpit and MailHog, outside of /v1 and its document.
func (s *Server) newCompat() *compat.Server {
	c := compat.Config{
		Store: s.store, Version: s.cfg.Version, MailHog: s.cfg.Compat == "mailhog", Faults: s.faults.set, Change: s.faults.change,
		Enter: s.waits.enter, ClientAddress: s.clientAddress, Running: s.running, Private: s.cfg.LinkCheckPrivate,
		MessageSize: s.limits.MessageSize, Log: s.log,
	}
	if s.cfg.AdminToken == "" {
		c.Data = s.cfg.Data
	}
	if s.cfg.Relay != nil {
		c.Release = func(ctx context.Context, m *store.Message, to []string) error {
			_, err := s.cfg.Relay.Release(ctx, m, to)
			return err
		}
	}
	if s.cfg.Policy != nil {
		c.MayLeave = func(forwardPath string) error {
			if err := s.mayLeave(forwardPath); err != nil {
				return errors.New(problemOf(err).detail)
			}
			return nil
		}
	}
	return compat.New(c)
}

// serveCompat mounts them beside /v1.
func (s *Server) serveCompat(e *echo.Echo) {
	run := s.compatHandler()
	for _, at := range []string{"/api/*", "/view/*", "/mailhog/*"} {
		e.Any(s.base+at, run)
	}
}

func (s *Server) compatHandler() echo.HandlerFunc {
	other := s.newCompat()
	return func(c echo.Context) error {
		r := &request{Context: c, ctx: c.Request().Context(), s: s, route: &compatRoute}
		r.query, _ = url.ParseQuery(c.Request().URL.RawQuery) // what can be read of it: its own parser says the rest
		if err := s.admit(r); err != nil {
			return s.refuseCompat(c, err)
		}
		http.StripPrefix(s.base, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			other.Serve(w, req, r.sandbox)
		})).ServeHTTP(c.Response(), c.Request())
		return nil
	}
}

// refuseCompat answers in text, and asks for Basic credentials, the only ones
// that these clients know.
func (s *Server) refuseCompat(c echo.Context, err error) error {
	p := problemOf(err)
	status := kinds[p.code].status
	s.metrics.problem(p.code)
	if status == http.StatusUnauthorized {
		c.Response().Header().Set("WWW-Authenticate", `Basic realm="catchpost"`)
	}
	if status >= http.StatusInternalServerError {
		s.log.Error("request failed", "code", p.code, "error", err)
	}
	return c.String(status, strconv.Itoa(status)+" "+p.detail)
}

// doubledSlash leads from //view/ID.html, as one client writes it, to /view/ID.html.
func (s *Server) doubledSlash(p string) (string, bool) {
	clean := path.Clean(p)
	ours := strings.HasPrefix(clean, s.base+"/view/") || strings.HasPrefix(clean, s.base+"/api/")
	return clean, ours && clean != p && strings.Contains(p, "//")
}
