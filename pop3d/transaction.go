package pop3d

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/catchpost/catchpost/store"
)

// The TRANSACTION state, RFC 1939 §5.

// number reads a message-number and returns its index.
func (s *session) number(arg string) (int, reply) {
	n, err := strconv.ParseUint(arg, 10, 31)
	if err != nil || arg[0] == '+' {
		return 0, failure("expected a message-number")
	}
	i, ok := s.drop.present(int(n))
	if !ok {
		return 0, failure("no such message")
	}
	return i, reply{ok: true}
}

func (s *session) stat(_ []string) reply {
	if err := s.drop.measure(s.ctx, s.srv.opts.Store, -1); err != nil {
		return s.failed(err)
	}
	count, octets := s.drop.stat()
	return good(fmt.Sprintf("%d %d", count, octets))
}

func (s *session) list(args []string) reply {
	if len(args) == 1 {
		i, r := s.number(args[0])
		if !r.ok {
			return r
		}
		if err := s.drop.measure(s.ctx, s.srv.opts.Store, i); err != nil {
			return s.failed(err)
		}
		return good(fmt.Sprintf("%d %d", i+1, s.drop.octets[i]))
	}
	if err := s.drop.measure(s.ctx, s.srv.opts.Store, -1); err != nil {
		return s.failed(err)
	}
	var body []byte
	for i := range s.drop.uids {
		if !s.drop.deleted[i] {
			body = strconv.AppendInt(body, int64(i+1), 10)
			body = append(body, ' ')
			body = strconv.AppendInt(body, s.drop.octets[i], 10)
			body = append(body, "\r\n"...)
		}
	}
	count, octets := s.drop.stat()
	return listing(fmt.Sprintf("%d messages (%d octets)", count, octets), body)
}

func (s *session) uidl(args []string) reply {
	if len(args) == 1 {
		i, r := s.number(args[0])
		if !r.ok {
			return r
		}
		return good(fmt.Sprintf("%d %s", i+1, s.drop.uniqueID(i)))
	}
	var body []byte
	for i := range s.drop.uids {
		if !s.drop.deleted[i] {
			body = strconv.AppendInt(body, int64(i+1), 10)
			body = append(append(append(body, ' '), s.drop.uniqueID(i)...), "\r\n"...)
		}
	}
	return listing("unique-ids follow", body)
}

// raw reads a message's octets.
func (s *session) raw(i int) ([]byte, reply) {
	var octets []byte
	found := false
	err := s.srv.opts.Store.FetchRaw(s.ctx, s.drop.id, s.drop.uids[i:i+1], func(_ store.UID, raw []byte) error {
		octets, found = bytes.Clone(raw), true
		return nil
	})
	if err != nil {
		return nil, s.failed(err)
	}
	if !found {
		return nil, failure("the message was removed meanwhile")
	}
	return octets, reply{ok: true}
}

func (s *session) retr(args []string) reply {
	i, r := s.number(args[0])
	if !r.ok {
		return r
	}
	octets, r := s.raw(i)
	if !r.ok {
		return r
	}
	s.drop.octets[i] = sentOctets(octets)
	return listing(fmt.Sprintf("%d octets", s.drop.octets[i]), octets)
}

// top answers the header, the empty line and n lines of the body (RFC 1939 §7).
func (s *session) top(args []string) reply {
	i, r := s.number(args[0])
	if !r.ok {
		return r
	}
	n, err := strconv.ParseUint(args[1], 10, 31)
	if err != nil || args[1][0] == '+' {
		return failure("expected a number of lines")
	}
	octets, r := s.raw(i)
	if !r.ok {
		return r
	}
	return listing("the top follows", top(octets, int(n)))
}

// top cuts a message behind n lines of its body.
func top(raw []byte, n int) []byte {
	inBody := false
	for at := 0; at < len(raw); {
		if inBody {
			if n == 0 {
				return raw[:at]
			}
			n--
		}
		end := bytes.IndexByte(raw[at:], '\n')
		if end < 0 {
			return raw
		}
		line := bytes.TrimSuffix(raw[at:at+end], []byte("\r"))
		inBody = inBody || len(line) == 0
		at += end + 1
	}
	return raw
}

func (s *session) dele(args []string) reply {
	i, r := s.number(args[0])
	if !r.ok {
		return r
	}
	s.drop.mark(i)
	return good("marked; it goes at QUIT")
}

func (s *session) rset(_ []string) reply {
	s.drop.reset()
	return good(fmt.Sprintf("%d messages", len(s.drop.uids)))
}

func (s *session) noop(_ []string) reply { return good("") }
