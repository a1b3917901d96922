package store

import (
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// QueueState is the outcome so far of one forward-path.
type QueueState string

// States of a queue entry, DESIGN §2 and the relay's issue.
const (
	Queued    QueueState = "queued"
	Deferred  QueueState = "deferred"
	Held      QueueState = "held"
	Relayed   QueueState = "relayed"
	Delivered QueueState = "delivered" // local
	Failed    QueueState = "failed"
	Expired   QueueState = "expired"
	Cancelled QueueState = "cancelled"
)

// QueueEntry is one forward-path of a message on its way out.
type QueueEntry struct {
	ID          string
	Sandbox     string
	MessageID   string // the store's ID of the message
	ReversePath string
	ForwardPath string
	Domain      string // A-label of the forward-path's domain: the destination
	State       QueueState
	Reason      string // why held or failed, for people
	QueuedAt    time.Time
	NextAt      time.Time // when it is due; zero when it will not be tried again
	WarnedAt    time.Time // when the delay DSN was sent
	ExpiresAt   time.Time
	DSN         model.DSNRecipient
	Ret, EnvID  string
	Received    string // the Received field a relayed copy begins with, made once
	Attempts    []Attempt
}

// Attempt is one try at a next hop.
type Attempt struct {
	At           time.Time
	EndedAt      time.Time
	Host         string // MX name
	Address      string // IP:port
	TLS          *model.TLS
	Stage        string // connect, greeting, ehlo, tls, auth, mail, rcpt, data, end
	Code         int
	EnhancedCode string
	Text         string
	Outcome      string // relayed, deferred, failed, uncertain
	Transcript   []model.TranscriptLine
}
