package client

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// seen is what a canned server was asked.
type seen struct{ method, uri, body, auth, typ string }

func canned(t *testing.T, status int, typ, answer string) (*Client, *seen) {
	t.Helper()
	got := &seen{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		*got = seen{r.Method, r.URL.RequestURI(), string(b), r.Header.Get("Authorization"), r.Header.Get("Content-Type")}
		w.Header().Set("Content-Type", typ)
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(srv.Close)
	c, err := New(srv.URL+"/v1/", "cp_x")
	if err != nil {
		t.Fatal(err)
	}
	return c, got
}

func TestRequests(t *testing.T) {
	const js = "application/json"
	tests := []struct {
		name   string
		answer string
		do     func(*Client) error
		want   seen
	}{
		{"list", `{"messages":[{"id":"a","codes":[{"code":"1"}]}],"total":1}`, func(c *Client) error {
			p, err := c.List(t.Context(), []string{"to=anna+tag@x.test", "not.subject.prefix=Re"}, Options{Wait: 10 * time.Second, Min: 2, Include: []string{"codes"}})
			if err == nil && (len(p.Messages) != 1 || p.Messages[0].Codes[0].Code != "1") {
				t.Error(p)
			}
			return err
		}, seen{"GET", "/v1/messages?include=codes&min=2&not.subject.prefix=Re&to=anna%2Btag%40x.test&wait=10s", "", "Bearer cp_x", ""}},
		{"latest", `{"id":"a"}`, func(c *Client) error { _, err := c.Wait(t.Context(), time.Second, "q=x"); return err },
			seen{"GET", "/v1/messages/latest?q=x&wait=1s", "", "Bearer cp_x", ""}},
		{"get in a sandbox", `{"id":"a"}`, func(c *Client) error { _, err := c.In("run-1").Get(t.Context(), "a/b"); return err },
			seen{"GET", "/v1/messages/a%2Fb?sandbox=run-1", "", "Bearer cp_x", ""}},
		{"raw", `x`, func(c *Client) error { _, err := c.Raw(t.Context(), "a"); return err },
			seen{"GET", "/v1/messages/a/raw", "", "Bearer cp_x", ""}},
		{"codes", `{"codes":[]}`, func(c *Client) error {
			_, err := c.Codes(t.Context(), "latest", []string{"to=a@b"}, time.Second)
			return err
		}, seen{"GET", "/v1/messages/latest/codes?to=a%40b&wait=1s", "", "Bearer cp_x", ""}},
		{"delete", ``, func(c *Client) error { return c.Delete(t.Context(), "a") }, seen{"DELETE", "/v1/messages/a", "", "Bearer cp_x", ""}},
		{"delete all", `{"deleted":3}`, func(c *Client) error { _, err := c.DeleteAll(t.Context()); return err },
			seen{"DELETE", "/v1/messages?all=true", "", "Bearer cp_x", ""}},
		{"send", `{"id":"a"}`, func(c *Client) error { _, err := c.Send(t.Context(), []byte("A: b\r\n")); return err },
			seen{"POST", "/v1/messages", "A: b\r\n", "Bearer cp_x", "message/rfc822"}},
		{"create", `{"name":"a","token":"t"}`, func(c *Client) error {
			_, err := c.CreateSandbox(t.Context(), SandboxRequest{TTL: "1h"})
			return err
		}, seen{"POST", "/v1/sandboxes", `{"ttl":"1h"}`, "Bearer cp_x", js}},
		{"end", ``, func(c *Client) error { return c.EndSandbox(t.Context(), "a") }, seen{"DELETE", "/v1/sandboxes/a", "", "Bearer cp_x", ""}},
		{"ready", `ok`, func(c *Client) error { return c.Ready(t.Context()) }, seen{"GET", "/readyz", "", "Bearer cp_x", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, got := canned(t, http.StatusOK, js, tt.answer)
			if err := tt.do(c); err != nil {
				t.Fatal(err)
			}
			if *got != tt.want {
				t.Errorf("asked\n%+v, want\n%+v", *got, tt.want)
			}
		})
	}
}

func TestAssertFailedIsAnAnswer(t *testing.T) {
	b, _ := json.Marshal(model.AssertAnswer{Text: "FAIL x"})
	c, _ := canned(t, http.StatusUnprocessableEntity, "application/json", string(b))
	a, err := c.Assert(t.Context(), map[string]any{"where": map[string]any{"to": "a@b"}})
	if err != nil || a.Passed || a.Text != "FAIL x" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestErrors(t *testing.T) {
	c, _ := canned(t, http.StatusNotFound, "application/problem+json", `{"code":"no_match","title":"No match","status":404,"detail":"nothing came"}`)
	_, err := c.Latest(t.Context(), nil, 0)
	if Code(err) != "no_match" || err.Error() != "nothing came (no_match, HTTP 404)" {
		t.Error(err)
	}
	c, _ = canned(t, http.StatusBadGateway, "text/html", "<h1>proxy</h1>")
	_, err = c.Get(t.Context(), "a")
	if e, ok := errors.AsType[*Error](err); !ok || e.Problem.Status != http.StatusBadGateway {
		t.Error(err)
	}
	gone, _ := New("http://127.0.0.1:1", "")
	_, err = gone.Get(t.Context(), "a")
	if _, ok := errors.AsType[*UnreachableError](err); !ok {
		t.Error(err)
	}
	if _, err := New("127.0.0.1:8025", ""); err == nil {
		t.Error("a URL without scheme was taken")
	}
	if _, err := c.List(t.Context(), []string{"to"}, Options{}); Code(err) != "unknown_filter" {
		t.Error(err)
	}
}
