package imapd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/store"
)

// maxAppends bounds the messages of one MULTIAPPEND.
const maxAppends = 1000

// errNUL is a NUL in a literal that may not hold one.
var errNUL = errors.New("NUL in a literal; send it as literal8 (RFC 3516 section 4.4)")

// appendMessages is APPEND, RFC 9051 §6.3.12, with MULTIAPPEND (RFC 3502), literal8
// (RFC 3516) and UTF8 data (RFC 6855 §4). A literal over the limit is refused
// before it is sent.
func (s *session) appendMessages() result {
	d := s.dec
	d.ExpectSP()
	name := d.Mailbox()
	if !d.OK() {
		return result{}
	}
	// Judged before the octets are asked for, answered when they are here.
	info, refused := s.appendTarget(name)
	items, r := s.readAppends(refused)
	defer func() {
		for _, it := range items {
			it.Octets.Discard()
		}
	}()
	if r.status != "" || !d.OK() {
		return r
	}
	t, err := s.backend.Append(s.ctx, info.ID, items)
	if err != nil {
		return s.failed(err)
	}
	s.added(info.ID, t.To)
	return okCode(fmt.Sprintf("APPENDUID %d %s", t.UIDValidity, uidSet(t.To)), "APPEND completed")
}

// appendTarget finds the mailbox that a message is for.
func (s *session) appendTarget(name string) (store.MailboxInfo, result) {
	info, err := s.backend.Mailbox(s.ctx, s.acc, name)
	if errors.Is(err, store.ErrNotFound) {
		return info, no("TRYCREATE", "no such mailbox")
	} else if err != nil {
		return info, s.failed(err)
	}
	return info, result{}
}

// readAppends reads 1*append-message up to the end of the command. A command
// that was refused is read to its end only where its octets come unasked.
func (s *session) readAppends(refused result) ([]store.AppendItem, result) {
	d := s.dec
	var items []store.AppendItem
	total := int64(0)
	c := s.newCatenating()
	for d.OK() && (len(items) == 0 || !d.AtEnd()) {
		if len(items) >= maxAppends {
			return items, no("LIMIT", "too many messages in one APPEND")
		}
		it, r := s.readAppend(refused, c, s.srv.opts.MaxMessage-total)
		if it.Octets != nil {
			items = append(items, it)
			total += it.Octets.Len()
		}
		if r.status != "" {
			return items, r
		}
	}
	d.ExpectEnd()
	return items, refused
}

// readAppend reads SP [flag-list SP] [date-time SP] (literal / literal8 / "UTF8" … /
// "CATENATE" …).
func (s *session) readAppend(refused result, c *catenating, limit int64) (it store.AppendItem, r result) {
	d := s.dec
	d.ExpectSP()
	if d.Peek() == '(' {
		it.Flags = slices.DeleteFunc(d.Flags(), func(f string) bool { return strings.EqualFold(f, `\Recent`) })
		d.ExpectSP()
	}
	if d.Peek() == '"' {
		it.Date = d.DateTime()
		d.ExpectSP()
	}
	if d.PeekString("CATENATE (") {
		if refused.status == "" {
			it.Octets, refused = c.read(limit)
		}
		return it, refused
	}
	utf8 := d.PeekString("UTF8 (")
	if utf8 { // RFC 6855 §4
		d.ExpectAtom()
		d.ExpectSP()
		d.ExpectSpecial('(')
	}
	lit, isLiteral := d.NextLiteral()
	if !isLiteral {
		d.Fail("expected a literal")
		return it, r
	}
	if refused.status != "" && lit.Sync {
		return it, refused
	}
	if lit.Size == 0 { // RFC 3502 §3: an empty message cancels the APPEND
		return it, s.cancelAppend()
	}
	if refused.status == "" {
		it.Octets = s.backend.NewOctets()
		r = s.readLiteral(it.Octets, limit)
	} else if d.OpenLiteral(limit); d.OK() {
		d.CloseLiteral()
	}
	if utf8 {
		d.ExpectSpecial(')')
	}
	return it, r
}

func (s *session) cancelAppend() result {
	s.dec.OpenLiteral(0)
	s.dec.CloseLiteral()
	return no("CANNOT", "an empty message; nothing was appended")
}

// spool copies a literal into the store's octets.
func (s *session) spool(dst io.Writer, src io.Reader, binary bool) result {
	buf := make([]byte, 32<<10)
	for {
		n, err := src.Read(buf)
		if !binary && bytes.IndexByte(buf[:n], 0) >= 0 {
			return bad(errNUL.Error())
		}
		if n > 0 {
			if _, werr := dst.Write(buf[:n]); werr != nil {
				return s.failed(werr)
			}
		}
		if err == io.EOF {
			return result{}
		}
		if err != nil {
			return result{none: true, quit: true, status: "NO"}
		}
	}
}
