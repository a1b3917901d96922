package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// maxAnswer bounds what is read of a JSON answer.
const maxAnswer = 512 << 20

// Client talks to one instance, in the name of one token. It is safe for
// concurrent use.
type Client struct {
	base    string // without "/v1" and without a slash at its end
	token   string
	sandbox string
	http    *http.Client
}

// New makes a client of the instance at base ("http://127.0.0.1:8025", with or
// without "/v1" behind it). token is a sandbox's or the administrator's, or
// empty on an open instance.
func New(base, token string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is no http or https URL", base)
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = dialer.DialContext
	transport.MaxIdleConnsPerHost = 16
	u.RawQuery, u.Fragment = "", ""
	path := strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/v1")
	return &Client{base: path, token: token, http: &http.Client{Transport: transport}}, nil
}

// In gives a client that names a sandbox in each request, as administrators do;
// an empty name means the token's own or "default".
func (c *Client) In(sandbox string) *Client {
	other := *c
	other.sandbox = sandbox
	return &other
}

// WithHTTPClient gives a client that sends by h.
func (c *Client) WithHTTPClient(h *http.Client) *Client {
	other := *c
	other.http = h
	return &other
}

// Base returns the instance's address without "/v1".
func (c *Client) Base() string { return c.base }

// Error is an answer that says no: RFC 9457 problem details where the server
// sent them, else made from the status.
type Error struct{ Problem model.Problem }

func (e *Error) Error() string {
	p := e.Problem
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	if p.Code != "" {
		return fmt.Sprintf("%s (%s, HTTP %d)", text, p.Code, p.Status)
	}
	return fmt.Sprintf("%s (HTTP %d)", text, p.Status)
}

// UnreachableError says that no answer came: nobody listens there, the network
// failed, or the answer was cut short.
type UnreachableError struct {
	URL string
	Err error
}

func (e *UnreachableError) Error() string {
	var op *net.OpError
	if errors.As(e.Err, &op) && op.Err != nil {
		return fmt.Sprintf("cannot reach Catchpost at %s: %v", e.URL, op.Err)
	}
	var u *url.Error
	if errors.As(e.Err, &u) {
		return fmt.Sprintf("cannot reach Catchpost at %s: %v", e.URL, u.Err)
	}
	return fmt.Sprintf("cannot reach Catchpost at %s: %v", e.URL, e.Err)
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Code returns the API error code of err, "" if it has none.
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Problem.Code
	}
	return ""
}

// request is one call.
type request struct {
	method string
	path   string // behind the base, "/v1/messages"
	query  url.Values
	body   io.Reader
	typ    string // of the body
	also   int    // a status beyond 2xx that carries a good answer
}

// do sends a request and returns its answer if the status is good; else the
// problem as *Error.
func (c *Client) do(ctx context.Context, r request) (*http.Response, error) {
	target := c.base + r.path
	if c.sandbox != "" && (strings.HasPrefix(r.path, "/v1/messages") || strings.HasPrefix(r.path, "/v1/queue") || scoped[r.path]) {
		if r.query == nil {
			r.query = url.Values{}
		}
		r.query.Set("sandbox", c.sandbox)
	}
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, r.body)
	if err != nil {
		return nil, err
	}
	if r.typ != "" {
		req.Header.Set("Content-Type", r.typ)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &UnreachableError{c.base, err}
	}
	if resp.StatusCode/100 == 2 || r.also != 0 && resp.StatusCode == r.also {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, problem(resp)
}

// scoped lists the routes beside /v1/messages that ?sandbox= applies to.
var scoped = map[string]bool{"/v1/assert": true, "/v1/sessions": true}

// problem reads an error answer.
func problem(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	p := model.Problem{}
	if json.Unmarshal(body, &p) != nil || p.Code == "" && p.Detail == "" {
		p = model.Problem{Title: resp.Status, Detail: strings.TrimSpace(string(body[:min(len(body), 300)]))}
	}
	p.Status = resp.StatusCode
	return &Error{p}
}

// call sends a request and decodes the JSON answer into out, if out is not nil.
func (c *Client) call(ctx context.Context, r request, out any) error {
	resp, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
		return err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &UnreachableError{c.base, fmt.Errorf("answer to %s %s: %w", r.method, r.path, err)}
	}
	return nil
}

// bytes sends a request and returns the answer's octets.
func (c *Client) bytes(ctx context.Context, r request) ([]byte, error) {
	resp, err := c.do(ctx, r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, &UnreachableError{c.base, err}
	}
	return b, nil
}

// jsonBody encodes a body.
func jsonBody(v any) (io.Reader, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return bytes.NewReader(b), nil
}

// Query makes a query string's values of filter words ("to=anna@x.test",
// "not.subject.prefix=Re"); a word without "=" is an error.
func Query(filter []string) (url.Values, error) {
	q := url.Values{}
	for _, w := range filter {
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return nil, &Error{model.Problem{Code: "unknown_filter", Title: "Unknown filter", Status: http.StatusBadRequest, Param: w,
				Detail: fmt.Sprintf("%q is no condition: write field=value", w)}}
		}
		q.Add(name, value)
	}
	return q, nil
}

// Status returns the HTTP status of err, 0 if no answer came.
func Status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Problem.Status
	}
	return 0
}
