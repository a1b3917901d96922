package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/store/kv"
)

const (
	outboxVersion   = 1
	deliveryVersion = 1
)

// outboxRow is the value of an outbox row; its key is the item's number.
type outboxRow struct {
	Hook     Sequence
	Event    string
	Body     []byte
	QueuedAt time.Time
	NextAt   time.Time
	Attempts int
}

// loadHooks reads the webhooks, what waits for them, and where their logs stand.
func (s *Store) loadHooks(r kv.Reader) error {
	s.domain.hooks = make(map[Sequence]*hook)
	for k, v := range r.Scan(bucketWebhook, nil, nil, 0, false) {
		space, rest, ok := parseSpaceKey(k)
		id, known := parseSequenceKey(rest)
		h := &hook{id: id, space: s.spacesByID[space]}
		if !ok || !known || h.space == nil {
			return fmt.Errorf("%w: webhook key %x", ErrCorrupt, k)
		}
		if err := decodeJSON(webhookVersion, v, &h.Webhook); err != nil {
			return err
		}
		s.domain.hooks[id] = h
	}
	for k, v := range r.Scan(bucketOutbox, nil, nil, 0, false) {
		id, ok := parseSequenceKey(k)
		var row outboxRow
		if err := decodeJSON(outboxVersion, v, &row); err != nil || !ok {
			return fmt.Errorf("outbox row %x: %w", k, firstOf(err, ErrCorrupt))
		}
		h := s.domain.hooks[row.Hook]
		if h == nil {
			return fmt.Errorf("%w: outbox row %d without its webhook", ErrCorrupt, id)
		}
		h.waiting = append(h.waiting, waiting{id, row.NextAt, row.Attempts})
	}
	for k := range r.Scan(bucketDelivery, nil, nil, 0, false) {
		if len(k) != 16 {
			return fmt.Errorf("%w: delivery key %x", ErrCorrupt, k)
		}
		id, _ := parseSequenceKey(k[:8])
		n, _ := parseSequenceKey(k[8:])
		if h := s.domain.hooks[id]; h != nil {
			h.logged = append(h.logged, uint64(n))
		}
	}
	return nil
}

// EnqueueOutbox adds events outside a capture (updates, deletions, a replay) and
// publishes WebhookChanged.
// Events for a webhook that is gone are left out.
func (s *Store) EnqueueOutbox(ctx context.Context, entries []OutboxEntry) error {
	return s.update(ctx, func(t *tx) error {
		if err := t.putOutbox(entries); err != nil {
			return err
		}
		told := make(map[string]bool)
		for i := range entries {
			if h, err := t.s.hook(entries[i].Webhook); err == nil && !told[h.ID] {
				told[h.ID] = true
				t.change(h.space, Change{Kind: WebhookChanged, ID: h.ID})
			}
		}
		return nil
	})
}

// putOutbox writes events, in order.
func (t *tx) putOutbox(entries []OutboxEntry) error {
	for i := range entries {
		e := &entries[i]
		h, err := t.s.hook(e.Webhook)
		if err != nil {
			continue // deleted since the event was derived
		}
		if len(e.Body) > maxOutboxBody {
			return fmt.Errorf("%w: an event of %d octets", ErrFull, len(e.Body))
		}
		row, err := encodeJSON(outboxVersion, &outboxRow{Hook: h.id, Event: e.Event, Body: e.Body, QueuedAt: t.now, NextAt: t.now})
		if err != nil {
			return err
		}
		id := Sequence(t.Add(bucketMeta, metaOutbox, 1))
		t.Put(bucketOutbox, sequenceKey(id), row)
		if len(h.waiting) >= maxOutbox {
			if err := t.giveUp(h); err != nil {
				return err
			}
		}
		now := t.now
		t.apply(func() { h.waiting = append(h.waiting, waiting{id: id, next: now}) })
	}
	return nil
}

// deriveChanges writes the events of the updates and deletions of this transaction.
func (t *tx) deriveChanges() error {
	if t.s.o.DeriveChange == nil || len(t.s.domain.hooks) == 0 {
		return nil
	}
	for _, c := range t.changes {
		if c.Kind != MessageUpdated && c.Kind != MessageDeleted {
			continue
		}
		var j filter.Subject
		if c.Message != nil {
			j = &subject{s: t.s, m: c.Message, seq: c.Message.Sequence, r: t.Reader}
		}
		if err := t.putOutbox(t.s.o.DeriveChange(c, j)); err != nil {
			return err
		}
	}
	return nil
}

// giveUp takes the oldest event out of a full outbox and says so in the log.
func (t *tx) giveUp(h *hook) error {
	oldest := h.waiting[0].id
	t.Delete(bucketOutbox, sequenceKey(oldest))
	t.apply(func() { h.done(oldest) })
	return t.logDelivery(h, WebhookDelivery{Item: oldest, At: t.now, Error: "given up: too many events wait for this webhook"})
}

// done takes an event out.
func (h *hook) done(id Sequence) {
	h.waiting = slices.DeleteFunc(h.waiting, func(w waiting) bool { return w.id == id })
}

// logDelivery adds to a webhook's log, whose oldest rows go.
func (t *tx) logDelivery(h *hook, d WebhookDelivery) error {
	if len(d.Response) > maxDeliveryReply {
		d.Response = d.Response[:maxDeliveryReply]
	}
	row, err := encodeJSON(deliveryVersion, &d)
	if err != nil {
		return err
	}
	n := t.Add(bucketMeta, metaDelivery, 1)
	t.Put(bucketDelivery, deliveryKey(h.id, n), row)
	for _, old := range h.logged[:max(0, len(h.logged)+1-maxDeliveries)] {
		t.Delete(bucketDelivery, deliveryKey(h.id, old))
	}
	t.apply(func() {
		h.logged = append(h.logged, n)
		h.logged = slices.Delete(h.logged, 0, max(0, len(h.logged)-maxDeliveries))
	})
	return nil
}

