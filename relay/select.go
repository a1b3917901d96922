package relay

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
)

// Derive makes the queue rows of a captured message, to be committed with it: by
// the first of its sandbox's rules that matches, or because it is a notification
// of ours whose receiver is elsewhere and may be written to.
func (r *Relay) Derive(m *store.Message, s filter.Subject) store.Derived {
	var d store.Derived
	switch m.Origin {
	case model.OriginAppend, model.OriginGenerated:
		return d
	case model.OriginDSN:
		for _, path := range m.ForwardPaths {
			if r.Judge(path).Outcome == policy.Relay {
				e := r.entry(m, path, r.c.Store.SandboxNow(m.Sandbox))
				e.DSN = model.DSNRecipient{Address: path, Notify: []string{"NEVER"}} // RFC 3461 §6.2
				d.Queue = append(d.Queue, e)
			}
		}
	default:
		d.Queue = r.selected(m, s)
	}
	if len(d.Queue) > 0 {
		d.Finish = func(m *store.Message, d *store.Derived) { r.trace(m, d.Queue) }
	}
	return d
}

// selected are the rows that the rules make.
func (r *Relay) selected(m *store.Message, s filter.Subject) []store.QueueEntry {
	for _, rule := range r.c.Store.RelayRules(m.Sandbox) {
		ok, err := r.filters.Match(rule.Filter, s, time.Now())
		if err != nil { // rather nothing leaves than what was not meant
			r.log.Warn("a relay rule could not be judged; the message stays", "sandbox", m.Sandbox, "rule", rule.ID, "error", err)
			return nil
		}
		if !ok {
			continue
		}
		if policy.Action(rule.Action) == policy.ActionDrop {
			return nil
		}
		now := r.c.Store.SandboxNow(m.Sandbox) // the same for all: retries keep them together
		var entries []store.QueueEntry
		for _, path := range m.ForwardPaths {
			e := r.entry(m, path, now)
			if policy.Action(rule.Action) != policy.ActionRelay && e.State == store.Queued {
				e.State, e.NextAt, e.Reason = store.Held, time.Time{}, "held by rule "+rule.ID
			}
			entries = append(entries, e)
		}
		return entries
	}
	return nil
}

// entry is the row of one forward-path, judged by the lists; its trace field is
// still to come.
func (r *Relay) entry(m *store.Message, path string, now time.Time) store.QueueEntry {
	e := store.QueueEntry{
		Sandbox: m.Sandbox, MessageID: m.ID, ReversePath: m.ReversePath, ForwardPath: path,
		State: store.Queued, QueuedAt: now, NextAt: now, ExpiresAt: now.Add(r.c.Schedule.Expire),
	}
	d := m.Envelope.DSN
	if d.Ret != nil {
		e.Ret = *d.Ret
	}
	if d.EnvID != nil {
		e.EnvID = *d.EnvID
	}
	if i := slices.IndexFunc(d.Recipients, func(rc model.DSNRecipient) bool { return rc.Address == path }); i >= 0 {
		e.DSN = d.Recipients[i]
	}
	v := r.Judge(path)
	e.Domain = v.Domain
	switch {
	case v.Outcome == policy.Relay:
	case v.Outcome == policy.Local && wants(e, "SUCCESS"): // the worker tells and settles it
	case v.Outcome == policy.Local:
		e.State, e.NextAt, e.Reason = store.Delivered, time.Time{}, "captured here: "+v.Reason
	default:
		e.State, e.NextAt, e.Reason = store.Held, time.Time{}, notAllowed(v)
	}
	return e
}

func notAllowed(v policy.Verdict) string { return "not allowed: " + v.Reason }

// trace gives rows the trace field of the relayed copy, RFC 5321 §4.4. It is
// made once and kept, so that retries have the same octets.
func (r *Relay) trace(m *store.Message, rows []store.QueueEntry) {
	client := ""
	if ap, err := netip.ParseAddrPort(m.Envelope.ClientAddress); err == nil {
		ip := ap.Addr().Unmap()
		client = " ([" + ip.String() + "])"
		if ip.Is6() {
			client = " ([IPv6:" + ip.WithZone("").String() + "])"
		}
	}
	field := fmt.Sprintf("Received: from %s%s\r\n\tby %s with %s id %s;\r\n\t%s\r\n", oneWord(m.Envelope.HELO, "unknown"), client,
		oneWord(r.c.Name, "localhost"), oneWord(m.Envelope.Protocol, "HTTP"), m.ID, m.ReceivedAt.Format(time.RFC1123Z))
	for i := range rows {
		rows[i].Received = field
	}
}

// oneWord keeps what a client said from making a field of its own.
func oneWord(s, otherwise string) string {
	s = strings.Map(func(c rune) rune {
		if c <= ' ' || c >= 0x7f || c == ';' || c == '(' || c == ')' || c == '<' || c == '>' {
			return -1
		}
		return c
	}, s)
	if s == "" || len(s) > 255 {
		return otherwise
	}
	return s
}
