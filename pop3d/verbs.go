package pop3d

// state of a session, RFC 1939 §3.
type state uint8

const (
	authorization state = 1 << iota
	transaction
)

// verb is a row of the command grammar; handlers never test the state, and get as
// many arguments as the row allows.
type verb struct {
	in       state
	min, max int  // arguments
	raw      bool // the rest of the line is one argument
	run      func(s *session, args []string) reply
}

var verbs map[string]verb

func init() { // breaks the cycle verbs → command → verbs
	verbs = map[string]verb{
		"CAPA": {in: authorization | transaction, min: 0, max: 0, run: (*session).capa},
		"QUIT": {in: authorization | transaction, min: 0, max: 0, run: (*session).quit},
		"USER": {in: authorization, min: 1, max: 1, raw: true, run: (*session).user},
		"PASS": {in: authorization, min: 1, max: 1, raw: true, run: (*session).pass},
		"AUTH": {in: authorization, min: 0, max: 2, run: (*session).auth},
		"STLS": {in: authorization, min: 0, max: 0, run: (*session).stls},
		"UTF8": {in: authorization, min: 0, max: 0, run: (*session).utf8Mode},
		"STAT": {in: transaction, min: 0, max: 0, run: (*session).stat},
		"LIST": {in: transaction, min: 0, max: 1, run: (*session).list},
		"UIDL": {in: transaction, min: 0, max: 1, run: (*session).uidl},
		"RETR": {in: transaction, min: 1, max: 1, run: (*session).retr},
		"TOP":  {in: transaction, min: 2, max: 2, run: (*session).top},
		"DELE": {in: transaction, min: 1, max: 1, run: (*session).dele},
		"RSET": {in: transaction, min: 0, max: 0, run: (*session).rset},
		"NOOP": {in: transaction, min: 0, max: 0, run: (*session).noop},
	}
}
