package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// TestCompatAccess: the APIs of others keep the access rules of our own.
func TestCompatAccess(t *testing.T) {
	const mail = "From: a@x.test\r\nTo: b@x.test\r\nSubject: s\r\n\r\nx\r\n"
	w := newWorld(t, nil)
	token := w.sandbox("run-1")
	storetest.DeliverTo(t, w.store, "run-1", mail, "b@x.test")
	for _, path := range []string{"/api/v1/messages", "/mailhog/api/v2/messages"} {
		w.has(w.want(w.get(path), 200), `"total":0`)
		w.has(w.want(w.do("GET", path, basic("run-1", token), ""), 200), `"total":1`)
		w.want(w.do("GET", path, basic("run-1", "wrong"), ""), 401)
		w.want(w.do("GET", path, "", "", "Host", "evil.example"), 403)
	}
	w.want(w.do("DELETE", "/api/v1/messages", "", "", "Origin", "https://evil.example"), 403)
	w.want(w.do("GET", "/api/v2/websocket", "", "", "Origin", "https://evil.example", "Upgrade", "websocket"), 403)
	if a := w.want(w.get("//view/latest.txt"), 301); a.header.Get("Location") != "/view/latest.txt" {
		t.Error(a.header)
	}
	w.want(w.get("/api/v1/nothing"), 404)
	w.want(w.get("/v1/mailhog"), 404)

	w = newWorld(t, func(c *api.Config) { closedInstance(c); c.BasePath, c.AdminUser = "/mail", "joe" })
	token = w.sandbox("run-1")
	storetest.DeliverTo(t, w.store, "run-1", mail, "b@x.test")
	a := w.want(w.get("/mail/api/v1/messages"), 401)
	if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic ") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
		t.Error(a.header)
	}
	for auth, total := range map[string]string{
		basic("admin", adminToken): `"total":0`, basic("joe", adminToken): `"total":0`, "Bearer " + adminToken: `"total":0`, basic("run-1", token): `"total":1`,
	} {
		w.has(w.want(w.do("GET", "/mail/api/v1/messages", auth, ""), 200), total)
	}
	w.want(w.do("GET", "/mail/api/v1/messages?sandbox=default", basic("run-1", token), ""), 403)
}

func (w *world) has(a answer, text string) {
	w.Helper()
	if !strings.Contains(string(a.body), text) {
		w.Errorf("%q is not in %s", text, a)
	}
}

// BenchmarkCompat compares the calls that clients repeat with ours, at 100,000 messages.
func BenchmarkCompat(b *testing.B) {
	s := storetest.Open(b, store.Options{Path: ":memory:", Relaxed: true})
	var all errgroup.Group // many at once share a commit
	all.SetLimit(64)
	for i := range 100_000 {
		mail := fmt.Sprintf("From: shop@x.test\r\nTo: user%d@x.test\r\nSubject: Order %d\r\nMessage-ID: <%d@x.test>\r\n\r\nYour order number %d is on its way. word%d\r\n", i, i, i, i, i%1000)
		all.Go(func() error {
			storetest.Deliver(b, s, mail, fmt.Sprintf("user%d@x.test", i))
			return nil
		})
	}
	_ = all.Wait() // Deliver has told
	server := api.New(api.Config{Store: s})
	for _, c := range []struct{ name, path string }{
		{"list/v1", "/v1/messages"}, {"list/mailpit", "/api/v1/messages"}, {"list/mailhog", "/api/v2/messages"},
		{"to/v1", "/v1/messages?to.contains=user500@x.test"}, {"to/mailpit", "/api/v1/search?query=to:user500@x.test"}, {"to/mailhog", "/api/v2/search?kind=to&query=user500@x.test"},
		{"rare/v1", "/v1/messages?q=word77"}, {"rare/mailpit", "/api/v1/search?query=word77"},
		{"common/v1", "/v1/messages?q=order"}, {"common/mailpit", "/api/v1/search?query=order"},
		{"unread/v1", "/v1/messages?seen=false"}, {"unread/mailpit", "/api/v1/search?query=is:unread"},
		{"latest/v1", "/v1/messages/latest?subject=Order+99"}, {"latest/mailpit", "/api/v1/message/latest?query=subject:%22Order+99%22"},
		{"deep/mailpit", "/api/v1/messages?start=90000"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				rec := httptest.NewRecorder()
				server.ServeHTTP(rec, httptest.NewRequest("GET", "http://localhost"+c.path, nil))
				if rec.Code != http.StatusOK {
					b.Fatal(rec.Code, rec.Body)
				}
			}
		})
	}
}
