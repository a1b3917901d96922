package api

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/catchpost/catchpost/internal/clock"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/store"
)

// ErrServerClosed is returned by Serve after Shutdown.
var ErrServerClosed = http.ErrServerClosed

// Server answers the HTTP contract. It is an http.Handler too.
type Server struct {
	cfg     Config
	store   *store.Store
	log     *slog.Logger
	clock   clock.Clock
	limits  Limits
	base    string // base path, "" or "/mail"
	echo    *echo.Echo
	http    *http.Server
	metrics *metrics
	faults  *faults
	waits   *waits
	started time.Time
	partKey []byte // signs the part URLs of previews
	// running ends when Shutdown begins: waits and streams end with it.
	running context.Context
	stop    context.CancelFunc
}

// New wires the routes. The Server listens nowhere until Serve.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, store: cfg.Store, log: cfg.Log, clock: cfg.Clock, limits: cfg.Limits.withDefaults()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.clock == nil {
		s.clock = clock.System{}
	}
	s.base = cleanBase(cfg.BasePath)
	s.started = s.clock.Now()
	s.partKey = make([]byte, 32)
	_, _ = rand.Read(s.partKey) // never fails, crypto/rand
	s.running, s.stop = context.WithCancel(context.Background())
	s.faults = &faults{set: cfg.Faults}
	if s.faults.set == nil {
		s.faults.set = &fault.Set{}
	}
	s.waits = newWaits(s.limits)
	s.metrics = newMetrics(s)
	s.echo = s.router()
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	return s
}

// cleanBase turns "mail/", "/mail" and "/" into "/mail" or "".
func cleanBase(p string) string {
	p = strings.Trim(p, "/")
	if p == "" {
		return ""
	}
	return "/" + p
}

// Serve accepts connections on ln until Shutdown; it may be called for several
// listeners. It returns ErrServerClosed after Shutdown.
func (s *Server) Serve(ln net.Listener) error { return s.http.Serve(ln) }

// Shutdown ends waits and streams (503), lets other requests finish until ctx
// is done, and then closes what is left.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	err := s.http.Shutdown(ctx)
	if err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// router registers every route of the table, and the page for the rest.
func (s *Server) router() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.writeError
	e.Pre(s.recoverPanics, s.measure, s.guard)
	for _, rt := range s.routes() {
		path := s.base + echoPath(rt.path)
		run := s.serve(rt)
		e.Add(rt.method, path, run)
		if rt.method == http.MethodGet && !rt.stream {
			e.Add(http.MethodHead, path, run)
		}
	}
	s.serveCompat(e)
	s.servePage(e)
	return e
}

// echoPath turns "/v1/messages/{id}" into "/v1/messages/:id".
func echoPath(p string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(p)
}

// servePage hands everything outside the API to the page.
func (s *Server) servePage(e *echo.Echo) {
	page := s.cfg.Page
	if page == nil {
		page = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte("Catchpost. The API is documented at " + s.base + "/docs\n"))
		})
	}
	page = http.StripPrefix(s.base, page)
	e.RouteNotFound("/*", func(c echo.Context) error {
		req := c.Request()
		path := req.URL.Path
		rest, inside := strings.CutPrefix(path, s.base)
		safe := req.Method == http.MethodGet || req.Method == http.MethodHead
		if clean, ok := s.doubledSlash(path); ok && safe {
			return c.Redirect(http.StatusMovedPermanently, (&url.URL{Path: clean, RawQuery: req.URL.RawQuery}).String())
		}
		switch {
		case !safe || rest == "/v1" || strings.HasPrefix(rest, "/v1/"):
			return s.noRoute(c, path)
		case s.base != "" && (path == "/" || rest == "" && inside):
			return c.Redirect(http.StatusFound, s.base+"/")
		case !inside || !strings.HasPrefix(rest, "/"), s.cfg.Page == nil && rest != "/":
			return s.nothingHere(c)
		}
		w := &withholder{ResponseWriter: c.Response(), status: http.StatusNotFound}
		page.ServeHTTP(w, req)
		if w.withheld {
			return s.nothingHere(c)
		}
		return nil
	})
}

// nothingHere answers a path outside the API that does not exist: a person's
// browser gets a page, anything else a problem.
func (s *Server) nothingHere(c echo.Context) error {
	if !strings.Contains(c.Request().Header.Get(echo.HeaderAccept), echo.MIMETextHTML) {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	for _, name := range []string{"Etag", "Content-Encoding", "Content-Length", "X-Content-Type-Options"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	return c.HTML(http.StatusNotFound, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Not found · Catchpost</title>`+
		`<style>body{font:1rem/1.5 system-ui,sans-serif;margin:4rem auto;max-width:32rem;padding:0 1rem}</style>`+
		`<h1>There is no such page</h1><p><a href="`+s.base+`/">The messages</a> · <a href="`+s.base+`/docs">The API</a></p>`)
}

// noRoute tells an unknown path from a known one with another method; echo does
// not where a handler for everything else is set.
func (s *Server) noRoute(c echo.Context, path string) error {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := s.echo.NewContext(c.Request(), nil)
		s.echo.Router().Find(method, path, probe)
		if p := probe.Path(); p != "" && p != "/*" {
			allow = append(allow, method)
		}
	}
	if allow == nil {
		return echo.ErrNotFound
	}
	c.Response().Header().Set(echo.HeaderAllow, strings.Join(allow, ", "))
	return echo.ErrMethodNotAllowed
}

// recoverPanics turns a panic of a handler into an answer and a log line.
func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				s.log.Error("panic", "route", c.Path(), "value", v, "stack", string(stack()))
				err = fail("internal", "the request could not be served")
			}
		}()
		return next(c)
	}
}
