package compat

import (
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/store"

	"time"
)

// Bounds on tags, as our own API has them.
const (
	maxTags   = 50
	maxTagLen = 100
)

// cleanTag keeps letters, digits, "-", ".", "_" and "@", as Mailpit does; runs of
// anything else become one blank.
func cleanTag(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("-._@ ", c), c > 0x7f:
			return c
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// cleanTags drops empty tags and repetitions in any case.
func cleanTags(in []string) ([]string, error) {
	out := []string{}
	for _, t := range in {
		t = cleanTag(t)
		if len(t) > maxTagLen {
			return nil, bad("a tag has at most %d octets", maxTagLen)
		}
		if t != "" && !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, t) }) {
			out = append(out, t)
		}
	}
	if len(out) > maxTags {
		return nil, bad("a message has at most %d tags", maxTags)
	}
	return out, nil
}

func (c *call) listTags() error {
	_, tags, err := c.facets()
	if err != nil {
		return err
	}
	return c.json(orEmpty(tags))
}

// setTags replaces the tags of messages.
func (c *call) setTags() error {
	var body struct{ Tags, IDs []string }
	if err := c.readJSON(&body); err != nil {
		return err
	}
	tags, err := cleanTags(body.Tags)
	if err != nil {
		return err
	}
	if len(body.IDs) > 0 {
		_, err = c.s.store.UpdateMessages(c.ctx, c.sandbox, ownIDs(body.IDs), nil, store.StateChange{Tags: &tags})
	}
	return c.done(err)
}

func (c *call) renameTag() error {
	var body struct{ Name string }
	if err := c.readJSON(&body); err != nil {
		return err
	}
	to := cleanTag(body.Name)
	if to == "" || len(to) > maxTagLen {
		return bad("a tag has 1 to %d letters, digits, blanks and -._@", maxTagLen)
	}
	from := c.r.PathValue("tag")
	_, tags, err := c.facets()
	if err != nil {
		return err
	}
	if from != to && slices.Contains(tags, to) && slices.Contains(tags, from) {
		return bad("tag already exists: %s", to)
	}
	return c.retag(from, to)
}

func (c *call) deleteTag() error { return c.retag(c.r.PathValue("tag"), "") }

// retag puts another tag in the place of one on every message that has it; ""
// takes it away. Messages with the same tags change in one step.
func (c *call) retag(from, to string) error {
	f, err := filter.ParseJSON(map[string]any{"tags": from}, "", time.Now())
	if err != nil {
		return err
	}
	same := map[string][]string{} // IDs by the tags they have
	tags := map[string][]string{}
	if _, err := c.rows(store.Query{Sandbox: c.sandbox, Filter: f}, 0, 0, func(m *store.Message) error {
		key := strings.Join(m.Tags, "\x00")
		same[key], tags[key] = append(same[key], m.ID), m.Tags
		return nil
	}); err != nil {
		return err
	}
	if len(same) == 0 {
		return bad("tag not found: %s", from)
	}
	for key, ids := range same {
		var next []string
		for _, tag := range tags[key] {
			if tag == from {
				tag = to
			}
			next = append(next, tag)
		}
		if next, err = cleanTags(next); err != nil {
			return err
		}
		if _, err := c.s.store.UpdateMessages(c.ctx, c.sandbox, ids, nil, store.StateChange{Tags: &next}); err != nil {
			return err
		}
	}
	return c.ok()
}
