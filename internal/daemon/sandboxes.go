package daemon

import "sync"

// Sandboxes holds the connections that are logged in, by sandbox, so that the end
// of one can end them. The zero value is ready; safe for concurrent use.
type Sandboxes struct {
	mu    sync.Mutex
	conns map[string]map[*Conn]struct{}
}

// Add notes a connection; Remove forgets it.
func (s *Sandboxes) Add(sandbox string, c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		s.conns = map[string]map[*Conn]struct{}{}
	}
	if s.conns[sandbox] == nil {
		s.conns[sandbox] = map[*Conn]struct{}{}
	}
	s.conns[sandbox][c] = struct{}{}
}

// Remove forgets a connection.
func (s *Sandboxes) Remove(sandbox string, c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.conns[sandbox], c); len(s.conns[sandbox]) == 0 {
		delete(s.conns, sandbox)
	}
}

// Names lists the sandboxes that have connections.
func (s *Sandboxes) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.conns))
	for name := range s.conns {
		names = append(names, name)
	}
	return names
}

// Leave makes the connections of a sandbox leave, for a reason.
func (s *Sandboxes) Leave(sandbox string, reason error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns[sandbox] {
		c.Leave(reason)
	}
}
