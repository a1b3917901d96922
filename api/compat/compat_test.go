package compat_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/api/compat"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// world is a compat server over a store in memory.
type world struct {
	testing.TB
	store  *store.Store
	server *compat.Server
	url    string
}

func newWorld(tb testing.TB, set func(*compat.Config)) *world {
	tb.Helper()
	s := storetest.Open(tb, store.Options{Path: ":memory:"})
	c := compat.Config{Store: s, Version: "test", Running: tb.Context()}
	if set != nil {
		set(&c)
	}
	server := compat.New(c)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { server.Serve(w, r, store.DefaultSandbox) }))
	tb.Cleanup(web.Close)
	return &world{tb, s, server, web.URL}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) do(method, path, body string) answer {
	w.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(got)}
}

func (w *world) want(status int, method, path, body string) answer {
	w.Helper()
	a := w.do(method, path, body)
	if a.status != status {
		w.Fatalf("%s %s: status %d, want %d: %.500s", method, path, a.status, status, a.body)
	}
	return a
}

func decode[T any](w *world, a answer) T {
	w.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		w.Fatalf("%v in %.500s", err, a.body)
	}
	return v
}

const (
	welcome = "From: Shop <hello@shop.test>\r\nTo: Anna Smith <anna@x.test>\r\nSubject: Welcome, Anna\r\nDate: Sun, 22 Nov 2026 21:53:06 +0000\r\n" +
		"Message-ID: <a1@shop.test>\r\nX-Thing: one\r\n two\r\nList-Unsubscribe: <https://shop.test/u>, <mailto:u@shop.test>\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\nMIME-Version: 1.0\r\n\r\n" +
		"--b\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
		"<html><body><p style=\"display:flex\">Hi <a href=\"https://shop.test/verify\">here</a><img src=\"cid:logo\"></p></body></html>\r\n" +
		"--r\r\nContent-Type: image/gif\r\nContent-ID: <logo>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\r\n--r--\r\n" +
		"--b\r\nContent-Type: application/pdf; name=terms.pdf\r\nContent-Disposition: attachment; filename=\"terms.pdf\"\r\n" +
		"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n"
	plain = "From: bob@y.test\r\nTo: carl@z.test\r\nReply-To: help@y.test\r\nSubject: Plain news\r\n\r\nJust words, number 42.\r\n"
)

type list struct {
	Total, Unread, Count, Start int
	MessagesCount               int      `json:"messages_count"`
	MessagesUnread              int      `json:"messages_unread"`
	Tags                        []string `json:"tags"`
	Messages                    []struct {
		ID, Subject, MessageID string
		Read                   bool
		Attachments            int
		Tags                   []string
	} `json:"messages"`
}

func (w *world) list(path string) list {
	w.Helper()
	return decode[list](w, w.want(200, "GET", path, ""))
}

func TestLists(t *testing.T) {
	w := newWorld(t, nil)
	empty := w.want(200, "GET", "/api/v1/messages", "")
	if want := `{"total":0,"unread":0,"count":0,"messages_count":0,"messages_unread":0,"start":0,"tags":[],"messages":[]}`; empty.body != want {
		t.Errorf("%s", empty.body)
	}
	storetest.Deliver(t, w.store, welcome, "anna@x.test", "hidden@x.test")
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	a := w.want(200, "GET", "/api/v1/messages", "")
	for _, want := range []string{`"Cc":null`, `"ReplyTo":[]`, `"Bcc":[{"Name":"","Address":"hidden@x.test"}]`, `"MessageID":"a1@shop.test"`, `"Bcc":null`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%s is not in %s", want, a.body)
		}
	}
	l := decode[list](w, a)
	if l.Total != 2 || l.Unread != 2 || l.Count != 2 || l.MessagesCount != 2 || l.MessagesUnread != 2 || l.Messages[0].Subject != "Plain news" || l.Messages[1].Attachments != 1 {
		t.Errorf("%+v", l)
	}
	if id := l.Messages[0].ID; !regexp.MustCompile(`^[0-9A-Za-z]{22}$`).MatchString(id) {
		t.Errorf("ID %q", id)
	}
	for path, want := range map[string][2]int{ // rows, matches
		"/api/v1/messages?limit=1":                      {1, 2},
		"/api/v1/messages?start=1":                      {1, 2},
		"/api/v1/messages?start=2":                      {0, 2},
		"/api/v1/messages?limit=0":                      {2, 2},
		"/api/v1/messages?limit=0&start=1":              {1, 2},
		"/api/v1/messages?before=2001-01-01":            {0, 0},
		"/api/v1/search?query=words&limit=0":            {0, 1},
		"/api/v1/search?query=test&limit=1&start=1":     {1, 2},
		"/api/v1/search?query=subject:x&start=1":        {0, 0},
		"/api/v1/search?query=larger:1&limit=1":         {1, 2},
		"/api/v1/search?query=larger:1&before=2001-1-1": {0, 0},
	} {
		if l := w.list(path); l.Count != want[0] || len(l.Messages) != want[0] || l.MessagesCount != want[1] || l.Total != 2 {
			t.Errorf("%s: %+v, want %v", path, l, want)
		}
	}
	w.want(400, "GET", "/api/v1/search", "")
}

