package store

import (
	"context"
	"time"
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

// Webhooks returns a sandbox's webhooks ("": all), oldest first.
func (s *Store) Webhooks(ctx context.Context, sandbox string) ([]Webhook, error) {
	panic("being built")
}

// Webhook returns one. Errors: ErrNotFound.
func (s *Store) Webhook(ctx context.Context, id string) (Webhook, error) { panic("being built") }

// PutWebhook creates (empty ID) or replaces one. Errors: ErrNoSandbox, ErrNotFound, ErrFull.
func (s *Store) PutWebhook(ctx context.Context, w Webhook) (Webhook, error) { panic("being built") }

// DeleteWebhook removes one and what waits for it.
func (s *Store) DeleteWebhook(ctx context.Context, id string) error { panic("being built") }

// EnqueueOutbox adds events outside a capture (updates, deletions, a replay).
func (s *Store) EnqueueOutbox(ctx context.Context, entries []OutboxEntry) error {
	panic("being built")
}

// Outbox returns what waits for a webhook, in order.
func (s *Store) Outbox(ctx context.Context, webhook string, limit int) ([]OutboxItem, error) {
	panic("being built")
}

// DueOutbox returns the first waiting item of each webhook that is due at now,
// and when the next one will be (zero: none waits).
func (s *Store) DueOutbox(ctx context.Context, now time.Time, limit int) (items []OutboxItem, next time.Time, err error) {
	panic("being built")
}

// RecordDelivery writes a try into the log; delivered takes the item out, else
// it is tried again at next.
func (s *Store) RecordDelivery(ctx context.Context, item OutboxItem, d WebhookDelivery, delivered bool, next time.Time) error {
	panic("being built")
}

// Deliveries returns a webhook's log, newest first; it is bounded.
func (s *Store) Deliveries(ctx context.Context, webhook string, limit int) ([]WebhookDelivery, error) {
	panic("being built")
}
