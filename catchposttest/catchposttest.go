// Package catchposttest runs a catchpost inside a Go test: in memory, on ports of
// its own, so that tests may run in parallel.
//
//	srv := catchposttest.Start(t)
//	app := NewApp(srv.SMTPAddr())
//	app.Register("anna@x.test")
//	mail := srv.Wait(t, "to=anna@x.test", "subject.prefix=Welcome")
//	app.Verify("anna@x.test", mail.Code(t))
//
// Filters are written as everywhere in catchpost: field, operator, value.
package catchposttest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/client"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/program"
)

// DefaultWait is how long Wait and Assert wait for mail.
const DefaultWait = 10 * time.Second

// Server is a running catchpost that ends with its test.
type Server struct {
	instance *program.Instance
	client   *client.Client
}

// Start runs a catchpost until the test and its subtests have ended.
func Start(tb testing.TB) *Server {
	tb.Helper()
	in, err := program.StartEphemeral(tb.Context(), nil)
	if err != nil {
		tb.Fatalf("catchpost: %v", err)
	}
	tb.Cleanup(func() {
		if err := in.Shutdown(context.Background()); err != nil {
			tb.Errorf("catchpost: %v", err)
		}
	})
	c, err := client.New("http://"+in.Addr("http"), "")
	if err != nil {
		tb.Fatalf("catchpost: %v", err)
	}
	return &Server{in, c}
}

// SMTPAddr is HOST:PORT of the SMTP server. It takes any login, and none.
func (s *Server) SMTPAddr() string { return s.instance.Addr("smtp") }

// SubmissionAddr is HOST:PORT of the SMTP server that offers STARTTLS.
func (s *Server) SubmissionAddr() string { return s.instance.Addr("submission") }

// SMTPSAddr is HOST:PORT of the SMTP server in TLS.
func (s *Server) SMTPSAddr() string { return s.instance.Addr("smtps") }

// POP3Addr is HOST:PORT of the POP3 server.
func (s *Server) POP3Addr() string { return s.instance.Addr("pop3") }

// IMAPAddr is HOST:PORT of the IMAP server.
func (s *Server) IMAPAddr() string { return s.instance.Addr("imap") }

// URL is the address of the API and the page, without a slash at its end.
func (s *Server) URL() string { return s.client.Base() }

// CAPEM is the certificate that signed the servers' own, PEM.
func (s *Server) CAPEM() []byte { return s.instance.CAPEM() }

// Wait returns the newest message that matches every filter, waiting for it for
// DefaultWait; the test fails, with the reasons of a failed assertion, if none came.
func (s *Server) Wait(tb testing.TB, filters ...string) *Mail {
	tb.Helper()
	m, err := s.client.Latest(tb.Context(), filters, DefaultWait, "links", "codes")
	if e := (*client.Error)(nil); errors.As(err, &e) && e.Problem.Code == "no_match" {
		s.Assert(tb, filters...)
		tb.FailNow()
	}
	if err != nil {
		tb.Fatalf("catchpost: %v", err)
	}
	return &Mail{m, s.client}
}

// Messages returns what matches now, newest first, at most 500.
func (s *Server) Messages(tb testing.TB, filters ...string) []*Mail {
	tb.Helper()
	page, err := s.client.List(tb.Context(), filters, client.Options{Limit: 500, Include: []string{"text", "html", "headers", "attachments", "envelope", "warnings", "links", "codes"}})
	if err != nil {
		tb.Fatalf("catchpost: %v", err)
	}
	out := make([]*Mail, len(page.Messages))
	for i, m := range page.Messages {
		out[i] = &Mail{client.Whole(m), s.client}
	}
	return out
}

// Assert fails the test, and says why, unless a message that matches every
// filter is there or comes within DefaultWait.
func (s *Server) Assert(tb testing.TB, filters ...string) {
	tb.Helper()
	s.AssertThat(tb, map[string]any{"where": where(filters), "within": DefaultWait.String()})
}

// AssertNone fails the test if a message that matches every filter is there now.
// AssertThat with "settle" keeps watching.
func (s *Server) AssertNone(tb testing.TB, filters ...string) {
	tb.Helper()
	s.AssertThat(tb, map[string]any{"where": where(filters), "count": 0})
}

// AssertThat runs one assertion, or a list of them, as POST /v1/assert takes it,
// and fails the test with the printed verdict.
func (s *Server) AssertThat(tb testing.TB, assertion any) {
	tb.Helper()
	answer, err := s.client.Assert(tb.Context(), assertion)
	if err != nil {
		tb.Fatalf("catchpost: %v", err)
	}
	if !answer.Passed {
		tb.Errorf("%s", strings.TrimSpace(answer.Text))
	}
}

// DeleteAll removes every message that matches; all of them without a filter.
func (s *Server) DeleteAll(tb testing.TB, filters ...string) {
	tb.Helper()
	if _, err := s.client.DeleteAll(tb.Context(), filters...); err != nil {
		tb.Fatalf("catchpost: %v", err)
	}
}

// where makes the filter object of an assertion of filter words; a repeated
// field becomes a list of conditions.
func where(filters []string) map[string]any {
	out := map[string]any{}
	for _, f := range filters {
		name, value, _ := strings.Cut(f, "=")
		switch old := out[name].(type) {
		case nil:
			out[name] = value
		case []any:
			out[name] = append(old, value)
		default:
			out[name] = []any{old, value}
		}
	}
	return out
}

// Mail is a captured message, decoded.
type Mail struct {
	model.Message
	client *client.Client
}

// Code is the best one-time code of the message; the test fails without one.
func (m *Mail) Code(tb testing.TB) string {
	tb.Helper()
	if len(m.Codes) == 0 {
		tb.Fatalf("%q holds no code", m.Subject)
	}
	return m.Codes[0].Code
}

// Link is the URL of the first link of a kind (verify, reset, sign_in,
// unsubscribe, other); the test fails without one.
func (m *Mail) Link(tb testing.TB, kind string) string {
	tb.Helper()
	for _, l := range m.Links {
		if l.Kind == kind {
			return l.URL
		}
	}
	tb.Fatalf("%q holds no link of the kind %s", m.Subject, kind)
	return ""
}

// Raw is the message as it was sent, octet for octet.
func (m *Mail) Raw(tb testing.TB) []byte {
	tb.Helper()
	raw, err := m.client.Raw(tb.Context(), m.ID)
	if err != nil {
		tb.Fatalf("catchpost: %v", err)
	}
	return raw
}
