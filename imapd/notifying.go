package imapd

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/store"
)

// endError ends a session between two commands.
type endError struct{ why string }

func (e *endError) Error() string { return e.why }

// await waits for the next command. After NOTIFY SET what happens meanwhile is told
// at once (RFC 5465 §3.1): one select, as in IDLE; the reader ends before it returns.
func (s *session) await() error {
	n := s.notify
	if n == nil || n.changes == nil || s.dec.HasLine() {
		return s.conn.Await(s.dec.Next)
	}
	tell := s.tellSelected // what the last command held back
	if n.due {
		tell = s.tellEvents
	}
	if err := s.tellHappened(tell); err != nil {
		return err
	}
	line := make(chan error, 1)
	go func() { line <- s.conn.Await(s.dec.Next) }()
	for {
		select {
		case err := <-line:
			return err
		case err := <-n.changes:
			if err != nil {
				err = &endError{s.failed(err).text}
			} else {
				err = s.tellHappened(s.tellEvents)
			}
			if err != nil {
				s.conn.Leave(err) // ends the pending read
				<-line
				return err
			}
			if s.notify != n { // overflow: nobody watches any more
				return <-line
			}
		}
	}
}

// tellHappened tells between two commands; an error ends the session.
func (s *session) tellHappened(tell func(expunge bool) (result, bool)) error {
	s.enc.Mark()
	if r, ok := tell(s.notify.selected.filter.kind != filterDelayed); !ok {
		return &endError{r.text}
	}
	s.tellMetadataNews()
	s.enc.Mark()
	return s.flush()
}

// tellSelected tells what happened in the selected mailbox, with EXPUNGE or without.
// ok is false when the session must end.
func (s *session) tellSelected(expunge bool) (r result, ok bool) {
	if r, ok = s.refresh(); ok && s.news(expunge) {
		s.tellSteady()
	}
	return r, ok
}

// tellEvents tells what happened in the selected mailbox and in all others.
func (s *session) tellEvents(expunge bool) (result, bool) {
	if r, ok := s.tellSelected(expunge); !ok {
		return r, false
	}
	n := s.notify
	if n == nil {
		return result{}, true
	}
	n.due = false
	defer clear(n.own)
	if n.known == nil {
		return result{}, true
	}
	if _, err := s.backend.MailboxByID(s.ctx, n.inbox); errors.Is(err, store.ErrNotFound) {
		if _, err := s.backend.Sandbox(s.ctx, s.acc.Sandbox); err != nil {
			return s.failed(err), false
		}
		return bye("NO", "the account was deleted", "the account was deleted"), false // looking would make it anew
	}
	names, err := s.listing()
	if err != nil {
		return s.failed(err), false
	}
	s.tellNameEvents(names)
	for _, m := range names {
		if !m.exists || s.isSelected(m.info.ID) {
			continue
		}
		if items := s.happened(m); len(items) > 0 {
			s.tellStatus(&m.info, items)
			s.enc.Drain()
		}
	}
	s.learn(names)
	return result{}, true
}

// learn takes the present state for known; of the selected mailbox only what the
// client was told.
func (s *session) learn(names []*listedName) {
	n, before := s.notify, s.notify.known
	n.known, n.subscribed = map[store.MailboxID]store.MailboxInfo{}, map[string]bool{}
	for _, m := range names {
		if m.exists {
			n.known[m.info.ID] = m.info
			if m.name == store.Inbox {
				n.inbox = m.info.ID
			}
			if k, was := before[m.info.ID]; was && s.isSelected(m.info.ID) && s.view.pending() {
				k.Name = m.name
				n.known[m.info.ID] = k
			}
		}
		if m.subscribed {
			n.subscribed[m.name] = true
		}
	}
}

// happened says which STATUS items tell the message events of a mailbox that is not
// selected, RFC 5465 §5.1 to §5.3; none when there is nothing to tell.
func (s *session) happened(m *listedName) (items []string) {
	n := s.notify
	wanted := n.of(m.name, m.subscribed) & messageEvents
	before, was := n.known[m.info.ID]
	if wanted == 0 || was && before.HighestModSeq == m.info.HighestModSeq {
		return nil
	}
	var seen events
	if was {
		seen = s.classify(&before, &m.info)
	} else if m.info.Count > len(n.own[m.info.ID]) || n.hasName(m.name) { // a new one, or another of that name
		seen = messageNew
	}
	seen &= wanted
	if seen&(messageNew|messageExpunge) != 0 {
		items = append(items, "MESSAGES", "UIDNEXT", "UIDVALIDITY")
	}
	unseen := wanted&flagChange != 0 && before.Unseen != m.info.Unseen
	if seen&flagChange != 0 && len(items) == 0 && (unseen || s.condstore) {
		items = append(items, "UIDVALIDITY")
	}
	if len(items) == 0 {
		return nil
	}
	if unseen {
		items = append(items, "UNSEEN")
	}
	if s.condstore {
		items = append(items, "HIGHESTMODSEQ")
	}
	return items
}

func (n *notifier) hasName(name string) bool {
	for _, k := range n.known {
		if k.Name == name {
			return true
		}
	}
	return false
}

