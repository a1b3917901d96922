package imapd

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// truth is the value of a search key on a message of which not all is read yet.
type truth int8

const (
	noMatch truth = iota - 1
	unknown
	match
)

func truthOf(b bool) truth {
	if b {
		return match
	}
	return noMatch
}

// searching runs one search program over a view: first with what the view and
// the store's index know, then over the heads of the messages still in doubt, then
// over the octets of those still in doubt after that.
type searching struct {
	s     *session
	v     *view
	key   *wire.SearchKey
	sets  map[*wire.SearchKey][]bool // by view index: SEQ and UID, and what the index says of a text key
	fold  map[*wire.SearchKey]string // folded needles
	saved []time.Time                // SAVEDATE by view index, when a key asks for it
	today time.Time
	buf   []byte // of the subject that is folded
}

func newSearching(s *session, v *view, key *wire.SearchKey) *searching {
	return &searching{s: s, v: v, key: key, today: s.srv.now(),
		sets: map[*wire.SearchKey][]bool{}, fold: map[*wire.SearchKey]string{}}
}

// candidate is the message that a key is asked about.
type candidate struct {
	i    int // view index
	head *store.Head
	dg   *message.Digest // nil: not read, or not yet decoded from head
	id   string          // of the message, once something of it is read
	raw  []byte
	// read says that raw is here; it may be empty.
	read bool
	// texts decoded on demand
	body    string
	hasBody bool
}

// run returns the view indexes that match, ascending.
func (x *searching) run() (found []int, err error) {
	x.s.patiently(func() { found, err = x.search() })
	return found, err
}

func (x *searching) search() ([]int, error) {
	if err := x.prepare(x.key); err != nil {
		return nil, err
	}
	var found []int
	var doubt []store.UID
	for i := range x.v.told {
		switch x.eval(x.key, &candidate{i: i}) {
		case match:
			found = append(found, i)
		case unknown:
			doubt = append(doubt, x.v.uids[i])
		}
	}
	if len(doubt) == 0 {
		return found, nil
	}
	progress := &x.s.progress
	progress.begin(len(doubt))
	var deep []store.UID
	err := x.s.backend.FetchHeads(x.s.ctx, x.v.id, doubt, func(h *store.Head) error {
		i, ok := x.v.find(h.UID, x.v.told)
		if !ok {
			return nil
		}
		switch x.eval(x.key, &candidate{i: i, head: h, id: h.ID}) {
		case match:
			found = append(found, i)
		case unknown:
			deep = append(deep, h.UID)
			return nil // its octets decide
		}
		progress.done.Add(1)
		return nil
	})
	for part := range slices.Chunk(deep, chunkEntries) {
		if err == nil {
			found, err = x.searchRaw(part, found)
		}
	}
	slices.Sort(found)
	return found, err
}

// searchRaw decides by the octets.
func (x *searching) searchRaw(uids []store.UID, found []int) ([]int, error) {
	msgs := make(map[store.UID]*store.Message, len(uids))
	err := x.s.backend.FetchMessages(x.s.ctx, x.v.id, uids, func(uid store.UID, m *store.Message) error {
		msgs[uid] = m
		return nil
	})
	if err != nil {
		return found, err
	}
	err = x.s.backend.FetchRaw(x.s.ctx, x.v.id, uids, func(uid store.UID, raw []byte) error {
		x.s.progress.done.Add(1)
		i, ok := x.v.find(uid, x.v.told)
		if m := msgs[uid]; ok && m != nil && x.eval(x.key, &candidate{i: i, dg: m.Digest, id: m.ID, raw: raw, read: true}) == match {
			found = append(found, i)
		}
		return nil
	})
	return found, err
}

// prepare resolves sets and asks the index about each text key, once.
func (x *searching) prepare(k *wire.SearchKey) error {
	switch k.Op {
	case wire.KeySeq, wire.KeyUID:
		x.sets[k] = x.resolve(k)
	case wire.KeySavedBefore, wire.KeySavedOn, wire.KeySavedSince:
		if err := x.readSaveDates(); err != nil {
			return err
		}
	case wire.KeyText, wire.KeyBody, wire.KeySubject, wire.KeyAddress, wire.KeyHeader:
		if err := x.narrow(k); err != nil {
			return err
		}
	}
	for i := range k.Children {
		if err := x.prepare(&k.Children[i]); err != nil {
			return err
		}
	}
	return nil
}

