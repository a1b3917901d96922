package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

const adminToken = "the-administrators-token"

// world is a server over a store in memory.
type world struct {
	testing.TB
	store *store.Store
	api   *api.Server
	url   string
}

// newWorld starts a server; with set nil the instance is open.
func newWorld(tb testing.TB, set func(*api.Config)) *world {
	tb.Helper()
	s := storetest.Open(tb, store.Options{Path: ":memory:", SandboxDomain: "catchpost.test"})
	cfg := api.Config{
		Store: s, Version: "test", SandboxDomain: "catchpost.test",
		Listeners: []api.Listener{
			{Name: "smtp", Network: "tcp", Address: "127.0.0.1:1025"}, {Name: "pop3", Network: "tcp", Address: "127.0.0.1:1110"},
			{Name: "imap", Network: "tcp", Address: "127.0.0.1:1143"}, {Name: "http", Network: "tcp", Address: "127.0.0.1:8025"},
		},
	}
	if set != nil {
		set(&cfg)
	}
	server := api.New(cfg)
	web := httptest.NewServer(server)
	tb.Cleanup(func() {
		_ = server.Shutdown(tb.Context()) // streams end
		web.Close()
	})
	return &world{TB: tb, store: s, api: server, url: web.URL}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) code() string {
	var p model.Problem
	_ = json.Unmarshal(a.body, &p) // no problem has no code
	return p.Code
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, clipped(a.body)) }

func clipped(b []byte) string {
	if len(b) > 600 {
		return string(b[:600]) + "…"
	}
	return string(b)
}

// do sends a request; auth is "" or an Authorization header; header pairs follow.
func (w *world) do(method, path, auth, body string, header ...string) answer {
	w.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, got}
}

func (w *world) get(path string) answer { w.Helper(); return w.do("GET", path, "", "") }

// want fails unless the status is as given.
func (w *world) want(a answer, status int) answer {
	w.Helper()
	if a.status != status {
		w.Fatalf("status %d, want %d: %s", a.status, status, clipped(a.body))
	}
	return a
}

// decode reads a JSON answer into a T; unknown keys fail.
func decode[T any](w *world, a answer) T {
	w.Helper()
	var v T
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		w.Fatalf("%v in %s", err, clipped(a.body))
	}
	return v
}

func (w *world) sandbox(name string) (token string) {
	w.Helper()
	_, token, err := w.store.CreateSandbox(w.Context(), store.NewSandbox{Name: name})
	if err != nil {
		w.Fatal(err)
	}
	return token
}

func closedInstance(c *api.Config) { c.AdminToken = adminToken }

func fewWaits(c *api.Config) { c.Limits.Waits = 2 }
