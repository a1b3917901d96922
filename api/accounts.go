package api

import (
	"net/http"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// catchAll is the key of the account that has everything captured.
const catchAll = ""

// accountKey reads {account}: an address, or the sandbox's name for the catch-all.
func (r *request) accountKey(name string) (string, error) {
	if name == "" || name == r.sandbox {
		return catchAll, nil
	}
	a, err := address.ParseMailbox(name)
	if err != nil {
		return "", &problem{code: "bad_value", param: "account", cause: err,
			detail: "an account is an address, or the sandbox's name for the one that has everything"}
	}
	return a.Key(), nil
}

// account reads {account} of the path.
func (r *request) account() (store.AccountRef, error) {
	key, err := r.accountKey(r.Param("account"))
	return store.AccountRef{Sandbox: r.sandbox, Key: key}, err
}

func accountOf(a store.Account) model.Account {
	m := model.Account{
		Account: a.Key, Address: a.Address, CatchAll: a.Key == catchAll, HasPassword: a.HasPassword,
		Messages: a.Messages, Unseen: a.Unseen, Bytes: a.Bytes,
	}
	if m.CatchAll {
		m.Account = a.Sandbox
	}
	if !a.CreatedAt.IsZero() {
		at := a.CreatedAt.UTC()
		m.CreatedAt = &at
	}
	return m
}

// listAccounts lists the accounts of a sandbox.
//
//	@Summary	The accounts of a sandbox, the one that has everything first
//	@Tags		accounts
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Accounts
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts [get]
func (s *Server) listAccounts(r *request) (any, error) {
	all, err := s.store.Accounts(r.ctx, r.sandbox)
	if err != nil {
		return nil, err
	}
	out := model.Accounts{Accounts: make([]model.Account, 0, len(all))}
	for _, a := range all {
		out.Accounts = append(out.Accounts, accountOf(a))
	}
	return out, nil
}

// createAccount gives an address an account before its first mail, or a password.
//
//	@Summary	Create an account, or give one a password
//	@Tags		accounts
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.NewAccount	true	"with a password, only that or the sandbox's token opens the account"
//	@Success	201		{object}	model.Account
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts [post]
func (s *Server) createAccount(r *request, body model.NewAccount) (any, error) {
	if _, err := address.ParseMailbox(body.Address); err != nil {
		return nil, &problem{code: "bad_value", param: "address", detail: "address is not a mailbox: " + err.Error(), cause: err}
	}
	if len(body.Password) > 500 {
		return nil, fail("bad_value", "a password has at most 500 octets").at("password")
	}
	a, err := s.store.CreateAccount(r.ctx, store.NewAccount{Sandbox: r.sandbox, Address: body.Address, Password: body.Password})
	if err != nil {
		return nil, err
	}
	return result{http.StatusCreated, accountOf(a)}, nil
}

// getAccount answers one account; an address nobody has written to has an empty one.
//
//	@Summary	One account
//	@Tags		accounts
//	@Param		account	path		string	true	"an address, or the sandbox's name"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Account
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account} [get]
func (s *Server) getAccount(r *request) (any, error) {
	ref, err := r.account()
	if err != nil {
		return nil, err
	}
	a, err := s.store.Account(r.ctx, ref)
	if err != nil {
		return nil, err
	}
	return accountOf(a), nil
}

// deleteAccount removes an account's mailboxes and entries, never the evidence.
//
//	@Summary	Delete an account; the messages stay
//	@Tags		accounts
//	@Param		account	path	string	true	"an address"
//	@Param		sandbox	query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account} [delete]
func (s *Server) deleteAccount(r *request) (any, error) {
	ref, err := r.account()
	if err != nil {
		return nil, err
	}
	if ref.Key == catchAll {
		return nil, fail("state_conflict", "the account that has everything cannot be deleted")
	}
	return nil, s.store.DeleteAccount(r.ctx, ref)
}

func mailboxOf(m store.MailboxInfo) model.Mailbox {
	return model.Mailbox{
		ID: uint64(m.ID), Name: m.Name, SpecialUse: m.SpecialUse, Subscribed: m.Subscribed,
		UIDValidity: uint32(m.UIDValidity), UIDNext: uint32(m.UIDNext), HighestModSeq: uint64(m.HighestModSeq),
		Messages: m.Count, Unseen: m.Unseen, Bytes: m.Size,
	}
}

// listMailboxes lists an account's mailboxes.
//
//	@Summary	The mailboxes of an account, INBOX first
//	@Tags		accounts
//	@Param		account	path		string	true	"an address, or the sandbox's name"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Mailboxes
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account}/mailboxes [get]
func (s *Server) listMailboxes(r *request) (any, error) {
	ref, err := r.account()
	if err != nil {
		return nil, err
	}
	all, err := s.store.Mailboxes(r.ctx, ref)
	if err != nil {
		return nil, err
	}
	out := model.Mailboxes{Mailboxes: make([]model.Mailbox, 0, len(all))}
	for _, m := range all {
		out.Mailboxes = append(out.Mailboxes, mailboxOf(m))
	}
	return out, nil
}

