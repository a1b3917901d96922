package relay

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/dsn"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
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

// noteFor is what the sender is told of a transaction: failures, and successes
// where they were asked for and the next hop will not report them (RFC 3461
// §5.2.2). nil: nothing.
func (r *Relay) noteFor(rows []store.QueueEntry, results []result, hopReports bool) *dsn.Report {
	var out dsn.Report
	for i, e := range rows {
		res := results[i]
		switch {
		case res.outcome == outcomeFailed && wants(e, "FAILURE"):
			out.Recipients = append(out.Recipients, r.recipient(e, dsn.Failed, res, "5.0.0"))
		case res.outcome == outcomeRelayed && !hopReports && wants(e, "SUCCESS"):
			out.Recipients = append(out.Recipients, r.recipient(e, dsn.Relayed, res, "2.0.0"))
		}
	}
	if len(out.Recipients) == 0 {
		return nil
	}
	return &out
}

func (r *Relay) recipient(e store.QueueEntry, action dsn.Action, res result, status string) dsn.Recipient {
	rc := dsn.Recipient{Final: e.ForwardPath, Action: action, Status: status, LastTry: r.c.Store.SandboxNow(e.Sandbox)}
	if e.DSN.ORCPT != nil {
		rc.ORCPT = *e.DSN.ORCPT
	}
	if res.enhanced != "" && res.enhanced[0] == status[0] {
		rc.Status = res.enhanced
	}
	if n := len(e.Attempts); n > 0 {
		rc.RemoteMTA = e.Attempts[n-1].Host
	}
	rc.Diagnostic = res.text
	if res.code != 0 {
		rc.Diagnostic = strings.TrimSpace(strconv.Itoa(res.code) + " " + res.enhanced + " " + strings.TrimPrefix(res.text, res.enhanced+" "))
	}
	return rc
}

// lastResult is the result of a row's newest attempt.
func lastResult(e store.QueueEntry) result {
	if n := len(e.Attempts); n > 0 {
		a := e.Attempts[n-1]
		return result{a.Outcome, a.Stage, a.Code, a.EnhancedCode, a.Text}
	}
	return result{}
}

// warn tells the sender once that delivery is delayed, RFC 5321 §4.5.4.1. The
// row comes back as it then stands, or without ID if it is gone.
func (r *Relay) warn(ctx context.Context, e store.QueueEntry, now time.Time) store.QueueEntry {
	if wants(e, "DELAY") {
		rc := r.recipient(e, dsn.Delayed, lastResult(e), "4.4.1")
		rc.RetryUntil = e.ExpiresAt
		r.notify(ctx, e, dsn.Report{Recipients: []dsn.Recipient{rc}})
	}
	out, err := r.c.Store.UpdateQueueEntry(ctx, e.ID, func(e *store.QueueEntry) error {
		if e.State != store.Queued && e.State != store.Deferred {
			return errGone
		}
		e.WarnedAt = now
		return nil
	})
	r.report("a queue entry could not be written", e, err)
	if err != nil {
		return store.QueueEntry{}
	}
	return out
}

// expire gives a row up and bounces it.
func (r *Relay) expire(ctx context.Context, e store.QueueEntry, now time.Time) {
	if wants(e, "FAILURE") {
		rc := r.recipient(e, dsn.Failed, lastResult(e), "5.4.7") // RFC 3463 §3.5: delivery time expired
		rc.Status = "5.4.7"
		r.notify(ctx, e, dsn.Report{Recipients: []dsn.Recipient{rc}})
	}
	_, err := r.c.Store.UpdateQueueEntry(ctx, e.ID, func(e *store.QueueEntry) error {
		if e.State != store.Queued && e.State != store.Deferred {
			return errGone
		}
		e.State, e.NextAt = store.Expired, time.Time{}
		e.Reason = "given up after " + now.Sub(e.QueuedAt).Round(time.Minute).String() + ": " + lastResult(*e).text
		return nil
	})
	r.report("a queue entry could not be written", e, err)
}

// notify composes a notification about a row's message and delivers it: always
// captured in the message's sandbox, for the reverse-path; queued besides when
// the reverse-path is elsewhere and may be written to. Nobody is told about
// mail from the null reverse-path (RFC 5321 §4.5.5).
func (r *Relay) notify(ctx context.Context, e store.QueueEntry, rep dsn.Report) {
	if e.ReversePath == "" {
		return
	}
	m, err := r.c.Store.Message(ctx, e.Sandbox, e.MessageID)
	if err != nil {
		r.report("a notification lost its message", e, err)
		return
	}
	original, err := r.c.Store.Raw(ctx, m)
	if err != nil {
		r.report("a notification lost its message", e, err)
		return
	}
	now := r.c.Store.SandboxNow(e.Sandbox)
	failed := slices.ContainsFunc(rep.Recipients, func(rc dsn.Recipient) bool { return rc.Action == dsn.Failed })
	rep.MTA, rep.From, rep.To, rep.EnvID = r.c.Name, "MAILER-DAEMON@"+r.c.Name, e.ReversePath, e.EnvID
	rep.Arrival, rep.Date, rep.Original = m.ReceivedAt, now, original
	// RFC 3461 §4.3: without RET, the whole message for failures; headers suffice otherwise.
	rep.Full = failed && !strings.EqualFold(e.Ret, "HDRS")
	if len(original) > returnMost {
		rep.Full = false
	}
	_, err = r.Inject(ctx, Generated{Sandbox: e.Sandbox, To: e.ReversePath, Octets: rep.Compose(), Origin: model.OriginDSN})
	r.report("a notification could not be stored", e, err)
}

// returnMost bounds the message that a bounce returns whole.
const returnMost = 1 << 20

// Generated is a message that this system writes itself, from the null reverse-path.
type Generated struct {
	Sandbox, To string
	Octets      []byte
	Origin      string // model.OriginDSN or model.OriginGenerated
}

// Inject captures a message of our own and, where its receiver is not local and
// the lists allow it, queues it too.
func (r *Relay) Inject(ctx context.Context, g Generated) (*store.Message, error) {
	o := r.c.Store.NewOctets()
	defer o.Discard()
	if _, err := o.Write(g.Octets); err != nil {
		return nil, err
	}
	got, err := r.c.Store.Deliver(ctx, store.Delivery{
		Origin: g.Origin, Sandbox: g.Sandbox, ForwardPaths: []string{g.To}, Octets: o,
		Envelope: model.Envelope{HELO: r.c.Name, AuthVerified: true, DeclaredSize: int64(len(g.Octets))},
	})
	if err != nil {
		return nil, err
	}
	if e := r.entry(got[0], g.To, ""); r.Judge(g.To).Outcome == policy.Relay {
		e.DSN = model.DSNRecipient{Address: g.To, Notify: []string{"NEVER"}}
		_, err = r.c.Store.EnqueueMessage(ctx, got[0].ID, []store.QueueEntry{e})
	}
	return got[0], err
}

// receivedFields counts the trace fields of a message's header, RFC 5321 §6.3.
func receivedFields(raw []byte) int {
	n := 0
	for line := range bytes.Lines(raw) {
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
		if len(line) > 9 && strings.EqualFold(string(line[:9]), "Received:") {
			n++
		}
	}
	return n
}
