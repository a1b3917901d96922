package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/catchpost/catchpost/store/kv"
)

// RelayRule selects captured messages of a sandbox for the way out. Filter is a
// filter.Filter's String; Action is the policy's word for it.
type RelayRule struct {
	ID     string
	Filter string
	Action string
}

// Bounds of relay rules.
const (
	maxRelayRules    = 200 // of a sandbox
	maxRelayRuleText = 8192
)

const relayRulesVersion = 1

// loadRelayRules reads every sandbox's rules; mail in arrival looks here.
func (s *Store) loadRelayRules(r kv.Reader) error {
	s.domain.relayRules = make(map[SpaceID][]RelayRule)
	for k, v := range r.Scan(bucketRelayRules, nil, nil, 0, false) {
		id, rest, ok := parseSpaceKey(k)
		if !ok || len(rest) > 0 {
			return fmt.Errorf("%w: relay rules key %x", ErrCorrupt, k)
		}
		var rules []RelayRule
		if err := decodeJSON(relayRulesVersion, v, &rules); err != nil {
			return err
		}
		s.domain.relayRules[id] = rules
	}
	return nil
}

// RelayRules returns a sandbox's rules in their order. The list is shared: do
// not modify it.
func (s *Store) RelayRules(sandbox string) []RelayRule {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sp := s.spaces[sandboxOr(sandbox)]
	if sp == nil || sp.ended {
		return nil
	}
	return s.domain.relayRules[sp.id]
}

// PutRelayRules replaces a sandbox's rules. Errors: ErrNoSandbox,
// ErrSandboxEnded, ErrBadName (a rule without ID or too long), ErrFull.
func (s *Store) PutRelayRules(ctx context.Context, sandbox string, rules []RelayRule) error {
	if len(rules) > maxRelayRules {
		return fmt.Errorf("%w: a sandbox has at most %d relay rules", ErrFull, maxRelayRules)
	}
	for _, r := range rules {
		if r.ID == "" || len(r.ID)+len(r.Filter)+len(r.Action) > maxRelayRuleText {
			return fmt.Errorf("%w: a relay rule has an ID and at most %d octets", ErrBadName, maxRelayRuleText)
		}
	}
	sp, err := s.space(sandboxOr(sandbox))
	if err != nil {
		return err
	}
	rules = slices.Clone(rules)
	row, err := encodeJSON(relayRulesVersion, rules)
	if err != nil {
		return err
	}
	return s.update(ctx, func(t *tx) error {
		if err := t.living(sp); err != nil {
			return err
		}
		t.Put(bucketRelayRules, spaceKey(sp.id), row)
		t.change(sp, Change{Kind: SandboxUpdated, ID: sp.name})
		t.apply(func() { t.s.domain.relayRules[sp.id] = rules })
		return nil
	})
}
