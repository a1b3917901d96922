package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/store/kv"
)

// Bounds of aliases.
const (
	maxAliases      = 10_000 // of a sandbox
	maxAliasMembers = 1_000
	maxExpanded     = 10_000 // accounts that one forward-path reaches through aliases
)

// Alias is a name with members: what is written to it appears in its own
// account and in each member's INBOX from then on.
type Alias struct {
	Sandbox string
	Address string
	Members []string // addresses; a member that is an alias itself is followed
}

const aliasVersion = 1

func encodeAlias(a *Alias) []byte {
	w := writer{}
	w.octet(aliasVersion)
	w.string(a.Address)
	w.strings(a.Members)
	return w.b
}

func decodeAlias(row []byte) (*Alias, error) {
	r := reader{b: row}
	r.version(aliasVersion)
	a := &Alias{Address: r.string(), Members: r.strings()}
	return a, r.finish("alias")
}

// loadAliases reads them all; mail in arrival looks here.
func (s *Store) loadAliases(r kv.Reader) error {
	s.domain.aliases = make(map[SpaceID]map[string]*Alias)
	for k, v := range r.Scan(bucketAlias, nil, nil, 0, false) {
		id, key, ok := parseSpaceKey(k)
		if !ok {
			return fmt.Errorf("%w: alias key %x", ErrCorrupt, k)
		}
		a, err := decodeAlias(v)
		if err != nil {
			return err
		}
		s.domain.addAlias(id, string(key), a)
	}
	return nil
}

func (d *domain) addAlias(id SpaceID, key string, a *Alias) {
	if d.aliases[id] == nil {
		d.aliases[id] = make(map[string]*Alias)
	}
	d.aliases[id][key] = a
}

// accountsNamed returns the keys of the accounts that forward-paths name, each
// once: the addresses themselves, and the members of those that are aliases.
func (s *Store) accountsNamed(sp *space, forwardPaths []string) []string {
	keys := make([]string, 0, len(forwardPaths))
	var seen map[string]bool // a slice is quicker for the usual few
	if len(forwardPaths) > 16 {
		seen = make(map[string]bool, len(forwardPaths))
	}
	add := func(key string) bool {
		if seen != nil && seen[key] || seen == nil && slices.Contains(keys, key) {
			return false
		}
		if seen != nil {
			seen[key] = true
		}
		keys = append(keys, key)
		return true
	}
	for _, p := range forwardPaths {
		add(accountKey(p))
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	aliases := s.domain.aliases[sp.id]
	if len(aliases) == 0 {
		return keys
	}
	limit := len(keys) + maxExpanded
	for i := 0; i < len(keys); i++ { // keys grows: members may be aliases; each is followed once
		a := aliases[keys[i]]
		if a == nil {
			continue
		}
		for _, m := range a.Members {
			if len(keys) >= limit {
				return keys
			}
			if add(accountKey(m)) && seen == nil && len(keys) > 64 {
				seen = make(map[string]bool, len(keys))
				for _, k := range keys {
					seen[k] = true
				}
			}
		}
	}
	return keys
}

// Aliases returns the aliases of a sandbox by address.
func (s *Store) Aliases(ctx context.Context, sandbox string) ([]Alias, error) {
	sp, err := s.space(sandboxOr(sandbox))
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	aliases := s.domain.aliases[sp.id]
	list := make([]Alias, 0, len(aliases))
	for _, key := range slices.Sorted(maps.Keys(aliases)) {
		list = append(list, aliases[key].of(sp))
	}
	return list, nil
}

func (a *Alias) of(sp *space) Alias {
	return Alias{Sandbox: sp.name, Address: a.Address, Members: slices.Clone(a.Members)}
}

// Alias finds one by address, for EXPN. Errors: ErrNotFound.
func (s *Store) Alias(ctx context.Context, sandbox, address string) (Alias, error) {
	sp, err := s.space(sandboxOr(sandbox))
	if err != nil {
		return Alias{}, err
	}
	key := accountKey(address)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if a := s.domain.aliases[sp.id][key]; a != nil {
		return a.of(sp), nil
	}
	return Alias{}, fmt.Errorf("alias %q: %w", address, ErrNotFound)
}

// PutAlias makes or replaces one. The name may be a local-part alone.
// Errors: ErrBadName, ErrNoSandbox, ErrFull.
func (s *Store) PutAlias(ctx context.Context, a Alias) error {
	if err := checkAlias(&a); err != nil {
		return err
	}
	key := accountKey(a.Address)
	return s.alone(ctx, func(t *tx) error {
		sp := t.s.spaces[sandboxOr(a.Sandbox)]
		if sp == nil {
			return t.s.noSpace(a.Sandbox)
		}
		have := t.s.domain.aliases[sp.id]
		if have[key] == nil && len(have) >= maxAliases {
			return fmt.Errorf("%w: a sandbox has at most %d aliases", ErrFull, maxAliases)
		}
		kept := &Alias{Address: a.Address, Members: slices.Clone(a.Members)}
		t.Put(bucketAlias, accountRowKey(sp.id, key), encodeAlias(kept))
		t.change(sp, Change{Kind: AccountChanged, ID: key})
		t.apply(func() { t.s.domain.addAlias(sp.id, key, kept) })
		return nil
	})
}

func checkAlias(a *Alias) error {
	if len(a.Members) == 0 || len(a.Members) > maxAliasMembers {
		return fmt.Errorf("%w: an alias has 1 to %d members", ErrBadName, maxAliasMembers)
	}
	for i, m := range append([]string{a.Address}, a.Members...) {
		alone := i == 0 && !strings.Contains(m, "@") // EXPN <list name>
		if alone {
			m += "@x.test"
		}
		if _, err := address.ParseMailbox(m); err != nil || len(m) > maxAddress {
			return fmt.Errorf("%w: %q is no address", ErrBadName, m)
		}
	}
	return nil
}

// DeleteAlias removes one. Errors: ErrNotFound.
func (s *Store) DeleteAlias(ctx context.Context, sandbox, address string) error {
	key := accountKey(address)
	return s.alone(ctx, func(t *tx) error {
		sp := t.s.spaces[sandboxOr(sandbox)]
		if sp == nil {
			return t.s.noSpace(sandbox)
		}
		if t.s.domain.aliases[sp.id][key] == nil {
			return fmt.Errorf("alias %q: %w", address, ErrNotFound)
		}
		t.Delete(bucketAlias, accountRowKey(sp.id, key))
		t.change(sp, Change{Kind: AccountChanged, ID: key})
		t.apply(func() { delete(t.s.domain.aliases[sp.id], key) })
		return nil
	})
}
