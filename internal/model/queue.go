package model

import "time"

// QueueEntry is one forward-path of a message on its way out.
type QueueEntry struct {
	ID          string     `json:"id"`
	Sandbox     string     `json:"sandbox"`
	MessageID   string     `json:"message_id"`
	ReversePath string     `json:"reverse_path"`
	ForwardPath string     `json:"forward_path"`
	Domain      string     `json:"domain"`
	State       string     `json:"state"`
	Reason      string     `json:"reason"`
	QueuedAt    time.Time  `json:"queued_at"`
	NextAt      *time.Time `json:"next_at"`
	ExpiresAt   *time.Time `json:"expires_at"`
	Attempts    []Attempt  `json:"attempts"`
}

// Attempt is one try at a next hop.
type Attempt struct {
	At           time.Time        `json:"at"`
	EndedAt      *time.Time       `json:"ended_at"`
	Host         string           `json:"host"`
	Address      string           `json:"address"`
	TLS          *TLS             `json:"tls"`
	Stage        string           `json:"stage"`
	Code         int              `json:"code"`
	EnhancedCode string           `json:"enhanced_code"`
	Text         string           `json:"text"`
	Outcome      string           `json:"outcome"`
	Transcript   []TranscriptLine `json:"transcript,omitzero"`
}

// Queue answers GET /queue.
type Queue struct {
	Entries    []QueueEntry `json:"entries"`
	NextCursor *string      `json:"next_cursor"`
}
