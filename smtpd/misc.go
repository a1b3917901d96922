package smtpd

import (
	"errors"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/store"
)

// rset is RSET, RFC 5321 §4.1.1.5.
func (s *session) rset(p *parser) reply {
	if !p.atEnd() {
		return noArguments
	}
	s.reset()
	return okReply
}

// noop is NOOP, RFC 5321 §4.1.1.9; its argument means nothing.
func (s *session) noop(*parser) reply { return okReply }

// quit is QUIT, RFC 5321 §4.1.1.10.
func (s *session) quit(p *parser) reply {
	if !p.atEnd() {
		return noArguments
	}
	return reply{code: 221, enhanced: "2.0.0", text: "Bye", hangUp: true}
}

// verb is sendmail's VERB: from now on 050 lines may stand before a final reply,
// on this connection alone.
func (s *session) verb(p *parser) reply {
	if arg := strings.TrimSpace(p.in); arg != "" && !strings.EqualFold(arg, "ON") {
		return noArguments
	}
	s.verbose = true
	return reply{code: 250, enhanced: "2.0.0", text: "Verbose mode"}
}

// helpReply is HELP, RFC 5321 §4.1.1.8.
func (s *session) helpReply(p *parser) reply {
	if p.atEnd() {
		var names []string
		for name := range verbs {
			if s.find([]byte(name)) != nil {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return reply{code: 214, enhanced: "2.0.0", text: "Commands:\n" + strings.Join(names, " ") + "\nHELP and a command tells more"}
	}
	v := s.find([]byte(p.in))
	if v == nil {
		return reply{code: 504, enhanced: "5.5.4", text: "No help on that"}
	}
	return reply{code: 214, enhanced: "2.0.0", text: v.syntax + "\n" + v.help}
}

// postmaster needs no domain, RFC 5321 §4.5.1: it is a mailbox, not a name.
const postmaster = "postmaster"

// lookedUp is the argument of VRFY and EXPN: a mailbox, or a name without a domain.
type lookedUp struct {
	mailbox *address.Address
	local   string
}

// nameOrMailbox: String [SP "SMTPUTF8"], RFC 5321 §4.1.1.6, RFC 6531 §3.7.4.
func (p *parser) nameOrMailbox() lookedUp {
	arg := strings.TrimSpace(p.in)
	utf8 := false
	if i := strings.LastIndexByte(arg, ' '); i >= 0 && strings.EqualFold(arg[i+1:], "SMTPUTF8") {
		arg, utf8 = strings.TrimSpace(arg[:i]), true
	}
	if strings.HasPrefix(arg, "<") && strings.HasSuffix(arg, ">") {
		arg = arg[1 : len(arg)-1]
	}
	if a, err := address.ParseMailbox(arg + "@x"); err == nil && (utf8 || a.IsASCII()) {
		if strings.EqualFold(a.Local, postmaster) {
			return lookedUp{mailbox: &address.Address{Local: a.Local}}
		}
		return lookedUp{local: a.Local}
	}
	a, err := address.ParseMailbox(arg)
	if err != nil || !utf8 && !a.IsASCII() {
		p.fail("5.5.4", "Expected a name or an address")
	}
	return lookedUp{mailbox: &a}
}

// home is the sandbox that this session may look into: its login's, or the
// default one.
func (s *session) home() string {
	if s.mech != "" && s.login.Sandbox != "" {
		return s.login.Sandbox
	}
	return store.DefaultSandbox
}

// mayLook tells whether this session may learn of accounts: on a closed instance
// only a login that may read.
func (s *session) mayLook() bool { return !s.cfg.Closed || s.mech != "" && s.login.MayRead }

// known lists the addresses of accounts that fit, spelled as first seen. An
// account is known when mail came for it, or when it was made by hand.
func (s *session) known(q lookedUp) ([]string, error) {
	if q.mailbox != nil {
		a, err := s.cfg.Backend.Account(s.c.Context(), store.AccountRef{Sandbox: s.home(), Key: q.mailbox.Key()})
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil, nil
		case err != nil || a.Messages == 0 && a.CreatedAt.IsZero():
			return nil, err
		}
		return []string{spelled(a)}, nil
	}
	accounts, err := s.cfg.Backend.Accounts(s.c.Context(), s.home())
	if err != nil {
		return nil, err
	}
	local := address.FoldLocal(q.local)
	var found []string
	for _, a := range accounts {
		if i := strings.LastIndexByte(a.Key, '@'); i >= 0 && a.Key[:i] == local {
			found = append(found, spelled(a))
		}
	}
	return found, nil
}

// spelled is an account's address as it goes over the wire: a key has no quotes.
func spelled(a store.Account) string {
	if a.Address != a.Key {
		return a.Address
	}
	i := strings.LastIndexByte(a.Key, '@')
	if i < 0 {
		return address.Address{Local: a.Key}.String()
	}
	return address.Address{Local: a.Key[:i], Domain: a.Key[i+1:]}.String()
}

// alias finds the alias of that name, nil when there is none.
func (s *session) alias(q lookedUp) (*store.Alias, error) {
	if q.mailbox == nil {
		return nil, nil
	}
	a, err := s.cfg.Backend.Alias(s.c.Context(), s.home(), q.mailbox.String())
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &a, err
}

// vrfy is VRFY, RFC 5321 §3.5: 250 for one that is known, 252 for one that would
// be taken, 553 when several fit.
func (s *session) vrfy(p *parser) reply {
	q := p.nameOrMailbox()
	if p.err != nil {
		return *p.err
	}
	if !s.mayLook() {
		return notTold
	}
	alias, err := s.alias(q)
	if err != nil {
		return s.lookupFailed(err)
	}
	if alias != nil {
		return reply{code: 250, enhanced: "2.1.5", text: "<" + q.mailbox.String() + ">"}
	}
	found, err := s.known(q)
	switch {
	case err != nil:
		return s.lookupFailed(err)
	case len(found) == 1:
		return reply{code: 250, enhanced: "2.1.5", text: "<" + found[0] + ">"}
	case len(found) > 1:
		return reply{code: 553, enhanced: "5.1.4", text: "Ambiguous; possibilities are\n" + angled(found)}
	case q.mailbox == nil:
		return reply{code: 550, enhanced: "5.1.1", text: "No account of that name"}
	}
	if _, err := s.cfg.Backend.Route(s.chosen(), q.mailbox.String()); err != nil {
		return s.routeFailed(err)
	}
	return reply{code: 252, enhanced: "2.0.0", text: "Not known yet, but mail will be taken for <" + q.mailbox.String() + ">"}
}

// expn is EXPN, RFC 5321 §3.5: the members of an alias one a line, an account is
// itself.
func (s *session) expn(p *parser) reply {
	q := p.nameOrMailbox()
	if p.err != nil {
		return *p.err
	}
	if !s.mayLook() {
		return notTold
	}
	alias, err := s.alias(q)
	if err != nil {
		return s.lookupFailed(err)
	}
	if alias != nil && len(alias.Members) > 0 {
		return reply{code: 250, enhanced: "2.1.5", text: angled(alias.Members)}
	}
	found, err := s.known(q)
	switch {
	case err != nil:
		return s.lookupFailed(err)
	case len(found) == 1:
		return reply{code: 250, enhanced: "2.1.5", text: "<" + found[0] + ">"}
	case len(found) > 1:
		return reply{code: 553, enhanced: "5.1.4", text: "Ambiguous; possibilities are\n" + angled(found)}
	}
	return reply{code: 550, enhanced: "5.1.1", text: "No alias and no account of that name"}
}

// angled puts addresses into brackets, one a line, at most a hundred.
func angled(list []string) string {
	return "<" + strings.Join(list[:min(len(list), 100)], ">\n<") + ">"
}

func (s *session) lookupFailed(err error) reply {
	s.log.Error("look up an account", "session", s.c.ID(), "error", err)
	return internal
}
