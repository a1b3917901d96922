package compat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/catchpost/catchpost/api/compat"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// has fails unless the answer holds every text.
func (w *world) has(a answer, texts ...string) {
	w.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			w.Errorf("%q is not in %.1500s", text, a.body)
		}
	}
}

func TestMessage(t *testing.T) {
	w := newWorld(t, nil)
	m := storetest.Deliver(t, w.store, welcome, "anna@x.test", "hidden@x.test")
	id := w.list("/api/v1/messages").Messages[0].ID
	for _, path := range []string{id, m.ID, "latest", "latest?query=subject:welcome"} {
		path, query, _ := strings.Cut(path, "?")
		for sub, want := range map[string][]string{
			"": {
				`"ID":"` + id + `"`, `"ReturnPath":"sender@test.example"`, `"Bcc":[{"Name":"","Address":"hidden@x.test"}]`, `"Cc":[]`, `"Text":"Hi here"`,
				`"Links":["https://shop.test/u","mailto:u@shop.test"],"Errors":""`, `"Date":"2026-11-22T21:53:06Z"`,
				`"Inline":[{"PartID":"1.2","FileName":"","ContentType":"image/gif","ContentID":"logo","Size":42,`,
				`"Attachments":[{"PartID":"2","FileName":"terms.pdf","ContentType":"application/pdf","ContentID":"","Size":4,"Checksums":{"MD5":"bfa4b10a76324b166cfdad5e02a63730"`,
			},
			"/headers": {`"X-Thing":["one two"]`, `"Message-Id":["\u003ca1@shop.test\u003e"]`},
			"/raw":     {welcome},
			"/part/2":  {"%PDF"},
		} {
			if a := w.do("GET", "/api/v1/message/"+path+sub+"?"+query, ""); a.status != 200 {
				t.Errorf("%s%s: %d %s", path, sub, a.status, a.body)
			} else {
				w.has(a, want...)
			}
		}
	}
	if l := w.list("/api/v1/messages"); l.Unread != 0 || !l.Messages[0].Read {
		t.Errorf("reading does not mark: %+v", l)
	}
	for path, want := range map[string]string{
		"/api/v1/message/0000000000000000000000": "404 page not found", "/api/v1/message/latest?query=nothing": "Message not found",
		"/api/v1/message/" + id + "/part/9": "404 page not found", "/api/v1/message/" + id + "/sa-check": "404 page not found", "/view/nothing.html": "404 page not found",
	} {
		if a := w.want(404, "GET", path, ""); !strings.HasPrefix(a.body, want) || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %q", path, a.body)
		}
	}
	if a := w.want(200, "GET", "/api/v1/message/"+id+"/raw?dl=1", ""); a.header.Get("Content-Disposition") != `attachment; filename="`+id+`.eml"` {
		t.Error(a.header)
	}
	w.has(w.want(200, "GET", "/view/"+id+".html", ""), `<img src="../api/v1/message/`+id+`/part/1.2"`, `<a href="https://shop.test/verify">here</a>`)
	w.has(w.want(200, "GET", "/view/latest.html?embed=1", ""), `target="_blank" rel="noreferrer noopener"`)
	w.has(w.want(200, "GET", "/view/latest.txt", ""), "Hi here")
	if a := w.want(302, "GET", "/view/latest?query=subject:welcome", ""); a.header.Get("Location") != "../#/default/"+m.ID {
		t.Error(a.header)
	}
	for _, part := range []string{"1.2", "2"} {
		a := w.want(200, "GET", "/api/v1/message/"+id+"/part/"+part+"/thumb", "")
		img, err := jpeg.Decode(strings.NewReader(a.body))
		if err != nil || img.Bounds() != image.Rect(0, 0, 180, 120) {
			t.Errorf("thumb of %s: %v", part, err)
		}
	}
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	w.want(404, "GET", "/view/latest.html", "")
}

