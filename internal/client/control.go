package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/catchpost/catchpost/internal/model"
)

// SandboxRequest says what sandbox to make; every field may be left out.
type SandboxRequest struct {
	Name   string            `json:"name,omitempty"`
	TTL    string            `json:"ttl,omitempty"`
	Limits *model.Limits     `json:"limits,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
}

// CreateSandbox makes a sandbox; its token is in this answer only.
func (c *Client) CreateSandbox(ctx context.Context, r SandboxRequest) (model.Sandbox, error) {
	var s model.Sandbox
	body, err := jsonBody(r)
	if err != nil {
		return s, err
	}
	err = c.call(ctx, request{method: http.MethodPost, path: "/v1/sandboxes", body: body, typ: "application/json"}, &s)
	return s, err
}

// Sandbox describes a sandbox.
func (c *Client) Sandbox(ctx context.Context, name string) (model.Sandbox, error) {
	var s model.Sandbox
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/sandboxes/" + url.PathEscape(name)}, &s)
	return s, err
}

// EndSandbox deletes a sandbox and all that is in it.
func (c *Client) EndSandbox(ctx context.Context, name string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: "/v1/sandboxes/" + url.PathEscape(name)}, nil)
}

// Assert runs assertions: body is one assertion, or a list of them, as JSON
// values. A failed assertion is an answer, not an error.
func (c *Client) Assert(ctx context.Context, body any) (model.AssertAnswer, error) {
	var a model.AssertAnswer
	r, err := jsonBody(body)
	if err != nil {
		return a, err
	}
	err = c.call(ctx, request{method: http.MethodPost, path: "/v1/assert", body: r, typ: "application/json",
		also: http.StatusUnprocessableEntity}, &a)
	return a, err
}

// Sessions lists recorded sessions; params are the route's own query words.
func (c *Client) Sessions(ctx context.Context, params ...string) ([]model.Session, error) {
	var out struct {
		Sessions []model.Session `json:"sessions"`
	}
	q, err := Query(params)
	if err != nil {
		return nil, err
	}
	err = c.call(ctx, request{method: http.MethodGet, path: "/v1/sessions", query: q}, &out)
	return out.Sessions, err
}

// Session returns a session's transcript as text.
func (c *Client) Session(ctx context.Context, id string) ([]byte, error) {
	return c.bytes(ctx, request{method: http.MethodGet, path: "/v1/sessions/" + url.PathEscape(id), query: url.Values{"format": {"text"}}})
}

// Info returns what the instance says of itself.
func (c *Client) Info(ctx context.Context) (model.Info, error) {
	var m model.Info
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/info"}, &m)
	return m, err
}

// Ready asks once whether the instance takes mail and requests.
func (c *Client) Ready(ctx context.Context) error {
	return c.call(ctx, request{method: http.MethodGet, path: "/readyz"}, nil)
}