// Outbox returns what waits for a webhook, in order. Errors: ErrNotFound.
func (s *Store) Outbox(ctx context.Context, webhook string, limit int) ([]OutboxItem, error) {
	s.mu.RLock()
	h, err := s.hook(webhook)
	var list []waiting
	if err == nil {
		list = slices.Clone(h.waiting[:min(len(h.waiting), pageOf(limit))])
	}
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	return s.outboxRows(list)
}

// pageOf bounds a limit; 0 is the most.
func pageOf(limit int) int {
	if limit <= 0 || limit > 1000 {
		return 1000
	}
	return limit
}

// outboxRows reads items, those that are still there.
func (s *Store) outboxRows(list []waiting) ([]OutboxItem, error) {
	items := make([]OutboxItem, 0, len(list))
	err := s.view(func(r kv.Reader) error {
		items = items[:0]
		for _, w := range list {
			v := r.Get(bucketOutbox, sequenceKey(w.id))
			if v == nil {
				continue
			}
			var row outboxRow
			if err := decodeJSON(outboxVersion, v, &row); err != nil {
				return err
			}
			items = append(items, OutboxItem{
				OutboxEntry: OutboxEntry{Webhook: s.idOf(row.Hook), Event: row.Event, Body: row.Body},
				ID:          w.id, QueuedAt: row.QueuedAt, NextAt: row.NextAt, Attempts: row.Attempts,
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i := range items {
		if h, err := s.hook(items[i].Webhook); err == nil {
			items[i].Sandbox = h.Sandbox
		}
	}
	return items, nil
}

// DueOutbox returns the first waiting item of each enabled webhook that is due
// at now, and when the next one will be (zero: none waits). The ones behind the
// first wait for it: events reach a receiver in order.
func (s *Store) DueOutbox(ctx context.Context, now time.Time, limit int) (items []OutboxItem, next time.Time, err error) {
	var due []waiting
	s.mu.RLock()
	for _, h := range s.domain.hooks {
		if !h.Enabled || h.space.ended || len(h.waiting) == 0 {
			continue
		}
		if w := h.waiting[0]; !w.next.After(now) {
			due = append(due, w)
		} else if next.IsZero() || w.next.Before(next) {
			next = w.next
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(due, func(a, b waiting) int { return int(int64(a.id) - int64(b.id)) })
	if n := pageOf(limit); len(due) > n {
		due, next = due[:n], due[n].next
	}
	items, err = s.outboxRows(due)
	return items, next, err
}

// RecordDelivery writes a try into the log; delivered takes the item out, else
// it is tried again at next. Errors: ErrNotFound when webhook or item is gone.
func (s *Store) RecordDelivery(ctx context.Context, item OutboxItem, d WebhookDelivery, delivered bool, next time.Time) error {
	return s.update(ctx, func(t *tx) error {
		h, err := t.s.hook(item.Webhook)
		if err != nil {
			return err
		}
		v := t.Get(bucketOutbox, sequenceKey(item.ID))
		if v == nil {
			return fmt.Errorf("outbox item %d: %w", item.ID, ErrNotFound)
		}
		var row outboxRow
		if err := decodeJSON(outboxVersion, v, &row); err != nil {
			return err
		}
		row.Attempts, row.NextAt = row.Attempts+1, next
		kept, err := encodeJSON(outboxVersion, &row)
		if err != nil {
			return err
		}
		d.Item = item.ID
		if err := t.logDelivery(h, d); err != nil {
			return err
		}
		if delivered {
			t.Delete(bucketOutbox, sequenceKey(item.ID))
			t.apply(func() { h.done(item.ID) })
			return nil
		}
		t.Put(bucketOutbox, sequenceKey(item.ID), kept)
		t.apply(func() {
			for i := range h.waiting {
				if h.waiting[i].id == item.ID {
					h.waiting[i].next, h.waiting[i].attempts = next, row.Attempts
					break
				}
			}
		})
		return nil
	})
}

// Deliveries returns a webhook's log, newest first; it is bounded. Errors: ErrNotFound.
func (s *Store) Deliveries(ctx context.Context, webhook string, limit int) ([]WebhookDelivery, error) {
	s.mu.RLock()
	h, err := s.hook(webhook)
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	var list []WebhookDelivery
	err = s.view(func(r kv.Reader) error {
		list = []WebhookDelivery{}
		for _, v := range r.Scan(bucketDelivery, sequenceKey(h.id), sequenceKey(h.id+1), pageOf(limit), true) {
			var d WebhookDelivery
			if err := decodeJSON(deliveryVersion, v, &d); err != nil {
				return err
			}
			list = append(list, d)
		}
		return nil
	})
	return list, err
}

// freeOut removes the webhooks and the relay rules of an ended sandbox.
func (t *tx) freeOut(sp *space) {
	for _, h := range t.s.domain.hooks {
		if h.space == sp {
			t.dropHook(h)
		}
	}
	if _, ok := t.s.domain.relayRules[sp.id]; ok {
		t.Delete(bucketRelayRules, spaceKey(sp.id))
		t.apply(func() { delete(t.s.domain.relayRules, sp.id) })
	}
}
