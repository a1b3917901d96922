package compat_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/api/compat"
	"github.com/catchpost/catchpost/store/storetest"
)

type hogPage struct {
	Total, Count, Start int
	Items               []hogItem `json:"items"`
}

type hogItem struct {
	ID      string
	From    struct{ Mailbox, Domain string }
	To      []struct{ Mailbox, Domain string }
	Content struct {
		Headers map[string][]string
		Body    string
		Size    int
	}
	MIME *struct {
		Parts []struct {
			Headers map[string][]string
			Body    string
		}
	}
	Raw struct {
		From, Data, Helo string
		To               []string
	}
}

func TestMailHog(t *testing.T) {
	w := newWorld(t, func(c *compat.Config) { c.MailHog = true })
	if a := w.want(200, "GET", "/api/v1/messages", ""); a.body != "[]" || a.header.Get("Content-Type") != "text/json" {
		t.Errorf("%+v", a)
	}
	w.has(w.want(200, "GET", "/api/v2/messages", ""), `{"total":0,"count":0,"start":0,"items":[]}`)
	storetest.Deliver(t, w.store, welcome, "anna@x.test", "hidden@x.test")
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	for _, prefix := range []string{"", "/mailhog"} {
		list := decode[[]hogItem](w, w.want(200, "GET", prefix+"/api/v1/messages", ""))
		if len(list) != 2 || list[0].Content.Headers["Subject"][0] != "Plain news" || list[0].MIME != nil || list[0].Raw.Data != plain || list[0].Content.Body != "Just words, number 42.\r\n" {
			t.Fatalf("%+v", list)
		}
		m := list[1]
		if m.From.Mailbox != "sender" || m.From.Domain != "test.example" || len(m.To) != 2 || m.To[1].Mailbox != "hidden" ||
			m.MIME == nil || len(m.MIME.Parts) != 3 || m.MIME.Parts[2].Body != "--" || m.MIME.Parts[1].Headers["Content-Disposition"][0] != `attachment; filename="terms.pdf"` ||
			m.Content.Headers["X-Thing"][0] != "one two" || m.Content.Size != len(welcome) {
			t.Errorf("%+v", m)
		}
		one := prefix + "/api/v1/messages/" + url.PathEscape(m.ID)
		if got := decode[hogItem](w, w.want(200, "GET", one, "")); got.ID != m.ID {
			t.Errorf("%+v", got)
		}
		if a := w.want(200, "GET", one+"/download", ""); a.body != welcome || a.header.Get("Content-Type") != "message/rfc822" {
			t.Errorf("%+v", a)
		}
		if a := w.want(200, "GET", one+"/mime/part/1/download", ""); a.body != "%PDF" || a.header.Get("Content-Type") != "application/pdf" {
			t.Errorf("%+v", a)
		}
		w.want(404, "GET", one+"/mime/part/7/download", "")
		for path, want := range map[string]int{
			"messages?limit=1": 1, "messages?start=1": 1, "search?kind=from&query=SENDER": 2, "search?kind=to&query=anna": 1, "search?kind=to&query=hidden@x.test": 1,
			"search?kind=containing&query=number+42": 1, "search?kind=containing&query=nothing": 0,
		} {
			if p := decode[hogPage](w, w.want(200, "GET", prefix+"/api/v2/"+path, "")); p.Count != want || len(p.Items) != want {
				t.Errorf("%s: %d of %d, want %d", path, p.Count, p.Total, want)
			}
		}
		if a := w.want(400, "GET", prefix+"/api/v2/search?kind=what&query=x", ""); a.body != "" || a.header.Get("Catchpost-Reason") == "" {
			t.Errorf("an error with the body %q and the reason %q", a.body, a.header.Get("Catchpost-Reason"))
		}
		w.want(400, "GET", prefix+"/api/v2/search?kind=to", "")
		w.has(w.want(200, "GET", prefix+"/api/v2/outgoing-smtp", ""), "{}")
		w.want(200, "OPTIONS", prefix+"/api/v2/messages", "")
		w.has(w.want(200, "GET", prefix+"/api/v1/messages/unknown@x", ""), "null")
		w.want(500, "DELETE", prefix+"/api/v1/messages/unknown@x", "")
	}
	list := decode[[]hogItem](w, w.want(200, "GET", "/api/v1/messages", ""))
	w.want(200, "DELETE", "/api/v1/messages/"+list[0].ID, "")
	w.want(200, "DELETE", "/api/v1/messages", "")
	w.has(w.want(200, "GET", "/api/v1/messages", ""), "[]")
}

func TestMailHogStreams(t *testing.T) {
	w := newWorld(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", w.url+"/mailhog/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	read := w.dial("/api/v2/websocket")
	lines := bufio.NewScanner(res.Body)
	lines.Scan() // the comment: it listens now
	m := storetest.Deliver(t, w.store, plain, "carl@z.test")
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
	}
	for _, got := range []string{lines.Text(), read()} {
		if !strings.Contains(got, `{"ID":"`+m.ID+"@") {
			t.Errorf("%s", got)
		}
	}
}

// TestMailHogLimits: no limit and 0 are 50, and 250 is the most.
func TestMailHogLimits(t *testing.T) {
	w := newWorld(t, nil)
	for range 260 {
		storetest.Deliver(t, w.store, plain, "carl@z.test")
	}
	for limit, want := range map[string]int{"": 50, "?limit=0": 50, "?limit=x": 50, "?limit=-1": 50, "?limit=60": 60, "?limit=1000": 250} {
		if p := decode[hogPage](w, w.want(200, "GET", "/api/v2/messages"+limit, "")); p.Count != want || p.Total != 260 {
			t.Errorf("%q: %d of %d, want %d", limit, p.Count, p.Total, want)
		}
	}
}