// TestSearch runs every row of Mailpit's grammar.
func TestSearch(t *testing.T) {
	w := newWorld(t, nil)
	first := storetest.Deliver(t, w.store, welcome, "anna@x.test", "hidden@x.test")
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	seen, tags := true, []string{"Green"}
	if _, err := w.store.UpdateMessages(t.Context(), "", []string{first.ID}, nil, store.StateChange{Seen: &seen, Tags: &tags}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{ // w: welcome, p: plain
		`words`: "p", `WORDS`: "p", `words number`: "p", `"words, number"`: "p", `"number words"`: "", `-words`: "w", `!words`: "w",
		`terms.pdf`: "w", `to:anna`: "w", `to:"Anna Smith"`: "w", `to:ANNA@X.TEST`: "w", `to:hidden`: "", `-to:anna`: "p", `from:shop`: "w", `from:bob@y`: "p",
		`bcc:hidden`: "w", `-bcc:hidden`: "p", `cc:x`: "", `reply-to:help`: "p", `addressed:help@y.test`: "p", `addressed:hidden`: "w", `-addressed:hidden`: "p",
		`subject:welcome`: "w", `subject:"plain news"`: "p", `-subject:"plain news"`: "w", `message-id:a1@shop.test`: "w", `message-id:<a1@shop.test>`: "w",
		`tag:green`: "w", `!tag:green`: "p", `tag:none`: "", `is:read`: "w", `is:unread`: "p", `-is:read`: "p", `is:tagged`: "w", `!is:tagged`: "p",
		`has:attachment`: "w", `has:attachments`: "w", `-has:attachment`: "p", `has:inline`: "w", `!has:inlines`: "p",
		`after:2020-01-01`: "wp", `before:2020-01-01`: "", `-before:2020-01-01`: "wp", `after:"2020-01-01 10:00"`: "wp", `before:2020-01-01T00:00:00Z`: "",
		`larger:600`: "w", `smaller:600`: "p", `larger:1k`: "", `larger:5mb`: "", `smaller:1KB`: "wp", `smaller:1M`: "wp",
		`subject:Welcome anna`: "w", `to:anna subject:welcome is:read`: "w", `to:`: "-", `https://nothing.test:80`: "", `"to:anna"`: "",
	} {
		a := w.do("GET", "/api/v1/search?query="+escape(query), "")
		if want == "-" {
			if a.status != 400 {
				t.Errorf("%s: %d", query, a.status)
			}
			continue
		}
		got := ""
		l := decode[list](w, a)
		for _, m := range l.Messages {
			got = string(strings.ToLower(m.Subject)[0]) + got
		}
		if got != want || l.MessagesCount != len(want) {
			t.Errorf("%s: %q, want %q (%d)", query, got, want, l.MessagesCount)
		}
	}
	for _, query := range []string{"is:what", "has:what", "before:when", "larger:much", "&tz=Nowhere/Land"} {
		if a := w.do("DELETE", "/api/v1/search?query="+strings.Replace(query, "&", "x&", 1), ""); a.status != 400 {
			t.Errorf("%s: %d, and may have deleted more than was meant", query, a.status)
		}
	}
	w.want(200, "GET", "/api/v1/search?query=after:2026-01-01&tz=Europe/Berlin", "")
	w.want(200, "DELETE", "/api/v1/search?query=subject:plain", "")
	if l := w.list("/api/v1/messages"); l.Total != 1 || l.Unread != 0 || len(l.Tags) != 1 {
		t.Errorf("%+v", l)
	}
}

func escape(s string) string {
	return strings.NewReplacer("%", "%25", " ", "%20", `"`, "%22", "&", "%26", "+", "%2B", "#", "%23", "<", "%3C", ">", "%3E").Replace(s)
}
