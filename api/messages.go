package api

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// includes are what ?include= can add to a row.
var includes = []string{"text", "html", "headers", "attachments", "envelope", "warnings", "links", "codes", "raw"}

// listMessages lists, searches and waits.
//
//	@Summary		List, search or wait for messages
//	@Description	With wait, held until min messages match, those already there included; then 200 with timed_out true or false.
//	@Tags			messages
//	@Param			filter	query		object	false	"[not.]field[.op]=value, repeatable; see /docs/filters"
//	@Param			sandbox	query		string	false	"for the administrator; default is \"default\""
//	@Param			order	query		string	false	"newest (default) or oldest"	Enums(newest, oldest)
//	@Param			limit	query		int		false	"rows, 1 to 500"	default(50)	minimum(1)	maximum(500)
//	@Param			cursor	query		string	false	"next_cursor of the page before"
//	@Param			include	query		string	false	"comma-separated: text html headers attachments envelope warnings links codes raw"
//	@Param			wait	query		string	false	"how long to wait, such as 10s; at most 5m"
//	@Param			min		query		int		false	"how many must match before a wait ends"	default(1)	minimum(1)
//	@Param			pretty	query		bool	false	"indent the answer"
//	@Success		200		{object}	model.List
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/messages [get]
func (s *Server) listMessages(r *request) (any, error) {
	include, err := r.words("include", includes...)
	if err != nil {
		return nil, err
	}
	q, err := r.pageQuery()
	if err != nil {
		return nil, err
	}
	q.Heads = len(include) == 0
	wait, err := r.duration("wait", s.limits.Wait)
	if err != nil {
		return nil, err
	}
	atLeast, err := r.number("min", 1, 1, 1000)
	if err != nil {
		return nil, err
	}
	if r.query.Has("min") && wait == 0 {
		return nil, fail("bad_value", "min is for a wait: add wait=10s").at("min")
	}
	page, waited, timedOut, err := r.listWaiting(q, wait, atLeast)
	if err != nil {
		return nil, err
	}
	list := model.List{
		Messages: make([]model.Row, 0, len(page.Messages)), Total: page.Total, TotalExact: page.TotalExact,
		Sequence: uint64(page.Sequence), Pruned: page.Pruned,
		TimedOut: timedOut && wait > 0, WaitedMS: waited.Milliseconds(),
	}
	if page.NextCursor != "" {
		list.NextCursor = &page.NextCursor
	}
	base := s.baseURL(r.Request())
	for _, m := range page.Messages {
		row, err := s.row(m, base, include)
		if errors.Is(err, store.ErrNotFound) {
			continue // deleted since the look
		}
		if err != nil {
			return nil, err
		}
		list.Messages = append(list.Messages, row)
	}
	return list, nil
}

// pageQuery reads order, limit and cursor.
func (r *request) pageQuery() (store.Query, error) {
	q := store.Query{Sandbox: r.sandbox, Filter: r.filter, Cursor: r.query.Get("cursor")}
	order, err := r.word("order", "newest", "newest", "oldest")
	if err != nil {
		return q, err
	}
	if order == "oldest" {
		q.Order = store.Oldest
	}
	if q.Limit, err = r.number("limit", 50, 1, 500); err != nil {
		return q, err
	}
	if r.query.Has("cursor") && q.Cursor == "" {
		return q, fail("bad_cursor", "the cursor is empty").at("cursor")
	}
	return q, nil
}

// summary is a message's summary with the address of its page.
func (s *Server) summary(m *store.Message, base string) model.Summary {
	sum := m.Summary()
	sum.PageURL = pageURL(base, m.Sandbox, m.ID)
	sum.Relay = s.store.RelayStates(m)
	return sum
}

func pageURL(base, sandbox, id string) string { return base + "/#/" + sandbox + "/" + id }

// row is a summary with what include adds to it.
func (s *Server) row(m *store.Message, base string, include []string) (model.Row, error) {
	row := model.Row{Summary: s.summary(m, base)}
	if len(include) == 0 {
		return row, nil
	}
	full, err := s.full(m, base, include)
	if err != nil {
		return row, err
	}
	for _, name := range include {
		switch name {
		case "text":
			row.Text = &full.Text
		case "html":
			row.HTML = &full.HTML
		case "headers":
			row.Headers = full.Headers
		case "attachments":
			row.Attachments = full.Attachments
		case "envelope":
			row.Envelope = &full.Envelope
		case "warnings":
			row.Warnings = full.Warnings
		}
	}
	row.Links, row.Codes, row.Raw = full.Links, full.Codes, full.Raw
	return row, nil
}

