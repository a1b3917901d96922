package store

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// What a session claimed stays claimed over a restart, though nothing else changed.
func TestRecentOverRestart(t *testing.T) {
	s := open(t, Options{})
	anna := AccountRef{Sandbox: "default", Key: "anna@x.test"}
	for n := range 3 {
		deliver(t, s, order(n+1), "anna@x.test")
	}
	recent := func(s *Store, want int) {
		t.Helper()
		if m, err := s.Mailbox(context.Background(), anna, Inbox); err != nil || m.Recent != want {
			t.Errorf("%+v %v, want %d", m, err, want)
		}
	}
	recent(s, 3)
	if from, err := s.ClaimRecent(boxNamed(t, s, anna, Inbox), 2, true); from != 1 || err != nil {
		t.Error(from, err)
	}
	recent(s, 1)
	s = reopen(t, s)
	recent(s, 1)
	if from, err := s.ClaimRecent(boxNamed(t, s, anna, Inbox), 3, false); from != 3 || err != nil { // EXAMINE
		t.Error(from, err)
	}
	s = reopen(t, s)
	recent(s, 1)
}

// A claim does not wait for the end: the housekeeping writes it.
func TestRecentHousekeeping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openPlain(t, Options{Path: InMemory})
		defer closeChecked(t, s)
		anna := AccountRef{Sandbox: "default", Key: "anna@x.test"}
		deliver(t, s, order(1), "anna@x.test")
		if _, err := s.ClaimRecent(boxNamed(t, s, anna, Inbox), 1, true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(housekeepingEvery + time.Second)
		synctest.Wait()
		s.mu.RLock()
		defer s.mu.RUnlock()
		if len(s.domain.drops.claimed) > 0 {
			t.Error("the claim is not written")
		}
	})
}
