package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
)

func entriesFor(n int, at time.Time) []QueueEntry {
	var list []QueueEntry
	for i := range n {
		list = append(list, QueueEntry{ForwardPath: fmt.Sprintf("u%d@d%d.test", i, i%3), Domain: fmt.Sprintf("d%d.test", i%3), State: Queued, QueuedAt: at, NextAt: at.Add(time.Duration(i) * time.Minute)})
	}
	return list
}

func TestQueue(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{DefaultLimits: Limits{Messages: 2}})
	sandboxed(t, s, "box")
	now := time.Now().UTC()
	m := deliver(t, s, order(1), "anna@x.test")[0]
	other := deliver(t, s, order(2), "anna+box@x.test")[0]
	made, err := s.EnqueueMessage(ctx, m.ID, entriesFor(5, now))
	if err != nil || len(made) != 5 || made[0].ID == "" || made[0].Sandbox != DefaultSandbox {
		t.Fatalf("%+v %v", made, err)
	}
	if _, err := s.EnqueueMessage(ctx, other.ID, entriesFor(2, now.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.EnqueueMessage(ctx, "nothing", entriesFor(1, now)); !errors.Is(err, ErrNotFound) {
		t.Errorf("no message: %v", err)
	}
	refused := errors.New("refused")
	if _, err := s.UpdateQueueEntry(ctx, made[1].ID, func(e *QueueEntry) error { e.State = Failed; return refused }); err != refused {
		t.Errorf("refused: %v", err)
	}
	if _, err := s.UpdateQueueEntry(ctx, made[0].ID, func(e *QueueEntry) error {
		e.State, e.ID, e.NextAt = Relayed, "x", time.Time{}
		e.Attempts = append(e.Attempts, Attempt{Host: "mx.test", Code: 250})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// messages with entries on their way are not pruned
	for n := range 4 {
		deliver(t, s, order(10+n), "anna@x.test")
	}
	if _, err := s.AdvanceClock(ctx, "box", 59*time.Minute); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Message(ctx, "", m.ID); err != nil {
			t.Errorf("the queued message: %v", err)
		}
		if n := s.OpenQueue(m.ID); n != 4 {
			t.Errorf("%d open", n)
		}
		for _, c := range []struct {
			q    QueueQuery
			want int
		}{
			{QueueQuery{}, 7}, {QueueQuery{Sandbox: "box"}, 2}, {QueueQuery{States: []QueueState{Relayed}}, 1},
			{QueueQuery{Domain: "d1.test"}, 3}, {QueueQuery{MessageID: m.ID}, 5}, {QueueQuery{MessageID: "?"}, 0},
		} {
			n := 0
			for c.q.Limit = 2; ; {
				list, next, err := s.QueueEntries(ctx, c.q)
				if err != nil {
					t.Fatal(err)
				}
				n += len(list)
				if c.q.Cursor = next; next == "" {
					break
				}
			}
			if n != c.want {
				t.Errorf("%+v: %d, want %d", c.q, n, c.want)
			}
		}
		due, next, err := s.DueQueue(ctx, now.Add(90*time.Second), 10)
		if err != nil || len(due) != 2 || due[0].ID != made[1].ID || due[1].Sandbox != "box" || !next.Equal(now.Add(2*time.Minute)) {
			t.Errorf("due %d %+v, next %s, %v", len(due), due, next.Sub(now), err)
		}
		if due, next, _ := s.DueQueue(ctx, now.Add(time.Hour), 1); len(due) != 1 || next.After(now.Add(time.Minute)) {
			t.Errorf("limited: %d, next %s", len(due), next.Sub(now))
		}
		s = reopen(t, s)
	}
	if _, _, err := s.QueueEntries(ctx, QueueQuery{Cursor: "?"}); !errors.Is(err, ErrBadCursor) {
		t.Errorf("cursor: %v", err)
	}
	if e, err := s.QueueEntry(ctx, made[0].ID); err != nil || e.State != Relayed || len(e.Attempts) != 1 {
		t.Errorf("%+v %v", e, err)
	}
	// entries go with their message, and with their sandbox
	if _, err := s.DeleteMessages(ctx, DefaultSandbox, []string{m.ID}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.QueueEntry(ctx, made[0].ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("of a deleted message: %v", err)
	}
	if err := s.EndSandbox(ctx, "box"); err != nil {
		t.Fatal(err)
	}
	if due, next, err := s.DueQueue(ctx, now.Add(1000*time.Hour), 0); err != nil || len(due) != 0 || !next.IsZero() {
		t.Errorf("of an ended sandbox: %+v %s %v", due, next, err)
	}
}

func TestDerivedRowsComeWithTheMessage(t *testing.T) {
	ctx := context.Background()
	hook := ""
	s := open(t, Options{Derive: func(m *Message, _ filter.Subject) Derived {
		return Derived{
			Queue: entriesFor(2, time.Now()),
			Finish: func(m *Message, d *Derived) {
				d.Outbox = []OutboxEntry{{Webhook: hook, Event: "message.received", Body: []byte(m.ID)}}
			},
		}
	}})
	w, err := s.PutWebhook(ctx, Webhook{URL: "http://x.test/", Enabled: true, Secret: "k"})
	if err != nil {
		t.Fatal(err)
	}
	hook = w.ID
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 10 {
				m, err := s.Deliver(ctx, delivery(t, s, order(n), "anna@x.test"))
				if err != nil {
					t.Error(err)
				} else if s.OpenQueue(m[0].ID) != 2 {
					t.Error("the queue is behind the message")
				}
			}
		})
	}
	wg.Wait()
	items, err := s.Outbox(ctx, hook, 0)
	if err != nil || len(items) != 80 {
		t.Errorf("%d items, %v", len(items), err)
	}
}

