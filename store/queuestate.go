package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tidwall/btree"

	"github.com/catchpost/catchpost/store/kv"
)

// queue is what is kept in memory of the queue: light facts of every entry, and
// for each sandbox the order in which its entries are due. Guarded by Store.mu.
type queue struct {
	all       *btree.Map[Sequence, *queueFacts]
	due       map[*space]*btree.BTreeG[*queueFacts]
	byMessage map[Sequence][]*queueFacts
}

// queueFacts are what entries are found by.
type queueFacts struct {
	id      Sequence
	space   *space
	message Sequence
	domain  string
	state   QueueState
	next    time.Time // zero: not due any more
}

// waits says that the entry is on its way: its message is not pruned.
func (f *queueFacts) waits() bool { return f.state == Queued || f.state == Deferred }

func (f *queueFacts) isDue() bool { return f.waits() && !f.next.IsZero() }

func dueSooner(a, b *queueFacts) bool {
	if c := a.next.Compare(b.next); c != 0 {
		return c < 0
	}
	return a.id < b.id
}

func newQueue() queue {
	return queue{
		all: new(btree.Map[Sequence, *queueFacts]), due: make(map[*space]*btree.BTreeG[*queueFacts]),
		byMessage: make(map[Sequence][]*queueFacts),
	}
}

// set puts an entry's facts in the place of those it had.
func (q *queue) set(f *queueFacts) {
	if old, ok := q.all.Set(f.id, f); ok {
		q.undue(old)
		list := q.byMessage[f.message]
		list[slices.Index(list, old)] = f
	} else {
		q.byMessage[f.message] = append(q.byMessage[f.message], f)
	}
	if f.isDue() {
		d := q.due[f.space]
		if d == nil {
			d = btree.NewBTreeGOptions(dueSooner, btree.Options{NoLocks: true, Degree: 16})
			q.due[f.space] = d
		}
		d.Set(f)
	}
}

func (q *queue) undue(f *queueFacts) {
	if d := q.due[f.space]; d != nil && f.isDue() {
		d.Delete(f)
		if d.Len() == 0 {
			delete(q.due, f.space)
		}
	}
}

// drop forgets an entry.
func (q *queue) drop(id Sequence) {
	f, ok := q.all.Delete(id)
	if !ok {
		return
	}
	q.undue(f)
	list := slices.DeleteFunc(q.byMessage[f.message], func(x *queueFacts) bool { return x == f })
	if len(list) == 0 {
		delete(q.byMessage, f.message)
	} else {
		q.byMessage[f.message] = list
	}
}

const queueVersion = 1

func encodeQueueEntry(sp *space, e *QueueEntry) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("queue entry: %w", err)
	}
	w := writer{b: make([]byte, 0, len(body)+16)}
	w.octet(queueVersion)
	w.uint(uint64(sp.id))
	w.bytes(body)
	return w.b, nil
}

func decodeQueueEntry(row []byte) (SpaceID, QueueEntry, error) {
	r := reader{b: row}
	r.version(queueVersion)
	id := SpaceID(r.uint())
	body := r.take(r.uint())
	if err := r.finish("queue entry"); err != nil {
		return 0, QueueEntry{}, err
	}
	var e QueueEntry
	if err := json.Unmarshal(body, &e); err != nil {
		return 0, QueueEntry{}, fmt.Errorf("%w: queue entry: %w", ErrCorrupt, err)
	}
	return id, e, nil
}

// loadQueue reads the facts of every entry.
func (s *Store) loadQueue(r kv.Reader) error {
	s.domain.queue = newQueue()
	for k, v := range r.Scan(bucketQueue, nil, nil, 0, false) {
		id, ok := parseSequenceKey(k)
		space, e, err := decodeQueueEntry(v)
		if err != nil {
			return err
		}
		message, known := s.sequenceOf(e.MessageID)
		sp := s.spacesByID[space]
		if !ok || !known || sp == nil {
			return fmt.Errorf("%w: queue entry %x", ErrCorrupt, k)
		}
		s.domain.queue.set(&queueFacts{id, sp, message, e.Domain, e.State, e.NextAt})
	}
	return nil
}

// putQueueEntry writes an entry, logs it and keeps its facts. A new one has no
// ID yet and gets one.
func (t *tx) putQueueEntry(sp *space, message Sequence, e *QueueEntry) error {
	at := t.nextSequence()
	id := at
	made := e.ID == ""
	if made {
		e.ID = t.s.idOf(id)
	} else {
		id, _ = t.s.sequenceOf(e.ID)
	}
	row, err := encodeQueueEntry(sp, e)
	if err != nil {
		return err
	}
	t.Put(bucketQueue, sequenceKey(id), row)
	t.changeAt(sp, at, Change{Kind: QueueChanged, ID: e.ID})
	f := &queueFacts{id, sp, message, e.Domain, e.State, e.NextAt}
	if made {
		t.queued[message] = append(t.queued[message], f)
	}
	t.apply(func() { t.s.domain.queue.set(f) })
	return nil
}

// forgetQueue removes a message's queue entries: it has nothing left to send.
func (t *tx) forgetQueue(seq Sequence) {
	list := t.s.domain.queue.byMessage[seq]
	for _, f := range append(list[:len(list):len(list)], t.queued[seq]...) {
		t.Delete(bucketQueue, sequenceKey(f.id))
		if f.state.Open() && !f.space.ended {
			t.change(f.space, Change{Kind: QueueChanged, ID: t.s.idOf(f.id)})
		}
		id := f.id
		t.apply(func() { t.s.domain.queue.drop(id) })
	}
}

// held says whether a message has entries on their way, and so is not pruned.
// Called by the committer; Store.mu is not held.
func (s *Store) held(seq Sequence) bool {
	return slices.ContainsFunc(s.domain.queue.byMessage[seq], (*queueFacts).waits)
}