func TestDeleteAndRead(t *testing.T) {
	w := newWorld(t, nil)
	for range 3 {
		storetest.Deliver(t, w.store, plain, "carl@z.test")
	}
	l := w.list("/api/v1/messages")
	w.has(w.want(200, "PUT", "/api/v1/messages", `{"Read":true,"ids":["`+l.Messages[0].ID+`"]}`), "ok")
	if l := w.list("/api/v1/messages"); l.Unread != 2 || !l.Messages[0].Read {
		t.Errorf("%+v", l)
	}
	w.want(200, "PUT", "/api/v1/messages", `{"Read":true,"Search":"is:unread"}`)
	if l := w.list("/api/v1/search?query=is:read"); l.MessagesCount != 3 || l.MessagesUnread != 0 {
		t.Errorf("%+v", l)
	}
	w.want(200, "PUT", "/api/v1/messages", `{}`)
	if l := w.list("/api/v1/messages"); l.Unread != 3 {
		t.Errorf("%+v", l)
	}
	w.want(400, "PUT", "/api/v1/messages", `{"Read":true,"IDs":["x"],"Search":"y"}`)
	w.want(400, "DELETE", "/api/v1/messages", `{"IDs":["`+l.Messages[0].ID+`"`) // cut short: Mailpit deletes all
	if l := w.list("/api/v1/messages"); l.Total != 3 {
		t.Errorf("%+v", l)
	}
	w.want(200, "DELETE", "/api/v1/messages", `{"IDs":["`+l.Messages[0].ID+`"]}`)
	w.want(200, "DELETE", "/api/v1/messages", `{"IDs":["unknown"]}`)
	if l := w.list("/api/v1/messages"); l.Total != 2 {
		t.Errorf("%+v", l)
	}
	w.want(200, "DELETE", "/api/v1/messages", "")
	if l := w.list("/api/v1/messages"); l.Total != 0 {
		t.Errorf("%+v", l)
	}
}

func TestSend(t *testing.T) {
	w := newWorld(t, func(c *compat.Config) { c.MessageSize = 20_000 })
	a := w.want(200, "POST", "/api/v1/send", `{"from":{"email":"a@x.test","name":"Änne"},"To":[{"Email":"b@x.test"}],"Cc":[{"Email":"c@x.test"}],"Bcc":["d@x.test"],
		"ReplyTo":[{"Email":"r@x.test"}],"Subject":"Süß","Text":"hi","HTML":"<b>hi</b>","Tags":["One","two!"],"Headers":{"X-A":"b"},
		"Attachments":[{"Filename":"a.txt","Content":"data:text/plain;base64,aGk="},{"Filename":"b.png","Content":"aGk=","ContentType":"image/png","ContentID":"logo"}]}`)
	var sent struct{ ID string }
	if err := json.Unmarshal([]byte(a.body), &sent); err != nil || len(sent.ID) != 22 {
		t.Fatal(a.body)
	}
	w.has(w.want(200, "GET", "/api/v1/message/"+sent.ID, ""), `"From":{"Name":"Änne","Address":"a@x.test"}`, `"Bcc":[{"Name":"","Address":"d@x.test"}]`, `"Subject":"Süß"`,
		`"Tags":["One","two"]`, `"ReplyTo":[{"Name":"","Address":"r@x.test"}]`, `"FileName":"a.txt"`, `"ContentID":"logo"`)
	for body, status := range map[string]int{
		`{`: 400, `{}`: 400, `{"From":{"Email":"nobody"}}`: 400, `{"From":{"Email":"a@x.test"},"Headers":{"Subject":"x"}}`: 400,
		`{"From":{"Email":"a@x.test"},"Headers":{"X-B":"a\r\nEvil: b"}}`: 400, `{"From":{"Email":"a@x.test"},"Tags":["a"],"Headers":{"X-Tags":"b"}}`: 400,
		`{"From":{"Email":"a@x.test"},"Attachments":[{"Content":"!","Filename":"x"}]}`:                            400,
		`{"From":{"Email":"a@x.test"},"To":[{"Email":"b@x.test"}],"Text":"` + strings.Repeat("x ", 11_000) + `"}`: 413,
		`{"From":{"Email":"a@x.test"},"Text":"` + strings.Repeat("x", 40_000) + `"}`:                              413,
	} {
		a := w.want(status, "POST", "/api/v1/send", body)
		w.has(a, `{"Error":"`)
	}
}

