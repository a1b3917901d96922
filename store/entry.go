package store

import (
	"context"
	"time"
)

// FlagChange says what STORE does.
type FlagChange struct {
	Op    FlagOp
	Flags []string // `\Seen`, `$Junk`
	// UnchangedSince, when set, leaves alone every entry with a higher
	// mod-sequence (RFC 7162 §3.1.3).
	UnchangedSince *Sequence
}

// FlagResult is what became of one UID.
type FlagResult struct {
	UID    UID
	Flags  Flags // as they now are
	ModSeq Sequence
	Failed bool // changed since UnchangedSince
}

// StoreFlags changes the flags of the entries that are there, in one commit. A
// UID that is not there has no result. Errors: ErrNotFound, ErrBadName,
// ErrTooManyKeywords.
func (s *Store) StoreFlags(ctx context.Context, id MailboxID, uids []UID, c FlagChange) ([]FlagResult, error) {
	panic("being built")
}

// Expunge removes entries in one commit, of uids (nil: all) those with \Deleted,
// or with any true whatever their flags. It returns the UIDs removed, ascending,
// and the change's mod-sequence.
func (s *Store) Expunge(ctx context.Context, id MailboxID, uids []UID, any bool) ([]UID, Sequence, error) {
	panic("being built")
}

// Transfer is the answer to COPY, MOVE and APPEND: COPYUID and APPENDUID of RFC 4315.
type Transfer struct {
	UIDValidity UIDValidity // of the destination
	From        []UID       // ascending; empty for APPEND
	To          []UID       // parallel to From
	ModSeq      Sequence
}

// Copy puts the entries that are there into another mailbox of the sandbox, with
// their flags and dates, in one commit. Errors: ErrNotFound, ErrFull.
func (s *Store) Copy(ctx context.Context, src MailboxID, uids []UID, dst MailboxID) (Transfer, error) {
	panic("being built")
}

// Move is Copy and Expunge in one commit, RFC 6851.
func (s *Store) Move(ctx context.Context, src MailboxID, uids []UID, dst MailboxID) (Transfer, error) {
	panic("being built")
}

// AppendItem is one message of an APPEND.
type AppendItem struct {
	Octets *Octets // consumed, whatever the result
	Flags  []string
	Date   time.Time // INTERNALDATE; zero is now
}

// Append adds messages, all or none (RFC 3502). Errors: ErrNotFound, ErrFull,
// ErrDiskFull, ErrBadName, ErrTooManyKeywords.
func (s *Store) Append(ctx context.Context, id MailboxID, items []AppendItem) (Transfer, error) {
	panic("being built")
}

// Record is what FETCH needs of a message without opening it. The slices are
// valid during the call only.
type Record struct {
	UID           UID
	ID            string // the message's: EMAILID of RFC 8474
	Key           Sequence
	Size          int64
	Date          time.Time // INTERNALDATE
	SaveDate      time.Time // RFC 8514
	Envelope      []byte    // wire octets, RFC 9051 §7.5.2
	Body          []byte
	BodyStructure []byte
}

// FetchRecords calls fn for each of the entries that are there, in the order of
// uids, from a few short views. An error of fn ends it.
func (s *Store) FetchRecords(ctx context.Context, id MailboxID, uids []UID, fn func(*Record) error) error {
	panic("being built")
}

// FetchMessages is FetchRecords with the whole decoded message.
func (s *Store) FetchMessages(ctx context.Context, id MailboxID, uids []UID, fn func(UID, *Message) error) error {
	panic("being built")
}

// FetchRaw is FetchRecords with the octets, which are valid during the call only.
func (s *Store) FetchRaw(ctx context.Context, id MailboxID, uids []UID, fn func(uid UID, raw []byte) error) error {
	panic("being built")
}

// SearchMailbox returns the UIDs, ascending, of the entries whose search text
// (message.Digest.SearchText) holds every needle (message.Fold). It asks keep, if
// set, last.
func (s *Store) SearchMailbox(ctx context.Context, id MailboxID, needles []string, keep func(UID) bool) ([]UID, error) {
	panic("being built")
}
