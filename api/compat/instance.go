package compat

import (
	"context"
	"runtime"
	"strings"
	"time"

	"github.com/catchpost/catchpost/store"
)

// info tells of the instance in Mailpit's words.
func (c *call) info() error {
	f, _, err := c.facets()
	if err != nil {
		return err
	}
	box, err := c.s.store.Sandbox(c.ctx, c.sandbox)
	if err != nil {
		return err
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	type stats struct {
		Uptime, Memory, MessagesDeleted, SMTPAccepted, SMTPAcceptedSize, SMTPRejected, SMTPIgnored uint64
	}
	tags := f.Tags
	if tags == nil {
		tags = map[string]int{}
	}
	return c.json(struct {
		Version, LatestVersion, Database string
		DatabaseSize                     int64
		Messages, Unread                 int
		Tags                             map[string]int
		RuntimeStats                     stats
	}{
		Version: c.s.c.Version, LatestVersion: c.s.c.Version, Database: c.s.c.Data, DatabaseSize: box.Bytes,
		Messages: f.Messages, Unread: f.Unread, Tags: tags,
		RuntimeStats: stats{
			Uptime: uint64(time.Since(c.s.started) / time.Second), Memory: mem.Sys, MessagesDeleted: uint64(box.Pruned),
			SMTPAccepted: uint64(f.Messages) + uint64(box.Pruned), SMTPAcceptedSize: uint64(box.Bytes),
		},
	})
}

// webUI tells what is configured in Mailpit's words.
func (c *call) webUI() error {
	type relay struct {
		Enabled                                                                    bool
		SMTPServer, ReturnPath, AllowedRecipients, BlockedRecipients, OverrideFrom string
		PreserveMessageIDs                                                         bool
		RecipientAllowlist                                                         string
	}
	return c.json(struct {
		Label                                                                      string
		MessageRelay                                                               relay
		SpamAssassin, Rspamd, ChaosEnabled, DuplicatesIgnored, HideDeleteAllButton bool
	}{MessageRelay: relay{Enabled: c.s.c.Release != nil, PreserveMessageIDs: true}, ChaosEnabled: true})
}

// swagger lists the operations, so that tools find something where Mailpit has
// its document; docs/compat.md says more.
func (c *call) swagger() error {
	paths := map[string]map[string]any{}
	for _, r := range c.s.routes {
		if paths[r.Path] == nil {
			paths[r.Path] = map[string]any{}
		}
		paths[r.Path][strings.ToLower(r.Method)] = map[string]any{"responses": map[string]any{"default": map[string]string{"description": "see docs/compat.md"}}}
	}
	return c.json(map[string]any{
		"swagger": "2.0", "basePath": "/", "paths": paths,
		"info": map[string]string{"title": "Mailpit and MailHog, served by Catchpost", "version": "v1"},
	})
}

// releaseTo puts a message on its way out, or says why not.
func (s *Server) releaseTo(ctx context.Context, m *store.Message, to []string) error {
	if s.c.Release == nil {
		return bad("Relaying is not enabled: start with --relay")
	}
	if len(to) == 0 {
		return bad("No valid addresses found")
	}
	if len(to) > maxRecipients {
		return bad("a message goes to at most %d recipients at once", maxRecipients)
	}
	var refused []string
	for _, f := range to {
		if s.c.MayLeave == nil {
			break
		}
		if err := s.c.MayLeave(f); err != nil {
			refused = append(refused, err.Error())
		}
	}
	if refused != nil {
		return bad("Mail may not leave: %s", strings.Join(refused, "; "))
	}
	return s.c.Release(ctx, m, to)
}

// release takes {"To": [address]}, and a bare list as one client writes it.
func (c *call) release() error {
	if c.s.c.Release == nil {
		return c.s.releaseTo(c.ctx, nil, nil)
	}
	m, err := c.find()
	if err != nil {
		return err
	}
	raw, err := c.body(bodyLimit)
	if err != nil {
		return err
	}
	var body struct{ To []string }
	if len(raw) > 0 && raw[0] == '[' {
		err = decode(raw, &body.To)
	} else {
		err = decode(raw, &body)
	}
	if err != nil {
		return err
	}
	to, err := mailboxes(body.To)
	if err != nil {
		return err
	}
	return c.done(c.s.releaseTo(c.ctx, m, to))
}
