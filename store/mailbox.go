package store

import "context"

// MailboxInfo is what LIST, STATUS and SELECT say of a mailbox.
type MailboxInfo struct {
	ID            MailboxID
	ObjectID      string // RFC 8474 §4: for ever the mailbox's, through renames
	Account       AccountRef
	Name          string // UTF-8, levels parted by MailboxSeparator
	SpecialUse    string // `\Sent`, RFC 6154; "" for none
	Subscribed    bool
	HasChildren   bool
	UIDValidity   UIDValidity
	UIDNext       UID
	HighestModSeq Sequence // at least 1
	Count         int
	Unseen        int
	Recent        int
	Deleted       int
	Size          int64 // octets of all messages
}

// Mailboxes returns an account's mailboxes, INBOX first, the others by name.
// Looking at an account for the first time makes its mailboxes.
// Errors: ErrNoSandbox, ErrSandboxEnded.
func (s *Store) Mailboxes(ctx context.Context, acc AccountRef) ([]MailboxInfo, error) {
	panic("being built")
}

// Mailbox returns one by name. Errors: ErrNotFound, ErrBadName and those of Mailboxes.
func (s *Store) Mailbox(ctx context.Context, acc AccountRef, name string) (MailboxInfo, error) {
	panic("being built")
}

// MailboxByID returns one; ErrNotFound when it was deleted.
func (s *Store) MailboxByID(ctx context.Context, id MailboxID) (MailboxInfo, error) {
	panic("being built")
}

// CreateMailbox makes a mailbox and the missing ones above it. specialUse is ""
// or one of RFC 6154 §2, held by at most one mailbox of the account.
// Errors: ErrMailboxExists, ErrBadName, ErrFull (too many).
func (s *Store) CreateMailbox(ctx context.Context, acc AccountRef, name, specialUse string) (MailboxInfo, error) {
	panic("being built")
}

// RenameMailbox renames a mailbox and all below it. Of INBOX the messages move
// and INBOX stays, empty, with what lies below it (RFC 9051 §6.3.6).
// Errors: ErrNotFound, ErrMailboxExists, ErrBadName.
func (s *Store) RenameMailbox(ctx context.Context, acc AccountRef, from, to string) error {
	panic("being built")
}

// DeleteMailbox removes a mailbox and its entries; those below it stay.
// Errors: ErrNotFound, ErrBadName (INBOX).
func (s *Store) DeleteMailbox(ctx context.Context, acc AccountRef, name string) error {
	panic("being built")
}

// SetSubscribed adds a name to the account's subscriptions or takes it out; the
// mailbox need not exist to be taken out. Errors: ErrNotFound, ErrBadName.
func (s *Store) SetSubscribed(ctx context.Context, acc AccountRef, name string, subscribed bool) error {
	panic("being built")
}

// Subscriptions returns the subscribed names, existing or not, in order.
func (s *Store) Subscriptions(ctx context.Context, acc AccountRef) ([]string, error) {
	panic("being built")
}

// MailboxState is a mailbox at one moment: parallel slices, UIDs ascending. They
// are the caller's own.
type MailboxState struct {
	MailboxInfo
	Keywords []string // names of the keyword bits, see Flags.Names
	UIDs     []UID
	Keys     []Sequence // the messages
	Flags    []Flags    // without FlagRecent
	ModSeqs  []Sequence
	Sizes    []int64
	Dates    []int64 // INTERNALDATE, Unix nanoseconds
}

// MailboxState returns a snapshot. Errors: ErrNotFound.
func (s *Store) MailboxState(ctx context.Context, id MailboxID) (*MailboxState, error) {
	panic("being built")
}

// ClaimRecent makes the caller the session that sees every entry up to UID upTo
// first (RFC 3501 §2.3.2 \Recent) and returns the first of them: entries from
// there to upTo are \Recent to this session alone. With claim false (EXAMINE)
// they stay unclaimed.
func (s *Store) ClaimRecent(id MailboxID, upTo UID, claim bool) (from UID, err error) {
	panic("being built")
}

// EntryState is one entry's place in a delta.
type EntryState struct {
	UID    UID
	Key    Sequence
	Flags  Flags
	ModSeq Sequence
	Size   int64
	Date   int64 // INTERNALDATE, Unix nanoseconds
}

// MailboxDelta is what happened in a mailbox after a mod-sequence.
type MailboxDelta struct {
	HighestModSeq Sequence
	Keywords      []string
	Entries       []EntryState // added or changed, UIDs ascending
	Expunged      []UID        // ascending
	// Complete is false when the record of expunges does not reach back that far:
	// then Expunged is to be found by comparing with a snapshot (RFC 7162 §3.2.5.2).
	Complete bool
}

// EntriesSince returns what changed after modseq; it is how a client's view
// follows the mailbox. Errors: ErrNotFound.
func (s *Store) EntriesSince(ctx context.Context, id MailboxID, modseq Sequence) (MailboxDelta, error) {
	panic("being built")
}
