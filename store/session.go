package store

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/kv"
)

// Bounds of what is kept of sessions, when the options say nothing.
const (
	defaultSessions     = 10_000
	defaultSessionBytes = 64 << 20
	maxSessionPage      = 500
	// sessionDelay is how long closed sessions are gathered before they are
	// written; a crash may lose these.
	sessionDelay = 200 * time.Millisecond
	// sessionsAtOnce octets that wait are written at once.
	sessionsAtOnce = 4 << 20
)

// sessions is the ring of closed sessions: light facts in memory, rows on disk.
//
//	session: number (8) → length of the summary (uvarint) ‖ summary ‖ lines, both JSON
type sessions struct {
	mu      sync.Mutex
	ring    []sessionFacts // numbers ascending
	byID    map[string]uint64
	bytes   int
	next    uint64
	pending map[uint64][]byte // not written yet
	waiting int               // octets of pending
	evicted []uint64          // rows to delete
	wake    chan struct{}
}

// sessionFacts are what sessions are filtered by.
type sessionFacts struct {
	number               uint64
	id, sandbox          string
	peer, outcome, verbs string
	size                 int
}

func factsOf(n uint64, s *model.Session, size int) sessionFacts {
	return sessionFacts{
		number: n, id: s.ID, sandbox: s.Sandbox, peer: s.ClientAddress, outcome: s.Outcome,
		verbs: " " + strings.ToUpper(strings.Join(s.Verbs, " ")) + " ", size: size,
	}
}

// encodeSession parts a session into summary and lines.
func encodeSession(s *model.Session) ([]byte, error) {
	short := *s
	short.Lines = nil
	summary, err := json.Marshal(&short)
	if err != nil {
		return nil, err
	}
	lines, err := json.Marshal(s.Lines)
	if err != nil {
		return nil, err
	}
	b := binary.AppendUvarint(make([]byte, 0, len(summary)+len(lines)+4), uint64(len(summary)))
	return append(append(b, summary...), lines...), nil
}

func decodeSession(row []byte, withLines bool) (*model.Session, error) {
	n, at := binary.Uvarint(row)
	if at <= 0 || n > uint64(len(row)-at) {
		return nil, fmt.Errorf("%w: a session's row", ErrCorrupt)
	}
	s := &model.Session{}
	if err := json.Unmarshal(row[at:at+int(n)], s); err != nil {
		return nil, fmt.Errorf("%w: a session's row: %w", ErrCorrupt, err)
	}
	if withLines {
		if err := json.Unmarshal(row[at+int(n):], &s.Lines); err != nil {
			return nil, fmt.Errorf("%w: a session's lines: %w", ErrCorrupt, err)
		}
	}
	return s, nil
}

// loadSessions reads the facts; sessions of sandboxes that are gone go too.
func (s *Store) loadSessions(r kv.Reader) error {
	q := &s.sessions
	q.byID, q.pending, q.wake = make(map[string]uint64), make(map[uint64][]byte), make(chan struct{}, 1)
	for k, v := range r.Scan(bucketSession, nil, nil, 0, false) {
		number, ok := parseSequenceKey(k)
		if !ok {
			return fmt.Errorf("%w: session key %x", ErrCorrupt, k)
		}
		sess, err := decodeSession(v, false)
		if err != nil {
			return err
		}
		q.next = uint64(number) + 1
		if sess.Sandbox != "" && s.spaces[sess.Sandbox] == nil {
			q.evicted = append(q.evicted, uint64(number))
			continue
		}
		q.add(factsOf(uint64(number), sess, len(v)))
	}
	return nil
}

func (q *sessions) add(f sessionFacts) {
	q.ring = append(q.ring, f)
	q.byID[f.id] = f.number
	q.bytes += f.size
}

