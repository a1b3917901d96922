package imapd

import (
	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// statusItems writes each item of STATUS, RFC 9051 §6.3.11, RFC 7162 §3.1.7,
// RFC 8438, RFC 7889 §4, RFC 8474 §4.3.
var statusItems = map[string]func(*session, *store.MailboxInfo){
	"MESSAGES":      func(s *session, m *store.MailboxInfo) { s.enc.Number(uint64(m.Count)) },
	"UIDNEXT":       func(s *session, m *store.MailboxInfo) { s.enc.Number(uint64(m.UIDNext)) },
	"UIDVALIDITY":   func(s *session, m *store.MailboxInfo) { s.enc.Number(uint64(m.UIDValidity)) },
	"UNSEEN":        func(s *session, m *store.MailboxInfo) { s.enc.Number(uint64(m.Unseen)) },
	"DELETED":       func(s *session, m *store.MailboxInfo) { s.enc.Number(uint64(m.Deleted)) },
	"RECENT":        func(s *session, m *store.MailboxInfo) { s.enc.Number(uint64(m.Recent)) },
	"SIZE":          func(s *session, m *store.MailboxInfo) { s.enc.Number(uint64(m.Size)) },
	"HIGHESTMODSEQ": func(s *session, m *store.MailboxInfo) { s.enc.Number(uint64(m.HighestModSeq)) },
	"APPENDLIMIT":   func(s *session, _ *store.MailboxInfo) { s.enc.Number(uint64(s.srv.opts.MaxMessage)) },
	"MAILBOXID":     func(s *session, m *store.MailboxInfo) { s.enc.Atom("(" + m.ObjectID + ")") },
}

// parseStatusItems reads "(" status-att *(SP status-att) ")".
func (s *session) parseStatusItems(d *wire.Decoder) (items []string) {
	d.List(func() {
		word := upperAtom(d)
		switch {
		case statusItems[word] == nil || len(items) >= 50:
			d.Fail("unknown STATUS item " + word)
		case word == "HIGHESTMODSEQ":
			s.condstore = true // RFC 7162 §3.1
		}
		items = append(items, word)
	})
	if d.OK() && len(items) == 0 {
		d.Fail("expected a STATUS item")
	}
	return items
}

// status is STATUS.
func (s *session) status() result {
	d := s.dec
	d.ExpectSP()
	name := d.Mailbox()
	d.ExpectSP()
	items := s.parseStatusItems(d)
	if !d.ExpectEnd() {
		return result{}
	}
	info, err := s.backend.Mailbox(s.ctx, s.acc, name)
	if err != nil {
		return s.failed(err)
	}
	s.tellStatus(&info, items)
	return ok("STATUS completed")
}

func (s *session) tellStatus(info *store.MailboxInfo, items []string) {
	e := s.enc
	e.Atom("* STATUS ")
	e.Mailbox(info.Name)
	e.Atom(" (")
	for i, word := range items {
		if i > 0 {
			e.SP()
		}
		e.Atom(word + " ")
		statusItems[word](s, info)
	}
	e.Atom(")\r\n")
}
