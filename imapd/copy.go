package imapd

import (
	"errors"
	"fmt"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// parseTransfer reads sequence-set SP mailbox of COPY and MOVE.
func (s *session) parseTransfer() (wire.NumSet, string, bool) {
	d := s.dec
	d.ExpectSP()
	set := d.Numbers()
	d.ExpectSP()
	name := d.Mailbox()
	return set, name, d.ExpectEnd()
}

// copyMessages is COPY and UID COPY, RFC 9051 §6.4.7.
func (s *session) copyMessages(uid bool) result {
	set, name, parsed := s.parseTransfer()
	if !parsed {
		return result{}
	}
	uids, dst, r := s.transferring(set, name, uid)
	if r.status != "" || len(uids) == 0 {
		return r
	}
	t, err := s.backend.Copy(s.ctx, s.view.id, uids, dst.ID)
	if err != nil {
		return s.failed(err)
	}
	s.added(dst.ID, t.To)
	if len(t.From) < len(uids) {
		return no("EXPUNGEISSUED", "some of the messages were expunged; the others were copied")
	}
	return okCode(copyUID(t), "COPY completed")
}

// moveMessages is MOVE and UID MOVE, RFC 9051 §6.4.8: COPYUID comes untagged,
// before the EXPUNGE responses.
func (s *session) moveMessages(uid bool) result {
	set, name, parsed := s.parseTransfer()
	if !parsed {
		return result{}
	}
	uids, dst, r := s.transferring(set, name, uid)
	if r.status != "" || len(uids) == 0 {
		return r
	}
	if dst.ID == s.view.id {
		return no("CANNOT", "the messages are in that mailbox")
	}
	t, err := s.backend.Move(s.ctx, s.view.id, uids, dst.ID)
	if err != nil {
		return s.failed(err)
	}
	if len(t.From) > 0 {
		s.untagged("OK [%s] Moved", copyUID(t))
	}
	s.added(dst.ID, t.To)
	s.view.expunged(t.From)
	s.owes.expunges = true
	highest := s.highestTold(t.ModSeq)
	s.news(true)
	switch {
	case len(t.From) < len(uids):
		return no("EXPUNGEISSUED", "some of the messages were expunged; the others were moved")
	case s.condstore: // RFC 7162 §3.2.7 by RFC 6851 §4.5
		return okCode(fmt.Sprintf("HIGHESTMODSEQ %d", highest), "MOVE completed")
	}
	return ok("MOVE completed")
}

// transferring resolves the arguments of COPY and MOVE.
func (s *session) transferring(set wire.NumSet, name string, uid bool) ([]store.UID, store.MailboxInfo, result) {
	var none store.MailboxInfo
	uids, _, r := s.chosen(set, uid)
	if r.status != "" {
		return nil, none, r
	}
	dst, err := s.backend.Mailbox(s.ctx, s.acc, name)
	if errors.Is(err, store.ErrNotFound) { // RFC 9051 §6.4.7
		return nil, none, no("TRYCREATE", "no such mailbox")
	} else if err != nil {
		return nil, none, s.failed(err)
	}
	if len(uids) == 0 {
		return nil, none, ok("nothing to do")
	}
	return uids, dst, result{}
}

// copyUID is the COPYUID response code, RFC 4315 §3. The sets are written in the
// order of the pairs, which both ascend.
func copyUID(t store.Transfer) string {
	return fmt.Sprintf("COPYUID %d %s %s", t.UIDValidity, uidSet(t.From), uidSet(t.To))
}

func uidSet(uids []store.UID) wire.Set {
	var set wire.Set
	for _, u := range uids {
		set = set.Add(uint32(u))
	}
	return set
}
