package smtpd

import "github.com/catchpost/catchpost/store"

// startTLS is STARTTLS, RFC 3207 §4.
func (s *session) startTLS(p *parser) reply {
	switch {
	case !p.atEnd():
		return noArguments
	case s.c.TLS() != nil:
		return reply{code: 503, enhanced: "5.5.1", text: "TLS is active"}
	case s.cfg.TLS == nil:
		return reply{code: 502, enhanced: "5.5.1", text: "STARTTLS is not offered"}
	case s.c.Buffered() > 0: // it would be taken for protected, RFC 3207 §6, CVE-2011-0411
		return reply{code: 501, enhanced: "5.5.1", text: "Nothing may follow STARTTLS before TLS", hangUp: true}
	}
	s.write(reply{code: 220, enhanced: "2.0.0", text: "Ready to start TLS"})
	s.c.Flush() // a failure shows in the handshake
	if err := s.c.StartTLS(s.cfg.TLS); err != nil {
		s.lost, s.failure = err, "error"
		return reply{hangUp: true}
	}
	// What was learnt in the clear is forgotten, RFC 3207 §4.2.
	s.reset()
	s.helo, s.extended, s.verbose = "", false, false
	s.login, s.mech = store.Identity{}, ""
	return reply{}
}
