package imapd

import (
	"errors"
	"fmt"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// result is the tagged answer of a command: OK, NO or BAD (RFC 9051 §7.1) with an
// optional response code. One function writes it.
type result struct {
	status string
	code   string // without brackets
	text   string
	quit   bool // close after it
	bye    string
	none   bool   // nothing is written: the connection is gone or was answered
	after  func() // runs when the answer has been sent, as the TLS handshake of STARTTLS
}

func ok(text string) result            { return result{status: "OK", text: text} }
func okCode(code, text string) result  { return result{status: "OK", code: code, text: text} }
func no(code, text string) result      { return result{status: "NO", code: code, text: text} }
func bad(text string) result           { return result{status: "BAD", text: text} }
func badCode(code, text string) result { return result{status: "BAD", code: code, text: text} }

// uidRequired refuses message sequence numbers, RFC 9586 §3.
var uidRequired = badCode("UIDREQUIRED", "name messages by UID: UIDONLY is enabled")

func bye(status, text, why string) result {
	return result{status: status, text: text, bye: why, quit: true}
}

// failed turns an error of the store into an answer: the one place where its
// errors become response codes (RFC 5530, RFC 9051 §7.1).
func (s *session) failed(err error) result {
	switch {
	case s.ctx.Err() != nil, errors.Is(err, store.ErrClosed):
		return bye("NO", "the server is shutting down", "the server is shutting down")
	case errors.Is(err, store.ErrSandboxEnded), errors.Is(err, store.ErrNoSandbox):
		return bye("NO", "the sandbox has ended", "the sandbox has ended")
	case errors.Is(err, store.ErrNotFound):
		return no("NONEXISTENT", "no such mailbox")
	case errors.Is(err, store.ErrMailboxExists):
		return no("ALREADYEXISTS", "the mailbox exists")
	case errors.Is(err, store.ErrBadName):
		return no("CANNOT", oneLine(err))
	case errors.Is(err, store.ErrTooManyKeywords):
		return no("LIMIT", oneLine(err))
	case errors.Is(err, store.ErrFull):
		return no("OVERQUOTA", "the sandbox is full")
	case errors.Is(err, store.ErrDiskFull):
		return no("UNAVAILABLE", "the disk is full")
	case errors.Is(err, store.ErrReadOnly):
		return no("NOPERM", "read-only")
	}
	s.log.Error("imap command", "error", err)
	return no("SERVERBUG", "internal error; the cause is in the log")
}

// oneLine makes an error safe to stand in a response.
func oneLine(err error) string {
	b := []byte(err.Error())
	for i, c := range b {
		if c < 0x20 || c > 0x7e {
			b[i] = '?'
		}
	}
	return string(b)
}

// syntax answers what the decoder did not like.
func syntax(err error) result {
	var large *wire.TooLargeError
	if errors.As(err, &large) {
		return badCode("TOOBIG", oneLine(err))
	}
	return badCode("CLIENTBUG", oneLine(err))
}

// answer writes the tagged response and, before it, BYE where the session ends.
func (s *session) answer(tag string, r result) {
	if r.none {
		return
	}
	if r.bye != "" {
		s.enc.Atom("* BYE " + r.bye + "\r\n")
	}
	if tag == "" {
		tag = "*"
	}
	s.enc.Atom(tag)
	s.enc.SP()
	s.enc.Atom(r.status)
	if r.code != "" {
		s.enc.Atom(" [" + r.code + "]")
	}
	s.enc.SP()
	s.enc.Atom(r.text)
	s.enc.CRLF()
}

// untagged writes "* " and a line.
func (s *session) untagged(format string, args ...any) {
	s.enc.Atom("* ")
	s.enc.Atom(fmt.Sprintf(format, args...))
	s.enc.CRLF()
}
