package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// streams are tried by the tests of events.
var streams = []string{"GET /v1/events", "GET /v1/sandboxes/events"}

// TestAnswersFitTheDocument calls every operation and holds its answer to the
// OpenAPI document: required keys there, no key unknown.
func TestAnswersFitTheDocument(t *testing.T) {
	c := newContract(newWorld(t, func(c *api.Config) {
		c.CA = func() []byte { return []byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n") }
		c.Faults = &fault.Set{}
	}))
	c.messages()
	c.accounts()
	c.people()
	c.webhooks()
	c.faultRules()
	c.sandboxes()
	c.server()
	for _, rt := range c.api.Routes() {
		op := rt.Method + " " + rt.Path
		if !c.tried[op] && !contains(streams, op) && !contains(queueOperations, op) {
			t.Errorf("%s was not tried", op)
		}
	}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func (c *contract) messages() {
	m := storetest.Deliver(c, c.store, mixed, "anna@x.test", "hidden@x.test")
	text := storetest.Deliver(c, c.store, "From: a@x.test\r\nSubject: bare\nX: y\r\n\r\nplain https://x.test/a\r\n", "anna@x.test")
	c.check(200, "GET", "/v1/messages", "")
	c.check(200, "GET", "/v1/messages?include=text,html,headers,attachments,envelope,warnings,links,codes,raw&wait=1s&order=oldest&pretty=true", "")
	c.check(400, "GET", "/v1/messages?nonsense=1", "")
	c.check(404, "GET", "/v1/messages/latest?subject=never", "")
	for _, path := range []string{"", "?include=links,codes,raw", "/raw", "/raw?trace=true", "/html", "/preview", "/headers", "/parts", "/parts/1.2", "/parts/2", "/links", "/codes"} {
		c.check(200, "GET", "/v1/messages/"+m.ID+path, "")
	}
	c.check(200, "GET", "/v1/messages/"+text.ID+"/text", "")
	c.check(404, "GET", "/v1/messages/"+m.ID+"/text", "")
	c.check(404, "GET", "/v1/messages/"+m.ID+"/transcript", "")
	c.check(200, "PATCH", "/v1/messages/"+m.ID, `{"seen":true}`)
	c.check(200, "PATCH", "/v1/messages?all=true", `{"tags":["a"]}`)
	c.check(200, "POST", "/v1/assert", `{"where":{"to":"anna@x.test"},"count":{"min":1}}`)
	c.check(422, "POST", "/v1/assert", `[{"name":"near","where":{"to":"ana@x.test","subject":"Grüße"},"within":"10ms"},{"where":{"to":"anna@x.test"},"expect":{"html":"never"}}]`)
	c.check(201, "POST", "/v1/messages", `{"from":"a@x.test","to":["b@x.test"],"subject":"hi","text":"there"}`)
	c.check(200, "DELETE", "/v1/messages?subject=bare", "")
	c.check(204, "DELETE", "/v1/messages/"+m.ID, "")
	now := time.Now()
	err := c.store.SaveSession(c.Context(), &model.Session{ID: "s1", Server: "smtp", Sandbox: "default", StartedAt: now, EndedAt: &now, Outcome: "empty",
		Verbs: []string{"EHLO"}, Lines: []model.TranscriptLine{{At: now, Direction: "S", Text: "220 hi"}}})
	if err != nil {
		c.Fatal(err)
	}
	c.check(200, "GET", "/v1/sessions?verb=ehlo", "")
	c.check(200, "GET", "/v1/sessions/s1", "")
	c.check(404, "GET", "/v1/sessions/s2", "")
}

func (c *contract) accounts() {
	storetest.Deliver(c, c.store, mixed, "anna@x.test")
	const anna = "/v1/accounts/anna@x.test"
	c.check(200, "GET", "/v1/accounts", "")
	c.check(201, "POST", "/v1/accounts", `{"address":"bob@x.test","password":"secret"}`)
	c.check(400, "POST", "/v1/accounts", `{"address":"bob"}`)
	c.check(200, "GET", anna, "")
	c.check(200, "GET", anna+"/mailboxes", "")
	c.check(200, "GET", "/v1/accounts/default/mailboxes", "")
	c.check(201, "POST", anna+"/mailboxes", `{"name":"Work/2026"}`)
	c.check(200, "PATCH", anna+"/mailboxes/Work%2F2026", `{"name":"Work/2027","subscribed":true}`)
	c.check(201, "POST", anna+"/mailboxes/Drafts/messages?flags=%5CDraft,%5CSeen", `{"from":"anna@x.test","subject":"draft","text":"not done"}`)
	entries := decode[model.Entries](c.world, c.check(200, "GET", anna+"/mailboxes/Drafts/messages", ""))
	if len(entries.Entries) != 1 || entries.Entries[0].Message.Origin != "append" || strings.Join(entries.Entries[0].Flags, " ") != `\Seen \Draft` {
		c.Errorf("%+v", entries)
	}
	if list := decode[model.List](c.world, c.get("/v1/messages?subject=draft")); list.Total != 0 {
		c.Error("a draft stands among what was captured")
	}
	c.check(200, "GET", anna+"/mailboxes/INBOX/messages?subject=Gr%C3%BC&order=oldest&limit=1", "")
	c.check(200, "PATCH", anna+"/mailboxes/INBOX/messages", `{"uids":[1],"add":["\\Flagged","$Work"]}`)
	c.check(200, "POST", anna+"/mailboxes/INBOX/copy", `{"uids":[1],"to":"Work/2027"}`)
	c.check(200, "POST", anna+"/mailboxes/INBOX/move", `{"uids":[1],"to":"Archive"}`)
	c.check(404, "POST", anna+"/mailboxes/INBOX/move", `{"uids":[1],"to":"Nowhere"}`)
	c.check(200, "DELETE", anna+"/mailboxes/Archive/messages?uids=1,2", "")
	c.check(204, "DELETE", anna+"/mailboxes/Work%2F2027", "")
	c.check(204, "DELETE", "/v1/accounts/bob@x.test", "")
}

func (c *contract) people() {
	c.check(200, "PUT", "/v1/aliases/team@x.test", `{"members":["anna@x.test"]}`)
	c.check(200, "GET", "/v1/aliases", "")
	c.check(204, "DELETE", "/v1/aliases/team@x.test", "")
	one := decode[model.Contact](c.world, c.check(201, "POST", "/v1/contacts?account=anna@x.test", `{"name":"Bob","addresses":["bob@x.test"]}`))
	at := "/v1/contacts/" + one.ID + "?account=anna@x.test"
	c.check(200, "GET", "/v1/contacts?account=anna@x.test&q=bo", "")
	c.check(200, "GET", at, "")
	c.check(200, "PUT", at, `{"name":"Bob B.","addresses":["bob@x.test"],"note":"n"}`)
	c.check(204, "DELETE", at, "")
	c.check(404, "GET", at, "")
}

func (c *contract) webhooks() {
	hook := decode[model.Webhook](c.world, c.check(201, "POST", "/v1/webhooks", `{"url":"http://127.0.0.1:9/x","filter":{"to":["a@x.test","b@x.test"],"size.gt":10},"events":["message.received"]}`))
	if hook.Secret == "" || len(hook.Filter) != 2 {
		c.Errorf("%+v", hook)
	}
	at := "/v1/webhooks/" + hook.ID
	c.check(200, "GET", "/v1/webhooks", "")
	if a := c.check(200, "GET", at, ""); strings.Contains(string(a.body), hook.Secret) {
		c.Error("the secret is shown again")
	}
	c.check(200, "PATCH", at, `{"enabled":false}`)
	item := store.OutboxItem{OutboxEntry: store.OutboxEntry{Webhook: hook.ID, Event: "message.received", Body: []byte("{}")}, Sandbox: "default"}
	if err := c.store.EnqueueOutbox(c.Context(), []store.OutboxEntry{item.OutboxEntry}); err != nil {
		c.Fatal(err)
	}
	waiting, err := c.store.Outbox(c.Context(), hook.ID, 10)
	if err != nil || len(waiting) != 1 {
		c.Fatal(waiting, err)
	}
	tried := store.WebhookDelivery{Item: waiting[0].ID, Event: "message.received", At: time.Now(), Status: 200, Body: []byte("{}")}
	if err := c.store.RecordDelivery(c.Context(), waiting[0], tried, true, time.Time{}); err != nil {
		c.Fatal(err)
	}
	log := decode[model.WebhookDeliveries](c.world, c.check(200, "GET", at+"/deliveries", ""))
	if len(log.Deliveries) != 1 || log.Waiting != 0 {
		c.Fatalf("%+v", log)
	}
	c.check(204, "POST", at+"/deliveries/"+itoa(log.Deliveries[0].ID)+"/replay", "")
	if log = decode[model.WebhookDeliveries](c.world, c.get(at+"/deliveries")); log.Waiting != 1 {
		c.Errorf("%+v", log)
	}
	c.check(204, "DELETE", at, "")
	c.check(404, "GET", at, "")
}

func (c *contract) faultRules() {
	c.check(200, "PUT", "/v1/faults/busy", `{"points":["smtp.rcpt"],"forward_path":"*@x.test","times":2,"effect":{"code":451,"text":"later","delay":"10ms"}}`)
	c.check(400, "PUT", "/v1/faults/busy", `{"points":["smtp.nonsense"],"effect":{"code":451}}`)
	list := decode[model.Faults](c.world, c.check(200, "GET", "/v1/faults", ""))
	if len(list.Faults) != 1 || list.Faults[0].ID != "busy" || list.Faults[0].Effect.Delay != "10ms" {
		c.Errorf("%+v", list)
	}
	c.sandbox("elsewhere")
	if other := decode[model.Faults](c.world, c.get("/v1/faults?sandbox=elsewhere")); len(other.Faults) != 0 {
		c.Errorf("%+v", other)
	}
	c.check(204, "DELETE", "/v1/faults/busy", "")
	c.check(404, "DELETE", "/v1/faults/busy", "")
	c.check(204, "DELETE", "/v1/faults", "")
}

func (c *contract) sandboxes() {
	box := decode[model.Sandbox](c.world, c.check(201, "POST", "/v1/sandboxes", `{"labels":{"a":"b"},"ttl":null}`))
	c.check(200, "GET", "/v1/sandboxes", "")
	c.check(200, "GET", "/v1/sandboxes/"+box.Name, "")
	c.check(200, "PATCH", "/v1/sandboxes/"+box.Name, `{"limits":{"age":"1h","messages":null}}`)
	c.check(200, "POST", "/v1/login", `{"token":"`+box.Token+`"}`)
	c.check(204, "POST", "/v1/logout", "")
	c.check(204, "DELETE", "/v1/sandboxes/"+box.Name, "")
	c.check(410, "GET", "/v1/sandboxes/"+box.Name, "")
}

func (c *contract) server() {
	for _, path := range []string{"/v1/info", "/v1/ca.pem", "/livez", "/readyz", "/openapi.json", "/docs", "/docs/errors", "/docs/filters", "/docs/start.js", "/metrics"} {
		c.check(200, "GET", path, "")
	}
	for code := range api.Codes() {
		if a := c.get("/docs/errors"); !strings.Contains(string(a.body), `id="`+code+`"`) {
			c.Errorf("/docs/errors does not explain %s", code)
		}
	}
}
