// Command mailhog sends mails and makes the everyday calls of MailHog's APIs, into
// the types of MailHog's own data package. What is answered must be what MailHog
// itself makes of the same octets. Arguments: the SMTP address, the URL in front of
// /v1 and /v2.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/smtp"
	"net/url"
	"os"
	"reflect"

	"github.com/mailhog/data"
)

var mails = []string{
	"From: Shop <shop@x.test>\r\nTo: anna@x.test\r\nSubject: Plain\r\nX-Long: one\r\n two\r\n\r\nHello Anna,\r\n\r\ncode 4711\r\n",
	"From: shop@x.test\r\nTo: anna@x.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\nThis is MIME.\r\n" +
		"--m\r\nContent-Type: multipart/alternative; boundary=\"a\"\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n" +
		"--a\r\nContent-Type: text/html\r\n\r\n<p>Hi</p>\r\n--a--\r\n\r\n" +
		"--m\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n--m--\r\n",
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(ok bool, format string, args ...any) {
	if !ok {
		panic(fmt.Sprintf(format, args...))
	}
}

// call makes a request and decodes its answer, if it is wanted.
func call(method, u string, status int, into any) []byte {
	req := must(http.NewRequest(method, u, nil))
	res := must(http.DefaultClient.Do(req))
	body := must(io.ReadAll(res.Body))
	_ = res.Body.Close()
	check(res.StatusCode == status, "%s %s: %s: %s", method, u, res.Status, body)
	if into != nil {
		if err := json.Unmarshal(body, into); err != nil {
			panic(fmt.Sprintf("%s %s: %v: %s", method, u, err, body))
		}
	}
	return body
}

// page is the answer of v2's lists.
type page struct {
	Total, Count, Start int
	Items               []data.Message
}

func main() {
	data.LogHandler = func(string, ...any) {}
	log.SetFlags(0)
	server, base := os.Args[1], os.Args[2]
	for _, m := range mails {
		if err := smtp.SendMail(server, nil, "shop@x.test", []string{"anna@x.test"}, []byte(m)); err != nil {
			panic(err)
		}
	}
	var all page
	call("GET", base+"/v2/messages?limit=10", 200, &all)
	check(all.Total == 2 && all.Count == 2 && len(all.Items) == 2, "v2: %+v", all)
	for i, m := range mails {
		same(&all.Items[len(mails)-1-i], m)
	}
	search := func(kind, query string) (got page) {
		call("GET", base+"/v2/search?kind="+kind+"&query="+url.QueryEscape(query), 200, &got)
		return got
	}
	check(search("to", "anna@x.test").Total == 2 && search("to", "nobody@x.test").Total == 0, "search to")
	check(search("from", "shop@x.test").Total == 2, "search from")
	plain := search("containing", "code 4711")
	check(plain.Total == 1, "search containing: %+v", plain)
	call("GET", base+"/v2/search?kind=odd&query=a", 400, nil)

	id := string(plain.Items[0].ID)
	var one data.Message
	call("GET", base+"/v1/messages/"+id, 200, &one)
	same(&one, mails[0])
	var list data.Messages
	call("GET", base+"/v1/messages", 200, &list)
	check(len(list) == 2, "v1: %d", len(list))
	eml := call("GET", base+"/v1/messages/"+id+"/download", 200, nil)
	check(bytes.Contains(eml, []byte("code 4711\r\n")), "download: %s", eml)
	part := call("GET", base+"/v1/messages/"+string(all.Items[0].ID)+"/mime/part/2/download", 200, nil)
	check(string(part) == "hi", "part: %q", part)
	call("DELETE", base+"/v1/messages/"+id, 200, nil)
	check(search("to", "anna@x.test").Total == 1, "not deleted")
	call("DELETE", base+"/v1/messages", 200, nil)
	check(search("to", "anna@x.test").Total == 0, "not emptied")
}

// added are the fields that MailHog puts before a mail.
var added = []string{"Message-ID", "Return-Path", "Received"}

// same compares an answer with what MailHog's parser makes of the mail.
func same(got *data.Message, mail string) {
	want := (&data.SMTPMessage{From: "shop@x.test", To: []string{"anna@x.test"}, Data: mail, Helo: "localhost"}).Parse("mailhog.example")
	for _, m := range []*data.Message{got, want} {
		for _, name := range added {
			delete(m.Content.Headers, name)
		}
	}
	check(reflect.DeepEqual(got.From, want.From) && reflect.DeepEqual(got.To, want.To), "paths: %+v, want %+v", got, want)
	check(reflect.DeepEqual(got.Content, want.Content), "content: %s\nwant %s", text(got.Content), text(want.Content))
	check(reflect.DeepEqual(got.MIME, want.MIME), "MIME: %s\nwant %s", text(got.MIME), text(want.MIME))
	check(got.Raw.Data == mail && got.Raw.From == "shop@x.test" && reflect.DeepEqual(got.Raw.To, want.Raw.To), "raw: %+v", got.Raw)
}

func text(v any) string { return string(must(json.Marshal(v))) }
