package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/catchpost/catchpost/internal/model"
)

// Queue lists queue entries, oldest first; params are the route's own query
// words ("state=deferred", "domain=x.test").
func (c *Client) Queue(ctx context.Context, params ...string) (model.Queue, error) {
	var out model.Queue
	q, err := Query(params)
	if err != nil {
		return out, err
	}
	err = c.call(ctx, request{method: http.MethodGet, path: "/v1/queue", query: q}, &out)
	return out, err
}

// QueueEntry returns one entry with its attempts and their transcripts.
func (c *Client) QueueEntry(ctx context.Context, id string) (model.QueueEntry, error) {
	var out model.QueueEntry
	err := c.call(ctx, request{method: http.MethodGet, path: "/v1/queue/" + url.PathEscape(id)}, &out)
	return out, err
}

// ChangeQueueEntry does to an entry what action says: retry, hold, release or
// cancel.
func (c *Client) ChangeQueueEntry(ctx context.Context, id, action string) (model.QueueEntry, error) {
	var out model.QueueEntry
	err := c.call(ctx, request{method: http.MethodPost, path: "/v1/queue/" + url.PathEscape(id) + "/" + action}, &out)
	return out, err
}
