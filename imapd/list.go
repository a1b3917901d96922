package imapd

import (
	"maps"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// Bounds of one LIST.
const maxPatterns = 50

// listRequest is LIST's arguments, RFC 9051 §6.3.9 (RFC 5258, RFC 5819, RFC 6154).
type listRequest struct {
	reference  string
	patterns   []string
	extended   bool // some LIST-EXTENDED syntax was used
	subscribed bool // selection
	special    bool
	recursive  bool
	remote     bool
	retSub     bool // RETURN
	status     []string
	metadata   *entryQuery // nil: none
}

// list is LIST.
func (s *session) list() result {
	r := s.parseList()
	if !s.dec.ExpectEnd() {
		return result{}
	}
	if r.recursive && !r.subscribed && !r.special {
		return bad("RECURSIVEMATCH needs another selection option")
	}
	if !r.extended && len(r.patterns) == 1 && r.patterns[0] == "" { // RFC 9051 §6.3.9: the delimiter
		s.untagged(`LIST (\Noselect) "/" ""`)
		return ok("LIST completed")
	}
	names, err := s.listing()
	if err != nil {
		return s.failed(err)
	}
	for _, n := range names {
		if !r.wants(n) {
			continue
		}
		s.tellListed("LIST", n, r)
		if len(r.status) > 0 && n.exists {
			s.tellStatus(&n.info, r.status)
		}
		if r.metadata != nil && n.exists {
			if err := s.listMetadata(&n.info, r.metadata); err != nil {
				return s.failed(err)
			}
		}
		s.enc.Drain()
	}
	return ok("LIST completed")
}

func (s *session) parseList() *listRequest {
	d, r := s.dec, &listRequest{}
	d.ExpectSP()
	if d.Peek() == '(' {
		r.extended = true
		d.List(func() {
			switch word := upperAtom(d); word {
			case "SUBSCRIBED":
				r.subscribed, r.retSub = true, true
			case "SPECIAL-USE":
				r.special = true
			case "RECURSIVEMATCH":
				r.recursive = true
			case "REMOTE": // there are none
				r.remote = true
			default:
				d.Fail("unknown LIST selection option " + word)
			}
		})
		d.ExpectSP()
	}
	r.reference = d.ListReference()
	d.ExpectSP()
	if d.Peek() == '(' {
		r.extended = true
		d.List(func() {
			if r.patterns = append(r.patterns, d.ListMailbox()); len(r.patterns) > maxPatterns {
				d.Fail("too many patterns")
			}
		})
	} else {
		r.patterns = []string{d.ListMailbox()}
	}
	if d.SP() {
		s.parseListReturn(r)
	}
	return r
}

func (s *session) parseListReturn(r *listRequest) {
	d := s.dec
	r.extended = true
	if word := upperAtom(d); word != "RETURN" {
		d.Fail("expected RETURN")
	}
	d.ExpectSP()
	d.List(func() {
		switch word := upperAtom(d); word {
		case "SUBSCRIBED":
			r.retSub = true
		case "CHILDREN", "SPECIAL-USE": // always told
		case "METADATA": // RFC 9590 §3
			d.ExpectSP()
			r.metadata = &entryQuery{maxSize: -1}
			if d.Peek() != '(' {
				d.Fail("expected a list of entries")
			}
			s.parseEntries(r.metadata)
		case "STATUS":
			d.ExpectSP()
			r.status = s.parseStatusItems(d)
		default:
			d.Fail("unknown LIST return option " + word)
		}
	})
}

// listedName is a name that LIST may tell: a mailbox, a subscription without one,
// or a level above one.
type listedName struct {
	name             string
	info             store.MailboxInfo
	exists           bool
	subscribed       bool
	hasChildren      bool
	subscribedBelow  bool
	specialUseBelow  bool
	childInfoSub     bool // told by RECURSIVEMATCH
	childInfoSpecial bool
	oldName          string // told by NOTIFY, RFC 5465 §5.4
}

// listing collects every name of the account, sorted, INBOX first.
func (s *session) listing() ([]*listedName, error) {
	boxes, err := s.backend.Mailboxes(s.ctx, s.acc)
	if err != nil {
		return nil, err
	}
	subs, err := s.backend.Subscriptions(s.ctx, s.acc)
	if err != nil {
		return nil, err
	}
	all := map[string]*listedName{}
	get := func(name string) *listedName {
		n := all[name]
		if n == nil {
			n = &listedName{name: name}
			all[name] = n
		}
		return n
	}
	for _, b := range boxes {
		n := get(b.Name)
		n.info, n.exists = b, true
	}
	for _, name := range subs {
		get(name).subscribed = true
	}
	for _, n := range slices.Collect(maps.Values(all)) {
		for p := parent(n.name); p != ""; p = parent(p) {
			up := get(p)
			up.hasChildren = up.hasChildren || n.exists
			up.subscribedBelow = up.subscribedBelow || n.subscribed
			up.specialUseBelow = up.specialUseBelow || n.info.SpecialUse != ""
		}
	}
	out := slices.Collect(maps.Values(all))
	slices.SortFunc(out, func(a, b *listedName) int {
		if ai, bi := a.name == store.Inbox, b.name == store.Inbox; ai != bi {
			if ai {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	return out, nil
}

// parent is the name one level above, "" at the top.
func parent(name string) string {
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		return name[:i]
	}
	return ""
}

// wants decides whether a name is told.
func (r *listRequest) wants(n *listedName) bool {
	if !slices.ContainsFunc(r.patterns, func(p string) bool { return matches(r.reference+p, n.name) }) {
		return false
	}
	if !r.subscribed && !r.special {
		return n.exists || n.hasChildren
	}
	direct := (!r.subscribed || n.subscribed) && (!r.special || n.info.SpecialUse != "")
	// RFC 5258 §3.5: a level above a name that was selected is told with CHILDINFO.
	n.childInfoSub = r.recursive && r.subscribed && n.subscribedBelow
	n.childInfoSpecial = r.recursive && r.special && n.specialUseBelow
	return direct || n.childInfoSub || n.childInfoSpecial
}

// tellListed writes one LIST or LSUB response.
func (s *session) tellListed(word string, n *listedName, r *listRequest) {
	e := s.enc
	var attrs []string
	switch {
	case !n.exists && n.hasChildren:
		attrs = []string{`\NonExistent`, `\HasChildren`}
	case !n.exists:
		attrs = []string{`\NonExistent`, `\HasNoChildren`}
	default:
		attrs = attributesOf(n.hasChildren, n.info.SpecialUse)
	}
	if r.retSub && n.subscribed {
		attrs = append(attrs, `\Subscribed`)
	}
	e.Atom("* " + word + " ")
	e.Flags(attrs)
	e.Atom(` "/" `)
	e.Mailbox(n.name)
	switch {
	case n.childInfoSub && n.childInfoSpecial:
		e.Atom(` ("CHILDINFO" ("SUBSCRIBED" "SPECIAL-USE"))`)
	case n.childInfoSub:
		e.Atom(` ("CHILDINFO" ("SUBSCRIBED"))`)
	case n.childInfoSpecial:
		e.Atom(` ("CHILDINFO" ("SPECIAL-USE"))`)
	case n.oldName != "":
		e.Atom(` ("OLDNAME" (`)
		e.Mailbox(n.oldName)
		e.Atom("))")
	}
	e.CRLF()
}

func attributesOf(hasChildren bool, use string) []string {
	attrs := []string{`\HasNoChildren`}
	if hasChildren {
		attrs[0] = `\HasChildren`
	}
	if use != "" {
		attrs = append(attrs, use)
	}
	return attrs
}

func listAttributes(m store.MailboxInfo) []string {
	return attributesOf(m.HasChildren, m.SpecialUse)
}

// lsub is LSUB, RFC 3501 §6.3.9: "%" tells an unsubscribed level above a
// subscribed name as \Noselect.
func (s *session) lsub() result {
	d := s.dec
	d.ExpectSP()
	reference := d.ListReference()
	d.ExpectSP()
	pattern := reference + d.ListMailbox()
	if !d.ExpectEnd() {
		return result{}
	}
	names, err := s.listing()
	if err != nil {
		return s.failed(err)
	}
	for _, n := range names {
		above := strings.HasSuffix(pattern, "%") && n.subscribedBelow
		if !n.subscribed && !above || !matches(pattern, n.name) {
			continue
		}
		e := s.enc
		e.Atom("* LSUB ")
		if n.subscribed {
			e.Flags(nil)
		} else {
			e.Flags([]string{`\Noselect`})
		}
		e.Atom(` "/" `)
		e.Mailbox(n.name)
		e.CRLF()
	}
	return ok("LSUB completed")
}

// matches tells whether a pattern covers a name: "*" matches anything, "%"
// anything but the delimiter. INBOX is told without regard to case.
func matches(pattern, name string) bool {
	if name == store.Inbox {
		return wildcard(strings.ToUpper(pattern), name)
	}
	return wildcard(wire.CanonicalInbox(pattern), name)
}

// wildcard runs a set of pattern positions along the name, so that its time is
// bounded by the product of the lengths.
func wildcard(pattern, name string) bool {
	if !strings.ContainsAny(pattern, "%*") {
		return pattern == name
	}
	at, next := make([]bool, len(pattern)+1), make([]bool, len(pattern)+1)
	at[0] = true
	closure := func(set []bool) {
		for p := range len(pattern) {
			if set[p] && (pattern[p] == '*' || pattern[p] == '%') {
				set[p+1] = true
			}
		}
	}
	closure(at)
	for i := range len(name) {
		clear(next)
		for p := range len(pattern) {
			switch {
			case !at[p]:
			case pattern[p] == '*', pattern[p] == '%' && name[i] != '/':
				next[p] = true
			case pattern[p] == name[i] && pattern[p] != '%':
				next[p+1] = true
			}
		}
		closure(next)
		at, next = next, at
	}
	return at[len(pattern)]
}
