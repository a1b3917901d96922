package api_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// mixed has every kind of part that the part routes treat differently.
var mixed = strings.ReplaceAll(`From: Shop <hello@shop.test>
To: Anna <anna@x.test>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Message-ID: <m1@shop.test>
Date: Sun, 22 Nov 2026 21:53:06 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html; charset=utf-8

<p>Your code is <b>482913</b></p><img src="cid:logo@x"><a href="https://shop.test/verify/t0ken">Verify</a><script>alert(1)</script>
--r
Content-Type: image/png
Content-ID: <logo@x>
Content-Disposition: inline; filename=logo.png
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--r--
--b
Content-Type: application/pdf; name="../../März.pdf"
Content-Disposition: attachment; filename*=UTF-8''..%2FM%C3%A4rz.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b
Content-Type: text/html
Content-Disposition: attachment; filename=evil.html

<script>alert(document.domain)</script>
--b--
`, "\n", "\r\n")

func TestOneMessage(t *testing.T) {
	w := newWorld(t, nil)
	m := storetest.Deliver(t, w.store, mixed, "anna@x.test", "hidden@x.test")
	full := decode[model.Message](w, w.want(w.get("/v1/messages/"+m.ID+"?include=links,codes,raw"), 200))
	if full.Subject != "Grüße" || full.PageURL != w.url+"/#/default/"+m.ID || string(full.Raw) != mixed {
		t.Errorf("%+v", full)
	}
	if len(full.Bcc) != 1 || full.Bcc[0].Address != "hidden@x.test" {
		t.Errorf("bcc %v", full.Bcc)
	}
	if len(full.Codes) == 0 || full.Codes[0].Code != "482913" || len(full.Links) == 0 {
		t.Errorf("codes %v links %v", full.Codes, full.Links)
	}
	plain := w.want(w.get("/v1/messages/"+m.ID), 200)
	if strings.Contains(string(plain.body), `"links"`) || !strings.Contains(string(plain.body), `"text":null`) {
		t.Error(plain)
	}
	row := w.want(w.get("/v1/messages?include=text,html,headers,links"), 200)
	if s := string(row.body); !strings.Contains(s, `"text":null`) || !strings.Contains(s, `"headers":[`) || strings.Contains(s, `"envelope"`) {
		t.Error(row)
	}
	if a := w.get("/v1/messages/nonsense"); a.code() != "message_not_found" {
		t.Error(a)
	}
	if a := w.get("/v1/messages/" + m.ID + "?subject=x"); a.code() != "unknown_filter" {
		t.Errorf("a filter beside an ID: %v", a)
	}
	w.sandbox("other")
	o := storetest.DeliverTo(t, w.store, "other", mixed, "anna@x.test")
	if a := w.get("/v1/messages/" + o.ID); a.code() != "message_not_found" || !strings.Contains(string(a.body), "sandbox=other") {
		t.Error(a)
	}
}