// narrow asks the index about a text key. What the head decides is not looked up in
// the texts: signatures alone leave few that do not match.
func (x *searching) narrow(k *wire.SearchKey) error {
	needle := message.Fold(k.Text)
	x.fold[k] = needle
	if strings.TrimSpace(needle) == "" {
		return nil // every message; the index cannot narrow it
	}
	var uids []store.UID
	var err error
	switch {
	case k.Op == wire.KeyAddress && strings.ContainsAny(needle, "<>"):
		return nil // the index has names and addresses apart
	case k.Op == wire.KeyAddress, k.Op == wire.KeySubject:
		uids, err = x.s.backend.MayHold(x.s.ctx, x.v.id, []string{needle})
	default:
		uids, err = x.s.backend.SearchMailbox(x.s.ctx, x.v.id, []string{needle}, nil)
	}
	if err != nil {
		return err
	}
	in := make([]bool, x.v.told)
	at := 0 // both ascend
	for _, uid := range uids {
		for at < x.v.told && x.v.uids[at] < uid {
			at++
		}
		if at < x.v.told && x.v.uids[at] == uid {
			in[at] = true
		}
	}
	x.sets[k] = in
	return nil
}

// readSaveDates reads every entry's SAVEDATE once, RFC 8514.
func (x *searching) readSaveDates() error {
	if x.saved != nil {
		return nil
	}
	x.saved = make([]time.Time, x.v.told)
	return x.s.backend.FetchRecords(x.s.ctx, x.v.id, x.v.uids[:x.v.told], func(r *store.Record) error {
		if i, ok := x.v.find(r.UID, x.v.told); ok {
			x.saved[i] = r.SaveDate.UTC()
		}
		return nil
	})
}

// resolve marks the entries of a set. A message sequence number that names no
// message matches none: SEARCH asks, it does not act.
func (x *searching) resolve(k *wire.SearchKey) []bool {
	in := make([]bool, x.v.told)
	set := k.Set
	uid := k.Op == wire.KeyUID
	var spans []span
	if set.Saved || uid {
		spans, _ = x.v.spans(set, true)
	} else {
		for _, r := range set.Resolve(uint32(x.v.told)) {
			spans = append(spans, span{min(int(r.Start)-1, x.v.told), min(int(r.Stop), x.v.told)})
		}
	}
	for _, sp := range spans {
		for i := sp.from; i < sp.to; i++ {
			in[i] = true
		}
	}
	return in
}

// eval is three-valued: unknown where what was read does not decide.
func (x *searching) eval(k *wire.SearchKey, c *candidate) truth {
	switch k.Op {
	case wire.KeyAnd:
		t := match
		for i := range k.Children {
			if t = min(t, x.eval(&k.Children[i], c)); t == noMatch {
				break
			}
		}
		return t
	case wire.KeyOr:
		if t := x.eval(&k.Children[0], c); t != match {
			return max(t, x.eval(&k.Children[1], c))
		}
		return match
	case wire.KeyNot:
		return -x.eval(&k.Children[0], c)
	case wire.KeySeq, wire.KeyUID:
		return truthOf(x.sets[k][c.i])
	}
	if t, known := x.evalState(k, c.i); known {
		return t
	}
	if in, indexed := x.sets[k]; indexed && !in[c.i] {
		return noMatch
	}
	return x.evalMessage(k, c)
}

// evalState decides what the view alone can.
func (x *searching) evalState(k *wire.SearchKey, i int) (truth, bool) {
	v := x.v
	date := func() time.Time { return time.Unix(0, v.dates[i]).UTC() }
	switch k.Op {
	case wire.KeyFlag:
		return truthOf(hasFlag(v, i, k.Text)), true
	case wire.KeyRecent:
		return truthOf(v.allFlags(i)&store.FlagRecent != 0), true
	case wire.KeyBefore, wire.KeyOn, wire.KeySince:
		return truthOf(onDay(k.Op-wire.KeyBefore, date(), k.Date)), true
	case wire.KeyLarger:
		return truthOf(uint64(v.sizes[i]) > k.Num), true
	case wire.KeySmaller:
		return truthOf(uint64(v.sizes[i]) < k.Num), true
	case wire.KeyOlder, wire.KeyYounger: // RFC 5032 §3
		age := x.today.Sub(date()) / time.Second
		if k.Op == wire.KeyOlder {
			return truthOf(age >= 0 && uint64(age) >= k.Num), true
		}
		return truthOf(age < 0 || uint64(age) <= k.Num), true
	case wire.KeyModSeq:
		return truthOf(uint64(v.modseqs[i]) >= k.Num), true
	case wire.KeySavedBefore, wire.KeySavedOn, wire.KeySavedSince:
		return truthOf(onDay(k.Op-wire.KeySavedBefore, x.saved[i], k.Date)), true
	case wire.KeySaveDateSupported:
		return match, true
	case wire.KeyThreadID: // no message has one
		return noMatch, true
	}
	return unknown, false
}