// full is the whole message, with links, codes and raw where include names them.
func (s *Server) full(m *store.Message, base string, include []string) (model.Message, error) {
	subject := s.store.Subject(m)
	shared, err := subject.Full()
	if err != nil {
		return model.Message{}, err
	}
	full := *shared
	full.Summary = s.summary(m, base)
	if slices.Contains(include, "links") {
		if full.Links, err = subject.Links(); err != nil {
			return full, err
		}
		full.Links = notNil(full.Links)
	}
	if slices.Contains(include, "codes") {
		if full.Codes, err = subject.Codes(); err != nil {
			return full, err
		}
		full.Codes = notNil(full.Codes)
	}
	if slices.Contains(include, "raw") {
		if full.Raw, err = s.store.Raw(s.running, m); err != nil {
			return full, err
		}
	}
	full.Truncated = nil
	full.Text = cutBody(full.Text, "text", &full.Truncated)
	full.HTML = cutBody(full.HTML, "html", &full.Truncated)
	full.Headers, full.Attachments = notNil(full.Headers), notNil(full.Attachments)
	full.Warnings, full.Truncated = notNil(full.Warnings), notNil(full.Truncated)
	full.Envelope.DSN.Recipients = notNil(slices.Clone(full.Envelope.DSN.Recipients))
	for i := range full.Envelope.DSN.Recipients {
		full.Envelope.DSN.Recipients[i].Notify = notNil(full.Envelope.DSN.Recipients[i].Notify)
	}
	return full, nil
}

// maxBody is how much of a body a full message carries; its own route has all.
const maxBody = 4 << 20

// cutBody shortens a body that is too long, and says so.
func cutBody(body *string, name string, truncated *[]string) *string {
	if body == nil || len(*body) <= maxBody {
		return body
	}
	at := maxBody
	for at > 0 && !utf8.RuneStart((*body)[at]) {
		at--
	}
	short := (*body)[:at]
	*truncated = append(*truncated, name)
	return &short
}

// notNil makes an absent list [] in JSON, not null.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// find returns the message that {id} names: an ID, or latest?FILTER&wait.
func (r *request) find() (*store.Message, error) {
	id := r.Param("id")
	if id != latest {
		if r.query.Has("wait") {
			return nil, fail("unknown_filter", "wait goes with /messages/latest, not with an ID").at("wait")
		}
		return r.findID(id)
	}
	wait, err := r.duration("wait", r.s.limits.Wait)
	if err != nil {
		return nil, err
	}
	q := store.Query{Sandbox: r.sandbox, Filter: r.filter, Limit: 1}
	page, waited, _, err := r.listWaiting(q, wait, 1)
	if err != nil {
		return nil, err
	}
	if len(page.Messages) == 0 {
		p := fail("no_match", "no message matches")
		if wait > 0 {
			p.detail = "no message matched within " + shortDuration(wait)
		}
		p.timed, p.waited = true, waited
		return nil, p
	}
	return page.Messages[0], nil
}

func (r *request) findID(id string) (*store.Message, error) {
	m, err := r.s.store.Message(r.ctx, r.sandbox, id)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return m, err
	}
	p := fail("message_not_found", "no message %q is in sandbox %q", clip(id, 60), r.sandbox)
	if r.caller.admin {
		if other, err := r.s.store.Message(r.ctx, "", id); err == nil {
			p.detail += "; it is in " + other.Sandbox + ": add ?sandbox=" + other.Sandbox
		}
	}
	return nil, p
}

// getMessage answers a full message.
//
//	@Summary	One message
//	@Tags		messages
//	@Param		id		path		string	true	"an ID, or latest: the newest that matches the filter"
//	@Param		filter	query		object	false	"with latest"
//	@Param		wait	query		string	false	"with latest: how long to wait for one"
//	@Param		include	query		string	false	"comma-separated: links codes raw"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Message
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id} [get]
func (s *Server) getMessage(r *request) (any, error) {
	include, err := r.words("include", includes...)
	if err != nil {
		return nil, err
	}
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	return s.fullOrGone(m, s.baseURL(r.Request()), include)
}

// fullOrGone names a message that went away between the look and the read.
func (s *Server) fullOrGone(m *store.Message, base string, include []string) (any, error) {
	full, err := s.full(m, base, include)
	if err != nil {
		return nil, gone(m, err)
	}
	return full, nil
}

