package imapd

import "fmt"

// expunge is EXPUNGE and UID EXPUNGE, RFC 9051 §6.4.3, §6.4.9; RFC 7162 §3.2.7.
func (s *session) expunge(uid bool) result {
	d := s.dec
	v := s.view
	if !uid {
		if !d.ExpectEnd() {
			return result{}
		}
		return s.expungeUIDs(false)
	}
	d.ExpectSP()
	set := d.Numbers()
	if !d.ExpectEnd() {
		return result{}
	}
	spans, _ := v.spans(set, true)
	if countSpans(spans) == 0 {
		return ok("UID EXPUNGE completed")
	}
	return s.expungeUIDs(true, spans...)
}

// expungeUIDs removes the \Deleted ones of some entries, or of all the client
// knows: what it has not been told of stays.
func (s *session) expungeUIDs(some bool, spans ...span) result {
	v := s.view
	if !some {
		spans = []span{{0, v.told}}
	}
	uids := v.uidsOf(spans)
	if len(uids) == 0 {
		return ok("EXPUNGE completed")
	}
	gone, modseq, err := s.backend.Expunge(s.ctx, v.id, uids, false)
	if err != nil {
		return s.failed(err)
	}
	v.expunged(gone)
	s.owes.expunges = true
	if len(gone) > 0 && s.condstore { // RFC 7162 §3.2.7
		return okCode(fmt.Sprintf("HIGHESTMODSEQ %d", s.highestTold(modseq)), "EXPUNGE completed")
	}
	return ok("EXPUNGE completed")
}