func hasFlag(v *view, i int, name string) bool {
	return slices.ContainsFunc(v.allFlags(i).Names(v.keywords), func(f string) bool { return strings.EqualFold(f, name) })
}

// onDay compares by day, disregarding time and zone (RFC 9051 §6.4.4). which is 0
// for before, 1 for on, 2 for since.
func onDay(which wire.KeyOp, t, day time.Time) bool {
	a := t.Year()*10000 + int(t.Month())*100 + t.Day()
	b := day.Year()*10000 + int(day.Month())*100 + day.Day()
	switch cmp.Compare(a, b) {
	case -1:
		return which == 0
	case 0:
		return which != 0
	}
	return which == 2
}

// digest is the message's, as far as it is read.
func (c *candidate) digest() *message.Digest {
	if c.dg == nil {
		c.dg = c.head.Digest()
	}
	return c.dg
}

// subject is the folded subject, until the next one.
func (x *searching) subject(c *candidate) []byte {
	if c.dg != nil {
		x.buf = message.AppendFold(x.buf[:0], []byte(c.dg.Subject))
	} else {
		x.buf = message.AppendFold(x.buf[:0], c.head.Subject())
	}
	return x.buf
}

// evalMessage decides by the record and then by the octets.
func (x *searching) evalMessage(k *wire.SearchKey, c *candidate) truth {
	needle := x.fold[k]
	if k.Op == wire.KeyText { // the index verified it
		return match
	}
	if c.id == "" {
		return unknown
	}
	switch k.Op {
	case wire.KeySubject:
		return truthOf(bytes.Contains(x.subject(c), []byte(needle)))
	case wire.KeyAddress:
		return truthOf(inAddresses(addressesOf(c.digest(), k.Field), needle))
	case wire.KeySentBefore, wire.KeySentOn, wire.KeySentSince:
		date := c.digest().Date
		return truthOf(!date.IsZero() && onDay(k.Op-wire.KeySentBefore, date, k.Date))
	case wire.KeyEmailID:
		return truthOf(c.id == k.Text)
	}
	if !c.read {
		return unknown
	}
	return x.evalRaw(k, c, needle)
}

func (x *searching) evalRaw(k *wire.SearchKey, c *candidate, needle string) truth {
	view := message.View{Raw: c.raw, Digest: c.dg}
	if k.Op == wire.KeyHeader {
		values := view.Header(k.Field)
		return truthOf(slices.ContainsFunc(values, func(v string) bool { return strings.Contains(message.Fold(v), needle) }))
	}
	if !c.hasBody {
		c.body, c.hasBody = message.Fold(bodyOf(view)), true
	}
	return truthOf(strings.Contains(c.body, needle))
}

// bodyOf is what BODY searches: the text, the visible HTML, textual attachments.
func bodyOf(view message.View) string {
	var b strings.Builder
	b.WriteString(view.BodyText())
	for _, p := range view.Digest.Parts {
		if p.Attachment {
			b.WriteByte('\n')
			b.WriteString(view.AttachmentText(p))
		}
	}
	return b.String()
}

func addressesOf(dg *message.Digest, field string) []model.Address {
	switch field {
	case "FROM":
		return dg.From
	case "TO":
		return dg.To
	case "CC":
		return dg.Cc
	}
	return dg.Bcc
}

func inAddresses(list []model.Address, needle string) bool {
	for _, a := range list {
		if strings.Contains(message.Fold(a.Name+" <"+a.Address+">"), needle) {
			return true
		}
	}
	return false
}
