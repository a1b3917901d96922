package main_test

import (
	"os"
	"path/filepath"
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