// classify finds what happened to a mailbox between two looks at it, without what
// this session put there.
func (s *session) classify(before, now *store.MailboxInfo) (seen events) {
	delta, err := s.backend.EntriesSince(s.ctx, before.ID, before.HighestModSeq)
	if err != nil { // deleted meanwhile; the next look tells
		return 0
	}
	own, arrived := s.notify.own[before.ID], 0
	for _, e := range delta.Entries {
		switch {
		case e.ModSeq > now.HighestModSeq: // after this look
		case e.UID < before.UIDNext:
			seen |= flagChange
		default:
			arrived++
			if _, mine := slices.BinarySearch(own, e.UID); !mine {
				seen |= messageNew
			}
		}
	}
	if len(delta.Expunged) > 0 || !delta.Complete && now.Count < before.Count+arrived {
		seen |= messageExpunge
	}
	return seen
}

// tellNameEvents tells MailboxName and SubscriptionChange events, RFC 5465 §5.4, §5.5.
func (s *session) tellNameEvents(names []*listedName) {
	n := s.notify
	byName := map[string]*listedName{}
	for _, m := range names {
		byName[m.name] = m
	}
	affected := n.affected(names)
	for _, name := range slices.Sorted(maps.Keys(affected)) {
		m := byName[name]
		if m == nil {
			m = &listedName{name: name}
		}
		a := affected[name]
		subscribed := m.subscribed || n.subscribed[name]
		wanted := n.of(name, subscribed)
		if a.oldName != "" {
			wanted |= n.of(a.oldName, subscribed)
			m.oldName = a.oldName
		}
		if wanted&a.events != 0 {
			s.tellListed("LIST", m, &listRequest{retSub: true})
			s.enc.Drain()
		}
	}
}

// affectedName is what happened to a name.
type affectedName struct {
	events  events
	oldName string
}

// affected compares names. A mailbox that came or went affects its parent too; one
// that was renamed with what is above it is not told.
func (n *notifier) affected(names []*listedName) map[string]*affectedName {
	out := map[string]*affectedName{}
	get := func(name string) *affectedName {
		if out[name] == nil {
			out[name] = &affectedName{}
		}
		return out[name]
	}
	cameOrWent := func(name string) {
		get(name).events |= mailboxName
		if up := parent(name); up != "" {
			get(up).events |= mailboxName
		}
	}
	renamed := map[string]string{} // old to new
	gone := maps.Clone(n.known)
	subscribed := map[string]bool{}
	for _, m := range names {
		if m.subscribed {
			subscribed[m.name] = true
		}
		if !m.exists {
			continue
		}
		before, was := n.known[m.info.ID]
		delete(gone, m.info.ID)
		if !was {
			cameOrWent(m.name)
		} else if before.Name != m.name {
			renamed[before.Name] = m.name
		}
	}
	for _, k := range gone {
		cameOrWent(k.Name)
	}
	for from, to := range renamed {
		if up := parent(from); up == "" || renamed[up] == "" || renamed[up]+from[len(up):] != to {
			a := get(to)
			a.events |= mailboxName
			a.oldName = from
		}
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(subscribed)), slices.Collect(maps.Keys(n.subscribed))) {
		if subscribed[name] != n.subscribed[name] {
			get(name).events |= subscriptionChange
		}
	}
	return out
}

// ownNames takes what this session did to some names, and to what is above and
// below them, for known: no event is told of it (RFC 5465 §5).
func (s *session) ownNames(names ...string) {
	n := s.notify
	if n == nil || n.known == nil {
		return
	}
	list, err := s.listing()
	if err != nil {
		return // the next look tells
	}
	touched := func(name string) bool {
		return slices.ContainsFunc(names, func(t string) bool {
			return name == t || strings.HasPrefix(name, t+"/") || strings.HasPrefix(t, name+"/")
		})
	}
	there := map[store.MailboxID]bool{}
	for _, m := range list {
		if !touched(m.name) {
			continue
		}
		if m.subscribed {
			n.subscribed[m.name] = true
		} else {
			delete(n.subscribed, m.name)
		}
		if !m.exists {
			continue
		}
		there[m.info.ID] = true
		if k, was := n.known[m.info.ID]; was {
			k.Name = m.name
			n.known[m.info.ID] = k
		} else {
			n.known[m.info.ID] = m.info
		}
	}
	for id, k := range n.known {
		if touched(k.Name) && !there[id] {
			delete(n.known, id)
		}
	}
	for name := range n.subscribed {
		if touched(name) && !slices.ContainsFunc(list, func(m *listedName) bool { return m.name == name && m.subscribed }) {
			delete(n.subscribed, name)
		}
	}
}

// leaves makes what the client was told of the selected mailbox known, so that it is
// not told again when the mailbox is one of the others. What it was not told is due.
func (s *session) leaves(v *view) {
	n := s.notify
	if n == nil || n.known == nil {
		return
	}
	info, err := s.backend.MailboxByID(s.ctx, v.id)
	if errors.Is(err, store.ErrNotFound) {
		return
	}
	if err == nil && info.HighestModSeq <= v.highest && !v.pending() {
		n.known[v.id] = info
	} else {
		n.due = true
	}
}
