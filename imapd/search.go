package imapd

import (
	"slices"
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// searchReturn is what the RETURN of SEARCH, SORT and ESEARCH asks for: RFC 4731,
// RFC 5182, RFC 5267 §3.1, RFC 9394.
type searchReturn struct {
	extended             bool
	min, max, all, count bool
	save                 bool
	partial              wire.PartialRange
	paged                bool // partial was asked for
}

// search is SEARCH and UID SEARCH, RFC 9051 §6.4.4.
func (s *session) search(uid bool) result {
	d := s.dec
	var ret searchReturn
	d.ExpectSP()
	ret.parseOptional(d)
	p := parseProgram(d)
	if !d.ExpectEnd() {
		return result{}
	}
	if s.rev2 && !ret.extended { // RFC 9051 §6.4.4: ESEARCH is the only answer of rev2
		ret.extended, ret.all = true, true
	}
	return s.runSearch(p, "SEARCH", &ret, uid)
}

// runSearch searches the selected mailbox and answers with the word's response or
// with ESEARCH.
func (s *session) runSearch(p *program, word string, ret *searchReturn, uid bool) result {
	found, r := s.find(p)
	if r.status != "" {
		s.forgetSaved(ret, r)
		return r
	}
	s.tellFound(word, found, p, ret, uid)
	return ok(word + " completed")
}

// forgetSaved empties the search result variable when a SAVE fails with NO; a BAD
// leaves it as it is (RFC 5182 §2.1).
func (s *session) forgetSaved(ret *searchReturn, r result) {
	if ret.save && r.status == "NO" {
		s.view.saved = nil
	}
}

// tellFound answers SEARCH and SORT; found is in the order of the answer.
func (s *session) tellFound(word string, found []int, p *program, ret *searchReturn, uid bool) {
	withModSeq := p.key.Uses(wire.KeyModSeq)
	if withModSeq { // RFC 7162 §3.1.5, §3.1.9
		s.condstore = true
	}
	if ret.extended {
		if ret.save {
			s.saveResult(found, ret)
		}
		s.enc.Atom(`* ESEARCH (TAG "` + s.tag + `")`)
		if uid {
			s.enc.Atom(" UID")
		}
		s.tellReturned(s.view, found, ret, uid, withModSeq)
		return
	}
	modseq := store.Sequence(0)
	if withModSeq {
		modseq = s.view.maxModSeq(found)
	}
	s.tellSearch(word, found, uid, modseq)
}

// parseOptional reads ["RETURN" SP search-return-opts SP].
func (r *searchReturn) parseOptional(d *wire.Decoder) {
	if d.PeekString("RETURN ") {
		d.ExpectAtom()
		d.ExpectSP()
		r.parse(d)
		d.ExpectSP()
	}
}

// parse reads "(" [option *(SP option)] ")"; nothing means ALL (RFC 4731 §3.1).
func (r *searchReturn) parse(d *wire.Decoder) {
	r.extended = true
	d.List(func() {
		word := upperAtom(d)
		if (word == "ALL" || word == "PARTIAL") && (r.all || r.paged) { // RFC 9394 §3.1
			d.Fail("ALL and PARTIAL come once, and not both")
		}
		switch word {
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
		case "PARTIAL":
			d.ExpectSP()
			r.partial, r.paged = d.PartialRange(), true
		default:
			d.Fail("unknown return option " + word)
		}
	})
	if !r.min && !r.max && !r.count && !r.save && !r.paged {
		r.all = true
	}
}

// reported picks those of the results that the response speaks of: for MIN, MAX and
// PARTIAL without ALL and COUNT these alone. It is what SAVE keeps (RFC 5182 §2.4,
// RFC 9394 §3.2) and what MODSEQ is about (RFC 4731 §3.2).
func (r *searchReturn) reported(found []int) []int {
	n := len(found)
	if r.all || r.count || !r.min && !r.max && !r.paged || n == 0 {
		return found
	}
	var out []int
	if r.min {
		out = append(out, found[0])
	}
	if r.max {
		out = append(out, found[n-1])
	}
	if r.paged {
		from, to := r.partial.Cut(n)
		out = append(out, found[from:to]...)
	}
	return out
}

// program is search-program, RFC 9051 §9: an optional charset and keys.
type program struct {
	charset string
	key     wire.SearchKey
}

// parseProgram reads it up to the end of the command.
func parseProgram(d *wire.Decoder) *program {
	p := &program{}
	if d.PeekString("CHARSET ") {
		d.ExpectAtom()
		d.ExpectSP()
		p.charset = d.AString()
		d.ExpectSP()
	}
	p.key = d.SearchKeys()
	return p
}

// checkProgram judges what the grammar cannot.
func (s *session) checkProgram(p *program) result {
	switch strings.ToUpper(p.charset) {
	case "", "UTF-8", "US-ASCII":
	default: // RFC 9051 §6.4.4
		return no("BADCHARSET (US-ASCII UTF-8)", "unknown charset")
	}
	if s.uidOnly && p.key.UsesNumbers() { // RFC 9586 §3.5
		return uidRequired
	}
	return result{}
}

// find runs a search program over the selected mailbox and returns view indexes, ascending.
func (s *session) find(p *program) ([]int, result) {
	if r := s.checkProgram(p); r.status != "" {
		return nil, r
	}
	found, err := newSearching(s, s.view, &p.key).run()
	if err != nil {
		return nil, s.failed(err)
	}
	return found, result{}
}

// number is how an entry is called: by UID or by message sequence number.
func (v *view) number(i int, uid bool) uint64 {
	if uid {
		return uint64(v.uids[i])
	}
	return uint64(i + 1)
}

// maxModSeq is the highest mod-sequence of some entries, 0 of none.
func (v *view) maxModSeq(indexes []int) (m store.Sequence) {
	for _, i := range indexes {
		m = max(m, v.modseqs[i])
	}
	return m
}

// tellSearch writes the SEARCH response of rev1, and SORT's, which is alike.
func (s *session) tellSearch(word string, found []int, uid bool, modseq store.Sequence) {
	e := s.enc
	e.Atom("* " + word)
	for _, i := range found {
		e.SP()
		e.Number(s.view.number(i, uid))
	}
	if modseq > 0 {
		e.Atom(" (MODSEQ " + itoa(uint64(modseq)) + ")")
	}
	e.CRLF()
}

// tellReturned writes the return data of an ESEARCH response and its end, RFC 4731
// §3.1; MODSEQ by RFC 7162 §3.1.10, PARTIAL by RFC 9394 §3.1.
func (s *session) tellReturned(v *view, found []int, ret *searchReturn, uid, withModSeq bool) {
	e := s.enc
	if n := len(found); n > 0 {
		if ret.min {
			e.Atom(" MIN ")
			e.Number(v.number(found[0], uid))
		}
		if ret.max {
			e.Atom(" MAX ")
			e.Number(v.number(found[n-1], uid))
		}
		if ret.all {
			e.Atom(" ALL ")
			e.Set(v.numbers(found, uid))
		}
	}
	if ret.paged {
		e.Atom(" PARTIAL (")
		e.Partial(ret.partial)
		e.SP()
		if from, to := ret.partial.Cut(len(found)); from < to {
			e.Set(v.numbers(found[from:to], uid))
		} else {
			e.NIL()
		}
		e.Byte(')')
	}
	if ret.count {
		e.Atom(" COUNT ")
		e.Number(uint64(len(found)))
	}
	if withModSeq && len(found) > 0 {
		if modseq := v.maxModSeq(ret.reported(found)); modseq > 0 {
			e.Atom(" MODSEQ ")
			e.Number(uint64(modseq))
		}
	}
	e.CRLF()
}

// numbers makes a set of results in their order. Only what ascends becomes a range
// (RFC 5267 §3.2).
func (v *view) numbers(found []int, uid bool) (set wire.Set) {
	for _, i := range found {
		set = set.Add(uint32(v.number(i, uid)))
	}
	return set
}

// saveResult keeps the result for "$".
func (s *session) saveResult(found []int, ret *searchReturn) {
	v := s.view
	indexes := slices.Clone(ret.reported(found))
	slices.Sort(indexes) // "$" is a set, whatever SORT's order was
	v.saved = v.saved[:0]
	for _, i := range slices.Compact(indexes) {
		v.saved = append(v.saved, v.uids[i])
	}
}
