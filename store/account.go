package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/store/kv"
)

// AccountRef names an account: its sandbox and its key (address.Address.Key).
// The empty key is the sandbox's catch-all account.
type AccountRef struct {
	Sandbox string
	Key     string
}

// Account is one address's maildrop, or the catch-all. Most are derived from
// what was captured and have no row.
type Account struct {
	AccountRef
	Address     string    // as first spelled; "" for the catch-all
	CreatedAt   time.Time // zero while it is only derived
	HasPassword bool
	Messages    int // of INBOX
	Unseen      int
	Bytes       int64
}

// NewAccount describes an account to create. With a Password the account is
// opened by it (or by the sandbox's token) alone.
type NewAccount struct {
	Sandbox  string
	Address  string
	Password string
}

// specialBoxes are the mailboxes every account begins with besides INBOX, with
// their special uses, RFC 6154 §2.
var specialBoxes = []struct{ name, use string }{
	{"Archive", `\Archive`}, {"Drafts", `\Drafts`}, {"Junk", `\Junk`}, {"Sent", `\Sent`}, {"Trash", `\Trash`},
}

// Accounts returns the accounts of a sandbox by key, the catch-all first.
// Errors: ErrNoSandbox, ErrSandboxEnded.
func (s *Store) Accounts(ctx context.Context, sandbox string) ([]Account, error) {
	sp, err := s.space(sandboxOr(sandbox))
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := []string{""}
	for key := range sp.accounts {
		if key != "" {
			keys = append(keys, key)
		}
	}
	for key, a := range s.domain.drops.accounts[sp.id] {
		if key != "" && !a.deleted && sp.accounts[key] == nil {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	list := make([]Account, 0, len(keys))
	for _, key := range keys {
		if a, ok := s.accountView(sp, key); ok {
			list = append(list, a)
		}
	}
	return list, nil
}

// accountView counts an account's INBOX; false when it was deleted and nothing
// came since. Store.mu is held.
func (s *Store) accountView(sp *space, key string) (Account, bool) {
	v := Account{AccountRef: AccountRef{Sandbox: sp.name, Key: key}, Address: key}
	a := s.domain.account(sp, key)
	if a != nil {
		v.Address, v.CreatedAt, v.HasPassword = a.address, a.created, a.secret != nil
		if box := a.boxes[Inbox]; box != nil && box.loaded {
			v.Messages, v.Unseen, v.Bytes = len(box.entries), box.unseen, box.size
			return v, true
		}
	}
	list := sp.accounts[key]
	if key == "" {
		list = sp.list
	}
	for _, ordinal := range list {
		e := s.index.at(ordinal)
		if e.marks&markAppended != 0 || a != nil && e.sequence <= a.since {
			continue
		}
		flags := Flags(0)
		if key == "" {
			flags = e.marks.flags()
		}
		if a != nil && a.boxes[Inbox] != nil {
			row := a.boxes[Inbox].overrides[e.uid]
			if row.kind == entryTombstone {
				continue
			}
			flags |= row.flags
		}
		v.Messages++
		v.Bytes += int64(e.size)
		if flags&FlagSeen == 0 {
			v.Unseen++
		}
	}
	if a != nil && a.deleted && v.Messages == 0 {
		return Account{}, false
	}
	if a != nil && a.boxes[Inbox] != nil {
		box := a.boxes[Inbox] // its explicit entries
		v.Messages, v.Unseen, v.Bytes = v.Messages+len(box.entries), v.Unseen+box.unseen, v.Bytes+box.size
	}
	return v, true
}

// Account returns one; an address that nobody has written to yet has an empty one.
// Errors: ErrNoSandbox, ErrSandboxEnded, ErrNotFound for a deleted one.
func (s *Store) Account(ctx context.Context, ref AccountRef) (Account, error) {
	sp, err := s.space(sandboxOr(ref.Sandbox))
	if err != nil {
		return Account{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if a, ok := s.accountView(sp, ref.Key); ok {
		return a, nil
	}
	return Account{}, fmt.Errorf("account %q: %w", ref.Key, ErrNotFound)
}

// CreateAccount gives an address a row of its own, or a new password if it has one.
// Errors: ErrNoSandbox, ErrSandboxEnded, ErrBadName, ErrFull.
func (s *Store) CreateAccount(ctx context.Context, n NewAccount) (Account, error) {
	a, err := address.ParseMailbox(n.Address)
	if err != nil || len(n.Address) > maxAddress {
		return Account{}, fmt.Errorf("%w: %q is no address", ErrBadName, n.Address)
	}
	if len(n.Password) > maxLogin {
		return Account{}, fmt.Errorf("%w: the password is too long", ErrBadName)
	}
	var sec *secret
	if n.Password != "" {
		p := passwordSecret(n.Password)
		sec = &p
	}
	ref := AccountRef{Sandbox: sandboxOr(n.Sandbox), Key: a.Key()}
	err = s.alone(ctx, func(t *tx) error {
		acc, err := t.ensureAccount(ref, n.Address)
		if err != nil {
			return err
		}
		if sec == nil {
			return nil
		}
		changed := *acc
		changed.secret = sec
		t.Put(bucketAccount, accountRowKey(acc.space.id, acc.key), encodeAccount(&changed))
		t.change(acc.space, Change{Kind: AccountChanged, ID: acc.key})
		t.apply(func() { acc.secret = sec })
		return nil
	})
	if err != nil {
		return Account{}, err
	}
	return s.Account(ctx, ref)
}

// openAccount returns an account with a row and its mailboxes, made now if need be.
func (s *Store) openAccount(ctx context.Context, ref AccountRef) (*account, error) {
	ref.Sandbox = sandboxOr(ref.Sandbox)
	sp, err := s.space(ref.Sandbox)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	acc := s.domain.account(sp, ref.Key)
	open := acc != nil && !acc.deleted
	s.mu.RUnlock()
	if open {
		return acc, nil
	}
	err = s.alone(ctx, func(t *tx) error {
		acc, err = t.ensureAccount(ref, ref.Key)
		return err
	})
	return acc, err
}

// ensureAccount makes an account's row and its first mailboxes unless they are
// there. The account that it returns is the one in memory after the commit.
func (t *tx) ensureAccount(ref AccountRef, spelled string) (*account, error) {
	sp := t.s.spaces[ref.Sandbox]
	if sp == nil {
		return nil, t.s.noSpace(ref.Sandbox)
	}
	d := &t.s.domain
	old := d.account(sp, ref.Key)
	if old != nil && !old.deleted {
		return old, nil
	}
	if len(ref.Key) > maxAddress || strings.ContainsFunc(ref.Key, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, fmt.Errorf("%w: an account's key", ErrBadName)
	}
	if len(d.drops.accounts[sp.id]) >= maxAccounts {
		return nil, fmt.Errorf("%w: the sandbox has %d accounts", ErrFull, maxAccounts)
	}
	acc := &account{
		space: sp, key: ref.Key, address: spelled, created: t.now.Truncate(time.Microsecond),
		subscribed: make(map[string]bool), boxes: make(map[string]*mailbox),
	}
	if old != nil {
		acc.since = old.since
	}
	acc.subscribed[Inbox] = true
	boxes := []*mailbox{t.newMailbox(acc, Inbox, "")}
	for _, b := range specialBoxes {
		acc.subscribed[b.name] = true
		boxes = append(boxes, t.newMailbox(acc, b.name, b.use))
	}
	t.Put(bucketAccount, accountRowKey(sp.id, acc.key), encodeAccount(acc))
	t.change(sp, Change{Kind: AccountChanged, ID: acc.key})
	t.apply(func() {
		d.drops.addAccount(acc)
		for _, m := range boxes {
			acc.boxes[m.name], d.drops.byID[m.id] = m, m
		}
	})
	return acc, nil
}

// newMailbox writes a new mailbox's row; put it into memory in apply.
func (t *tx) newMailbox(acc *account, name, specialUse string) *mailbox {
	m := &mailbox{
		id: MailboxID(t.Add(bucketMeta, metaMailbox, 1)), acc: acc, name: name, specialUse: specialUse,
		validity: t.nextUIDValidity(), uidNext: 1, modseq: 1, recentFrom: 1,
		// Nothing has left it before now.
		expungedFrom: 0,
	}
	t.Put(bucketMailbox, mailboxKey(acc.space.id, m.id), encodeMailbox(m))
	return m
}

// nextUIDValidity is greater than every one before, whatever became of its
// mailbox, RFC 9051 §2.3.1.1.
func (t *tx) nextUIDValidity() UIDValidity {
	next := max(kv.Counter(t.Get(bucketMeta, metaUIDValidity))+1, uint64(unixSeconds(t.now)))
	t.Put(bucketMeta, metaUIDValidity, kv.EncodeCounter(next))
	return UIDValidity(next)
}

// DeleteAccount removes an account's mailboxes and entries, never the evidence;
// what arrives later makes it anew. Errors: ErrNotFound, ErrConflict (the
// catch-all), ErrNoSandbox, ErrSandboxEnded.
func (s *Store) DeleteAccount(ctx context.Context, ref AccountRef) error {
	if ref.Key == "" {
		return fmt.Errorf("%w: the catch-all account goes with its sandbox", ErrConflict)
	}
	ref.Sandbox = sandboxOr(ref.Sandbox)
	return s.alone(ctx, func(t *tx) error {
		sp := t.s.spaces[ref.Sandbox]
		if sp == nil {
			return t.s.noSpace(ref.Sandbox)
		}
		d := &t.s.domain
		old := d.account(sp, ref.Key)
		captured := len(sp.accounts[ref.Key])
		if old == nil && captured == 0 || old != nil && old.deleted && !t.hasSince(sp, old) {
			return fmt.Errorf("account %q: %w", ref.Key, ErrNotFound)
		}
		dead := &account{
			space: sp, key: ref.Key, address: ref.Key, deleted: true, since: t.sequence,
			subscribed: make(map[string]bool), boxes: make(map[string]*mailbox),
		}
		if old != nil {
			dead.address = old.address
			for _, m := range old.boxes {
				if err := t.dropMailbox(m); err != nil {
					return err
				}
			}
		}
		if err := t.dropMetadata(sp.id, accountMetadata(sp.id, ref.Key)); err != nil {
			return err
		}
		if captured > 0 {
			t.Put(bucketAccount, accountRowKey(sp.id, ref.Key), encodeAccount(dead))
		} else {
			t.Delete(bucketAccount, accountRowKey(sp.id, ref.Key))
		}
		t.change(sp, Change{Kind: AccountChanged, ID: ref.Key})
		t.apply(func() {
			if captured > 0 {
				d.drops.addAccount(dead)
			} else {
				delete(d.drops.accounts[sp.id], ref.Key)
			}
		})
		return nil
	})
}

// hasSince reports whether mail came for an account since it was deleted.
func (t *tx) hasSince(sp *space, a *account) bool {
	list := sp.accounts[a.key]
	return len(list) > 0 && t.s.index.at(list[len(list)-1]).sequence > a.since
}
