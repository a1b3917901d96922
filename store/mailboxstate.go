package store

import (
	"slices"
	"strconv"
)

// place is an entry: a message in a mailbox, in memory.
type place struct {
	uid      UID
	explicit bool // made by its row; else derived from a delivery
	flags    Flags
	modseq   Sequence
	message  Sequence // key of the message
	size     int64
	date     int64 // INTERNALDATE, Unix nanoseconds
	saved    int64 // SAVEDATE, Unix seconds
}

// expunge remembers entries that went, for VANISHED.
type expunge struct {
	modseq Sequence
	uids   []UID // ascending
}

// maxExpunges bounds the UIDs a mailbox remembers as gone; what is older is read
// from the change log.
const maxExpunges = 10_000

// mailbox is a mailbox in memory. All of it is guarded by the domain's lock; its
// entries are complete only once loaded (an INBOX is derived when first asked for).
type mailbox struct {
	id         MailboxID
	acc        *account
	name       string
	specialUse string
	validity   UIDValidity
	uidNext    UID      // last UID ever added + 1
	modseq     Sequence // last change
	recentFrom UID      // first UID that no session has claimed
	keywords   []string

	loaded  bool
	entries []place // UIDs ascending
	// overrides are the rows of derived entries until the INBOX is loaded.
	overrides map[UID]entryRow

	unseen, deleted int
	size            int64

	expunged      []expunge // modseq ascending
	expungedCount int
	expungedFrom  Sequence // the record holds every expunge after this
}

// isInbox reports whether deliveries are entries here.
func (m *mailbox) isInbox() bool { return m.name == Inbox }

// objectID is the mailbox's MAILBOXID, RFC 8474 §4.
func (m *mailbox) objectID() string { return "F" + strconv.FormatUint(uint64(m.id), 36) }

// find returns the index of a UID, or where it would stand.
func (m *mailbox) find(uid UID) (int, bool) {
	return slices.BinarySearchFunc(m.entries, uid, func(e place, u UID) int {
		switch {
		case e.uid < u:
			return -1
		case e.uid > u:
			return 1
		}
		return 0
	})
}

// add puts an entry in its place; a UID that stands there already stays.
func (m *mailbox) add(e place) {
	if n := len(m.entries); n == 0 || m.entries[n-1].uid < e.uid {
		m.entries = append(m.entries, e)
	} else if i, found := m.find(e.uid); !found {
		m.entries = slices.Insert(m.entries, i, e)
	} else {
		return
	}
	m.count(e, 1)
	if e.uid >= m.uidNext {
		m.uidNext = e.uid + 1
	}
	m.modseq = max(m.modseq, e.modseq)
}

// setFlags changes the flags of the entry at index i.
func (m *mailbox) setFlags(i int, f Flags, modseq Sequence) {
	m.count(m.entries[i], -1)
	m.entries[i].flags, m.entries[i].modseq = f, modseq
	m.count(m.entries[i], 1)
	m.modseq = max(m.modseq, modseq)
}

// remove takes out entries (UIDs ascending) and remembers that they went.
func (m *mailbox) remove(uids []UID, modseq Sequence) {
	if len(uids) == 0 {
		return
	}
	if len(uids) == 1 {
		m.removeOne(uids[0])
	} else {
		gone := 0
		m.entries = slices.DeleteFunc(m.entries, func(e place) bool {
			for gone < len(uids) && uids[gone] < e.uid {
				gone++
			}
			if gone == len(uids) || uids[gone] != e.uid {
				return false
			}
			m.count(e, -1)
			return true
		})
	}
	m.modseq = max(m.modseq, modseq)
	m.remember(expunge{modseq, uids})
}

