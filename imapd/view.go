package imapd

import (
	"slices"
	"sort"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// view is what this client believes about the selected mailbox: the UIDs in
// order, both translations between them and message sequence numbers, and the
// news that it has not been told. It is moved by the store's deltas and knows
// no socket.
//
// The slices are parallel. Entries from told on are in the store but were not
// announced by EXISTS; the client's message sequence numbers are 1…told.
type view struct {
	id       store.MailboxID
	name     string
	readOnly bool
	uidOnly  bool // the client's: UIDFETCH and VANISHED in place of FETCH and EXPUNGE
	uids     []store.UID
	flags    []store.Flags
	modseqs  []store.Sequence
	sizes    []int64
	dates    []int64 // Unix nanoseconds
	keywords []string
	told     int
	dirty    map[store.UID]struct{} // flags changed, not told
	gone     []store.UID            // removed from the store, not told; ascending
	recent   wire.Set               // UIDs that are \Recent to this session
	highest  store.Sequence         // the view knows all changes up to here
	steady   store.Sequence         // the client was told all changes up to here
	announce bool                   // the keyword list grew: FLAGS is due
	saved    []store.UID            // SEARCHRES: the result of the last SEARCH RETURN (SAVE)
}

// newView begins with a snapshot, all of which SELECT tells.
func newView(st *store.MailboxState, readOnly bool) *view {
	return &view{
		id: st.ID, name: st.Name, readOnly: readOnly,
		uids: st.UIDs, flags: st.Flags, modseqs: st.ModSeqs, sizes: st.Sizes, dates: st.Dates,
		keywords: st.Keywords, told: len(st.UIDs), highest: st.HighestModSeq,
		steady: st.HighestModSeq, dirty: map[store.UID]struct{}{},
	}
}

// lastUID is the highest UID the client knows, 0 in an empty mailbox.
func (v *view) lastUID() store.UID {
	if v.told == 0 {
		return 0
	}
	return v.uids[v.told-1]
}

// find returns the index of a UID among the first n entries.
func (v *view) find(uid store.UID, n int) (int, bool) {
	i := sort.Search(n, func(i int) bool { return v.uids[i] >= uid })
	return i, i < n && v.uids[i] == uid
}

// span is a run of indexes, end exclusive.
type span struct{ from, to int }

func countSpans(spans []span) (n int) {
	for _, s := range spans {
		n += s.to - s.from
	}
	return n
}

// spans translates a set into runs of indexes among the told entries. ok is false
// when a message sequence number names no message (RFC 9051 §9, seq-number).
func (v *view) spans(set wire.NumSet, uid bool) (out []span, ok bool) {
	if set.Saved {
		return v.savedSpans(), true
	}
	if !uid {
		last := uint32(v.told)
		if last == 0 || set.Max() > last {
			return nil, false
		}
		for _, r := range set.Resolve(last) {
			out = append(out, span{int(r.Start) - 1, int(r.Stop)})
		}
		return out, true
	}
	for _, r := range set.Resolve(uint32(v.lastUID())) {
		from, _ := v.find(store.UID(r.Start), v.told)
		to := v.told
		if r.Stop < 1<<32-1 {
			to, _ = v.find(store.UID(r.Stop)+1, v.told)
		}
		if from < to {
			out = append(out, span{from, to})
		}
	}
	return out, true
}

func (v *view) savedSpans() (out []span) {
	for _, uid := range v.saved {
		if i, ok := v.find(uid, v.told); ok {
			if n := len(out); n > 0 && out[n-1].to == i {
				out[n-1].to++
			} else {
				out = append(out, span{i, i + 1})
			}
		}
	}
	return out
}

// uidsOf lists the UIDs of some runs.
func (v *view) uidsOf(spans []span) []store.UID {
	out := make([]store.UID, 0, countSpans(spans))
	for _, s := range spans {
		out = append(out, v.uids[s.from:s.to]...)
	}
	return out
}

// isGone reports whether an entry was removed without the client knowing.
func (v *view) isGone(uid store.UID) bool {
	_, ok := slices.BinarySearch(v.gone, uid)
	return ok
}

// apply takes what happened after v.highest.
func (v *view) apply(d *store.MailboxDelta) {
	if len(d.Keywords) > len(v.keywords) {
		v.announce = true
	}
	v.keywords = d.Keywords
	for _, e := range d.Entries {
		i, ok := v.find(e.UID, len(v.uids))
		switch {
		case ok && (v.flags[i] != e.Flags || v.modseqs[i] != e.ModSeq):
			v.flags[i], v.modseqs[i] = e.Flags, e.ModSeq
			if i < v.told {
				v.dirty[e.UID] = struct{}{}
			}
		case !ok && i == len(v.uids):
			v.uids = append(v.uids, e.UID)
			v.flags = append(v.flags, e.Flags)
			v.modseqs = append(v.modseqs, e.ModSeq)
			v.sizes = append(v.sizes, e.Size)
			v.dates = append(v.dates, e.Date)
		}
	}
	v.expunged(d.Expunged)
	v.highest = max(v.highest, d.HighestModSeq)
}

// compare finds what was removed by looking at a snapshot, when the store's record
// of expunges does not reach back.
func (v *view) compare(st *store.MailboxState) {
	d := store.MailboxDelta{HighestModSeq: st.HighestModSeq, Keywords: st.Keywords}
	for i, uid := range st.UIDs {
		d.Entries = append(d.Entries, store.EntryState{UID: uid, Flags: st.Flags[i], ModSeq: st.ModSeqs[i],
			Size: st.Sizes[i], Date: st.Dates[i]})
	}
	for _, uid := range v.uids {
		if _, ok := slices.BinarySearch(st.UIDs, uid); !ok {
			d.Expunged = append(d.Expunged, uid)
		}
	}
	v.apply(&d)
}

// expunged notes removals: what the client does not know vanishes at once, the
// rest waits to be told.
func (v *view) expunged(uids []store.UID) {
	var untold []store.UID
	for _, uid := range uids {
		i, ok := v.find(uid, len(v.uids))
		if !ok {
			continue
		}
		if i >= v.told {
			untold = append(untold, uid)
			continue
		}
		delete(v.dirty, uid)
		if at, known := slices.BinarySearch(v.gone, uid); !known {
			v.gone = slices.Insert(v.gone, at, uid)
		}
	}
	v.remove(untold)
}

// remove takes UIDs, ascending, out of every slice.
func (v *view) remove(uids []store.UID) {
	if len(uids) == 0 {
		return
	}
	w, next, told := 0, 0, v.told
	for r := range v.uids {
		if next < len(uids) && v.uids[r] == uids[next] {
			next++
			if r < told {
				v.told--
			}
			continue
		}
		v.uids[w], v.flags[w], v.modseqs[w] = v.uids[r], v.flags[r], v.modseqs[r]
		v.sizes[w], v.dates[w] = v.sizes[r], v.dates[r]
		w++
	}
	v.uids, v.flags, v.modseqs = v.uids[:w], v.flags[:w], v.modseqs[:w]
	v.sizes, v.dates = v.sizes[:w], v.dates[:w]
}

// set notes flags that this session stored; the caller tells them.
func (v *view) set(i int, f store.Flags, modseq store.Sequence) {
	v.flags[i], v.modseqs[i] = f, modseq
	delete(v.dirty, v.uids[i])
}

// allFlags are an entry's flags with \Recent.
func (v *view) allFlags(i int) store.Flags {
	f := v.flags[i]
	if len(v.recent) > 0 && v.recent.Contains(uint32(v.uids[i])) {
		f |= store.FlagRecent
	}
	return f
}

// recentCount counts the told entries that are \Recent.
func (v *view) recentCount() (n int) {
	for _, r := range v.recent {
		from, _ := v.find(store.UID(r.Start), v.told)
		to, ok := v.find(store.UID(r.Stop), v.told)
		if ok {
			to++
		}
		n += to - from
	}
	return n
}

// pending reports whether there is news that the client was not told.
func (v *view) pending() bool { return v.told < len(v.uids) || len(v.gone) > 0 || len(v.dirty) > 0 }

// telling is how the client wants its news.
type telling struct {
	expunge  bool // EXPUNGE may be sent now, RFC 9051 §7.5.1
	vanished bool // by VANISHED, RFC 7162 §3.2.10
	modseq   bool // MODSEQ in every FETCH, RFC 7162 §3.2
	recent   bool // rev1: RECENT is told
	// NOTIFY without MessageNew, and without FlagChange: these wait.
	noArrivals, noFlags bool
}

// flush tells all news that may be told. It returns the entries that EXISTS announced,
// and whether flags were told.
func (v *view) flush(e *wire.Encoder, t telling) (fresh span, flags bool) {
	if t.expunge && len(v.gone) > 0 {
		v.tellGone(e, t.vanished || v.uidOnly)
	}
	if v.announce {
		v.announce = false
		v.tellKeywords(e)
	}
	if v.told < len(v.uids) && !t.noArrivals {
		fresh = span{v.told, len(v.uids)}
		v.told = len(v.uids)
		e.Atom("* ")
		e.Number(uint64(v.told))
		e.Atom(" EXISTS\r\n")
		if t.recent {
			e.Atom("* ")
			e.Number(uint64(v.recentCount()))
			e.Atom(" RECENT\r\n")
		}
	}
	if flags = len(v.dirty) > 0 && !t.noFlags; flags {
		v.tellFlags(e, t.modseq)
	}
	if !v.pending() {
		v.steady = v.highest
	}
	return fresh, flags
}

// tellGone sends the highest number first, so that none shifts another.
func (v *view) tellGone(e *wire.Encoder, vanished bool) {
	if vanished {
		var set wire.Set
		for _, uid := range v.gone {
			set = set.Add(uint32(uid))
		}
		e.Atom("* VANISHED ")
		e.Set(set)
		e.CRLF()
	} else {
		for k := len(v.gone) - 1; k >= 0; k-- {
			i, _ := v.find(v.gone[k], v.told)
			e.Atom("* ")
			e.Number(uint64(i + 1))
			e.Atom(" EXPUNGE\r\n")
		}
	}
	v.remove(v.gone)
	v.gone = v.gone[:0]
}

func (v *view) tellFlags(e *wire.Encoder, modseq bool) {
	if len(v.dirty) == 0 {
		return
	}
	uids := make([]store.UID, 0, len(v.dirty))
	for uid := range v.dirty {
		uids = append(uids, uid)
	}
	slices.Sort(uids)
	for _, uid := range uids {
		if i, ok := v.find(uid, v.told); ok {
			v.tellEntry(e, i, true, true, modseq)
		}
	}
	clear(v.dirty)
}

// openFetch begins the response about an entry: FETCH, or UIDFETCH (RFC 9586 §3.3).
func (v *view) openFetch(e *wire.Encoder, i int) {
	e.Atom("* ")
	e.Number(v.number(i, v.uidOnly))
	if v.uidOnly {
		e.Atom(" UIDFETCH (")
	} else {
		e.Atom(" FETCH (")
	}
}

// tellEntry writes one FETCH response of an entry's state. A UIDFETCH response has
// the UID in front and not among its items.
func (v *view) tellEntry(e *wire.Encoder, i int, uid, flags, modseq bool) {
	v.openFetch(e, i)
	sep := ""
	if uid && !v.uidOnly {
		e.Atom("UID ")
		e.Number(uint64(v.uids[i]))
		sep = " "
	}
	if flags {
		e.Atom(sep)
		e.Atom("FLAGS ")
		v.appendFlags(e, i)
		sep = " "
	}
	if modseq {
		e.Atom(sep)
		e.Atom("MODSEQ (")
		e.Number(uint64(v.modseqs[i]))
		e.Byte(')')
	}
	e.Atom(")\r\n")
}

// appendFlags writes an entry's flag list; the common ones without allocating.
func (v *view) appendFlags(e *wire.Encoder, i int) {
	switch f := v.allFlags(i); f {
	case 0:
		e.Atom("()")
	case store.FlagSeen:
		e.Atom(`(\Seen)`)
	default:
		e.Flags(f.Names(v.keywords))
	}
}

// tellKeywords sends FLAGS and PERMANENTFLAGS, RFC 9051 §7.3.5 and §7.1.
func (v *view) tellKeywords(e *wire.Encoder) {
	flags := append([]string{`\Answered`, `\Flagged`, `\Deleted`, `\Seen`, `\Draft`}, v.keywords...)
	e.Atom("* FLAGS ")
	e.Flags(flags)
	e.CRLF()
	e.Atom("* OK [PERMANENTFLAGS ")
	switch {
	case v.readOnly:
		e.Atom("()] No flag can be changed")
	case len(v.keywords) < store.MaxKeywords:
		e.Flags(append(flags, `\*`))
		e.Atom("] Flags that are kept")
	default:
		e.Flags(flags)
		e.Atom("] Flags that are kept; no room for another keyword")
	}
	e.CRLF()
}
