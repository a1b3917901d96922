package imapd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// Bounds of CATENATE in one command.
const (
	maxParts = 1000
	// catenateReads is how many times the largest message may be read for the
	// sake of URLs: a part of one octet costs its whole message.
	catenateReads = 16
)

// catenating puts messages together from literals and URLs, RFC 4469.
type catenating struct {
	s     *session
	parts int
	left  int64 // octets that may still be read
	// The message read last: URLs mostly name the parts of one.
	box store.MailboxID
	uid store.UID
	raw []byte
	msg *store.Message
}

func (s *session) newCatenating() *catenating {
	return &catenating{s: s, left: catenateReads * s.srv.opts.MaxMessage}
}

// read reads "CATENATE" SP "(" cat-part *(SP cat-part) ")" into a message of at most
// limit octets. The first thing that cannot be ends it, before more literals are
// asked for.
func (c *catenating) read(limit int64) (o *store.Octets, r result) {
	d := c.s.dec
	d.ExpectAtom()
	d.ExpectSP()
	o = c.s.backend.NewOctets()
	d.ExpectSpecial('(')
	for d.OK() && r.status == "" {
		if c.parts++; c.parts > maxParts {
			return o, no("LIMIT", "too many parts in one command")
		}
		if r = c.part(o, limit-o.Len()); r.status != "" || d.Special(')') {
			break
		}
		d.ExpectSP()
	}
	if d.OK() && r.status == "" && o.Len() == 0 {
		r = no("CANNOT", "an empty message; nothing was appended")
	}
	return o, r
}

// part reads cat-part = "TEXT" SP literal / "URL" SP astring, and the literals of
// RFC 6855 §4.
func (c *catenating) part(o *store.Octets, limit int64) result {
	d := c.s.dec
	word := upperAtom(d)
	d.ExpectSP()
	switch word {
	case "TEXT":
		return c.s.readLiteral(o, limit)
	case "UTF8":
		d.ExpectSpecial('(')
		r := c.s.readLiteral(o, limit)
		d.ExpectSpecial(')')
		return r
	case "URL":
		url := d.AString()
		if !d.OK() {
			return result{}
		}
		return c.url(o, url, limit)
	}
	d.Fail("expected TEXT or URL")
	return result{}
}

// url adds the octets that a URL names. \Seen is not set (RFC 4469 §3).
func (c *catenating) url(o *store.Octets, text string, limit int64) result {
	octets, err := c.resolve(text)
	switch {
	case errors.Is(err, errTooMuchRead):
		return no("LIMIT", "the URLs of one command name too many octets")
	case errors.Is(err, errBadURL):
		return no("BADURL "+urlResponseText(text), oneLine(err))
	case err != nil:
		return c.s.failed(err)
	case int64(len(octets)) > limit:
		return c.s.tooBig()
	}
	if _, err := o.Write(octets); err != nil {
		return c.s.failed(err)
	}
	return result{}
}

var errTooMuchRead = errors.New("too much to read")

// resolve finds what a URL names; the octets are valid until the next call.
func (c *catenating) resolve(text string) ([]byte, error) {
	s := c.s
	selected := ""
	if s.view != nil {
		selected = s.view.name
	}
	u, err := parseURL(text, selected)
	if err != nil {
		return nil, err
	}
	info, err := s.backend.Mailbox(s.ctx, s.acc, u.mailbox)
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrBadName):
		return nil, fmt.Errorf("%w: no such mailbox", errBadURL)
	case err != nil:
		return nil, err
	case u.validity != 0 && u.validity != uint32(info.UIDValidity): // RFC 5092 §4
		return nil, fmt.Errorf("%w: the mailbox has another UIDVALIDITY", errBadURL)
	}
	if err := c.fetch(info.ID, store.UID(u.uid)); err != nil {
		return nil, err
	}
	b, ok := u.section.octets(c.raw, c.msg.Digest)
	if !ok {
		return nil, fmt.Errorf("%w: the message has no such part", errBadURL)
	}
	return u.section.cut(b), nil
}

// fetch reads a message, unless it is the one at hand.
func (c *catenating) fetch(box store.MailboxID, uid store.UID) error {
	if c.msg != nil && c.box == box && c.uid == uid {
		return nil
	}
	s := c.s
	c.box, c.uid, c.raw, c.msg = box, uid, c.raw[:0], nil
	err := s.backend.FetchMessages(s.ctx, box, []store.UID{uid}, func(_ store.UID, m *store.Message) error {
		if c.left -= m.Size; c.left < 0 {
			return errTooMuchRead
		}
		c.msg = m
		return nil
	})
	there := false
	if err == nil && c.msg != nil {
		err = s.backend.FetchRaw(s.ctx, box, []store.UID{uid}, func(_ store.UID, raw []byte) error {
			c.raw, there = append(c.raw, raw...), true
			return nil
		})
	}
	if err == nil && !there {
		c.msg = nil
		err = fmt.Errorf("%w: no such message", errBadURL)
	}
	return err
}

// urlResponseText writes a URL as url-resp-text, which holds no "]" (RFC 4469 §5,
// erratum 2002) and here nothing that is not printable.
func urlResponseText(url string) string {
	var b strings.Builder
	for i := range len(url) {
		if c := url[i]; c <= ' ' || c > '~' || c == ']' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// readLiteral reads a literal into a message; one that is too big is never asked for.
func (s *session) readLiteral(o *store.Octets, limit int64) result {
	lit, body := s.dec.OpenLiteral(limit)
	if !s.dec.OK() {
		var large *wire.TooLargeError
		if errors.As(s.dec.Err(), &large) {
			return s.tooBig()
		}
		return result{}
	}
	r := s.spool(o, body, lit.Binary)
	s.dec.CloseLiteral()
	return r
}

func (s *session) tooBig() result {
	return no("TOOBIG", fmt.Sprintf("the limit is %d octets", s.srv.opts.MaxMessage))
}
