package store

import (
	"context"
	"fmt"

	"github.com/catchpost/catchpost/store/kv"
)

// domain is what sandboxes, accounts, mailboxes, queue and webhooks keep in
// memory; guarded by Store.mu.
type domain struct {
	sandboxes map[SpaceID]*sandbox  // living, and ended until they are forgotten
	ended     map[string]*sandbox   // the latest that ended, by name
	tokens    map[[32]byte]*sandbox // by a token's SHA-256, dead tokens too
	admin     *secret               // the administrator's token
	logins    *loginCache
	keeper    keeper
	drops     drops
	aliases   map[SpaceID]map[string]*Alias // by account key
	queue     queue
	hooks     map[Sequence]*hook
	// relayRules are replaced whole; a list is never modified.
	relayRules map[SpaceID][]RelayRule
	metadata   map[SpaceID]int64 // octets of annotations
}

// alone runs fn in a transaction of its own: it may build on what is kept in
// memory, because nothing else of the transaction is still to be applied.
func (s *Store) alone(ctx context.Context, fn func(*tx) error) error {
	return s.commit(ctx, groupOctets+1, fn)
}

// loadSandboxes makes every sandbox known, ended ones that are not freed too.
func (s *Store) loadSandboxes(r kv.Reader) error {
	d := &s.domain
	d.sandboxes, d.ended, d.tokens = make(map[SpaceID]*sandbox), make(map[string]*sandbox), make(map[[32]byte]*sandbox)
	d.logins = newLoginCache()
	d.keeper.wake = make(chan struct{}, 1)
	if s.o.AdminToken != "" {
		sec := tokenSecret(s.o.AdminToken)
		d.admin = &sec
	}
	for k, v := range r.Scan(bucketSandbox, nil, nil, 0, false) {
		id, rest, ok := parseSpaceKey(k)
		if !ok || len(rest) > 0 {
			return fmt.Errorf("%w: sandbox key %x", ErrCorrupt, k)
		}
		b, err := decodeSandbox(v)
		if err != nil {
			return err
		}
		if !b.limited {
			b.limits = s.o.DefaultLimits
		}
		b.space = &space{id: id, name: b.name, limits: b.limits, offset: b.offset, ended: !b.endedAt.IsZero()}
		if !b.freed {
			s.joinSpace(b.space)
		}
		s.addSandbox(b)
	}
	if s.spaces[DefaultSandbox] == nil {
		b := &sandbox{name: DefaultSandbox, created: s.clock.Now().UTC(), limits: s.o.DefaultLimits}
		b.space = &space{id: 0, name: b.name, limits: b.limits}
		s.joinSpace(b.space)
		s.addSandbox(b)
	}
	return nil
}

// loadDomain reads the rest after the messages are indexed.
func (s *Store) loadDomain(r kv.Reader) error {
	for _, load := range []func(kv.Reader) error{
		s.loadSessions, s.loadAliases, s.loadQueue, s.loadHooks, s.loadRelayRules, s.loadDrops, s.loadMetadata,
	} {
		if err := load(r); err != nil {
			return err
		}
	}
	return nil
}

// closeDomain ends what runs in the background.
func (s *Store) closeDomain() {}
