package store

import (
	"context"
	"io"
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
	Log        *slog.Logger
	Progress   func(done, total int) // while the indexes are rebuilt
	// Derive computes what must be committed with a captured message (relay
	// rules, webhooks). Called before the commit, concurrently.
	Derive func(*Message, filter.Subject) Derived
}

// NewOctets returns a writer for a message's octets: memory up to 1 MiB, then a
// temporary file beside the blobs. Discard it or hand it to Deliver.
func (s *Store) NewOctets() *Octets { panic("being built") }

// Octets collects the octets of one message.
type Octets struct{}

func (o *Octets) Write(p []byte) (int, error) { panic("being built") }

// Len is the number of octets written.
func (o *Octets) Len() int64 { panic("being built") }

// Discard frees the octets. It may be called after Deliver too.
func (o *Octets) Discard() { panic("being built") }

// Route says which sandbox a forward-path reaches. sandbox is the login's
// choice or "". Errors: ErrNoSandbox (550 5.1.2), ErrSandboxEnded, ErrFull (452).
func (s *Store) Route(sandbox, forwardPath string) (string, error) { panic("being built") }

// Deliver commits a message into each sandbox its forward-paths reach, in one
// commit, and returns when it is on disk, published and findable. The messages
// come in the order in which their sandboxes were first named.
// Errors: ErrFull, ErrNoSandbox, ErrSandboxEnded, ErrDiskFull, ErrClosed.
func (s *Store) Deliver(ctx context.Context, d Delivery) ([]*Message, error) { panic("being built") }

// Message returns one message; sandbox "" finds it wherever it is.
func (s *Store) Message(ctx context.Context, sandbox, id string) (*Message, error) {
	panic("being built")
}

// Raw returns a message's octets, copied.
func (s *Store) Raw(ctx context.Context, m *Message) ([]byte, error) { panic("being built") }

// OpenRaw streams a message's octets.
func (s *Store) OpenRaw(ctx context.Context, m *Message) (io.ReadSeekCloser, error) {
	panic("being built")
}

// Subject opens a message for a filter; lazily decoded, remembered.
func (s *Store) Subject(m *Message) filter.Subject { panic("being built") }

// Query asks for a page of messages.
type Query struct {
	Sandbox string
	Filter  *filter.Filter
	Order   Order
	Limit   int
	Cursor  string
}

// Page answers a Query.
type Page struct {
	Messages   []*Message
	Total      int
	TotalExact bool
	NextCursor string // "" at the end
	Sequence   Sequence
	Pruned     int64
}

// List runs a query. Errors: ErrNoSandbox, ErrSandboxEnded, ErrBadCursor, those of the filter.
func (s *Store) List(ctx context.Context, q Query) (Page, error) { panic("being built") }

// UpdateMessages changes the messages that match; ids or a filter, not both.
// It returns how many changed.
func (s *Store) UpdateMessages(ctx context.Context, sandbox string, ids []string, f *filter.Filter, c StateChange) (int, error) {
	panic("being built")
}

// DeleteMessages removes evidence: ids, or all that match f (nil f and nil ids: all).
func (s *Store) DeleteMessages(ctx context.Context, sandbox string, ids []string, f *filter.Filter) (int, error) {
	panic("being built")
}

// ChangesSince reads the change log of one sandbox after seq. complete is false
// when the log no longer reaches back that far.
func (s *Store) ChangesSince(ctx context.Context, sandbox string, seq Sequence, limit int) (changes []Change, complete bool, err error) {
	panic("being built")
}

// CheckConsistency verifies every invariant of the store; nil when sound.
func (s *Store) CheckConsistency() error { panic("being built") }