func gone(m *store.Message, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return fail("message_not_found", "message %q has just been deleted", m.ID)
	}
	return err
}

// patchMessage changes one message's state.
//
//	@Summary	Mark or tag one message
//	@Tags		messages
//	@Param		id		path		string				true	"an ID, or latest"
//	@Param		filter	query		object				false	"with latest"
//	@Param		wait	query		string				false	"with latest"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.StateChange	true	"what to change; tags are replaced"
//	@Success	200		{object}	model.Message
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id} [patch]
func (s *Server) patchMessage(r *request, body model.StateChange) (any, error) {
	change, err := stateChange(body)
	if err != nil {
		return nil, err
	}
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	if _, err := s.store.UpdateMessages(r.ctx, r.sandbox, []string{m.ID}, nil, change); err != nil {
		return nil, gone(m, err)
	}
	if m, err = r.findID(m.ID); err != nil {
		return nil, err
	}
	return s.fullOrGone(m, s.baseURL(r.Request()), nil)
}

// patchMessages changes the state of all that match.
//
//	@Summary	Mark or tag all messages that match
//	@Tags		messages
//	@Param		filter	query		object				false	"which; or all=true"
//	@Param		all		query		bool				false	"every message of the sandbox"
//	@Param		sandbox	query		string				false	"for the administrator"
//	@Param		body	body		model.StateChange	true	"what to change; tags are replaced"
//	@Success	200		{object}	model.Changed
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages [patch]
func (s *Server) patchMessages(r *request, body model.StateChange) (any, error) {
	change, err := stateChange(body)
	if err != nil {
		return nil, err
	}
	if err := r.needFilterOrAll(); err != nil {
		return nil, err
	}
	n, err := s.store.UpdateMessages(r.ctx, r.sandbox, nil, r.filter, change)
	return model.Changed{Changed: n}, err
}

// deleteMessage deletes one message.
//
//	@Summary	Delete one message
//	@Tags		messages
//	@Param		id		path	string	true	"an ID, or latest"
//	@Param		filter	query	object	false	"with latest"
//	@Param		wait	query	string	false	"with latest"
//	@Param		sandbox	query	string	false	"for the administrator"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id} [delete]
func (s *Server) deleteMessage(r *request) (any, error) {
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	n, err := s.store.DeleteMessages(r.ctx, r.sandbox, []string{m.ID}, nil)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return nil, gone(m, err)
}

// deleteMessages deletes all that match.
//
//	@Summary	Delete all messages that match
//	@Tags		messages
//	@Param		filter	query		object	false	"which; or all=true"
//	@Param		all		query		bool	false	"every message of the sandbox"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Deleted
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages [delete]
func (s *Server) deleteMessages(r *request) (any, error) {
	if err := r.needFilterOrAll(); err != nil {
		return nil, err
	}
	f := r.filter
	if len(f.Clauses()) == 0 {
		f = nil
	}
	n, err := s.store.DeleteMessages(r.ctx, r.sandbox, nil, f)
	return model.Deleted{Deleted: n}, err
}

// needFilterOrAll keeps a forgotten filter from meaning everything.
func (r *request) needFilterOrAll() error {
	all, err := r.flag("all")
	if err != nil {
		return err
	}
	if len(r.filter.Clauses()) == 0 && !all {
		return fail("filter_required", "give a filter, or all=true to mean every message of the sandbox")
	}
	if len(r.filter.Clauses()) > 0 && all {
		return fail("bad_value", "all=true and a filter contradict each other").at("all")
	}
	return nil
}

// Bounds on tags.
const (
	maxTags   = 50
	maxTagLen = 100
)

func stateChange(b model.StateChange) (store.StateChange, error) {
	c := store.StateChange{Seen: b.Seen, Flagged: b.Flagged}
	if b.Tags != nil {
		tags, err := cleanTags(*b.Tags)
		if err != nil {
			return c, err
		}
		c.Tags = &tags
	}
	if c == (store.StateChange{}) {
		return c, fail("bad_json", "nothing to change: give seen, flagged or tags")
	}
	return c, nil
}

// cleanTags refuses empty and over-long tags and drops repetitions.
func cleanTags(in []string) ([]string, error) {
	if len(in) > maxTags {
		return nil, fail("bad_value", "at most %d tags", maxTags).at("tags")
	}
	out := make([]string, 0, len(in))
	for _, t := range in {
		if t == "" || len(t) > maxTagLen {
			return nil, fail("bad_value", "a tag has 1 to %d octets", maxTagLen).at("tags")
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out, nil
}
