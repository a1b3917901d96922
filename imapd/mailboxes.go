package imapd

import (
	"errors"
	"strings"

	"github.com/catchpost/catchpost/store"
)

// create is CREATE, RFC 9051 §6.3.4; USE of RFC 6154 §3; MAILBOXID of RFC 8474 §4.1.
func (s *session) create() result {
	d := s.dec
	d.ExpectSP()
	name := d.Mailbox()
	use := ""
	if d.SP() {
		d.List(func() {
			if word := upperAtom(d); word != "USE" {
				d.Fail("unknown CREATE parameter " + word)
			}
			d.ExpectSP()
			uses := d.Flags()
			if len(uses) > 1 {
				d.Fail("a mailbox has one special use here")
			} else if len(uses) == 1 {
				use = uses[0]
			}
		})
	}
	if !d.ExpectEnd() {
		return result{}
	}
	if use != "" {
		if use = specialUse(use); use == "" { // RFC 6154 §3
			return no("USEATTR", "no such special use")
		}
	}
	if strings.EqualFold(strings.TrimSuffix(name, "/"), store.Inbox) {
		return no("ALREADYEXISTS", "INBOX exists")
	}
	info, err := s.backend.CreateMailbox(s.ctx, s.acc, name, use)
	if err != nil {
		if use != "" && errors.Is(err, store.ErrConflict) {
			return no("USEATTR", "another mailbox has that special use")
		}
		return s.failed(err)
	}
	s.ownNames(info.Name)
	return okCode("MAILBOXID ("+info.ObjectID+")", "CREATE completed")
}

// specialUses are those of RFC 6154 §2 that a mailbox can have; \All and \Flagged
// would be virtual mailboxes.
var specialUses = []string{`\Archive`, `\Drafts`, `\Junk`, `\Sent`, `\Trash`}

func specialUse(s string) string {
	for _, u := range specialUses {
		if strings.EqualFold(u, s) {
			return u
		}
	}
	return ""
}

// deleteMailbox is DELETE, RFC 9051 §6.3.5.
func (s *session) deleteMailbox() result {
	d := s.dec
	d.ExpectSP()
	name := d.Mailbox()
	if !d.ExpectEnd() {
		return result{}
	}
	if name == store.Inbox {
		return no("CANNOT", "INBOX cannot be deleted")
	}
	if err := s.backend.DeleteMailbox(s.ctx, s.acc, name); err != nil {
		return s.failed(err)
	}
	s.ownNames(name)
	return ok("DELETE completed")
}

// rename is RENAME, RFC 9051 §6.3.6; of INBOX it moves the messages.
func (s *session) rename() result {
	d := s.dec
	d.ExpectSP()
	from := d.Mailbox()
	d.ExpectSP()
	to := d.Mailbox()
	if !d.ExpectEnd() {
		return result{}
	}
	if err := s.backend.RenameMailbox(s.ctx, s.acc, from, to); err != nil {
		return s.failed(err)
	}
	s.ownNames(from, to)
	return ok("RENAME completed")
}

// subscribe is SUBSCRIBE and UNSUBSCRIBE, RFC 9051 §6.3.7, §6.3.8.
func (s *session) subscribe(on bool) result {
	d := s.dec
	d.ExpectSP()
	name := d.Mailbox()
	if !d.ExpectEnd() {
		return result{}
	}
	name = strings.TrimSuffix(name, "/")
	if err := s.backend.SetSubscribed(s.ctx, s.acc, name, on); err != nil {
		return s.failed(err)
	}
	s.ownNames(name)
	return ok("completed")
}

// namespace is NAMESPACE, RFC 2342: one personal namespace without a prefix.
func (s *session) namespace() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	s.untagged(`NAMESPACE (("" "/")) NIL NIL`)
	return ok("NAMESPACE completed")
}
