package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/smtp"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mailpitMails are sent to Mailpit and to us, oldest first.
var mailpitMails = []struct {
	to   []string
	mail string
}{
	{[]string{"anna@x.test"}, "From: Shop <shop@x.test>\r\nTo: Anna <anna@x.test>\r\nSubject: Plain one\r\nDate: Mon, 02 Jan 2023 15:04:05 +0100\r\nMessage-ID: <one@x.test>\r\n\r\nHello Anna, see https://example.com/a?b=1\r\n"},
	{[]string{"anna@x.test", "carl@x.test", "hidden@x.test"}, "From: Shop <shop@x.test>\r\nTo: Anna <anna@x.test>\r\nCc: carl@x.test\r\nReply-To: Help <help@x.test>, two@x.test\r\n" +
		"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Mon, 02 Jan 2023 15:04:05 +0100\r\nMessage-ID: <two@x.test>\r\nList-Unsubscribe: <https://x.test/u>, <mailto:u@x.test>\r\n" +
		"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nX-Tags: Red, blue thing, red\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n" +
		"--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nwords\r\n" +
		"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body><h1>words</h1>\r\n<img src=\"cid:pic\"></body></html>\r\n--a--\r\n" +
		"--r\r\nContent-Type: image/gif; name=p.gif\r\nContent-ID: <pic>\r\nContent-Disposition: inline; filename=p.gif\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		"R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7\r\n--r--\r\n" +
		"--m\r\nContent-Type: text/csv; name=\"t.csv\"\r\nContent-Disposition: attachment; filename=\"t.csv\"\r\nContent-Transfer-Encoding: base64\r\n\r\nYSxiCjEsMgo=\r\n--m--\r\n"},
	{[]string{"bob+news+sale@x.test"}, "From: \"A, B\" <ab@x.test>\r\nTo: bob+news+sale@x.test\r\nSubject: Plus tags\r\nDate: Mon, 02 Jan 2023 15:04:05 +0000\r\nMessage-ID: <three@x.test>\r\n" +
		"Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>caf=E9 &amp; more</p>\r\n"},
	{[]string{"anna@x.test"}, "Subject: No sender\r\nDate: Mon, 02 Jan 2023 15:04:05 +0000\r\nMessage-ID: <four@x.test>\r\n\r\nbody\r\n"},
	{[]string{"nobody@x.test"}, "From: shop@x.test\r\nTo: undisclosed-recipients:;\r\nSubject: \r\nDate: Tue, 03 Jan 2023 10:00:00 +0000\r\nMessage-ID: <five@x.test>\r\n\r\nlast one, a:colon\r\n"},
}

// mailpitSearches find the same messages in both.
var mailpitSearches = []string{
	"from:shop", "from:SHOP@x.test", "-from:shop", "to:anna", "to:anna@x.test", "to:x.test", "cc:carl", "bcc:hidden", "bcc:anna", "reply-to:help", "addressed:anna",
	"addressed:hidden", "subject:plain", `subject:"plain one"`, "subject:grüße", "message-id:one@x.test", "message-id:<one@x.test>", "tag:red", `tag:"blue thing"`, "-tag:news",
	"is:read", "is:unread", "is:tagged", "-is:tagged", "has:attachment", "has:attachments", "has:inline", "-has:inline", "larger:1k", "smaller:1k", "before:2099-01-01", "after:2023-01-03",
	"hello", `"hello anna"`, "hello -see", "!hello", "café", "caf", "t.csv", "a:colon", "https://example.com", "example.com/a?b=1", "_", "%", "plain%one", "foo:bar", "*", "sale", "+",
	"to:anna to:carl", "cc:carl from:shop", "zzz", "hidden@x.test", "carl@x.test", "stranger@x.test",
}

// peer is one of the two.
type peer struct {
	testing.TB
	base string
	ids  []string // newest first
}

func (p *peer) ask(method, path, body string) (status int, mediaType string, answer []byte) {
	p.Helper()
	req, err := http.NewRequest(method, p.base+path, strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		p.Fatal(err)
	}
	mediaType, _, _ = strings.Cut(res.Header.Get("Content-Type"), ";")
	return res.StatusCode, mediaType, answer
}

