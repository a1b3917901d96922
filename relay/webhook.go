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
	"github.com/catchpost/catchpost/internal/policy"
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

	filters policy.Filters
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
	h := &Hooks{c: c, busy: map[string]bool{}, done: make(chan struct{}, 1)}
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

// Derive makes the outbox rows of a captured message, to be committed with it.
// Their bodies are written when the message has its numbers.
func (h *Hooks) Derive(m *store.Message, s filter.Subject) store.Derived {
	var d store.Derived
	if m.Origin == model.OriginAppend {
		return d
	}
	for _, w := range h.listening(m.Sandbox, "message.received") {
		if h.matches(w, s) {
			d.Outbox = append(d.Outbox, store.OutboxEntry{Webhook: w.ID, Event: "message.received"})
		}
	}
	if len(d.Outbox) > 0 {
		d.Finish = func(m *store.Message, d *store.Derived) {
			body := h.body("message.received", h.summary(m.Summary()))
			for i := range d.Outbox {
				d.Outbox[i].Body = body
			}
		}
	}
	return d
}

// DeriveChange makes the outbox rows of an update or a deletion, to be committed
// with it. A deletion is told to every webhook that listens: the message can no
// longer be judged.
func (h *Hooks) DeriveChange(c store.Change, s filter.Subject) []store.OutboxEntry {
	event := "message.updated"
	if c.Kind == store.MessageDeleted {
		event = "message.deleted"
	}
	var out []store.OutboxEntry
	var body []byte
	for _, w := range h.listening(c.Sandbox, event) {
		if s != nil && !h.matches(w, s) {
			continue
		}
		if body == nil {
			var data any = model.MessageEvent{ID: c.ID, Sandbox: c.Sandbox, Sequence: uint64(c.Sequence)}
			if c.Message != nil {
				data = h.summary(c.Message.Summary())
			}
			body = h.body(event, data)
		}
		out = append(out, store.OutboxEntry{Webhook: w.ID, Event: event, Body: body})
	}
	return out
}

// listening are the webhooks of a sandbox that want an event.
func (h *Hooks) listening(sandbox, event string) []store.Webhook {
	hooks, err := h.c.Store.Webhooks(context.Background(), sandbox)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(hooks, func(w store.Webhook) bool { return !listens(w, event) })
}

func listens(w store.Webhook, event string) bool {
	return w.Enabled && (len(w.Events) == 0 || slices.Contains(w.Events, event))
}

func (h *Hooks) matches(w store.Webhook, s filter.Subject) bool {
	ok, err := h.filters.Match(w.Filter, s, h.c.Now())
	if err != nil {
		h.c.Log.Warn("a webhook's filter could not be judged", "webhook", w.ID, "error", err)
	}
	return ok && err == nil
}

func (h *Hooks) summary(m model.Summary) model.Summary {
	if h.c.PageURL != nil {
		m.PageURL = h.c.PageURL(m.Sandbox, m.ID)
	}
	return m
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

// watch wakes the loop on every change.
func (h *Hooks) watch(ctx context.Context, sub *store.Subscription, changed chan<- struct{}) {
	for {
		if _, err := sub.Next(ctx); err != nil && !errors.Is(err, store.ErrLagged) {
			return
		}
		select {
		case changed <- struct{}{}:
		default:
		}
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
	err = h.c.Store.RecordDelivery(context.WithoutCancel(ctx), item, d, delivered, next)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		h.c.Log.Error("a delivery could not be recorded", "webhook", w.ID, "error", err)
		select { // or it would be posted again and again
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
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
