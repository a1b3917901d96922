package api_test

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// heard is an event of a stream.
type heard struct{ name, id, data string }

// listen reads a stream into a channel until the test ends. What happens from now
// on is in it: the server subscribes before it answers.
func (w *world) listen(path string, header ...string) <-chan heard {
	w.Helper()
	ch := make(chan heard, 100)
	opened, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(ch)
		w.stream(path, func() { close(opened) }, func(name, id, data string) bool {
			ch <- heard{name, id, data}
			return true
		}, header...)
	}()
	select {
	case <-opened:
	case <-ended:
		select {
		case <-opened: // and over already
		default:
			w.Fatalf("%s did not open", path)
		}
	}
	return ch
}

// hear returns the next event, which must have a name.
func (w *world) hear(ch <-chan heard, name string) heard {
	w.Helper()
	select {
	case e, open := <-ch:
		if !open || e.name != name {
			w.Fatalf("heard %+v (stream open: %v), want %s", e, open, name)
		}
		return e
	case <-time.After(10 * time.Second):
		w.Fatalf("heard nothing, want %s", name)
	}
	return heard{}
}

func TestEvents(t *testing.T) {
	w := newWorld(t, nil)
	all := w.listen("/v1/events")
	some := w.listen("/v1/events?forward_paths=bob@x.test")
	a := storetest.Deliver(t, w.store, mixed, "anna@x.test")
	first := w.hear(all, "message.received")
	var sum model.Summary
	if err := json.Unmarshal([]byte(first.data), &sum); err != nil || sum.ID != a.ID || sum.PageURL == "" || first.id == "" {
		t.Errorf("%+v %v", first, err)
	}
	b := storetest.Deliver(t, w.store, mixed, "bob@x.test")
	w.hear(all, "message.received")
	if e := w.hear(some, "message.received"); !strings.Contains(e.data, b.ID) {
		t.Error(e)
	}
	w.want(w.do("PATCH", "/v1/messages/"+b.ID, "", `{"tags":["x"]}`), 200)
	w.hear(all, "message.updated")
	w.hear(some, "message.updated")
	w.want(w.do("DELETE", "/v1/messages/"+b.ID, "", ""), 204)
	if e := w.hear(all, "message.deleted"); !strings.Contains(e.data, b.ID) {
		t.Error(e)
	}
	w.store.PublishSession(&model.Session{ID: "s1", Sandbox: "default", Server: "smtp", StartedAt: time.Now(), Outcome: "open"})
	if e := w.hear(all, "session.updated"); e.id != "" {
		t.Errorf("a session moves Last-Event-ID: %+v", e)
	}
}

func TestEventsResume(t *testing.T) {
	w := newWorld(t, nil)
	ch := w.listen("/v1/events")
	storetest.Deliver(t, w.store, mixed, "anna@x.test")
	last := w.hear(ch, "message.received").id
	b := storetest.Deliver(t, w.store, mixed, "bob@x.test")
	c := storetest.Deliver(t, w.store, mixed, "carol@x.test")
	w.want(w.do("DELETE", "/v1/messages/"+b.ID, "", ""), 204)
	again := w.listen("/v1/events", "Last-Event-ID", last)
	if e := w.hear(again, "message.received"); !strings.Contains(e.data, c.ID) {
		t.Errorf("want %s, heard %+v", c.ID, e) // b is gone since
	}
	if e := w.hear(again, "message.deleted"); !strings.Contains(e.data, b.ID) {
		t.Error(e)
	}
	w.hear(w.listen("/v1/events?last_event_id="+last), "message.received")
	d := storetest.Deliver(t, w.store, mixed, "dora@x.test")
	if e := w.hear(again, "message.received"); !strings.Contains(e.data, d.ID) {
		t.Error(e)
	}
	ahead := w.listen("/v1/events", "Last-Event-ID", "999999") // of an instance before this one
	w.hear(ahead, "resync")
	e := storetest.Deliver(t, w.store, mixed, "eve@x.test")
	if got := w.hear(ahead, "message.received"); !strings.Contains(got.data, e.ID) {
		t.Error(got)
	}
	if a := w.do("GET", "/v1/events", "", "", "Last-Event-ID", "soon"); a.code() != "bad_value" {
		t.Error(a)
	}
}

func TestEventsEndWithTheSandbox(t *testing.T) {
	w := newWorld(t, closedInstance)
	token := w.sandbox("mine")
	var header = []string{"Authorization", "Bearer " + token}
	ch := w.listen("/v1/events", header...)
	w.sandbox("other")
	storetest.DeliverTo(t, w.store, "other", mixed, "anna@x.test")
	storetest.DeliverTo(t, w.store, "mine", mixed, "anna@x.test")
	if e := w.hear(ch, "message.received"); !strings.Contains(e.data, `"sandbox":"mine"`) {
		t.Errorf("heard another sandbox's mail: %+v", e)
	}
	if err := w.store.EndSandbox(t.Context(), "mine"); err != nil {
		t.Fatal(err)
	}
	w.hear(ch, "sandbox.deleted")
	if e, open := <-ch; open {
		t.Errorf("heard %+v after the end", e)
	}
}

