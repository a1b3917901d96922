package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/catchpost/catchpost/internal/filter"
)

// request is a request that has been let in: who asks, about which sandbox,
// with which parameters.
type request struct {
	echo.Context
	ctx     context.Context
	s       *Server
	caller  caller
	sandbox string
	// sandboxes are those of a route that takes several; nil is every one.
	sandboxes []string
	query     url.Values
	filter    *filter.Filter // of a route that takes one, else nil
	route     *route
}

// handler answers a request. The value may be nil (204), a result, a stream
// or anything that encodes as JSON (200).
type handler func(r *request) (any, error)

// result is an answer with a status of its own.
type result struct {
	status int
	value  any
}

// stream writes an answer by itself.
type stream func(r *request) error

// with reads a JSON body into a B before it calls fn.
func with[B any](fn func(r *request, body B) (any, error)) handler {
	return func(r *request) (any, error) {
		var body B
		if err := r.readJSON(&body); err != nil {
			return nil, err
		}
		return fn(r, body)
	}
}

// serve is the path of every request through a route: credentials, scope,
// parameters, handler, answer.
func (s *Server) serve(rt route) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := &request{Context: c, ctx: c.Request().Context(), s: s, route: &rt}
		query, err := url.ParseQuery(c.Request().URL.RawQuery)
		if err != nil {
			return fail("bad_value", "the query string is not well-formed: %v", err)
		}
		r.query = query
		if err := s.admit(r); err != nil {
			return err
		}
		if err := r.checkParams(); err != nil {
			return err
		}
		value, err := rt.run(r)
		if err != nil {
			return err
		}
		return r.answer(value)
	}
}

// Param is a path parameter, unescaped: echo routes by the escaped path where
// the path has an escaped slash.
func (r *request) Param(name string) string {
	v := r.Context.Param(name)
	if r.Request().URL.RawPath == "" {
		return v
	}
	if plain, err := url.PathUnescape(v); err == nil {
		return plain
	}
	return v
}

func (r *request) answer(value any) error {
	status := http.StatusOK
	switch v := value.(type) {
	case nil:
		return r.NoContent(http.StatusNoContent)
	case stream:
		return v(r)
	case result:
		status, value = v.status, v.value
	}
	var out []byte
	var err error
	if pretty, _ := r.flag("pretty"); pretty {
		out, err = json.MarshalIndent(value, "", "  ")
	} else {
		out, err = json.Marshal(value)
	}
	if err != nil {
		return err
	}
	h := r.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	return r.Blob(status, "application/json", append(out, '\n'))
}

// readBody reads a body of at most limit octets within the time allowed.
func (r *request) readBody(limit int64) ([]byte, error) {
	defer r.bodyDeadline()()
	body, err := io.ReadAll(http.MaxBytesReader(r.Response(), r.Request().Body, limit))
	if err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return nil, err
		}
		return nil, fail("bad_value", "the body could not be read")
	}
	return body, nil
}

// bodyDeadline bounds the time for a body; the returned function lifts the bound.
func (r *request) bodyDeadline() func() {
	rc := http.NewResponseController(r.Response())
	_ = rc.SetReadDeadline(time.Now().Add(r.s.limits.BodyTime)) // not every writer can
	return func() { _ = rc.SetReadDeadline(time.Time{}) }
}

// readJSON decodes the one JSON value of the body; unknown keys are refused.
func (r *request) readJSON(into any) error {
	if err := r.wantType("application/json"); err != nil {
		return err
	}
	body, err := r.readBody(r.s.limits.BodySize)
	if err != nil {
		return err
	}
	return decodeJSON(body, into)
}

// wantType refuses a Content-Type other than the given; none at all is taken.
func (r *request) wantType(types ...string) error {
	given := r.Request().Header.Get(echo.HeaderContentType)
	if given == "" {
		return nil
	}
	mediaType, _, err := mime.ParseMediaType(given)
	if err == nil {
		for _, t := range types {
			if mediaType == t {
				return nil
			}
		}
	}
	return fail("bad_media_type", "%s is taken here, not %q", strings.Join(types, " or "), given)
}

func decodeJSON(body []byte, into any) error {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			return fail("bad_json", "there is more than one JSON value in the body")
		}
		return nil
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fail("bad_json", "%s takes %s, not a JSON %s", orBody(t.Field), jsonKind(t.Type.Kind().String()), t.Value).at(t.Field)
	}
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if errors.Is(err, io.EOF) {
		return fail("bad_json", "the body is empty; a JSON object is needed")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fail("bad_json", "%s is not a key that this route takes", name).at(strings.Trim(name, `"`))
	}
	return fail("bad_json", "the body is not JSON: %v", strings.TrimPrefix(err.Error(), "json: "))
}

func orBody(field string) string {
	if field == "" {
		return "the body"
	}
	return field
}

func jsonKind(k string) string {
	switch k {
	case "struct", "map", "ptr":
		return "an object"
	case "slice":
		return "an array"
	case "bool":
		return "a boolean"
	case "string":
		return "a string"
	}
	return "a number"
}

func stack() []byte { return debug.Stack() }
