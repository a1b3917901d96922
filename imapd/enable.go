package imapd

import "strings"

// enable is ENABLE, RFC 9051 §6.3.1. An unknown word is passed over.
func (s *session) enable() result {
	d := s.dec
	var words []string
	for d.ExpectSP(); d.OK(); {
		if words = append(words, upperAtom(d)); !d.SP() || len(words) > 100 {
			break
		}
	}
	if !d.ExpectEnd() {
		return result{}
	}
	var enabled []string
	for _, word := range words {
		switch word {
		case "CONDSTORE":
			s.condstore = true
		case "QRESYNC": // RFC 7162 §3.2.3: CONDSTORE comes with it
			s.condstore, s.qresync = true, true
		case "UIDONLY": // RFC 9586 §3.1
			s.uidOnly = true
			if s.view != nil {
				s.view.uidOnly = true
			}
		case "IMAP4REV2":
			s.rev2 = true
			s.setUTF8()
			word = "IMAP4rev2"
		case "UTF8=ACCEPT": // RFC 6855 §3
			s.setUTF8()
		case "METADATA": // RFC 5464 §4.1
			s.enableMetadata()
		default:
			continue
		}
		enabled = append(enabled, word)
	}
	s.untagged("%s", strings.TrimSuffix("ENABLED "+strings.Join(enabled, " "), " "))
	return ok("ENABLE completed")
}

// setUTF8 lets both directions carry UTF-8 in strings and mailbox names.
func (s *session) setUTF8() { s.dec.UTF8, s.enc.UTF8 = true, true }