func TestOctets(t *testing.T) {
	w := newWorld(t, nil)
	m := storetest.Deliver(t, w.store, mixed, "anna@x.test")
	at := "/v1/messages/" + m.ID
	raw := w.want(w.get(at+"/raw"), 200)
	if string(raw.body) != mixed || raw.header.Get("Content-Type") != "message/rfc822" {
		t.Errorf("raw: %v %v", raw, raw.header)
	}
	part := w.want(w.do("GET", at+"/raw", "", "", "Range", "bytes=6-9"), 206)
	if string(part.body) != "Shop" {
		t.Error(part)
	}
	w.want(w.do("GET", at+"/raw", "", "", "If-None-Match", raw.header.Get("ETag")), 304)
	if a := w.want(w.do("GET", at+"/raw", "", "", "Range", "bytes=999999-"), 416); a.code() != "bad_range" || a.header.Get("Content-Type") != "application/problem+json" ||
		a.header.Get("Content-Range") != fmt.Sprintf("bytes */%d", len(mixed)) {
		t.Errorf("%v %v", a, a.header)
	}
	for accept, want := range map[string]string{"": "application/problem+json", "application/json": "application/problem+json", "text/html,*/*;q=0.8": "text/html; charset=UTF-8"} {
		if a := w.want(w.do("GET", "/no/such/page", "", "", "Accept", accept), 404); a.header.Get("Content-Type") != want {
			t.Errorf("Accept %q: %v", accept, a.header)
		}
	}
	trace := string(w.want(w.get(at+"/raw?trace=true"), 200).body)
	if !strings.HasPrefix(trace, "Return-Path: <sender@test.example>\r\nReceived: by 127.0.0.1 (Catchpost) id "+m.ID) || !strings.HasSuffix(trace, mixed) {
		t.Errorf("%.300s", trace)
	}
	if a := w.do("GET", at+"/raw?trace=true", "", "", "Range", "bytes=-5"); string(a.body) != mixed[len(mixed)-5:] {
		t.Errorf("the end of the traced message: %v", a)
	}
	if a := w.want(w.do("HEAD", at+"/raw", "", ""), 200); len(a.body) != 0 || a.header.Get("Content-Length") == "" {
		t.Error(a, a.header)
	}
	for _, tt := range []struct{ path, mediaType, disposition, csp string }{
		{"/html", "text/html; charset=utf-8", "inline", "sandbox;"},
		{"/preview", "text/html; charset=utf-8", "inline", "sandbox allow-popups"},
		{"/parts/1.2", "image/png", `inline; filename="logo.png"`, "sandbox;"},
		{"/parts/1.2?download=true", "image/png", `attachment; filename="logo.png"`, "sandbox;"},
		{"/parts/2", "application/pdf", `inline; filename="M_rz.pdf"; filename*=UTF-8''M%C3%A4rz.pdf`, "default-src 'none'"},
		{"/parts/3", "text/html", `inline; filename="evil.html"`, "sandbox;"},
		{"/headers?raw=true", "text/rfc822-headers", "inline", "sandbox;"},
	} {
		a := w.want(w.get(at+tt.path), 200)
		if got := a.header.Get("Content-Type"); got != tt.mediaType {
			t.Errorf("%s: type %q", tt.path, got)
		}
		if got := a.header.Get("Content-Disposition"); got != tt.disposition {
			t.Errorf("%s: disposition %q", tt.path, got)
		}
		if got := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(got, tt.csp) || strings.Contains(got, "allow-scripts") || strings.Contains(got, "allow-same-origin") {
			t.Errorf("%s: policy %q", tt.path, got)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", tt.path)
		}
	}
	preview := string(w.get(at + "/preview").body)
	if !strings.Contains(preview, "/v1/messages/"+m.ID+"/parts/1.2?sandbox=default") || strings.Contains(preview, "alert") {
		t.Error(preview)
	}
	for path, code := range map[string]string{"/text": "part_not_found", "/parts/9": "part_not_found", "/nothing": "route_not_found", "/parts/1/2": "part_not_found"} {
		if a := w.get(at + path); a.code() != code {
			t.Errorf("%s: %v", path, a)
		}
	}
}

// TestPreviewKey: a preview seen by cookie can load its own parts without one.
func TestPreviewKey(t *testing.T) {
	w := newWorld(t, closedInstance)
	token := w.sandbox("mine")
	m := storetest.DeliverTo(t, w.store, "mine", mixed, "anna@x.test")
	preview := string(w.want(w.do("GET", "/v1/messages/"+m.ID+"/preview", "", "", "Cookie", "catchpost="+token), 200).body)
	_, rest, _ := strings.Cut(preview, `<img src="`)
	src, _, _ := strings.Cut(rest, `"`)
	src = strings.ReplaceAll(src, "&amp;", "&")
	w.want(w.get(src), 200)
	for _, wrong := range []string{strings.Replace(src, "/parts/1.2", "/parts/2", 1), strings.Replace(src, "sandbox=mine", "sandbox=default", 1), strings.Replace(src, "key=", "key=x", 1)} {
		if a := w.get(wrong); a.status != 401 {
			t.Errorf("%s: %v", wrong, a)
		}
	}
}

