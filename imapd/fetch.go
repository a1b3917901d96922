package imapd

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/store"
)

// chunkEntries is how many messages a FETCH reads of the store at a time when it
// needs more than one kind of data, which then waits in memory; one kind alone
// streams, in batches of the store's own.
const (
	chunkEntries  = 256
	streamEntries = 1 << 16
)

// errUnknownCTE ends a FETCH of BINARY that cannot be decoded.
var errUnknownCTE = errors.New("unknown transfer encoding")

// fetch is FETCH and UID FETCH, RFC 9051 §6.4.5.
func (s *session) fetch(uid bool) result {
	r := parseFetch(s.dec, uid, !s.uidOnly)
	if !s.dec.OK() {
		return result{}
	}
	v := s.view
	if r.vanished && !s.qresync {
		return bad("ENABLE QRESYNC first (RFC 7162 section 3.2.6)")
	}
	if r.hasSince || r.modseq {
		s.condstore = true // a CONDSTORE enabling command, RFC 7162 §3.1
	}
	spans, valid := v.spans(r.set, uid)
	if !valid {
		return bad("no such message sequence number")
	}
	if r.vanished {
		if res := s.fetchVanished(r); res.status != "" {
			return res
		}
	}
	if r.paged { // RFC 9394 §3.4: before CHANGEDSINCE looks at what is left
		spans = page(spans, r.partial)
	}
	if r.hasSince {
		spans = v.changedSince(spans, r.changedSince)
	}
	var touched map[store.UID]struct{}
	if r.seen && !v.readOnly {
		var err error
		if touched, err = s.setSeen(spans); err != nil {
			return s.failed(err)
		}
	}
	f := &fetching{s: s, r: r, touched: touched}
	if err := f.run(spans); err != nil {
		if errors.Is(err, errUnknownCTE) {
			return no("UNKNOWN-CTE", "a part's transfer encoding cannot be undone")
		}
		return s.failed(err)
	}
	if f.missed > 0 { // DESIGN §2: the rest was sent
		return no("EXPUNGEISSUED", "some of the messages were expunged")
	}
	return ok("FETCH completed")
}

// fetchVanished answers the VANISHED modifier, RFC 7162 §3.2.6.
func (s *session) fetchVanished(r *fetchRequest) result {
	delta, err := s.backend.EntriesSince(s.ctx, s.view.id, r.changedSince)
	if err != nil {
		return s.failed(err)
	}
	known := r.set.Resolve(uint32(s.view.lastUID()))
	if set := s.view.vanishedSince(&delta, known, nil); len(set) > 0 {
		s.tellVanishedEarlier(set)
	}
	return result{}
}

// page keeps the window of the entries that PARTIAL names.
func page(spans []span, p wire.PartialRange) (out []span) {
	from, to := p.Cut(countSpans(spans))
	for _, sp := range spans {
		n := sp.to - sp.from
		if a, b := max(from, 0), min(to, n); a < b {
			out = append(out, span{sp.from + a, sp.from + b})
		}
		from, to = from-n, to-n
	}
	return out
}

// changedSince keeps the entries with a higher mod-sequence, RFC 7162 §3.1.4.1.
func (v *view) changedSince(spans []span, since store.Sequence) (out []span) {
	for _, sp := range spans {
		for i := sp.from; i < sp.to; i++ {
			if v.modseqs[i] <= since {
				continue
			}
			if n := len(out); n > 0 && out[n-1].to == i {
				out[n-1].to++
			} else {
				out = append(out, span{i, i + 1})
			}
		}
	}
	return out
}

// setSeen marks what BODY[…] without PEEK reads, in one commit.
func (s *session) setSeen(spans []span) (map[store.UID]struct{}, error) {
	v := s.view
	var uids []store.UID
	for _, sp := range spans {
		for i := sp.from; i < sp.to; i++ {
			if v.flags[i]&store.FlagSeen == 0 && !v.isGone(v.uids[i]) {
				uids = append(uids, v.uids[i])
			}
		}
	}
	if len(uids) == 0 {
		return nil, nil
	}
	results, err := s.backend.StoreFlags(s.ctx, v.id, uids, store.FlagChange{Op: store.AddFlags, Flags: []string{`\Seen`}})
	if err != nil {
		return nil, err
	}
	touched := make(map[store.UID]struct{}, len(results))
	for _, r := range results {
		if i, ok := v.find(r.UID, v.told); ok {
			v.set(i, r.Flags, r.ModSeq)
			touched[r.UID] = struct{}{}
		}
	}
	return touched, nil
}

