package relay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// errGone: the row was cancelled or held meanwhile.
var errGone = errors.New("no longer to be relayed")

// deliver takes a group of due rows of one destination to its next hops over as
// few connections as it can.
func (r *Relay) deliver(ctx context.Context, key string, group []store.QueueEntry) {
	var s *session
	var at hop
	defer func() {
		if s != nil {
			s.quit()
		}
	}()
	for _, rows := range transactions(group) {
		if ctx.Err() != nil || r.wait(ctx, key) != nil {
			return
		}
		s, at = r.transact(ctx, rows, s, at)
	}
}

// wait keeps the rates.
func (r *Relay) wait(ctx context.Context, key string) error {
	if err := r.rate.Wait(ctx); err != nil {
		return err
	}
	if r.c.HostRate <= 0 {
		return nil
	}
	r.mu.Lock()
	l := r.limits[key]
	if l == nil {
		if len(r.limits) > 10000 {
			r.limits = map[string]*rate.Limiter{}
		}
		l = limiter(r.c.HostRate)
		r.limits[key] = l
	}
	r.mu.Unlock()
	return l.Wait(ctx)
}

// transact carries one transaction out: it records the attempt, goes from
// address to address until one decides, and records what became of it. It
// returns the session for the next transaction, nil if it is spent.
func (r *Relay) transact(ctx context.Context, rows []store.QueueEntry, s *session, at hop) (*session, hop) {
	rows = r.begin(ctx, rows)
	if len(rows) == 0 {
		return s, at
	}
	t, err := r.load(ctx, rows)
	if err != nil {
		r.finish(ctx, rows, spread(rows, result{outcomeFailed, "load", 0, "5.3.0", err.Error()}), hop{}, nil, nil)
		return s, at
	}
	policy := TLSOpportunistic
	if r.c.TLS != nil {
		policy = r.c.TLS(rows[0].Domain)
	}
	if t.requireTLS {
		policy = TLSRequired
	}
	if s != nil && s.used < batchMost && (policy != TLSRequired || s.tls != nil) {
		results, err := s.send(t)
		var he *hopError
		if !errors.As(err, &he) || results != nil {
			return r.settle(ctx, rows, results, at, s, err)
		}
		s.close() // a connection that went stale: begin anew below
	} else if s != nil {
		s.quit()
	}
	return r.tryHops(ctx, rows, t, policy)
}