// found says which messages a search finds, by their place in the list, and its counts.
func (p *peer) found(query string) string {
	status, _, body := p.ask("GET", "/api/v1/search?query="+url.QueryEscape(query), "")
	var page struct {
		Total, Unread, Count, Start int
		MessagesCount               int `json:"messages_count"`
		MessagesUnread              int `json:"messages_unread"`
		Tags                        []string
		Messages                    []struct{ ID string }
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return fmt.Sprintf("%d %s", status, body)
	}
	var at []int
	for _, m := range page.Messages {
		at = append(at, slices.Index(p.ids, m.ID))
	}
	return fmt.Sprint(status, at, page.Total, page.Unread, page.Count, page.Start, page.MessagesCount, page.MessagesUnread, page.Tags)
}

// notCompared are keys that differ on purpose (docs/compat.md), or by chance.
var notCompared = map[string]bool{"ID": true, "Size": true, "Created": true, "PartID": true}

// plain makes an answer comparable.
func (p *peer) plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			if notCompared[k] {
				delete(v, k)
			} else {
				v[k] = p.plain(v[k])
			}
		}
	case []any:
		for i := range v {
			v[i] = p.plain(v[i])
		}
	case string:
		for i, id := range p.ids {
			v = strings.ReplaceAll(v, id, fmt.Sprint("message ", i))
		}
		return v
	}
	return v
}

// TestSameAsMailpit asks Mailpit itself and us the same, after the same mails.
func TestSameAsMailpit(t *testing.T) {
	g := newGoClients(t)
	ours := start(t, t.TempDir(), "--compat", "mailpit")
	addrs := map[string]string{}
	for _, name := range []string{"smtp", "http"} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addrs[name] = ln.Addr().String()
		_ = ln.Close()
	}
	cmd := exec.Command(g.run("", "tool", "-n", "mailpit"), "--smtp", addrs["smtp"], "--listen", addrs["http"], "--disable-version-check", "--enable-chaos", "--quiet")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	g.run("", "tool", "mailpit", "readyz", "--wait", "--listen", addrs["http"])
	peers := []*peer{{TB: t, base: "http://" + addrs["http"]}, {TB: t, base: ours.url("")}}
	for i, server := range []string{addrs["smtp"], ours.addrs["smtp"]} {
		for _, m := range mailpitMails {
			if err := smtp.SendMail(server, nil, "shop@x.test", m.to, []byte(m.mail)); err != nil {
				t.Fatal(err)
			}
		}
		_, _, body := peers[i].ask("GET", "/api/v1/messages", "")
		var page struct{ Messages []struct{ ID string } }
		if err := json.Unmarshal(body, &page); err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Messages {
			peers[i].ids = append(peers[i].ids, m.ID)
		}
	}
	for _, query := range mailpitSearches {
		if want, got := peers[0].found(query), peers[1].found(query); got != want {
			t.Errorf("search %s:\n%s, Mailpit: %s", query, got, want)
		}
	}
	for _, request := range mailpitRequests() {
		compareWithMailpit(t, peers, request)
	}
}

