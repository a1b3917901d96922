package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// reopen closes a store and opens its file again.
func reopen(tb testing.TB, s *Store) *Store {
	tb.Helper()
	if err := errors.Join(s.CheckConsistency(), s.Close()); err != nil {
		tb.Fatal(err)
	}
	return open(tb, s.o)
}

func sandboxed(tb testing.TB, s *Store, name string) (Sandbox, string) {
	tb.Helper()
	b, token, err := s.CreateSandbox(context.Background(), NewSandbox{Name: name})
	if err != nil {
		tb.Fatal(err)
	}
	return b, token
}

func TestSandboxNames(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "run-42": true, strings.Repeat("x", 40): true, "0": true,
		"": false, "A": false, "-a": false, "a-": false, strings.Repeat("x", 41): false, "a.b": false, "a_b": false,
		"events": false, "latest": false, "admin": false, "default": false, "ä": false,
	} {
		if err := checkSandboxName(name); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		} else if err != nil && !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %v is not ErrBadName", name, err)
		}
	}
}

func TestGeneratedNamesAreDistinct(t *testing.T) {
	seen := make(map[string]bool)
	key := []byte{1, 2, 3, 4, 5, 6, 7, 200}
	for n := range uint64(50_000) {
		name := generatedName(n, key)
		if seen[name] || !isSandboxName(name) {
			t.Fatalf("%d: %q", n, name)
		}
		seen[name] = true
	}
	if a, b := generatedName(5, key), generatedName(5+31*31*31*31*31*31, key); a == b || len(b) != len(a)+1 {
		t.Errorf("blocks meet: %q %q", a, b)
	}
}

