package pop3d

import "fmt"

// quit ends the session. In the TRANSACTION state it enters UPDATE (RFC 1939 §6):
// the marked messages go in one commit, and the reply comes after it.
func (s *session) quit(_ []string) reply {
	r := good("goodbye")
	if s.drop != nil && s.drop.marks > 0 {
		gone, _, err := s.srv.opts.Store.Expunge(s.ctx, s.drop.id, s.drop.marked(), true)
		if err != nil {
			r = s.failed(err)
			r.text = "nothing was removed: " + r.text
		} else {
			r = good(fmt.Sprintf("goodbye; %d of %d marked messages removed now", len(gone), s.drop.marks))
		}
	}
	s.drop = nil
	r.quit = true
	return r
}
