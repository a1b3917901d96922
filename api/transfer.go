package api

import (
	"context"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// transfer runs a move or a copy within one account.
func (s *Server) transfer(r *request, body model.TransferRequest,
	run func(context.Context, store.MailboxID, []store.UID, store.MailboxID) (store.Transfer, error),
) (any, error) {
	ref, from, err := r.mailbox()
	if err != nil {
		return nil, err
	}
	uids, err := storeUIDs(body.UIDs)
	if err != nil {
		return nil, err
	}
	if body.To == "" {
		return nil, fail("empty_value", "to names the mailbox").at("to")
	}
	to, err := s.store.Mailbox(r.ctx, ref, body.To)
	if err != nil {
		return nil, err
	}
	t, err := run(r.ctx, from.ID, uids, to.ID)
	if err != nil {
		return nil, err
	}
	return transferred(to.Name, t), nil
}
