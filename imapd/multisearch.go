package imapd

import (
	"errors"
	"slices"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// maxSources bounds the filters of one ESEARCH.
const maxSources = 100

// esearch is ESEARCH, RFC 7377: SEARCH in many mailboxes, by UID.
func (s *session) esearch() result {
	d := s.dec
	var ret searchReturn
	sources := []mailboxFilter{{kind: filterSelected}}
	d.ExpectSP()
	if d.PeekString("IN ") {
		d.ExpectAtom()
		d.ExpectSP()
		sources = parseSources(d)
		d.ExpectSP()
	}
	ret.parseOptional(d)
	p := parseProgram(d)
	if !d.ExpectEnd() {
		return result{}
	}
	if !ret.extended { // RFC 7377 §2.1
		ret.extended, ret.all = true, true
	}
	onSelected := func(f mailboxFilter) bool { return f.onSelected() }
	elsewhere := slices.ContainsFunc(sources, func(f mailboxFilter) bool { return !f.onSelected() })
	switch {
	case slices.ContainsFunc(sources, onSelected) && s.view == nil: // RFC 7377 §2.2
		return bad("no mailbox is selected")
	case ret.save && elsewhere:
		return bad("SAVE is of the selected mailbox alone (RFC 7377 section 2.2)")
	}
	if r := s.searchMany(sources, p, &ret); r.status != "" {
		if !elsewhere {
			s.forgetSaved(&ret, r)
		}
		return r
	}
	return ok("ESEARCH completed")
}

// parseSources reads "(" source-mbox [SP "(" scope-options ")"] ")". No scope option exists.
func parseSources(d *wire.Decoder) (sources []mailboxFilter) {
	d.List(func() {
		switch {
		case len(sources) > 0 && d.Peek() == '(':
			d.Fail("unknown scope option")
		case len(sources) >= maxSources:
			d.Fail("too many sources")
		default:
			sources = append(sources, parseFilter(d, filterDelayed))
		}
	})
	if d.OK() && len(sources) == 0 {
		d.Fail("expected a source")
	}
	return sources
}

// searchMany searches every mailbox of the sources once and answers for those where
// something matches (RFC 7377 §2.1).
func (s *session) searchMany(sources []mailboxFilter, p *program, ret *searchReturn) result {
	if r := s.checkProgram(p); r.status != "" {
		return r
	}
	withModSeq := p.key.Uses(wire.KeyModSeq)
	s.condstore = s.condstore || withModSeq
	boxes, err := s.backend.Mailboxes(s.ctx, s.acc)
	if err != nil {
		return s.failed(err)
	}
	for _, box := range boxes {
		selected := s.view != nil && s.view.id == box.ID
		if !slices.ContainsFunc(sources, func(f mailboxFilter) bool {
			return selected && f.onSelected() || f.covers(box.Name, box.Subscribed)
		}) {
			continue
		}
		v := s.view
		if !selected {
			if v, err = s.glance(box.ID); errors.Is(err, store.ErrNotFound) {
				continue // deleted meanwhile
			} else if err != nil {
				return s.failed(err)
			}
		}
		found, err := newSearching(s, v, &p.key).run()
		if err != nil && !(errors.Is(err, store.ErrNotFound) && !selected) {
			return s.failed(err)
		}
		if ret.save {
			s.saveResult(found, ret)
		}
		if len(found) == 0 {
			continue
		}
		e := s.enc
		e.Atom(`* ESEARCH (TAG "` + s.tag + `" MAILBOX `)
		e.Mailbox(box.Name)
		e.Atom(" UIDVALIDITY ")
		e.Number(uint64(box.UIDValidity))
		e.Atom(") UID")
		s.tellReturned(v, found, ret, true, withModSeq)
		e.Drain()
		if e.Err() != nil {
			return result{none: true, quit: true}
		}
	}
	return result{}
}

// glance is a view of a mailbox that is not selected, for one search.
func (s *session) glance(id store.MailboxID) (*view, error) {
	st, err := s.backend.MailboxState(s.ctx, id)
	if err != nil {
		return nil, err
	}
	v := newView(st, true)
	s.claimRecent(v)
	return v, nil
}
