package smtpd

import (
	"strings"

	"github.com/catchpost/catchpost/internal/fault"
)

// state is where a session stands, RFC 5321 §4.1.4.
type state uint8

const (
	connected     state = 1 << iota // before HELO, EHLO or LHLO
	greeted                         // after it, no transaction
	inTransaction                   // after MAIL, no forward-path accepted yet
	hasRecipient                    // after an accepted RCPT
	inChunks                        // after the first BDAT, before LAST

	anyState = connected | greeted | inTransaction | hasRecipient | inChunks
)

// Line limits in octets with CRLF: RFC 5321 §4.5.3.1.4, and what the extensions
// add to them (RFC 1870 §3, RFC 3030 §3, RFC 3461 §4, RFC 4954 §3, RFC 6531 §3.1,
// RFC 8689 §2).
const (
	baseLine = 512
	mailLine = baseLine + 26 + 17 + 119 + 500 + 10 + 11
	rcptLine = baseLine + 519
	authLine = 12288 // RFC 4954 §3
)

// verb is a command: when it may come, where faults strike, who runs it.
type verb struct {
	name  string
	in    state
	point fault.Point
	// endsGroup: the client must wait for the reply, so it is sent at once even when
	// more commands wait (RFC 2920 §3.1, RFC 4954 §4, RFC 3207 §4.1).
	endsGroup bool
	limit     int // of the line
	run       func(*session, *parser) reply
	// refused is run when the command may not, to take what follows it off the wire.
	refused func(*session, *parser, reply) reply
	dialect dialect
	syntax  string // for HELP
	help    string
}

// dialect says which servers know a verb.
type dialect uint8

const (
	everywhere dialect = iota
	smtpOnly
	lmtpOnly
)

// verbs is the whole command grammar; handlers never test the order of commands.
var verbs map[string]*verb

func init() { // handlers reach the table through HELP
	verbs = map[string]*verb{}
	for _, v := range []verb{
		{name: "HELO", in: anyState, point: fault.Helo, run: (*session).hello, dialect: smtpOnly,
			syntax: "HELO domain", help: "Begins a session without extensions."},
		{name: "EHLO", in: anyState, point: fault.Helo, endsGroup: true, run: (*session).ehlo, dialect: smtpOnly,
			syntax: "EHLO domain", help: "Begins a session and lists the extensions."},
		{name: "LHLO", in: anyState, point: fault.Helo, endsGroup: true, run: (*session).ehlo, dialect: lmtpOnly,
			syntax: "LHLO domain", help: "Begins an LMTP session and lists the extensions."},
		{name: "MAIL", in: greeted, point: fault.Mail, run: (*session).mail, limit: mailLine,
			syntax: "MAIL FROM:<reverse-path> [parameters]", help: "Begins a transaction. Parameters: SIZE BODY SMTPUTF8 RET ENVID AUTH REQUIRETLS."},
		{name: "RCPT", in: inTransaction | hasRecipient, point: fault.Rcpt, run: (*session).rcpt, limit: rcptLine,
			syntax: "RCPT TO:<forward-path> [parameters]", help: "Adds a recipient. Parameters: NOTIFY ORCPT."},
		{name: "DATA", in: hasRecipient, point: fault.Data, endsGroup: true, run: (*session).data,
			syntax: "DATA", help: "Sends the message; it ends with CR LF . CR LF."},
		{name: "BDAT", in: hasRecipient | inChunks, point: fault.Bdat, run: (*session).bdat, refused: (*session).skipChunk,
			syntax: "BDAT size [LAST]", help: "Sends size octets of the message."},
		{name: "RSET", in: anyState, point: fault.Rset, run: (*session).rset,
			syntax: "RSET", help: "Forgets the transaction."},
		{name: "NOOP", in: anyState, point: fault.Noop, endsGroup: true, run: (*session).noop,
			syntax: "NOOP [string]", help: "Does nothing."},
		{name: "QUIT", in: anyState, point: fault.Quit, endsGroup: true, run: (*session).quit,
			syntax: "QUIT", help: "Ends the session."},
		{name: "HELP", in: anyState, point: fault.Help, run: (*session).helpReply,
			syntax: "HELP [command]", help: "Tells about a command, or lists them."},
		{name: "VRFY", in: anyState, point: fault.Vrfy, endsGroup: true, run: (*session).vrfy, limit: baseLine + 10,
			syntax: "VRFY name-or-address [SMTPUTF8]", help: "Tells whether an account is known."},
		{name: "EXPN", in: anyState, point: fault.Expn, endsGroup: true, run: (*session).expn, limit: baseLine + 10,
			syntax: "EXPN alias [SMTPUTF8]", help: "Lists the members of an alias."},
		{name: "VERB", in: anyState, run: (*session).verb,
			syntax: "VERB", help: "Lets 050 lines tell what happens before a final reply."},
		{name: "STARTTLS", in: greeted, point: fault.StartTLS, endsGroup: true, run: (*session).startTLS,
			syntax: "STARTTLS", help: "Begins TLS."},
		{name: "AUTH", in: greeted, point: fault.Auth, endsGroup: true, run: (*session).auth, limit: authLine,
			syntax: "AUTH mechanism [initial-response]", help: "Logs in."},
	} {
		if v.limit == 0 {
			v.limit = baseLine
		}
		verbs[v.name] = &v
	}
}

// find looks a verb up, case ignored (RFC 5321 §2.4). nil when the server does
// not know it.
func (s *session) find(name []byte) *verb {
	var b [8]byte
	if len(name) > len(b) {
		return nil
	}
	for i, c := range name {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		b[i] = c
	}
	v := verbs[string(b[:len(name)])]
	if v == nil || v.dialect == smtpOnly && s.cfg.Mode == LMTP || v.dialect == lmtpOnly && s.cfg.Mode != LMTP {
		return nil // RFC 2033 §4.1: LMTP has no HELO and EHLO
	}
	return v
}

// state computes where the session stands.
func (s *session) state() state {
	switch {
	case s.helo == "":
		return connected
	case s.tx == nil:
		return greeted
	case s.tx.chunked:
		return inChunks
	case len(s.tx.forwardPaths) > 0:
		return hasRecipient
	}
	return inTransaction
}

// badSequence says what is missing, RFC 5321 §4.1.4.
func (s *session) badSequence(v *verb) reply {
	r := reply{code: 503, enhanced: "5.5.1"}
	switch st := s.state(); {
	case st == connected && s.cfg.Mode == LMTP:
		r.text = "Send LHLO first"
	case st == connected:
		r.text = "Send EHLO or HELO first"
	case st == greeted:
		r.text = "Send MAIL first"
	case st == inTransaction && s.tx.refused > 0 && (v.name == "DATA" || v.name == "BDAT"):
		r.text = "No valid recipients"
		if s.cfg.Mode != LMTP { // which has 503 here, RFC 2033 §4.2
			r.code = 554 // RFC 5321 §3.3, RFC 2920 §3.1
		}
	case st == inTransaction && v.in&hasRecipient != 0:
		r.text = "Send RCPT first"
	case st == inChunks:
		r.text = "A message is being sent: BDAT or RSET"
	default:
		r.text = "Not during a mail transaction"
	}
	return r
}

// visible says how much of a command line is no secret: AUTH's initial response is.
func visible(text []byte) int {
	if len(text) < 5 || !strings.EqualFold(string(text[:5]), "AUTH ") {
		return -1
	}
	i := 5
	for i < len(text) && text[i] == ' ' {
		i++
	}
	for i < len(text) && text[i] != ' ' {
		i++
	}
	return min(i+1, len(text))
}
