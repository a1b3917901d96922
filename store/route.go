package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/address"
)

// accountKey is the account a forward-path names. What is no mailbox
// (<postmaster>, RFC 5321 §4.1.1.3) is its own key, lower-cased.
func accountKey(forwardPath string) string {
	a, err := address.ParseMailbox(forwardPath)
	if err != nil {
		return strings.ToLower(forwardPath)
	}
	return a.Key()
}

// Route says which sandbox a forward-path reaches. sandbox is the login's
// choice or "". Errors: ErrNoSandbox (550 5.1.2), ErrSandboxEnded, ErrFull (452).
func (s *Store) Route(sandbox, forwardPath string) (string, error) {
	sp, err := s.route(sandbox, forwardPath)
	if err != nil {
		return "", err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if l := sp.limits; l.Refuse && (over(sp.now.messages+1, l.Messages) || over(sp.now.bytes+1, l.Bytes)) {
		return "", fmt.Errorf("sandbox %s: %w", sp.name, ErrFull)
	}
	return sp.name, nil
}

// over reports whether n is beyond a limit; 0 is no limit.
func over(n, limit int64) bool { return limit > 0 && n > limit }

// route finds the sandbox: the login's; that of a domain below the sandbox
// domain; that of a plus-tag; the default one (DESIGN §2).
func (s *Store) route(sandbox, forwardPath string) (*space, error) {
	if sandbox != "" {
		return s.space(sandbox)
	}
	local, domain := forwardPath, ""
	if i := strings.LastIndexByte(forwardPath, '@'); i >= 0 {
		local, domain = forwardPath[:i], forwardPath[i+1:]
	}
	if d := s.o.SandboxDomain; d != "" && len(domain) > len(d)+1 &&
		strings.EqualFold(domain[len(domain)-len(d):], d) && domain[len(domain)-len(d)-1] == '.' {
		return s.space(strings.ToLower(domain[:len(domain)-len(d)-1]))
	}
	if strings.IndexByte(local, '+') >= 0 {
		if sp := s.taggedSpace(local); sp != nil {
			return sp, nil
		}
	}
	return s.space(DefaultSandbox)
}

// taggedSpace finds the living sandbox that a plus-tag names, nil if none. Of
// several tags, as in "anna+run-42+signup", the first that names one counts.
func (s *Store) taggedSpace(local string) *space {
	_, tags, ok := address.PlusTag(strings.Trim(local, `"`))
	if !ok {
		return nil
	}
	for tag := range strings.SplitSeq(tags, "+") {
		if sp, err := s.space(strings.ToLower(tag)); err == nil {
			return sp
		}
	}
	return nil
}

// destination is one sandbox that a delivery reaches, and by which forward-paths.
type destination struct {
	space *space
	paths []string
}

// destinations groups a delivery's forward-paths by sandbox, in the order in
// which the sandboxes were first named.
func (s *Store) destinations(d *Delivery) ([]destination, error) {
	if len(d.ForwardPaths) == 0 || d.Sandbox != "" {
		name := d.Sandbox
		if name == "" {
			name = DefaultSandbox
		}
		sp, err := s.space(name)
		if err != nil {
			return nil, err
		}
		return []destination{{sp, slices.Clone(d.ForwardPaths)}}, nil
	}
	var list []destination
	for _, path := range d.ForwardPaths {
		sp, err := s.route("", path)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(d destination) bool { return d.space == sp })
		if i < 0 {
			i = len(list)
			list = append(list, destination{space: sp})
		}
		list[i].paths = append(list[i].paths, path)
	}
	return list, nil
}