// drop takes a session out of memory and has its row deleted; q.mu is held.
func (q *sessions) drop(f sessionFacts) {
	if q.byID[f.id] == f.number {
		delete(q.byID, f.id)
	}
	q.bytes -= f.size
	if row, waits := q.pending[f.number]; waits {
		q.waiting -= len(row)
		delete(q.pending, f.number)
	} else {
		q.evicted = append(q.evicted, f.number)
	}
}

// forget drops the sessions of a sandbox that ended.
func (q *sessions) forget(sandbox string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ring = slices.DeleteFunc(q.ring, func(f sessionFacts) bool {
		if f.sandbox != sandbox {
			return false
		}
		q.drop(f)
		return true
	})
	q.signal()
}

func (q *sessions) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// SaveSession keeps a closed session and publishes it (SessionChanged). Bounded
// by count and octets; the oldest go first. It is found at once and written a
// moment later. A session whose sandbox has ended is published only.
func (s *Store) SaveSession(ctx context.Context, sess *model.Session) error {
	row, err := encodeSession(sess)
	if err != nil {
		return fmt.Errorf("session %s: %w", sess.ID, err)
	}
	defer s.PublishSession(sess)
	if !s.keepsSession(sess) {
		return nil
	}
	count, octets := s.sessionBounds()
	if len(row) > octets/4 {
		short := *sess
		short.Lines, short.Truncated = nil, true
		if row, err = encodeSession(&short); err != nil || len(row) > octets/4 {
			return fmt.Errorf("session %s: %w", sess.ID, ErrFull)
		}
	}
	q := &s.sessions
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, again := q.byID[sess.ID]; again {
		return fmt.Errorf("%w: session %s is kept already", ErrConflict, sess.ID)
	}
	f := factsOf(q.next, sess, len(row))
	q.next++
	q.add(f)
	q.pending[f.number] = row
	q.waiting += len(row)
	old := 0
	for len(q.ring)-old > count || q.bytes > octets {
		q.drop(q.ring[old])
		old++
	}
	q.ring = slices.Delete(q.ring, 0, old)
	q.signal()
	return nil
}

