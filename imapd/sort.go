package imapd

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// sortKey is sort-key of RFC 5256 §5 and RFC 5957 §5, with REVERSE before it or not.
type sortKey struct {
	word    string
	reverse bool
}

const maxSortKeys = 50

var sortWords = []string{"ARRIVAL", "CC", "DATE", "DISPLAYFROM", "DISPLAYTO", "FROM", "SIZE", "SUBJECT", "TO"}

// sort is SORT and UID SORT, RFC 5256 §3, with RETURN, RFC 5267 §3.
func (s *session) sort(uid bool) result {
	d := s.dec
	var ret searchReturn
	d.ExpectSP()
	ret.parseOptional(d)
	keys := parseSortKeys(d)
	rows, p, r := s.found()
	if rows == nil {
		s.forgetSaved(&ret, r)
		return r
	}
	if slices.ContainsFunc(keys, func(k sortKey) bool { return k.word == "SUBJECT" }) {
		for _, row := range rows {
			row.collated = message.Collate(row.subject)
		}
	}
	slices.SortStableFunc(rows, func(a, b *digested) int {
		for _, k := range keys {
			c := compareBy(k.word, a, b)
			if k.reverse {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(a.i, b.i) // RFC 5256 §3: sequence numbers break ties
	})
	order := make([]int, len(rows))
	for i, row := range rows {
		order[i] = row.i
	}
	s.tellFound("SORT", order, p, &ret, uid)
	return ok("SORT completed")
}

// parseSortKeys reads "(" sort-key *(SP sort-key) ")".
func parseSortKeys(d *wire.Decoder) (keys []sortKey) {
	reverse := false
	d.List(func() {
		word := upperAtom(d)
		switch {
		case word == "REVERSE" && !reverse:
			reverse = true
		case !slices.Contains(sortWords, word) || len(keys) >= maxSortKeys:
			d.Fail("unknown sort key " + word)
		default:
			keys = append(keys, sortKey{word, reverse})
			reverse = false
		}
	})
	if d.OK() && (len(keys) == 0 || reverse) {
		d.Fail("expected a sort key")
	}
	return keys
}

// digested is what SORT and THREAD compare of a message, folded once.
type digested struct {
	i            int // view index
	arrival      int64
	size         int64
	date         time.Time // sent date, RFC 5256 §2.2
	subject      string    // base subject, folded
	collated     string    // subject, where SORT compares it
	isReply      bool
	from, to, cc string // first addr-mailbox, collated
	displayFrom  string // first address as it is displayed, collated
	displayTo    string
	messageID    string
	references   []string
}

// digests reads the messages at some view indexes; one that is gone has none.
func (s *session) digests(found []int) (rows []*digested, err error) {
	s.patiently(func() { rows, err = s.readDigests(found) })
	return rows, err
}

func (s *session) readDigests(found []int) ([]*digested, error) {
	s.progress.begin(len(found))
	v := s.view
	uids := make([]store.UID, len(found))
	for k, i := range found {
		uids[k] = v.uids[i]
	}
	rows := make([]*digested, 0, len(found))
	err := s.backend.FetchMessages(s.ctx, v.id, uids, func(uid store.UID, m *store.Message) error {
		s.progress.done.Add(1)
		i, ok := v.find(uid, v.told)
		if !ok {
			return nil
		}
		dg := m.Digest
		row := &digested{i: i, arrival: v.dates[i], size: v.sizes[i], date: dg.Date.UTC(),
			from: firstMailbox(dg.From), to: firstMailbox(dg.To), cc: firstMailbox(dg.Cc),
			displayFrom: firstDisplay(dg.From), displayTo: firstDisplay(dg.To),
			messageID: dg.MessageID, references: dg.References}
		if dg.Date.IsZero() { // RFC 5256 §2.2: the internal date stands in
			row.date = time.Unix(0, v.dates[i]).UTC()
		}
		if len(row.references) == 0 && len(dg.InReplyTo) > 0 { // RFC 5256 §3 REFERENCES (1)
			row.references = dg.InReplyTo[:1]
		}
		row.subject, row.isReply = baseSubject(dg.Subject)
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

// firstMailbox is the local-part of the first address, collated (RFC 5256 §3 FROM).
func firstMailbox(list []model.Address) string {
	if len(list) == 0 {
		return ""
	}
	addr := list[0].Address
	if at := strings.LastIndexByte(addr, '@'); at >= 0 {
		addr = addr[:at]
	}
	return message.Collate(addr)
}

// firstDisplay is the DISPLAY sort value of the first address, collated: its decoded
// name, else the whole address (RFC 5957 §3).
func firstDisplay(list []model.Address) string {
	if len(list) == 0 {
		return ""
	}
	if name := list[0].Name; name != "" {
		return message.Collate(name)
	}
	return message.Collate(list[0].Address)
}

func compareBy(word string, a, b *digested) int {
	switch word {
	case "ARRIVAL":
		return cmp.Compare(a.arrival, b.arrival)
	case "DATE":
		return a.date.Compare(b.date)
	case "SIZE":
		return cmp.Compare(a.size, b.size)
	case "SUBJECT":
		return strings.Compare(a.collated, b.collated)
	case "FROM":
		return strings.Compare(a.from, b.from)
	case "TO":
		return strings.Compare(a.to, b.to)
	case "DISPLAYFROM":
		return strings.Compare(a.displayFrom, b.displayFrom)
	case "DISPLAYTO":
		return strings.Compare(a.displayTo, b.displayTo)
	}
	return strings.Compare(a.cc, b.cc)
}

// found reads what ends SORT and THREAD, a charset and search keys (RFC 5256 §3),
// and returns the digests of what matches; nil when the result says why there are none.
func (s *session) found() ([]*digested, *program, result) {
	d := s.dec
	p := &program{}
	d.ExpectSP()
	p.charset = d.AString()
	d.ExpectSP()
	p.key = d.SearchKeys()
	if !d.ExpectEnd() {
		return nil, p, result{}
	}
	found, r := s.find(p)
	if r.status != "" {
		return nil, p, r
	}
	rows, err := s.digests(found)
	if err != nil {
		return nil, p, s.failed(err)
	}
	if rows == nil {
		rows = []*digested{} // nothing matched, which is an answer
	}
	return rows, p, result{}
}
