package api_test

import (
	"context"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/dsn"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// queueOperations are tried by TestQueue.
var queueOperations = []string{
	"GET /v1/queue", "GET /v1/queue/{id}", "POST /v1/queue/{id}/retry", "POST /v1/queue/{id}/hold",
	"POST /v1/queue/{id}/release", "POST /v1/queue/{id}/cancel",
	"POST /v1/messages/{id}/relay", "POST /v1/messages/{id}/bounce", "GET /v1/relay/rules", "PUT /v1/relay/rules", "POST /v1/relay/judge",
	"GET /v1/sandboxes/{name}/clock", "POST /v1/sandboxes/{name}/clock",
}

// fakeRelay queues what its lists let out.
type fakeRelay struct {
	store *store.Store
	lists *policy.Lists
}

func (f *fakeRelay) Release(ctx context.Context, m *store.Message, to []string) ([]store.QueueEntry, error) {
	var rows []store.QueueEntry
	if len(to) == 0 {
		to = m.ForwardPaths
	}
	for _, path := range to {
		e := store.QueueEntry{ForwardPath: path, State: store.Queued, QueuedAt: time.Now()}
		if v := f.lists.Judge(path); v.Outcome == policy.Refused {
			return nil, &policy.Denied{ForwardPath: path, Verdict: v}
		}
		rows = append(rows, e)
	}
	return f.store.EnqueueMessage(ctx, m.ID, rows)
}

func (f *fakeRelay) AdvanceClock(ctx context.Context, sandbox string, d time.Duration) (time.Duration, []model.Ran, error) {
	offset, err := f.store.AdvanceClock(ctx, sandbox, d)
	return offset, []model.Ran{{Entry: "e", ForwardPath: "a@x.test", At: time.Now(), State: "deferred"}}, err
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

func TestQueue(t *testing.T) {
	c := newContract(newWorld(t, func(c *api.Config) {
		lists, err := policy.New([]string{"*@allowed.test"}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Policy = lists
		fake := &fakeRelay{c.Store, lists}
		c.Relay, c.Clocks = fake, fake
	}))
	m := storetest.Deliver(t, c.store, mixed, "a@allowed.test", "b@refused.test")
	entries, err := c.store.EnqueueMessage(t.Context(), m.ID, []store.QueueEntry{
		{ForwardPath: "a@allowed.test", Domain: "allowed.test", State: store.Queued},
		{ForwardPath: "b@refused.test", Domain: "refused.test", State: store.Held, Reason: "not allowed"},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, b := "/v1/queue/"+entries[0].ID, "/v1/queue/"+entries[1].ID
	if list := decode[model.Queue](c.world, c.check(200, "GET", "/v1/queue?message="+m.ID, "")); len(list.Entries) != 2 {
		t.Errorf("%+v", list)
	}
	if list := decode[model.Queue](c.world, c.check(200, "GET", "/v1/queue?state=held,failed", "")); len(list.Entries) != 1 || list.Entries[0].Reason != "not allowed" {
		t.Errorf("%+v", list)
	}
	c.check(200, "GET", a, "")
	c.check(200, "POST", a+"/retry", "")
	c.check(200, "POST", a+"/hold", "")
	c.check(409, "POST", a+"/retry", "")
	c.check(200, "POST", a+"/release", "")
	if r := c.check(403, "POST", b+"/release", ""); r.code() != "relay_denied" {
		t.Error(r)
	}
	c.check(200, "POST", b+"/cancel", "")
	c.check(409, "POST", b+"/cancel", "")
	storetest.Deliver(t, c.store, mixed, "a@allowed.test")
	rows := decode[model.List](c.world, c.check(200, "GET", "/v1/messages", "")).Messages
	if len(rows) != 2 || rows[0].Relay != nil || !maps.Equal(rows[1].Relay, map[string]int{"queued": 1, "cancelled": 1}) {
		t.Errorf("the relay states of two messages: %+v", rows)
	}
	c.check(400, "GET", "/v1/queue?state=stuck", "")
	c.check(404, "GET", "/v1/queue/never", "")
	c.releases()
	c.bounces()
	c.clocks()
	for _, op := range queueOperations {
		if !c.tried[op] {
			t.Errorf("%s was not tried", op)
		}
	}
}

func (c *contract) releases() {
	m := storetest.Deliver(c, c.store, mixed, "a@allowed.test", "b@refused.test")
	at := "/v1/messages/" + m.ID + "/relay"
	a := c.check(403, "POST", at, "")
	if a.code() != "relay_denied" || !strings.Contains(string(a.body), "b@refused.test") || !strings.Contains(string(a.body), "not on the allow list") {
		c.Error(a)
	}
	if list := decode[model.Queue](c.world, c.get("/v1/queue?message="+m.ID)); len(list.Entries) != 0 {
		c.Errorf("%+v", list)
	}
	if out := decode[model.Relayed](c.world, c.check(http.StatusAccepted, "POST", at, `{"to":["c@allowed.test"]}`)); len(out.Entries) != 1 || out.Entries[0].State != "queued" {
		c.Errorf("%+v", out)
	}
	c.check(404, "POST", "/v1/messages/never/relay", "")
	c.check(400, "POST", at, `{"too":[]}`)
	verdicts := decode[model.RelayVerdicts](c.world, c.check(200, "POST", "/v1/relay/judge", `{"forward_paths":["a@allowed.test","a%b@allowed.test"]}`))
	if !verdicts.Relay || verdicts.Verdicts[0].Outcome != "relay" || verdicts.Verdicts[1].Outcome != "refused" || verdicts.Verdicts[1].Rule != "unsafe address" {
		c.Errorf("%+v", verdicts)
	}
	c.check(400, "POST", "/v1/relay/judge", `{"forward_paths":[]}`)
	rules := `{"rules":[{"filter":{"subject.prefix":"Stay"},"action":"drop"},{"id":"qa","filter":{"to":["a@x.test","b@x.test"],"size.gt":10},"action":"relay"},{"action":"hold"}]}`
	got := decode[model.RelayRules](c.world, c.check(200, "PUT", "/v1/relay/rules", rules))
	if len(got.Rules) != 3 || got.Rules[0].ID != "r1" || got.Rules[1].ID != "qa" || got.Rules[2].ID != "r3" || got.Rules[0].Filter["subject.prefix"] != "Stay" || len(got.Rules[2].Filter) != 0 {
		c.Errorf("%+v", got)
	}
	for body, param := range map[string]string{
		`{"rules":[{"filter":{},"action":"send"}]}`:                                                 "rules[0].action",
		`{"rules":[{"filter":{"subjet":"x"},"action":"hold"}]}`:                                     "rules[0].filter",
		`{"rules":[{"id":"a","filter":{},"action":"hold"},{"id":"a","filter":{},"action":"hold"}]}`: "rules",
	} {
		if a := c.check(400, "PUT", "/v1/relay/rules", body); !strings.Contains(string(a.body), param) {
			c.Errorf("%s: %s", body, a)
		}
	}
	c.sandbox("other")
	if got := decode[model.RelayRules](c.world, c.check(200, "GET", "/v1/relay/rules?sandbox=other", "")); len(got.Rules) != 0 {
		c.Errorf("%+v", got)
	}
	c.check(200, "PUT", "/v1/relay/rules", `{"rules":[]}`)
}

func (c *contract) bounces() {
	m := storetest.Deliver(c, c.store, mixed, "a@allowed.test", "b@refused.test")
	at := "/v1/messages/" + m.ID + "/bounce"
	for kind, want := range map[string]string{"hard": "5.1.1", "soft": "4.2.2", "delay": "4.4.1", "complaint": "feedback-report", "out-of-office": "In-Reply-To"} {
		got := decode[model.Message](c.world, c.check(201, "POST", at, `{"type":"`+kind+`","forward_path":"b@refused.test"}`))
		if got.Origin != "generated" || got.ReversePath != "" || len(got.ForwardPaths) != 1 || got.ForwardPaths[0] != "sender@test.example" {
			c.Errorf("%s: %+v", kind, got)
		}
		raw := c.get("/v1/messages/" + got.ID + "/raw").body
		if !strings.Contains(string(raw), want) {
			c.Errorf("%s: %s", kind, raw)
		}
		if rep, err := dsn.Parse(raw); (err == nil) != (want[1] == '.') || err == nil && (rep.Recipients[0].Final != "b@refused.test" || rep.Recipients[0].Status != want) {
			c.Errorf("%s: %+v %v", kind, rep, err)
		}
	}
	if a := c.check(400, "POST", at, `{"type":"hart"}`); !strings.Contains(string(a.body), "hard") {
		c.Error(a)
	}
	c.check(400, "POST", at, `{"type":"hard","forward_path":"x@y.test"}`)
	notice := decode[model.List](c.world, c.get("/v1/messages?origin=generated&limit=1")).Messages[0]
	c.check(409, "POST", "/v1/messages/"+notice.ID+"/bounce", `{"type":"hard"}`)
}

func (c *contract) clocks() {
	const at = "/v1/sandboxes/default/clock"
	c.check(200, "GET", at, "")
	got := decode[model.Clock](c.world, c.check(200, "POST", at, `{"advance":"4h"}`))
	if got.Offset != "4h" || len(got.Ran) != 1 || got.Now.Before(time.Now().Add(3*time.Hour)) {
		c.Errorf("%+v", got)
	}
	for _, bad := range []string{`{"advance":"4"}`, `{"advance":"-1h"}`, `{"advance":""}`, `{}`, `{"advance":"1000000h"}`} {
		c.check(400, "POST", at, bad)
	}
	c.check(404, "POST", "/v1/sandboxes/nobody/clock", `{"advance":"4h"}`)
}

// TestRelayOff: without --relay and --controllable-clock the answers say so.
func TestRelayOff(t *testing.T) {
	c := newContract(newWorld(t, nil))
	m := storetest.Deliver(c, c.store, mixed, "a@x.test")
	if a := c.check(409, "POST", "/v1/messages/"+m.ID+"/relay", ""); !strings.Contains(string(a.body), "--relay") {
		t.Error(a)
	}
	if a := c.check(409, "POST", "/v1/sandboxes/default/clock", `{"advance":"1h"}`); !strings.Contains(string(a.body), "--controllable-clock") {
		t.Error(a)
	}
	c.check(409, "GET", "/v1/sandboxes/default/clock", "")
	if v := decode[model.RelayVerdicts](c.world, c.check(200, "POST", "/v1/relay/judge", `{"forward_paths":["a@x.test"]}`)); v.Relay || v.Verdicts[0].Outcome != "refused" {
		t.Errorf("%+v", v)
	}
	if info := decode[model.Info](c.world, c.get("/v1/info")); info.Relay || info.ControllableClock {
		t.Errorf("%+v", info)
	}
	c.check(201, "POST", "/v1/messages/"+m.ID+"/bounce", `{"type":"hard"}`)
}
