package smtpd

import (
	"errors"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// rcpt is RCPT, RFC 5321 §4.1.1.3.
func (s *session) rcpt(p *parser) reply {
	p.prefix("TO:")
	path, ascii := p.forwardPath()
	params := p.params()
	if p.err != nil {
		return s.refuse(*p.err)
	}
	dsn := model.DSNRecipient{Address: path, Notify: []string{}}
	if r := s.apply(params, func(q param) *reply { return s.rcptParam(&dsn, q) }); r != nil {
		return s.refuse(*r)
	}
	if !ascii && !s.tx.smtpUTF8 {
		return s.refuse(reply{code: 553, enhanced: "5.6.7", text: "A non-ASCII address needs SMTPUTF8"})
	}
	if h := s.cfg.Faults.Match(fault.Rcpt, s.facts(path)); h != nil {
		if r, struck := s.suffer(h); struck {
			s.tx.refused++
			return r
		}
	}
	if len(s.tx.forwardPaths) >= s.cfg.Limits.Recipients {
		return s.refuse(reply{code: 452, enhanced: "4.5.3", text: "Too many recipients"}) // RFC 5321 §4.5.3.1.10
	}
	sandbox, err := s.cfg.Backend.Route(s.chosen(), path)
	if err != nil {
		return s.refuse(s.routeFailed(err))
	}
	s.tx.accept(path, sandbox, dsn)
	s.note("<" + path + "> goes to sandbox " + sandbox)
	return reply{code: 250, enhanced: "2.1.5", text: "Ok"}
}

// refuse counts a forward-path that is not taken.
func (s *session) refuse(r reply) reply {
	s.tx.refused++
	s.rejected = true
	return r
}

// routeFailed puts Store.Route's errors into replies.
func (s *session) routeFailed(err error) reply {
	switch {
	case errors.Is(err, store.ErrSandboxEnded) && s.chosen() != "":
		return reply{code: 421, enhanced: "4.3.0", text: "The sandbox of this login has ended", hangUp: true}
	case errors.Is(err, store.ErrNoSandbox), errors.Is(err, store.ErrSandboxEnded):
		return reply{code: 550, enhanced: "5.1.2", text: "No such sandbox: " + oneLine(err.Error())}
	case errors.Is(err, store.ErrFull):
		return reply{code: 452, enhanced: "4.2.2", text: "The sandbox is full"}
	}
	s.log.Error("route", "session", s.c.ID(), "error", err)
	return internal
}

// rcptParam applies one parameter of RCPT.
func (s *session) rcptParam(dsn *model.DSNRecipient, q param) *reply {
	switch q.key {
	case "NOTIFY": // RFC 3461 §4.1
		dsn.Notify = strings.Split(strings.ToUpper(q.value), ",")
		for i, n := range dsn.Notify {
			known := n == "SUCCESS" || n == "FAILURE" || n == "DELAY" || n == "NEVER" && len(dsn.Notify) == 1
			if !known || slices.Contains(dsn.Notify[:i], n) {
				return badParam("NOTIFY is NEVER, or a list of SUCCESS, FAILURE, DELAY")
			}
		}
	case "ORCPT": // RFC 3461 §4.2, RFC 6533 §3
		orcpt, ok := originalRecipient(q.value)
		if !ok {
			return badParam("ORCPT is type;xtext")
		}
		dsn.ORCPT = &orcpt
	default:
		return unknownParam(q)
	}
	return nil
}

// originalRecipient: original-recipient-address = addr-type ";" xtext, returned
// decoded, its type in lower case.
func originalRecipient(value string) (string, bool) {
	kind, addr, ok := strings.Cut(value, ";")
	if !ok || !isKeyword(kind) || addr == "" || len(value) > 500 {
		return "", false
	}
	kind = strings.ToLower(kind)
	if kind == "utf-8" {
		addr, ok = utf8Addr(addr)
	} else {
		addr, ok = xtext(addr)
	}
	return kind + ";" + addr, ok && !strings.ContainsAny(addr, "\r\n")
}
