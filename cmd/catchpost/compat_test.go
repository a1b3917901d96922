package main_test

import (
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nodeScript runs a script of testdata beside the packages that it imports.
func nodeScript(t *testing.T, dir, script string, args ...string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, script), text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(need(t, "node", "nodejs"), append([]string{script}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
}

// TestMailpitClients: clients of Mailpit run unchanged against the binary.
func TestMailpitClients(t *testing.T) {
	clientTests(t)
	dir := nodePackages(t, "--legacy-peer-deps", "mailpit-api@2.1.0", "cypress-mailpit@2.0.0", "ws@8")
	p := start(t, t.TempDir())
	nodeScript(t, dir, "mailpit-api.mjs", p.url(""))
	commands, err := os.ReadFile(filepath.Join(dir, "node_modules", "cypress-mailpit", "dist", "src", "MailpitCommands.js"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "commands.mjs") // what Cypress bundles, node takes by its ending alone
	if err := os.WriteFile(file, commands, 0o600); err != nil {
		t.Fatal(err)
	}
	nodeScript(t, dir, "cypress-mailpit.mjs", file, p.url(""))
}

// TestMailHogClients: npm's mailhog and the commands of cypress-mailhog run unchanged
// under MailHog's own prefix, and with --compat mailhog.
func TestMailHogClients(t *testing.T) {
	clientTests(t)
	dir := nodePackages(t, "mailhog@4.16.0", "cypress-mailhog@2.5.0")
	cypress := filepath.Join(dir, "node_modules", "cypress-mailhog", "index.js")
	for _, c := range []struct {
		base string
		args []string
	}{{"/mailhog/api", nil}, {"/api", []string{"--compat", "mailhog"}}} {
		p := start(t, t.TempDir(), c.args...)
		fill := func() {
			sendMail(t, p, "anna@x.test", "From: shop@x.test\r\nTo: anna@x.test\r\nSubject: One\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"+
				"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<b>Gr=C3=BC=C3=9Fe</b>\r\n"+
				"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=\"a.txt\"\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n--b--\r\n")
			sendMail(t, p, "bob@x.test", "From: shop@x.test\r\nTo: bob@x.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe2?=\r\n"+
				"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nQ29kZSA0MiBmw7xyIGJvYg0K\r\n")
		}
		fill()
		nodeScript(t, dir, "mailhog.mjs", p.port("http"), c.base)
		p.delete(t, "/v1/messages?all=true")
		fill()
		nodeScript(t, dir, "cypress-mailhog.mjs", cypress, p.url(strings.TrimSuffix(c.base, "api")))
	}
}

func sendMail(t *testing.T, p *process, to, mail string) {
	t.Helper()
	if err := smtp.SendMail(p.addrs["smtp"], nil, "shop@x.test", []string{to}, []byte(strings.TrimSpace(mail)+"\r\n")); err != nil {
		t.Fatal(err)
	}
}
