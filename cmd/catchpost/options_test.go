package main_test

import (
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOptions reads options from the environment and from a file, and refuses
// what they do not know; README's reference is checked by make check-generated.
func TestOptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := filepath.Join(dir, "catchpost.yaml")
	if err := os.WriteFile(config, []byte("max-message-size: 1KiB\nsmtp:\n  - 127.0.0.1:0\n  - unix:"+filepath.Join(dir, "smtp.sock")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "", "--smtp=127.0.0.1:0", "--smtp=unix:"+filepath.Join(dir, "other.sock"), "--config="+config)
	if !strings.Contains(p.out.String(), filepath.Join(dir, "other.sock")) {
		t.Errorf("the socket is not in the banner:\n%s", p.out)
	}
	big := strings.Repeat("x", 5000)
	if _, errs, code := run(t, nil, "send", "--server", p.addrs["smtp"], "--from", "a@x.test", "--to", "b@x.test", "--text", big); code == 0 || !strings.Contains(errs, "552") {
		t.Errorf("a message over the file's max-message-size: status %d, %q", code, errs)
	}
	for name, tt := range map[string]struct {
		env  []string
		args []string
		want string
	}{
		"unknown key":   {nil, []string{"serve", "--config", write(t, "smpt: off\n")}, `"smpt" is no option`},
		"unknown flag":  {nil, []string{"serve", "--smpt=off"}, "--smpt"},
		"bad size":      {nil, []string{"serve", "--max-message-size=big"}, "not a size"},
		"bad variable":  {[]string{"CATCHPOST_MAX_ERRORS=many"}, []string{"serve"}, "max-errors"},
		"bad listener":  {nil, append([]string{"serve", "--data=:memory:"}, append(freePorts[1:], "--smtp=1025")...), "not HOST:PORT"},
		"lonely cert":   {nil, append([]string{"serve", "--data=:memory:", "--tls-cert=" + config}, freePorts...), "go together"},
		"bad advertise": {nil, append([]string{"serve", "--data=:memory:", "--advertise=smtp"}, freePorts...), "NAME=HOST:PORT"},
	} {
		_, errs, code := run(t, tt.env, tt.args...)
		if code == 0 || !strings.Contains(errs, tt.want) || strings.Count(strings.TrimSpace(errs), "\n") != 0 {
			t.Errorf("%s: status %d, want one line with %q:\n%s", name, code, tt.want, errs)
		}
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "catchpost.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestForeignVariables names our option for each variable of Mailpit and MailHog.
func TestForeignVariables(t *testing.T) {
	t.Setenv("MP_SMTP_BIND_ADDR", "0.0.0.0:1025")
	t.Setenv("MH_UNHEARD_OF", "1")
	p := start(t, "")
	for _, want := range []string{"MP_SMTP_BIND_ADDR", "--smtp", "MH_UNHEARD_OF"} {
		if !strings.Contains(p.out.String(), want) {
			t.Errorf("%s is not named:\n%s", want, p.out)
		}
	}
}

// TestMailpitVariables: with --compat mailpit its variables act, and a mail brings
// its tags; without it they are named alone, and nothing is tagged.
func TestMailpitVariables(t *testing.T) {
	t.Setenv("MP_SMTP_AUTH", "app:secret other:word")
	t.Setenv("MP_TAGS_DISABLE", "plus-addresses")
	t.Setenv("MP_TAGS_USERNAME", "true")
	t.Setenv("MP_SMTP_RELAY_HOST", "smarthost.test")
	t.Setenv("MP_ALLOWED_HOSTS", "mail.test")
	const mail = "From: shop@x.test\r\nTo: anna+news@x.test\r\nX-Tags: Red, two words\r\nSubject: s\r\n\r\nbody\r\n"
	tags := func(p *process) (got []string) {
		var page struct{ Messages []struct{ Tags []string } }
		p.getJSON(t, "/v1/messages", &page)
		for _, m := range page.Messages {
			got = append(got, m.Tags...)
		}
		return got
	}
	p := start(t, "", "--compat", "mailpit")
	if err := smtp.SendMail(p.addrs["smtp"], nil, "shop@x.test", []string{"anna+news@x.test"}, []byte(mail)); err == nil || !strings.HasPrefix(err.Error(), "530") {
		t.Errorf("without a login: %v, want 530", err)
	}
	if err := smtp.SendMail(p.addrs["smtp"], smtp.PlainAuth("", "app", "word", "127.0.0.1"), "shop@x.test", []string{"anna+news@x.test"}, []byte(mail)); err == nil || !strings.HasPrefix(err.Error(), "535") {
		t.Errorf("another's password: %v, want 535", err)
	}
	if err := smtp.SendMail(p.addrs["smtp"], smtp.PlainAuth("", "app", "secret", "127.0.0.1"), "shop@x.test", []string{"anna+news@x.test"}, []byte(mail)); err != nil {
		t.Fatal(err)
	}
	if got := tags(p); !slices.Equal(got, []string{"Red", "two words", "app"}) {
		t.Errorf("tags %q", got)
	}
	var webui struct{ MessageRelay struct{ Enabled bool } }
	if p.getJSON(t, "/api/v1/webui", &webui); !webui.MessageRelay.Enabled {
		t.Error("MP_SMTP_RELAY_HOST turns no relay on")
	}
	req, err := http.NewRequest("GET", p.url("/v1/messages"), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "mail.test"
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("MP_ALLOWED_HOSTS: %s", res.Status)
	}

	p = start(t, "")
	sendMail(t, p, "anna+news@x.test", mail)
	if got := tags(p); len(got) > 0 {
		t.Errorf("tags %q without --compat", got)
	}
	if !strings.Contains(p.out.String(), "MP_SMTP_AUTH is not read") {
		t.Errorf("%s", p.out)
	}
}

// TestVariableThatCannotBeTaken names the variable and says what to do.
func TestVariableThatCannotBeTaken(t *testing.T) {
	for name, value := range map[string]string{
		"MP_SMTP_RELAY_ALLOWED_RECIPIENTS": `@x\.test$`, "MP_TAGS_DISABLE": "all", "MP_SMTP_RELAY_TLS": "true", "MP_SMTP_AUTH": "nobody",
	} {
		t.Run(name, func(t *testing.T) {
			if _, out, code := run(t, []string{name + "=" + value}, "serve", "--compat", "mailpit", "--data", ":memory:"); code == 0 || !strings.Contains(out, name+" (here ") {
				t.Errorf("exit %d: %s", code, out)
			}
		})
	}
}
