package api

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// lookBatch is how many entries are opened at a time while a filter looks for a page.
const lookBatch = 128

// listEntries lists a mailbox by UID.
//
//	@Summary		The messages of a mailbox, by UID
//	@Description	seen and flagged of a message are the catch-all's; flags of an entry are this mailbox's.
//	@Tags			accounts
//	@Param			account	path		string	true	"an address, or the sandbox's name"
//	@Param			mailbox	path		string	true	"its name, / written as %2F"
//	@Param			filter	query		object	false	"which messages"
//	@Param			order	query		string	false	"newest (highest UID, default) or oldest"	Enums(newest, oldest)
//	@Param			limit	query		int		false	"1 to 500"	default(50)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Param			sandbox	query		string	false	"for the administrator"
//	@Success		200		{object}	model.Entries
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/accounts/{account}/mailboxes/{mailbox}/messages [get]
func (s *Server) listEntries(r *request) (any, error) {
	q, err := r.pageQuery()
	if err != nil {
		return nil, err
	}
	_, box, err := r.mailbox()
	if err != nil {
		return nil, err
	}
	state, err := s.store.MailboxState(r.ctx, box.ID)
	if err != nil {
		return nil, err
	}
	indexes, err := entriesFrom(state, q)
	if err != nil {
		return nil, err
	}
	out := model.Entries{Mailbox: mailboxOf(state.MailboxInfo), Entries: []model.Entry{}}
	base := s.baseURL(r.Request())
	for len(indexes) > 0 && len(out.Entries) < q.Limit {
		n := min(lookBatch, len(indexes))
		got, err := s.openEntries(r, state, indexes[:n], q.Filter, base)
		if err != nil {
			return nil, err
		}
		for _, i := range indexes[:n] {
			e, ok := got[state.UIDs[i]]
			indexes = indexes[1:]
			if !ok {
				continue
			}
			if out.Entries = append(out.Entries, e); len(out.Entries) == q.Limit {
				break
			}
		}
	}
	if len(indexes) > 0 && len(out.Entries) > 0 {
		cursor := entryCursor(out.Entries[len(out.Entries)-1].UID, q.Order)
		out.NextCursor = &cursor
	}
	return out, nil
}

// openEntries opens a batch, and keeps what matches.
func (s *Server) openEntries(r *request, state *store.MailboxState, indexes []int, f *filter.Filter, base string) (map[store.UID]model.Entry, error) {
	at := make(map[store.UID]int, len(indexes))
	uids := make([]store.UID, len(indexes))
	for n, i := range indexes {
		uids[n], at[state.UIDs[i]] = state.UIDs[i], i
	}
	slices.Sort(uids)
	got := make(map[store.UID]model.Entry, len(uids))
	var found []*store.Message
	var foundUIDs []store.UID
	err := s.store.FetchMessages(r.ctx, state.ID, uids, func(uid store.UID, m *store.Message) error {
		found, foundUIDs = append(found, m), append(foundUIDs, uid)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for n, m := range found {
		if len(f.Clauses()) > 0 {
			ok, err := f.Match(s.store.Subject(m))
			if errors.Is(err, store.ErrNotFound) || err == nil && !ok {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		i := at[foundUIDs[n]]
		got[foundUIDs[n]] = model.Entry{
			UID: uint32(foundUIDs[n]), Flags: state.Flags[i].Names(state.Keywords), ModSeq: uint64(state.ModSeqs[i]),
			Date: time.Unix(0, state.Dates[i]).UTC().Format(time.RFC3339), Message: s.summary(m, base),
		}
	}
	return got, nil
}

// entriesFrom gives the indexes of the entries after the cursor, in order.
func entriesFrom(state *store.MailboxState, q store.Query) ([]int, error) {
	indexes := make([]int, len(state.UIDs))
	for i := range indexes {
		indexes[i] = i
	}
	if q.Order == store.Newest {
		slices.Reverse(indexes)
	}
	if q.Cursor == "" {
		return indexes, nil
	}
	after, ok := readEntryCursor(q.Cursor, q.Order)
	if !ok {
		return nil, fail("bad_cursor", "the cursor is not one of this list").at("cursor")
	}
	return slices.DeleteFunc(indexes, func(i int) bool {
		if q.Order == store.Newest {
			return state.UIDs[i] >= after
		}
		return state.UIDs[i] <= after
	}), nil
}

func entryCursor(uid uint32, order store.Order) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32([]byte{byte(order)}, uid))
}

func readEntryCursor(cursor string, order store.Order) (store.UID, bool) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) != 5 || b[0] != byte(order) {
		return 0, false
	}
	return store.UID(binary.BigEndian.Uint32(b[1:])), true
}

