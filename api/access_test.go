package api_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/model"
)

// status sends a request and reads no further than the header.
func (w *world) status(method, path, auth string) (int, string) {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, w.url+path, strings.NewReader("{}"))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if auth != "" {
		req.Header.Set("Authorization", auth)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	code := ""
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem") {
		buf := make([]byte, 4096)
		n, _ := res.Body.Read(buf) // one small write
		code = answer{body: buf[:n]}.code()
	}
	return res.StatusCode, code
}

// TestWhoMayWhat probes every route with every kind of caller, on an open and
// on a closed instance, DESIGN §5.
func TestWhoMayWhat(t *testing.T) {
	// What each kind of route answers to each caller: "" lets in.
	callers := []string{"none", "admin", "own", "foreign", "ended", "unknown", "own basic", "wrong pair"}
	closed := map[string][]string{
		//          none              admin  own              foreign          ended            unknown      own basic        wrong pair
		"anyone": {"", "", "", "", "", "", "", ""},
		"login":  {"login_required", "", "", "", "sandbox_ended", "bad_token", "", "bad_token"},
		"scoped": {"login_required", "", "", "other_sandbox", "sandbox_ended", "bad_token", "", "bad_token"},
		"named":  {"login_required", "", "", "other_sandbox", "sandbox_ended", "bad_token", "", "bad_token"},
		"admin":  {"login_required", "", "other_sandbox", "other_sandbox", "sandbox_ended", "bad_token", "other_sandbox", "bad_token"},
	}
	for _, open := range []bool{true, false} {
		w := newWorld(t, func(c *api.Config) {
			if !open {
				c.AdminToken = adminToken
			}
		})
		theirs, ended := w.sandbox("theirs"), w.sandbox("ended")
		if err := w.store.EndSandbox(t.Context(), "ended"); err != nil {
			t.Fatal(err)
		}
		for i, rt := range w.api.Routes() {
			mine := fmt.Sprintf("mine-%d", i)
			own := w.sandbox(mine)
			path := strings.NewReplacer("{name}", mine, "{id}", "latest", "{path}", "1", "{file}", "errors",
				"{account}", "a@x.test", "{mailbox}", "INBOX", "{address}", "a@x.test", "{delivery}", "1").Replace(rt.Path)
			if rt.Access == "scoped" {
				path += "?sandbox=" + mine
			}
			auth := []string{"", "Bearer " + adminToken, "Bearer " + own, "Bearer " + theirs, "Bearer " + ended, "Bearer nobody's",
				basic(mine, own), basic("theirs", own)}
			// What lets in comes last: it may end the sandbox.
			for _, pass := range []bool{false, true} {
				for n, caller := range callers {
					want := closed[rt.Access][n]
					if open && rt.Access != "anyone" {
						switch caller {
						case "none":
							want = ""
						case "admin":
							want = "bad_token" // nobody has this token
						}
					}
					if (want == "") != pass || want == "" && rt.Method == "DELETE" && rt.Access == "named" && caller != "own" {
						continue
					}
					status, code := w.status(rt.Method, path, auth[n])
					if want == "" && (status == 401 || status == 403 || status == 410) || want != "" && code != want {
						t.Errorf("open=%v %s %s (%s) as %s: %d %q, want %q", open, rt.Method, rt.Path, rt.Access, caller, status, code, want)
					}
				}
			}
		}
	}
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// TestTokenSeesItsOwn: what a token may ask tells of no other sandbox.
func TestTokenSeesItsOwn(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.AdminToken = adminToken })
	token := "Bearer " + w.sandbox("mine")
	w.sandbox("secret-project")
	if a := w.do("GET", "/v1/messages", basic("default", adminToken), ""); a.status != 200 { // as POP3 and IMAP let in
		t.Error(a)
	}
	if a := w.do("GET", "/v1/messages", basic("mine", adminToken), ""); a.code() != "bad_token" {
		t.Error(a)
	}
	for _, path := range []string{"/v1/sandboxes", "/metrics", "/v1/info", "/v1/messages", "/v1/sessions"} {
		a := w.want(w.do("GET", path, token, ""), 200)
		if strings.Contains(string(a.body), "secret-project") || path == "/metrics" && strings.Contains(string(a.body), `"default"`) {
			t.Errorf("%s tells of another sandbox: %s", path, clipped(a.body))
		}
	}
	list := decode[model.Sandboxes](w, w.do("GET", "/v1/sandboxes", token, ""))
	if len(list.Sandboxes) != 1 || list.Sandboxes[0].Name != "mine" || list.Sandboxes[0].Token != "" {
		t.Errorf("%+v", list)
	}
	if a := w.do("GET", "/metrics", token, ""); !strings.Contains(string(a.body), `catchpost_sandbox_messages{sandbox="mine"} 0`) {
		t.Errorf("no metrics of its own: %s", clipped(a.body))
	}
	for _, path := range []string{"/v1/messages?sandbox=secret-project", "/v1/messages?sandbox=never-was", "/v1/info?sandbox=secret-project"} {
		if a := w.do("GET", path, token, ""); a.code() != "other_sandbox" {
			t.Errorf("%s: %v", path, a)
		}
	}
}

