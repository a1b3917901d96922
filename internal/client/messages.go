package client

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// Options are the controls of a list. The zero value is the server's default.
type Options struct {
	Wait    time.Duration // hold until Min messages match, at most 5m
	Min     int
	Limit   int
	Order   string // newest, oldest
	Cursor  string
	Include []string // text html headers attachments envelope warnings links codes raw
}

func (o Options) apply(q url.Values) {
	set := func(name, value string, given bool) {
		if given {
			q.Set(name, value)
		}
	}
	set("wait", o.Wait.String(), o.Wait > 0)
	set("min", strconv.Itoa(o.Min), o.Min > 0)
	set("limit", strconv.Itoa(o.Limit), o.Limit > 0)
	set("order", o.Order, o.Order != "")
	set("cursor", o.Cursor, o.Cursor != "")
	set("include", strings.Join(o.Include, ","), len(o.Include) > 0)
}

// List answers the messages that match every filter word; with Options.Wait it
// is held until enough do.
func (c *Client) List(ctx context.Context, filter []string, o Options) (model.List, error) {
	var page model.List
	q, err := Query(filter)
	if err != nil {
		return page, err
	}
	o.apply(q)
	err = c.call(ctx, request{method: http.MethodGet, path: "/v1/messages", query: q}, &page)
	return page, err
}

// Wait holds until at least one message matches and returns the newest one; an
// *Error with code no_match when none did in time.
func (c *Client) Wait(ctx context.Context, wait time.Duration, filter ...string) (model.Message, error) {
	return c.Latest(ctx, filter, wait)
}

// Latest returns the newest message that matches, whole; it waits for one if
// wait is not 0.
func (c *Client) Latest(ctx context.Context, filter []string, wait time.Duration, include ...string) (model.Message, error) {
	return c.message(ctx, "latest", filter, wait, include)
}

// Get returns one message, whole.
func (c *Client) Get(ctx context.Context, id string, include ...string) (model.Message, error) {
	return c.message(ctx, id, nil, 0, include)
}

func (c *Client) message(ctx context.Context, id string, filter []string, wait time.Duration, include []string) (model.Message, error) {
	var m model.Message
	q, err := Query(filter)
	if err != nil {
		return m, err
	}
	Options{Wait: wait, Include: include}.apply(q)
	err = c.call(ctx, request{method: http.MethodGet, path: messagePath(id), query: q}, &m)
	return m, err
}

func messagePath(id string, more ...string) string {
	p := "/v1/messages/" + url.PathEscape(id)
	for _, m := range more {
		p += "/" + m
	}
	return p
}

// Part returns what stands below a message's address: raw, text, html, headers,
// transcript, parts/2. id may be "latest", with a filter and a wait.
func (c *Client) Part(ctx context.Context, id, what string, filter []string, wait time.Duration) ([]byte, error) {
	q, err := Query(filter)
	if err != nil {
		return nil, err
	}
	Options{Wait: wait}.apply(q)
	if what == "transcript" {
		q.Set("format", "text")
	}
	return c.bytes(ctx, request{method: http.MethodGet, path: messagePath(id, what), query: q})
}

// Raw returns a message's octets as they were sent.
func (c *Client) Raw(ctx context.Context, id string) ([]byte, error) {
	return c.Part(ctx, id, "raw", nil, 0)
}

// Codes returns a message's one-time codes, best first.
func (c *Client) Codes(ctx context.Context, id string, filter []string, wait time.Duration) ([]model.Code, error) {
	var out struct {
		Codes []model.Code `json:"codes"`
	}
	err := c.below(ctx, id, "codes", filter, wait, &out)
	return out.Codes, err
}

// Links returns a message's links in their order.
func (c *Client) Links(ctx context.Context, id string, filter []string, wait time.Duration) ([]model.Link, error) {
	var out struct {
		Links []model.Link `json:"links"`
	}
	err := c.below(ctx, id, "links", filter, wait, &out)
	return out.Links, err
}

func (c *Client) below(ctx context.Context, id, what string, filter []string, wait time.Duration, out any) error {
	q, err := Query(filter)
	if err != nil {
		return err
	}
	Options{Wait: wait}.apply(q)
	return c.call(ctx, request{method: http.MethodGet, path: messagePath(id, what), query: q}, out)
}

// Delete removes one message.
func (c *Client) Delete(ctx context.Context, id string) error {
	return c.call(ctx, request{method: http.MethodDelete, path: messagePath(id)}, nil)
}

// DeleteAll removes what matches; every message if there is no filter. It
// returns how many went.
func (c *Client) DeleteAll(ctx context.Context, filter ...string) (int, error) {
	q, err := Query(filter)
	if err != nil {
		return 0, err
	}
	if len(filter) == 0 {
		q.Set("all", "true")
	}
	var out struct {
		Deleted int `json:"deleted"`
	}
	err = c.call(ctx, request{method: http.MethodDelete, path: "/v1/messages", query: q}, &out)
	return out.Deleted, err
}

// Send captures a message as if SMTP had brought it: raw is RFC 5322, its
// envelope is its header's.
func (c *Client) Send(ctx context.Context, raw []byte) (model.Message, error) {
	return c.post(ctx, raw, url.Values{})
}

// Import puts a message in that came from a file. One whose header has no usable
// addresses goes in with an empty envelope.
func (c *Client) Import(ctx context.Context, raw []byte) (model.Message, error) {
	return c.ImportWith(ctx, raw, nil, time.Time{})
}

// ImportWith is Import with the reverse-path (nil: the header's sender) and the time
// of arrival (zero: now) that the message had where it comes from.
func (c *Client) ImportWith(ctx context.Context, raw []byte, reversePath *string, at time.Time) (model.Message, error) {
	q := url.Values{"origin": {model.OriginImport}}
	if reversePath != nil {
		q.Set("from", *reversePath)
	}
	if !at.IsZero() {
		q.Set("received_at", at.UTC().Format(time.RFC3339))
	}
	m, err := c.post(ctx, raw, q)
	if e, ok := errors.AsType[*Error](err); ok && e.Problem.Status == http.StatusBadRequest && (e.Problem.Param == "from" || e.Problem.Param == "to") {
		q.Set("from", "")
		q.Set("to", "")
		return c.post(ctx, raw, q)
	}
	return m, err
}

func (c *Client) post(ctx context.Context, raw []byte, q url.Values) (model.Message, error) {
	var m model.Message
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/messages", query: q, body: bytes.NewReader(raw), typ: "message/rfc822"}, &m)
	return m, err
}

// Whole makes a full message of a list's row, as far as its parts were included.
func Whole(r model.Row) model.Message {
	m := model.Message{Summary: r.Summary, Headers: r.Headers, Attachments: r.Attachments, Warnings: r.Warnings,
		Links: r.Links, Codes: r.Codes, Raw: r.Raw}
	if r.Text != nil {
		m.Text = *r.Text
	}
	if r.HTML != nil {
		m.HTML = *r.HTML
	}
	if r.Envelope != nil {
		m.Envelope = *r.Envelope
	}
	return m
}
