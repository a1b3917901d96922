package smtpd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// errTooBig ends the writing of a message over the limit; its octets are read on.
var errTooBig = errors.New("message too big")

// sink takes a message's octets up to the limit.
type sink struct {
	octets *store.Octets
	limit  int64
}

func (w *sink) Write(p []byte) (int, error) {
	if w.octets.Len()+int64(len(p)) > w.limit {
		return 0, errTooBig
	}
	return w.octets.Write(p)
}

func (s *session) sink() *sink {
	if s.tx.octets == nil {
		s.tx.octets = s.cfg.Backend.NewOctets()
	}
	return &sink{s.tx.octets, s.cfg.Limits.MessageSize}
}

// data is DATA, RFC 5321 §4.1.1.4.
func (s *session) data(p *parser) reply {
	if !p.atEnd() {
		return noArguments
	}
	if s.tx.body == "BINARYMIME" {
		return reply{code: 503, enhanced: "5.5.1", text: "BINARYMIME needs BDAT"} // RFC 3030 §3
	}
	s.write(reply{code: 354, text: "End data with <CR><LF>.<CR><LF>"})
	s.c.Flush() // a failure shows at the read
	d, err := s.c.ReadData(s.sink())
	switch {
	case err != nil:
		s.leave(err) // nothing is stored
		return reply{hangUp: true}
	case d.Refused != nil:
		return s.endData(s.refused(d.Refused))
	case s.cfg.RejectBareLF && d.BareLF+d.BareCR > 0:
		return s.endData(reply{code: 550, enhanced: "5.5.2", text: fmt.Sprintf(
			"The message holds %d bare LF and %d bare CR (RFC 5321 section 2.3.8)", d.BareLF, d.BareCR)})
	}
	return s.deliver()
}

// refused answers octets that the store did not take.
func (s *session) refused(err error) reply {
	switch {
	case errors.Is(err, errTooBig):
		return tooBig
	case errors.Is(err, store.ErrDiskFull):
		return reply{code: 452, enhanced: "4.3.1", text: "The disk is full"} // RFC 5321 §4.2.3
	}
	s.log.Error("take message data", "session", s.c.ID(), "error", err)
	return internal
}

// endData drops the transaction, whose end the reply is.
func (s *session) endData(r reply) reply {
	s.rejected = s.rejected || r.code >= 400
	if s.cfg.Mode == LMTP {
		r = perRecipient(len(s.tx.forwardPaths), func(int) reply { return r })
	}
	s.reset()
	return r
}

// perRecipient is LMTP's answer to the end of data, RFC 2033 §4.2: one reply for
// each accepted RCPT, in order.
func perRecipient(n int, one func(i int) reply) reply {
	first := one(0)
	for i := 1; i < n; i++ {
		first.more = append(first.more, one(i))
	}
	return first
}

// deliver hands the message to the store; only when it is committed may a reply
// say so.
func (s *session) deliver() reply {
	if h := s.cfg.Faults.Match(fault.EndOfData, s.facts("")); h != nil {
		if r, struck := s.suffer(h); struck {
			return s.endData(r)
		}
	}
	tx := s.tx
	origin := model.OriginSMTP
	if s.cfg.Mode == LMTP {
		origin = model.OriginLMTP
	}
	size := tx.octets.Len()
	messages, err := s.cfg.Backend.Deliver(s.c.Context(), store.Delivery{
		Origin: origin, Sandbox: s.chosen(), ReversePath: tx.reversePath,
		ForwardPaths: tx.forwardPaths, Envelope: s.envelope(), Octets: tx.octets,
	})
	if err != nil {
		return s.endData(s.deliveryFailed(err))
	}
	for _, m := range messages {
		s.messages = append(s.messages, m.ID)
		if !slices.Contains(s.sandboxes, m.Sandbox) {
			s.sandboxes = append(s.sandboxes, m.Sandbox)
		}
		s.note(fmt.Sprintf("%d octets are stored in sandbox %s as %s", size, m.Sandbox, m.ID))
	}
	s.unconfirmed = true
	r := s.queued(messages)
	if h := s.cfg.Faults.Match(fault.AfterStore, s.facts("")); h != nil {
		if injected, struck := s.suffer(h); struck {
			injected.message = messages[0].ID
			r = injected
			if s.cfg.Mode == LMTP {
				r = perRecipient(len(tx.forwardPaths), func(int) reply { return injected })
			}
		}
	}
	s.reset()
	s.publish()
	return r
}

// queued is the reply to a stored message. SMTP names the first sandbox's; LMTP
// names for each forward-path the one that holds it.
func (s *session) queued(messages []*store.Message) reply {
	ok := func(m *store.Message) reply {
		return reply{code: 250, enhanced: "2.0.0", text: "Ok: queued as " + m.ID, message: m.ID}
	}
	if s.cfg.Mode != LMTP {
		for _, m := range messages[1:] {
			s.c.Recorder().RemarkMessage(m.ID, "also stored in sandbox %s as %s", m.Sandbox, m.ID)
		}
		return ok(messages[0])
	}
	return perRecipient(len(s.tx.forwardPaths), func(i int) reply {
		for _, m := range messages {
			if slices.Contains(m.ForwardPaths, s.tx.forwardPaths[i]) {
				return ok(m)
			}
		}
		return ok(messages[0])
	})
}

// deliveryFailed puts Store.Deliver's errors into replies.
func (s *session) deliveryFailed(err error) reply {
	switch {
	case errors.Is(err, store.ErrTooBig): // for good: trying again would not help, RFC 5321 §4.2.1
		return reply{code: 552, enhanced: "5.2.3", text: "The message is larger than all that the sandbox may hold"}
	case errors.Is(err, store.ErrFull):
		return reply{code: 452, enhanced: "4.2.2", text: "The sandbox is full"}
	case errors.Is(err, store.ErrDiskFull):
		return reply{code: 452, enhanced: "4.3.1", text: "The disk is full"}
	case errors.Is(err, store.ErrNoSandbox), errors.Is(err, store.ErrSandboxEnded):
		return reply{code: 451, enhanced: "4.3.0", text: "The sandbox has ended"}
	case errors.Is(err, store.ErrClosed), errors.Is(err, context.Canceled):
		return shuttingDown
	}
	s.log.Error("deliver", "session", s.c.ID(), "error", err)
	return internal
}
