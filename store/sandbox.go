package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Bounds of sandboxes.
const (
	defaultTTL       = 24 * time.Hour
	maxTTL           = 10 * 365 * 24 * time.Hour
	keepEnded        = 7 * 24 * time.Hour // a name is known to have ended for this long
	maxSandboxes     = 100_000
	maxLabels        = 64
	maxLabelOctets   = 256 // of a label's name and of its value
	generateAttempts = 1000
)

// NewSandbox describes a sandbox to create; an empty Name has one generated.
type NewSandbox struct {
	Name   string
	TTL    time.Duration // 0: the default of 24 h; negative: never
	Limits *Limits
	Labels map[string]string
}

// SandboxChange says what to change; nil fields stay.
type SandboxChange struct {
	TTL    *time.Duration // from now; 0 or negative: never
	Limits *Limits
	Labels *map[string]string
}

// sandbox is a sandbox's row in memory.
type sandbox struct {
	space   *space
	name    string
	created time.Time
	expires time.Time // zero: never
	labels  map[string]string
	secret  *secret // nil: no token
	// limited says that the limits are the row's own and not the options'.
	limited bool
	limits  Limits
	offset  time.Duration
	endedAt time.Time // zero while it lives
	freed   bool      // it ended and its rows are gone
}

// view is what callers see; Store.mu is held.
func (b *sandbox) view() Sandbox {
	n := b.space.now
	return Sandbox{
		Name: b.name, CreatedAt: b.created, ExpiresAt: b.expires, Labels: maps.Clone(b.labels), Limits: b.limits,
		Messages: n.messages, Bytes: n.bytes, Pruned: n.pruned, Sequence: n.sequence,
		HasToken: b.secret != nil, ClockOffset: b.offset,
	}
}

