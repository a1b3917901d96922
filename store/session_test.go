package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

func aSession(n int, sandbox string) *model.Session {
	end := time.Now().UTC()
	return &model.Session{
		ID: fmt.Sprintf("s%05d", n), Server: "smtp", Sandbox: sandbox, ClientAddress: fmt.Sprintf("127.0.0.%d:4%d", n%3, n),
		StartedAt: end.Add(-time.Second), EndedAt: &end, Outcome: []string{"delivered", "aborted"}[n%2],
		Verbs: []string{"EHLO", []string{"MAIL", "VRFY"}[n%2]},
		Lines: []model.TranscriptLine{{At: end, Direction: "C", Text: "EHLO x"}, {At: end, Direction: "S", Text: "250 ok"}},
	}
}

func TestSessions(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{MaxSessions: 20})
	sandboxed(t, s, "box")
	sub := s.Subscribe(Interest{Kinds: []ChangeKind{SessionChanged}})
	for n := range 30 {
		if err := s.SaveSession(ctx, aSession(n, []string{"default", "box"}[n/15])); err != nil {
			t.Fatal(err)
		}
	}
	if changes, err := sub.Next(ctx); err != nil || len(changes) != 30 || changes[29].Session.ID != "s00029" {
		t.Errorf("%d changes, %v", len(changes), err)
	}
	sub.Close()
	if err := s.SaveSession(ctx, aSession(29, "box")); !errors.Is(err, ErrConflict) {
		t.Errorf("twice: %v", err)
	}
	for round := range 2 {
		for _, c := range []struct {
			q    SessionQuery
			want int
		}{
			{SessionQuery{}, 20}, {SessionQuery{Sandbox: "box"}, 15}, {SessionQuery{Outcome: "aborted"}, 10},
			{SessionQuery{Verb: "vrfy"}, 10}, {SessionQuery{Verb: "VR"}, 0}, {SessionQuery{Peer: "127.0.0.1"}, 7},
		} {
			found := 0
			for c.q.Limit = 4; ; {
				list, next, err := s.Sessions(ctx, c.q)
				if err != nil {
					t.Fatal(err)
				}
				for _, sess := range list {
					if len(sess.Lines) > 0 {
						t.Errorf("lines in a list")
					}
				}
				found += len(list)
				if c.q.Cursor = next; next == "" {
					break
				}
			}
			if found != c.want {
				t.Errorf("round %d, %+v: %d, want %d", round, c.q, found, c.want)
			}
		}
		if sess, err := s.Session(ctx, "s00029"); err != nil || len(sess.Lines) != 2 || sess.Lines[1].Text != "250 ok" {
			t.Errorf("%+v %v", sess, err)
		}
		if _, err := s.Session(ctx, "s00001"); !errors.Is(err, ErrNotFound) {
			t.Errorf("the oldest: %v", err)
		}
		s = reopen(t, s)
	}
	if _, _, err := s.Sessions(ctx, SessionQuery{Cursor: "?"}); !errors.Is(err, ErrBadCursor) {
		t.Errorf("cursor: %v", err)
	}
	if err := s.EndSandbox(ctx, "box"); err != nil {
		t.Fatal(err)
	}
	if list, _, _ := s.Sessions(ctx, SessionQuery{}); len(list) != 5 {
		t.Errorf("%d after the sandbox ended", len(list))
	}
	if err := s.SaveSession(ctx, aSession(99, "box")); err != nil {
		t.Errorf("of an ended sandbox: %v", err)
	}
	s = reopen(t, s)
	if list, _, _ := s.Sessions(ctx, SessionQuery{}); len(list) != 5 {
		t.Errorf("%d after the restart", len(list))
	}
}

func TestSessionsAtOnce(t *testing.T) {
	s := open(t, Options{Path: InMemory, MaxSessions: 50})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for n := range 100 {
				if err := s.SaveSession(context.Background(), aSession(g*1000+n, "default")); err != nil {
					t.Error(err)
				}
				if _, _, err := s.Sessions(context.Background(), SessionQuery{Limit: 10}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	flushed(t, s)
}

// flushed writes what waits and counts what is left.
func flushed(t *testing.T, s *Store) {
	t.Helper()
	for range 2 {
		if err := s.flushSessions(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	list, _, err := s.Sessions(context.Background(), SessionQuery{})
	if err != nil || len(list) != 50 {
		t.Errorf("%d sessions, %v", len(list), err)
	}
}