// fetching is one FETCH under way.
type fetching struct {
	s       *session
	r       *fetchRequest
	touched map[store.UID]struct{} // \Seen was set by this FETCH
	unasked bool                   // NOTIFY: nobody can be told NO
	missed  int
	entries map[store.UID]*entryData // of the chunk, when more than one read is needed
	one     entryData                // of the message at hand, when one read does
}

// entryData is what was read of one message.
type entryData struct {
	id       string
	saved    time.Time
	envelope []byte
	body     []byte
	struc    []byte
	msg      *store.Message
	raw      []byte
	read     bool // raw, which may be empty
}

// run goes over the entries in chunks.
func (f *fetching) run(spans []span) error {
	size := streamEntries
	if f.r.need&(f.r.need-1) != 0 {
		size = chunkEntries
	}
	for _, sp := range spans {
		for from := sp.from; from < sp.to; from += size {
			if err := f.chunk(from, min(from+size, sp.to)); err != nil {
				return err
			}
			f.s.enc.Drain()
			if err := f.s.enc.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// chunk answers for entries from…to. The last read renders, so that a FETCH that
// needs one kind of data alone copies nothing.
func (f *fetching) chunk(from, to int) error {
	s, v := f.s, f.s.view
	uids := v.uids[from:to]
	if len(v.gone) > 0 {
		uids = slices.DeleteFunc(slices.Clone(uids), v.isGone)
		f.missed += to - from - len(uids)
	}
	if f.r.need == 0 {
		for i := from; i < to; i++ {
			if len(v.gone) == 0 || !v.isGone(v.uids[i]) {
				if err := f.render(i, &f.one); err != nil {
					return err
				}
				s.enc.Drain()
			}
		}
		return nil
	}
	f.entries = make(map[store.UID]*entryData)
	left, seen := f.r.need, 0
	at := from
	emit := func(uid store.UID, e *entryData) error {
		seen++
		for at < to && v.uids[at] != uid {
			at++
		}
		if at == to {
			return nil
		}
		if err := f.render(at, e); err != nil {
			return err
		}
		s.enc.Drain() // the store calls outside of its views
		return s.enc.Err()
	}
	if left&needRecord != 0 {
		left &^= needRecord
		if err := s.backend.FetchRecords(s.ctx, v.id, uids, func(rec *store.Record) error {
			return f.takeRecord(rec, left == 0, emit)
		}); err != nil {
			return err
		}
	}
	if left&needMessage != 0 {
		left &^= needMessage
		if err := s.backend.FetchMessages(s.ctx, v.id, uids, func(uid store.UID, m *store.Message) error {
			e := f.entry(uid)
			e.msg = m
			if left == 0 {
				return emit(uid, e)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if left&needRaw != 0 {
		if err := s.backend.FetchRaw(s.ctx, v.id, uids, func(uid store.UID, raw []byte) error {
			e := f.entries[uid]
			if e == nil {
				e = &f.one
			}
			e.raw, e.read = raw, true
			delete(f.entries, uid)
			return emit(uid, e)
		}); err != nil {
			return err
		}
	}
	f.missed += len(uids) - seen
	return nil
}

func (f *fetching) entry(uid store.UID) *entryData {
	e := f.entries[uid]
	if e == nil {
		e = &entryData{}
		f.entries[uid] = e
	}
	return e
}

func (f *fetching) takeRecord(rec *store.Record, last bool, emit func(store.UID, *entryData) error) error {
	if last {
		f.one = entryData{id: rec.ID, saved: rec.SaveDate, envelope: rec.Envelope, body: rec.Body, struc: rec.BodyStructure}
		return emit(rec.UID, &f.one)
	}
	*f.entry(rec.UID) = entryData{id: rec.ID, saved: rec.SaveDate, envelope: bytes.Clone(rec.Envelope),
		body: bytes.Clone(rec.Body), struc: bytes.Clone(rec.BodyStructure)}
	return nil
}

// render writes one FETCH response.
func (f *fetching) render(i int, d *entryData) error {
	s, v, e := f.s, f.s.view, f.s.enc
	if f.r.need&needRecord != 0 && d.id == "" || f.r.need&needMessage != 0 && d.msg == nil || f.r.need&needRaw != 0 && !d.read {
		f.missed++ // gone between two reads
		return nil
	}
	v.openFetch(e, i)
	for k := range f.r.items {
		if k > 0 {
			e.SP()
		}
		err := f.renderItem(&f.r.items[k], i, d)
		if f.unasked && errors.Is(err, errUnknownCTE) {
			e.NIL()
		} else if err != nil {
			e.Atom("NIL)\r\n")
			return err
		}
	}
	_, touched := f.touched[v.uids[i]]
	if touched && s.condstore && !f.r.uid && !s.uidOnly { // RFC 7162 §3.2.4
		e.Atom(" UID ")
		e.Number(uint64(v.uids[i]))
	}
	if touched && !f.r.flags {
		e.Atom(" FLAGS ")
		v.appendFlags(e, i)
	}
	if s.condstore && !f.r.modseq && (f.r.flags || touched) {
		e.Atom(" MODSEQ (")
		e.Number(uint64(v.modseqs[i]))
		e.Byte(')')
	}
	if f.r.flags || touched {
		delete(v.dirty, v.uids[i])
	}
	e.Atom(")\r\n")
	return nil
}

func (f *fetching) renderItem(it *item, i int, d *entryData) error {
	v, e := f.s.view, f.s.enc
	switch it.kind {
	case itemFlags:
		e.Atom("FLAGS ")
		v.appendFlags(e, i)
	case itemUID:
		e.Atom("UID ")
		e.Number(uint64(v.uids[i]))
	case itemInternalDate:
		e.Atom("INTERNALDATE ")
		e.DateTime(time.Unix(0, v.dates[i]).UTC())
	case itemSize:
		e.Atom("RFC822.SIZE ")
		e.Number(uint64(v.sizes[i]))
	case itemEnvelope:
		e.Atom("ENVELOPE ")
		e.Raw(d.envelope)
	case itemBody:
		e.Atom("BODY ")
		e.Raw(d.body)
	case itemBodyStructure:
		e.Atom("BODYSTRUCTURE ")
		e.Raw(d.struc)
	case itemModSeq:
		e.Atom("MODSEQ (")
		e.Number(uint64(v.modseqs[i]))
		e.Byte(')')
	case itemEmailID:
		e.Atom("EMAILID (" + d.id + ")")
	case itemThreadID: // NIL: threads are not kept, RFC 8474 §5.2
		e.Atom("THREADID NIL")
	case itemSaveDate:
		e.Atom("SAVEDATE ")
		e.DateTime(d.saved.UTC())
	case itemPreview:
		e.Atom("PREVIEW ")
		e.String(d.msg.Digest.Snippet)
	case itemSection:
		f.renderSection(it, d)
	default:
		return f.renderBinary(it, d)
	}
	return nil
}

func digestOf(d *entryData) *message.Digest {
	if d.msg == nil {
		return nil
	}
	return d.msg.Digest
}

func (f *fetching) renderSection(it *item, d *entryData) {
	e := f.s.enc
	it.label(e)
	e.SP()
	if b, ok := it.section.octets(d.raw, digestOf(d)); ok {
		e.Literal(it.section.cut(b))
	} else {
		e.NIL()
	}
}

// renderBinary writes BINARY[…] and BINARY.SIZE[…], RFC 3516 §4.2, §4.3.
func (f *fetching) renderBinary(it *item, d *entryData) error {
	e := f.s.enc
	it.label(e)
	e.SP()
	b, ok, known := it.section.binary(d.raw, digestOf(d))
	switch {
	case !known:
		return errUnknownCTE
	case it.kind == itemBinarySize:
		e.Number(uint64(len(b)))
	case !ok:
		e.NIL()
	default:
		b = it.section.cut(b)
		e.LiteralHead(len(b), bytes.IndexByte(b, 0) >= 0)
		e.Data(b)
	}
	return nil
}

// chosen is the set of told entries that a set names, with the answer to give
// when it names none that can be.
func (s *session) chosen(set wire.NumSet, uid bool) ([]store.UID, []span, result) {
	spans, valid := s.view.spans(set, uid)
	if !valid {
		return nil, nil, bad("no such message sequence number")
	}
	return s.view.uidsOf(spans), spans, result{}
}
