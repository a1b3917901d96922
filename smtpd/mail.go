package smtpd

import (
	"fmt"
	"strings"

	"github.com/catchpost/catchpost/internal/address"
)

// mail is MAIL, RFC 5321 §4.1.1.2.
func (s *session) mail(p *parser) reply {
	if s.cfg.RequireAuth && s.mech == "" {
		return authNeeded // RFC 4954 §6
	}
	tx := &transaction{}
	p.prefix("FROM:")
	path, ascii := p.reversePath()
	params := p.params()
	if p.err != nil {
		return *p.err
	}
	tx.reversePath = path
	if r := s.apply(params, func(q param) *reply { return s.mailParam(tx, q) }); r != nil {
		s.rejected = true
		return *r
	}
	if !ascii && !tx.smtpUTF8 {
		s.rejected = true
		return reply{code: 553, enhanced: "5.6.7", text: "A non-ASCII address needs SMTPUTF8"} // RFC 6531 §3.5
	}
	s.tx, s.begun = tx, true
	return reply{code: 250, enhanced: "2.1.0", text: "Ok"}
}

// apply runs the parameters of MAIL or RCPT; each may stand once.
func (s *session) apply(params []param, one func(param) *reply) *reply {
	if len(params) > 0 && !s.extended {
		return &reply{code: 555, enhanced: "5.5.4", text: "Parameters need EHLO"} // RFC 5321 §4.1.1.11
	}
	for i, q := range params {
		for _, earlier := range params[:i] {
			if earlier.key == q.key {
				return badParam("%s stands twice", q.key)
			}
		}
		if r := one(q); r != nil {
			return r
		}
	}
	return nil
}

func badParam(format string, args ...any) *reply {
	return &reply{code: 501, enhanced: "5.5.4", text: oneLine(fmt.Sprintf(format, args...))}
}

// unknownParam refuses what is not honoured: it is never swallowed.
func unknownParam(q param) *reply {
	return &reply{code: 555, enhanced: "5.5.4", text: oneLine("Parameter " + clip(q.key) + " not recognized")}
}

// mailParam applies one parameter of MAIL.
func (s *session) mailParam(tx *transaction, q param) *reply {
	switch q.key {
	case "SIZE": // RFC 1870 §6
		n, ok := number(q.value)
		if !ok {
			return badParam("SIZE takes a number")
		}
		if n > s.cfg.Limits.MessageSize {
			r := tooBig
			return &r
		}
		tx.size = n
	case "BODY": // RFC 6152 §2, RFC 3030 §3
		switch body := strings.ToUpper(q.value); body {
		case "7BIT", "8BITMIME", "BINARYMIME":
			tx.body = body
		default:
			return badParam("BODY is 7BIT, 8BITMIME or BINARYMIME")
		}
	case "SMTPUTF8": // RFC 6531 §3.4
		if q.hasValue {
			return badParam("SMTPUTF8 takes no value")
		}
		tx.smtpUTF8 = true
	case "REQUIRETLS": // RFC 8689 §2
		if s.c.TLS() == nil {
			return unknownParam(q) // not announced without TLS
		}
		if q.hasValue {
			return badParam("REQUIRETLS takes no value")
		}
		tx.requireTLS = true
	case "RET": // RFC 3461 §4.3
		ret := strings.ToUpper(q.value)
		if ret != "FULL" && ret != "HDRS" {
			return badParam("RET is FULL or HDRS")
		}
		tx.ret = &ret
	case "ENVID": // RFC 3461 §4.4
		id, ok := xtext(q.value)
		if !ok || id == "" || len(q.value) > 100 {
			return badParam("ENVID is at most 100 octets of xtext")
		}
		tx.envID = &id
	case "AUTH": // RFC 4954 §5; the client is not trusted with it, but its grammar holds
		m, ok := xtext(q.value)
		if _, err := address.ParseMailbox(m); !ok || m != "<>" && err != nil {
			return badParam("AUTH is <> or a mailbox in xtext")
		}
	default:
		return unknownParam(q)
	}
	return nil
}
