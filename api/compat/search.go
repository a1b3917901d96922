package compat

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // search takes names of time zones, and a container may have none
	"unicode"

	addr "github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// maxTerms bounds a search, as filters are.
const maxTerms = filter.MaxClauses

// search is a compiled search: what our grammar says, and what it cannot say.
type search struct {
	filter *filter.Filter
	also   []func(*store.Message) bool
	words  []string // folded: they stand in the search text of what also takes
	parts  bool     // also looks at parts, not at what a summary has alone
	// envelope is a whole address that is all of the search, lower-cased. The search
	// text has no forward-paths and reverse-path, as Mailpit's has.
	envelope string
}

func (s *search) holds() func(*store.Message) bool {
	if len(s.also) == 0 {
		return nil
	}
	return func(m *store.Message) bool {
		for _, test := range s.also {
			if !test(m) {
				return false
			}
		}
		return true
	}
}

// query is the store's query for a search.
func (s *search) query(sandbox string) store.Query {
	return store.Query{Sandbox: sandbox, Filter: s.filter, Also: s.holds(), Needles: s.words, AlsoHeads: !s.parts, CountUnread: true}
}

// inEnvelope is the search for what query finds in no text: messages with the
// address in their envelope. Only where one address was asked for; else nil.
func (s *search) inEnvelope(sandbox string) *store.Query {
	if s.envelope == "" {
		return nil
	}
	return &store.Query{Sandbox: sandbox, Address: s.envelope, AlsoHeads: true, CountUnread: true, Also: func(m *store.Message) bool {
		same := func(a string) bool { return strings.ToLower(a) == s.envelope }
		return same(m.ReversePath) || slices.ContainsFunc(m.ForwardPaths, same)
	}}
}

// term is one word of a search.
type term struct {
	key, value string // key is "" for plain text
	negated    bool
}

// searchKeys are the words that may stand before a colon.
var searchKeys = []string{
	"to", "from", "cc", "bcc", "reply-to", "addressed", "subject", "message-id", "tag", "is", "has", "before", "after", "larger", "smaller",
}

// terms takes a search apart at its blanks; quotes keep words together, wherever
// they stand. A leading - or ! turns a term round.
func terms(q string) []term {
	var out []term
	for q = strings.TrimLeftFunc(q, unicode.IsSpace); q != ""; q = strings.TrimLeftFunc(q, unicode.IsSpace) {
		var t term
		if (q[0] == '-' || q[0] == '!') && len(q) > 1 && !unicode.IsSpace(rune(q[1])) {
			t.negated, q = true, q[1:]
		}
		plain := q[0] == '"' || q[0] == '\'' && strings.Count(q, "'") > 1
		var word string
		word, q = nextWord(q)
		if key, value, ok := strings.Cut(word, ":"); ok && slices.Contains(searchKeys, strings.ToLower(key)) {
			t.key, t.value = strings.ToLower(key), strings.TrimSpace(value)
		} else {
			t.value = word
		}
		if plain && t.key != "" && !strings.Contains(word, " ") {
			t.key, t.value = "", word // "to:x" in quotes is text
		}
		if strings.TrimSpace(t.value) != "" {
			out = append(out, t)
		}
	}
	return out
}

// nextWord reads up to a blank outside of quotes; the quotes go.
func nextWord(q string) (word, rest string) {
	var b strings.Builder
	quoted := rune(0)
	for i, c := range q {
		switch {
		case quoted == 0 && c == '"', quoted == 0 && c == '\'' && i == 0 && strings.Count(q, "'") > 1:
			quoted = c
		case quoted == c && quoted != 0:
			quoted = 0
		case quoted == 0 && unicode.IsSpace(c):
			return b.String(), q[i:]
		default:
			b.WriteRune(c)
		}
	}
	return b.String(), ""
}

// compiler gathers conditions of our grammar and tests beyond it.
type compiler struct {
	args   []string
	also   []func(*store.Message) bool
	narrow []string // as search.words
	parts  bool     // as search.parts
	zone   *time.Location
	tags   map[string]int // of the sandbox
}

