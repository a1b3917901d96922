package store

// RelayStates counts a message's queue entries by state; nil where nothing of
// it was ever queued. It reads memory alone.
func (s *Store) RelayStates(m *Message) map[string]int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var states map[string]int
	for _, f := range s.domain.queue.byMessage[m.Sequence] {
		if states == nil {
			states = make(map[string]int, 1)
		}
		states[string(f.state)]++
	}
	return states
}
