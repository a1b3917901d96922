package model

import "time"

// Session is one client connection of a mail server, connect to close.
type Session struct {
	ID            string           `json:"id"`
	Server        string           `json:"server"` // smtp, submission, lmtp, pop3, imap
	Sandbox       string           `json:"sandbox"`
	ClientAddress string           `json:"client_address"`
	LocalAddress  string           `json:"local_address"`
	HELO          string           `json:"helo"`
	AuthUser      string           `json:"auth_user"`
	TLS           *TLS             `json:"tls"`
	StartedAt     time.Time        `json:"started_at"`
	EndedAt       *time.Time       `json:"ended_at"`
	Outcome       string           `json:"outcome"` // open, delivered, empty, rejected, aborted, timeout, error, too_many_errors
	Verbs         []string         `json:"verbs"`
	Messages      []string         `json:"messages"`
	BytesIn       int64            `json:"bytes_in"`
	BytesOut      int64            `json:"bytes_out"`
	Truncated     bool             `json:"truncated"`
	Lines         []TranscriptLine `json:"lines,omitempty"`
}

// TranscriptLine is one line of a transcript. Direction is "C" (client), "S"
// (server) or "*" (a remark of ours: TLS started, data elided, fault injected).
type TranscriptLine struct {
	At        time.Time `json:"at"`
	Direction string    `json:"direction"`
	Text      string    `json:"text"`
	Injected  bool      `json:"injected,omitempty"`
	// MessageID names the transaction's message on the line that ended its data.
	MessageID string `json:"message_id,omitempty"`
}

// Sessions answers GET /sessions.
type Sessions struct {
	Sessions   []Session `json:"sessions"`
	NextCursor *string   `json:"next_cursor"`
}