// compile reads Mailpit's search grammar. What it cannot read is an error: a
// condition that is passed over would widen what a DELETE removes.
func compile(q, tz string, tags map[string]int) (*search, error) {
	c := compiler{zone: time.Local, tags: tags}
	if tz != "" {
		zone, err := time.LoadLocation(tz)
		if err != nil {
			return nil, bad("%q is not a time zone such as Europe/Berlin", tz)
		}
		c.zone = zone
	}
	list := terms(q)
	if len(list) == 0 {
		return nil, bad("Error: no search query")
	}
	if len(list) > maxTerms/2 {
		return nil, bad("a search has at most %d terms", maxTerms/2)
	}
	for _, t := range list {
		if err := c.term(t); err != nil {
			return nil, err
		}
	}
	f, err := filter.ParseArgs(c.args, time.Now())
	if err != nil {
		return nil, err
	}
	envelope := ""
	if len(list) == 1 && list[0].key == "" && !list[0].negated {
		if _, err := addr.ParseMailbox(list[0].value); err == nil {
			envelope = strings.ToLower(list[0].value)
		}
	}
	return &search{envelope: envelope, filter: f, also: c.also, words: c.narrow, parts: c.parts}, nil
}

// condition adds FIELD.OP=VALUE.
func (c *compiler) condition(negated bool, key, value string) {
	if negated {
		key = "not." + key
	}
	c.args = append(c.args, key+"="+value)
}

// words adds a phrase that must stand in what q searches.
func (c *compiler) words(negated bool, s string) {
	c.condition(negated, "q", `"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)+`"`)
}

func (c *compiler) test(negated bool, fn func(*store.Message) bool) {
	c.also = append(c.also, func(m *store.Message) bool { return fn(m) != negated })
}

func (c *compiler) term(t term) error {
	switch t.key {
	case "":
		c.words(t.negated, t.value)
	case "to", "from", "cc", "reply-to", "bcc", "addressed":
		c.addressed(t)
	case "subject":
		c.condition(t.negated, "subject.contains", t.value)
	case "message-id":
		if id := strings.Trim(t.value, "<> "); id != "" {
			c.condition(t.negated, "message_id.contains", id)
		}
	case "tag":
		c.tagged(t)
	case "is":
		return c.is(t)
	case "has":
		return c.has(t)
	case "before", "after":
		at, err := readTime(t.value, c.zone)
		if err != nil {
			return err
		}
		op := "received_at.lt"
		if t.key == "after" {
			op = "received_at.gte"
		}
		c.condition(t.negated, op, at.Format(time.RFC3339Nano))
	case "larger", "smaller":
		n, err := readSize(t.value)
		if err != nil {
			return err
		}
		op := "size.gt"
		if t.key == "smaller" {
			op = "size.lt"
		}
		c.condition(t.negated, op, strconv.FormatInt(n, 10))
	}
	return nil
}

// addressed looks into the names and addresses of header fields. Where these
// alone are asked for, the words stand in the search text too, so that its index
// narrows the search; envelope recipients (bcc) do not.
func (c *compiler) addressed(t term) {
	value := strings.ToLower(t.value)
	lists := func(m *store.Message) [][]model.Address {
		d := m.Digest
		switch t.key {
		case "to":
			return [][]model.Address{d.To}
		case "from":
			return [][]model.Address{d.From}
		case "cc":
			return [][]model.Address{d.Cc}
		case "reply-to":
			return [][]model.Address{d.ReplyTo}
		case "bcc":
			return [][]model.Address{blind(m)}
		}
		return [][]model.Address{d.From, d.To, d.Cc, blind(m), d.ReplyTo}
	}
	word := strings.Trim(value, "<>")
	if t.key != "bcc" && t.key != "addressed" && !t.negated && word != "" && !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsSpace(r) || r == '<' || r == '>' }) {
		c.narrow = append(c.narrow, message.Fold(word))
	}
	c.test(t.negated, func(m *store.Message) bool {
		for _, list := range lists(m) {
			if slices.ContainsFunc(list, func(a model.Address) bool { return addressHas(a, value) }) {
				return true
			}
		}
		return false
	})
}