func TestTags(t *testing.T) {
	w := newWorld(t, nil)
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	storetest.Deliver(t, w.store, welcome, "anna@x.test")
	l := w.list("/api/v1/messages")
	w.want(200, "PUT", "/api/v1/tags", `{"IDs":["`+l.Messages[0].ID+`","`+l.Messages[1].ID+`"],"Tags":["a b","c"]}`)
	w.has(w.want(200, "GET", "/api/v1/tags", ""), `["a b","c"]`)
	w.want(200, "PUT", "/api/v1/tags/a%20b", `{"Name":"d"}`)
	w.want(400, "PUT", "/api/v1/tags/none", `{"Name":"d"}`)
	w.want(200, "DELETE", "/api/v1/tags/c", "")
	w.want(200, "PUT", "/api/v1/tags", `{"IDs":["`+l.Messages[0].ID+`"]}`)
	if l := w.list("/api/v1/messages"); !slices.Equal(l.Tags, []string{"d"}) || len(l.Messages[0].Tags) != 0 || !slices.Equal(l.Messages[1].Tags, []string{"d"}) {
		t.Errorf("%+v", l)
	}
	w.has(w.want(200, "GET", "/api/v1/info", ""), `"Tags":{"d":1}`, `"Messages":2`, `"Unread":2`, `"Version":"test"`)
	w.has(w.want(200, "GET", "/api/v1/webui", ""), `"ChaosEnabled":true`, `"MessageRelay":{"Enabled":false`)
	w.has(w.want(200, "GET", "/api/v1/swagger.json", ""), `"/api/v1/message/{id}"`)
}

func TestChaosAndJim(t *testing.T) {
	set := &fault.Set{}
	w := newWorld(t, func(c *compat.Config) { c.Faults = set })
	calm := `{"Sender":{"ErrorCode":451,"Probability":0},"Recipient":{"ErrorCode":451,"Probability":0},"Authentication":{"ErrorCode":535,"Probability":0}}`
	w.has(w.want(200, "GET", "/api/v1/chaos", ""), calm)
	w.has(w.want(200, "PUT", "/api/v1/chaos", `{"Sender":{"ErrorCode":452,"Probability":100}}`), `"Sender":{"ErrorCode":452,"Probability":100},"Recipient":{"ErrorCode":451,"Probability":0}`)
	facts := func() fault.Facts { return fault.Facts{Sandbox: store.DefaultSandbox} }
	if hit := set.Match(fault.Mail, facts); hit == nil || hit.Code != 452 {
		t.Errorf("%+v", hit)
	}
	if hit := set.Match(fault.Rcpt, facts); hit != nil {
		t.Errorf("%+v", hit)
	}
	w.want(400, "PUT", "/api/v1/chaos", `{"Sender":{"ErrorCode":200,"Probability":1}}`)
	w.has(w.want(200, "PUT", "/api/v1/chaos", `{}`), calm)
	w.want(404, "GET", "/api/v2/jim", "")
	w.want(404, "PUT", "/api/v2/jim", "{}")
	w.want(201, "POST", "/api/v2/jim", `{"AcceptChance":1,"DisconnectChance":0,"LinkSpeedAffect":0,"RejectSenderChance":0,"RejectRecipientChance":1,"RejectAuthChance":0}`)
	w.want(400, "POST", "/api/v2/jim", "")
	if hit := set.Match(fault.Rcpt, facts); hit == nil || hit.Code != 550 || len(set.States()) != 1 {
		t.Errorf("%+v of %+v", hit, set.States())
	}
	w.want(200, "PUT", "/api/v2/jim", `{"AcceptChance":0}`)
	if hit := set.Match(fault.Connect, facts); hit == nil || !hit.Cut {
		t.Errorf("%+v", hit)
	}
	w.has(w.want(200, "GET", "/api/v2/jim", ""), `"AcceptChance":0,`, `"RejectRecipientChance":1`)
	w.want(400, "PUT", "/api/v2/jim", `{"AcceptChance":2}`)
	w.want(200, "DELETE", "/api/v2/jim", "")
	if len(set.States()) != 0 {
		t.Errorf("%+v", set.States())
	}
}

func TestRelease(t *testing.T) {
	w := newWorld(t, nil)
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	w.has(w.want(400, "POST", "/api/v1/message/latest/release", `{"To":["x@y.test"]}`), "Relaying is not enabled")
	var released []string
	w = newWorld(t, func(c *compat.Config) {
		c.Release = func(_ context.Context, _ *store.Message, to []string) error {
			released = append(released, to...)
			return nil
		}
		c.MayLeave = func(f string) error {
			if strings.HasSuffix(f, "@bad.test") {
				return errors.New(f + " may not leave")
			}
			return nil
		}
	})
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	w.want(200, "POST", "/api/v1/message/latest/release", `{"To":["Xaver <x@y.test>","z@y.test"]}`)
	w.want(200, "POST", "/api/v1/message/latest/release", `["q@y.test"]`)
	w.has(w.want(400, "POST", "/api/v1/message/latest/release", `{"To":["x@y.test","a@bad.test"]}`), "a@bad.test")
	w.want(400, "POST", "/api/v1/message/latest/release", `{"To":["no"]}`)
	w.want(400, "POST", "/api/v1/message/latest/release", `{"To":[]}`)
	hog := decode[[]struct{ ID string }](w, w.want(200, "GET", "/mailhog/api/v1/messages", ""))[0].ID
	w.want(200, "POST", "/mailhog/api/v1/messages/"+hog+"/release", `{"Email":"h@y.test","Host":"mail.test","Port":"25"}`)
	w.want(400, "POST", "/mailhog/api/v1/messages/"+hog+"/release", `{"Email":"h@y.test","Host":"mail.test","Mechanism":"X"}`)
	if !slices.Equal(released, []string{"x@y.test", "z@y.test", "q@y.test", "h@y.test"}) {
		t.Error(released)
	}
}

