package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// handClock is a clock that a test moves.
type handClock struct{ now atomic.Int64 }

func (c *handClock) Now() time.Time { return time.Unix(0, c.now.Load()).UTC() }

func (c *handClock) advance(d time.Duration) { c.now.Add(int64(d)) }

func newHandClock() *handClock {
	c := &handClock{}
	c.now.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func total(t *testing.T, s *Store, sandbox string) (messages int, pruned int64) {
	t.Helper()
	page, err := s.List(context.Background(), Query{Sandbox: sandbox})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total, page.Pruned
}

func TestLimits(t *testing.T) {
	size := int64(len(order(1)))
	for _, c := range []struct {
		name     string
		limits   Limits
		messages int
		pruned   int64
		refused  int
	}{
		{"none", Limits{}, 5, 0, 0},
		{"messages", Limits{Messages: 3}, 3, 2, 0},
		{"bytes", Limits{Bytes: 2 * size}, 2, 3, 0},
		{"refuse messages", Limits{Messages: 3, Refuse: true}, 3, 0, 2},
		{"refuse bytes", Limits{Bytes: 2 * size, Refuse: true}, 2, 0, 3},
		{"too big for the sandbox", Limits{Bytes: size - 1}, 0, 0, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, Options{Path: InMemory, DefaultLimits: c.limits})
			refused := 0
			for range 5 {
				if _, err := s.Deliver(context.Background(), delivery(t, s, order(1), "a@x.test")); errors.Is(err, ErrFull) {
					refused++
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if m, p := total(t, s, ""); m != c.messages || p != c.pruned || refused != c.refused {
				t.Errorf("%d messages, %d pruned, %d refused", m, p, refused)
			}
			_, err := s.Route("", "a@x.test")
			if full := errors.Is(err, ErrFull); full != (c.limits.Refuse) {
				t.Errorf("route: %v", err)
			}
		})
	}
}

func TestAgeLimit(t *testing.T) {
	c := newHandClock()
	s := open(t, Options{Path: InMemory, Clock: c, DefaultLimits: Limits{Age: time.Hour}})
	deliver(t, s, order(1), "a@x.test")
	c.advance(40 * time.Minute)
	deliver(t, s, order(2), "a@x.test")
	c.advance(40 * time.Minute)
	if err := s.Prune(context.Background()); err != nil {
		t.Fatal(err)
	}
	if m, p := total(t, s, ""); m != 1 || p != 1 {
		t.Errorf("%d messages, %d pruned", m, p)
	}
}

func TestFullDisk(t *testing.T) {
	s := open(t, Options{})
	m := deliver(t, s, order(1), "a@x.test")[0]
	free := uint64(4)
	err := s.update(context.Background(), func(t *tx) error {
		s.disk.free = func(string) (uint64, uint64, error) { return free, 100, nil }
		s.disk.looked = time.Time{}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Deliver(context.Background(), delivery(t, s, order(2), "a@x.test")); !errors.Is(err, ErrDiskFull) {
		t.Errorf("delivered onto a full disk: %v", err)
	}
	if _, err := s.Raw(context.Background(), m); err != nil {
		t.Errorf("reading: %v", err)
	}
	if n, err := s.DeleteMessages(context.Background(), "", []string{m.ID}, nil); n != 1 || err != nil {
		t.Errorf("deleting: %d, %v", n, err)
	}
}

func TestRouteByAddress(t *testing.T) {
	s := open(t, Options{Path: InMemory, SandboxDomain: "catchpost.test"})
	for _, name := range []string{"run-42", "other"} {
		if _, _, err := s.CreateSandbox(context.Background(), NewSandbox{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		login, path, want string
		err               error
	}{
		{"", "anna@x.test", DefaultSandbox, nil},
		{"", "anna@run-42.catchpost.test", "run-42", nil},
		{"", "anna@RUN-42.Catchpost.Test", "run-42", nil},
		{"", "anna@none.catchpost.test", "", ErrNoSandbox},
		{"", "anna@catchpost.test", DefaultSandbox, nil},
		{"", "anna@notcatchpost.test", DefaultSandbox, nil},
		{"", "anna+run-42@shop.example", "run-42", nil},
		{"", "anna+else@shop.example", DefaultSandbox, nil},
		{"", "postmaster", DefaultSandbox, nil},
		{"other", "anna+run-42@run-42.catchpost.test", "other", nil},
		{"none", "anna@x.test", "", ErrNoSandbox},
	} {
		got, err := s.Route(c.login, c.path)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s as %q: %q, %v", c.path, c.login, got, err)
		}
	}
	got := deliver(t, s, order(1), "eve+other@x.test", "a@x.test", "b+other@x.test", "c@run-42.catchpost.test")
	var where []string
	for _, m := range got {
		where = append(where, m.Sandbox+" "+strings.Join(m.ForwardPaths, ","))
	}
	if want := "[other eve+other@x.test,b+other@x.test default a@x.test run-42 c@run-42.catchpost.test]"; fmt.Sprint(where) != want {
		t.Errorf("%v", where)
	}
	if got[1].Sequence != got[0].Sequence+1 || got[1].UID != 1 || got[0].UID != 1 {
		t.Errorf("numbers %+v", got)
	}
}

func TestChangesSince(t *testing.T) {
	s := open(t, Options{Path: InMemory})
	ctx := context.Background()
	first := deliver(t, s, order(1), "a@x.test")[0]
	second := deliver(t, s, order(2), "a@x.test", "B@x.test")[0]
	yes := true
	if _, err := s.UpdateMessages(ctx, "", []string{first.ID}, nil, StateChange{Seen: &yes}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DeleteMessages(ctx, "", []string{second.ID}, nil); err != nil {
		t.Fatal(err)
	}
	changes, complete, err := s.ChangesSince(ctx, []string{DefaultSandbox}, 0, 0)
	if err != nil || !complete || len(changes) != 3 {
		t.Fatalf("%+v, %v, %v", changes, complete, err)
	}
	if c := changes[0]; c.Kind != MessageReceived || c.Message == nil || c.Message.ID != first.ID {
		t.Errorf("%+v", c)
	}
	// that the second was received is no news: it is gone
	if c := changes[1]; c.Kind != MessageUpdated || !c.Message.Seen {
		t.Errorf("%+v", c)
	}
	if c := changes[2]; c.Kind != MessageDeleted || c.UID != 2 || fmt.Sprint(c.Accounts) != "[a@x.test b@x.test]" {
		t.Errorf("%+v", c)
	}
	for _, from := range []Sequence{0, 1} { // of what the index and what the log has, the oldest
		changes, _, _ = s.ChangesSince(ctx, []string{DefaultSandbox}, from, 1)
		if len(changes) != 1 || changes[0].Kind != []ChangeKind{MessageReceived, MessageUpdated}[from] {
			t.Errorf("limited: %+v", changes)
		}
	}
	if err := s.trimChangesTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if _, complete, _ = s.ChangesSince(ctx, []string{DefaultSandbox}, 1, 0); complete {
		t.Error("complete after a trim")
	}
	if changes, complete, _ = s.ChangesSince(ctx, []string{DefaultSandbox}, 3, 0); !complete || len(changes) != 1 {
		t.Errorf("the rest: %+v %v", changes, complete)
	}
}

// TestChangesSinceOfSeveral: one ordered list of several sandboxes; of an ended one
// its end alone, and nothing of a name's former life.
func TestChangesSinceOfSeveral(t *testing.T) {
	s := open(t, Options{Path: InMemory})
	ctx := context.Background()
	to := func(name string) *Message {
		d := delivery(t, s, order(1), "a@x.test")
		d.Sandbox = name
		messages, err := s.Deliver(ctx, d)
		if err != nil {
			t.Fatal(err)
		}
		return messages[0]
	}
	create := func(name string) {
		if _, _, err := s.CreateSandbox(ctx, NewSandbox{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		create(name)
	}
	since := s.Sequence()
	to("a")
	b := to("b")
	to("c")
	to("a")
	yes := true
	if _, err := s.UpdateMessages(ctx, "b", []string{b.ID}, nil, StateChange{Seen: &yes}); err != nil {
		t.Fatal(err)
	}
	if err := s.EndSandbox(ctx, "c"); err != nil {
		t.Fatal(err)
	}
	create("c")
	to("c")
	const received, updated, created, deleted = MessageReceived, MessageUpdated, SandboxCreated, SandboxDeleted
	for _, tt := range []struct {
		sandboxes []string
		limit     int
		want      []any
	}{
		{nil, 0, []any{"a", received, "b", received, "a", received, "b", updated, "c", deleted, "c", created, "c", received}},
		{nil, 3, []any{"a", received, "b", received, "a", received}},
		{[]string{"c", "b"}, 0, []any{"b", received, "b", updated, "c", deleted, "c", created, "c", received}},
		{[]string{"b", "a"}, 2, []any{"a", received, "b", received}},
		{[]string{"never"}, 0, []any{}},
	} {
		changes, complete, err := s.ChangesSince(ctx, tt.sandboxes, since, tt.limit)
		got := []any{}
		for i, c := range changes {
			got = append(got, c.Sandbox, c.Kind)
			if i > 0 && c.Sequence <= changes[i-1].Sequence {
				t.Errorf("%v: out of order: %+v", tt.sandboxes, changes)
			}
		}
		if err != nil || !complete || !slices.Equal(got, tt.want) {
			t.Errorf("%v to %d: %v, %v, %v, want %v", tt.sandboxes, tt.limit, got, complete, err, tt.want)
		}
	}
	if err := s.trimChangesTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if _, complete, _ := s.ChangesSince(ctx, nil, since, 0); complete {
		t.Error("complete after a trim")
	}
}

// TestNumbersOutliveRows deletes everything, trims the log and reopens: no
// number may come again.
func TestNumbersOutliveRows(t *testing.T) {
	o := Options{Path: filepath.Join(t.TempDir(), "mail.db")}
	s := openPlain(t, o)
	m := deliver(t, s, order(1), "a@x.test")[0]
	if _, err := s.DeleteMessages(context.Background(), "", nil, nil); err != nil {
		t.Fatal(err)
	}
	newest := s.Sequence()
	closeChecked(t, s)
	s = openPlain(t, o)
	defer closeChecked(t, s)
	if s.Sequence() != newest {
		t.Errorf("sequence %d, was %d", s.Sequence(), newest)
	}
	again := deliver(t, s, order(1), "a@x.test")[0]
	if again.UID != m.UID+1 || again.Sequence != newest+1 || again.ID == m.ID {
		t.Errorf("%+v after %+v", again, m)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mail.db")
	s := openPlain(t, Options{Path: path})
	if _, err := Open(context.Background(), Options{Path: path}); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), path) {
		t.Errorf("locked: %v", err)
	}
	closeChecked(t, s)
	if _, err := s.Deliver(context.Background(), delivery(t, s, order(1), "a@x.test")); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	foreign := filepath.Join(dir, "inbox.mbox")
	if err := os.WriteFile(foreign, []byte(strings.Repeat("From a@b.test\n", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), Options{Path: foreign}); !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), foreign) {
		t.Errorf("foreign: %v", err)
	}
	if _, err := Open(context.Background(), Options{Path: filepath.Join(dir, "no", "such", "mail.db")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// TestPoisonedRequestHurtsNobody fails after writing, in a group with others.
func TestPoisonedRequestHurtsNobody(t *testing.T) {
	s := open(t, Options{})
	boom := errors.New("boom")
	good := func(t *tx) error { t.change(s.spaces[DefaultSandbox], Change{Kind: AccountChanged}); return nil }
	group := make([]*request, 5)
	for i := range group {
		group[i] = &request{run: good, answer: make(chan error, 1)}
	}
	group[1].run = func(t *tx) error { _ = good(t); return boom }
	group[2].run = func(*tx) error { return ErrFull }
	group[3].run = func(t *tx) error { _ = good(t); panic("poison") }
	done := make(chan struct{})
	err := s.update(context.Background(), func(*tx) error { return nil }) // the committer is idle after it
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(done)
		for _, r := range group {
			s.requests <- r
		}
	}()
	<-done
	for i, want := range []string{"<nil>", "boom", ErrFull.Error(), "panic in a transaction: poison", "<nil>"} {
		if got := fmt.Sprint(<-group[i].answer); got != want {
			t.Errorf("request %d: %s", i, got)
		}
	}
	if s.Sequence() != 2 {
		t.Errorf("sequence %d after two changes", s.Sequence())
	}
}

// A message over the limit of octets never fits, whatever is pruned.
func TestMessageLargerThanItsSandbox(t *testing.T) {
	for _, refuse := range []bool{false, true} {
		s := openPlain(t, Options{Path: InMemory, DefaultLimits: Limits{Bytes: 100, Refuse: refuse}})
		_, err := s.Deliver(context.Background(), delivery(t, s, strings.Repeat("x", 101), "a@x.test"))
		if !errors.Is(err, ErrTooBig) || !errors.Is(err, ErrFull) {
			t.Errorf("refuse %v: %v", refuse, err)
		}
		closeChecked(t, s)
	}
}
