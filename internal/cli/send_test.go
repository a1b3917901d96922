package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSend(t *testing.T) {
	in := newInstance(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "a b.txt")
	if err := os.WriteFile(file, []byte("attached"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := Server{Server: in.smtpAddr, HELO: "localhost", User: "run-1", Password: "cp_1"}
	got := execute(t, &Send{Server: server, From: "Shop <shop@x.test>", To: []string{"Anna <anna@x.test>, b@x.test"}, Bcc: []string{"c@x.test"},
		Subject: "Välkommen", Text: "Hej å", HTML: "<p>Hej", Attach: []string{file}, Header: []string{"X-Test: 1"}}, "")
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	m := in.mail[0]
	if m.summary.ReversePath != "shop@x.test" || strings.Join(m.summary.ForwardPaths, " ") != "anna@x.test b@x.test c@x.test" || in.logins[0] != "run-1:cp_1" {
		t.Errorf("%+v %v", m.summary, in.logins)
	}
	raw := string(m.raw)
	for _, want := range []string{"multipart/mixed", "multipart/alternative", "X-Test: 1", "filename=\"a b.txt\"", "YXR0YWNoZWQ", "Subject: =?utf-8?q?V=C3=A4lkommen?="} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %q in\n%s", want, raw)
		}
	}
	if strings.Contains(raw, "c@x.test") {
		t.Error("Bcc is in the header")
	}
	ready := "From: a@x.test\r\nTo: b@x.test\r\nSubject: as it is\r\n\r\n..dots\r\n.\r\nend\r\n"
	if got := execute(t, &Send{Server: server, File: "-"}, ready); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if m := in.mail[1]; string(m.raw) != ready || m.summary.ReversePath != "a@x.test" || m.summary.ForwardPaths[0] != "b@x.test" {
		t.Errorf("%+v %q", m.summary, m.raw)
	}
}

func TestSendmail(t *testing.T) {
	in := newInstance(t)
	t.Setenv("CATCHPOST_SMTP_SERVER", in.smtpAddr)
	t.Setenv("CATCHPOST_SMTP_USER", "")
	tests := []struct {
		name   string
		args   string
		in     string
		code   int
		from   string
		to     string
		has    []string
		hasNot []string
	}{
		{"recipients of the header", "-t -i -f app@x.test", "To: Ben <ben@x.test>,\n dan@x.test\nBcc: carl@x.test,\n folded@x.test\nSubject: s\nFrom: a@x.test\n\nHi\n.\nstill\n", 0,
			"app@x.test", "ben@x.test dan@x.test carl@x.test folded@x.test", []string{"\r\n.\r\nstill", "Date: ", "Message-ID: <"}, []string{"carl", "folded"}},
		{"a dot ends it", "-fapp@x.test ben@x.test", "Subject: s\n\nHi\n.\nnot this\n", 0, "app@x.test", "ben@x.test", []string{"From: <app@x.test>", "Hi\r\n"}, []string{"not this"}},
		{"joined and ignored options", "-oi -oem -odb -B8BITMIME -F Shop -r <> -N success,failure -- ben@x.test", "Subject: s\n\nå\n", 0, "", "ben@x.test", []string{"From: \"Shop\""}, nil},
		{"-ti in one", "-ti -f a@x.test", "To: ben@x.test\n\n.\n", 0, "a@x.test", "ben@x.test", []string{"\r\n.\r\n"}, nil},
		{"no recipient", "-t", "Subject: x\n\n", exUsage, "", "", nil, nil},
		{"unknown option", "-y ben@x.test", "", exUsage, "", "", nil, nil},
		{"long option", "--to=x ben@x.test", "", exUsage, "", "", nil, nil},
		{"all of -o", "-oQ/var/q -oZ -o7 -f a@x.test ben@x.test", "Subject: s\n\n.\n", 0, "a@x.test", "ben@x.test", nil, nil},
		{"daemon", "-bd", "", exUsage, "", "", nil, nil},
		{"refused for now", "-f a@x.test full@x.test", "Subject: x\n\n", exTempFail, "", "", nil, nil},
		{"queue", "-bp", "", 0, "", "", nil, nil},
		{"aliases", "-bi", "", 0, "", "", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(in.mail)
			got := execute(t, &Sendmail{Args: strings.Fields(tt.args)}, tt.in)
			if got.code != tt.code {
				t.Fatalf("%+v", got)
			}
			if tt.to == "" {
				return
			}
			if len(in.mail) != before+1 {
				t.Fatal("nothing was sent")
			}
			m := in.mail[before]
			if m.summary.ReversePath != tt.from || strings.Join(m.summary.ForwardPaths, " ") != tt.to {
				t.Errorf("%+v", m.summary)
			}
			for _, s := range tt.has {
				if !strings.Contains(string(m.raw), s) {
					t.Errorf("no %q in %q", s, m.raw)
				}
			}
			for _, s := range tt.hasNot {
				if strings.Contains(string(m.raw), s) {
					t.Errorf("%q in %q", s, m.raw)
				}
			}
		})
	}
	if got := execute(t, &Sendmail{Args: []string{"--help"}}, ""); got.code != 0 || !strings.Contains(got.out, "-B TYPE") {
		t.Errorf("--help: %+v", got)
	}
	got := execute(t, &Sendmail{Args: []string{"-bs"}}, "EHLO me\r\nQUIT\r\n")
	if got.code != 0 || !strings.HasPrefix(got.out, "220 ") || !strings.Contains(got.out, "\r\n221 ") {
		t.Errorf("-bs: %+v", got)
	}
}

