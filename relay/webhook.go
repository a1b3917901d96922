package relay

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// HooksConfig is what Hooks need; Store is required.
type HooksConfig struct {
	Store   *store.Store
	Log     *slog.Logger
	Private bool                             // receivers may have private or loopback addresses
	PageURL func(sandbox, id string) string  // nil: left empty
	Backoff func(attempts int) time.Duration // nil: 1 s, doubling, 1 min at most
	Timeout time.Duration                    // of one delivery, 10 s
	Now     func() time.Time                 // nil: the system's
}

// Hooks posts events to webhooks: in order for each, at least once, retried
// with growing pauses. What waits are rows, so that a restart loses nothing.
type Hooks struct {
	c      HooksConfig
	client *http.Client

	mu   sync.Mutex
	busy map[string]bool // webhooks that have a delivery in hand
	done chan struct{}
	work sync.WaitGroup

	cacheMu  sync.Mutex
	compiled map[string]*filter.Filter // by text
}

// NewHooks makes Hooks; Run delivers.
func NewHooks(c HooksConfig) *Hooks {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Backoff == nil {
		c.Backoff = func(n int) time.Duration { return min(time.Second<<min(n, 10), time.Minute) }
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Now == nil {
		c.Now = func() time.Time { return time.Now().UTC() }
	}
	h := &Hooks{c: c, busy: map[string]bool{}, done: make(chan struct{}, 1), compiled: map[string]*filter.Filter{}}
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: h.guard}
	h.client = &http.Client{
		Timeout:   c.Timeout,
		Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 5 * time.Second},
		// A redirect could lead anywhere, with the body: it counts as an answer.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return h
}

// guard looks at the address after the name was resolved, so that no name can
// lead inwards.
func (h *Hooks) guard(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !h.c.Private && !public(ap.Addr()) {
		return fmt.Errorf("%s is a private address; --webhook-private lets webhooks go there", ap.Addr())
	}
	return nil
}

// Derive makes the outbox rows of a captured message; they are committed with it.
func (h *Hooks) Derive(m *store.Message, s filter.Subject) []store.OutboxEntry {
	if m.Origin == model.OriginAppend {
		return nil
	}
	hooks, err := h.c.Store.Webhooks(context.Background(), m.Sandbox)
	if err != nil || len(hooks) == 0 {
		return nil
	}
	var out []store.OutboxEntry
	for _, w := range hooks {
		if !listens(w, "message.received") || !h.matches(w, s) {
			continue
		}
		out = append(out, store.OutboxEntry{Webhook: w.ID, Event: "message.received", Body: h.body("message.received", h.summary(s))})
	}
	return out
}

func listens(w store.Webhook, event string) bool {
	return w.Enabled && (len(w.Events) == 0 || slices.Contains(w.Events, event))
}

func (h *Hooks) matches(w store.Webhook, s filter.Subject) bool {
	f, err := h.filter(w.Filter)
	if err == nil {
		var ok bool
		if ok, err = f.Match(s); err == nil {
			return ok
		}
	}
	h.c.Log.Warn("a webhook's filter could not be judged", "webhook", w.ID, "error", err)
	return false
}

// filter compiles a filter's text once.
func (h *Hooks) filter(text string) (*filter.Filter, error) {
	h.cacheMu.Lock()
	defer h.cacheMu.Unlock()
	if f := h.compiled[text]; f != nil {
		return f, nil
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	f, err := filter.ParseURL(values, h.c.Now())
	if err != nil {
		return nil, err
	}
	if len(h.compiled) > 1000 {
		clear(h.compiled)
	}
	h.compiled[text] = f
	return f, nil
}

func (h *Hooks) summary(s filter.Subject) model.Summary {
	out := *s.Summary()
	if h.c.PageURL != nil {
		out.PageURL = h.c.PageURL(out.Sandbox, out.ID)
	}
	return out
}

// body is what is posted: the event's name and its data.
func (h *Hooks) body(event string, data any) []byte {
	b, err := json.Marshal(map[string]any{"event": event, "at": h.c.Now().Format(time.RFC3339Nano), "data": data})
	if err != nil {
		h.c.Log.Error("an event could not be written", "event", event, "error", err)
	}
	return b
}

// Run delivers until ctx ends.
func (h *Hooks) Run(ctx context.Context) error {
	sub := h.c.Store.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.MessageReceived, store.MessageUpdated, store.MessageDeleted, store.WebhookChanged}})
	defer sub.Close()
	watch, stop := context.WithCancel(ctx)
	defer stop()
	changed := make(chan struct{}, 1)
	h.work.Go(func() { h.watch(watch, sub, changed) })
	for {
		timer := time.NewTimer(h.launch(ctx))
		select {
		case <-ctx.Done():
			timer.Stop()
			stop()
			h.work.Wait()
			return nil
		case <-timer.C:
		case <-changed:
		case <-h.done:
		}
		timer.Stop()
	}
}