func TestParametersAreStrict(t *testing.T) {
	w := newWorld(t, nil)
	for path, code := range map[string]string{
		"/v1/messages?subjet=x":                   "unknown_filter",
		"/v1/messages?limit=0":                    "bad_value",
		"/v1/messages?limit=501":                  "bad_value",
		"/v1/messages?limit=5&limit=6":            "bad_value",
		"/v1/messages?order=up":                   "bad_value",
		"/v1/messages?cursor=%21":                 "bad_cursor",
		"/v1/messages?wait=10":                    "bad_duration",
		"/v1/messages?wait=6m":                    "bad_duration",
		"/v1/messages?min=2":                      "bad_value",
		"/v1/messages?include=txt":                "bad_value",
		"/v1/messages?all=true":                   "unknown_filter",
		"/v1/messages?sandbox=":                   "empty_value",
		"/v1/messages?sandbox=never":              "sandbox_not_found",
		"/v1/messages?pretty=maybe":               "bad_value",
		"/v1/messages?subject=":                   "empty_value",
		"/v1/messages?to=anna+tag@x.test":         "bad_value",
		"/v1/messages?%zz":                        "bad_value",
		"/v1/messages/latest":                     "no_match",
		"/v1/messages/latest?wait=10ms&subject=a": "no_match",
		"/v1/messages/latest/codes?subject=a":     "no_match",
		"/v1/info?foo=1":                          "unknown_filter",
		"/v1/sessions?outcme=error":               "unknown_filter",
		"/v1/nothing":                             "route_not_found",
		"/messages":                               "route_not_found",
	} {
		if a := w.get(path); a.code() != code || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v", path, a)
		}
	}
	if a := w.get("/v1/messages?subjet=x"); !strings.Contains(string(a.body), `Did you mean \"subject\"?`) {
		t.Error(a)
	}
	if a := w.get("/v1/messages?wiat=10s"); !strings.Contains(string(a.body), `Did you mean \"wait\"?`) {
		t.Error(a)
	}
	token := w.sandbox("own")
	if a := w.do("GET", "/v1/messages?sandbox=", "Bearer "+token, ""); a.code() != "empty_value" {
		t.Error(a)
	}
	if a := w.get("/v1/messages/latest?wait=10ms"); !regexp.MustCompile(`"waited_ms":[1-9][0-9]`).Match(a.body) {
		t.Error(a)
	}
	for _, tt := range []struct{ method, path, body, code string }{
		{"DELETE", "/v1/messages", "", "filter_required"},
		{"DELETE", "/v1/messages?limit=5", "", "unknown_filter"},
		{"DELETE", "/v1/messages?all=false", "", "filter_required"},
		{"PATCH", "/v1/messages", `{"seen":true}`, "filter_required"},
		{"PATCH", "/v1/messages?all=true", `{}`, "bad_json"},
		{"PATCH", "/v1/messages?all=true", `{"sene":true}`, "bad_json"},
		{"PATCH", "/v1/messages?all=true", `{"seen":1}`, "bad_json"},
		{"PATCH", "/v1/messages?all=true", `{"seen":true}{}`, "bad_json"},
		{"PATCH", "/v1/messages?all=true", ``, "bad_json"},
		{"PATCH", "/v1/messages?all=true", `{"tags":[""]}`, "bad_value"},
		{"PUT", "/v1/messages", `{}`, "method_not_allowed"},
		{"POST", "/v1/nothing", `{}`, "route_not_found"},
		{"POST", "/v1/sandboxes", `{"name":"Under_score"}`, "bad_value"},
		{"POST", "/v1/sandboxes", `{"name":"events"}`, "bad_value"},
		{"POST", "/v1/sandboxes", `{"ttl":"10"}`, "bad_duration"},
		{"POST", "/v1/sandboxes", `{"limits":{"bytes":-1}}`, "bad_value"},
		{"POST", "/v1/assert", `{"were":{}}`, "bad_json"},
		{"POST", "/v1/assert", `[{},{"where":{"subjet":"x"}}]`, "unknown_filter"},
		{"POST", "/v1/assert", `{"within":"10"}`, "bad_duration"},
		{"DELETE", "/v1/sandboxes/default", "", "state_conflict"},
	} {
		if a := w.do(tt.method, tt.path, "", tt.body); a.code() != tt.code {
			t.Errorf("%s %s %s: %v", tt.method, tt.path, tt.body, a)
		}
	}
	if a := w.do("POST", "/v1/assert", "", `[{},{"where":{"subjet":"x"}}]`); !strings.Contains(string(a.body), "assertions[1].where") {
		t.Error(a)
	}
	if a := w.do("PATCH", "/v1/messages?all=true", "", `{"seen":true}`, "Content-Type", "text/plain"); a.code() != "bad_media_type" {
		t.Error(a)
	}
	if a := w.do("PATCH", "/v1/messages?all=true", "", `{"tags":["`+strings.Repeat("x", 1<<20)+`"]}`); a.code() != "too_large" {
		t.Error(a)
	}
}

