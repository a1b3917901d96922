package store

import (
	"time"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
)

// Numbers of DESIGN §2. Sequence doubles as MODSEQ and SSE id.
type (
	// Sequence is store-wide, one per committed change, ascending in commit order.
	Sequence uint64
	// UID is an IMAP unique identifier, RFC 9051 §2.3.1.1.
	UID uint32
	// UIDValidity is RFC 9051 §2.3.1.1's; it never repeats for a mailbox name.
	UIDValidity uint32
	// MailboxID names a mailbox inside the store, for ever.
	MailboxID uint64
)

// DefaultSandbox always exists.
const DefaultSandbox = "default"

// Message is a captured message: immutable octets and envelope, what was
// derived from them, and the few things that may change (Seen, Flagged of the
// catch-all account, Tags). Values returned by the store are shared: do not modify.
type Message struct {
	ID           string // opaque, sortable, lower-case base32, unique store-wide
	Sandbox      string
	Sequence     Sequence
	UID          UID    // in every INBOX that it was delivered to
	Origin       string // model.Origin…
	ReceivedAt   time.Time
	ReversePath  string   // "" is the null reverse-path
	ForwardPaths []string // exact spelling, this sandbox's only
	Envelope     model.Envelope
	Size         int64
	Digest       *message.Digest // SearchText is empty here; see Store.SearchText
	Seen         bool
	Flagged      bool
	Tags         []string
	// Accounts are the keys of the accounts in whose INBOX it was delivered, each
	// once; the catch-all is not named.
	Accounts []string
}

// isAppended reports whether a client put the message here itself.
func (m *Message) isAppended() bool { return m.Origin == model.OriginAppend }

// Delivery is a mail transaction that ended: what the client sent and how.
type Delivery struct {
	Origin string
	// Sandbox is the one that the login chose; "" routes each forward-path by
	// sandbox domain, plus-tag, else default.
	Sandbox      string
	ReversePath  string
	ForwardPaths []string
	Envelope     model.Envelope
	Octets       *Octets // consumed by Deliver, whatever its result
	// ReceivedAt is when the message first arrived somewhere, for one that is
	// imported; zero, or a time to come, is now.
	ReceivedAt time.Time
	// Tags are set on the captured message.
	Tags []string
}

// Derived is what must be committed together with a captured message.
type Derived struct {
	Queue  []QueueEntry
	Outbox []OutboxEntry
	// Finish, when set, completes Queue and Outbox inside the commit, when the
	// message has its ID and Sequence. It must be quick and may run twice.
	Finish func(*Message, *Derived)
}

// Order of a list.
type Order int

// Newest first is the default order.
const (
	Newest Order = iota
	Oldest
)

// StateChange says what to change on messages; nil fields stay.
type StateChange struct {
	Seen    *bool
	Flagged *bool
	Tags    *[]string
}

// ChangeKind tells what a Change is about.
type ChangeKind uint8

// The closed set of changes.
const (
	MessageReceived ChangeKind = iota + 1
	MessageUpdated
	MessageDeleted
	EntryChanged // flags of entries
	EntryAdded   // copy, move, append into a mailbox
	EntryExpunged
	MailboxCreated
	MailboxRenamed
	MailboxDeleted
	MailboxUpdated // subscription, special use
	SandboxCreated
	SandboxUpdated
	SandboxDeleted
	QueueChanged
	SessionChanged // not logged, no Sequence
	AccountChanged
	WebhookChanged  // a webhook, or what waits for it
	MetadataChanged // annotations of a mailbox or, without one, of the server
)

// Change is one committed event, published in commit order.
type Change struct {
	Sequence Sequence
	Kind     ChangeKind
	Sandbox  string
	At       time.Time
	Message  *Message // received, updated
	ID       string   // of the message, queue entry or session; key of the account
	Entries  []EntryChangeRow
	Mailbox  MailboxID
	Session  *model.Session
	// UID and Accounts (keys) tell in which INBOXes a received or deleted message
	// is or was by delivery; the catch-all's is not named.
	UID      UID
	Accounts []string
	// Annotations are the names of those that changed; the log does not keep them.
	Annotations []string

	signature *signature // of a received message, for the publisher
}

// EntryChangeRow tells one entry's part in a change.
type EntryChangeRow struct {
	Mailbox MailboxID
	UID     UID
}

// Limits bound a sandbox; zero is no limit. Refuse answers "full" instead of
// dropping the oldest.
type Limits struct {
	Messages int64
	Bytes    int64
	Age      time.Duration
	Refuse   bool
}

// Sandbox is an isolated capture space and its counters.
type Sandbox struct {
	Name        string
	CreatedAt   time.Time
	ExpiresAt   time.Time // zero: never
	Labels      map[string]string
	Limits      Limits
	Messages    int64
	Bytes       int64
	Pruned      int64
	Sequence    Sequence // newest change
	HasToken    bool
	ClockOffset time.Duration
}

// QueueEntry is one forward-path's way out; its fields are in queue.go.

// OutboxEntry is a webhook event waiting for its receiver.
type OutboxEntry struct {
	Webhook string // webhook ID
	Event   string // "message.received"
	Body    []byte // the JSON that will be posted
}
