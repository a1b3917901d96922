package catchposttest_test

import (
	"bytes"
	"fmt"
	"net/smtp"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/catchposttest"
)

const mail = "From: Shop <hello@shop.test>\r\nTo: anna@x.test\r\nSubject: Welcome, Anna\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: text/html; charset=utf-8\r\n\r\n" +
	"<p>Your code is <b>482913</b>.</p><a href=\"https://shop.test/verify?t=1\">Verify your address</a>\r\n"

func send(t *testing.T, srv *catchposttest.Server, to string) {
	t.Helper()
	if err := smtp.SendMail(srv.SMTPAddr(), nil, "bounce@shop.test", []string{to}, []byte(mail)); err != nil {
		t.Error(err)
	}
}

// TestServer goes through what a test does with a Server; several at once do
// not see each other's mail.
func TestServer(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			srv := catchposttest.Start(t)
			go send(t, srv, "anna@x.test")
			m := srv.Wait(t, "to=anna@x.test", "subject.prefix=Welcome")
			if m.Code(t) != "482913" || m.Link(t, "verify") != "https://shop.test/verify?t=1" || !bytes.Equal(m.Raw(t), []byte(mail)) {
				t.Errorf("%+v", m.Message)
			}
			srv.Assert(t, "to=anna@x.test", "html=482913", "html=verify")
			srv.AssertNone(t, "to=ben@x.test")
			if n := len(srv.Messages(t)); n != 1 {
				t.Errorf("%d messages, want 1", n)
			}
			srv.DeleteAll(t)
			srv.AssertNone(t)
		})
	}
}

// recorder is a testing.TB that keeps what a failing test would print.
type recorder struct {
	testing.TB
	said strings.Builder
}

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.said, format, args...) }
func (r *recorder) Helper()                           {}

// TestFailure holds that a failed assertion says what came close.
func TestFailure(t *testing.T) {
	t.Parallel()
	srv := catchposttest.Start(t)
	send(t, srv, "anna@x.test")
	r := &recorder{TB: t}
	srv.AssertThat(r, map[string]any{"where": map[string]any{"to": "ana@x.test", "subject.prefix": "Welcome"}})
	for _, want := range []string{"FAIL", "ana@x.test", "anna@x.test"} {
		if !strings.Contains(r.said.String(), want) {
			t.Errorf("the failure does not name %q:\n%s", want, r.said.String())
		}
	}
}