func TestPatchAndDelete(t *testing.T) {
	w := newWorld(t, nil)
	m := storetest.Deliver(t, w.store, mixed, "anna@x.test")
	full := decode[model.Message](w, w.want(w.do("PATCH", "/v1/messages/"+m.ID, "", `{"seen":true,"tags":["a","b","a"]}`), 200))
	if !full.Seen || full.Flagged || len(full.Tags) != 2 {
		t.Errorf("%+v", full.Summary)
	}
	full = decode[model.Message](w, w.want(w.do("PATCH", "/v1/messages/latest?to=anna@x.test", "", `{"flagged":true}`), 200))
	if !full.Seen || !full.Flagged {
		t.Errorf("%+v", full.Summary)
	}
	w.want(w.do("DELETE", "/v1/messages/"+m.ID, "", ""), 204)
	if a := w.do("DELETE", "/v1/messages/"+m.ID, "", ""); a.code() != "message_not_found" {
		t.Error(a)
	}
	for range 3 {
		storetest.Deliver(t, w.store, mixed, "anna@x.test")
	}
	if a := w.want(w.do("DELETE", "/v1/messages?all=true", "", ""), 200); string(a.body) != "{\"deleted\":3}\n" {
		t.Error(a)
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t, nil)
	var ids []string
	for range 7 {
		ids = append(ids, storetest.Deliver(t, w.store, mixed, "anna@x.test").ID)
	}
	var got []string
	path := "/v1/messages?order=oldest&limit=3&to=anna@x.test"
	for next := ""; ; {
		list := decode[model.List](w, w.want(w.get(path+next), 200))
		if list.Total != 7 || !list.TotalExact {
			t.Errorf("total %d", list.Total)
		}
		for _, m := range list.Messages {
			got = append(got, m.ID)
		}
		if list.NextCursor == nil {
			break
		}
		next = "&cursor=" + *list.NextCursor
	}
	if strings.Join(got, " ") != strings.Join(ids, " ") {
		t.Errorf("got %v, want %v", got, ids)
	}
}

// waiting blocks until n requests wait or listen.
func (w *world) waiting(n int) {
	w.Helper()
	for late := time.Now().Add(10 * time.Second); w.api.Waiting() != n; runtime.Gosched() {
		if time.Now().After(late) {
			w.Fatalf("%d requests wait, want %d", w.api.Waiting(), n)
		}
	}
}

func TestWaitForSeveral(t *testing.T) {
	w := newWorld(t, nil)
	storetest.Deliver(t, w.store, mixed, "anna@x.test")
	storetest.Deliver(t, w.store, mixed, "bob@x.test")
	done := make(chan answer, 1)
	go func() { done <- w.get("/v1/messages?forward_paths=anna@x.test&min=3&wait=1m") }()
	w.waiting(1)
	storetest.Deliver(t, w.store, mixed, "anna@x.test")
	storetest.Deliver(t, w.store, mixed, "bob@x.test")
	select {
	case a := <-done:
		t.Fatalf("came too early: %v", a)
	default:
	}
	storetest.Deliver(t, w.store, mixed, "anna@x.test")
	list := decode[model.List](w, <-done)
	if list.Total != 3 || list.TimedOut || len(list.Messages) != 3 {
		t.Errorf("%+v", list)
	}
	list = decode[model.List](w, w.want(w.get("/v1/messages?forward_paths=anna@x.test&min=4&wait=20ms"), 200))
	if list.Total != 3 || !list.TimedOut || list.WaitedMS < 20 {
		t.Errorf("%+v", list)
	}
	go func() { done <- w.get("/v1/messages/latest/raw?forward_paths=carol@x.test&wait=1m") }()
	w.waiting(1)
	storetest.Deliver(t, w.store, mixed, "carol@x.test")
	if a := <-done; string(a.body) != mixed {
		t.Error(a)
	}
}

func TestWaitOnAPatch(t *testing.T) {
	w := newWorld(t, nil)
	m := storetest.Deliver(t, w.store, mixed, "anna@x.test")
	done := make(chan answer, 1)
	go func() { done <- w.get("/v1/messages?tags=ready&wait=1m") }()
	w.waiting(1)
	w.want(w.do("PATCH", "/v1/messages/"+m.ID, "", `{"tags":["ready"]}`), 200)
	if list := decode[model.List](w, <-done); list.Total != 1 {
		t.Errorf("%+v", list)
	}
}

func TestCutShort(t *testing.T) {
	w := newWorld(t, nil)
	done := make(chan answer, 3)
	go func() { done <- w.get("/v1/messages?wait=1m") }()
	go func() { done <- w.get("/v1/messages/latest?wait=1m") }()
	go func() { done <- w.do("POST", "/v1/assert", "", `{"within":"1m"}`) }()
	w.waiting(3)
	if err := w.api.Shutdown(t.Context()); err != nil && !errors.Is(err, http.ErrServerClosed) {
		t.Fatal(err)
	}
	for range 3 {
		if a := <-done; a.status != 503 || a.code() != "shutting_down" {
			t.Error(a)
		}
	}
	if a := w.get("/readyz"); a.status != 503 {
		t.Error(a)
	}
}

