package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// goClients are programs in Go that speak Mailpit's or MailHog's API, in a module
// of their own (testdata/goclients), so that ours needs none of what they need.
type goClients struct {
	testing.TB
	dir string
}

func newGoClients(t testing.TB) *goClients {
	t.Helper()
	clientTests(t)
	g := &goClients{t, t.TempDir()}
	if err := os.CopyFS(g.dir, os.DirFS(filepath.Join("testdata", "goclients"))); err != nil {
		t.Fatal(err)
	}
	return g
}

// run runs the go command in the module and returns what it printed.
func (g *goClients) run(stdin string, args ...string) string {
	g.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stdin = g.dir, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		g.Fatalf("go %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestMailpitGoClients: the client that go-swagger makes of Mailpit's own document,
// and Mailpit's own commands that speak to an instance.
func TestMailpitGoClients(t *testing.T) {
	g := newGoClients(t)
	p := start(t, t.TempDir())
	document := filepath.Join(g.run("", "list", "-m", "-f", "{{.Dir}}", "github.com/axllent/mailpit"), "server", "ui", "api", "v1", "swagger.json")
	g.run("", "tool", "swagger", "generate", "client", "--quiet", "--spec", document, "--target", g.dir, "--name", "mailpit")
	address := strings.TrimPrefix(p.url(""), "http://")
	g.run("", "run", "./mailpit", address)

	g.run("From: shop@x.test\nTo: anna@x.test\nSubject: Dumped\n\nbody\n", "tool", "mailpit", "sendmail", "--smtp-addr", p.addrs["smtp"], "anna@x.test")
	g.run("", "tool", "mailpit", "readyz", "--listen", address)
	out := filepath.Join(t.TempDir(), "dump")
	g.run("", "tool", "mailpit", "dump", "--http", p.url(""), out)
	files, err := filepath.Glob(filepath.Join(out, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	eml, err := os.ReadFile(files[0])
	if err != nil || !strings.Contains(string(eml), "Subject: Dumped\r\n") {
		t.Errorf("%s, %v", eml, err)
	}
}

// TestMailHogGoClients: MailHog's own types take what we answer, and it is what
// MailHog's parser makes of the same mails; its sendmail sends.
func TestMailHogGoClients(t *testing.T) {
	g := newGoClients(t)
	for _, c := range []struct {
		base string
		args []string
	}{{"/mailhog/api", nil}, {"/api", []string{"--compat", "mailhog"}}} {
		p := start(t, t.TempDir(), c.args...)
		g.run("", "run", "./mailhog", p.addrs["smtp"], p.url(c.base))
		g.run("From: shop@x.test\nTo: anna@x.test\nSubject: By mhsendmail\n\nbody\n", "tool", "mhsendmail", "--smtp-addr="+p.addrs["smtp"], "anna@x.test")
		var got struct{ Total int }
		if p.getJSON(t, "/v1/messages?q=mhsendmail", &got); got.Total != 1 {
			t.Errorf("mhsendmail: %d messages", got.Total)
		}
	}
}