// keepsSession reports whether the sandbox that a session was in is still there.
func (s *Store) keepsSession(sess *model.Session) bool {
	if sess.Sandbox == "" || sess.Sandbox == DefaultSandbox {
		return true
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, err := s.sandbox(sess.Sandbox)
	return err == nil && !b.created.After(sess.StartedAt.Add(time.Second))
}

func (s *Store) sessionBounds() (count, octets int) {
	count, octets = s.o.MaxSessions, int(s.o.MaxSessionBytes)
	if count <= 0 {
		count = defaultSessions
	}
	if octets <= 0 {
		octets = defaultSessionBytes
	}
	return count, octets
}

// writeSessions is the goroutine that writes closed sessions, many at a time. It
// sleeps until there is one.
func (s *Store) writeSessions() {
	for {
		select {
		case <-s.stop:
			return
		case <-s.sessions.wake:
		}
		s.sessions.mu.Lock()
		now := s.sessions.waiting >= sessionsAtOnce
		s.sessions.mu.Unlock()
		if !now {
			pause := time.NewTimer(sessionDelay)
			select {
			case <-s.stop:
				pause.Stop()
				return
			case <-pause.C:
			}
		}
		if err := s.flushSessions(context.Background()); err != nil && err != ErrClosed {
			s.log.Error("sessions could not be written", "error", err)
		}
	}
}

// flushSessions writes what waits; what cannot be written is given up, so that
// memory stays bounded.
func (s *Store) flushSessions(ctx context.Context) error {
	q := &s.sessions
	q.mu.Lock()
	numbers := make([]uint64, 0, len(q.pending))
	rows := make(map[uint64][]byte, len(q.pending))
	for n, row := range q.pending {
		numbers, rows[n] = append(numbers, n), row
	}
	evicted := q.evicted
	q.evicted = nil
	q.mu.Unlock()
	if len(numbers)+len(evicted) == 0 {
		return nil
	}
	slices.Sort(numbers)
	err := s.update(ctx, func(t *tx) error {
		for _, n := range numbers {
			t.Put(bucketSession, sequenceKey(Sequence(n)), rows[n])
		}
		for _, n := range evicted {
			t.Delete(bucketSession, sequenceKey(Sequence(n)))
		}
		return nil
	})
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, n := range numbers {
		if row, waits := q.pending[n]; waits {
			q.waiting -= len(row)
			delete(q.pending, n)
		} else if err == nil {
			q.evicted = append(q.evicted, n) // dropped while it was written
		}
	}
	return err
}

// PublishSession tells subscribers of an open session's progress; nothing is stored.
func (s *Store) PublishSession(sess *model.Session) {
	s.hub.publish([]Change{{Kind: SessionChanged, Sandbox: sess.Sandbox, At: s.clock.Now().UTC(), ID: sess.ID, Session: sess}})
}

// SessionQuery filters sessions; empty fields match all.
type SessionQuery struct {
	Sandbox string // "" is every sandbox (administrator)
	Peer    string // prefix of the client address
	Outcome string
	Verb    string
	Limit   int
	Cursor  string
}

func (q *SessionQuery) wants(f *sessionFacts) bool {
	return (q.Sandbox == "" || q.Sandbox == f.sandbox) && strings.HasPrefix(f.peer, q.Peer) &&
		(q.Outcome == "" || q.Outcome == f.outcome) &&
		(q.Verb == "" || strings.Contains(f.verbs, " "+strings.ToUpper(q.Verb)+" "))
}

// Sessions lists sessions, newest first, without their lines. Errors: ErrBadCursor.
func (s *Store) Sessions(ctx context.Context, query SessionQuery) (list []*model.Session, next string, err error) {
	before := ^uint64(0)
	if query.Cursor != "" {
		if before, err = strconv.ParseUint(query.Cursor, 36, 64); err != nil {
			return nil, "", ErrBadCursor
		}
	}
	limit := query.Limit
	if limit <= 0 || limit > maxSessionPage {
		limit = maxSessionPage
	}
	q := &s.sessions
	var numbers []uint64
	q.mu.Lock()
	for i := len(q.ring) - 1; i >= 0; i-- {
		if f := &q.ring[i]; f.number < before && query.wants(f) {
			if len(numbers) == limit {
				next = strconv.FormatUint(numbers[limit-1], 36)
				break
			}
			numbers = append(numbers, f.number)
		}
	}
	q.mu.Unlock()
	rows, err := s.sessionRows(numbers)
	if err != nil {
		return nil, "", err
	}
	list = make([]*model.Session, 0, len(rows))
	for _, row := range rows {
		if row == nil {
			continue // dropped meanwhile
		}
		sess, err := decodeSession(row, false)
		if err != nil {
			return nil, "", err
		}
		list = append(list, sess)
	}
	return list, next, nil
}

// sessionRows reads rows, written or waiting; nil where there is none.
func (s *Store) sessionRows(numbers []uint64) ([][]byte, error) {
	rows := make([][]byte, len(numbers))
	s.sessions.mu.Lock()
	for i, n := range numbers {
		rows[i] = s.sessions.pending[n]
	}
	s.sessions.mu.Unlock()
	err := s.view(func(r kv.Reader) error {
		for i, n := range numbers {
			if rows[i] == nil {
				rows[i] = slices.Clone(r.Get(bucketSession, sequenceKey(Sequence(n))))
			}
		}
		return nil
	})
	return rows, err
}

// Session returns one with its lines. Errors: ErrNotFound.
func (s *Store) Session(ctx context.Context, id string) (*model.Session, error) {
	s.sessions.mu.Lock()
	n, ok := s.sessions.byID[id]
	s.sessions.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("session %q: %w", id, ErrNotFound)
	}
	rows, err := s.sessionRows([]uint64{n})
	if err != nil {
		return nil, err
	}
	if rows[0] == nil {
		return nil, fmt.Errorf("session %q: %w", id, ErrNotFound)
	}
	return decodeSession(rows[0], true)
}
