package relay

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/time/rate"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// errGone: the row was cancelled, held or taken by somebody else meanwhile.
var errGone = errors.New("no longer to be relayed")

// deliver takes due rows of one destination to its next hops over as few
// connections as it can.
func (r *Relay) deliver(ctx context.Context, key string, rows []store.QueueEntry) {
	var s *session
	var at hop
	defer func() {
		if s != nil {
			s.quit()
		}
	}()
	for _, rows := range transactions(rows) {
		if r.wait(ctx, key) != nil || r.life.Err() != nil || ctx.Err() != nil {
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
	t, release, err := r.load(ctx, rows)
	defer release()
	rows = r.begin(ctx, rows, t.prefix)
	if len(rows) == 0 {
		return s, at
	}
	if err != nil {
		r.finish(ctx, rows, spread(rows, loadResult(err)), where{})
		return s, at
	}
	t.recipients = recipients(rows)
	policy := r.tlsPolicy(rows[0].Domain, t)
	var lines []model.TranscriptLine
	if s != nil && s.used < batchMost && (policy != TLSRequired || s.verified) {
		results, err := s.send(t)
		if results != nil {
			return r.settle(ctx, rows, results, at, s, err, nil)
		}
		s.log.say("%v; connecting anew", err) // the connection went stale
		lines = s.log.take()
		s.close()
	} else if s != nil {
		s.quit()
	}
	return r.tryHops(ctx, rows, t, policy, lines)
}

func (r *Relay) tlsPolicy(domain string, t transaction) TLSPolicy {
	switch {
	case t.requireTLS:
		return TLSRequired
	case r.c.Smarthost != nil:
		return r.c.Smarthost.TLS
	case r.c.TLS != nil:
		return r.c.TLS(domain)
	}
	return TLSOpportunistic
}

// tryHops goes through the next hops, best first.
func (r *Relay) tryHops(ctx context.Context, rows []store.QueueEntry, t transaction, policy TLSPolicy, lines []model.TranscriptLine) (*session, hop) {
	hops, err := r.hops(ctx, rows[0].Domain)
	if re := (*routeError)(nil); errors.As(err, &re) {
		r.unroutable(ctx, rows, re)
		return nil, hop{}
	}
	if r.c.DryRun {
		r.dryRun(ctx, rows, hops)
		return nil, hop{}
	}
	last, at := result{outcome: outcomeDeferred, stage: "connect", text: "the relay is stopping"}, hop{}
	for _, h := range hops {
		if r.life.Err() != nil || ctx.Err() != nil {
			break
		}
		s, log, err := r.dial.dial(r.life, h, policy)
		if err == nil {
			var results []result
			if results, err = s.send(t); results != nil {
				return r.settle(ctx, rows, results, h, s, err, lines)
			}
			log.say("%v", err)
			s.close()
		}
		lines = append(lines, log.take()...)
		last, at = deferredBy(err), h
	}
	r.finish(ctx, rows, spread(rows, last), where{hop: at, lines: lines})
	return nil, hop{}
}

// hops are the smarthost's addresses or those of the domain's exchangers.
func (r *Relay) hops(ctx context.Context, domain string) ([]hop, error) {
	if h := r.c.Smarthost; h != nil {
		return r.route.smarthost(ctx, h)
	}
	return r.route.route(ctx, domain)
}

// where tells how far a transaction came.
type where struct {
	hop   hop
	tls   *model.TLS
	dsn   bool // the hop took over reporting, RFC 3461 §5.2.1
	lines []model.TranscriptLine
}

// settle records results and says whether the session can be used again.
func (r *Relay) settle(ctx context.Context, rows []store.QueueEntry, results []result, at hop, s *session, err error, before []model.TranscriptLine) (*session, hop) {
	r.finish(ctx, rows, results, where{at, s.tls, s.dsn, append(before, s.log.take()...)})
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

// begin records the attempt, the next time and the octets that go before the
// message before anything is dialled, so that a crash cannot hammer a next hop.
// Rows that changed since they were found due are left out.
func (r *Relay) begin(ctx context.Context, rows []store.QueueEntry, prefix string) []store.QueueEntry {
	now := r.c.Store.SandboxNow(rows[0].Sandbox) // the same for all: retries keep them together
	return r.each(ctx, rows, func(i int, e *store.QueueEntry) error {
		if e.State != store.Queued && e.State != store.Deferred || !e.NextAt.Equal(rows[i].NextAt) {
			return errGone
		}
		if prefix != "" {
			e.Received = prefix
		}
		e.Attempts = append(e.Attempts, store.Attempt{At: now})
		if n := len(e.Attempts); n > attemptsMost {
			e.Attempts = append(e.Attempts[:1], e.Attempts[n-attemptsMost+1:]...)
		}
		e.NextAt = r.nextAt(*e)
		return nil
	})
}

// attemptsMost bounds the attempts that a row keeps: the first and the newest;
// transcriptMost bounds the octets of their transcripts, the oldest go first.
const (
	attemptsMost   = 500
	transcriptMost = 256 << 10
)

func newest(e *store.QueueEntry) *store.Attempt { return &e.Attempts[len(e.Attempts)-1] }

// trim drops the oldest transcripts of a row that has too much of them.
func trim(e *store.QueueEntry) {
	sum := 0
	for i := len(e.Attempts) - 1; i >= 0; i-- {
		sum += len(e.Attempts[i].Transcript)
		if sum > transcriptMost && i != len(e.Attempts)-1 {
			e.Attempts[i].Transcript = nil
		}
	}
}

// each updates rows at the same time, so that they share commits, and returns
// those that were updated, in order. What it writes outlives ctx.
func (r *Relay) each(ctx context.Context, rows []store.QueueEntry, fn func(i int, e *store.QueueEntry) error) []store.QueueEntry {
	type answer struct {
		e   store.QueueEntry
		err error
	}
	ctx = context.WithoutCancel(ctx)
	answers := make([]chan answer, len(rows))
	for i, row := range rows {
		answers[i] = make(chan answer, 1)
		go func() {
			e, err := r.c.Store.UpdateQueueEntry(ctx, row.ID, func(e *store.QueueEntry) error { return fn(i, e) })
			answers[i] <- answer{e, err}
		}()
	}
	var out []store.QueueEntry
	failed := false
	for i := range rows {
		a := <-answers[i]
		switch {
		case a.err == nil:
			out = append(out, a.e)
		case errors.Is(a.err, errGone), errors.Is(a.err, store.ErrNotFound):
		default:
			failed = true
			r.log.Error("a queue entry could not be written", "entry", rows[i].ID, "forward_path", rows[i].ForwardPath, "error", a.err)
		}
	}
	if failed {
		r.pause(r.life)
	}
	return out
}

// finish records the results of a transaction and tells senders first: a crash
// in between is found out about, see recover.
func (r *Relay) finish(ctx context.Context, rows []store.QueueEntry, results []result, at where) {
	r.tell(ctx, rows, results, at)
	transcript := store.PackTranscript(at.lines)
	r.each(ctx, rows, func(i int, e *store.QueueEntry) error {
		res := results[i]
		a := newest(e)
		a.EndedAt = r.c.Store.SandboxNow(e.Sandbox)
		a.Host, a.Stage, a.Code, a.EnhancedCode, a.Text, a.Outcome = at.hop.host, res.stage, res.code, res.enhanced, res.text, res.outcome
		a.TLS, a.Transcript = at.tls, transcript
		if at.hop.addr.IsValid() {
			a.Address = at.hop.addr.String()
		}
		trim(e)
		switch {
		case res.outcome == outcomeRelayed: // also of a row that was cancelled too late
			e.State, e.NextAt, e.Reason = store.Relayed, timeNever, ""
		case e.State != store.Queued && e.State != store.Deferred: // cancelled or held while it was under way
		case res.outcome == outcomeFailed:
			e.State, e.NextAt, e.Reason = store.Failed, timeNever, res.text
		case e.State == store.Deferred || e.State == store.Queued:
			e.Reason = res.text
			switch {
			case !e.NextAt.Equal(rows[i].NextAt): // somebody asked for another try meanwhile
			case r.life.Err() != nil && res.outcome == outcomeDeferred && res.code == 0:
				e.NextAt = a.At // our own end cut it short: the next process goes on at once
			default:
				e.NextAt = r.nextAt(*e)
			}
			e.State = store.Deferred
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
		r.finish(ctx, rows, spread(rows, res), where{})
		return
	}
	r.hold(ctx, rows, res, where{})
}

// hold keeps rows back for a person to look at.
func (r *Relay) hold(ctx context.Context, rows []store.QueueEntry, res result, at where) {
	r.each(ctx, rows, func(_ int, e *store.QueueEntry) error {
		a := newest(e)
		a.EndedAt, a.Stage, a.EnhancedCode, a.Text, a.Outcome = r.c.Store.SandboxNow(e.Sandbox), res.stage, res.enhanced, res.text, outcomeDeferred
		a.Host = at.hop.host
		if at.hop.addr.IsValid() {
			a.Address = at.hop.addr.String()
		}
		if e.State.Open() {
			e.State, e.NextAt, e.Reason = store.Held, timeNever, res.text
		}
		return nil
	})
}

// dryRun records where the message would have gone.
func (r *Relay) dryRun(ctx context.Context, rows []store.QueueEntry, hops []hop) {
	names := make([]string, len(hops))
	for i, h := range hops {
		names[i] = fmt.Sprintf("%s (%s)", h.host, h.addr)
	}
	r.hold(ctx, rows, result{stage: "connect", text: "dry run: would go to " + strings.Join(names, ", then ")}, where{hop: hops[0]})
}