// appendEntry puts a message into a mailbox, as IMAP's APPEND does.
//
//	@Summary		Put a message into a mailbox: a draft, a sent copy
//	@Description	The body is message/rfc822, or JSON as for POST /v1/messages. Its origin is append, so that lists and assertions leave it out unless asked.
//	@Tags			accounts
//	@Accept			json,message/rfc822
//	@Param			account	path		string			true	"an address, or the sandbox's name"
//	@Param			mailbox	path		string			true	"its name, / written as %2F"
//	@Param			flags	query		string			false	"comma-separated, such as \\Draft,\\Seen"
//	@Param			sandbox	query		string			false	"for the administrator"
//	@Param			body	body		model.Compose	true	"the message"
//	@Success		201		{object}	model.Transferred
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/accounts/{account}/mailboxes/{mailbox}/messages [post]
func (s *Server) appendEntry(r *request) (any, error) {
	_, box, err := r.mailbox()
	if err != nil {
		return nil, err
	}
	posted, err := r.readMessage()
	if err != nil {
		return nil, err
	}
	var flags []string
	for f := range strings.SplitSeq(r.query.Get("flags"), ",") {
		if f = strings.TrimSpace(f); f != "" {
			flags = append(flags, f)
		}
	}
	octets := s.store.NewOctets()
	defer octets.Discard()
	if _, err := octets.Write(posted.asDraft()); err != nil {
		return nil, err
	}
	t, err := s.store.Append(r.ctx, box.ID, []store.AppendItem{{Octets: octets, Flags: flags}})
	if err != nil {
		return nil, err
	}
	return result{http.StatusCreated, transferred(box.Name, t)}, nil
}

func transferred(mailbox string, t store.Transfer) model.Transferred {
	return model.Transferred{Mailbox: mailbox, UIDValidity: uint32(t.UIDValidity), From: plainUIDs(t.From), To: plainUIDs(t.To)}
}

func plainUIDs(uids []store.UID) []uint32 {
	out := make([]uint32, len(uids))
	for i, u := range uids {
		out[i] = uint32(u)
	}
	return out
}

// maxUIDs bounds what one request names.
const maxUIDs = 10_000

