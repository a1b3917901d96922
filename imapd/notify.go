package imapd

import (
	"context"
	"slices"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// events is a set of event types, RFC 5465 §5.
type events uint8

const (
	messageNew events = 1 << iota
	messageExpunge
	flagChange
	mailboxName
	subscriptionChange
	mailboxMetadataChange
	serverMetadataChange
)

const metadataEvents = mailboxMetadataChange | serverMetadataChange

const messageEvents = messageNew | messageExpunge | flagChange

var eventWords = map[string]events{
	"MESSAGENEW": messageNew, "MESSAGEEXPUNGE": messageExpunge, "FLAGCHANGE": flagChange,
	"MAILBOXNAME": mailboxName, "SUBSCRIPTIONCHANGE": subscriptionChange,
	"MAILBOXMETADATACHANGE": mailboxMetadataChange, "SERVERMETADATACHANGE": serverMetadataChange,
}

// badEvent refuses an event type that is not served and lists those that are, §3.1.
var badEvent = no("BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange ServerMetadataChange)", "that event is not supported")

// Bounds of NOTIFY.
const (
	maxEventGroups = 100
	maxUnasked     = 1000 // messages at a time of which attributes are told unasked
)

// eventGroup is one event-group of NOTIFY SET.
type eventGroup struct {
	filter     mailboxFilter
	events     events
	attributes *fetchRequest // what to tell of a new message in the selected mailbox, or nil
}

// notifier is what NOTIFY asked for, and what the client knows of the account's
// mailboxes: what happened is found by comparing.
type notifier struct {
	selected eventGroup // without events: SELECTED NONE (§3.1)
	groups   []eventGroup
	status   bool
	foreign  bool // an event type is not ours

	known      map[store.MailboxID]store.MailboxInfo // nil when no group is about other mailboxes
	inbox      store.MailboxID                       // its end is the account's
	subscribed map[string]bool
	own        map[store.MailboxID][]store.UID // put there by this session since the last look, ascending

	due     bool       // of a mailbox that was selected there is something to tell
	changes chan error // nil after NOTIFY NONE
	stop    func()
}

// notifyCommand is NOTIFY, RFC 5465 §3.1.
func (s *session) notifyCommand() result {
	d := s.dec
	n := &notifier{own: map[store.MailboxID][]store.UID{}}
	d.ExpectSP()
	word := upperAtom(d)
	switch word {
	case "SET":
		n.parse(d)
	case "NONE":
	default:
		d.Fail("expected SET or NONE")
	}
	if !d.ExpectEnd() {
		return result{}
	}
	switch {
	case n.foreign:
		return badEvent
	case len(n.groups) > maxEventGroups:
		return no("NOTIFICATIONOVERFLOW", "too many event groups")
	case word == "NONE":
		s.stopNotify()
		s.notify = n
		return ok("NOTIFY completed")
	}
	return s.setNotify(n)
}

// parse reads ["STATUS" SP] event-group *(SP event-group).
func (n *notifier) parse(d *wire.Decoder) {
	d.ExpectSP()
	if d.PeekString("STATUS ") {
		d.ExpectAtom()
		d.ExpectSP()
		n.status = true
	}
	onSelected := 0
	for d.OK() {
		g := n.parseGroup(d)
		if g.filter.onSelected() {
			onSelected++
			n.selected = g
		} else {
			n.groups = append(n.groups, g)
		}
		if !d.SP() {
			break
		}
	}
	if onSelected > 1 { // §6.1
		d.Fail("SELECTED and SELECTED-DELAYED come once, and not both")
	}
}

// parseGroup reads "(" filter-mailboxes SP events ")", §8.
func (n *notifier) parseGroup(d *wire.Decoder) (g eventGroup) {
	d.ExpectSpecial('(')
	g.filter = parseFilter(d, filterSubtreeOne)
	d.ExpectSP()
	if d.Peek() == '(' {
		count := 0
		d.List(func() { count++; n.parseEvent(d, &g) })
		if d.OK() && count == 0 {
			d.Fail("expected an event")
		}
	} else if word := upperAtom(d); word != "NONE" {
		d.Fail("expected a list of events or NONE")
	}
	d.ExpectSpecial(')')
	if n.foreign {
		return g
	}
	switch onSelected := g.filter.onSelected(); {
	case g.events&messageEvents != 0 && g.events&(messageNew|messageExpunge) != messageNew|messageExpunge: // §5
		d.Fail("MessageNew and MessageExpunge come together, FlagChange with both")
	case onSelected && g.events&^messageEvents != 0: // §6.1
		d.Fail("of the selected mailbox there are message events alone")
	case !onSelected && g.attributes != nil: // §8
		d.Fail("attributes of a new message are of the selected mailbox alone")
	}
	return g
}

// parseEvent reads event, §8. The attributes may be any that FETCH knows; telling them
// unasked never sets \Seen (§5.2 advises against such).
func (n *notifier) parseEvent(d *wire.Decoder, g *eventGroup) {
	event, known := eventWords[upperAtom(d)]
	if !known {
		n.foreign = true
		return
	}
	g.events |= event
	if event == messageNew && d.PeekString(" (") {
		d.ExpectSP()
		r := &fetchRequest{}
		d.List(func() { r.parseItem(d) })
		if d.OK() && len(r.items) == 0 {
			d.Fail("nothing to fetch")
		}
		r.sum(true) // with the UID, which RFC 7162 §3.2.4 wants of QRESYNC
		g.attributes = r
	}
}

// notifyKinds are the changes that can be news to a notifier.
var notifyKinds = slices.Concat(idleKinds, []store.ChangeKind{store.MailboxCreated, store.MailboxRenamed, store.MailboxUpdated})

// setNotify puts a notifier into effect: what the selected mailbox held back is
// told once more by the old rules (§3.1: an implicit NOOP), then STATUS.
func (s *session) setNotify(n *notifier) result {
	sub := s.backend.Subscribe(store.Interest{Sandbox: s.acc.Sandbox, Kinds: notifyKinds}) // subscribed first, then looked
	names, err := s.listing()
	if err != nil {
		sub.Close()
		return s.failed(err)
	}
	s.stopNotify()
	if r, ok := s.refresh(); !ok {
		sub.Close()
		return r
	}
	s.news(true)
	ctx, cancel := context.WithCancel(s.ctx)
	n.changes = make(chan error)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		watch(ctx, sub, n.changes)
	}()
	n.stop = func() { cancel(); sub.Close(); <-ended }
	s.notify = n
	if n.any(metadataEvents) {
		s.followMetadata()
	}
	if a := n.selected.attributes; a != nil && a.modseq { // as FETCH MODSEQ, RFC 7162 §3.1
		s.condstore = true
	}
	if len(n.groups) == 0 {
		return ok("NOTIFY completed")
	}
	s.learn(names)
	if n.status {
		s.tellWatched(names)
	}
	return ok("NOTIFY completed")
}

