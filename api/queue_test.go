package api_test

import (
	"strconv"
	"testing"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// queueOperations are tried by TestQueue.
var queueOperations = []string{
	"GET /v1/queue", "GET /v1/queue/{id}", "POST /v1/queue/{id}/retry", "POST /v1/queue/{id}/hold",
	"POST /v1/queue/{id}/release", "POST /v1/queue/{id}/cancel",
}

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

func TestQueue(t *testing.T) {
	c := newContract(newWorld(t, func(c *api.Config) {
		lists, err := policy.New([]string{"*@allowed.test"}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Policy = lists
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
	c.check(400, "GET", "/v1/queue?state=stuck", "")
	c.check(404, "GET", "/v1/queue/never", "")
	for _, op := range queueOperations {
		if !c.tried[op] {
			t.Errorf("%s was not tried", op)
		}
	}
}