func storeUIDs(in []uint32) ([]store.UID, error) {
	if len(in) == 0 || len(in) > maxUIDs {
		return nil, fail("bad_value", "give 1 to %d UIDs", maxUIDs).at("uids")
	}
	out := make([]store.UID, len(in))
	for i, u := range in {
		out[i] = store.UID(u)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// patchEntries changes flags.
//
//	@Summary	Change the flags of entries
//	@Tags		accounts
//	@Param		account	path		string				true	"an address, or the sandbox's name"
//	@Param		mailbox	path		string				true	"its name, / written as %2F"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.FlagsChange	true	"flags to add and remove, or the whole set"
//	@Success	200		{object}	model.FlagsChanged
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account}/mailboxes/{mailbox}/messages [patch]
func (s *Server) patchEntries(r *request, body model.FlagsChange) (any, error) {
	_, box, err := r.mailbox()
	if err != nil {
		return nil, err
	}
	uids, err := storeUIDs(body.UIDs)
	if err != nil {
		return nil, err
	}
	var changes []store.FlagChange
	if body.Set != nil {
		changes = append(changes, store.FlagChange{Op: store.ReplaceFlags, Flags: *body.Set})
	}
	if len(body.Add) > 0 {
		changes = append(changes, store.FlagChange{Op: store.AddFlags, Flags: body.Add})
	}
	if len(body.Remove) > 0 {
		changes = append(changes, store.FlagChange{Op: store.RemoveFlags, Flags: body.Remove})
	}
	if len(changes) == 0 || body.Set != nil && len(changes) > 1 {
		return nil, fail("bad_json", "give add or remove, or set alone")
	}
	var last []store.FlagResult
	for _, c := range changes {
		if last, err = s.store.StoreFlags(r.ctx, box.ID, uids, c); err != nil {
			return nil, err
		}
	}
	state, err := s.store.MailboxState(r.ctx, box.ID)
	if err != nil {
		return nil, err
	}
	out := model.FlagsChanged{Entries: make([]model.EntryFlags, 0, len(last))}
	for _, e := range last {
		out.Entries = append(out.Entries, model.EntryFlags{UID: uint32(e.UID), Flags: e.Flags.Names(state.Keywords), ModSeq: uint64(e.ModSeq)})
	}
	return out, nil
}

// deleteEntries removes entries from a mailbox; the evidence stays.
//
//	@Summary	Remove entries from a mailbox; captured messages stay
//	@Tags		accounts
//	@Param		account	path		string	true	"an address, or the sandbox's name"
//	@Param		mailbox	path		string	true	"its name, / written as %2F"
//	@Param		uids	query		string	true	"comma-separated UIDs"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Expunged
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account}/mailboxes/{mailbox}/messages [delete]
func (s *Server) deleteEntries(r *request) (any, error) {
	_, box, err := r.mailbox()
	if err != nil {
		return nil, err
	}
	var named []uint32
	for word := range strings.SplitSeq(r.query.Get("uids"), ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(word), 10, 32)
		if err != nil || n == 0 {
			return nil, fail("bad_value", "uids takes UIDs parted by commas, not %q", clip(word, 40)).at("uids")
		}
		named = append(named, uint32(n))
	}
	uids, err := storeUIDs(named)
	if err != nil {
		return nil, err
	}
	gone, _, err := s.store.Expunge(r.ctx, box.ID, uids, true)
	if err != nil {
		return nil, err
	}
	return model.Expunged{UIDs: plainUIDs(gone)}, nil
}

// moveEntries moves entries to another mailbox of the account.
//
//	@Summary	Move entries to another mailbox of the account
//	@Tags		accounts
//	@Param		account	path		string					true	"an address, or the sandbox's name"
//	@Param		mailbox	path		string					true	"its name, / written as %2F"
//	@Param		sandbox	query		string					false	"for the administrator"
//	@Param		body	body		model.TransferRequest	true	"which, and where to"
//	@Success	200		{object}	model.Transferred
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account}/mailboxes/{mailbox}/move [post]
func (s *Server) moveEntries(r *request, body model.TransferRequest) (any, error) {
	return s.transfer(r, body, s.store.Move)
}

// copyEntries copies entries to another mailbox of the account.
//
//	@Summary	Copy entries to another mailbox of the account
//	@Tags		accounts
//	@Param		account	path		string					true	"an address, or the sandbox's name"
//	@Param		mailbox	path		string					true	"its name, / written as %2F"
//	@Param		sandbox	query		string					false	"for the administrator"
//	@Param		body	body		model.TransferRequest	true	"which, and where to"
//	@Success	200		{object}	model.Transferred
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/accounts/{account}/mailboxes/{mailbox}/copy [post]
func (s *Server) copyEntries(r *request, body model.TransferRequest) (any, error) {
	return s.transfer(r, body, s.store.Copy)
}
