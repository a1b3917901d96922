package compat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/store"
)

// Config is what a Server needs; Store is required.
type Config struct {
	Store   *store.Store
	Version string
	// MailHog makes GET and DELETE of /api/v1/messages MailHog's instead of
	// Mailpit's: all that the two have in common. Their other routes, and MailHog's
	// under /mailhog/api, are served in any case.
	MailHog bool
	// Data is the data file's path, for /api/v1/info.
	Data string
	// Faults are the rules in force, Change replaces them by what fn makes of them.
	Faults *fault.Set
	Change func(fn func([]fault.Rule) ([]fault.Rule, error)) error
	// Release puts a message on its way out to real servers; nil: nothing leaves.
	Release func(ctx context.Context, m *store.Message, forwardPaths []string) error
	// MayLeave judges a forward-path; the error's text is the reason. nil with
	// Release: everything may.
	MayLeave func(forwardPath string) error
	// Enter counts a stream in; leave counts it out. nil: no bound.
	Enter func(sandbox string) (leave func(), err error)
	// ClientAddress is the peer of a request; nil: its RemoteAddr.
	ClientAddress func(*http.Request) string
	// Running ends when the server stops: streams end with it.
	Running context.Context
	// Private lets link checks reach private and loopback addresses.
	Private bool
	// MessageSize bounds a message that is sent, in octets.
	MessageSize int64
	Log         *slog.Logger
}

// Server answers for Mailpit and MailHog. Who asks is judged before it.
type Server struct {
	c       Config
	store   *store.Store
	mux     *http.ServeMux
	routes  []Route
	started time.Time
	links   *linkChecker

	mu    sync.Mutex
	chaos map[string]chaos // as last set, by sandbox
	jims  map[string]jim
}

// Route is one operation, for the document and for tests.
type Route struct{ Method, Path string }

// New wires the routes.
func New(c Config) *Server {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Running == nil {
		c.Running = context.Background()
	}
	if c.MessageSize == 0 {
		c.MessageSize = 50 << 20
	}
	if c.Faults == nil {
		c.Faults = &fault.Set{}
	}
	s := &Server{c: c, store: c.Store, mux: http.NewServeMux(), started: time.Now(), chaos: map[string]chaos{}, jims: map[string]jim{}}
	s.links = newLinkChecker(c.Private)
	if s.c.Change == nil {
		s.c.Change = s.changeAlone
	}
	s.mailpit()
	s.mailHogV1("/api/v1")
	s.mailHogV2("/api/v2")
	s.mailHogV1("/mailhog/api/v1")
	s.mailHogV2("/mailhog/api/v2")
	return s
}

// changeAlone changes rules that nobody else changes.
func (s *Server) changeAlone(fn func([]fault.Rule) ([]fault.Rule, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rules, err := fn(rulesOf(s.c.Faults))
	if err != nil {
		return err
	}
	return s.c.Faults.Replace(rules)
}

// Routes lists what is served.
func (s *Server) Routes() []Route { return s.routes }

// call is one request that has been let in.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context
	s       *Server
	sandbox string
	query   url.Values
	counts  *store.Facets // see facets
	instead *store.Query  // the search where the one that was asked finds nothing; see inEnvelope
}

type callKey struct{}

// Serve answers a request about one sandbox. The path has no base path.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, sandbox string) {
	s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callKey{}, sandbox)))
}

// both is the path where the two differ.
const both = "/api/v1/messages"

// handle registers an operation.
func (s *Server) handle(method, path string, run func(*call) error) {
	s.routes = append(s.routes, Route{method, path})
	s.mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
		sandbox, _ := r.Context().Value(callKey{}).(string)
		query, _ := url.ParseQuery(r.URL.RawQuery) // what can be read of it
		c := &call{w: w, r: r, ctx: r.Context(), s: s, sandbox: sandbox, query: query}
		if err := run(c); err != nil {
			c.fail(err)
		}
	})
}

// failure is an error that the client is told, as text.
type failure struct {
	status int
	text   string
}

func (f *failure) Error() string { return f.text }

func bad(format string, args ...any) error {
	return &failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// notFound is the text of Mailpit's and Go's.
var notFound = &failure{http.StatusNotFound, "404 page not found"}

// noMessage is said where the newest is asked for and there is none.
var noMessage = &failure{http.StatusNotFound, "Message not found"}

// statusOf translates an error once, at this edge.
func (c *call) statusOf(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if f, ok := errors.AsType[*filter.Error](err); ok {
		return &failure{http.StatusBadRequest, f.Detail}
	}
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &failure{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d octets", big.Limit)}
	}
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrNoSandbox):
		return notFound
	case errors.Is(err, store.ErrSandboxEnded):
		return &failure{http.StatusGone, "the sandbox has ended"}
	case errors.Is(err, store.ErrFull), errors.Is(err, store.ErrDiskFull):
		return &failure{http.StatusInsufficientStorage, err.Error()}
	case errors.Is(err, store.ErrClosed), errors.Is(err, context.Canceled):
		return &failure{http.StatusServiceUnavailable, "the server is stopping"}
	}
	c.s.c.Log.Error("request failed", "method", c.r.Method, "route", c.r.Pattern, "error", err)
	return &failure{http.StatusInternalServerError, "the request could not be served"}
}

func (c *call) fail(err error) {
	f := c.statusOf(err)
	c.text(f.status, f.text)
}

func (c *call) text(status int, text string) {
	h := c.w.Header()
	for _, name := range []string{"Content-Disposition", "Content-Encoding", "ETag"} {
		h.Del(name)
	}
	c.send(status, "text/plain; charset=utf-8", []byte(text))
}

// send answers with a body in one piece or several.
func (c *call) send(status int, mediaType string, body ...[]byte) {
	h := c.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	body = c.packed(mediaType, body)
	length := 0
	for _, b := range body {
		length += len(b)
	}
	h.Set("Content-Length", strconv.Itoa(length))
	c.w.WriteHeader(status)
	for _, b := range body {
		_, _ = c.w.Write(b) // the client may be gone
	}
}

// ok is Mailpit's answer to what was done.
func (c *call) ok() error {
	c.text(http.StatusOK, "ok")
	return nil
}

func (c *call) json(v any) error { return c.jsonAs("application/json", v) }

func (c *call) jsonAs(mediaType string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	c.send(http.StatusOK, mediaType, body)
	return nil
}

// bodyLimit is Mailpit's bound on JSON bodies, and bodyTime how long one may take.
const (
	bodyLimit = 5 << 20
	bodyTime  = time.Minute
)

// body reads at most limit octets.
func (c *call) body(limit int64) ([]byte, error) {
	rc := http.NewResponseController(c.w)
	_ = rc.SetReadDeadline(time.Now().Add(bodyTime)) // not every writer can
	defer func() { _ = rc.SetReadDeadline(time.Time{}) }()
	b, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, limit))
	if err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return nil, err
		}
		return nil, bad("the body could not be read")
	}
	return b, nil
}

// readJSON decodes the body; keys match in any case and unknown ones are passed
// over, as Mailpit and MailHog do.
func (c *call) readJSON(v any) error {
	b, err := c.body(bodyLimit)
	if err != nil {
		return err
	}
	return decode(b, v)
}

func decode(b []byte, v any) error {
	if err := json.Unmarshal(b, v); err != nil {
		return bad("the body is not the JSON that this route takes: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// number reads a query parameter that is a whole number of at least 0.
func (c *call) number(name string, otherwise int) int {
	n, err := strconv.Atoi(c.query.Get(name))
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}
