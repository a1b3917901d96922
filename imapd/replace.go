package imapd

import (
	"errors"
	"fmt"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// replaceMessage is REPLACE and UID REPLACE, RFC 8508 §3: APPEND, and the expunge of
// one message of the selected mailbox, in one commit.
func (s *session) replaceMessage(uid bool) result {
	d := s.dec
	d.ExpectSP()
	set := d.Numbers()
	if d.OK() && (set.Saved || len(set.Ranges) != 1 || set.Ranges[0].Start != set.Ranges[0].Stop) {
		d.Fail("expected the number of one message")
	}
	d.ExpectSP()
	name := d.Mailbox()
	if !d.OK() {
		return result{}
	}
	// Judged before the octets are asked for, answered when they are here.
	old, refused := s.replaced(set, uid)
	info, r := s.appendTarget(name)
	if refused.status == "" {
		refused = r
	}
	item, r := s.readAppend(refused, s.newCatenating(), s.srv.opts.MaxMessage)
	defer func() {
		if item.Octets != nil {
			item.Octets.Discard()
		}
	}()
	if r.status != "" || !d.ExpectEnd() {
		return r
	}
	if refused.status != "" {
		return refused
	}
	t, err := s.backend.Replace(s.ctx, s.view.id, old, info.ID, item)
	switch {
	case errors.Is(err, store.ErrNoEntry):
		return no("EXPUNGEISSUED", "the message was expunged; nothing was appended")
	case err != nil:
		return s.failed(err)
	}
	s.added(info.ID, t.To)
	s.owes.expunges = true
	// The client learns the new UID before the old message goes, RFC 8508 §4.3.
	s.untagged("OK [APPENDUID %d %s] Replacement message ready", t.UIDValidity, uidSet(t.To))
	s.view.expunged(t.From)
	highest := s.highestTold(t.ModSeq)
	s.news(true)
	if s.condstore { // RFC 8508 §4.5: as UID EXPUNGE does, RFC 7162 §3.2.9
		return okCode(fmt.Sprintf("HIGHESTMODSEQ %d", highest), "REPLACE completed")
	}
	return ok("REPLACE completed")
}

// replaced finds the message that is to go.
func (s *session) replaced(set wire.NumSet, uid bool) (store.UID, result) {
	uids, _, r := s.chosen(set, uid)
	switch {
	case r.status != "":
		return 0, r
	case len(uids) == 0:
		return 0, no("", "no such message; nothing was appended")
	case s.view.isGone(uids[0]):
		return 0, no("EXPUNGEISSUED", "the message was expunged; nothing was appended")
	}
	return uids[0], result{}
}
