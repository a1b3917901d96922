package store

import (
	"slices"

	"github.com/catchpost/catchpost/store/kv"
)

// domain is what sandboxes, accounts, mailboxes, queue and webhooks keep in
// memory; guarded by Store.mu.
type domain struct{}

// noSpace says why no living sandbox has that name. Store.mu is held.
func (s *Store) noSpace(name string) error { return ErrNoSandbox }

// loadSandboxes makes every sandbox known, ended ones that are not freed too.
func (s *Store) loadSandboxes(r kv.Reader) error {
	s.addSpace(0, DefaultSandbox, s.o.DefaultLimits, 0)
	return nil
}

// loadDomain reads the rest after the messages are indexed.
func (s *Store) loadDomain(r kv.Reader) error { return nil }

// closeDomain ends what runs in the background; the committer has ended.
func (s *Store) closeDomain() {}

// putDerived writes the queue and outbox rows of a message being captured; its
// numbers are set.
func (t *tx) putDerived(m *Message, d Derived) error { return nil }

// forgetEntries removes a message's explicit entries when its evidence goes,
// and returns them for the change row.
func (t *tx) forgetEntries(m *Message) []EntryChangeRow { return nil }

// catchAllEntry is a message's entry in the INBOX of the catch-all account.
func (s *Store) catchAllEntry(m *Message) EntryChangeRow { return EntryChangeRow{} }

// held says whether a message has open queue entries, and so is not pruned.
// Called by the committer; Store.mu is not held.
func (s *Store) held(seq Sequence) bool { return false }

// checkDomain verifies the rows and memory of the domain.
func (s *Store) checkDomain(r kv.Reader) error { return nil }

// accountsNamed returns the keys of the accounts that forward-paths name, each
// once: the addresses themselves, and the members of those that are aliases.
func (s *Store) accountsNamed(sp *space, forwardPaths []string) []string {
	keys := make([]string, 0, len(forwardPaths))
	for _, p := range forwardPaths {
		if key := accountKey(p); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// stateChanged is told that seen, flagged or tags of a message changed (m has
// the new ones) under a sequence: the mod-sequence of its catch-all entry.
func (t *tx) stateChanged(sp *space, m *Message, old state, seq Sequence) {}
