package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
)

// capture is a message ready to be committed: everything is computed and
// encoded, but the numbers.
type capture struct {
	space   *space
	m       *Message
	raw     []byte // nil when in a blob
	blob    string
	record  []byte
	text    []byte // nil when too long to be kept
	derived Derived
	indexed indexed
}

// Deliver commits a message into each sandbox its forward-paths reach, in one
// commit, and returns when it is on disk, published and findable. The messages
// come in the order in which their sandboxes were first named.
// Errors: ErrFull (ErrTooBig where no room would do), ErrNoSandbox,
// ErrSandboxEnded, ErrDiskFull, ErrClosed.
func (s *Store) Deliver(ctx context.Context, d Delivery) ([]*Message, error) {
	defer d.Octets.Discard()
	captures, octets, err := s.makeCaptures(d)
	if err == nil {
		err = s.commit(ctx, octets, func(t *tx) error { return t.capture(captures, nil) })
	}
	if err != nil {
		s.abandon(captures)
		return nil, err
	}
	messages := make([]*Message, len(captures))
	for i, c := range captures {
		messages[i] = c.m
	}
	return messages, nil
}

// makeCaptures computes and encodes all of a delivery before the commit, and says
// about how many octets that will write. What it returns is committed, or abandoned.
func (s *Store) makeCaptures(d Delivery) (captures []*capture, octets int, err error) {
	destinations, err := s.destinations(&d)
	if err != nil {
		return nil, 0, err
	}
	raw, err := d.Octets.raw()
	if err != nil {
		return nil, 0, err
	}
	digest := *message.Scan(raw)
	text := digest.SearchText
	digest.SearchText = ""
	g := sign(text)

	captures = make([]*capture, len(destinations))
	for i, to := range destinations {
		captures[i] = &capture{space: to.space, m: s.newMessage(&d, to, &digest)}
	}
	octets = (len(raw) + min(len(text), textKept) + 1024) * len(captures)
	if d.Octets.file != nil {
		if err := d.keepBlobs(captures); err != nil {
			return captures, 0, err
		}
		octets -= len(raw) * len(captures)
	}
	for _, c := range captures {
		if c.blob == "" {
			c.raw = raw
		}
		s.ready(c, raw, text, g)
	}
	return captures, octets, nil
}

// abandon removes the blobs of captures that were not committed.
func (s *Store) abandon(captures []*capture) {
	for _, c := range captures {
		if c.blob != "" {
			s.blobs.remove(c.blob)
		}
	}
}

// newMessage makes the message that a sandbox gets; its numbers come later.
func (s *Store) newMessage(d *Delivery, to destination, digest *message.Digest) *Message {
	m := &Message{
		Sandbox: to.space.name, Origin: d.Origin, ReceivedAt: s.now(to.space),
		ReversePath: d.ReversePath, ForwardPaths: to.paths, Envelope: d.Envelope,
		Size: d.Octets.Len(), Digest: digest, Tags: slices.Clone(d.Tags),
	}
	if at := d.ReceivedAt; !at.IsZero() && at.Unix() > 0 && at.Before(m.ReceivedAt) {
		m.ReceivedAt = at.UTC().Truncate(time.Microsecond)
	}
	m.Envelope.DSN.Recipients = onlyThese(d.Envelope.DSN.Recipients, to.paths)
	if d.Origin != model.OriginAppend {
		m.Accounts = s.accountsNamed(to.space, to.paths)
	}
	return m
}

// onlyThese keeps the DSN parameters of a sandbox's own forward-paths.
func onlyThese(recipients []model.DSNRecipient, paths []string) []model.DSNRecipient {
	var kept []model.DSNRecipient
	for _, r := range recipients {
		if slices.Contains(paths, r.Address) {
			kept = append(kept, r)
		}
	}
	return kept
}

// keepBlobs makes the temporary file durable, one name for each capture.
func (d *Delivery) keepBlobs(captures []*capture) error {
	if err := d.Octets.sync(); err != nil {
		return err
	}
	names, err := d.Octets.b.keep(d.Octets.path, len(captures))
	for i, name := range names {
		captures[i].blob = name
	}
	return err
}

// ready encodes a capture and computes what the index needs. Its blind copies are
// added to the text that all captures of a delivery share, with its signature.
func (s *Store) ready(c *capture, raw []byte, text string, g signature) {
	m := c.m
	if all, q := m.withBlind(text, m.Digest.SearchQ); len(all) > len(text) {
		digest := *m.Digest
		digest.SearchQ = q
		m.Digest, text, g = &digest, all, sign(all)
	}
	if len(text) <= textKept {
		c.text = []byte(text)
	}
	if s.o.Tag != nil && m.Origin != model.OriginAppend {
		m.Tags = append(m.Tags, s.o.Tag(m, raw)...)
	}
	c.record = encodeRecord(&record{space: c.space.id, blob: c.blob, m: m})
	c.indexed = s.indexedOf(c.space.id, m)
	c.indexed.signature = g
	if s.o.Derive != nil && m.Origin != model.OriginAppend {
		c.derived = s.o.Derive(m, s.freshSubject(m, raw, text))
	}
}