// tryHops goes through the next hops, best first.
func (r *Relay) tryHops(ctx context.Context, rows []store.QueueEntry, t transaction, policy TLSPolicy) (*session, hop) {
	hops, err := r.hops(ctx, rows[0].Domain)
	if re := (*routeError)(nil); errors.As(err, &re) {
		r.unroutable(ctx, rows, re)
		return nil, hop{}
	}
	if r.c.DryRun {
		r.dryRun(ctx, rows, hops)
		return nil, hop{}
	}
	if r.c.Smarthost != nil {
		policy = r.c.Smarthost.TLS
	}
	var last result
	var lines []model.TranscriptLine
	for i, h := range hops {
		s, log, err := r.dial.dial(ctx, h, policy)
		if err == nil {
			var results []result
			results, err = s.send(t)
			if results != nil {
				s.log = log
				return r.settle(ctx, rows, results, h, s, err)
			}
			s.close()
		}
		lines = append(lines, log.take()...)
		last = deferredBy(err)
		if i == len(hops)-1 || ctx.Err() != nil {
			r.finish(ctx, rows, spread(rows, last), h, nil, lines)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, hop{}
}

// hops are the smarthost's addresses or those of the domain's exchangers.
func (r *Relay) hops(ctx context.Context, domain string) ([]hop, error) {
	h := r.c.Smarthost
	if h == nil {
		return r.route.route(ctx, domain)
	}
	to := r.route
	to.port, to.private = h.Port, true // somebody named it: it may be anywhere
	return to.hops(ctx, h.Host, []MX{{0, h.Host}}, true)
}

// settle records results and says whether the session can be used again.
func (r *Relay) settle(ctx context.Context, rows []store.QueueEntry, results []result, at hop, s *session, err error) (*session, hop) {
	r.finish(ctx, rows, results, at, s, s.log.take())
	if err != nil {
		s.close()
		return nil, hop{}
	}
	return s, at
}

func deferredBy(err error) result {
	var he *hopError
	if errors.As(err, &he) {
		return he.result
	}
	return result{outcome: outcomeDeferred, stage: "connect", text: fmt.Sprint(err)}
}

func spread(rows []store.QueueEntry, res result) []result {
	return fill(make([]result, len(rows)), res)
}

// begin records the attempt and the next time before anything is dialled, so
// that a crash cannot hammer a next hop. Rows that were cancelled meanwhile
// are left out.
func (r *Relay) begin(ctx context.Context, rows []store.QueueEntry) []store.QueueEntry {
	return r.each(ctx, rows, func(_ int, e *store.QueueEntry) error {
		if e.State != store.Queued && e.State != store.Deferred {
			return errGone
		}
		e.Attempts = append(e.Attempts, store.Attempt{At: r.c.Store.SandboxNow(e.Sandbox)})
		if n := len(e.Attempts); n > attemptsMost {
			e.Attempts = append(e.Attempts[:1], e.Attempts[n-attemptsMost+1:]...)
		}
		e.NextAt = r.nextAt(*e)
		return nil
	})
}

// attemptsMost bounds the attempts that a row keeps: the first and the newest.
const attemptsMost = 500

// each updates rows at the same time, so that they share commits, and returns
// those that were updated, in order.
func (r *Relay) each(ctx context.Context, rows []store.QueueEntry, fn func(i int, e *store.QueueEntry) error) []store.QueueEntry {
	type answer struct {
		e   store.QueueEntry
		err error
	}
	answers := make([]chan answer, len(rows))
	for i, row := range rows {
		answers[i] = make(chan answer, 1)
		go func() {
			e, err := r.c.Store.UpdateQueueEntry(ctx, row.ID, func(e *store.QueueEntry) error { return fn(i, e) })
			answers[i] <- answer{e, err}
		}()
	}
	var out []store.QueueEntry
	for i := range rows {
		a := <-answers[i]
		r.report("a queue entry could not be written", rows[i], a.err)
		if a.err == nil {
			out = append(out, a.e)
		}
	}
	return out
}

// load reads the message and makes its relayed copy.
func (r *Relay) load(ctx context.Context, rows []store.QueueEntry) (transaction, error) {
	first := rows[0]
	m, err := r.c.Store.Message(ctx, first.Sandbox, first.MessageID)
	if err != nil {
		return transaction{}, fmt.Errorf("the message is gone: %w", err)
	}
	raw, err := r.c.Store.Raw(ctx, m)
	if err != nil {
		return transaction{}, fmt.Errorf("the message is gone: %w", err)
	}
	if n := receivedFields(raw); n > receivedMost { // RFC 5321 §6.3
		return transaction{}, fmt.Errorf("mail loop: the message has %d Received fields", n)
	}
	t := transaction{
		reversePath: first.ReversePath, ret: first.Ret, envid: first.EnvID,
		utf8: m.Envelope.SMTPUTF8 || !ascii(first.ReversePath), binary: m.Envelope.Body == "BINARYMIME", requireTLS: m.Envelope.RequireTLS,
	}
	for _, e := range rows {
		rc := recipient{path: e.ForwardPath, notify: e.DSN.Notify}
		if e.DSN.ORCPT != nil {
			rc.orcpt = *e.DSN.ORCPT
		}
		t.utf8 = t.utf8 || !ascii(e.ForwardPath)
		t.recipients = append(t.recipients, rc)
	}
	t.eightBit = !ascii(string(raw))
	t.octets, err = r.c.Rewrite.copyOf(first.Received, raw)
	return t, err
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

const receivedMost = 100

// finish records the results of a transaction and tells senders.
func (r *Relay) finish(ctx context.Context, rows []store.QueueEntry, results []result, at hop, s *session, lines []model.TranscriptLine) {
	ctx = context.WithoutCancel(ctx) // what happened is recorded, also at shutdown
	dsn := s != nil && s.dsn
	if note := r.noteFor(rows, results, dsn); note != nil {
		r.notify(ctx, rows[0], *note)
	}
	r.each(ctx, rows, func(i int, e *store.QueueEntry) error {
		res := results[i]
		a := &e.Attempts[len(e.Attempts)-1]
		a.EndedAt = r.c.Store.SandboxNow(e.Sandbox)
		a.Host, a.Stage, a.Code, a.EnhancedCode, a.Text, a.Outcome = at.host, res.stage, res.code, res.enhanced, res.text, res.outcome
		a.Transcript = lines
		if at.addr.IsValid() {
			a.Address = at.addr.String()
		}
		if s != nil {
			a.TLS = s.tls
		}
		if !e.State.Open() {
			return nil // cancelled while it was under way: the attempt stays on record
		}
		switch res.outcome {
		case outcomeRelayed:
			e.State, e.NextAt, e.Reason = store.Relayed, time.Time{}, ""
		case outcomeFailed:
			e.State, e.NextAt, e.Reason = store.Failed, time.Time{}, res.text
		default:
			e.State, e.Reason = store.Deferred, res.text
			e.NextAt = r.nextAt(*e)
		}
		return nil
	})
}

// unroutable records a domain without a next hop.
func (r *Relay) unroutable(ctx context.Context, rows []store.QueueEntry, re *routeError) {
	res := result{outcomeDeferred, "route", 0, re.enhanced, re.text}
	if re.permanent {
		res.outcome = outcomeFailed
	}
	if !re.held {
		r.finish(ctx, rows, spread(rows, res), hop{}, nil, nil)
		return
	}
	r.hold(ctx, rows, res)
}

// hold keeps rows back for a person to look at.
func (r *Relay) hold(ctx context.Context, rows []store.QueueEntry, res result) {
	r.each(ctx, rows, func(_ int, e *store.QueueEntry) error {
		a := &e.Attempts[len(e.Attempts)-1]
		a.EndedAt, a.Stage, a.EnhancedCode, a.Text, a.Outcome = r.c.Store.SandboxNow(e.Sandbox), res.stage, res.enhanced, res.text, outcomeDeferred
		if e.State.Open() {
			e.State, e.NextAt, e.Reason = store.Held, time.Time{}, res.text
		}
		return nil
	})
}

// dryRun records where the message would have gone.
func (r *Relay) dryRun(ctx context.Context, rows []store.QueueEntry, hops []hop) {
	r.hold(ctx, rows, result{stage: "connect", text: fmt.Sprintf("dry run: would go to %s (%s)", hops[0].host, hops[0].addr)})
}