func TestTooManyWaits(t *testing.T) {
	w := newWorld(t, fewWaits)
	done := make(chan answer, 2)
	for range 2 {
		go func() { done <- w.get("/v1/messages?wait=1m") }()
	}
	w.waiting(2)
	if a := w.get("/v1/messages?wait=1s"); a.status != 429 || a.code() != "too_many_waits" {
		t.Error(a)
	}
	w.want(w.get("/v1/messages"), 200)
	storetest.Deliver(t, w.store, mixed, "anna@x.test")
	<-done
	<-done
	w.waiting(0)
}

func TestCompose(t *testing.T) {
	w := newWorld(t, nil)
	a := w.want(w.do("POST", "/v1/messages", "", `{"from":"Shop <hello@shop.test>","to":["anna@x.test",{"name":"Bob","address":"bob@x.test"}],
		"bcc":["hidden@x.test"],"subject":"Grüße","text":"Hi\n","html":"<p>Hi</p>","tags":["t"],
		"attachments":[{"name":"a.txt","type":"text/plain","content":"aGVsbG8="}]}`), 201)
	m := decode[model.Message](w, a)
	if m.Origin != "api" || m.Subject != "Grüße" || m.ReversePath != "hello@shop.test" || len(m.ForwardPaths) != 3 || len(m.Attachments) != 1 || len(m.Tags) != 1 {
		t.Errorf("%+v", m)
	}
	if raw := string(w.get("/v1/messages/" + m.ID + "/raw").body); strings.Contains(strings.ToLower(raw), "\nbcc:") {
		t.Errorf("a true Bcc stands in the header:\n%s", raw)
	}
	a = w.want(w.do("POST", "/v1/messages", "", mixed, "Content-Type", "message/rfc822"), 201)
	m = decode[model.Message](w, a)
	if string(w.get("/v1/messages/"+m.ID+"/raw").body) != mixed || m.ForwardPaths[0] != "anna@x.test" {
		t.Errorf("%+v", m)
	}
	if !strings.HasSuffix(a.header.Get("Location"), "/v1/messages/"+m.ID) {
		t.Error(a.header)
	}
	w.want(w.do("POST", "/v1/messages?origin=import", "", "Subject: nobody\r\n\r\nx", "Content-Type", "message/rfc822"), 201)
	for body, code := range map[string]string{
		`{}`:                                   "empty_value",
		`{"from":"a@x.test"}`:                  "bad_value",
		`{"from":"a@x.test","to":["not one"]}`: "bad_value",
		`{"from":"a@x.test","to":["b@x.test"],"headers":[{"name":"X-A","value":"b\r\nBcc: c@x.test"}]}`: "bad_value",
		`{"form":"a@x.test"}`: "bad_json",
	} {
		if a := w.do("POST", "/v1/messages", "", body); a.code() != code {
			t.Errorf("%s: %v", body, a)
		}
	}
	if a := w.do("POST", "/v1/messages?to=x@lost.catchpost.test", "", mixed, "Content-Type", "message/rfc822"); a.code() != "sandbox_not_found" {
		t.Error(a)
	}
}

// TestTranscriptWaits: a message is there before its client has said QUIT, its
// transcript only after; wait holds for both.
func TestTranscriptWaits(t *testing.T) {
	w := newWorld(t, nil)
	o := w.store.NewOctets()
	if _, err := o.Write([]byte(mixed)); err != nil {
		t.Fatal(err)
	}
	d := store.Delivery{Origin: model.OriginSMTP, ForwardPaths: []string{"anna@x.test"}, Octets: o}
	d.Envelope.SessionID = "s1"
	if _, err := w.store.Deliver(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if a := w.get("/v1/messages/latest/transcript"); a.code() != "not_found" {
		t.Error(a)
	}
	if a := w.get("/v1/messages/latest/transcript?wait=20ms"); a.code() != "not_found" {
		t.Error(a)
	}
	done := make(chan answer, 1)
	go func() { done <- w.get("/v1/messages/latest/transcript?wait=1m") }()
	w.waiting(1)
	now := time.Now()
	if err := w.store.SaveSession(t.Context(), &model.Session{ID: "s1", Server: "smtp", Sandbox: "default", StartedAt: now, EndedAt: &now, Outcome: "delivered"}); err != nil {
		t.Fatal(err)
	}
	if s := decode[model.Session](w, w.want(<-done, 200)); s.ID != "s1" {
		t.Errorf("%+v", s)
	}
}