// removeOne is quick at the front, where limits prune.
func (m *mailbox) removeOne(uid UID) {
	i, there := m.find(uid)
	if !there {
		return
	}
	m.count(m.entries[i], -1)
	if i == 0 {
		m.entries = m.entries[1:]
	} else {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
}

// remember records an expunge and forgets the oldest beyond the bound.
func (m *mailbox) remember(x expunge) {
	m.expunged = append(m.expunged, x)
	m.expungedCount += len(x.uids)
	drop := 0
	for m.expungedCount > maxExpunges && drop < len(m.expunged)-1 {
		m.expungedCount -= len(m.expunged[drop].uids)
		m.expungedFrom = m.expunged[drop].modseq
		drop++
	}
	m.expunged = slices.Delete(m.expunged, 0, drop)
}

// count adds (n 1) or takes (n -1) an entry to the sums.
func (m *mailbox) count(e place, n int) {
	if e.flags&FlagSeen == 0 {
		m.unseen += n
	}
	if e.flags&FlagDeleted != 0 {
		m.deleted += n
	}
	m.size += int64(n) * e.size
}

// recent is the number of entries no session has seen.
func (m *mailbox) recent() int {
	i, _ := m.find(m.recentFrom)
	return len(m.entries) - i
}

// info fills what LIST, STATUS and SELECT say; the mailbox must be loaded.
func (m *mailbox) info() MailboxInfo {
	return MailboxInfo{
		ID: m.id, ObjectID: m.objectID(), Account: m.acc.ref(), Name: m.name, SpecialUse: m.specialUse,
		Subscribed: m.acc.subscribed[m.name], HasChildren: m.acc.hasChildren(m.name),
		UIDValidity: m.validity, UIDNext: m.uidNext, HighestModSeq: max(m.modseq, 1),
		Count: len(m.entries), Unseen: m.unseen, Recent: m.recent(), Deleted: m.deleted, Size: m.size,
	}
}

// snapshot copies the mailbox.
func (m *mailbox) snapshot() *MailboxState {
	n := len(m.entries)
	st := &MailboxState{
		MailboxInfo: m.info(), Keywords: m.keywords,
		UIDs: make([]UID, n), Keys: make([]Sequence, n), Flags: make([]Flags, n),
		ModSeqs: make([]Sequence, n), Sizes: make([]int64, n), Dates: make([]int64, n),
	}
	for i := range m.entries {
		e := &m.entries[i]
		st.UIDs[i], st.Keys[i], st.Flags[i] = e.uid, e.message, e.flags
		st.ModSeqs[i], st.Sizes[i], st.Dates[i] = e.modseq, e.size, e.date
	}
	return st
}

// since returns what changed after a mod-sequence.
func (m *mailbox) since(modseq Sequence) MailboxDelta {
	d := MailboxDelta{
		HighestModSeq: max(m.modseq, 1), Keywords: m.keywords,
		Complete: modseq >= m.expungedFrom,
	}
	if modseq >= m.modseq {
		return d
	}
	for i := range m.entries {
		if e := &m.entries[i]; e.modseq > modseq {
			d.Entries = append(d.Entries, e.state())
		}
	}
	from, _ := slices.BinarySearchFunc(m.expunged, modseq+1, func(x expunge, s Sequence) int {
		if x.modseq < s {
			return -1
		}
		return 1
	})
	for _, x := range m.expunged[from:] {
		d.Expunged = append(d.Expunged, x.uids...)
	}
	slices.Sort(d.Expunged)
	return d
}

func (e *place) state() EntryState {
	return EntryState{UID: e.uid, Key: e.message, Flags: e.flags, ModSeq: e.modseq, Size: e.size, Date: e.date}
}

// pick returns the indexes of the UIDs that are there, in the order given.
func (m *mailbox) pick(uids []UID) []int {
	picked := make([]int, 0, min(len(uids), len(m.entries)))
	at := 0 // the next index to try: UIDs mostly ascend
	for _, u := range uids {
		if at < len(m.entries) && m.entries[at].uid == u {
			picked = append(picked, at)
			at++
			continue
		}
		if i, found := m.find(u); found {
			picked = append(picked, i)
			at = i + 1
		}
	}
	return picked
}
