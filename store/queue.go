package store

import (
	"context"
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

// Open reports whether the entry may still leave.
func (st QueueState) Open() bool { return st == Queued || st == Deferred || st == Held }

// QueueQuery filters queue entries; empty fields match all.
type QueueQuery struct {
	Sandbox   string // "" is every sandbox (administrator)
	States    []QueueState
	Domain    string
	MessageID string
	Limit     int
	Cursor    string
}

// EnqueueMessage adds a message's forward-paths to the queue in one commit and
// returns them with their IDs. Errors: ErrNotFound, ErrFull.
func (s *Store) EnqueueMessage(ctx context.Context, messageID string, entries []QueueEntry) ([]QueueEntry, error) {
	panic("being built")
}

// QueueEntries lists entries, oldest first. Errors: ErrBadCursor.
func (s *Store) QueueEntries(ctx context.Context, q QueueQuery) (entries []QueueEntry, next string, err error) {
	panic("being built")
}

// QueueEntry returns one. Errors: ErrNotFound.
func (s *Store) QueueEntry(ctx context.Context, id string) (QueueEntry, error) { panic("being built") }

// UpdateQueueEntry changes one in one commit; an error of fn leaves it as it was.
func (s *Store) UpdateQueueEntry(ctx context.Context, id string, fn func(*QueueEntry) error) (QueueEntry, error) {
	panic("being built")
}

// DueQueue returns the entries due at the real time now, each judged by its
// sandbox's clock, the longest due first, and the real time at which the next
// will be due (zero: none waits).
func (s *Store) DueQueue(ctx context.Context, now time.Time, limit int) (due []QueueEntry, next time.Time, err error) {
	panic("being built")
}

// OpenQueue returns how many of a message's entries are open.
func (s *Store) OpenQueue(messageID string) int { panic("being built") }