// mailpitRequests are METHOD PATH BODY; ID0 is the newest message's ID.
func mailpitRequests() []string {
	out := []string{
		"GET /api/v1/messages", "GET /api/v1/messages?limit=2", "GET /api/v1/messages?limit=1&start=1", "GET /api/v1/messages?limit=0", "GET /api/v1/messages?limit=abc",
		"GET /api/v1/messages?start=100", "GET /api/v1/search", "GET /api/v1/search?query=", "GET /api/v1/search?query=hello&limit=0",
		"GET /api/v1/message/nothing", "GET /api/v1/message/nothing/raw", "GET /api/v1/message/latest?query=zzz", "GET /api/v1/message/latest?query=subject:plain",
		"GET /view/nothing.html", "GET /view/latest.txt", "GET /api/v1/chaos", "GET /api/v1/tags", "POST /api/v1/messages {}", "PATCH /api/v1/messages {}",
	}
	for i := range mailpitMails {
		id := fmt.Sprintf("ID%d", i)
		for _, path := range []string{"/api/v1/message/ID", "/api/v1/message/ID/part/9", "/api/v1/message/ID/part/9/thumb", "/api/v1/message/ID/sa-check", "/view/ID.txt", "/view/ID.html"} {
			out = append(out, "GET "+strings.ReplaceAll(path, "ID", id))
		}
	}
	return append(out,
		`PUT /api/v1/tags {"Tags":["one","two words","bad!*tag","one"],"IDs":["ID0"]}`, "GET /api/v1/message/ID0",
		"PUT /api/v1/tags []", `PUT /api/v1/tags/one {"Name":"uno"}`, `PUT /api/v1/tags/none {"Name":"uno"}`, `PUT /api/v1/tags/uno {"Name":"two words"}`,
		`PUT /api/v1/tags/uno {"Name":""}`, "DELETE /api/v1/tags/uno", "DELETE /api/v1/tags/uno",
		`PUT /api/v1/messages {"Read":false,"IDs":["ID0"]}`, "GET /api/v1/messages", `PUT /api/v1/messages {"Search":"subject:plain","Read":false}`, "GET /api/v1/messages",
		`PUT /api/v1/messages {"Search":"subject:plain","IDs":["ID0"]}`, "PUT /api/v1/messages {}", "PUT /api/v1/messages x",
		`PUT /api/v1/chaos {"Sender":{"ErrorCode":451,"Probability":5}}`, `PUT /api/v1/chaos {"Sender":{"ErrorCode":200,"Probability":5}}`,
		`PUT /api/v1/chaos {"Sender":{"ErrorCode":451,"Probability":101}}`, `PUT /api/v1/chaos {"Recipient":{"Probability":7}}`, "PUT /api/v1/chaos {}",
		"DELETE /api/v1/search", "DELETE /api/v1/search?query=zzz", "DELETE /api/v1/search?query=subject:plain", `DELETE /api/v1/messages {"IDs":["nothing"]}`, `DELETE /api/v1/messages {"IDs":["ID0"]}`,
		"DELETE /api/v1/messages x", `DELETE /api/v1/messages {"IDs":"x"}`, "GET /api/v1/messages", "DELETE /api/v1/messages", "GET /api/v1/messages",
		`POST /api/v1/send {"From":{"Email":"a@x.test"},"To":[{"Email":"b@x.test"}],"Text":"t","HTML":"<b>h</b>","Tags":["b","A"]}`, "GET /view/latest.html", "GET /view/latest.txt", "GET /api/v1/tags",
		`POST /api/v1/send {"From":{"Email":"a@x.test"}}`, `POST /api/v1/send {"To":[{"Email":"b@x.test"}]}`, `POST /api/v1/send {"From":{"Email":"a@x.test"},"To":[{"Email":"nope"}]}`,
		`POST /api/v1/send {"From":{"Email":"a@x.test"},"To":[{"Email":"b@x.test"}],"Headers":{"Subject":"b"}}`, "POST /api/v1/send x", "DELETE /api/v1/messages {}",
	)
}

func compareWithMailpit(t *testing.T, peers []*peer, request string) {
	t.Helper()
	var got [2]any
	for i, p := range peers {
		sent := request
		for n, id := range p.ids {
			sent = strings.ReplaceAll(sent, fmt.Sprint("ID", n), id)
		}
		method, rest, _ := strings.Cut(sent, " ")
		path, body, _ := strings.Cut(rest, " ")
		status, mediaType, answer := p.ask(method, path, body)
		var v any
		switch {
		case status != 200: // the words are each one's own
			v = nil
		case json.Unmarshal(answer, &v) != nil:
			v = string(answer)
			if strings.Contains(path, ".html") {
				v = strings.ReplaceAll(string(answer), "../api/", "/api/") // so it works under a base path
			}
		}
		got[i] = map[string]any{"status": status, "type": mediaType, "body": p.plain(v)}
	}
	if diff := cmp.Diff(got[0], got[1]); diff != "" {
		t.Errorf("%s (-Mailpit +ours):\n%s", request, diff)
	}
}
