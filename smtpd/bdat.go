package smtpd

import (
	"fmt"
	"io"
	"strings"
)

// maxSkip is the largest chunk that is read only to be dropped, in octets.
const maxSkip = 1 << 30

const chunkName = "mail data from the client"

// chunk: chunk-size [ SP "LAST" ], RFC 3030 §2.
func (p *parser) chunk() (size int64, last bool) {
	digits, mark, has := strings.Cut(p.rest(), " ")
	size, ok := number(digits)
	if !ok || has && !strings.EqualFold(mark, "LAST") {
		p.fail("5.5.4", "BDAT takes a size and perhaps LAST")
	}
	return size, has
}

// bdat is BDAT, RFC 3030 §2: the octets follow the line at once.
func (s *session) bdat(p *parser) reply {
	size, last := p.chunk()
	if p.err != nil {
		r := *p.err
		r.hangUp = true // there is no telling where the next command begins
		return r
	}
	s.tx.chunked = true
	w := s.sink()
	if size > s.cfg.Limits.MessageSize-w.octets.Len() {
		if last && size <= maxSkip && s.cfg.Mode == LMTP {
			w.limit = -1 // the chunk is read on, and each forward-path answered
		} else {
			return s.failChunk(size, tooBig)
		}
	}
	refused, err := s.c.CopyN(w, size, chunkName)
	switch {
	case err != nil:
		s.leave(err)
		return reply{hangUp: true}
	case refused != nil && last:
		return s.endData(s.refused(refused))
	case refused != nil:
		s.rejected = true
		s.reset()
		return s.refused(refused)
	case last:
		return s.deliver()
	}
	return reply{code: 250, enhanced: "2.0.0", text: fmt.Sprintf("%d octets received", size)}
}

// skipChunk reads a chunk that comes when it may not, and drops the transaction's
// chunks so far: after a refused BDAT the client has to begin anew.
func (s *session) skipChunk(p *parser, r reply) reply {
	size, last := p.chunk()
	if p.err != nil {
		r.hangUp = true
		return r
	}
	if last && s.cfg.Mode == LMTP {
		r = s.perAccepted(r)
	}
	return s.failChunk(size, r)
}

// perAccepted is a reply to the last chunk in LMTP: one for each accepted RCPT,
// none where there is none (RFC 2033 §4.3).
func (s *session) perAccepted(r reply) reply {
	if s.tx == nil || len(s.tx.forwardPaths) == 0 {
		s.c.Recorder().Remark("no reply, for want of recipients: %d %s", r.code, r.text)
		return reply{hangUp: r.hangUp}
	}
	return perRecipient(len(s.tx.forwardPaths), func(int) reply { return r })
}

func (s *session) failChunk(size int64, r reply) reply {
	if s.tx != nil && s.tx.chunked {
		s.rejected = true
		s.reset()
	}
	if r.hangUp {
		return r
	}
	if size > maxSkip {
		r.hangUp = true
		return r
	}
	if _, err := s.c.CopyN(io.Discard, size, "refused mail data from the client"); err != nil {
		s.leave(err)
		return reply{hangUp: true}
	}
	return r
}