// createMailbox makes a mailbox.
//
//	@Summary	Create a mailbox
//	@Tags		accounts
//	@Param		account	path		string				true	"an address, or the sandbox's name"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.NewMailbox	true	"levels are parted by /"
//	@Success	201		{object}	model.Mailbox
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account}/mailboxes [post]
func (s *Server) createMailbox(r *request, body model.NewMailbox) (any, error) {
	ref, err := r.account()
	if err != nil {
		return nil, err
	}
	m, err := s.store.CreateMailbox(r.ctx, ref, body.Name, body.SpecialUse)
	if err != nil {
		return nil, err
	}
	return result{http.StatusCreated, mailboxOf(m)}, nil
}

// patchMailbox renames a mailbox or changes its subscription.
//
//	@Summary	Rename or subscribe a mailbox
//	@Tags		accounts
//	@Param		account	path		string				true	"an address, or the sandbox's name"
//	@Param		mailbox	path		string				true	"its name, / written as %2F"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.MailboxChange	true	"absent keys stay"
//	@Success	200		{object}	model.Mailbox
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account}/mailboxes/{mailbox} [patch]
func (s *Server) patchMailbox(r *request, body model.MailboxChange) (any, error) {
	ref, box, err := r.mailbox()
	if err != nil {
		return nil, err
	}
	name := box.Name
	if body.Name != nil && *body.Name != name {
		if err := s.store.RenameMailbox(r.ctx, ref, name, *body.Name); err != nil {
			return nil, err
		}
		name = *body.Name
	}
	if body.Subscribed != nil {
		if err := s.store.SetSubscribed(r.ctx, ref, name, *body.Subscribed); err != nil {
			return nil, err
		}
	}
	box, err = s.store.Mailbox(r.ctx, ref, name)
	if err != nil {
		return nil, err
	}
	return mailboxOf(box), nil
}

// deleteMailbox removes a mailbox and its entries.
//
//	@Summary	Delete a mailbox; those below it stay
//	@Tags		accounts
//	@Param		account	path	string	true	"an address, or the sandbox's name"
//	@Param		mailbox	path	string	true	"its name, / written as %2F"
//	@Param		sandbox	query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account}/mailboxes/{mailbox} [delete]
func (s *Server) deleteMailbox(r *request) (any, error) {
	ref, box, err := r.mailbox()
	if err != nil {
		return nil, err
	}
	return nil, s.store.DeleteMailbox(r.ctx, ref, box.Name)
}

// mailbox reads {account} and {mailbox} of the path.
func (r *request) mailbox() (store.AccountRef, store.MailboxInfo, error) {
	ref, err := r.account()
	if err != nil {
		return ref, store.MailboxInfo{}, err
	}
	box, err := r.s.store.Mailbox(r.ctx, ref, r.Param("mailbox"))
	return ref, box, err
}

// listAliases lists the aliases of a sandbox.
//
//	@Summary	The aliases of a sandbox
//	@Tags		accounts
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Aliases
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/aliases [get]
func (s *Server) listAliases(r *request) (any, error) {
	all, err := s.store.Aliases(r.ctx, r.sandbox)
	if err != nil {
		return nil, err
	}
	out := model.Aliases{Aliases: make([]model.Alias, 0, len(all))}
	for _, a := range all {
		out.Aliases = append(out.Aliases, model.Alias{Address: a.Address, Members: notNil(a.Members)})
	}
	return out, nil
}

// maxMembers bounds an alias.
const maxMembers = 1000

// putAlias makes or replaces an alias.
//
//	@Summary	Make or replace an alias
//	@Tags		accounts
//	@Param		address	path		string				true	"the alias"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.AliasMembers	true	"addresses; a member may be an alias"
//	@Success	200		{object}	model.Alias
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/aliases/{address} [put]
func (s *Server) putAlias(r *request, body model.AliasMembers) (any, error) {
	if len(body.Members) == 0 || len(body.Members) > maxMembers {
		return nil, fail("bad_value", "an alias has 1 to %d members", maxMembers).at("members")
	}
	for _, m := range append([]string{r.Param("address")}, body.Members...) {
		if _, err := address.ParseMailbox(m); err != nil {
			return nil, &problem{code: "bad_value", param: "members", detail: clip(m, 100) + " is not a mailbox: " + err.Error(), cause: err}
		}
	}
	a := store.Alias{Sandbox: r.sandbox, Address: r.Param("address"), Members: body.Members}
	if err := s.store.PutAlias(r.ctx, a); err != nil {
		return nil, err
	}
	return model.Alias{Address: a.Address, Members: a.Members}, nil
}

// deleteAlias removes an alias.
//
//	@Summary	Remove an alias
//	@Tags		accounts
//	@Param		address	path	string	true	"the alias"
//	@Param		sandbox	query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/aliases/{address} [delete]
func (s *Server) deleteAlias(r *request) (any, error) {
	return nil, s.store.DeleteAlias(r.ctx, r.sandbox, r.Param("address"))
}
