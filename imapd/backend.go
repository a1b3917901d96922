package imapd

import (
	"context"
	"io"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// Backend is what the server asks of the store, which is its one implementation;
// tests count and delay calls through it.
type Backend interface {
	Login(ctx context.Context, user, password string) (store.Identity, error)
	LoginSecrets(ctx context.Context, user string) (store.Identity, store.Secrets, bool, error)
	Sandbox(ctx context.Context, name string) (store.Sandbox, error)

	Mailboxes(ctx context.Context, acc store.AccountRef) ([]store.MailboxInfo, error)
	Mailbox(ctx context.Context, acc store.AccountRef, name string) (store.MailboxInfo, error)
	MailboxByID(ctx context.Context, id store.MailboxID) (store.MailboxInfo, error)
	CreateMailbox(ctx context.Context, acc store.AccountRef, name, specialUse string) (store.MailboxInfo, error)
	RenameMailbox(ctx context.Context, acc store.AccountRef, from, to string) error
	DeleteMailbox(ctx context.Context, acc store.AccountRef, name string) error
	SetSubscribed(ctx context.Context, acc store.AccountRef, name string, subscribed bool) error
	Metadata(ctx context.Context, acc store.AccountRef, box store.MailboxID) ([]store.Annotation, error)
	SetMetadata(ctx context.Context, acc store.AccountRef, box store.MailboxID, changes []store.Annotation) (store.Sequence, error)
	Subscriptions(ctx context.Context, acc store.AccountRef) ([]string, error)

	MailboxState(ctx context.Context, id store.MailboxID) (*store.MailboxState, error)
	EntriesSince(ctx context.Context, id store.MailboxID, modseq store.Sequence) (store.MailboxDelta, error)
	ClaimRecent(id store.MailboxID, upTo store.UID, claim bool) (store.UID, error)
	StoreFlags(ctx context.Context, id store.MailboxID, uids []store.UID, c store.FlagChange) ([]store.FlagResult, error)
	Expunge(ctx context.Context, id store.MailboxID, uids []store.UID, any bool) ([]store.UID, store.Sequence, error)
	Copy(ctx context.Context, src store.MailboxID, uids []store.UID, dst store.MailboxID) (store.Transfer, error)
	Move(ctx context.Context, src store.MailboxID, uids []store.UID, dst store.MailboxID) (store.Transfer, error)
	Append(ctx context.Context, id store.MailboxID, items []store.AppendItem) (store.Transfer, error)
	Replace(ctx context.Context, src store.MailboxID, uid store.UID, dst store.MailboxID, item store.AppendItem) (store.Transfer, error)
	NewOctets() *store.Octets

	FetchRecords(ctx context.Context, id store.MailboxID, uids []store.UID, fn func(*store.Record) error) error
	FetchMessages(ctx context.Context, id store.MailboxID, uids []store.UID, fn func(store.UID, *store.Message) error) error
	FetchRaw(ctx context.Context, id store.MailboxID, uids []store.UID, fn func(store.UID, []byte) error) error
	FetchHeads(ctx context.Context, id store.MailboxID, uids []store.UID, fn func(*store.Head) error) error
	MayHold(ctx context.Context, id store.MailboxID, needles []string) ([]store.UID, error)
	SearchMailbox(ctx context.Context, id store.MailboxID, needles []string, keep func(store.UID) bool) ([]store.UID, error)

	Subscribe(i store.Interest) *store.Subscription
	SaveSession(ctx context.Context, sess *model.Session) error
}

var (
	_ Backend   = (*store.Store)(nil)
	_ io.Writer = (*store.Octets)(nil)
)
