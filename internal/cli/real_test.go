package cli_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/program"
)

// TestAgainstInstance walks through the commands as a pipeline would, parsed by
// the real command line and answered by a real instance.
func TestAgainstInstance(t *testing.T) {
	in, err := program.StartEphemeral(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		in.Shutdown(ctx)
	})
	t.Setenv("CATCHPOST_URL", "http://"+in.Addr("http"))
	t.Setenv("CATCHPOST_SMTP_SERVER", in.Addr("smtp"))
	dir := t.TempDir()
	box, expect := filepath.Join(dir, "out.mbox"), filepath.Join(dir, "mail.yaml")
	if err := os.WriteFile(expect, []byte("- {name: code, where: {to: anna@x.test}, count: 1, expect: [{codes.code: '482913'}]}\n- {name: none, where: {to: ben@x.test}, count: 0}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		args  string
		stdin string
		code  int
		want  string // in the output
	}{
		{"ready --wait 5s", "", 0, "ready: "},
		{"wait to=anna@x.test --within 50ms", "", 1, ""},
		{"send --from shop@x.test --to anna@x.test --subject Hello --text -", "Your code is 482 913.\nhttps://shop.test/verify?t=1\n", 0, "queued as "},
		{"wait to=anna@x.test --within 10s", "", 0, "Hello\n"},
		{"wait to=anna@x.test --within 10s --json", "", 0, `"subject": "Hello"`},
		{"get latest to=anna@x.test --wait 10s --code", "", 0, "482913\n"},
		{"get --link", "", 0, "https://shop.test/verify?t=1\n"},
		{"get --transcript", "", 0, "RCPT TO:<anna@x.test>"},
		{"get --headers", "", 0, "Subject: Hello\n"},
		{"get --json subject=Hello", "", 0, `"reasons"`},
		{"get subject=Other", "", 1, ""},
		{"assert -f " + expect, "", 0, "2 of 2 assertions passed"},
		{"assert to=anna@x.test --count 0", "", 1, "FAIL"},
		{"assert nosuch=1", "", 2, ""},
		{"sendmail -t -i -f app@x.test", "To: carl@x.test\nBcc: dora@x.test\nSubject: job\n\n.\nend\n", 0, ""},
		{"assert forward_paths=dora@x.test -e headers.bcc.exists=false -e body=end", "", 0, "PASS"},
		{"export --format mbox " + box + " subject=job", "", 0, ""},
		{"import " + box, "", 0, "imported 1 messages"},
		{"assert origin=import subject=job --count 1 -e reverse_path=app@x.test", "", 0, "PASS"},
		{"import -", "From dave@x.test Sun Nov 22 21:53:07 2020\nFrom: other@x.test\nTo: anna@x.test\nSubject: old\n\nx\n", 0, "imported 1 messages"},
		{"assert subject=old --count 1 -e reverse_path=dave@x.test -e received_at.lt=2020-11-22T21:53:08Z -e received_at.gt=2020-11-22T21:53:06Z", "", 0, "PASS"},
		{"export --format mbox - subject=old", "", 0, "From dave@x.test Sun Nov 22 21:53:07 2020\nFrom: other@x.test\n"},
		{"get --url http://127.0.0.1:1", "", 3, ""},
		{"wait --nosuch", "", 2, ""},
	}
	for _, s := range steps {
		var out, errs bytes.Buffer
		code := program.Main(t.Context(), append([]string{"catchpost"}, strings.Fields(s.args)...), strings.NewReader(s.stdin), &out, &errs)
		if code != s.code || !strings.Contains(out.String(), s.want) {
			t.Fatalf("catchpost %s: exit status %d\n%s%s", s.args, code, out.String(), errs.String())
		}
	}
}

// TestRunWhole runs a child against an instance of its own.
func TestRunWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "artifacts")
	var out, errs bytes.Buffer
	code := program.Main(t.Context(), []string{"catchpost", "run", "--artifacts", dir, "--", "sh", "-c", "test -n \"$SMTP_PORT\" && exit 3"},
		strings.NewReader(""), &out, &errs)
	if code != 3 || !strings.Contains(errs.String(), "exit status 3") {
		t.Errorf("exit status %d\n%s%s", code, out.String(), errs.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "report.json")); err != nil {
		t.Error(err)
	}
}

// TestQueueCommands walks through the queue of an instance that lets little out.
func TestQueueCommands(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0") // the smarthost: nobody answers there
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	in, err := program.StartEphemeral(t.Context(), func(o *program.Options) {
		o.Relay.Relay, o.Relay.Allow, o.Relay.Smarthost = true, []string{"allowed.test"}, "smtp://"+nobody.Addr().String()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		in.Shutdown(ctx)
	})
	t.Setenv("CATCHPOST_URL", "http://"+in.Addr("http"))
	put, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+in.Addr("http")+"/v1/relay/rules", strings.NewReader(`{"rules":[{"filter":{},"action":"relay"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	put.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(put)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	resp, err = http.Post("http://"+in.Addr("http")+"/v1/messages", "application/json", strings.NewReader(`{"from":"a@x.test","to":["b@allowed.test","c@refused.test"],"subject":"hi","text":"there"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	resp, err = http.Post("http://"+in.Addr("http")+"/v1/messages/latest/relay", "", nil)
	if err != nil || resp.StatusCode != http.StatusForbidden {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	id := ""
	run := func(args string, code int, want ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		got := program.Main(t.Context(), append([]string{"catchpost"}, strings.Fields(args)...), strings.NewReader(""), &out, &errs)
		for _, w := range want {
			if !strings.Contains(out.String()+errs.String(), w) {
				got = -1
			}
		}
		if got != code {
			t.Fatalf("catchpost %s: exit status %d, want %q\n%s%s", args, got, want, out.String(), errs.String())
		}
		return out.String()
	}
	for line := range strings.Lines(run("queue", 0, "<b@allowed.test>", "<c@refused.test>", "not allowed", "2 entries")) {
		if strings.Contains(line, "b@allowed.test") {
			id, _, _ = strings.Cut(line, " ")
		}
	}
	run("queue list --state held", 0, "c@refused.test", "1 entries")
	run("queue --domain allowed.test --json", 0, `"forward_path":"b@allowed.test"`)
	run("queue hold "+id, 0, "held", "hold: 1 of 1 entries")
	run("queue retry "+id, 2, "cannot be retried")
	run("queue release --all", 3, "queued", "c@refused.test may not leave", "release: 1 of 2 entries")
	run("queue show "+id, 0, "message ", "b@allowed.test")
	run("queue show "+id+" --json", 0, `"attempts"`)
	run("queue cancel --all", 0, "cancel: 2 of 2 entries")
	run("queue", 0, "The queue is empty.")
	run("queue --all", 0, "cancelled", "2 entries")
	run("queue cancel", 2, "--all")
	run("queue show never", 3)
}