func TestCookieLogin(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.AdminToken = adminToken })
	token := w.sandbox("mine")
	w.want(w.do("POST", "/v1/login", "", `{"token":"wrong"}`), 401)
	a := w.want(w.do("POST", "/v1/login", "", `{"token":"`+token+`"}`), 200)
	cookie := a.header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("%q lacks %s", cookie, part)
		}
	}
	pair, _, _ := strings.Cut(cookie, ";")
	w.want(w.do("GET", "/v1/sandboxes/mine", "", "", "Cookie", pair), 200)
	if a := w.do("GET", "/v1/messages?sandbox=default", "", "", "Cookie", pair); a.code() != "other_sandbox" {
		t.Error(a)
	}
	a = w.want(w.do("POST", "/v1/logout", "", "", "Cookie", pair), 204)
	if !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%q does not end the cookie", a.header.Get("Set-Cookie"))
	}
}

func TestHostAndOrigin(t *testing.T) {
	w := newWorld(t, func(c *api.Config) {
		c.AllowedHosts = []string{"mail.example.com"}
		c.CORS = []string{"https://app.example.com"}
		c.Advertise = map[string]string{"http": "outside.example.com:80"}
	})
	for host, ok := range map[string]bool{
		"127.0.0.1:8025": true, "[::1]:8025": true, "localhost": true, "catchpost": true, "x.localhost": true, "mail.test:80": true,
		"printer.local": true, "a.internal": true, "cp.ns.svc": true, "cp.ns.svc.cluster.local": true, "MAIL.example.com.": true,
		"outside.example.com": true, "evil.example.com": false, "127.0.0.1.evil.example": false, "mail.example.com.evil.org": false,
	} {
		a := w.do("GET", "/v1/info", "", "", "Host", host)
		if (a.status == 200) != ok || !ok && a.code() != "host_not_allowed" {
			t.Errorf("Host %s: %v", host, a)
		}
	}
	own := strings.TrimPrefix(w.url, "http://")
	for _, tt := range []struct {
		method, path, origin string
		ok                   bool
	}{
		{"POST", "/v1/sandboxes", "http://" + own, true},
		{"POST", "/v1/sandboxes", "https://app.example.com", true},
		{"POST", "/v1/sandboxes", "https://evil.example.com", false},
		{"POST", "/v1/sandboxes", "null", false},
		{"POST", "/v1/sandboxes", "https://" + own, false},
		{"DELETE", "/v1/messages?all=true", "http://evil.test", false},
		{"GET", "/v1/info", "http://evil.test", true},
		{"GET", "/v1/events", "http://evil.test", false},
	} {
		a := w.do(tt.method, tt.path, "", "", "Origin", tt.origin)
		if (a.code() == "origin_not_allowed") == tt.ok {
			t.Errorf("%s %s from %s: %v", tt.method, tt.path, tt.origin, a)
		}
	}
	a := w.do("OPTIONS", "/v1/messages", "", "", "Origin", "https://app.example.com", "Access-Control-Request-Method", "DELETE")
	if a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "https://app.example.com" {
		t.Errorf("preflight: %v %v", a, a.header)
	}
	a = w.do("OPTIONS", "/v1/messages", "", "", "Origin", "https://evil.test", "Access-Control-Request-Method", "DELETE")
	if a.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("preflight: %v %v", a, a.header)
	}
}

func TestTrustedProxy(t *testing.T) {
	forwarded := []string{"X-Forwarded-Host", "mail.test", "X-Forwarded-Proto", "https", "X-Forwarded-For", "10.0.0.9, 192.0.2.1"}
	for _, trusted := range []bool{true, false} {
		w := newWorld(t, func(c *api.Config) {
			c.BasePath = "/mail/"
			if trusted {
				c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
			}
		})
		info := decode[model.Info](w, w.do("GET", "/mail/v1/info", "", "", forwarded...))
		if got := info.APIURL; (got == "https://mail.test/mail/v1") != trusted {
			t.Errorf("trusted=%v: %s", trusted, got)
		}
	}
}
