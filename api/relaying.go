package api

import "github.com/catchpost/catchpost/internal/policy"

// mayLeave asks the lists for a verdict; without lists nothing leaves.
func (s *Server) mayLeave(forwardPath string) error {
	if s.cfg.Policy == nil {
		return fail("relay_denied", "nothing leaves: start with --relay")
	}
	v := s.cfg.Policy.Judge(forwardPath)
	if v.Outcome == policy.Refused {
		return fail("relay_denied", "%s may not leave: %s", forwardPath, v.Reason).at(v.Rule)
	}
	return nil
}