// stopNotify ends the watching; without NOTIFY things are as they were before it.
func (s *session) stopNotify() {
	if s.notify != nil && s.notify.stop != nil {
		s.notify.stop()
	}
	s.notify = nil
	if !s.metadata.enabled {
		s.metadata.end()
	}
}

// overflow gives up: the client is told, and it is as if NOTIFY NONE came (§5.8).
func (s *session) overflow() {
	s.untagged("OK [NOTIFICATIONOVERFLOW] Too much happens at once; notifications are off")
	s.stopNotify()
	s.notify = &notifier{own: map[store.MailboxID][]store.UID{}}
}

// of is the events that are wanted of a mailbox which is not selected: those of
// every group that covers it (§6).
func (n *notifier) of(name string, subscribed bool) (e events) {
	for i := range n.groups {
		if n.groups[i].filter.covers(name, subscribed) {
			e |= n.groups[i].events
		}
	}
	return e
}

// any reports whether a group asks for one of some events.
func (n *notifier) any(e events) bool {
	return slices.ContainsFunc(n.groups, func(g eventGroup) bool { return g.events&e != 0 })
}

// tellWatched answers the STATUS indicator, §3.1.
func (s *session) tellWatched(names []*listedName) {
	for _, m := range names {
		if !m.exists || s.isSelected(m.info.ID) {
			continue
		}
		e := s.notify.of(m.name, m.subscribed)
		if e&messageEvents == 0 {
			continue
		}
		items := []string{"MESSAGES", "UIDNEXT", "UIDVALIDITY"}
		if e&flagChange != 0 {
			items = append(items, "HIGHESTMODSEQ")
		}
		s.tellStatus(&m.info, items)
		s.enc.Drain()
	}
}

func (s *session) isSelected(id store.MailboxID) bool { return s.view != nil && s.view.id == id }

// limit narrows what is told of the selected mailbox to the events asked for. What
// this session did itself is told always: it answers a command.
func (n *notifier) limit(t *telling, own owed) {
	e := n.selected.events
	t.expunge = t.expunge && (e&messageExpunge != 0 || own.expunges)
	t.noArrivals = e&messageNew == 0 && !own.arrivals
	t.noFlags = e&flagChange == 0
}

// owed is what a command of the client did to the selected mailbox.
type owed struct{ expunges, arrivals bool }

// added notes entries that this session put into a mailbox: no event is told of
// them (§5), and in the selected mailbox EXISTS is (RFC 9051 §7.4.1).
func (s *session) added(id store.MailboxID, uids []store.UID) {
	if s.isSelected(id) {
		s.owes.arrivals = true
	}
	if s.notify != nil {
		s.notify.own[id] = append(s.notify.own[id], uids...)
	}
}

// tellUnasked tells the attributes of what EXISTS just announced, §5.2.
func (s *session) tellUnasked(fresh span) {
	n, v := s.notify, s.view
	if n.selected.attributes == nil || n.selected.events&messageNew == 0 || fresh.from >= fresh.to {
		return
	}
	own := n.own[v.id]
	var spans []span
	for i := fresh.from; i < fresh.to; i++ {
		if _, mine := slices.BinarySearch(own, v.uids[i]); !mine {
			spans = append(spans, span{i, i + 1})
		}
	}
	if len(spans) > maxUnasked {
		s.overflow()
		return
	}
	f := &fetching{s: s, r: n.selected.attributes, unasked: true}
	if err := f.run(spans); err != nil && s.enc.Err() == nil {
		s.log.Error("imap notification", "error", err)
	}
}