func TestHTMLCheck(t *testing.T) {
	w := newWorld(t, nil)
	storetest.Deliver(t, w.store, welcome, "anna@x.test")
	type report struct {
		Warnings []struct {
			Slug    string
			Results []struct{ Name, Support string }
			Score   struct{ Found, Supported, Partial, Unsupported float64 }
		}
		Platforms map[string][]string
		Total     struct{ Tests, Nodes, Supported, Partial, Unsupported float64 }
	}
	r := decode[report](w, w.want(200, "GET", "/api/v1/message/latest/html-check", ""))
	i := slices.IndexFunc(r.Warnings, func(x struct {
		Slug    string
		Results []struct{ Name, Support string }
		Score   struct{ Found, Supported, Partial, Unsupported float64 }
	}) bool {
		return x.Slug == "css-display-flex"
	})
	if i < 0 || r.Warnings[i].Score.Found != 1 || len(r.Warnings[i].Results) < 20 || r.Total.Tests < 290 || r.Total.Nodes != 3 || len(r.Platforms) < 5 {
		t.Errorf("%d tests, %v nodes, platforms %v, warnings %+v", int(r.Total.Tests), r.Total.Nodes, r.Platforms, len(r.Warnings))
	}
	if sum := r.Total.Supported + r.Total.Partial + r.Total.Unsupported; sum < 99.9 || sum > 100.1 {
		t.Errorf("%+v", r.Total)
	}
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	w.want(400, "GET", "/api/v1/message/latest/html-check", "")
}

func TestLinkCheck(t *testing.T) {
	var site *httptest.Server
	site = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(rw, r, site.URL+"/gone", http.StatusFound)
		case "/gone":
			http.NotFound(rw, r)
		}
	}))
	t.Cleanup(site.Close)
	mail := "From: a@x.test\r\nTo: b@x.test\r\nSubject: l\r\n\r\nSee " + site.URL + "/fine and " + site.URL + "/moved and " + site.URL + "/gone\r\n"
	w := newWorld(t, nil)
	storetest.Deliver(t, w.store, mail, "b@x.test")
	w.has(w.want(200, "GET", "/api/v1/message/latest/link-check", ""), `"Errors":3`, "private address")
	w = newWorld(t, func(c *compat.Config) { c.Private = true })
	storetest.Deliver(t, w.store, mail, "b@x.test")
	w.has(w.want(200, "GET", "/api/v1/message/latest/link-check", ""), `"Errors":1`, `"StatusCode":302,"Status":"Found"`, `/fine","StatusCode":200,"Status":"OK"`)
	w.has(w.want(200, "GET", "/api/v1/message/latest/link-check?follow=true", ""), `"Errors":2`, `/moved","StatusCode":404`)
}

func (w *world) dial(path string) (read func() string) {
	w.Helper()
	conn, _, err := websocket.Dial(w.Context(), strings.Replace(w.url, "http", "ws", 1)+path, nil)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	return func() string {
		ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
		defer cancel()
		_, body, err := conn.Read(ctx)
		if err != nil {
			w.Fatal(err)
		}
		return string(bytes.TrimSpace(body))
	}
}

