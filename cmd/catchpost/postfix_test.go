package main_test

import (
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// postfixServices is a master.cf without chroots; %s is where smtpd listens.
const postfixServices = `
%s inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

// postfix runs Debian's Postfix from a folder of the test and returns where its
// SMTP server listens. It hands everything to transport.
func postfix(t *testing.T, transport, more string) (addr, log string) {
	t.Helper()
	program := need(t, "postfix", "postfix")
	if os.Getuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("Postfix needs root")
		}
		t.Skip("Postfix needs root")
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "catchpost-postfix-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	_ = ln.Close()
	uid, _ := strconv.Atoi(owner.Uid)
	for _, sub := range []string{"", "etc", "spool", "data"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil { //nolint:gosec // Postfix wants to read it
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the same
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(dir, "data"), uid, -1); err != nil {
		t.Fatal(err)
	}
	log = filepath.Join(dir, "maillog")
	config := fmt.Sprintf(`
compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
maillog_file = %[1]s/maillog
maillog_file_prefixes = %[1]s
mail_owner = postfix
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.test
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
default_transport = %[2]s
smtpd_relay_restrictions = permit_mynetworks, reject
%[3]s
`, dir, transport, more)
	etc := filepath.Join(dir, "etc")
	for name, text := range map[string]string{"main.cf": config, "master.cf": fmt.Sprintf(postfixServices, addr)} {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(text), 0o644); err != nil { //nolint:gosec // Postfix reads it as another user
			t.Fatal(err)
		}
	}
	if out, err := exec.Command(program, "-c", etc, "start").CombinedOutput(); err != nil {
		t.Fatalf("postfix start: %v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command(program, "-c", etc, "stop").Run() })
	return addr, log
}

// TestPostfixRelays lets Postfix relay to us by SMTP, by SMTP in TLS that it
// verifies with our CA, and by LMTP.
func TestPostfixRelays(t *testing.T) {
	clientTests(t)
	p := start(t, "", "--lmtp=127.0.0.1:0")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, p.get(t, "/v1/ca.pem"), 0o644); err != nil { //nolint:gosec // Postfix reads it as another user
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(ca), 0o755); err != nil { //nolint:gosec // the same
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ transport, more, origin, protocol string }{
		"smtp":     {"smtp:[127.0.0.1]:" + p.port("smtp"), "", "smtp", "ESMTP"},
		"starttls": {"smtp:[127.0.0.1]:" + p.port("submission"), "smtp_tls_security_level = encrypt", "smtp", "ESMTPS"},
		"lmtp":     {"lmtp:inet:127.0.0.1:" + p.port("lmtp"), "", "lmtp", "LMTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, log := postfix(t, tt.transport, tt.more)
			to := []string{"one@" + name + ".test", "two@" + name + ".test"}
			for deadline := time.Now().Add(20 * time.Second); ; {
				err := smtp.SendMail(addr, nil, "sender@"+name+"-relay.test", to, []byte(mailText))
				if err == nil {
					break
				}
				if time.Now().After(deadline) {
					said, _ := os.ReadFile(log)
					t.Fatalf("postfix takes no mail: %v\n%s", err, said)
				}
				time.Sleep(100 * time.Millisecond) //nolint:forbidigo // waiting for another program to listen
			}
			var m struct {
				Origin       string
				ForwardPaths []string `json:"forward_paths"`
				Envelope     struct{ Protocol string }
			}
			resp := p.get(t, "/v1/messages?wait=60s&forward_paths="+to[0])
			if !strings.Contains(string(resp), `"total":1`) {
				said, _ := os.ReadFile(log)
				t.Fatalf("nothing arrived: %s\n%s", resp, said)
			}
			p.getJSON(t, "/v1/messages/latest?forward_paths="+to[0], &m)
			if m.Origin != tt.origin || len(m.ForwardPaths) != 2 || plainName(m.Envelope.Protocol) != tt.protocol {
				t.Errorf("%+v", m)
			}
		})
	}
}
