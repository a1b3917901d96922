package compat

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/catchpost/catchpost/store"
)

// Times of streams: for one write, between signs of life, between two stats.
const (
	writeTime  = 10 * time.Second
	pingEvery  = 25 * time.Second
	statsEvery = 250 * time.Millisecond
)

// stream is one client that listens.
type stream struct {
	*call
	sub   *store.Subscription
	write func(ctx context.Context, body []byte) error
	ping  func(ctx context.Context) error
}

// mailKinds are the changes that these APIs tell.
var mailKinds = []store.ChangeKind{store.MessageReceived, store.MessageUpdated, store.MessageDeleted, store.SandboxDeleted}

// subscribe counts a stream in.
func (c *call) subscribe() (*store.Subscription, func(), error) {
	leave := func() {}
	if c.s.c.Enter != nil {
		var err error
		if leave, err = c.s.c.Enter(c.sandbox); err != nil {
			return nil, nil, &failure{http.StatusTooManyRequests, "too many requests listen at the same time"}
		}
	}
	sub := c.s.store.Subscribe(store.Interest{Sandbox: c.sandbox, Kinds: mailKinds})
	return sub, func() { sub.Close(); leave() }, nil
}

// webSocket accepts a WebSocket (RFC 6455) and runs it until the client goes, the
// server stops or run ends. The Origin was judged before the route.
func (c *call) webSocket(run func(context.Context, *stream) error) error {
	sub, leave, err := c.subscribe()
	if err != nil {
		return err
	}
	defer leave()
	conn, err := websocket.Accept(c.w, c.r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return nil // Accept has answered
	}
	defer func() { _ = conn.CloseNow() }()
	ctx := conn.CloseRead(c.ctx) // what clients say is read and dropped
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.s.c.Running, cancel)()
	s := &stream{call: c, sub: sub,
		write: func(ctx context.Context, body []byte) error { return conn.Write(ctx, websocket.MessageText, body) },
		ping:  conn.Ping,
	}
	err = run(ctx, s)
	status, reason := websocket.StatusNormalClosure, ""
	if c.s.c.Running.Err() != nil {
		status, reason = websocket.StatusGoingAway, "the server is stopping"
	}
	_ = conn.Close(status, reason)
	if err != nil && ctx.Err() == nil {
		c.s.c.Log.Debug("stream ended", "error", err)
	}
	return nil
}

// send writes one JSON text within its time.
func (s *stream) send(ctx context.Context, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	return s.write(ctx, body)
}

// next waits for changes for at most d; none and no error when it is over.
func (s *stream) next(ctx context.Context, d time.Duration) ([]store.Change, error) {
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	changes, err := s.sub.Next(wait)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, nil
	}
	return changes, err
}

// live tells changes until the end; lagged when some were lost. It keeps the
// connection alive. idle, if not nil, is how soon something else is due, and do it.
func (s *stream) live(ctx context.Context, tell func(store.Change) error, lagged func() error, due func() (time.Duration, error)) error {
	pinged := time.Now()
	for {
		wait := pingEvery - time.Since(pinged)
		if due != nil {
			soon, err := due()
			if err != nil {
				return err
			}
			if soon > 0 {
				wait = min(wait, soon)
			}
		}
		changes, err := s.next(ctx, max(wait, time.Millisecond))
		switch {
		case errors.Is(err, store.ErrLagged):
			err = lagged()
		case err == nil && time.Since(pinged) >= pingEvery:
			pinged = time.Now()
			limit, cancel := context.WithTimeout(ctx, writeTime)
			err = s.ping(limit)
			cancel()
		}
		if err != nil {
			return err
		}
		for _, ch := range changes {
			if ch.Kind == store.SandboxDeleted {
				return nil
			}
			if err := tell(ch); err != nil {
				return err
			}
		}
	}
}

// event is Mailpit's.
type event struct {
	Type string
	Data any
}

// mailpitEvents is Mailpit's WebSocket: new, update, delete, prune and stats.
func (c *call) mailpitEvents() error {
	return c.webSocket(func(ctx context.Context, s *stream) error {
		var sent time.Time // stats
		stale := true
		stats := func() (time.Duration, error) {
			if wait := statsEvery - time.Since(sent); !stale || wait > 0 {
				if !stale {
					return 0, nil
				}
				return wait, nil
			}
			f, err := c.s.store.Facets(ctx, c.sandbox)
			if err != nil {
				return 0, err
			}
			sent, stale = time.Now(), false
			return 0, s.send(ctx, event{"stats", struct {
				Total, Unread int
				Version       string
			}{f.Messages, f.Unread, c.s.c.Version}})
		}
		tell := func(ch store.Change) error {
			stale = true
			for _, e := range mailpitEventsOf(ch) {
				if err := s.send(ctx, e); err != nil {
					return err
				}
			}
			return nil
		}
		lost := func() error { stale = true; return s.send(ctx, event{"prune", nil}) } // clients list again
		return s.live(ctx, tell, lost, stats)
	})
}

func mailpitEventsOf(ch store.Change) []event {
	switch ch.Kind {
	case store.MessageReceived:
		if ch.Message != nil && ch.Message.Origin != "append" {
			return []event{{"new", eventSummary(ch.Message)}}
		}
	case store.MessageUpdated:
		if m := ch.Message; m != nil {
			return []event{
				{"update", struct {
					ID   string
					Read bool
				}{mailpitID(m.ID), m.Seen}},
				{"update", struct {
					ID   string
					Tags []string
				}{mailpitID(m.ID), sortedTags(m.Tags)}},
			}
		}
	case store.MessageDeleted:
		return []event{{"delete", struct{ ID string }{mailpitID(ch.ID)}}}
	}
	return nil
}

// hogEvents is MailHog's stream of server-sent events: every new message.
func (c *call) hogEvents() error {
	sub, leave, err := c.subscribe()
	if err != nil {
		return err
	}
	defer leave()
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	c.w.WriteHeader(http.StatusOK)
	rc := http.NewResponseController(c.w)
	out := func(text string) error {
		_ = rc.SetWriteDeadline(time.Now().Add(writeTime)) // not every writer can
		if _, err := c.w.Write([]byte(text)); err != nil {
			return err
		}
		return rc.Flush()
	}
	if out(": catchpost\n\n") != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	defer context.AfterFunc(c.s.c.Running, cancel)()
	s := &stream{call: c, sub: sub,
		write: func(_ context.Context, body []byte) error { return out("data: " + string(body) + "\n\n") },
		ping:  func(context.Context) error { return out(": keepalive\n\n") },
	}
	_ = s.live(ctx, s.tellHog(ctx), func() error { return nil }, nil) // the client is gone, or the server stops
	return nil
}

// hogSocket is MailHog's WebSocket: the same messages.
func (c *call) hogSocket() error {
	return c.webSocket(func(ctx context.Context, s *stream) error {
		return s.live(ctx, s.tellHog(ctx), func() error { return nil }, nil)
	})
}

func (s *stream) tellHog(ctx context.Context) func(store.Change) error {
	return func(ch store.Change) error {
		if ch.Kind != store.MessageReceived || ch.Message == nil || ch.Message.Origin == "append" {
			return nil
		}
		m, err := s.hogMessage(ctx, ch.Message)
		if errors.Is(err, store.ErrNotFound) {
			return nil // deleted since
		}
		if err != nil {
			return err
		}
		return s.send(ctx, m)
	}
}