func TestSandboxLife(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{SandboxLimits: Limits{Bytes: 1 << 20}, SandboxDomain: "catchpost.test"})
	b, token, err := s.CreateSandbox(ctx, NewSandbox{Name: "one", Labels: map[string]string{"job": "7"}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(token, "cp_") || len(token) < 3+22 || b.Limits.Bytes != 1<<20 || !b.HasToken || b.ExpiresAt.Sub(b.CreatedAt) != defaultTTL {
		t.Fatalf("%+v %q", b, token)
	}
	if _, _, err := s.CreateSandbox(ctx, NewSandbox{Name: "one"}); !errors.Is(err, ErrSandboxExists) {
		t.Errorf("taken name: %v", err)
	}
	generated, _, err := s.CreateSandbox(ctx, NewSandbox{TTL: -1})
	if err != nil || !strings.HasPrefix(generated.Name, "run-") || !generated.ExpiresAt.IsZero() {
		t.Fatalf("%+v %v", generated, err)
	}
	deliver(t, s, order(1), "anna@one.catchpost.test", "bert+one@x.test", "carl@x.test")
	if got, _ := s.Sandbox(ctx, "one"); got.Messages != 1 {
		t.Errorf("messages %d", got.Messages)
	}
	ttl, limits := time.Hour, Limits{Messages: 5, Refuse: true}
	b, err = s.UpdateSandbox(ctx, "one", SandboxChange{TTL: &ttl, Limits: &limits, Labels: &map[string]string{"job": "8"}})
	if err != nil || b.Limits != limits || b.Labels["job"] != "8" || time.Until(b.ExpiresAt) > time.Hour {
		t.Errorf("%+v %v", b, err)
	}
	if _, err := s.AdvanceClock(ctx, "one", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AdvanceClock(ctx, "one", -1); !errors.Is(err, ErrConflict) {
		t.Errorf("backwards: %v", err)
	}

	s = reopen(t, s)
	got, err := s.Sandbox(ctx, "one")
	if err != nil || got.Limits != limits || got.Labels["job"] != "8" || got.Messages != 1 || got.ClockOffset != time.Hour || !got.ExpiresAt.Equal(b.ExpiresAt) {
		t.Errorf("after restart %+v %v", got, err)
	}
	if by, err := s.SandboxOfToken(ctx, token); err != nil || by.Name != "one" {
		t.Errorf("token after restart: %+v %v", by, err)
	}
	if err := s.EndSandbox(ctx, "default"); !errors.Is(err, ErrConflict) {
		t.Errorf("end of default: %v", err)
	}
	if err := s.EndSandbox(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"look":  second(s.Sandbox(ctx, "one")),
		"end":   s.EndSandbox(ctx, "one"),
		"token": second(s.SandboxOfToken(ctx, token)),
		"login": second(s.Login(ctx, "one", token)),
		"route": second(s.Route("one", "anna@x.test")),
		"path":  second(s.Route("", "anna@one.catchpost.test")),
	} {
		if !errors.Is(err, ErrSandboxEnded) {
			t.Errorf("%s of an ended sandbox: %v", what, err)
		}
	}
	again, token2 := sandboxed(t, s, "one")
	if again.Messages != 0 {
		t.Errorf("mail of the old one: %+v", again)
	}
	if _, err := s.Login(ctx, "one", token); !errors.Is(err, ErrBadLogin) {
		t.Errorf("the old token: %v", err)
	}
	if _, err := s.SandboxOfToken(ctx, token); !errors.Is(err, ErrSandboxEnded) {
		t.Errorf("the old token: %v", err)
	}
	s = reopen(t, s)
	if id, err := s.Login(ctx, "one", token2); err != nil || !id.Verified || id.Sandbox != "one" {
		t.Errorf("the new token: %+v %v", id, err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestSandboxExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := open(t, Options{Path: InMemory})
		sub := s.Subscribe(Interest{Kinds: []ChangeKind{SandboxDeleted}})
		defer sub.Close()
		start := time.Now()
		for i := range 3 {
			if _, _, err := s.CreateSandbox(ctx, NewSandbox{Name: fmt.Sprint("box", i), TTL: time.Duration(i+1) * 10 * time.Minute}); err != nil {
				t.Fatal(err)
			}
		}
		deliver(t, s, order(1), "anna+box1@x.test")
		longer := 5 * time.Hour
		if _, err := s.UpdateSandbox(ctx, "box0", SandboxChange{TTL: &longer}); err != nil {
			t.Fatal(err)
		}
		changes, err := sub.Next(ctx)
		if err != nil || len(changes) != 1 || changes[0].ID != "box1" || time.Since(start) != 20*time.Minute {
			t.Fatalf("%+v %v after %s", changes, err, time.Since(start))
		}
		time.Sleep(6 * time.Hour)
		synctest.Wait()
		if list, _ := s.Sandboxes(ctx); len(list) != 1 {
			t.Errorf("living: %+v", list)
		}
		if _, err := s.Sandbox(ctx, "box1"); !errors.Is(err, ErrSandboxEnded) {
			t.Errorf("within 7 days: %v", err)
		}
		time.Sleep(keepEnded + time.Hour)
		synctest.Wait()
		if _, err := s.Sandbox(ctx, "box1"); !errors.Is(err, ErrNoSandbox) {
			t.Errorf("after 7 days: %v", err)
		}
		s.mu.RLock()
		defer s.mu.RUnlock()
		if len(s.spacesByID) != 1 || len(s.domain.sandboxes) != 1 || len(s.domain.tokens) != 0 {
			t.Errorf("left: %d spaces, %d sandboxes, %d tokens", len(s.spacesByID), len(s.domain.sandboxes), len(s.domain.tokens))
		}
	})
}

func TestRoute(t *testing.T) {
	s := open(t, Options{Path: InMemory, SandboxDomain: "catchpost.test"})
	sandboxed(t, s, "run-42")
	full, _ := sandboxed(t, s, "full")
	refuse := Limits{Messages: 1, Refuse: true}
	if _, err := s.UpdateSandbox(context.Background(), full.Name, SandboxChange{Limits: &refuse}); err != nil {
		t.Fatal(err)
	}
	deliver(t, s, order(1), "a@full.catchpost.test")
	for _, c := range []struct {
		login, path, want string
		err               error
	}{
		{"", "anna@x.test", "default", nil},
		{"", "anna+run-42@x.test", "run-42", nil},
		{"", "anna+RUN-42@x.test", "run-42", nil},
		{"", "anna+other@x.test", "default", nil},
		{"", "anna+run-42+signup@x.test", "run-42", nil},
		{"", "anna+signup+run-42@x.test", "run-42", nil},
		{"", "anna@run-42.catchpost.test", "run-42", nil},
		{"", "anna@RUN-42.Catchpost.Test", "run-42", nil},
		{"", "anna@none.catchpost.test", "", ErrNoSandbox},
		{"run-42", "anna@none.catchpost.test", "run-42", nil},
		{"", "anna@catchpost.test", "default", nil},
		{"", "postmaster", "default", nil},
		{"none", "anna@x.test", "", ErrNoSandbox},
		{"", "a@full.catchpost.test", "", ErrFull},
		{"full", "a@x.test", "", ErrFull},
		{"", `"anna+run-42"@x.test`, "run-42", nil},
	} {
		got, err := s.Route(c.login, c.path)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%q %q: %q, %v; want %q, %v", c.login, c.path, got, err, c.want, c.err)
		}
	}
}

// TestThousandSandboxes makes, fills and ends a thousand sandboxes side by side
// and finds nothing left of them.
func TestThousandSandboxes(t *testing.T) { synctest.Test(t, thousandSandboxes) }

func thousandSandboxes(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "mail.db")
	s := open(t, Options{Path: path, Relaxed: true})
	goroutines := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			for i := worker; i < 1000; i += 16 {
				b, token, err := s.CreateSandbox(ctx, NewSandbox{})
				if err != nil {
					t.Error(err)
					return
				}
				for n := range 10 {
					d := delivery(t, s, order(n), "anna@x.test")
					d.Sandbox = b.Name
					if _, err := s.Deliver(ctx, d); err != nil {
						t.Error(err)
						return
					}
				}
				got, err := s.SandboxOfToken(ctx, token)
				if err != nil || got.Messages != 10 {
					t.Errorf("%+v %v", got, err)
				}
				if err := s.EndSandbox(ctx, b.Name); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	synctest.Wait() // until the keeper sleeps again
	if n := runtime.NumGoroutine(); n > goroutines+2 {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
	s.mu.RLock()
	if len(s.index.addresses) != 0 || len(s.spaces) != 1 || len(s.spacesByID) != 1 {
		t.Errorf("index: %d addresses, %d spaces", len(s.index.addresses), len(s.spaces))
	}
	s.mu.RUnlock()
	st, err := s.db.Stats()
	if err != nil {
		t.Fatal(err)
	}
	// What compaction keeps: the change log (11,000 rows) and the names that ended.
	if kept := st.Size - st.Free; kept > 4<<20 {
		t.Errorf("%d octets are in use", kept)
	}
}
