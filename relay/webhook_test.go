package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// receiver takes posts; down says how many it refuses first.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	down  int
	tries int
	posts []post
	more  chan struct{}
	tried chan struct{} // closed at the first try
}

type post struct {
	event, id, signature, body string
}

func newReceiver(tb testing.TB, down int) *receiver {
	r := &receiver{down: down, more: make(chan struct{}), tried: make(chan struct{})}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.tries++; r.tries == 1 {
			close(r.tried)
		}
		if r.tries <= r.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		r.posts = append(r.posts, post{q.Header.Get("Catchpost-Event"), q.Header.Get("Catchpost-Id"), q.Header.Get("Catchpost-Signature"), string(body)})
		close(r.more)
		r.more = make(chan struct{})
	}))
	tb.Cleanup(r.Close)
	return r
}

// wait returns the first n posts.
func (r *receiver) wait(tb testing.TB, n int) []post {
	tb.Helper()
	late := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		posts, more := append([]post(nil), r.posts...), r.more
		r.mu.Unlock()
		if len(posts) >= n {
			return posts
		}
		select {
		case <-more:
		case <-late:
			tb.Fatalf("%d posts of %d", len(posts), n)
		}
	}
}

// hookWorld is a store with webhooks at work.
type hookWorld struct {
	*world
	hooks *Hooks
	conf  HooksConfig
}

func newHookWorld(tb testing.TB, path string) *hookWorld {
	tb.Helper()
	h := &hookWorld{world: newWorld(tb, nil), conf: HooksConfig{Private: true, Backoff: func(int) time.Duration { return time.Millisecond },
		PageURL: func(sandbox, id string) string { return "http://page/" + sandbox + "/" + id }}}
	h.reopen(path)
	return h
}

func (h *hookWorld) reopen(path string) {
	if path == "" {
		path = store.InMemory
	}
	h.store = storetest.Open(h.TB, store.Options{Path: path,
		Derive:       func(m *store.Message, s filter.Subject) store.Derived { return h.hooks.Derive(m, s) },
		DeriveChange: func(c store.Change, s filter.Subject) []store.OutboxEntry { return h.hooks.DeriveChange(c, s) }})
	h.conf.Store = h.store
	h.hooks = NewHooks(h.conf)
}

func (h *hookWorld) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan bool)
	go func() {
		defer close(done)
		_ = h.hooks.Run(ctx)
	}()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	h.Cleanup(stop)
	return stop
}

func (h *hookWorld) hook(url, filter string, events ...string) store.Webhook {
	h.Helper()
	w, err := h.store.PutWebhook(h.Context(), store.Webhook{URL: url, Filter: filter, Events: events, Secret: "a secret", Enabled: true})
	if err != nil {
		h.Fatal(err)
	}
	return w
}

type hookBody struct {
	Event string
	Data  struct {
		ID, Sandbox, Subject string
		Sequence             uint64
		PageURL              string `json:"page_url"`
		Tags                 []string
	}
}

// TestWebhooks: what is posted, signed, in order, by filter and by kind of
// event; a receiver that is down for a minute misses nothing.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	h := newHookWorld(t, "")
	h.run()
	all, some := newReceiver(t, 60), newReceiver(t, 0) // 60 refusals: a minute of a receiver that is down
	w := h.hook(all.URL, "")
	h.hook(some.URL, "subject.prefix=two&to=b@x.test", "message.received")
	one := h.mail(strings.Replace(plain, "hi", "one", 1), "b@x.test")
	two := h.mail(strings.Replace(plain, "hi", "two", 1), "b@x.test")
	yes := true
	tags := []string{"t"}
	if _, err := h.store.UpdateMessages(t.Context(), "", []string{one.ID}, nil, store.StateChange{Seen: &yes, Tags: &tags}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.DeleteMessages(t.Context(), "", []string{two.ID}, nil); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		h.mail(strings.Replace(plain, "hi", fmt.Sprint("many ", i), 1), "b@x.test")
	}
	got := all.wait(t, 24)
	ids := map[string]bool{}
	for i, p := range got {
		var b hookBody
		if err := json.Unmarshal([]byte(p.body), &b); err != nil {
			t.Fatal(err)
		}
		stamp, mac, _ := strings.Cut(strings.TrimPrefix(p.signature, "t="), ",v1=")
		if mac != Sign("a secret", stamp, []byte(p.body)) || b.Event != p.event || b.Data.Sandbox != "default" || ids[p.id] || !strings.HasPrefix(p.id, w.ID) {
			t.Errorf("%d: %+v", i, p)
		}
		ids[p.id] = true
		switch {
		case i == 0 && (b.Data.ID != one.ID || b.Data.Sequence != uint64(one.Sequence) || b.Data.PageURL != "http://page/default/"+one.ID || b.Data.Subject != "one"),
			i == 1 && (p.event != "message.received" || b.Data.ID != two.ID),
			i == 2 && (p.event != "message.updated" || b.Data.ID != one.ID || len(b.Data.Tags) != 1),
			i == 3 && (p.event != "message.deleted" || b.Data.ID != two.ID),
			i >= 4 && b.Data.Subject != fmt.Sprint("many ", i-4):
			t.Errorf("%d: %+v", i, p)
		}
	}
	if posts := some.wait(t, 1); len(posts) != 1 || !strings.Contains(posts[0].body, two.ID) {
		t.Errorf("%+v", posts)
	}
	h.replays(w, all)
}

