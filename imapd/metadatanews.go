package imapd

import (
	"slices"
	"strings"

	"github.com/catchpost/catchpost/store"
)

// metadataNews follows the annotations for a session that enabled METADATA or asked
// NOTIFY for them: what others change is told by name (RFC 5464 §4.4.2, RFC 5465
// §5.6, §5.7). The zero value follows nothing.
type metadataNews struct {
	sub     *store.Subscription
	enabled bool             // all is told; else what NOTIFY asked for
	mine    []store.Sequence // changes of this session since it was last told
}

func (s *session) enableMetadata() {
	s.metadata.enabled = true
	s.followMetadata()
}

// followMetadata begins to follow.
func (s *session) followMetadata() {
	if s.metadata.sub == nil {
		s.metadata.sub = s.backend.Subscribe(store.Interest{Sandbox: s.acc.Sandbox, Kinds: []store.ChangeKind{store.MetadataChanged}})
	}
}

// own notes a change that is not to be told.
func (m *metadataNews) own(at store.Sequence) {
	if m.sub != nil {
		m.mine = append(m.mine, at)
	}
}

// end follows no more.
func (m *metadataNews) end() {
	if m.sub != nil {
		m.sub.Close()
	}
	*m = metadataNews{}
}

// tellMetadataNews sends METADATA responses for what others changed.
func (s *session) tellMetadataNews() {
	m := &s.metadata
	if m.sub == nil {
		return
	}
	changes, err := m.sub.Poll()
	if err != nil { // ErrLagged
		s.tellAllMetadata()
	}
	for i := range changes {
		if c := &changes[i]; !slices.Contains(m.mine, c.Sequence) {
			s.tellChanged(c)
		}
	}
	m.mine = m.mine[:0]
}

// tellChanged tells one change, as far as it concerns the account.
func (s *session) tellChanged(c *store.Change) {
	names := c.Annotations
	if c.ID != s.acc.Key { // of another account: what is shared of the server
		if c.Mailbox != 0 {
			return
		}
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.EqualFold(n[:min(len(n), 8)], "/shared/") })
	}
	var box store.MailboxInfo
	if c.Mailbox != 0 {
		var err error
		if box, err = s.backend.MailboxByID(s.ctx, c.Mailbox); err != nil {
			return // it is gone, and its annotations with it
		}
	}
	s.tellNames(&box, names)
}

// wantsMetadata reports whether news of a mailbox, or of the server, is asked for.
func (s *session) wantsMetadata(box *store.MailboxInfo) bool {
	n := s.notify
	switch {
	case s.metadata.enabled:
		return true
	case n == nil:
		return false
	case box.ID == 0:
		return n.any(serverMetadataChange)
	}
	return n.of(box.Name, box.Subscribed)&mailboxMetadataChange != 0
}

// tellNames names annotations of a mailbox, or of the server.
func (s *session) tellNames(box *store.MailboxInfo, names []string) {
	if len(names) == 0 || !s.wantsMetadata(box) {
		return
	}
	s.enc.Atom("* METADATA ")
	s.metadataMailbox(box.Name)
	for _, n := range names {
		s.enc.SP()
		s.entryName(n)
	}
	s.enc.CRLF()
	s.enc.Drain()
}

// tellAllMetadata names everything there is, for a session that lost track.
func (s *session) tellAllMetadata() {
	boxes, err := s.backend.Mailboxes(s.ctx, s.acc)
	if err != nil {
		return
	}
	for _, b := range append([]store.MailboxInfo{{}}, boxes...) {
		list, err := s.backend.Metadata(s.ctx, s.acc, b.ID)
		if err != nil {
			return
		}
		names := make([]string, len(list))
		for i, a := range list {
			names[i] = a.Name
		}
		s.tellNames(&b, names)
	}
}