// CreateSandbox makes a sandbox and its token (shown this once).
// Errors: ErrSandboxExists, ErrBadName, ErrFull (too many).
func (s *Store) CreateSandbox(ctx context.Context, n NewSandbox) (Sandbox, string, error) {
	if n.Name != "" {
		if err := checkSandboxName(n.Name); err != nil {
			return Sandbox{}, "", err
		}
	}
	if err := checkLabels(n.Labels); err != nil {
		return Sandbox{}, "", err
	}
	limits := s.o.SandboxLimits
	if n.Limits != nil {
		limits = *n.Limits
	}
	ttl := n.TTL
	if ttl == 0 {
		ttl = defaultTTL
	}
	token := newToken()
	sec := tokenSecret(token)
	var made *sandbox
	err := s.alone(ctx, func(t *tx) error {
		name := n.Name
		if name == "" {
			var err error
			if name, err = t.generateName(); err != nil {
				return err
			}
		} else if t.s.spaces[name] != nil {
			return fmt.Errorf("%w: %s", ErrSandboxExists, name)
		}
		if len(t.s.spaces) >= maxSandboxes {
			return fmt.Errorf("%w: there are %d sandboxes already", ErrFull, len(t.s.spaces))
		}
		seq := t.nextSequence()
		sp := &space{id: SpaceID(seq), name: name, limits: limits}
		made = &sandbox{
			space: sp, name: name, created: t.now.Truncate(time.Microsecond), labels: maps.Clone(n.Labels),
			secret: &sec, limited: true, limits: limits,
		}
		if ttl > 0 {
			made.expires = made.created.Add(min(ttl, maxTTL))
		}
		t.Put(bucketSandbox, spaceKey(sp.id), encodeSandbox(made))
		t.saveNumbers(sp)
		t.changeAt(sp, seq, Change{Kind: SandboxCreated, ID: name})
		b := made
		t.apply(func() {
			t.s.joinSpace(sp)
			t.s.addSandbox(b)
			t.s.wakeKeeper()
		})
		return nil
	})
	if err != nil {
		return Sandbox{}, "", err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return made.view(), token, nil
}

// generateName finds a name that was never given: the counter moves on with
// every try, and a name that somebody chose is left to him.
func (t *tx) generateName() (string, error) {
	for range generateAttempts {
		n := t.Add(bucketMeta, metaNames, 1)
		name := generatedName(n, spaceKey(SpaceID(t.s.idTag)))
		if t.s.spaces[name] == nil && t.s.domain.ended[name] == nil {
			return name, nil
		}
	}
	return "", fmt.Errorf("%w: no free name found", ErrSandboxExists)
}

// checkLabels bounds what people write on a sandbox.
func checkLabels(labels map[string]string) error {
	if len(labels) > maxLabels {
		return fmt.Errorf("%w: a sandbox has at most %d labels", ErrBadName, maxLabels)
	}
	for k, v := range labels {
		if k == "" || len(k) > maxLabelOctets || len(v) > maxLabelOctets {
			return fmt.Errorf("%w: a label's name and value have at most %d octets, and the name one", ErrBadName, maxLabelOctets)
		}
	}
	return nil
}

// Sandbox returns one. Errors: ErrNoSandbox, ErrSandboxEnded (kept 7 days).
func (s *Store) Sandbox(ctx context.Context, name string) (Sandbox, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.sandbox(name)
	if err != nil {
		return Sandbox{}, err
	}
	return b.view(), nil
}

// sandbox finds a living one; Store.mu is held, or this is the committer.
func (s *Store) sandbox(name string) (*sandbox, error) {
	if sp := s.spaces[name]; sp != nil {
		return s.domain.sandboxes[sp.id], nil
	}
	return nil, s.noSpace(name)
}

// noSpace says why no living sandbox has that name. Store.mu is held.
func (s *Store) noSpace(name string) error {
	if b := s.domain.ended[name]; b != nil {
		return fmt.Errorf("%w: %s, at %s", ErrSandboxEnded, name, b.endedAt.Format(time.RFC3339))
	}
	return fmt.Errorf("%w: %s", ErrNoSandbox, name)
}

// Sandboxes returns the living ones by name.
func (s *Store) Sandboxes(ctx context.Context) ([]Sandbox, error) {
	s.mu.RLock()
	list := make([]Sandbox, 0, len(s.spaces))
	for _, sp := range s.spaces {
		list = append(list, s.domain.sandboxes[sp.id].view())
	}
	s.mu.RUnlock()
	slices.SortFunc(list, func(a, b Sandbox) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// UpdateSandbox changes one. The default sandbox takes limits and labels alone.
// Errors: ErrNoSandbox, ErrSandboxEnded, ErrBadName (labels).
func (s *Store) UpdateSandbox(ctx context.Context, name string, c SandboxChange) (Sandbox, error) {
	if c.Labels != nil {
		if err := checkLabels(*c.Labels); err != nil {
			return Sandbox{}, err
		}
	}
	return s.changeSandbox(ctx, name, func(b *sandbox, now time.Time) error {
		if c.Limits != nil {
			b.limits, b.limited = *c.Limits, true
		}
		if c.Labels != nil {
			b.labels = maps.Clone(*c.Labels)
		}
		if c.TTL != nil {
			b.expires = time.Time{}
			if *c.TTL > 0 {
				b.expires = now.Add(min(*c.TTL, maxTTL)).Truncate(time.Microsecond)
			}
			if name == DefaultSandbox && !b.expires.IsZero() {
				return fmt.Errorf("%w: the default sandbox does not expire", ErrConflict)
			}
		}
		return nil
	})
}

// changeSandbox writes a changed copy of a sandbox's row.
func (s *Store) changeSandbox(ctx context.Context, name string, fn func(*sandbox, time.Time) error) (Sandbox, error) {
	var changed *sandbox
	err := s.alone(ctx, func(t *tx) error {
		old, err := t.s.sandbox(name)
		if err != nil {
			return err
		}
		b := *old
		if err := fn(&b, t.now); err != nil {
			return err
		}
		t.Put(bucketSandbox, spaceKey(b.space.id), encodeSandbox(&b))
		t.change(b.space, Change{Kind: SandboxUpdated, ID: b.name})
		changed = old
		t.apply(func() {
			*old = b
			b.space.limits, b.space.offset = b.limits, b.offset
			t.s.wakeKeeper()
		})
		return nil
	})
	if err != nil {
		return Sandbox{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return changed.view(), nil
}

// AdvanceClock moves a sandbox's clock forward and returns its new offset; it
// is kept over a restart. Errors: ErrNoSandbox, ErrConflict (backwards).
func (s *Store) AdvanceClock(ctx context.Context, name string, by time.Duration) (time.Duration, error) {
	if by < 0 {
		return 0, fmt.Errorf("%w: a clock never goes backwards", ErrConflict)
	}
	b, err := s.changeSandbox(ctx, name, func(b *sandbox, _ time.Time) error {
		if b.offset+by > maxTTL {
			return fmt.Errorf("%w: a clock is moved by %s at most", ErrConflict, maxTTL)
		}
		b.offset += by
		return nil
	})
	if err != nil {
		return b.ClockOffset, err
	}
	s.mu.RLock()
	sp := s.spaces[name]
	s.mu.RUnlock()
	if sp != nil { // what is too old by the new time goes now, not with the next capture
		err = s.pruneAll(ctx, sp)
	}
	return b.ClockOffset, err
}

// SandboxNow is the time of a sandbox: the store's clock and the sandbox's offset.
func (s *Store) SandboxNow(name string) time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.clock.Now().UTC()
	if sp := s.spaces[name]; sp != nil {
		now = now.Add(sp.offset)
	}
	return now
}

// EndSandbox marks it dead in one commit; its rows are freed in chunks afterwards.
// Errors: ErrNoSandbox, ErrSandboxEnded, ErrConflict (the default one).
func (s *Store) EndSandbox(ctx context.Context, name string) error {
	return s.endSandbox(ctx, name, time.Time{})
}

// endSandbox ends a sandbox; unless is zero, only if it expires at unless: so a
// sandbox whose time was prolonged meanwhile lives on.
func (s *Store) endSandbox(ctx context.Context, name string, unless time.Time) error {
	return s.alone(ctx, func(t *tx) error {
		b, err := t.s.sandbox(name)
		switch {
		case err != nil:
			return err
		case name == DefaultSandbox:
			return fmt.Errorf("%w: the default sandbox cannot end", ErrConflict)
		case !unless.IsZero() && !b.expires.Equal(unless):
			return nil
		}
		dead := *b
		dead.endedAt = t.now.Truncate(time.Microsecond)
		t.Put(bucketSandbox, spaceKey(b.space.id), encodeSandbox(&dead))
		t.change(b.space, Change{Kind: SandboxDeleted, ID: name})
		t.apply(func() {
			*b = dead
			t.s.endSpace(b.space)
			t.s.domain.ended[name] = b
			t.s.sessions.forget(name)
			t.s.wakeKeeper()
		})
		return nil
	})
}

// addSandbox makes a living or ended sandbox known; Store.mu is held.
func (s *Store) addSandbox(b *sandbox) {
	d := &s.domain
	d.sandboxes[b.space.id] = b
	if b.secret != nil {
		d.tokens[b.secret.Hash] = b
	}
	if !b.endedAt.IsZero() {
		if old := d.ended[b.name]; old == nil || old.endedAt.Before(b.endedAt) {
			d.ended[b.name] = b
		}
	} else {
		delete(d.ended, b.name)
	}
}

// forgetSandbox forgets one that ended long ago; Store.mu is held.
func (s *Store) forgetSandbox(b *sandbox) {
	d := &s.domain
	delete(d.sandboxes, b.space.id)
	if b.secret != nil && d.tokens[b.secret.Hash] == b {
		delete(d.tokens, b.secret.Hash)
	}
	if d.ended[b.name] == b {
		delete(d.ended, b.name)
	}
}
