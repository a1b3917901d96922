package store

import (
	"log/slog"

	"github.com/catchpost/catchpost/internal/clock"
	"github.com/catchpost/catchpost/internal/filter"
)

// Options for Open.
type Options struct {
	Path          string // file, or ":memory:"
	Relaxed       bool   // no fsync before success is reported
	DefaultLimits Limits // of the sandbox "default"
	SandboxLimits Limits // of created sandboxes
	SandboxDomain string // "catchpost.test"; "" turns routing by domain off
	Clock         clock.Clock
	// UnknownLogin says what becomes of a user that names neither a sandbox nor an
	// address: "default" (or "") takes it, "reject" refuses it.
	UnknownLogin string
	// Accounts, when set, closes the open logins: it says whether a user is known
	// and the password right (--accounts-file).
	Accounts func(user, password string) (known, ok bool)
	// AdminToken opens every sandbox and closes the instance; "" leaves it open.
	AdminToken string
	// MaxSessions and MaxSessionBytes bound what is kept of sessions; 0 is 10,000
	// and 64 MiB.
	MaxSessions     int
	MaxSessionBytes int64
	Log             *slog.Logger
	Progress        func(done, total int) // while the indexes are rebuilt
	// Tag names tags that a mail gets when it is captured, besides those of its
	// Delivery, which it has already. Called before the commit, concurrently, with
	// the mail's octets.
	Tag func(m *Message, raw []byte) []string
	// Derive computes what must be committed with a captured message (relay
	// rules, webhooks). Called before the commit, concurrently.
	Derive func(*Message, filter.Subject) Derived
	// DeriveChange computes the events that must be committed with an update or a
	// deletion of a message; the subject is nil for a deletion. Called inside the
	// commit: it must be quick.
	DeriveChange func(Change, filter.Subject) []OutboxEntry
}

// Query asks for a page of messages.
type Query struct {
	Sandbox string
	Filter  *filter.Filter
	Order   Order
	Limit   int
	Cursor  string
	// Skip passes over that many matches first, for clients that page by offset.
	Skip int
	// Also, when set, must hold too: what the grammar of filters cannot say. It
	// sees whole records, not octets, and does not modify them.
	Also func(*Message) bool
	// Needles are folded words that stand in the search text of all that Also
	// takes: they narrow the search by its index.
	Needles []string
	// AlsoHeads says that Also needs no more of a message than Heads leaves in.
	AlsoHeads bool
	// Address narrows the list to messages that have this whole address in their
	// header or envelope, by its index; which field it is, Also may judge.
	Address string
	// CountUnread asks for Page.Unread.
	CountUnread bool
	// Heads leaves out of the page's messages what Message.Summary does not need:
	// Envelope, and of Digest all that stands behind Attachments.
	Heads bool
	// Login keeps Envelope.AuthUser in the heads, and all of a message with attachments.
	Login bool
}

// Page answers a Query.
type Page struct {
	Messages   []*Message
	Total      int
	TotalExact bool
	Unread     int    // of Total, those not seen; only where asked for
	NextCursor string // "" at the end
	Sequence   Sequence
	Pruned     int64
}