// indexedOf computes what the index keeps of a message, but for the signature.
func (s *Store) indexedOf(id SpaceID, m *Message) indexed {
	i := indexed{
		size: uint32(m.Size), at: unixSeconds(m.ReceivedAt), uid: m.UID, searchQ: m.Digest.SearchQ,
		appended: m.Origin == model.OriginAppend,
		state:    state{m.Seen, m.Flagged, m.Tags},
		accounts: m.Accounts,
	}
	for a := range addressesOf(m) {
		i.addresses = append(i.addresses, s.index.addressHash(id, a))
	}
	slices.Sort(i.addresses)
	i.addresses = slices.Compact(i.addresses)
	return i
}

func unixSeconds(t time.Time) uint32 { return uint32(max(t.Unix(), 0)) }

// addressesOf yields every address in header and envelope, lower-cased; some twice.
func addressesOf(m *Message) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		d := m.Digest
		for _, list := range [...][]model.Address{d.From, d.To, d.Cc, d.Bcc, d.ReplyTo} {
			for _, a := range list {
				if a.Address != "" && !yield(strings.ToLower(a.Address)) {
					return
				}
			}
		}
		for _, p := range m.ForwardPaths {
			if !yield(strings.ToLower(p)) {
				return
			}
		}
		if m.ReversePath != "" {
			yield(strings.ToLower(m.ReversePath))
		}
	}
}

// capture writes captures, all or none. It fails before it writes.
func (t *tx) capture(captures []*capture, also func(*tx, *Message) error) error {
	for _, c := range captures {
		if err := t.admits(c); err != nil {
			return err
		}
	}
	for _, c := range captures {
		t.put(c)
		if also != nil {
			if err := also(t, c.m); err != nil {
				return err
			}
		}
		if err := t.putDerivedOf(c); err != nil {
			return err
		}
	}
	return nil
}

// admits checks what forbids a capture.
func (t *tx) admits(c *capture) error {
	if err := t.living(c.space); err != nil {
		return fmt.Errorf("sandbox %s: %w", c.space.name, err)
	}
	if t.s.disk.full(t.now) {
		return fmt.Errorf("%w: less than 5 %% is free", ErrDiskFull)
	}
	l, n := c.space.limits, c.space.next
	if over(c.m.Size, l.Bytes) {
		return fmt.Errorf("sandbox %s: %w", c.space.name, ErrTooBig)
	}
	if l.Refuse && (over(n.messages+1, l.Messages) || over(n.bytes+c.m.Size, l.Bytes)) {
		return fmt.Errorf("sandbox %s: %w", c.space.name, ErrFull)
	}
	return nil
}

// put writes a capture's rows under a new sequence: ascending keys alone.
func (t *tx) put(c *capture) {
	sp, m := c.space, c.m
	seq := t.nextSequence()
	m.Sequence, m.ID, m.UID = seq, t.s.idOf(seq), t.nextUID(sp)
	n := t.numbers(sp)
	n.messages++
	n.bytes += m.Size

	setRecordUID(c.record, m.UID)
	t.Put(bucketMessage, messageKey(seq, rowRecord), c.record)
	if c.text != nil {
		t.Put(bucketMessage, messageKey(seq, rowText), c.text)
	}
	if c.blob == "" {
		t.Put(bucketMessage, messageKey(seq, rowRaw), c.raw)
	}
	if len(m.Tags) > 0 {
		t.Put(bucketState, sequenceKey(seq), encodeState(state{tags: m.Tags}))
	}
	t.tell(sp, seq, Change{Kind: MessageReceived, ID: m.ID, UID: m.UID, Accounts: m.Accounts, Message: m, signature: &c.indexed.signature})
	t.fresh[sp] = append(t.fresh[sp], freshMessage{seq, c.indexed.at})
	i := &c.indexed
	i.uid = m.UID
	t.apply(func() {
		t.s.index.add(sp, seq, i)
		if !i.appended {
			t.s.receive(sp, m, i.at)
		}
	})
}

// putDerivedOf writes the queue and outbox rows that belong to a capture.
func (t *tx) putDerivedOf(c *capture) error {
	d := Derived{Queue: slices.Clone(c.derived.Queue), Outbox: slices.Clone(c.derived.Outbox)}
	for i := range d.Queue {
		d.Queue[i].MessageID = c.m.ID
		d.Queue[i].Sandbox = c.space.name
	}
	if c.derived.Finish != nil {
		c.derived.Finish(c.m, &d)
	}
	if len(d.Queue) == 0 && len(d.Outbox) == 0 {
		return nil
	}
	return t.putDerived(c.space, c.m, d)
}
