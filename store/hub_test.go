package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/catchpost/catchpost/internal/filter"
)

// drain returns what waits for a subscription now.
func drain(t *testing.T, sub *Subscription) []Change {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // what is there comes first, then the context's error
	changes, err := sub.Next(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return changes
}

func TestSubscriptionGetsWhatItMayWant(t *testing.T) {
	s := open(t, Options{Path: InMemory})
	for _, c := range []struct {
		name     string
		interest Interest
		want     int
	}{
		{"everything", Interest{}, 3},
		{"the sandbox", Interest{Sandbox: DefaultSandbox}, 3},
		{"another sandbox", Interest{Sandbox: "other"}, 0},
		{"several", Interest{Sandboxes: []string{"other", DefaultSandbox}}, 3},
		{"several others", Interest{Sandboxes: []string{"other", "one"}}, 0},
		{"an address in several", Interest{Sandboxes: []string{"other", DefaultSandbox}, Plan: &filter.Plan{Addresses: [][]string{{"anna2@x.test"}}}}, 2},
		{"a kind", Interest{Kinds: []ChangeKind{MessageUpdated}}, 1},
		{"an address", Interest{Plan: &filter.Plan{Addresses: [][]string{{"anna2@x.test", "eve@x.test"}}}}, 2},
		{"an address in two places", Interest{Plan: &filter.Plan{Addresses: [][]string{{"shop@shop.test", "anna1@x.test"}}}}, 3},
		{"nobody's address", Interest{Plan: &filter.Plan{Addresses: [][]string{{"eve@x.test"}}}}, 1},
		{"a needle", Interest{Plan: &filter.Plan{Needles: []string{"order-2 is on"}}}, 2},
		{"no needle", Interest{Plan: &filter.Plan{Needles: []string{"invoice"}}}, 1},
		{"before", Interest{Plan: &filter.Plan{Before: 1}}, 1},
		{"an id", Interest{Plan: &filter.Plan{IDs: [][]string{{"none"}}}}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			sub := s.Subscribe(c.interest)
			defer sub.Close()
			m := deliver(t, s, order(1), "anna1@x.test")[0]
			deliver(t, s, order(2), "anna2@x.test")
			yes := true
			if _, err := s.UpdateMessages(context.Background(), "", []string{m.ID}, nil, StateChange{Seen: &yes}); err != nil {
				t.Fatal(err)
			}
			if got := drain(t, sub); len(got) != c.want {
				t.Errorf("%d changes, want %d: %+v", len(got), c.want, got)
			}
		})
	}
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if len(s.hub.audiences) != 0 {
		t.Errorf("closed subscriptions are left: %v", s.hub.audiences)
	}
}

func TestSlowReaderIsTold(t *testing.T) {
	s := open(t, Options{Path: InMemory})
	sub := s.Subscribe(Interest{})
	defer sub.Close()
	changes := make([]Change, subscriptionChanges+1)
	s.hub.publish(changes)
	if _, err := sub.Next(context.Background()); !errors.Is(err, ErrLagged) {
		t.Fatalf("overflow: %v", err)
	}
	s.hub.publish(changes[:2])
	if got, err := sub.Next(context.Background()); err != nil || len(got) != 2 {
		t.Fatalf("after it: %d, %v", len(got), err)
	}
	s.hub.close()
	if _, err := sub.Next(context.Background()); !errors.Is(err, ErrClosed) {
		t.Fatalf("after close: %v", err)
	}
}

// TestSubscribersSeeCommitOrder has many writers and readers: each reader sees
// every message once, sequences ascending, and finds each when it hears of it.
func TestSubscribersSeeCommitOrder(t *testing.T) {
	s := open(t, Options{})
	const writers, each, readers = 8, 25, 4
	var reading, writing sync.WaitGroup
	for range readers {
		sub := s.Subscribe(Interest{Sandbox: DefaultSandbox})
		reading.Go(func() {
			defer sub.Close()
			var last Sequence
			for n := 0; n < writers*each; {
				changes, err := sub.Next(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				for _, c := range changes {
					if c.Sequence <= last {
						t.Errorf("sequence %d after %d", c.Sequence, last)
					}
					last = c.Sequence
					if _, err := s.Message(context.Background(), "", c.ID); err != nil {
						t.Errorf("message %s is not found when its change is: %v", c.ID, err)
					}
					n++
				}
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				m := deliver(t, s, order(w*each+i), fmt.Sprintf("anna%d@x.test", w))[0]
				page, err := s.List(context.Background(), Query{Limit: 1, Filter: parse(t, "id="+m.ID)})
				if err != nil || len(page.Messages) != 1 {
					t.Errorf("not findable after its answer: %v %v", page, err)
				}
			}
		})
	}
	writing.Wait()
	reading.Wait()
}