// addressHas looks for a lower-cased value in a name and an address as they are
// written: NAME <ADDRESS>.
func addressHas(a model.Address, value string) bool {
	return strings.Contains(strings.ToLower(a.Address), value) || a.Name != "" && strings.Contains(strings.ToLower(a.Name+" <"+a.Address+">"), value) ||
		strings.ContainsAny(value, "<>") && strings.Contains("<"+strings.ToLower(a.Address)+">", value)
}

// blind is the Bcc header and the forward-paths that stand in no header.
func blind(m *store.Message) []model.Address { return m.Summary().Bcc }

// tagged matches a tag whole, in any case.
func (c *compiler) tagged(t term) {
	var same []string
	for tag := range c.tags {
		if strings.EqualFold(tag, t.value) {
			same = append(same, tag)
		}
	}
	switch len(same) {
	case 0:
		c.condition(t.negated, "tags", t.value)
	case 1:
		c.condition(t.negated, "tags", same[0])
	default:
		c.test(t.negated, func(m *store.Message) bool {
			return slices.ContainsFunc(m.Tags, func(tag string) bool { return strings.EqualFold(tag, t.value) })
		})
	}
}

func (c *compiler) is(t term) error {
	switch strings.ToLower(t.value) {
	case "read":
		c.condition(t.negated, "seen", "true")
	case "unread":
		c.condition(t.negated, "seen", "false")
	case "tagged":
		c.condition(t.negated, "tags.exists", "true")
	default:
		return bad("is:%s is not is:read, is:unread or is:tagged", t.value)
	}
	return nil
}

func (c *compiler) has(t term) error {
	var count func(m *store.Message) int
	switch strings.ToLower(t.value) {
	case "attachment", "attachments":
		count = func(m *store.Message) int { _, files := files(m.Digest); return len(files) }
	case "inline", "inlines":
		count = func(m *store.Message) int { inline, _ := files(m.Digest); return len(inline) }
	default:
		return bad("has:%s is not has:attachment or has:inline", t.value)
	}
	if !t.negated {
		c.condition(false, "attachment_count.gt", "0")
	}
	c.parts = true
	c.test(t.negated, func(m *store.Message) bool { return count(m) > 0 })
	return nil
}

// timeForms are the ways a time may be written in a search, the commonest first.
var timeForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006-1-2",
	"2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02", "2006/1/2", "1/2/2006", "2006-01", "20060102",
	"2 Jan 2006", "2 January 2006", "Jan 2 2006", "Jan 2, 2006", "January 2, 2006", "January 2 2006",
	time.RFC1123Z, time.RFC1123, time.ANSIC, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -0700 MST",
}

func readTime(s string, zone *time.Location) (time.Time, error) {
	for _, form := range timeForms {
		if at, err := time.ParseInLocation(form, s, zone); err == nil {
			return at, nil
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) >= 9 && len(s) <= 13 {
		if len(s) == 13 {
			return time.UnixMilli(n), nil
		}
		return time.Unix(n, 0), nil
	}
	return time.Time{}, bad("%q is not a date such as 2006-01-02 or 2006-01-02T15:04:05Z", s)
}

var sizeForm = regexp.MustCompile(`^(?i)(\d{1,15})\s*(k|kb|m|mb)?$`)

func readSize(s string) (int64, error) {
	m := sizeForm.FindStringSubmatch(s)
	if m == nil {
		return 0, bad("%q is not a size such as 100, 20k or 5mb", s)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0, bad("%q is not a size", s)
	}
	switch strings.ToLower(m[2]) {
	case "k", "kb":
		n <<= 10
	case "m", "mb":
		n <<= 20
	}
	return n, nil
}