func TestMailpitEvents(t *testing.T) {
	w := newWorld(t, nil)
	read := w.dial("/api/events")
	if got := read(); got != `{"Type":"stats","Data":{"Total":0,"Unread":0,"Version":"test"}}` {
		t.Error(got)
	}
	m := storetest.Deliver(t, w.store, plain, "carl@z.test")
	tags := []string{"x"}
	if _, err := w.store.UpdateMessages(t.Context(), "", []string{m.ID}, nil, store.StateChange{Tags: &tags}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.DeleteMessages(t.Context(), "", []string{m.ID}, nil); err != nil {
		t.Fatal(err)
	}
	want := []string{`{"Type":"new","Data":{"ID":"` + m.ID, `{"Type":"update","Data":{"ID":"` + m.ID, `"Tags":["x"]`, `{"Type":"delete","Data":{"ID":"` + m.ID, `"Total":0`}
	for len(want) > 0 {
		got := read()
		if strings.Contains(got, want[0]) {
			if strings.Contains(got, `"new"`) && !strings.Contains(got, `"Cc":[]`) {
				t.Error(got)
			}
			want = want[1:]
		} else if !strings.Contains(got, "stats") && !strings.Contains(got, `"Read"`) {
			t.Fatalf("%s, want %s", got, want[0])
		}
	}
}

// TestLikeMailpit: what suites for Mailpit rely on and our own API does otherwise;
// TestSameAsMailpit asks Mailpit itself.
func TestLikeMailpit(t *testing.T) {
	w := newWorld(t, nil)
	storetest.Deliver(t, w.store, "Subject: No sender\r\nDate: Mon, 02 Jan 2023 15:04:05 +0100\r\n\r\ntwo\r\nlines\r\n", "anna@x.test")
	for path, want := range map[string]string{
		"/api/v1/messages":       `"From":{"Name":"","Address":""}`,
		"/api/v1/message/latest": `"Text":"two\r\nlines\r\n"`,
		"/view/latest.txt":       "two\r\nlines\r\n",
	} {
		if a := w.want(200, "GET", path, ""); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	if a := w.want(200, "GET", "/api/v1/message/latest", ""); !strings.Contains(a.body, `"Date":"2023-01-02T15:04:05+01:00"`) {
		t.Errorf("%s", a.body)
	}
	if a := w.want(302, "GET", "/view/latest?query=zzz", ""); a.header.Get("Location") != "../" {
		t.Errorf("Location %q", a.header.Get("Location"))
	}
	w.want(400, "GET", "/api/v1/message/latest/part/9/thumb", "")
	w.want(400, "POST", "/api/v1/send", `{"From":{"Email":"a@x.test"}}`)
	w.want(200, "POST", "/api/v1/send", `{"From":{"Email":"a@x.test"},"To":[{"Email":"b@x.test"}],"Text":"t","HTML":"<b>h</b>","Tags":["b","A","c"]}`)
	if a := w.want(200, "GET", "/api/v1/message/latest", ""); !strings.Contains(a.body, `"Text":"t","HTML":"\u003cb\u003eh\u003c/b\u003e"`) || !strings.Contains(a.body, `"Tags":["A","b","c"]`) {
		t.Errorf("%s", a.body)
	}
	w.want(400, "PUT", "/api/v1/tags/b", `{"Name":"c"}`)
	if a := w.want(200, "PUT", "/api/v1/chaos", `{"Authentication":{"Probability":7}}`); !strings.Contains(a.body, `"Authentication":{"ErrorCode":535,"Probability":7}`) {
		t.Errorf("%s", a.body)
	}
}

// TestSearchByEnvelope: a whole address that stands in no text is looked for in the
// envelope, with its paging, counts and deletion.
func TestSearchByEnvelope(t *testing.T) {
	w := newWorld(t, nil)
	for range 3 {
		storetest.Deliver(t, w.store, plain, "hidden@x.test")
	}
	storetest.Deliver(t, w.store, plain, "carl@z.test")
	if l := w.list("/api/v1/search?query=Hidden@x.test&start=1&limit=1"); l.MessagesCount != 3 || l.MessagesUnread != 3 || l.Count != 1 || len(l.Messages) != 1 || l.Total != 4 {
		t.Errorf("%+v", l)
	}
	if l := w.list("/api/v1/search?query=hidden@x.test&limit=0"); l.MessagesCount != 3 || l.Count != 0 {
		t.Errorf("%+v", l)
	}
	w.want(200, "GET", "/api/v1/message/latest?query=hidden@x.test", "")
	for _, query := range []string{"nobody@x.test", "hidden@x.test+news+zzz", "-bob@y.test", "hidden@x.test&before=2000-01-01"} {
		if l := w.list("/api/v1/search?query=" + query); l.MessagesCount != 0 {
			t.Errorf("%s: %+v", query, l)
		}
	}
	w.want(200, "DELETE", "/api/v1/search?query=hidden@x.test", "")
	if l := w.list("/api/v1/messages"); l.Total != 1 {
		t.Errorf("%+v", l)
	}
}