func TestWebhooks(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	sandboxed(t, s, "box")
	w, err := s.PutWebhook(ctx, Webhook{Sandbox: "box", URL: "http://x.test/hook", Events: []string{"message.received"}, Secret: "key", Enabled: true})
	if err != nil || w.ID == "" || w.CreatedAt.IsZero() {
		t.Fatalf("%+v %v", w, err)
	}
	second, err := s.PutWebhook(ctx, Webhook{URL: "http://y.test/", Enabled: true})
	if err != nil || second.Sandbox != DefaultSandbox {
		t.Fatalf("%+v %v", second, err)
	}
	w.Filter = "to=anna@x.test"
	if w, err = s.PutWebhook(ctx, w); err != nil || w.Sandbox != "box" {
		t.Fatalf("%+v %v", w, err)
	}
	if _, err := s.PutWebhook(ctx, Webhook{}); !errors.Is(err, ErrBadName) {
		t.Errorf("no URL: %v", err)
	}
	sub := s.Subscribe(Interest{Kinds: []ChangeKind{WebhookChanged}})
	defer func() { sub.Close() }()
	for n := range 5 {
		body := []byte(fmt.Sprint(n))
		if err := s.EnqueueOutbox(ctx, []OutboxEntry{{w.ID, "message.received", body}, {second.ID, "message.received", body}, {"gone", "x", nil}}); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := sub.Next(ctx); err != nil || len(c) == 0 {
		t.Errorf("%+v %v", c, err)
	}
	var got []string
	for n := range 7 {
		now := time.Now().Add(time.Hour)
		items, _, err := s.DueOutbox(ctx, now, 0)
		if err != nil || len(items) != 2 && n < 5 {
			t.Fatalf("round %d: %+v %v", n, items, err)
		}
		for _, item := range items {
			fails := item.Webhook == w.ID && n == 1 // one try fails and is made again
			if item.Webhook == w.ID {
				got = append(got, string(item.Body))
			}
			if fails {
				next := now.Add(time.Hour)
				if err := s.RecordDelivery(ctx, item, WebhookDelivery{Event: item.Event, Error: "refused", At: now}, false, next); err != nil {
					t.Fatal(err)
				}
				if _, at, _ := s.DueOutbox(ctx, now, 0); !at.Equal(next) {
					t.Errorf("the next is at %s, want %s", at, next)
				}
				s = reopen(t, s)
				if err := s.RecordDelivery(ctx, item, WebhookDelivery{Status: 503}, false, now); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if err := s.RecordDelivery(ctx, item, WebhookDelivery{Event: item.Event, Status: 200, At: now, Body: item.Body}, true, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if len(items) == 0 {
			break
		}
	}
	if strings.Join(got, "") != "011234" {
		t.Errorf("delivered %q", got)
	}
	sub = s.Subscribe(Interest{})
	log, err := s.Deliveries(ctx, w.ID, 0)
	if err != nil || len(log) != 7 || log[0].Status != 200 || string(log[0].Body) != "4" {
		t.Errorf("log %+v %v", log, err)
	}
	for range maxDeliveries + 20 {
		if err := s.EnqueueOutbox(ctx, []OutboxEntry{{w.ID, "e", nil}}); err != nil {
			t.Fatal(err)
		}
		items, _ := s.Outbox(ctx, w.ID, 1)
		if err := s.RecordDelivery(ctx, items[0], WebhookDelivery{Status: 200}, true, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if log, _ := s.Deliveries(ctx, w.ID, 0); len(log) != maxDeliveries {
		t.Errorf("%d tries logged", len(log))
	}
	if err := s.DeleteWebhook(ctx, second.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.EndSandbox(ctx, "box"); err != nil {
		t.Fatal(err)
	}
	if list, _ := s.Webhooks(ctx, ""); len(list) != 0 {
		t.Errorf("left: %+v", list)
	}
}

func TestAliasesAndContacts(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	for _, a := range []Alias{
		{Address: "Team@x.test", Members: []string{"anna@x.test", "all@x.test"}},
		{Address: "all@x.test", Members: []string{"bert@x.test", "team@x.test"}}, // a loop ends
		{Address: "staff", Members: []string{"anna@x.test"}},
	} {
		if err := s.PutAlias(ctx, a); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []Alias{{Address: "no address", Members: []string{"a@x.test"}}, {Address: "a@x.test"}, {Address: "a@x.test", Members: []string{"?"}}} {
		if err := s.PutAlias(ctx, bad); !errors.Is(err, ErrBadName) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	s = reopen(t, s)
	deliver(t, s, order(1), "team@x.test", "carl@x.test")
	for key, want := range map[string]int{"team@x.test": 1, "anna@x.test": 1, "all@x.test": 1, "bert@x.test": 1, "carl@x.test": 1, "dora@x.test": 0} {
		if got := box(t, s, AccountRef{DefaultSandbox, key}, Inbox).Count; got != want {
			t.Errorf("%s has %d", key, got)
		}
	}
	if a, err := s.Alias(ctx, DefaultSandbox, "STAFF"); err != nil || len(a.Members) != 1 {
		t.Errorf("%+v %v", a, err)
	}
	if err := s.DeleteAlias(ctx, "", "team@x.test"); err != nil {
		t.Error(err)
	}
	if list, err := s.Aliases(ctx, ""); err != nil || len(list) != 2 {
		t.Errorf("%+v %v", list, err)
	}

	c, err := s.PutContact(ctx, Contact{Account: anna, Name: "Zoë", Addresses: []string{"zoe@x.test"}, Note: "friend"})
	if err != nil || c.ID == "" {
		t.Fatalf("%+v %v", c, err)
	}
	if _, err := s.PutContact(ctx, Contact{Account: anna, Name: "Adam"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutContact(ctx, Contact{Account: catchAll, Name: "Else"}); err != nil {
		t.Fatal(err)
	}
	c.Note = "colleague"
	if _, err := s.PutContact(ctx, c); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutContact(ctx, Contact{Account: catchAll, ID: c.ID, Name: "x"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("of another account: %v", err)
	}
	s = reopen(t, s)
	for query, want := range map[string]int{"": 2, "ZO": 1, "zoe@": 1, "colleague": 1, "friend": 0} {
		if list, err := s.Contacts(ctx, anna, query, 0); err != nil || len(list) != want {
			t.Errorf("%q: %+v %v", query, list, err)
		}
	}
	if got, err := s.Contact(ctx, anna, c.ID); err != nil || got.Note != "colleague" {
		t.Errorf("%+v %v", got, err)
	}
	if err := s.DeleteContact(ctx, anna, c.ID); err != nil {
		t.Error(err)
	}
	if err := s.DeleteContact(ctx, anna, c.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("twice: %v", err)
	}
}
