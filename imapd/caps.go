package imapd

import "strings"

// capabilities before login: what may be used then, and what lets a client choose
// its login (RFC 9051 §6.1.1). The others are told after it.
var capsBeforeLogin = []string{
	"IMAP4rev1", "IMAP4rev2", "ID", "SASL-IR", "ENABLE", "LITERAL+",
}

// capsLoggedIn are announced because their code is here; a test proves each.
var capsLoggedIn = []string{
	"BINARY",                // RFC 3516
	"CATENATE",              // RFC 4469
	"CHILDREN",              // RFC 3348
	"CONDSTORE",             // RFC 7162
	"CREATE-SPECIAL-USE",    // RFC 6154
	"ESEARCH",               // RFC 4731
	"ESORT",                 // RFC 5267 §3
	"IDLE",                  // RFC 2177
	"INPROGRESS",            // RFC 9585
	"LIST-EXTENDED",         // RFC 5258
	"LIST-METADATA",         // RFC 9590
	"LIST-STATUS",           // RFC 5819
	"METADATA",              // RFC 5464
	"MOVE",                  // RFC 6851
	"MULTIAPPEND",           // RFC 3502
	"MULTISEARCH",           // RFC 7377
	"NAMESPACE",             // RFC 2342
	"NOTIFY",                // RFC 5465
	"OBJECTID",              // RFC 8474
	"PARTIAL",               // RFC 9394
	"PREVIEW",               // RFC 8970
	"QRESYNC",               // RFC 7162
	"QUOTA",                 // RFC 9208
	"QUOTA=RES-MESSAGE",     // RFC 9208 §5.3
	"QUOTA=RES-STORAGE",     // RFC 9208 §5.1
	"REPLACE",               // RFC 8508
	"SAVEDATE",              // RFC 8514
	"SEARCHRES",             // RFC 5182
	"SORT",                  // RFC 5256
	"SORT=DISPLAY",          // RFC 5957
	"SPECIAL-USE",           // RFC 6154
	"STATUS=SIZE",           // RFC 8438
	"THREAD=ORDEREDSUBJECT", // RFC 5256
	"THREAD=REFERENCES",     // RFC 5256
	"UIDONLY",               // RFC 9586
	"UIDPLUS",               // RFC 4315
	"UNSELECT",              // RFC 3691
	"URL-PARTIAL",           // RFC 5550: ;PARTIAL= in CATENATE
	"UTF8=ACCEPT",           // RFC 6855
	"WITHIN",                // RFC 5032
}

// capabilities is the list as it stands in this session's state.
func (s *session) capabilities() string {
	caps := append([]string(nil), capsBeforeLogin...)
	if s.state == notAuthenticated {
		if s.canStartTLS() {
			caps = append(caps, "STARTTLS")
		}
		if s.mayLogin() {
			for _, m := range s.mechanisms() {
				caps = append(caps, "AUTH="+m)
			}
		} else {
			caps = append(caps, "LOGINDISABLED")
		}
		return strings.Join(caps, " ")
	}
	caps = append(caps, capsLoggedIn...)
	caps = append(caps, "APPENDLIMIT="+itoa(uint64(s.srv.opts.MaxMessage))) // RFC 7889
	if !s.compressed && s.compressions < maxCompressions {
		caps = append(caps, "COMPRESS=DEFLATE") // RFC 4978
	}
	if !s.srv.opts.NoUnauthenticate {
		caps = append(caps, "UNAUTHENTICATE") // RFC 8437
	}
	return strings.Join(caps, " ")
}

// capability is CAPABILITY.
func (s *session) capability() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	s.untagged("CAPABILITY %s", s.capabilities())
	return ok("CAPABILITY completed")
}
