package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/storetest"
)

// from returns the next event, which must have a name and be of a sandbox.
func (w *world) from(ch <-chan heard, name, sandbox string) heard {
	w.Helper()
	e := w.hear(ch, name)
	var data struct {
		Sandbox string `json:"sandbox"`
	}
	if err := json.Unmarshal([]byte(e.data), &data); err != nil || data.Sandbox != sandbox {
		w.Fatalf("heard %+v (%v), want one of sandbox %q", e, err, sandbox)
	}
	return e
}

// TestEventsOfSeveral: a stream tells of the sandboxes it names, or of every one;
// each event names its own.
func TestEventsOfSeveral(t *testing.T) {
	w := newWorld(t, nil)
	for _, name := range []string{"a", "b", "c"} {
		w.sandbox(name)
	}
	two := w.listen("/v1/events?sandbox=a&sandbox=b&sandbox=a")
	every := w.listen("/v1/events?sandbox=*&sandbox=a")
	some := w.listen("/v1/events?sandbox=*&forward_paths=bob@x.test")
	m := storetest.DeliverTo(t, w.store, "a", mixed, "anna@x.test")
	storetest.DeliverTo(t, w.store, "c", mixed, "bob@x.test")
	storetest.DeliverTo(t, w.store, "b", mixed, "bob@x.test")
	w.from(two, "message.received", "a")
	w.from(two, "message.received", "b")
	for _, name := range []string{"a", "c", "b"} {
		w.from(every, "message.received", name)
	}
	w.from(some, "message.received", "c")
	w.from(some, "message.received", "b")
	w.want(w.do("PATCH", "/v1/messages/"+m.ID+"?sandbox=a", "", `{"tags":["x"]}`), 200)
	w.want(w.do("PUT", "/v1/aliases/team@x.test?sandbox=a", "", `{"members":["anna@x.test"]}`), 200)
	w.want(w.do("DELETE", "/v1/messages/"+m.ID+"?sandbox=a", "", ""), 204)
	w.want(w.do("PATCH", "/v1/sandboxes/a", "", `{"ttl":"1h"}`), 200)
	w.store.PublishSession(&model.Session{ID: "s0", Server: "smtp", StartedAt: time.Now(), Outcome: "open"}) // of no sandbox yet
	w.store.PublishSession(&model.Session{ID: "s1", Sandbox: "a", Server: "smtp", StartedAt: time.Now(), Outcome: "open"})
	for _, ch := range []<-chan heard{two, every} {
		for _, name := range []string{"message.updated", "mailbox.changed", "message.deleted", "sandbox.updated", "session.updated"} {
			w.from(ch, name, "a")
		}
	}
}

// TestEventsOfSeveralResume: one Last-Event-ID stands for all sandboxes.
func TestEventsOfSeveralResume(t *testing.T) {
	w := newWorld(t, nil)
	for _, name := range []string{"a", "b", "c", "d"} {
		w.sandbox(name)
	}
	ch := w.listen("/v1/events?sandbox=*")
	storetest.DeliverTo(t, w.store, "a", mixed, "anna@x.test")
	last := w.from(ch, "message.received", "a").id
	b := storetest.DeliverTo(t, w.store, "b", mixed, "anna@x.test")
	storetest.DeliverTo(t, w.store, "c", mixed, "anna@x.test")
	storetest.DeliverTo(t, w.store, "d", mixed, "anna@x.test")
	w.want(w.do("PATCH", "/v1/messages/"+b.ID+"?sandbox=b", "", `{"seen":true}`), 200)
	a := storetest.DeliverTo(t, w.store, "a", mixed, "anna@x.test")
	w.want(w.do("DELETE", "/v1/sandboxes/d", "", ""), 204)
	w.sandbox("e")

	named := w.listen("/v1/events?sandbox=a&sandbox=b", "Last-Event-ID", last)
	w.from(named, "message.received", "b")
	w.from(named, "message.updated", "b")
	if e := w.from(named, "message.received", "a"); !strings.Contains(e.data, a.ID) {
		t.Errorf("want %s, heard %+v", a.ID, e)
	}
	every := w.listen("/v1/events?sandbox=*&last_event_id=" + last)
	w.from(every, "message.received", "b")
	w.from(every, "message.received", "c")
	w.from(every, "message.updated", "b")
	w.from(every, "message.received", "a")
	w.from(every, "sandbox.deleted", "d") // and no more of what was in it
	w.from(every, "sandbox.created", "e")
	storetest.DeliverTo(t, w.store, "b", mixed, "anna@x.test")
	w.from(named, "message.received", "b")
	w.from(every, "message.received", "b")
}

