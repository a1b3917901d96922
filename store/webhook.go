package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bounds of webhooks.
const (
	maxWebhooks      = 100 // of a sandbox
	maxWebhookText   = 8192
	maxOutbox        = 100_000 // waiting for one webhook; beyond it the oldest is given up, and logged
	maxOutboxBody    = 16 << 20
	maxDeliveries    = 100 // in one webhook's log
	maxDeliveryReply = 4096
)

// Webhook is a receiver of a sandbox's events.
type Webhook struct {
	ID        string
	Sandbox   string
	URL       string
	Filter    string   // filter.Filter.String; "" is every message
	Events    []string // "message.received"; empty is every event
	Secret    string   // key of the HMAC-SHA256 signature
	Enabled   bool
	CreatedAt time.Time
}

// OutboxItem is an event on its way to a webhook.
type OutboxItem struct {
	OutboxEntry
	ID       Sequence // ascending: the order of delivery
	Sandbox  string
	QueuedAt time.Time
	NextAt   time.Time
	Attempts int
}

// WebhookDelivery is one try, as the delivery log shows it.
type WebhookDelivery struct {
	Item     Sequence
	Event    string
	At       time.Time
	Took     time.Duration
	Status   int // HTTP; 0 when none came
	Error    string
	Response string // the beginning of the answer's body
	Body     []byte // what was posted, for a replay
}

// hook is a webhook in memory, with what waits for it.
type hook struct {
	Webhook
	id      Sequence
	space   *space
	waiting []waiting // in order
	logged  []uint64  // numbers of the rows of its log, ascending
}

// waiting is an event in the outbox.
type waiting struct {
	id       Sequence
	next     time.Time
	attempts int
}

const webhookVersion = 1

// encodeJSON encodes a row that is rarely written and never searched.
func encodeJSON(version byte, v any) ([]byte, error) {
	body, err := json.Marshal(v)
	return append([]byte{version}, body...), err
}

func decodeJSON(version byte, row []byte, v any) error {
	if len(row) == 0 || row[0] == 0 || row[0] > version {
		return fmt.Errorf("%w: a row of an unknown version", ErrCorrupt)
	}
	if err := json.Unmarshal(row[1:], v); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return nil
}

func webhookKey(id SpaceID, hook Sequence) []byte {
	return append(spaceKey(id), sequenceKey(hook)...)
}

// deliveryKey is webhook ‖ number.
func deliveryKey(hook Sequence, n uint64) []byte {
	return append(sequenceKey(hook), sequenceKey(Sequence(n))...)
}

// Webhooks returns a sandbox's webhooks ("": all), oldest first.
// Errors: ErrNoSandbox, ErrSandboxEnded.
func (s *Store) Webhooks(ctx context.Context, sandbox string) ([]Webhook, error) {
	if sandbox != "" {
		if _, err := s.space(sandbox); err != nil {
			return nil, err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []Webhook{}
	for _, h := range s.domain.hooks {
		if !h.space.ended && (sandbox == "" || h.Sandbox == sandbox) {
			list = append(list, h.view())
		}
	}
	slices.SortFunc(list, func(a, b Webhook) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

func (h *hook) view() Webhook {
	w := h.Webhook
	w.Events = slices.Clone(w.Events)
	return w
}

// hook finds a webhook of a living sandbox; Store.mu is held, or this is the committer.
func (s *Store) hook(id string) (*hook, error) {
	seq, _ := s.sequenceOf(id)
	if h := s.domain.hooks[seq]; h != nil && !h.space.ended && h.ID == id {
		return h, nil
	}
	return nil, fmt.Errorf("webhook %q: %w", id, ErrNotFound)
}

// Webhook returns one. Errors: ErrNotFound.
func (s *Store) Webhook(ctx context.Context, id string) (Webhook, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h, err := s.hook(id)
	if err != nil {
		return Webhook{}, err
	}
	return h.view(), nil
}

// PutWebhook creates (empty ID) or replaces one; its sandbox and creation stay.
// Errors: ErrNoSandbox, ErrNotFound, ErrFull, ErrBadName.
func (s *Store) PutWebhook(ctx context.Context, w Webhook) (Webhook, error) {
	if w.URL == "" || len(w.URL)+len(w.Filter)+len(w.Secret) > maxWebhookText || len(w.Events) > 64 {
		return Webhook{}, fmt.Errorf("%w: a webhook has a URL; URL, filter and secret at most %d octets", ErrBadName, maxWebhookText)
	}
	w.Events = slices.Clone(w.Events)
	out := w
	err := s.alone(ctx, func(t *tx) error {
		out = w
		var old *hook
		sp := t.s.spaces[sandboxOr(w.Sandbox)]
		seq := t.nextSequence()
		at := seq
		if w.ID != "" {
			var err error
			if old, err = t.s.hook(w.ID); err != nil {
				return err
			}
			sp, seq = old.space, old.id
			out.CreatedAt = old.CreatedAt
		} else {
			if sp == nil {
				return t.s.noSpace(w.Sandbox)
			}
			if t.s.countHooks(sp) >= maxWebhooks {
				return fmt.Errorf("%w: a sandbox has at most %d webhooks", ErrFull, maxWebhooks)
			}
			out.ID, out.CreatedAt = t.s.idOf(seq), t.now.Truncate(time.Microsecond)
		}
		out.Sandbox = sp.name
		row, err := encodeJSON(webhookVersion, &out)
		if err != nil {
			return err
		}
		t.Put(bucketWebhook, webhookKey(sp.id, seq), row)
		t.changeAt(sp, at, Change{Kind: WebhookChanged, ID: out.ID})
		t.apply(func() {
			if old != nil {
				old.Webhook = out
			} else {
				t.s.domain.hooks[seq] = &hook{Webhook: out, id: seq, space: sp}
			}
		})
		return nil
	})
	return out, err
}

func (s *Store) countHooks(sp *space) int {
	n := 0
	for _, h := range s.domain.hooks {
		if h.space == sp {
			n++
		}
	}
	return n
}

// DeleteWebhook removes one and what waits for it. Errors: ErrNotFound.
func (s *Store) DeleteWebhook(ctx context.Context, id string) error {
	return s.alone(ctx, func(t *tx) error {
		h, err := t.s.hook(id)
		if err != nil {
			return err
		}
		t.dropHook(h)
		t.change(h.space, Change{Kind: WebhookChanged, ID: id})
		return nil
	})
}

// dropHook removes a webhook's rows.
func (t *tx) dropHook(h *hook) {
	t.Delete(bucketWebhook, webhookKey(h.space.id, h.id))
	t.DeleteRange(bucketDelivery, sequenceKey(h.id), sequenceKey(h.id+1))
	for _, w := range h.waiting {
		t.Delete(bucketOutbox, sequenceKey(w.id))
	}
	t.apply(func() { delete(t.s.domain.hooks, h.id) })
}