// TestRun runs real children against an instance that is not one.
func TestRun(t *testing.T) {
	expect := filepath.Join(t.TempDir(), "mail.yaml")
	if err := os.WriteFile(expect, []byte("where: {to: anna@x.test}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		script string
		mail   bool
		late   bool
		code   int
		report string
	}{
		{"passes", `test "$SMTP_USER:$CATCHPOST_SANDBOX:$MAIL_PORT" = "catchpost:default:$EMAIL_PORT"`, true, false, 0, "ok\n"},
		{"expectation fails", "true", false, false, 1, "FAIL a"},
		{"command fails", "exit 7", true, false, 7, "exit status 7"},
		{"killed by a signal", "kill -TERM $$", true, false, 128 + 15, "exit status 143"},
		{"late arrival", "true", true, true, 0, `"late"  LATE: came after the command had ended`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := newInstance(t)
			if tt.mail {
				in.add("shop@x.test", []string{"anna@x.test"}, []byte("Subject: ../x\r\n\r\n"))
			}
			if tt.late {
				close(in.lateness)
			}
			closed := false
			start := func(context.Context) (Instance, error) {
				return Instance{URL: in.URL, Close: func(context.Context) error { closed = true; return nil }}, nil
			}
			dir := filepath.Join(t.TempDir(), "artifacts")
			got := execute(t, &Run{Start: start, Expect: expect, Artifacts: dir, Command: []string{"sh", "-c", tt.script}}, "")
			if got.code != tt.code || !strings.Contains(got.err, tt.report) || !closed {
				t.Errorf("%+v, closed %v", got, closed)
			}
			for _, name := range []string{"report.txt", "report.json", "junit.xml", "transcripts/000000.000-smtp-s-1.txt"} {
				if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
					t.Error(err)
				}
			}
			if tt.mail {
				if _, err := os.Stat(filepath.Join(dir, "mail", "20261122T215301-id1-x.eml")); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestRunOnRunning uses a sandbox of a running instance and ends it.
func TestRunOnRunning(t *testing.T) {
	in := newInstance(t)
	got := execute(t, &Run{URL: in.URL, Command: []string{"sh", "-c", `echo "$SMTP_URL $CATCHPOST_TOKEN"`}}, "")
	want := "smtp://run-1:cp_1@" + in.smtpAddr + " cp_1\n"
	if got.code != 0 || got.out != want {
		t.Errorf("%+v, want %q", got, want)
	}
	if last := in.asked[len(in.asked)-1]; last != "DELETE /v1/sandboxes/run-1" {
		t.Errorf("last asked %s", last)
	}
}

func TestRunPassesSignalsOn(t *testing.T) {
	in := newInstance(t)
	start := func(context.Context) (Instance, error) {
		return Instance{URL: in.URL, Close: func(context.Context) error { return nil }}, nil
	}
	// The child asks its parent, this process, for a SIGTERM and says that it got it.
	script := `trap 'echo got it; exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.05; done`
	got := execute(t, &Run{Start: start, Command: []string{"sh", "-c", script}}, "")
	if got.code != 9 || got.out != "got it\n" {
		t.Errorf("%+v", got)
	}
}

// TestRunChecksExpectationsFirst: a mistake in the file shows before the
// command has run.
func TestRunChecksExpectationsFirst(t *testing.T) {
	expect := filepath.Join(t.TempDir(), "mail.yaml")
	for _, text := range []string{"whre: {}\n", "where: {subjet: x}\n", "within: 10\n", "count: 0\nwithin: 5s\n"} {
		if err := os.WriteFile(expect, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		start := func(context.Context) (Instance, error) {
			t.Error("it was started")
			return Instance{}, errors.New("no")
		}
		got := execute(t, &Run{Start: start, Expect: expect, Command: []string{"echo", "ran"}}, "")
		if got.code != ExitUsage || got.out != "" {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
