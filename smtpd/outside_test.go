package smtpd

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/tlsca"
)

const outsideMail = "From: a@x.test\r\nTo: anna@x.test\r\nSubject: outside\r\nDate: Mon, 23 Nov 2026 04:00:00 +0000\r\nMessage-ID: <1@x.test>\r\n\r\n.dots\r\n..two\r\n\r\nend\r\n"

// TestOutsidePrograms lets programs of others deliver as they do by default: in
// the clear, over STARTTLS and over TLS, with our CA, with and without a login.
func TestOutsidePrograms(t *testing.T) {
	if os.Getenv("CATCHPOST_CLIENTS") == "" {
		t.Skip("CATCHPOST_CLIENTS is not set")
	}
	dir := t.TempDir()
	crlf, lf, caFile := filepath.Join(dir, "crlf.eml"), filepath.Join(dir, "lf.eml"), filepath.Join(dir, "ca.pem")
	ca, err := tlsca.New()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, octets []byte) {
		if err := os.WriteFile(name, octets, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(crlf, []byte(outsideMail))
	write(lf, []byte(strings.ReplaceAll(outsideMail, "\r\n", "\n")))
	write(caFile, ca.PEM())
	python := func(lines ...string) []string {
		return []string{"python3", "-c", "import smtplib,ssl,sys\nm=open('" + lf + "').read()\n" + strings.Join(lines, "\n")}
	}
	const deliver = "s.sendmail('a@x.test',['anna@x.test'],m); s.quit()"
	for name, tt := range map[string]struct {
		mode string // "", starttls or tls
		args func(host, port string) []string
		want string // of the stored octets; exactly, or "" for the program's own
	}{
		"python": {"", func(h, p string) []string { return python("s=smtplib.SMTP('"+h+"',"+p+")", deliver) }, outsideMail},
		"python starttls": {"starttls", func(h, p string) []string {
			return python("s=smtplib.SMTP('localhost',"+p+")", "s.starttls(context=ssl.create_default_context(cafile='"+caFile+"'))", "s.login('app','secret')", deliver)
		}, outsideMail},
		"python tls": {"tls", func(h, p string) []string {
			return python("s=smtplib.SMTP_SSL('localhost',"+p+",context=ssl.create_default_context(cafile='"+caFile+"'))", "s.login('app','secret')", deliver)
		}, outsideMail},
		"python cram": {"", func(h, p string) []string {
			return python("s=smtplib.SMTP('"+h+"',"+p+"); s.ehlo()", "s.user,s.password='app','secret'", "s.auth('CRAM-MD5',s.auth_cram_md5)", deliver)
		}, outsideMail},
		"python lmtp": {"lmtp", func(h, p string) []string { return python("s=smtplib.LMTP('"+h+"',"+p+")", deliver) }, outsideMail},
		"curl": {"", func(h, p string) []string {
			return []string{"curl", "-sS", "smtp://" + h + ":" + p, "--mail-from", "a@x.test", "--mail-rcpt", "anna@x.test", "-T", crlf}
		}, outsideMail},
		"curl LF": {"", func(h, p string) []string {
			return []string{"curl", "-sS", "smtp://" + h + ":" + p, "--mail-from", "a@x.test", "--mail-rcpt", "anna@x.test", "-T", lf}
		}, "*"},
		"curl starttls": {"starttls", func(h, p string) []string {
			return []string{"curl", "-sS", "--ssl-reqd", "--cacert", caFile, "-u", "app:secret", "smtp://localhost:" + p, "--mail-from", "a@x.test", "--mail-rcpt", "anna@x.test", "-T", crlf}
		}, outsideMail},
		"curl tls": {"tls", func(h, p string) []string {
			return []string{"curl", "-sS", "--cacert", caFile, "-u", "app:secret", "smtps://localhost:" + p, "--mail-from", "a@x.test", "--mail-rcpt", "anna@x.test", "-T", crlf}
		}, outsideMail},
		"swaks": {"", func(h, p string) []string {
			return []string{"swaks", "--server", h + ":" + p, "--from", "a@x.test", "--to", "anna@x.test", "--data", "@" + lf}
		}, "*"},
		"swaks tls": {"starttls", func(h, p string) []string {
			return []string{"swaks", "--server", h + ":" + p, "-tls", "--auth", "PLAIN", "-au", "app", "-ap", "secret", "--from", "a@x.test", "--to", "anna@x.test"}
		}, "*"},
		"msmtp": {"", func(h, p string) []string {
			return []string{"sh", "-c", "msmtp --host=" + h + " --port=" + p + " --from=a@x.test anna@x.test < " + lf}
		}, outsideMail},
		"msmtp tls": {"tls", func(h, p string) []string {
			return []string{"sh", "-c", "msmtp --host=localhost --port=" + p + " --tls=on --tls-starttls=off --tls-trust-file=" + caFile + " --from=a@x.test anna@x.test < " + lf}
		}, outsideMail},
		"smtp-source": {"", func(h, p string) []string {
			return []string{"smtp-source", "-m", "10", "-s", "2", "-f", "a@x.test", "-t", "anna@x.test", h + ":" + p}
		}, "*"},
		"lmtp-source": {"lmtp", func(h, p string) []string {
			return []string{"smtp-source", "-L", "-m", "3", "-f", "a@x.test", "-t", "anna@x.test", h + ":" + p}
		}, "*"},
		"go net/smtp": {"", func(h, p string) []string { return nil }, outsideMail},
		"ruby": {"", func(h, p string) []string {
			return []string{"ruby", "-rnet/smtp", "-e", "Net::SMTP.start('" + h + "'," + p + "){|s| s.send_message(File.binread('" + lf + "'),'a@x.test','anna@x.test')}"}
		}, outsideMail},
	} {
		t.Run(name, func(t *testing.T) {
			st := openStore(t)
			cfg := Config{Backend: st}
			if tt.mode == "starttls" || tt.mode == "tls" {
				cfg.TLS = ca.ServerConfig()
			}
			if tt.mode == "lmtp" {
				cfg.Mode = LMTP
			}
			addr := start(t, cfg, tt.mode == "tls")
			host, port, _ := net.SplitHostPort(addr)
			args := tt.args(host, port)
			if args == nil {
				sendByNetSMTP(t, addr)
			} else {
				runProgram(t, args)
			}
			if got := st.raw(t); tt.want != "*" && got != tt.want {
				t.Errorf("stored %q", got)
			}
		})
	}
}

func runProgram(t *testing.T, args []string) {
	t.Helper()
	program := args[0]
	if program == "sh" {
		program = strings.Fields(args[2])[0]
	}
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", program)
		}
		t.Skipf("%s is not installed", program)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}
