package compat

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/catchpost/catchpost/store"
)

// defaultRows is how many rows a list has; pageRows is the store's most.
const (
	defaultRows = 50
	pageRows    = 500
)

// rows reads up to limit messages of a query beyond skip, and what the first page
// told of the whole; limit 0 is all of them.
func (c *call) rows(q store.Query, skip, limit int, each func(*store.Message) error) (store.Page, error) {
	var whole store.Page
	q.Skip = skip
	for n, first := 0, true; ; first = false {
		q.Limit = pageRows
		if limit > 0 {
			q.Limit = min(limit-n, pageRows)
		}
		page, err := c.s.store.List(c.ctx, q)
		if err == nil && first && c.instead != nil && page.Total == 0 && page.NextCursor == "" {
			other := *c.instead
			other.Limit, other.Skip, other.Heads, other.Login = q.Limit, skip, q.Heads, q.Login
			q = other
			page, err = c.s.store.List(c.ctx, q)
		}
		if err != nil {
			return whole, err
		}
		switch {
		case first:
			whole = page
		case page.Total > whole.Total: // the first look was cut short
			whole.Total, whole.TotalExact, whole.Unread = page.Total, page.TotalExact, whole.Unread+page.Unread
		}
		for _, m := range page.Messages {
			if err := each(m); err != nil {
				return whole, err
			}
		}
		n += len(page.Messages)
		if page.NextCursor == "" || limit > 0 && n >= limit {
			return whole, nil
		}
		q.Cursor, q.Skip = page.NextCursor, 0
		if n == 0 { // looking ended within what is skipped: all matches so far are that
			q.Skip = max(0, skip-page.Total)
		}
	}
}

// facets counts the sandbox, once a request.
func (c *call) facets() (f store.Facets, tags []string, err error) {
	if c.counts == nil {
		if f, err = c.s.store.Facets(c.ctx, c.sandbox); err != nil {
			return f, nil, err
		}
		c.counts = &f
	}
	return *c.counts, sortedTags(slices.Collect(maps.Keys(c.counts.Tags))), nil
}

// sortedTags sorts without regard to case.
func sortedTags(tags []string) []string {
	out := append([]string{}, tags...)
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
	})
	return out
}

// list answers a list or a search: q may be nil for everything.
func (c *call) list(q store.Query, limit int) error {
	f, tags, err := c.facets()
	if err != nil {
		return err
	}
	q.Heads, q.Login = true, true
	start := c.number("start", 0)
	out := summaries{Total: f.Messages, Unread: f.Unread, Start: start, Tags: orEmpty(tags), Messages: []summary{}}
	if limit < 0 { // counts alone
		page, err := c.rows(q, 0, 1, func(*store.Message) error { return nil })
		if err != nil {
			return err
		}
		out.MessagesCount, out.MessagesUnread = page.Total, page.Unread
		return c.json(out)
	}
	if limit == 0 {
		return c.listAll(q, out)
	}
	whole, err := c.rows(q, start, limit, func(m *store.Message) error {
		out.Messages = append(out.Messages, summaryOf(m))
		return nil
	})
	if err != nil {
		return err
	}
	out.MessagesCount, out.MessagesUnread, out.Count = whole.Total, whole.Unread, len(out.Messages)
	return c.json(out)
}

// listAll streams every row, so that a list of everything needs no memory for it.
// The counts come last: an object has no order.
func (c *call) listAll(q store.Query, head summaries) error {
	rc := http.NewResponseController(c.w)
	var out io.Writer
	end := func() {}
	n := 0
	whole, err := c.rows(q, head.Start, 0, func(m *store.Message) error {
		row, err := json.Marshal(summaryOf(m))
		if err != nil {
			return err
		}
		lead := ","
		if n == 0 {
			lead = `{"messages":[`
			out, end = c.begin("application/json")
		}
		if n++; n%pageRows == 0 {
			_ = rc.SetWriteDeadline(time.Now().Add(time.Minute)) // not every writer can
		}
		_, err = out.Write(append([]byte(lead), row...))
		return err
	})
	_ = rc.SetWriteDeadline(time.Time{})
	if err != nil {
		if n > 0 {
			panic(http.ErrAbortHandler) // the client must not take half a list for the whole
		}
		return err
	}
	if n == 0 {
		return c.json(head)
	}
	tags, err := json.Marshal(head.Tags)
	if err != nil {
		return err
	}
	_, _ = out.Write([]byte(`],"total":` + strconv.Itoa(head.Total) + `,"unread":` + strconv.Itoa(head.Unread) +
		`,"count":` + strconv.Itoa(n) + `,"messages_count":` + strconv.Itoa(whole.Total) + `,"messages_unread":` + strconv.Itoa(whole.Unread) +
		`,"start":` + strconv.Itoa(head.Start) + `,"tags":` + string(tags) + `}`))
	end()
	return nil
}

