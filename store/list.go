package store

import (
	"context"
	"encoding/base64"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/store/kv"
)

const (
	defaultLimit = 50
	maxLimit     = 500
	// countedBeyond is how far beyond the page a total is exact.
	countedBeyond = 1000
	// scanBatch is how many messages are looked at in one read transaction.
	scanBatch = 64
	// scanLocked is how many entries are tested under one lock.
	scanLocked = 20_000
	// scanTime is how long a list looks for its page, and countTime how much
	// longer it counts beyond it, before it says what it has. The first few
	// messages beyond it may take countMost.
	scanTime  = 2 * time.Second
	countTime = 2 * time.Millisecond
	countMost = 250 * time.Millisecond
	countFew  = 250
)

// List runs a query. The page may be shorter than its limit, even empty, where
// looking took too long: NextCursor goes on from there.
// Errors: ErrNoSandbox, ErrSandboxEnded, ErrBadCursor, those of the filter.
func (s *Store) List(ctx context.Context, q Query) (Page, error) {
	sp, err := s.space(sandboxOr(q.Sandbox))
	if err != nil {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	at, err := s.parseCursor(q)
	if err != nil {
		return Page{}, err
	}
	var page Page
	s.mu.RLock()
	page.Sequence, page.Pruned = sp.now.sequence, sp.now.pruned
	all := int(sp.now.messages - sp.appended)
	s.mu.RUnlock()

	l := &lister{
		s: s, ctx: ctx, f: q.Filter, c: s.planned(sp, q.plan(), q.Order, at.from), limit: q.Limit,
		started: time.Now(), counting: true, skip: q.Skip, also: q.Also, alsoHeads: q.AlsoHeads, heads: q.Heads, login: q.Login,
	}
	if q.Filter == nil || len(q.Filter.Clauses()) == 0 {
		l.f, l.counting = nil, q.Also != nil || q.Address != ""
	}
	if err := l.run(); err != nil {
		return Page{}, err
	}
	page.Messages = l.page
	if l.counting {
		page.Total, page.TotalExact = at.before+l.matched, l.exact
		if q.CountUnread {
			page.Unread = s.unreadOf(l.beyond) + unread(l.page)
		}
	} else {
		page.Total, page.TotalExact, page.Unread = all, true, s.unread(sp)
	}
	if l.more {
		page.NextCursor = s.cursor(q, cursor{from: l.last, before: at.before + l.skipped + len(l.page)})
	}
	return page, nil
}

// plan is the filter's, narrowed by Address.
func (q *Query) plan() filter.Plan {
	plan := q.Filter.Plan()
	if len(q.Needles) > 0 {
		plan.Needles, plan.Enough = append(slices.Clone(plan.Needles), q.Needles...), false
	}
	if q.Address != "" {
		plan.Addresses = append(slices.Clone(plan.Addresses), []string{strings.ToLower(q.Address)})
	}
	return plan
}

// lister fills one page and counts a while beyond it.
type lister struct {
	s        *Store
	ctx      context.Context
	f        *filter.Filter // nil matches everything
	c        *candidates
	limit    int
	counting bool
	started  time.Time
	filled   time.Time // when the page was full

	skip, skipped int                 // still to pass over, and passed over
	also          func(*Message) bool // nil: nothing more is asked
	alsoHeads     bool
	heads         bool
	login         bool
	beyond        []Sequence // matches that are counted but not on the page

	page    []*Message
	last    Sequence // where the next page begins
	matched int
	looked  int // messages since the page was full
	exact   bool
	more    bool
}

func (l *lister) run() error {
	for {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		n := scanBatch
		if !l.counting {
			l.passOver()
			n = l.limit + 1
		}
		batch := l.c.batch(n)
		done := false
		err := l.s.view(func(r kv.Reader) (err error) {
			done, err = l.look(r, batch)
			return err
		})
		if err != nil || done {
			return err
		}
		if l.c.ended {
			l.exact = true
			return nil
		}
		if len(l.page) < l.limit {
			l.last = l.c.from
			if time.Since(l.started) > scanTime {
				l.more = true
				return nil
			}
		} else if l.counted() {
			return nil
		}
	}
}

// look verifies a batch; done is true when there is no more to find out.
func (l *lister) look(r kv.Reader, batch []candidate) (done bool, err error) {
	for _, found := range batch {
		if len(l.page) == l.limit {
			if l.counted() {
				return true, nil
			}
			l.looked++
		}
		if !l.c.holds(r, found) {
			continue
		}
		seq := found.sequence
		if len(l.page) == l.limit && l.c.plan.Enough && l.also == nil {
			if l.count(seq) {
				return true, nil
			}
			continue
		}
		j := &subject{s: l.s, seq: seq, r: r}
		if l.f != nil && !l.c.plan.Enough {
			ok, err := l.f.Match(j)
			if j.err == ErrNotFound || err == ErrNotFound {
				continue // deleted since
			}
			if err != nil || j.err != nil {
				return false, firstOf(j.err, err)
			}
			if !ok {
				continue
			}
		}
		if l.also != nil || len(l.page) < l.limit && l.skip == 0 {
			m := l.judged(j)
			if j.err == ErrNotFound || j.err == nil && l.also != nil && !l.also(m) {
				continue
			}
			if j.err != nil {
				return false, j.err
			}
		}
		if l.skip > 0 {
			l.skip--
			l.skipped++
			l.matched++
			l.last = seq
			l.beyond = append(l.beyond, seq)
			continue
		}
		if len(l.page) < l.limit {
			m := l.open(j)
			l.page, l.last, l.filled = append(l.page, m), seq, time.Now()
			l.matched++
			continue
		}
		if l.count(seq) {
			return true, nil
		}
	}
	return false, nil
}

// judged reads as much of a message as also needs, or the page.
func (l *lister) judged(j *subject) *Message {
	switch {
	case l.also == nil:
		return l.open(j)
	case l.alsoHeads:
		return j.head()
	}
	return j.message()
}

// open reads as much of a match as is asked for.
func (l *lister) open(j *subject) *Message {
	if l.heads && l.login {
		return j.headAndLogin()
	}
	if l.heads {
		return j.head()
	}
	return j.message()
}

// count counts a match beyond the page; it says whether that is enough.
func (l *lister) count(seq Sequence) (done bool) {
	l.more = true
	l.matched++
	l.beyond = append(l.beyond, seq)
	return !l.counting || len(l.beyond)-l.skipped >= countedBeyond
}

// passOver skips candidates that need not be looked at: without conditions
// every one of them is a match.
func (l *lister) passOver() {
	for l.skip > 0 && !l.c.ended {
		n := len(l.c.batch(min(l.skip, scanLocked)))
		l.skip -= n
		l.skipped += n
	}
	l.last = l.c.from
}

// counted reports whether counting beyond the page has taken its time. What was
// not looked at may hold more.
func (l *lister) counted() bool {
	took := time.Since(l.filled)
	over := took > countMost || took > countTime && l.looked > countFew
	l.more = l.more || over
	return over
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// cursor is where the next page of one query begins.
type cursor struct {
	from   Sequence // exclusive
	before int      // matches on the pages before
}

const cursorVersion = 1

// cursor encodes a cursor; it fits this query alone.
func (s *Store) cursor(q Query, c cursor) string {
	w := writer{}
	w.octet(cursorVersion)
	w.fixed32(queryHash(q))
	w.uint(uint64(c.from))
	w.uint(uint64(c.before))
	return base64.RawURLEncoding.EncodeToString(w.b)
}

func (s *Store) parseCursor(q Query) (cursor, error) {
	if q.Cursor == "" {
		return cursor{}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil {
		return cursor{}, ErrBadCursor
	}
	r := reader{b: b}
	r.version(cursorVersion)
	hash := r.fixed32()
	c := cursor{from: Sequence(r.uint()), before: int(r.uint())}
	if r.err != nil || !r.done() || hash != queryHash(q) || c.from == 0 || c.before < 0 {
		return cursor{}, ErrBadCursor
	}
	return c, nil
}

// queryHash tells queries apart, so that a cursor is not used with another.
func queryHash(q Query) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(sandboxOr(q.Sandbox)))
	_, _ = h.Write([]byte{0, byte(q.Order)})
	if q.Filter != nil {
		_, _ = h.Write([]byte(q.Filter.String()))
	}
	return h.Sum32()
}

// selected finds the messages that ids or a filter name, ascending; both nil
// name all that a list shows.
func (s *Store) selected(ctx context.Context, sp *space, ids []string, f *filter.Filter) ([]Sequence, error) {
	if ids != nil {
		return s.sequencesOfIDs(sp, ids), nil
	}
	if f != nil && len(f.Clauses()) == 0 {
		f = nil
	}
	c := s.candidates(sp, f, Oldest, 0)
	var found []Sequence
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch := c.batch(scanBatch * 16)
		if f == nil {
			for _, m := range batch {
				found = append(found, m.sequence)
			}
		} else if err := s.view(func(r kv.Reader) error {
			for _, m := range batch {
				if !c.holds(r, m) {
					continue
				}
				seq := m.sequence
				j := &subject{s: s, seq: seq, r: r}
				ok, err := f.Match(j)
				if j.err == ErrNotFound || err == ErrNotFound {
					continue
				}
				if err = firstOf(j.err, err); err != nil {
					return err
				}
				if ok {
					found = append(found, seq)
				}
			}
			return nil
		}); err != nil {
			return nil, err
		}
		if c.ended {
			return found, nil
		}
	}
}
