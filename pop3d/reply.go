package pop3d

import (
	"bytes"
	"errors"

	"github.com/catchpost/catchpost/store"
)

// reply is what a command is answered: a status line and, for a multi-line one,
// the octets of its body, which are written with dots stuffed and the closing line.
type reply struct {
	ok    bool
	code  string // response code, RFC 2449 §8, without brackets
	text  string
	body  []byte
	multi bool
	quit  bool   // close after it
	after func() // runs when it was sent: TLS
	none  bool   // nothing is written
}

func good(text string) reply              { return reply{ok: true, text: text} }
func failure(text string) reply           { return reply{text: text} }
func failureCode(code, text string) reply { return reply{code: code, text: text} }
func listing(text string, body []byte) reply {
	return reply{ok: true, text: text, body: body, multi: true}
}

// failed turns an error of the store into a reply: the one place where its errors
// become response codes (RFC 2449 §8.1, RFC 3206).
func (s *session) failed(err error) reply {
	switch {
	case s.ctx.Err() != nil, errors.Is(err, store.ErrClosed):
		return reply{code: "SYS/TEMP", text: "the server is shutting down", quit: true}
	case errors.Is(err, store.ErrSandboxEnded), errors.Is(err, store.ErrNoSandbox):
		return reply{code: "SYS/PERM", text: "the sandbox has ended", quit: true}
	case errors.Is(err, store.ErrNotFound):
		return failureCode("SYS/PERM", "the maildrop is gone")
	case errors.Is(err, store.ErrDiskFull):
		return failureCode("SYS/TEMP", "the disk is full")
	}
	s.log.Error("pop3 command", "error", err)
	return failureCode("SYS/TEMP", "internal error; the cause is in the log")
}

// appendReply writes a reply as it goes over the wire.
func appendReply(b []byte, r reply) []byte {
	if r.ok {
		b = append(b, "+OK"...)
	} else {
		b = append(b, "-ERR"...)
	}
	if r.code != "" {
		b = append(append(append(b, " ["...), r.code...), ']')
	}
	if r.text != "" {
		b = append(append(b, ' '), r.text...)
	}
	b = append(b, "\r\n"...)
	if r.multi {
		b = appendMultiline(b, r.body)
	}
	return b
}

// appendMultiline writes lines, each with CRLF and a dot more where it begins with
// one, and the closing line (RFC 1939 §3).
func appendMultiline(b, body []byte) []byte {
	for len(body) > 0 {
		line := body
		if i := bytes.IndexByte(body, '\n'); i >= 0 {
			line, body = body[:i], body[i+1:]
			line = bytes.TrimSuffix(line, []byte("\r"))
		} else {
			body = nil
			line = bytes.TrimSuffix(line, []byte("\r"))
		}
		if len(line) > 0 && line[0] == '.' {
			b = append(b, '.')
		}
		b = append(append(b, line...), "\r\n"...)
	}
	return append(b, ".\r\n"...)
}
