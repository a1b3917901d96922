package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/kv"
)

// QueueState is the outcome so far of one forward-path.
type QueueState string

// States of a queue entry, DESIGN §2 and the relay's issue.
const (
	Queued    QueueState = "queued"
	Deferred  QueueState = "deferred"
	Held      QueueState = "held"
	Relayed   QueueState = "relayed"
	Delivered QueueState = "delivered" // local
	Failed    QueueState = "failed"
	Expired   QueueState = "expired"
	Cancelled QueueState = "cancelled"
)

// QueueEntry is one forward-path of a message on its way out.
type QueueEntry struct {
	ID          string
	Sandbox     string
	MessageID   string // the store's ID of the message
	ReversePath string
	ForwardPath string
	Domain      string // A-label of the forward-path's domain: the destination
	State       QueueState
	Reason      string // why held or failed, for people
	QueuedAt    time.Time
	NextAt      time.Time // when it is due; zero when it will not be tried again
	WarnedAt    time.Time // when the delay DSN was sent
	ExpiresAt   time.Time
	DSN         model.DSNRecipient
	Ret, EnvID  string
	Received    string // the Received field a relayed copy begins with, made once
	Attempts    []Attempt
}

// Attempt is one try at a next hop.
type Attempt struct {
	At           time.Time
	EndedAt      time.Time
	Host         string // MX name
	Address      string // IP:port
	TLS          *model.TLS
	Stage        string // connect, greeting, ehlo, tls, auth, mail, rcpt, data, end
	Code         int
	EnhancedCode string
	Text         string
	Outcome      string // relayed, deferred, failed, uncertain
	Transcript   Transcript
}

// Open reports whether the entry may still leave.
func (st QueueState) Open() bool { return st == Queued || st == Deferred || st == Held }

// Bounds of the queue.
const (
	maxQueue       = 1_000_000
	maxQueuePage   = 500
	maxQueueAtOnce = 10_000 // entries of one message
)

// QueueQuery filters queue entries; empty fields match all.
type QueueQuery struct {
	Sandbox   string // "" is every sandbox (administrator)
	States    []QueueState
	Domain    string
	MessageID string
	Limit     int
	Cursor    string
}

// putDerived writes the queue and outbox rows of a message being captured; its
// numbers are set.
func (t *tx) putDerived(sp *space, m *Message, d Derived) error {
	for i := range d.Queue {
		e := d.Queue[i]
		e.ID, e.Sandbox, e.MessageID = "", sp.name, m.ID
		if err := t.putQueueEntry(sp, m.Sequence, &e); err != nil {
			return err
		}
	}
	return t.putOutbox(d.Outbox)
}

// EnqueueMessage adds a message's forward-paths to the queue in one commit and
// returns them with their IDs. Errors: ErrNotFound, ErrFull.
func (s *Store) EnqueueMessage(ctx context.Context, messageID string, entries []QueueEntry) ([]QueueEntry, error) {
	seq, ok := s.sequenceOf(messageID)
	if !ok {
		return nil, fmt.Errorf("message %q: %w", messageID, ErrNotFound)
	}
	var made []QueueEntry
	err := s.update(ctx, func(t *tx) error {
		row := messageRow(t, seq, rowRecord)
		if row == nil {
			return fmt.Errorf("message %q: %w", messageID, ErrNotFound)
		}
		rec, err := decodeRecord(seq, row)
		if err != nil {
			return err
		}
		sp := t.s.spacesByID[rec.space]
		if sp == nil || sp.ended {
			return fmt.Errorf("message %q: %w", messageID, ErrNotFound)
		}
		q := &t.s.domain.queue
		if q.all.Len()+len(entries) > maxQueue || len(q.byMessage[seq])+len(entries) > maxQueueAtOnce {
			return fmt.Errorf("%w: the queue is full", ErrFull)
		}
		made = make([]QueueEntry, len(entries))
		for i, e := range entries {
			e.ID, e.Sandbox, e.MessageID = "", sp.name, messageID
			if err := t.putQueueEntry(sp, seq, &e); err != nil {
				return err
			}
			made[i] = e
		}
		return nil
	})
	return made, err
}

