package relay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/dsn"
	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// wants reports whether a recipient's NOTIFY asks for an event, RFC 3461 §4.1:
// without NOTIFY, failures (and, by practice, delays) are told.
func wants(e store.QueueEntry, event string) bool {
	if len(e.DSN.Notify) == 0 {
		return event == "FAILURE" || event == "DELAY"
	}
	return slices.ContainsFunc(e.DSN.Notify, func(n string) bool { return strings.EqualFold(n, event) })
}

// tell tells the sender of a transaction's failures, and of successes where they
// were asked for and the next hop will not report them (RFC 3461 §5.2.2).
func (r *Relay) tell(ctx context.Context, rows []store.QueueEntry, results []result, at where) {
	var told []store.QueueEntry
	var recipients []dsn.Recipient
	for i, e := range rows {
		res := results[i]
		switch {
		case res.outcome == outcomeFailed && wants(e, "FAILURE") && r.stillOpen(ctx, e):
			recipients = append(recipients, r.recipient(e, dsn.Failed, res, at.hop.host, "5.0.0"))
		case res.outcome == outcomeRelayed && !at.dsn && wants(e, "SUCCESS"):
			recipients = append(recipients, r.recipient(e, dsn.Relayed, res, at.hop.host, "2.0.0"))
		default:
			continue
		}
		told = append(told, e)
	}
	r.notify(ctx, "result", told, recipients)
}

// stillOpen reports that a row was not cancelled or held while it was under way.
func (r *Relay) stillOpen(ctx context.Context, e store.QueueEntry) bool {
	now, err := r.c.Store.QueueEntry(context.WithoutCancel(ctx), e.ID)
	return err == nil && (now.State == store.Queued || now.State == store.Deferred)
}

func (r *Relay) recipient(e store.QueueEntry, action dsn.Action, res result, host, status string) dsn.Recipient {
	rc := dsn.Recipient{Final: e.ForwardPath, Action: action, Status: status, LastTry: r.c.Store.SandboxNow(e.Sandbox), RemoteMTA: host}
	if e.DSN.ORCPT != nil {
		rc.ORCPT = *e.DSN.ORCPT
	}
	if res.enhanced != "" && res.enhanced[0] == status[0] {
		rc.Status = res.enhanced
	}
	if n := len(e.Attempts); n > 0 {
		rc.LastTry = e.Attempts[n-1].At
	}
	rc.Diagnostic = res.text
	if res.code != 0 {
		rc.Diagnostic = strings.TrimSpace(strconv.Itoa(res.code) + " " + res.enhanced + " " + strings.TrimPrefix(res.text, res.enhanced+" "))
	}
	return rc
}

// lastResult is the result of a row's newest attempt, and its host.
func lastResult(e store.QueueEntry) (result, string) {
	if n := len(e.Attempts); n > 0 {
		a := e.Attempts[n-1]
		return result{a.Outcome, a.Stage, a.Code, a.EnhancedCode, a.Text}, a.Host
	}
	return result{}, ""
}

// warn tells the sender once that delivery is delayed, RFC 5321 §4.5.4.1.
func (r *Relay) warn(ctx context.Context, rows []store.QueueEntry) {
	for _, rows := range transactions(rows) {
		var told []store.QueueEntry
		var recipients []dsn.Recipient
		for _, e := range rows {
			if !wants(e, "DELAY") {
				continue
			}
			res, host := lastResult(e)
			rc := r.recipient(e, dsn.Delayed, res, host, "4.4.1")
			rc.RetryUntil = e.ExpiresAt
			told, recipients = append(told, e), append(recipients, rc)
		}
		r.notify(ctx, "delay", told, recipients)
		now := r.c.Store.SandboxNow(rows[0].Sandbox)
		r.each(ctx, rows, func(i int, e *store.QueueEntry) error {
			if e.State != store.Queued && e.State != store.Deferred {
				return errGone
			}
			retry := r.retryDue(rows[i], now)
			e.WarnedAt = now
			if !retry && e.NextAt.Equal(rows[i].NextAt) {
				e.NextAt = r.nextAt(*e)
			}
			return nil
		})
	}
}

// expire gives rows up and bounces them.
func (r *Relay) expire(ctx context.Context, rows []store.QueueEntry) {
	for _, rows := range transactions(rows) {
		var told []store.QueueEntry
		var recipients []dsn.Recipient
		for _, e := range rows {
			if !wants(e, "FAILURE") {
				continue
			}
			res, host := lastResult(e)
			rc := r.recipient(e, dsn.Failed, res, host, "5.4.7")
			rc.Status = "5.4.7" // RFC 3463 §3.5: delivery time expired
			told, recipients = append(told, e), append(recipients, rc)
		}
		r.notify(ctx, "expired", told, recipients)
		r.each(ctx, rows, func(_ int, e *store.QueueEntry) error {
			if e.State != store.Queued && e.State != store.Deferred {
				return errGone
			}
			res, _ := lastResult(*e)
			age := r.c.Store.SandboxNow(e.Sandbox).Sub(e.QueuedAt).Round(time.Minute)
			e.State, e.NextAt, e.Reason = store.Expired, timeNever, "given up after "+age.String()+": "+res.text
			return nil
		})
	}
}

