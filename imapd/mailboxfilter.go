package imapd

import (
	"slices"
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// filterKind is the word of filter-mailboxes, RFC 5465 §6 and RFC 7377 §2.2.
type filterKind uint8

const (
	filterSelected filterKind = iota
	filterDelayed             // NOTIFY's selected-delayed
	filterInboxes
	filterPersonal
	filterSubscribed
	filterSubtree
	filterSubtreeOne // ESEARCH's
	filterMailboxes
)

// mailboxFilter says which mailboxes a search or a notification is about.
type mailboxFilter struct {
	kind  filterKind
	names []string // of subtree, subtree-one and mailboxes
}

// maxFilterNames bounds the names of one filter.
const maxFilterNames = 1000

var filterWords = map[string]filterKind{
	"SELECTED": filterSelected, "SELECTED-DELAYED": filterDelayed, "INBOXES": filterInboxes, "PERSONAL": filterPersonal,
	"SUBSCRIBED": filterSubscribed, "SUBTREE": filterSubtree, "SUBTREE-ONE": filterSubtreeOne, "MAILBOXES": filterMailboxes,
}

// parseFilter reads filter-mailboxes; the kinds in without are not known here. A
// name is only ever compared, so wildcards mean nothing (RFC 5465 §6.6) and a name
// that no mailbox can have names none.
func parseFilter(d *wire.Decoder, without filterKind) (f mailboxFilter) {
	word := upperAtom(d)
	kind, known := filterWords[word]
	if !known || kind == without {
		d.Fail("unknown mailbox filter " + word)
		return f
	}
	f.kind = kind
	if kind < filterSubtree {
		return f
	}
	name := func() { f.names = append(f.names, wire.CanonicalInbox(d.ListMailbox())) }
	d.ExpectSP()
	if d.Peek() != '(' {
		name()
		return f
	}
	d.List(func() {
		if name(); len(f.names) > maxFilterNames {
			d.Fail("too many mailboxes in a filter")
		}
	})
	if d.OK() && len(f.names) == 0 {
		d.Fail("expected a mailbox")
	}
	return f
}

// onSelected reports whether the filter is about the selected mailbox, whatever its name.
func (f *mailboxFilter) onSelected() bool { return f.kind == filterSelected || f.kind == filterDelayed }

// covers reports whether a mailbox is meant by its name or its subscription.
func (f *mailboxFilter) covers(name string, subscribed bool) bool {
	switch f.kind {
	case filterPersonal: // there is one namespace, and it is personal
		return true
	case filterInboxes: // mail is delivered there alone
		return name == store.Inbox
	case filterSubscribed:
		return subscribed
	case filterMailboxes:
		return slices.Contains(f.names, name)
	case filterSubtree, filterSubtreeOne:
		return slices.ContainsFunc(f.names, func(root string) bool {
			rest, below := strings.CutPrefix(name, root)
			return below && (rest == "" || rest[0] == '/' && (f.kind == filterSubtree || strings.Count(rest, "/") == 1))
		})
	}
	return false
}