// limit reads limit=; in a list 0 means all.
func (c *call) limit() int { return c.number("limit", defaultRows) }

func (c *call) listMessages() error {
	q := store.Query{Sandbox: c.sandbox, CountUnread: true}
	if before := c.query.Get("before"); before != "" {
		s, err := c.before(&search{}, before)
		if err != nil {
			return err
		}
		q = s.query(c.sandbox)
	}
	return c.list(q, c.limit())
}

// before narrows a search to what came before a time (?before=).
func (c *call) before(s *search, text string) (*search, error) {
	at, err := readTime(text, time.UTC)
	if err != nil {
		return nil, err
	}
	s.also = append(s.also, func(m *store.Message) bool { return m.ReceivedAt.Before(at) })
	return s, nil
}

// compiled is the search of ?query= and ?tz=.
func (c *call) compiled(q string) (*search, error) {
	f, _, err := c.facets()
	if err != nil {
		return nil, err
	}
	s, err := compile(q, c.query.Get("tz"), f.Tags)
	if err == nil {
		c.instead = s.inEnvelope(c.sandbox)
	}
	return s, err
}

func (c *call) search() error {
	s, err := c.compiled(c.query.Get("query"))
	if err != nil {
		return err
	}
	if before := c.query.Get("before"); before != "" {
		if s, err = c.before(s, before); err != nil {
			return err
		}
		c.instead = nil
	}
	limit := c.limit()
	if limit == 0 {
		limit = -1 // in a search 0 means none
	}
	return c.list(s.query(c.sandbox), limit)
}

func (c *call) deleteSearch() error {
	s, err := c.compiled(c.query.Get("query"))
	if err != nil {
		return err
	}
	return c.done(c.onMatches(s, func(ids []string) error {
		_, err := c.s.store.DeleteMessages(c.ctx, c.sandbox, ids, nil)
		return err
	}))
}

func (c *call) done(err error) error {
	if err != nil {
		return err
	}
	return c.ok()
}

// onMatches gathers what matches now, and then acts on it.
func (c *call) onMatches(s *search, act func(ids []string) error) error {
	ids := []string{}
	q := s.query(c.sandbox)
	q.Heads = true
	if _, err := c.rows(q, 0, 0, func(m *store.Message) error {
		ids = append(ids, m.ID)
		return nil
	}); err != nil {
		return err
	}
	if len(ids) == 0 {
		return nil
	}
	return act(ids)
}

// deleteMessages deletes the IDs of the body; no body, {} and no IDs mean all. A
// body that cannot be read is refused: it may have named one message.
func (c *call) deleteMessages() error {
	var body struct{ IDs []string }
	raw, err := c.body(bodyLimit)
	if err != nil {
		return err
	}
	if len(strings.TrimSpace(string(raw))) > 0 {
		if err := decode(raw, &body); err != nil {
			return err
		}
	}
	var ids []string
	if len(body.IDs) > 0 {
		ids = ownIDs(body.IDs)
	}
	_, err = c.s.store.DeleteMessages(c.ctx, c.sandbox, ids, nil)
	return c.done(err)
}

func ownIDs(in []string) []string {
	out := make([]string, len(in))
	for i, id := range in {
		out[i] = ownID(id)
	}
	return out
}

// setRead marks IDs, what a search finds, or everything.
func (c *call) setRead() error {
	var body struct {
		Read   bool
		IDs    []string
		Search string
	}
	if err := c.readJSON(&body); err != nil {
		return err
	}
	if len(body.IDs) > 0 && body.Search != "" {
		return bad("you may specify either IDs or Search, not both")
	}
	mark := func(ids []string) error {
		_, err := c.s.store.UpdateMessages(c.ctx, c.sandbox, ids, nil, store.StateChange{Seen: &body.Read})
		return err
	}
	switch {
	case body.Search != "":
		s, err := c.compiled(body.Search)
		if err != nil {
			return err
		}
		return c.done(c.onMatches(s, mark))
	case len(body.IDs) > 0:
		return c.done(mark(ownIDs(body.IDs)))
	}
	return c.done(mark(nil))
}

// newest is the newest message that matches a search, or of all.
func (c *call) newest(query string) (*store.Message, error) {
	q := store.Query{Sandbox: c.sandbox}
	if strings.TrimSpace(query) != "" {
		s, err := c.compiled(query)
		if err != nil {
			return nil, err
		}
		q = s.query(c.sandbox)
	}
	var found *store.Message
	if _, err := c.rows(q, 0, 1, func(m *store.Message) error {
		found = m
		return nil
	}); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, noMessage
	}
	return found, nil
}

// find is the message of the path: an ID, or latest with ?query=.
func (c *call) find() (*store.Message, error) { return c.findID(c.r.PathValue("id")) }

func (c *call) findID(id string) (*store.Message, error) {
	if id == "latest" {
		return c.newest(c.query.Get("query"))
	}
	return c.s.store.Message(c.ctx, c.sandbox, ownID(id))
}