// TestEventsOutliveASandbox: a stream of several goes on when one ends, and that
// of every sandbox tells of those made later.
func TestEventsOutliveASandbox(t *testing.T) {
	w := newWorld(t, closedInstance)
	w.sandbox("a")
	w.sandbox("b")
	asAdmin := []string{"Authorization", "Bearer " + adminToken}
	two := w.listen("/v1/events?sandbox=a&sandbox=b", asAdmin...)
	every := w.listen("/v1/events?sandbox=*", asAdmin...)
	if err := w.store.EndSandbox(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	w.sandbox("late")
	storetest.DeliverTo(t, w.store, "late", mixed, "anna@x.test")
	storetest.DeliverTo(t, w.store, "b", mixed, "anna@x.test")
	w.from(two, "sandbox.deleted", "a")
	w.from(two, "message.received", "b")
	w.from(every, "sandbox.deleted", "a")
	w.from(every, "sandbox.created", "late")
	w.from(every, "message.received", "late")
	w.from(every, "message.received", "b")
}

// TestEventsOfSeveralAccess: a token hears its own sandbox alone, whatever it asks.
func TestEventsOfSeveralAccess(t *testing.T) {
	w := newWorld(t, closedInstance)
	token := "Bearer " + w.sandbox("mine")
	w.sandbox("other")
	w.sandbox("over")
	if err := w.store.EndSandbox(t.Context(), "over"); err != nil {
		t.Fatal(err)
	}
	names := strings.Repeat("&sandbox=other", 101)
	for _, tt := range []struct {
		path, auth, code string
		status           int
	}{
		{"/v1/events?sandbox=*", "", "login_required", 401},
		{"/v1/events?sandbox=*", "Bearer nobody", "bad_token", 401},
		{"/v1/events?sandbox=other", token, "other_sandbox", 403},
		{"/v1/events?sandbox=mine&sandbox=other", token, "other_sandbox", 403},
		{"/v1/events?sandbox=*&sandbox=other", token, "other_sandbox", 403},
		{"/v1/events?sandbox=mine&sandbox=never", token, "other_sandbox", 403},
		{"/v1/events?sandbox=mine&sandbox=", "Bearer " + adminToken, "empty_value", 400},
		{"/v1/events?sandbox=mine&sandbox=never", "Bearer " + adminToken, "sandbox_not_found", 404},
		{"/v1/events?sandbox=over&sandbox=mine", "Bearer " + adminToken, "sandbox_ended", 410},
		{"/v1/events?" + names[1:], "Bearer " + adminToken, "bad_value", 400},
		{"/v1/messages?sandbox=mine&sandbox=other", "Bearer " + adminToken, "bad_value", 400},
		{"/v1/messages?sandbox=*", "Bearer " + adminToken, "sandbox_not_found", 404},
	} {
		if a := w.do("GET", tt.path, tt.auth, ""); a.status != tt.status || a.code() != tt.code {
			t.Errorf("%.60s: %v, want %d %s", tt.path, a, tt.status, tt.code)
		}
	}
	own := w.listen("/v1/events?sandbox=*", "Authorization", token)
	storetest.DeliverTo(t, w.store, "other", mixed, "anna@x.test")
	w.sandbox("late")
	storetest.DeliverTo(t, w.store, "late", mixed, "anna@x.test")
	m := storetest.DeliverTo(t, w.store, "mine", mixed, "anna@x.test")
	if e := w.from(own, "message.received", "mine"); !strings.Contains(e.data, m.ID) {
		t.Error(e)
	}
	again := w.listen("/v1/events?sandbox=*&last_event_id=1", "Authorization", token)
	w.from(again, "message.received", "mine")
	w.want(w.do("DELETE", "/v1/sandboxes/mine", token, ""), 204)
	for _, ch := range []<-chan heard{own, again} {
		w.from(ch, "sandbox.deleted", "mine")
		if e, open := <-ch; open {
			t.Errorf("heard %+v after the end", e)
		}
	}
}

// TestEventsOfSeveralLimits: a stream takes a place in each sandbox that it names.
func TestEventsOfSeveralLimits(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits.SandboxWait, c.Limits.Waits = 1, 3 })
	for _, name := range []string{"a", "b", "c"} {
		w.sandbox(name)
	}
	refused := func(sandboxes string) {
		t.Helper()
		if a := w.get("/v1/events?" + sandboxes); a.status != 429 || a.code() != "too_many_waits" {
			t.Errorf("%s: %v", sandboxes, a)
		}
	}
	w.listen("/v1/events?sandbox=a&sandbox=b")
	refused("sandbox=b")
	refused("sandbox=c&sandbox=a")
	w.listen("/v1/events?sandbox=*")
	refused("sandbox=*")
	w.listen("/v1/events?sandbox=c") // the refused took no place
	refused("sandbox=default")
}