// arrive settles rows of local domains: they are captured here already. Their
// sender is told where NOTIFY asks for it.
func (r *Relay) arrive(ctx context.Context, rows []store.QueueEntry) {
	for _, rows := range transactions(rows) {
		var told []store.QueueEntry
		var recipients []dsn.Recipient
		for _, e := range rows {
			if wants(e, "SUCCESS") {
				told, recipients = append(told, e), append(recipients, r.recipient(e, dsn.Delivered, result{}, "", "2.0.0"))
			}
		}
		r.notify(ctx, "delivered", told, recipients)
		r.each(ctx, rows, func(_ int, e *store.QueueEntry) error {
			if e.State != store.Queued && e.State != store.Deferred {
				return errGone
			}
			e.State, e.NextAt, e.Reason = store.Delivered, timeNever, "captured here: "+r.Judge(e.ForwardPath).Reason
			return nil
		})
	}
}

// bar holds rows that the lists no longer let out.
func (r *Relay) bar(ctx context.Context, rows []store.QueueEntry) {
	r.each(ctx, rows, func(_ int, e *store.QueueEntry) error {
		if e.State != store.Queued && e.State != store.Deferred {
			return errGone
		}
		e.State, e.NextAt, e.Reason = store.Held, timeNever, notAllowed(r.Judge(e.ForwardPath))
		return nil
	})
}

// notify composes a notification about rows of one message and delivers it: it
// is always captured in the message's sandbox, for the reverse-path, and queued
// in the same commit where that is elsewhere and may be written to (see Derive).
// Nobody is told about mail from the null reverse-path (RFC 5321 §4.5.5).
func (r *Relay) notify(ctx context.Context, kind string, rows []store.QueueEntry, recipients []dsn.Recipient) {
	if len(rows) == 0 || rows[0].ReversePath == "" {
		return
	}
	ctx = context.WithoutCancel(ctx) // what happened is told, also at shutdown
	e := rows[0]
	m, err := r.c.Store.Message(ctx, e.Sandbox, e.MessageID)
	var original []byte
	if err == nil {
		original, err = r.c.Store.Raw(ctx, m)
	}
	if err != nil {
		if !errors.As(gone(err), new(*loadError)) {
			r.log.Error("a notification could not be written", "entry", e.ID, "error", err)
		}
		return
	}
	id := r.noteID(kind, rows)
	if r.wasTold(ctx, rows, id) {
		return
	}
	failed := slices.ContainsFunc(recipients, func(rc dsn.Recipient) bool { return rc.Action == dsn.Failed })
	rep := dsn.Report{
		MTA: r.c.Name, From: "MAILER-DAEMON@" + r.c.Name, To: e.ReversePath, EnvID: e.EnvID, MessageID: id,
		Arrival: m.ReceivedAt, Date: r.c.Store.SandboxNow(e.Sandbox), Recipients: recipients, Original: original,
		// RFC 3461 §4.3: without RET, the whole message for failures; headers suffice otherwise.
		Full: failed && !strings.EqualFold(e.Ret, "HDRS") && len(original) <= returnMost,
	}
	if err := r.capture(ctx, e.Sandbox, e.ReversePath, rep.Compose()); err != nil {
		r.log.Error("a notification could not be stored", "entry", e.ID, "to", e.ReversePath, "error", err)
	}
}

// returnMost bounds the message that a bounce returns whole.
const returnMost = 1 << 20

func (r *Relay) capture(ctx context.Context, sandbox, to string, octets []byte) error {
	o := r.c.Store.NewOctets()
	defer o.Discard()
	if _, err := o.Write(octets); err != nil {
		return err
	}
	_, err := r.c.Store.Deliver(ctx, store.Delivery{
		Origin: model.OriginDSN, Sandbox: sandbox, ForwardPaths: []string{to}, Octets: o,
		Envelope: model.Envelope{HELO: r.c.Name, DeclaredSize: int64(len(octets)), SMTPUTF8: !ascii(to)},
	})
	return err
}

// noteID is the Message-ID of a notification: what it tells about makes it, so
// that it can be found again after a crash.
func (r *Relay) noteID(kind string, rows []store.QueueEntry) string {
	ids := make([]string, len(rows))
	for i, e := range rows {
		ids[i] = e.ID
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(kind + " " + strings.Join(ids, " ")))
	return hex.EncodeToString(sum[:12]) + "@" + r.c.Name
}

// wasTold reports whether the process before this one wrote the notification
// and ended before it could write so into the rows.
func (r *Relay) wasTold(ctx context.Context, rows []store.QueueEntry, id string) bool {
	suspect := false
	r.mu.Lock()
	for _, e := range rows {
		suspect = suspect || r.suspect[e.ID]
		delete(r.suspect, e.ID)
	}
	r.mu.Unlock()
	if !suspect {
		return false
	}
	f, err := filter.ParseURL(url.Values{"message_id": {id}, "origin": {model.OriginDSN}}, time.Now())
	if err != nil {
		r.log.Error("a notification could not be looked for", "error", err)
		return false
	}
	page, err := r.c.Store.List(ctx, store.Query{Sandbox: rows[0].Sandbox, Filter: f, Limit: 1})
	return err == nil && len(page.Messages) > 0
}
