package imapd

import (
	"errors"
	"fmt"
	"slices"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// qresyncParam is QRESYNC's argument, RFC 7162 §3.2.5.
type qresyncParam struct {
	validity  uint32
	modseq    store.Sequence
	known     wire.Set
	hasKnown  bool
	seqs      wire.Set // the sequence-match data; parallel to seqUIDs
	seqUIDs   wire.Set
	hasSeqs   bool
	requested bool
}

// selectMailbox is SELECT and EXAMINE, RFC 9051 §6.3.2, §6.3.3; RFC 7162 §3.1.8, §3.2.5.
func (s *session) selectMailbox(examine bool) result {
	d := s.dec
	d.ExpectSP()
	name := d.Mailbox()
	var q qresyncParam
	condstore := false
	if d.SP() {
		d.List(func() {
			switch word := upperAtom(d); word {
			case "CONDSTORE":
				condstore = true
			case "QRESYNC":
				q.parse(d)
			default:
				d.Fail("unknown SELECT parameter " + word)
			}
		})
	}
	if !d.ExpectEnd() {
		return result{}
	}
	if q.requested && !s.qresync {
		return bad("ENABLE QRESYNC first (RFC 7162 section 3.2.5)")
	}
	if q.hasSeqs && s.uidOnly { // RFC 9586 §3.7
		return uidRequired
	}
	// Whatever comes of it, the old mailbox is closed (RFC 9051 §6.3.2).
	if s.view != nil {
		s.deselect()
		if s.qresync || s.rev2 {
			s.untagged("OK [CLOSED] The mailbox before is closed")
		}
	}
	if condstore {
		s.condstore = true
	}
	info, err := s.backend.Mailbox(s.ctx, s.acc, name)
	if err != nil {
		return s.failed(err)
	}
	st, err := s.backend.MailboxState(s.ctx, info.ID)
	if err != nil {
		return s.failed(err)
	}
	return s.open(st, examine, &q)
}

// open makes a snapshot the session's view and tells it.
func (s *session) open(st *store.MailboxState, examine bool, q *qresyncParam) result {
	v := newView(st, examine)
	v.uidOnly = s.uidOnly
	s.view, s.state = v, selected
	s.claimRecent(v)
	v.tellKeywords(s.enc)
	s.untagged("%d EXISTS", v.told)
	if !s.rev2 {
		s.untagged("%d RECENT", v.recentCount())
		if i := slices.IndexFunc(v.flags, func(f store.Flags) bool { return f&store.FlagSeen == 0 }); i >= 0 && !s.uidOnly {
			s.untagged("OK [UNSEEN %d] The first that is not seen", i+1)
		}
	}
	s.untagged("OK [UIDVALIDITY %d] UIDs are valid", st.UIDValidity)
	s.untagged("OK [UIDNEXT %d] The next UID", st.UIDNext)
	s.untagged("OK [HIGHESTMODSEQ %d] The newest change", st.HighestModSeq)
	s.untagged("OK [MAILBOXID (%s)] The mailbox's identifier", st.ObjectID)
	if s.rev2 { // RFC 9051 §6.3.2: LIST is REQUIRED in rev2
		s.enc.Atom("* LIST ")
		s.enc.Flags(listAttributes(st.MailboxInfo))
		s.enc.Atom(` "/" `)
		s.enc.Mailbox(st.Name)
		s.enc.CRLF()
	}
	if q.requested && q.validity == uint32(st.UIDValidity) {
		if r := s.resync(q); r.status != "" {
			s.deselect()
			return r
		}
	}
	if examine {
		return okCode("READ-ONLY", "EXAMINE completed")
	}
	return okCode("READ-WRITE", "SELECT completed")
}

// parse reads "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")".
func (q *qresyncParam) parse(d *wire.Decoder) {
	q.requested = true
	d.ExpectSP()
	d.ExpectSpecial('(')
	q.validity = d.Number()
	d.ExpectSP()
	q.modseq = store.Sequence(d.Number64())
	if d.SP() {
		if d.Peek() != '(' {
			q.known, q.hasKnown = d.KnownUIDs(), true
			if !d.SP() {
				d.ExpectSpecial(')')
				return
			}
		}
		d.ExpectSpecial('(')
		q.seqs = d.KnownUIDs()
		d.ExpectSP()
		q.seqUIDs = d.KnownUIDs()
		q.hasSeqs = true
		d.ExpectSpecial(')')
		if d.OK() && q.seqs.Count() != q.seqUIDs.Count() {
			d.Fail("the sequence match data have different lengths")
		}
	}
	d.ExpectSpecial(')')
}

// resync tells what happened since the client was last here, RFC 7162 §3.2.5.1.
func (s *session) resync(q *qresyncParam) result {
	v := s.view
	delta, err := s.backend.EntriesSince(s.ctx, v.id, q.modseq)
	if err != nil {
		return s.failed(err)
	}
	known := q.known
	if !q.hasKnown && v.told > 0 {
		known = wire.Set{{Start: 1, Stop: uint32(v.lastUID())}}
	}
	if vanished := v.vanishedSince(&delta, known, q); len(vanished) > 0 {
		s.tellVanishedEarlier(vanished)
	}
	for _, e := range delta.Entries {
		if i, ok := v.find(e.UID, v.told); ok && (!q.hasKnown || known.Contains(uint32(e.UID))) {
			v.tellEntry(s.enc, i, true, true, true)
		}
	}
	return result{}
}

func (s *session) tellVanishedEarlier(set wire.Set) {
	s.enc.Atom("* VANISHED (EARLIER) ")
	s.enc.Set(set)
	s.enc.CRLF()
}

// vanishedSince lists those of the known UIDs that were expunged after the
// client's mod-sequence. Where the record does not reach back it names every
// known UID that is not there (RFC 7162 §3.2.5.1), above what the sequence match
// data prove to be in step (§3.2.5.2).
func (v *view) vanishedSince(delta *store.MailboxDelta, known wire.Set, q *qresyncParam) (out wire.Set) {
	if delta.Complete {
		for _, uid := range delta.Expunged {
			if known.Contains(uint32(uid)) {
				out = out.Add(uint32(uid))
			}
		}
		return out
	}
	return v.missing(known, v.inStep(q))
}

// inStep is the highest UID up to which client and server have the same messages.
func (v *view) inStep(q *qresyncParam) (uid uint32) {
	if q == nil || !q.hasSeqs {
		return 0
	}
	r, at := 0, uint32(0)
	for _, seqs := range q.seqs {
		for n := seqs.Start; n <= seqs.Stop && n <= uint32(v.told); n++ {
			for q.seqUIDs[r].Start+at > q.seqUIDs[r].Stop {
				r, at = r+1, 0
			}
			if claimed := q.seqUIDs[r].Start + at; uint32(v.uids[n-1]) != claimed {
				return uid
			}
			uid = q.seqUIDs[r].Start + at
			at++
		}
	}
	return uid
}

// missing is known minus what is in the mailbox, above a UID; ranges stay ranges.
func (v *view) missing(known wire.Set, above uint32) (out wire.Set) {
	for _, r := range known {
		next := uint64(max(r.Start, above+1))
		i, _ := v.find(store.UID(next), v.told)
		for ; i < v.told && uint64(v.uids[i]) <= uint64(r.Stop); i++ {
			if uid := uint64(v.uids[i]); next < uid {
				out = append(out, wire.Range{Start: uint32(next), Stop: uint32(uid - 1)})
			}
			next = uint64(v.uids[i]) + 1
		}
		if next <= uint64(r.Stop) {
			out = append(out, wire.Range{Start: uint32(next), Stop: r.Stop})
		}
	}
	return out
}

// claimRecent asks which entries this session is the first to see.
func (s *session) claimRecent(v *view) {
	last := store.UID(0)
	if n := len(v.uids); n > 0 {
		last = v.uids[n-1]
	}
	from, err := s.backend.ClaimRecent(v.id, last, !v.readOnly)
	if err == nil && from > 0 && from <= last {
		v.recent = v.recent.Union(wire.Set{{Start: uint32(from), Stop: uint32(last)}})
	}
}

// deselect forgets the mailbox.
func (s *session) deselect() {
	s.leaves(s.view)
	s.view = nil
	s.state = authenticated
}

// refresh brings the view up to the store; nothing is told. The bool is false
// when the mailbox is gone: then the session must end.
func (s *session) refresh() (result, bool) {
	v := s.view
	if v == nil {
		return result{}, true
	}
	delta, err := s.backend.EntriesSince(s.ctx, v.id, v.highest)
	if err == nil && !delta.Complete {
		var st *store.MailboxState
		if st, err = s.backend.MailboxState(s.ctx, v.id); err == nil {
			v.compare(st)
		}
	} else if err == nil {
		v.apply(&delta)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		if _, err := s.backend.Sandbox(s.ctx, s.acc.Sandbox); err != nil { // it ended, and is freed already
			return s.failed(err), false
		}
		return bye("NO", "the selected mailbox was deleted", "the selected mailbox was deleted"), false
	case err != nil:
		return s.failed(err), false
	}
	if v.told < len(v.uids) {
		s.claimRecent(v)
	}
	return result{}, true
}

// news tells what the view has not told and, after NOTIFY, what the client wants to
// know. It reports whether something but expunges was told.
func (s *session) news(expunge bool) (told bool) {
	own := s.owes
	s.owes = owed{}
	if s.view == nil {
		return false
	}
	t := telling{expunge: expunge, vanished: s.qresync, modseq: s.condstore, recent: !s.rev2}
	if s.notify != nil {
		s.notify.limit(&t, own)
	}
	fresh, flags := s.view.flush(s.enc, t)
	if s.notify != nil {
		s.tellUnasked(fresh)
	}
	return flags || fresh.from < fresh.to
}

// tellSteady says up to which mod-sequence the client knows all, while expunges, or
// what NOTIFY does not ask for, are held back behind MODSEQ data that are newer: a
// client that loses its connection then must not take these for its state (RFC 7162 §3.2).
func (s *session) tellSteady() {
	if v := s.view; v != nil && s.qresync && v.pending() {
		s.untagged("OK [HIGHESTMODSEQ %d] Changes are held back", v.steady)
	}
}

// highestTold is the HIGHESTMODSEQ of a command that made a change: without what
// NOTIFY keeps from the client.
func (s *session) highestTold(change store.Sequence) store.Sequence {
	v := s.view
	if n := s.notify; n != nil {
		var t telling
		n.limit(&t, s.owes)
		if t.noFlags && len(v.dirty) > 0 || t.noArrivals && v.told < len(v.uids) {
			return v.steady
		}
	}
	return max(change, v.highest)
}

// closeMailbox is CLOSE: \Deleted messages go without a word (RFC 9051 §6.4.1).
func (s *session) closeMailbox() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	v := s.view
	if !v.readOnly {
		_, modseq, err := s.backend.Expunge(s.ctx, v.id, nil, false)
		if err != nil {
			return s.failed(err)
		}
		if s.qresync && modseq > 0 { // RFC 7162 §3.2.8
			highest := max(modseq, v.highest)
			if v.pending() { // CLOSE tells no news
				highest = v.steady
			}
			s.deselect()
			return okCode(fmt.Sprintf("HIGHESTMODSEQ %d", highest), "CLOSE completed")
		}
	}
	s.deselect()
	return ok("CLOSE completed")
}

// unselect is UNSELECT, RFC 3691: CLOSE that expunges nothing.
func (s *session) unselect() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	s.deselect()
	return ok("UNSELECT completed")
}