// QueueEntries lists entries, oldest first. Errors: ErrBadCursor, ErrNoSandbox,
// ErrSandboxEnded.
func (s *Store) QueueEntries(ctx context.Context, q QueueQuery) (entries []QueueEntry, next string, err error) {
	var from Sequence
	if q.Cursor != "" {
		n, ok := s.sequenceOf(q.Cursor)
		if !ok {
			return nil, "", ErrBadCursor
		}
		from = n + 1
	}
	var sp *space
	if q.Sandbox != "" {
		if sp, err = s.space(q.Sandbox); err != nil {
			return nil, "", err
		}
	}
	message, known := s.sequenceOf(q.MessageID)
	if q.MessageID != "" && !known {
		return nil, "", nil
	}
	limit := q.Limit
	if limit <= 0 || limit > maxQueuePage {
		limit = maxQueuePage
	}
	var ids []Sequence
	s.mu.RLock()
	s.domain.queue.all.Ascend(from, func(id Sequence, f *queueFacts) bool {
		if f.space.ended || sp != nil && f.space != sp || q.Domain != "" && f.domain != q.Domain ||
			q.MessageID != "" && f.message != message || len(q.States) > 0 && !slices.Contains(q.States, f.state) {
			return true
		}
		if len(ids) == limit {
			next = s.idOf(ids[limit-1])
			return false
		}
		ids = append(ids, id)
		return true
	})
	s.mu.RUnlock()
	entries, err = s.queueRows(ids)
	return entries, next, err
}

// queueRows reads entries in the order of ids, those that are still there.
func (s *Store) queueRows(ids []Sequence) ([]QueueEntry, error) {
	entries := make([]QueueEntry, 0, len(ids))
	err := s.view(func(r kv.Reader) error {
		entries = entries[:0]
		for _, id := range ids {
			row := r.Get(bucketQueue, sequenceKey(id))
			if row == nil {
				continue
			}
			_, e, err := decodeQueueEntry(row)
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		return nil
	})
	return entries, err
}

// QueueEntry returns one. Errors: ErrNotFound.
func (s *Store) QueueEntry(ctx context.Context, id string) (QueueEntry, error) {
	seq, _ := s.sequenceOf(id)
	s.mu.RLock()
	f, ok := s.domain.queue.all.Get(seq)
	ok = ok && !f.space.ended
	s.mu.RUnlock()
	if ok {
		if list, err := s.queueRows([]Sequence{seq}); err != nil || len(list) == 1 {
			return append(list, QueueEntry{})[0], err
		}
	}
	return QueueEntry{}, fmt.Errorf("queue entry %q: %w", id, ErrNotFound)
}

// UpdateQueueEntry changes one in one commit; an error of fn leaves it as it
// was. fn may be run twice. Errors: ErrNotFound, those of fn.
func (s *Store) UpdateQueueEntry(ctx context.Context, id string, fn func(*QueueEntry) error) (QueueEntry, error) {
	var changed QueueEntry
	err := s.update(ctx, func(t *tx) error {
		seq, ok := t.s.sequenceOf(id)
		row := t.Get(bucketQueue, sequenceKey(seq))
		if !ok || row == nil {
			return fmt.Errorf("queue entry %q: %w", id, ErrNotFound)
		}
		space, e, err := decodeQueueEntry(row)
		if err != nil {
			return err
		}
		sp := t.s.spacesByID[space]
		if sp == nil || sp.ended {
			return fmt.Errorf("queue entry %q: %w", id, ErrNotFound)
		}
		fixed := e
		if err := fn(&e); err != nil {
			return err
		}
		e.ID, e.Sandbox, e.MessageID = fixed.ID, fixed.Sandbox, fixed.MessageID
		message, _ := t.s.sequenceOf(e.MessageID)
		changed = e
		return t.putQueueEntry(sp, message, &e)
	})
	return changed, err
}

// DueQueue returns the entries due at the real time now, each judged by its
// sandbox's clock, the longest due first, and the real time at which the next
// will be due (zero: none waits).
func (s *Store) DueQueue(ctx context.Context, now time.Time, limit int) (due []QueueEntry, next time.Time, err error) {
	type at struct {
		id   Sequence
		real time.Time
	}
	var found []at
	s.mu.RLock()
	for sp, tree := range s.domain.queue.due {
		if sp.ended {
			continue
		}
		n := 0
		tree.Scan(func(f *queueFacts) bool {
			real := f.next.Add(-sp.offset)
			if real.After(now) || limit > 0 && n == limit {
				if next.IsZero() || real.Before(next) {
					next = real
				}
				return false
			}
			found = append(found, at{f.id, real})
			n++
			return true
		})
	}
	s.mu.RUnlock()
	slices.SortFunc(found, func(a, b at) int {
		if c := a.real.Compare(b.real); c != 0 {
			return c
		}
		return cmp.Compare(a.id, b.id)
	})
	if limit > 0 && len(found) > limit {
		if next.IsZero() || found[limit].real.Before(next) {
			next = found[limit].real
		}
		found = found[:limit]
	}
	ids := make([]Sequence, len(found))
	for i := range found {
		ids[i] = found[i].id
	}
	due, err = s.queueRows(ids)
	return due, next, err
}

// OpenQueue returns how many of a message's entries are open.
func (s *Store) OpenQueue(messageID string) int {
	seq, _ := s.sequenceOf(messageID)
	n := 0
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, f := range s.domain.queue.byMessage[seq] {
		if f.state.Open() {
			n++
		}
	}
	return n
}
