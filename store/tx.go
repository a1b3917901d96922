package store

import (
	"time"

	"github.com/catchpost/catchpost/store/kv"
)

// tx is one request's part in the committer's transaction. It runs in the
// committer's goroutine: read and write rows, no more; encode and think before.
type tx struct {
	kv.Reader
	w   kv.Writer
	s   *Store
	now time.Time // the same for the whole group

	sequence Sequence // the last that was given
	changes  []Change
	applies  []func()
	undo     map[*space]numbers
	save     map[*space]bool
	writes   int

	fresh  map[*space][]freshMessage     // captured in this transaction, ascending
	gone   map[Sequence]bool             // removed in this transaction
	blobs  []string                      // to unlink after the commit
	queued map[Sequence][]*queueFacts    // entries made in this transaction, by message
	boxes  map[MailboxID]*mailbox        // as this transaction wrote them
	added  map[Sequence][]EntryChangeRow // entries of messages appended in this transaction
}

// freshMessage is one that the index does not have yet.
type freshMessage struct {
	sequence Sequence
	at       uint32
}

// Put writes a row; key and value must not be changed until the commit.
func (t *tx) Put(b kv.Bucket, key, value []byte) {
	t.writes++
	t.w.Put(b, key, value)
}

// Delete removes a row, if it is there.
func (t *tx) Delete(b kv.Bucket, key []byte) {
	t.writes++
	t.w.Delete(b, key)
}

// DeleteRange removes the rows with from ≤ key < to.
func (t *tx) DeleteRange(b kv.Bucket, from, to []byte) {
	t.writes++
	t.w.DeleteRange(b, from, to)
}

// Add adds to a counter and returns the sum.
func (t *tx) Add(b kv.Bucket, key []byte, n int64) uint64 {
	t.writes++
	return t.w.Add(b, key, n)
}

// nextSequence gives the next sequence; give it to a change with t.changeAt.
func (t *tx) nextSequence() Sequence {
	t.sequence++
	return t.sequence
}

// change logs a change under a new sequence and publishes it after the commit.
// It sets Sequence and At.
func (t *tx) change(sp *space, c Change) Sequence {
	seq := t.nextSequence()
	t.changeAt(sp, seq, c)
	return seq
}

// changeAt is change for a sequence given before. sp may be nil where a change
// belongs to no sandbox.
func (t *tx) changeAt(sp *space, seq Sequence, c Change) {
	id := SpaceID(0)
	if sp != nil {
		id = sp.id
	}
	t.Put(bucketChange, sequenceKey(seq), encodeChange(id, t.tell(sp, seq, c)))
}

// tell publishes a change after the commit, without a row in the log: for a
// received message, whose record says it all, and which is no news once it is gone.
func (t *tx) tell(sp *space, seq Sequence, c Change) *Change {
	c.Sequence = seq
	c.At = t.now
	if sp != nil {
		c.Sandbox = sp.name
		t.numbers(sp).sequence = seq
	}
	t.changes = append(t.changes, c)
	return &t.changes[len(t.changes)-1]
}

// numbers gives a sandbox's numbers to be changed; they are put back if the
// transaction fails, and published if it commits.
func (t *tx) numbers(sp *space) *numbers {
	if _, ok := t.undo[sp]; !ok {
		t.undo[sp] = sp.next
	}
	return &sp.next
}

// nextUID spends a UID of a sandbox.
func (t *tx) nextUID(sp *space) UID {
	n := t.numbers(sp)
	n.uid++
	return n.uid
}

// saveNumbers has the sandbox's numbers written to its counters row, so that
// they outlive the rows they could be counted from. Needed wherever rows that
// hold a UID or a sequence are removed.
func (t *tx) saveNumbers(sp *space) {
	t.numbers(sp)
	t.save[sp] = true
}

// apply runs fn after the commit under Store.mu, in commit order, before
// anybody is woken: the place to change what is kept in memory.
func (t *tx) apply(fn func()) { t.applies = append(t.applies, fn) }

// living fails if a sandbox ended since it was looked up.
func (t *tx) living(sp *space) error {
	if sp.ended {
		return ErrSandboxEnded
	}
	return nil
}

// mark and rewind let the committer leave out a request that failed before it
// wrote anything.
type mark struct {
	sequence         Sequence
	changes, applies int
	writes           int
}

func (t *tx) mark() mark { return mark{t.sequence, len(t.changes), len(t.applies), t.writes} }

func (t *tx) rewind(m mark) bool {
	if t.writes != m.writes {
		return false
	}
	t.sequence, t.changes, t.applies = m.sequence, t.changes[:m.changes], t.applies[:m.applies]
	return true
}
