package imapd

import (
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// searchReturn is what SEARCH RETURN asks for: RFC 4731, RFC 5182.
type searchReturn struct {
	extended             bool
	min, max, all, count bool
	save                 bool
}

// search is SEARCH and UID SEARCH, RFC 9051 §6.4.4.
func (s *session) search(uid bool) result {
	d := s.dec
	var ret searchReturn
	d.ExpectSP()
	if d.PeekString("RETURN ") {
		d.ExpectAtom()
		d.ExpectSP()
		ret.parse(d)
		d.ExpectSP()
	}
	charset := ""
	if d.PeekString("CHARSET ") {
		d.ExpectAtom()
		d.ExpectSP()
		charset = d.AString()
		d.ExpectSP()
	}
	key := d.SearchKeys()
	if !d.ExpectEnd() {
		return result{}
	}
	if s.rev2 && !ret.extended { // RFC 9051 §6.4.4: ESEARCH is the only answer of rev2
		ret.extended, ret.all = true, true
	}
	found, r := s.find(charset, &key)
	if r.status != "" {
		if ret.save { // RFC 5182 §2.1: a failed SAVE empties the variable
			s.view.saved = nil
		}
		return r
	}
	modseq := store.Sequence(0)
	if key.Uses(wire.KeyModSeq) { // RFC 7162 §3.1.5
		s.condstore = true
		for _, i := range found {
			modseq = max(modseq, s.view.modseqs[i])
		}
	}
	if ret.extended {
		s.tellESearch(found, uid, &ret, modseq)
	} else {
		s.tellSearch("SEARCH", found, uid, modseq)
	}
	return ok("SEARCH completed")
}

// parse reads "(" [option *(SP option)] ")"; nothing means ALL (RFC 4731 §3.1).
func (r *searchReturn) parse(d *wire.Decoder) {
	r.extended = true
	d.List(func() {
		switch word := upperAtom(d); word {
		case "MIN":
			r.min = true
		case "MAX":
			r.max = true
		case "ALL":
			r.all = true
		case "COUNT":
			r.count = true
		case "SAVE":
			r.save = true
		default:
			d.Fail("unknown SEARCH return option " + word)
		}
	})
	if !r.min && !r.max && !r.count && !r.save {
		r.all = true
	}
}

// find runs a search program and returns view indexes, ascending.
func (s *session) find(charset string, key *wire.SearchKey) ([]int, result) {
	switch strings.ToUpper(charset) {
	case "", "UTF-8", "US-ASCII":
	default: // RFC 9051 §6.4.4
		return nil, no("BADCHARSET (US-ASCII UTF-8)", "unknown charset")
	}
	found, err := newSearching(s, key).run()
	if err != nil {
		return nil, s.failed(err)
	}
	return found, result{}
}

func (s *session) number(i int, uid bool) uint64 {
	if uid {
		return uint64(s.view.uids[i])
	}
	return uint64(i + 1)
}

// tellSearch writes the SEARCH response of rev1, and SORT's, which is alike.
func (s *session) tellSearch(word string, found []int, uid bool, modseq store.Sequence) {
	e := s.enc
	e.Atom("* " + word)
	for _, i := range found {
		e.SP()
		e.Number(s.number(i, uid))
	}
	if modseq > 0 {
		e.Atom(" (MODSEQ " + itoa(uint64(modseq)) + ")")
	}
	e.CRLF()
}

// tellESearch writes ESEARCH, RFC 4731 §3.1; MODSEQ by RFC 7162 §3.1.6; SAVE by
// RFC 5182 §2.4.
func (s *session) tellESearch(found []int, uid bool, ret *searchReturn, modseq store.Sequence) {
	if ret.save {
		s.saveResult(found, ret)
	}
	e := s.enc
	e.Atom(`* ESEARCH (TAG "` + s.tag + `")`)
	if uid {
		e.Atom(" UID")
	}
	if n := len(found); n > 0 {
		if ret.min {
			e.Atom(" MIN ")
			e.Number(s.number(found[0], uid))
		}
		if ret.max {
			e.Atom(" MAX ")
			e.Number(s.number(found[n-1], uid))
		}
		if ret.all {
			var set wire.Set
			for _, i := range found {
				set = set.Add(uint32(s.number(i, uid)))
			}
			e.Atom(" ALL ")
			e.Set(set)
		}
	}
	if ret.count {
		e.Atom(" COUNT ")
		e.Number(uint64(len(found)))
	}
	if modseq > 0 {
		if !ret.all && !ret.count { // of MIN and MAX alone, RFC 7162 §3.1.6
			modseq = 0
			if ret.min {
				modseq = s.view.modseqs[found[0]]
			}
			if ret.max {
				modseq = max(modseq, s.view.modseqs[found[len(found)-1]])
			}
		}
		if modseq > 0 {
			e.Atom(" MODSEQ ")
			e.Number(uint64(modseq))
		}
	}
	e.CRLF()
}

// saveResult keeps the result for "$": all of it, or MIN and MAX alone (RFC 5182 §2.4).
func (s *session) saveResult(found []int, ret *searchReturn) {
	v := s.view
	v.saved = v.saved[:0]
	if (ret.min || ret.max) && !ret.all && !ret.count {
		if n := len(found); n > 0 {
			if ret.min {
				v.saved = append(v.saved, v.uids[found[0]])
			}
			if ret.max && (!ret.min || n > 1) {
				v.saved = append(v.saved, v.uids[found[n-1]])
			}
		}
		return
	}
	for _, i := range found {
		v.saved = append(v.saved, v.uids[i])
	}
}
