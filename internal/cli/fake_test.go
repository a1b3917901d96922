package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/catchpost/catchpost/internal/model"
)

// instance is an HTTP and an SMTP server that know just enough of the contract:
// mail goes in by SMTP or POST, comes out by list, latest and raw; an assertion
// passes when at least count messages are there.
type instance struct {
	*httptest.Server
	smtpAddr string
	lateness chan struct{} // closed: a message more comes with the assertion

	mu     sync.Mutex
	mail   []captured
	asked  []string // method and URI of each request
	bodies []string // of assertions
	logins []string
}

type captured struct {
	summary model.Summary
	raw     []byte
}

func newInstance(t *testing.T) *instance {
	t.Helper()
	in := &instance{lateness: make(chan struct{})}
	in.Server = httptest.NewServer(http.HandlerFunc(in.serve))
	t.Cleanup(in.Close)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(in)
	srv.AllowInsecureAuth = true
	in.smtpAddr = ln.Addr().String()
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	return in
}

func (in *instance) add(from string, to []string, raw []byte) model.Summary {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := uint64(len(in.mail) + 1)
	subject := ""
	for l := range strings.Lines(string(raw)) {
		if s, ok := strings.CutPrefix(l, "Subject: "); ok {
			subject = strings.TrimSpace(s)
		}
	}
	s := model.Summary{ID: fmt.Sprintf("id%d", n), Sandbox: "default", Sequence: n, Subject: subject, ReversePath: from, ForwardPaths: to,
		Size: int64(len(raw)), ReceivedAt: time.Date(2026, 11, 22, 21, 53, int(n), 0, time.UTC), Seen: n == 2}
	in.mail = append(in.mail, captured{s, raw})
	return s
}

func (in *instance) serve(w http.ResponseWriter, r *http.Request) {
	in.mu.Lock()
	in.asked = append(in.asked, r.Method+" "+r.URL.RequestURI())
	in.mu.Unlock()
	reply := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(v)
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1")
	switch {
	case path == "/readyz":
		reply(200, model.Health{Status: "ok"})
	case path == "/sandboxes" || path == "/sandboxes/default":
		host, port, _ := net.SplitHostPort(in.smtpAddr)
		box := model.Sandbox{Name: "default", SMTP: &model.Access{Host: host}}
		fmt.Sscan(port, &box.SMTP.Port)
		if r.Method == http.MethodPost {
			box.Name, box.Token = "run-1", "cp_1"
			box.SMTP.User, box.SMTP.Password = "run-1", "cp_1"
			w.WriteHeader(http.StatusCreated)
		}
		json.NewEncoder(w).Encode(box)
	case path == "/sandboxes/run-1" && r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case path == "/assert":
		in.assert(r, reply)
	case path == "/sessions":
		reply(200, map[string]any{"sessions": []model.Session{{ID: "s/../1", Server: "smtp"}}})
	case strings.HasPrefix(path, "/sessions/"):
		io.WriteString(w, "S: 220 hi\n")
	case path == "/messages" && r.Method == http.MethodPost:
		raw, _ := io.ReadAll(r.Body)
		reply(http.StatusCreated, model.Message{Summary: in.add("", nil, raw)})
	case strings.HasPrefix(path, "/messages"):
		in.messages(strings.TrimPrefix(path, "/messages"), r, w, reply)
	default:
		reply(http.StatusNotFound, model.Problem{Code: "route_not_found", Status: 404})
	}
}

func (in *instance) assert(r *http.Request, reply func(int, any)) {
	b, _ := io.ReadAll(r.Body)
	select {
	case <-in.lateness:
		in.add("late@x.test", []string{"anna@x.test"}, []byte("Subject: late\r\n\r\n"))
	default:
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.bodies = append(in.bodies, string(b))
	if len(in.mail) > 0 {
		reply(200, model.AssertAnswer{Passed: true, Text: "ok\n", Verdicts: []model.Verdict{{Name: "a", Passed: true}}})
		return
	}
	reply(422, model.AssertAnswer{Text: "FAIL a\n  it looked once (looked_once)\n", Verdicts: []model.Verdict{{Name: "a", FailedOn: "count", Reason: "none"}}})
}

func (in *instance) messages(path string, r *http.Request, w http.ResponseWriter, reply func(int, any)) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if path == "" {
		rows := []model.Row{}
		for _, m := range in.mail {
			rows = append(rows, model.Row{Summary: m.summary})
		}
		reply(200, model.List{Messages: rows, Total: len(rows), Sequence: uint64(len(rows)), TimedOut: len(rows) == 0})
		return
	}
	id, what, _ := strings.Cut(path[1:], "/")
	var m *captured
	for i := range in.mail {
		if in.mail[i].summary.ID == id || id == "latest" {
			m = &in.mail[i]
		}
	}
	switch {
	case m == nil:
		reply(404, model.Problem{Code: "no_match", Status: 404, Detail: "no message matches"})
	case what == "raw":
		w.Write(m.raw)
	case what == "codes":
		reply(200, model.Codes{Codes: []model.Code{{Code: "482913"}, {Code: "111111"}}})
	case what == "links":
		reply(200, model.Links{Links: []model.Link{{URL: "https://x.test/u", Kind: "unsubscribe"}, {URL: "https://x.test/v", Kind: "verify"}}})
	default:
		text := "Hello \x1b[31mred\n"
		reply(200, model.Message{Summary: m.summary, Text: &text})
	}
}

// NewSession makes the instance a go-smtp backend.
func (in *instance) NewSession(*smtp.Conn) (smtp.Session, error) { return &smtpSession{in: in}, nil }

type smtpSession struct {
	in   *instance
	from string
	to   []string
}

func (s *smtpSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.in.mu.Lock()
		defer s.in.mu.Unlock()
		s.in.logins = append(s.in.logins, user+":"+password)
		return nil
	}), nil
}

func (s *smtpSession) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }

func (s *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "full@") {
		return &smtp.SMTPError{Code: 452, Message: "full"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *smtpSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err == nil {
		s.in.add(s.from, s.to, raw)
	}
	return err
}

func (s *smtpSession) Reset()        {}
func (s *smtpSession) Logout() error { return nil }

// ran is what a command did.
type ran struct {
	code     int
	out, err string
}

type command interface {
	Run(context.Context, Streams) error
}

func execute(t *testing.T, c command, in string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	err := c.Run(t.Context(), Streams{In: strings.NewReader(in), Out: &out, Err: &errs})
	r := ran{out: out.String(), err: errs.String()}
	if err != nil {
		r.code = 1
		if e, ok := err.(*ExitError); ok {
			r.code = e.Code
		}
		r.err += err.Error()
	}
	return r
}