// replays: the log has what was tried, and an event of it can be sent again.
func (h *hookWorld) replays(w store.Webhook, r *receiver) {
	h.Helper()
	log, err := h.store.Deliveries(h.Context(), w.ID, 0)
	if err != nil || len(log) < 80 || log[len(log)-1].Status != 503 || log[0].Status != 200 {
		h.Fatalf("%d deliveries: %v", len(log), err)
	}
	if err := h.store.EnqueueOutbox(h.Context(), []store.OutboxEntry{{Webhook: w.ID, Event: log[0].Event, Body: log[0].Body}}); err != nil {
		h.Fatal(err)
	}
	if again := r.wait(h.TB, 25); again[24].body != string(log[0].Body) || again[24].id == again[23].id {
		h.Errorf("%+v", again[24])
	}
}

// TestWebhooksOverRestart: what was captured while the receiver was away, or
// while nothing ran, is posted after a restart, in order.
func TestWebhooksOverRestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "catchpost.db")
	h := newHookWorld(t, path)
	r := newReceiver(t, 3)
	h.conf.Backoff = func(int) time.Duration { return time.Hour } // the process ends while the pause lasts
	h.hooks = NewHooks(h.conf)
	h.hook(r.URL, "")
	stop := h.run()
	first := h.mail(plain, "b@x.test")
	<-r.tried
	stop()                              // waits for the delivery to be recorded
	second := h.mail(plain, "b@x.test") // nobody runs
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(2 * time.Hour)
	h.conf.Now, h.conf.Backoff = func() time.Time { return later }, func(int) time.Duration { return 0 }
	h.reopen(path)
	h.run()
	got := r.wait(t, 2)
	if !strings.Contains(got[0].body, first.ID) || !strings.Contains(got[1].body, second.ID) {
		t.Errorf("%+v", got)
	}
}

// TestWebhooksStayOut: private addresses are refused unless they are allowed,
// redirects are not followed, and the log says why.
func TestWebhooksStayOut(t *testing.T) {
	t.Parallel()
	r := newReceiver(t, 0)
	redirect := httptest.NewServer(http.RedirectHandler(r.URL, http.StatusTemporaryRedirect))
	t.Cleanup(redirect.Close)
	for name, tt := range map[string]struct {
		private bool
		url     string
		want    string
	}{
		"loopback":  {false, r.URL, "private address"},
		"by name":   {false, strings.Replace(r.URL, "127.0.0.1", "localhost", 1), "private address"},
		"mapped":    {false, strings.Replace(r.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), "private address"},
		"metadata":  {false, "http://169.254.169.254/latest", "private address"},
		"redirect":  {true, redirect.URL, ""},
		"no answer": {true, "http://127.0.0.1:1/", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHookWorld(t, "")
			h.conf.Private = tt.private
			h.hooks = NewHooks(h.conf)
			w := h.hook(tt.url, "")
			h.mail(plain, "b@x.test")
			items, _, err := h.store.DueOutbox(t.Context(), time.Now(), 10)
			if err != nil || len(items) != 1 {
				t.Fatal(items, err)
			}
			h.hooks.busy[w.ID] = true
			h.hooks.attend(t.Context(), items[0])
			log, err := h.store.Deliveries(t.Context(), w.ID, 0)
			if err != nil || len(log) != 1 || !strings.Contains(log[0].Error, tt.want) || tt.want == "" && log[0].Status != http.StatusTemporaryRedirect {
				t.Errorf("%+v %v", log, err)
			}
			if left, err := h.store.Outbox(t.Context(), w.ID, 0); err != nil || len(left) != 1 || left[0].Attempts != 1 {
				t.Errorf("%+v %v", left, err)
			}
		})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tries != 0 {
		t.Errorf("%d posts came", r.tries)
	}
}
