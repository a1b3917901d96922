package model

import "time"

// Webhook is a receiver of a sandbox's events. Secret is shown in the answer to
// its creation only.
type Webhook struct {
	ID        string         `json:"id"`
	URL       string         `json:"url"`
	Filter    map[string]any `json:"filter"`
	Events    []string       `json:"events"`
	Enabled   bool           `json:"enabled"`
	CreatedAt time.Time      `json:"created_at"`
	Secret    string         `json:"secret,omitempty"`
}

// Webhooks answers GET /webhooks.
type Webhooks struct {
	Webhooks []Webhook `json:"webhooks"`
}

// WebhookBody is the body of POST and PATCH /webhooks; with PATCH absent keys stay.
type WebhookBody struct {
	URL     *string         `json:"url,omitempty"`
	Filter  *map[string]any `json:"filter,omitempty"`
	Events  *[]string       `json:"events,omitempty"`
	Enabled *bool           `json:"enabled,omitempty"`
	Secret  *string         `json:"secret,omitempty"`
}

// WebhookDelivery is one try to deliver an event. Body is what was posted.
type WebhookDelivery struct {
	ID       uint64    `json:"id"`
	Event    string    `json:"event"`
	At       time.Time `json:"at"`
	TookMS   int64     `json:"took_ms"`
	Status   int       `json:"status"`
	Error    string    `json:"error"`
	Response string    `json:"response"`
	Body     string    `json:"body"`
}

// WebhookDeliveries answers GET /webhooks/{id}/deliveries. Waiting tells how
// many events are on their way.
type WebhookDeliveries struct {
	Deliveries []WebhookDelivery `json:"deliveries"`
	Waiting    int               `json:"waiting"`
}
