package api

import (
	"net/http"
	"strings"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// Bounds on contacts.
const (
	maxContactAddresses = 50
	maxContactText      = 2000
	maxContactList      = 10_000 // as many as an account has
)

// bookOwner reads ?account=; absent, it is the account that has everything.
func (r *request) bookOwner() (store.AccountRef, error) {
	key, err := r.accountKey(r.query.Get("account"))
	return store.AccountRef{Sandbox: r.sandbox, Key: key}, err
}

func contactOf(c store.Contact) model.Contact {
	return model.Contact{ID: c.ID, Name: c.Name, Addresses: notNil(c.Addresses), Note: c.Note, UpdatedAt: c.UpdatedAt.UTC()}
}

// listContacts lists or searches an address book.
//
//	@Summary	The contacts of an account
//	@Tags		contacts
//	@Param		account	query		string	false	"an address; absent: the account that has everything"
//	@Param		q		query		string	false	"stands in name, address or note"
//	@Param		limit	query		int		false	"1 to 10000: a whole address book"	default(50)
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Contacts
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/contacts [get]
func (s *Server) listContacts(r *request) (any, error) {
	owner, err := r.bookOwner()
	if err != nil {
		return nil, err
	}
	limit, err := r.number("limit", 50, 1, maxContactList)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Contacts(r.ctx, owner, r.query.Get("q"), limit)
	if err != nil {
		return nil, err
	}
	out := model.Contacts{Contacts: make([]model.Contact, 0, len(all))}
	for _, c := range all {
		out.Contacts = append(out.Contacts, contactOf(c))
	}
	return out, nil
}

// putContact creates (id "") or replaces a contact.
func (s *Server) putContact(r *request, id string, body model.ContactBody) (model.Contact, error) {
	owner, err := r.bookOwner()
	if err != nil {
		return model.Contact{}, err
	}
	if strings.TrimSpace(body.Name) == "" && len(body.Addresses) == 0 {
		return model.Contact{}, fail("empty_value", "a contact needs a name or an address").at("name")
	}
	if len(body.Addresses) > maxContactAddresses || len(body.Name) > maxContactText || len(body.Note) > maxContactText {
		return model.Contact{}, fail("bad_value", "a contact has at most %d addresses and texts of %d octets", maxContactAddresses, maxContactText)
	}
	for _, a := range body.Addresses {
		if _, err := address.ParseMailbox(a); err != nil {
			return model.Contact{}, &problem{code: "bad_value", param: "addresses", detail: clip(a, 100) + " is not a mailbox: " + err.Error(), cause: err}
		}
	}
	c, err := s.store.PutContact(r.ctx, store.Contact{ID: id, Account: owner, Name: body.Name, Addresses: body.Addresses, Note: body.Note})
	return contactOf(c), err
}

// createContact adds a contact.
//
//	@Summary	Add a contact
//	@Tags		contacts
//	@Param		account	query		string				false	"an address; absent: the account that has everything"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.ContactBody	true	"the contact"
//	@Success	201		{object}	model.Contact
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/contacts [post]
func (s *Server) createContact(r *request, body model.ContactBody) (any, error) {
	c, err := s.putContact(r, "", body)
	return result{http.StatusCreated, c}, err
}

// replaceContact replaces a contact.
//
//	@Summary	Replace a contact
//	@Tags		contacts
//	@Param		id		path		string				true	"the contact"
//	@Param		account	query		string				false	"an address; absent: the account that has everything"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.ContactBody	true	"the contact"
//	@Success	200		{object}	model.Contact
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/contacts/{id} [put]
func (s *Server) replaceContact(r *request, body model.ContactBody) (any, error) {
	return s.putContact(r, r.Param("id"), body)
}

// getContact answers one contact.
//
//	@Summary	One contact
//	@Tags		contacts
//	@Param		id		path		string	true	"the contact"
//	@Param		account	query		string	false	"an address; absent: the account that has everything"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Contact
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/contacts/{id} [get]
func (s *Server) getContact(r *request) (any, error) {
	owner, err := r.bookOwner()
	if err != nil {
		return nil, err
	}
	c, err := s.store.Contact(r.ctx, owner, r.Param("id"))
	return contactOf(c), err
}

// deleteContact removes a contact.
//
//	@Summary	Remove a contact
//	@Tags		contacts
//	@Param		id		path	string	true	"the contact"
//	@Param		account	query	string	false	"an address; absent: the account that has everything"
//	@Param		sandbox	query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/contacts/{id} [delete]
func (s *Server) deleteContact(r *request) (any, error) {
	owner, err := r.bookOwner()
	if err != nil {
		return nil, err
	}
	return nil, s.store.DeleteContact(r.ctx, owner, r.Param("id"))
}
