package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// problem is an error with a code of the contract. The cause goes to the log only.
type problem struct {
	code   string
	detail string
	param  string
	waited time.Duration // told where hasWaited
	timed  bool
	cause  error
}

func (p *problem) Error() string { return p.code + ": " + p.detail }
func (p *problem) Unwrap() error { return p.cause }

func fail(code, format string, args ...any) *problem {
	return &problem{code: code, detail: fmt.Sprintf(format, args...)}
}

func (p *problem) at(param string) *problem { p.param = param; return p }

// errCutShort is what a wait returns when the server stops.
var errCutShort = errors.New("the server is shutting down")

// storeCodes says what each error of the store is to an HTTP client.
var storeCodes = []struct {
	err  error
	code string
}{
	{store.ErrNoSandbox, "sandbox_not_found"},
	{store.ErrSandboxEnded, "sandbox_ended"},
	{store.ErrSandboxExists, "sandbox_exists"},
	{store.ErrBadName, "bad_value"},
	{store.ErrTooBig, "too_large"}, // before ErrFull, which it is one of
	{store.ErrFull, "disk_full"},
	{store.ErrDiskFull, "disk_full"},
	{store.ErrBadCursor, "bad_cursor"},
	{store.ErrBadLogin, "bad_token"},
	{store.ErrMailboxExists, "state_conflict"},
	{store.ErrTooManyKeywords, "state_conflict"},
	{store.ErrReadOnly, "state_conflict"},
	{store.ErrConflict, "state_conflict"},
	{store.ErrClosed, "shutting_down"},
	{store.ErrNotFound, "not_found"},
	{store.ErrLagged, "internal"},
	{store.ErrLocked, "internal"},
	{store.ErrForeign, "internal"},
	{store.ErrCorrupt, "internal"},
}

// problemOf translates any error into one of the contract, once, at this edge.
func problemOf(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if f, ok := errors.AsType[*filter.Error](err); ok {
		if _, known := kinds[f.Code]; known {
			return &problem{code: f.Code, detail: f.Detail, param: f.Param}
		}
		return &problem{code: "bad_value", detail: f.Detail, param: f.Param}
	}
	for _, c := range storeCodes {
		if errors.Is(err, c.err) {
			p := &problem{code: c.code, detail: sentence(err.Error()), cause: err}
			if kinds[c.code].status == http.StatusInternalServerError {
				p.detail = "the request could not be served"
			}
			return p
		}
	}
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fail("too_large", "the body has more than %d octets", big.Limit)
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		return problemOfEcho(he)
	}
	switch {
	case errors.Is(err, errCutShort):
		return fail("shutting_down", "the server stopped before there was an answer")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fail("shutting_down", "the request was cut short")
	}
	return &problem{code: "internal", detail: "the request could not be served", cause: err}
}

func problemOfEcho(he *echo.HTTPError) *problem {
	switch he.Code {
	case http.StatusNotFound:
		return fail("route_not_found", "there is no such path; /docs lists them")
	case http.StatusMethodNotAllowed:
		return fail("method_not_allowed", "the path is not served with this method")
	case http.StatusRequestEntityTooLarge:
		return fail("too_large", "the body is too large")
	case http.StatusUnsupportedMediaType:
		return fail("bad_media_type", "the body's media type is not taken here")
	}
	return &problem{code: "internal", detail: "the request could not be served", cause: he}
}

func sentence(s string) string {
	if s == "" {
		return "the request could not be served"
	}
	return s
}

// writeError is the one HTTPErrorHandler.
func (s *Server) writeError(err error, c echo.Context) {
	if c.Response().Committed {
		s.log.Debug("answer broke off", "path", c.Path(), "error", err)
		return
	}
	p := problemOf(err)
	k := kinds[p.code]
	if k.status >= http.StatusInternalServerError && p.code != "shutting_down" && p.code != "not_ready" {
		s.log.Error("request failed", "method", c.Request().Method, "route", c.Path(), "code", p.code, "error", err)
	}
	s.metrics.problem(p.code)
	body := model.Problem{
		Type: s.base + "/docs/errors#" + p.code, Code: p.code, Title: k.title,
		Status: k.status, Detail: p.detail, Param: p.param,
	}
	if p.timed {
		ms := p.waited.Milliseconds()
		body.WaitedMS = &ms
	}
	h := c.Response().Header()
	for _, name := range []string{"Etag", "Last-Modified", "Content-Disposition", "Content-Range", "Cache-Control"} {
		if name == "Content-Range" && p.code == "bad_range" {
			continue // RFC 9110 §15.5.17
		}
		h.Del(name)
	}
	h.Set(echo.HeaderContentType, "application/problem+json")
	if k.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="catchpost"`)
	}
	if p.code == "too_many_waits" || k.status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	out, _ := json.Marshal(body) // strings and numbers alone cannot fail
	c.Response().WriteHeader(k.status)
	if c.Request().Method != http.MethodHead {
		_, _ = c.Response().Write(append(out, '\n'))
	}
}