// watch queues updates and deletions, and wakes the loop on every change.
func (h *Hooks) watch(ctx context.Context, sub *store.Subscription, changed chan<- struct{}) {
	for {
		changes, err := sub.Next(ctx)
		if err != nil && !errors.Is(err, store.ErrLagged) {
			return
		}
		for _, c := range changes {
			h.enqueue(ctx, c)
		}
		select {
		case changed <- struct{}{}:
		default:
		}
	}
}

// enqueue adds the rows of an update or a deletion.
func (h *Hooks) enqueue(ctx context.Context, c store.Change) {
	event := ""
	switch c.Kind {
	case store.MessageUpdated:
		event = "message.updated"
	case store.MessageDeleted:
		event = "message.deleted"
	default:
		return
	}
	hooks, err := h.c.Store.Webhooks(ctx, c.Sandbox)
	if err != nil {
		return
	}
	var rows []store.OutboxEntry
	for _, w := range hooks {
		if !listens(w, event) {
			continue
		}
		var data any = map[string]string{"id": c.ID, "sandbox": c.Sandbox}
		if c.Message != nil {
			s := h.c.Store.Subject(c.Message)
			if !h.matches(w, s) {
				continue
			}
			data = h.summary(s)
		}
		rows = append(rows, store.OutboxEntry{Webhook: w.ID, Event: event, Body: h.body(event, data)})
	}
	if len(rows) == 0 {
		return
	}
	if err := h.c.Store.EnqueueOutbox(ctx, rows); err != nil && ctx.Err() == nil {
		h.c.Log.Error("an event could not be queued", "event", event, "error", err)
	}
}

// hooksMost bounds the deliveries at the same time.
const hooksMost = 32

// launch starts what is due and returns the time to the next.
func (h *Hooks) launch(ctx context.Context) time.Duration {
	items, next, err := h.c.Store.DueOutbox(ctx, h.c.Now(), 1000)
	if err != nil {
		return time.Second
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, item := range items {
		if h.busy[item.Webhook] || len(h.busy) >= hooksMost || ctx.Err() != nil {
			continue
		}
		h.busy[item.Webhook] = true
		h.work.Go(func() { h.attend(ctx, item) })
	}
	if next.IsZero() {
		return time.Hour
	}
	return max(next.Sub(h.c.Now()), 0)
}

func (h *Hooks) attend(ctx context.Context, item store.OutboxItem) {
	defer func() {
		h.mu.Lock()
		delete(h.busy, item.Webhook)
		h.mu.Unlock()
		select {
		case h.done <- struct{}{}:
		default:
		}
	}()
	w, err := h.c.Store.Webhook(ctx, item.Webhook)
	if err != nil {
		return // deleted meanwhile, its rows with it
	}
	d := h.post(ctx, w, item)
	if ctx.Err() != nil && d.Status == 0 {
		return // cut short by the shutdown: the row stays as it was
	}
	delivered := d.Status >= 200 && d.Status < 300
	next := h.c.Now().Add(h.c.Backoff(item.Attempts))
	if err := h.c.Store.RecordDelivery(context.WithoutCancel(ctx), item, d, delivered, next); err != nil {
		h.c.Log.Error("a delivery could not be recorded", "webhook", w.ID, "error", err)
	}
}

// post delivers one event. The signature is the HMAC-SHA256 of "TIME.BODY" with
// the webhook's secret; TIME is unix seconds, so that a receiver can refuse what
// is old.
func (h *Hooks) post(ctx context.Context, w store.Webhook, item store.OutboxItem) store.WebhookDelivery {
	began := h.c.Now()
	d := store.WebhookDelivery{Item: item.ID, Event: item.Event, At: began, Body: item.Body}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(item.Body))
	if err != nil {
		d.Error = err.Error()
		return d
	}
	stamp := strconv.FormatInt(began.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "catchpost")
	req.Header.Set("Catchpost-Event", item.Event)
	req.Header.Set("Catchpost-Id", w.ID+"-"+strconv.FormatUint(uint64(item.ID), 10))
	req.Header.Set("Catchpost-Attempt", strconv.Itoa(item.Attempts+1))
	req.Header.Set("Catchpost-Signature", "t="+stamp+",v1="+Sign(w.Secret, stamp, item.Body))
	resp, err := h.client.Do(req)
	d.Took = h.c.Now().Sub(began)
	if err != nil {
		d.Error = err.Error()
		if ue := (*url.Error)(nil); errors.As(err, &ue) {
			d.Error = ue.Err.Error()
		}
		return d
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	d.Status, d.Response = resp.StatusCode, strings.ToValidUTF8(string(answer), "?")
	return d
}

// Sign is the signature of a webhook's body: hex of HMAC-SHA256(secret, stamp "." body).
func Sign(secret, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