func TestSandboxEvents(t *testing.T) {
	w := newWorld(t, nil)
	ch := w.listen("/v1/sandboxes/events")
	if e := w.hear(ch, "sandboxes"); !strings.Contains(e.data, `"default"`) {
		t.Error(e)
	}
	a := decode[model.Sandbox](w, w.want(w.do("POST", "/v1/sandboxes", "", `{"name":"run-1","ttl":"1h","labels":{"job":"7"}}`), 201))
	if e := w.hear(ch, "sandbox.created"); strings.Contains(e.data, a.Token) || !strings.Contains(e.data, "run-1") {
		t.Error(e)
	}
	w.want(w.do("PATCH", "/v1/sandboxes/run-1", "", `{"ttl":null}`), 200)
	w.hear(ch, "sandbox.updated")
	w.want(w.do("DELETE", "/v1/sandboxes/run-1", "", ""), 204)
	w.hear(ch, "sandbox.deleted")
}

func TestSandboxAnswer(t *testing.T) {
	w := newWorld(t, func(c *api.Config) {
		c.Advertise = map[string]string{"smtp": "mail.test:25"}
		c.SandboxLimits = store.Limits{Bytes: 1 << 28}
	})
	host := strings.TrimPrefix(w.url, "http://")
	a := w.want(w.do("POST", "/v1/sandboxes", "", `{"name":"run-1","limits":{"messages":10,"age":"12h","on_full":"refuse"}}`), 201)
	box := decode[model.Sandbox](w, a)
	if box.SMTP.Host != "mail.test" || box.SMTP.Port != 25 || box.SMTP.URL != "smtp://run-1:"+box.Token+"@mail.test:25" || box.SMTP.Password != box.Token {
		t.Errorf("smtp %+v", box.SMTP)
	}
	if box.IMAP.Host != "127.0.0.1" || box.IMAP.Port != 1143 || box.POP3.User != "run-1" {
		t.Errorf("imap %+v pop3 %+v", box.IMAP, box.POP3)
	}
	if box.APIURL != "http://"+host+"/v1" || box.PageURL != "http://"+host+"/#token="+box.Token || box.Domain != "run-1.catchpost.test" {
		t.Errorf("%+v", box)
	}
	if *box.Limits.Messages != 10 || *box.Limits.Bytes != 1<<28 || *box.Limits.Age != "12h" || box.Limits.OnFull != "refuse" || box.ExpiresAt == nil {
		t.Errorf("limits %+v", box.Limits)
	}
	if again := w.want(w.get("/v1/sandboxes/run-1"), 200); strings.Contains(string(again.body), box.Token) || strings.Contains(string(again.body), "password") {
		t.Errorf("the token is shown again: %v", again)
	}
	if a := w.do("POST", "/v1/sandboxes", "", `{"name":"run-1"}`); a.status != 409 || a.code() != "sandbox_exists" {
		t.Error(a)
	}
	if made := decode[model.Sandbox](w, w.want(w.do("POST", "/v1/sandboxes", "", ""), 201)); made.Name == "" || made.Token == "" {
		t.Errorf("%+v", made)
	}
	w.want(w.do("DELETE", "/v1/sandboxes/run-1", "", ""), 204)
	if a := w.get("/v1/messages?sandbox=run-1"); a.status != 410 || a.code() != "sandbox_ended" {
		t.Error(a)
	}
}

// TestManyListeners holds 1,000 event streams and tells what they cost.
func TestManyListeners(t *testing.T) {
	if os.Getenv("CATCHPOST_CLIENTS") == "" {
		t.Skip("set CATCHPOST_CLIENTS=1")
	}
	const n = 1000
	w := newWorld(t, func(c *api.Config) { c.Limits.Heartbeat = time.Minute })
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var group sync.WaitGroup
	told := make(chan time.Duration, n)
	var sent time.Time
	for range n {
		group.Go(func() {
			w.events("/v1/events", func(name, _, _ string) bool {
				told <- time.Since(sent)
				return false
			})
		})
	}
	w.waiting(n)
	runtime.GC()
	runtime.ReadMemStats(&after)
	sent = time.Now()
	storetest.Deliver(t, w.store, mixed, "anna@x.test")
	var last time.Duration
	for range n {
		last = max(last, <-told)
	}
	group.Wait()
	used := int64(after.HeapInuse+after.StackInuse) - int64(before.HeapInuse+before.StackInuse)
	t.Logf("%d listeners and their clients in this process: %d MB; the last heard after %v", n, used>>20, last)
	if used > 2*60<<20 { // the clients cost as much again
		t.Errorf("%d MB for %d listeners", used>>20, n)
	}
}
