package main_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catchpost/catchpost/internal/tlsca"
)

// nameServer answers that 127.0.0.1 is every domain's mail host, but for
// slow.test, whose host is 127.0.0.2.
func nameServer(t *testing.T) string {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, in *dns.Msg) {
		out := new(dns.Msg).SetReply(in)
		q := in.Question[0]
		h := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 60}
		switch q.Qtype {
		case dns.TypeMX:
			out.Answer = []dns.RR{&dns.MX{Hdr: h, Preference: 10, Mx: "mx." + q.Name}}
		case dns.TypeA:
			ip := net.IPv4(127, 0, 0, 1)
			if strings.HasSuffix(q.Name, "slow.test.") {
				ip = net.IPv4(127, 0, 0, 2)
			}
			out.Answer = []dns.RR{&dns.A{Hdr: h, A: ip}}
		}
		_ = w.WriteMsg(out)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = pc.Close() })
	return pc.LocalAddr().String()
}

// certificateFiles are a certificate and its key, PEM, readable by the servers.
func certificateFiles(t *testing.T) (cert, key string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "catchpost-relay-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the servers read it as other users
		t.Fatal(err)
	}
	ca, err := tlsca.New("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var chain []byte
	for _, der := range pair.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, text := range map[string][]byte{cert: chain, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})} {
		if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // a key for this test
			t.Fatal(err)
		}
	}
	return cert, key
}

// exim runs Debian's Exim from a folder of the test; it hands everything to
// port on 127.0.0.1.
func exim(t *testing.T, port, cert, key string) (addr string, log func() string) {
	t.Helper()
	program := need(t, "exim4", "exim4-daemon-light")
	if os.Getuid() != 0 {
		t.Skip("Exim needs root")
	}
	dir := filepath.Dir(cert)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	_, own, _ := net.SplitHostPort(addr)
	_ = ln.Close()
	config := fmt.Sprintf(`
primary_hostname = exim.test
spool_directory = %[1]s/spool
log_file_path = %[1]s/%%slog
pid_file_path = %[1]s/exim.pid
exim_user = Debian-exim
local_interfaces = 127.0.0.1
daemon_smtp_ports = %[2]s
tls_advertise_hosts = *
tls_certificate = %[3]s
tls_privatekey = %[4]s
acl_smtp_rcpt = take
host_lookup =
rfc1413_hosts =
deliver_drop_privilege = true
keep_environment =
begin acl
take:
  accept hosts = 127.0.0.1
begin routers
on:
  driver = manualroute
  domains = *
  transport = out
  route_list = * 127.0.0.1
  self = send
begin transports
out:
  driver = smtp
  port = %[5]s
  allow_localhost
begin retry
* * F,1h,1m
`, dir, own, cert, key, port)
	file := filepath.Join(dir, "exim.conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil { //nolint:gosec // Exim reads it as another user
		t.Fatal(err)
	}
	for _, sub := range []string{"", "spool"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil { //nolint:gosec // the same
			t.Fatal(err)
		}
		if out, err := exec.Command("chown", "Debian-exim", filepath.Join(dir, sub)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	daemon := exec.Command(program, "-C", file, "-bdf", "-q1m")
	out := &syncBuffer{}
	daemon.Stdout, daemon.Stderr = out, out
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	})
	return addr, func() string {
		said, _ := os.ReadFile(filepath.Join(dir, "mainlog"))
		bad, _ := os.ReadFile(filepath.Join(dir, "paniclog"))
		return out.String() + string(said) + string(bad)
	}
}

// TestMailServersTakeWhatWeRelay relays by MX, in TLS, to Debian's Postfix and
// Exim, which hand it on to a second instance.
func TestMailServersTakeWhatWeRelay(t *testing.T) {
	clientTests(t)
	dns := nameServer(t)
	for _, name := range []string{"postfix", "exim4"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := start(t, "")
			cert, key := certificateFiles(t)
			var addr string
			var said func() string
			if name == "postfix" {
				var file string
				addr, file = postfix(t, "smtp:[127.0.0.1]:"+world.port("smtp"), "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = "+cert+"\nsmtpd_tls_key_file = "+key)
				said = func() string { b, _ := os.ReadFile(file); return string(b) }
			} else {
				addr, said = exim(t, world.port("smtp"), cert, key)
			}
			answers(t, addr, said)
			_, port, _ := net.SplitHostPort(addr)
			p := start(t, "", "--relay", "--relay-allow=*.test", "--relay-deny=no.test", "--relay-private", "--dns="+dns, "--relay-port="+port, "--hostname=relay.example")
			to := []string{"one@a.test", "two@a.test", "three@b.test", "four@no.test"}
			if err := smtp.SendMail(p.addrs["smtp"], nil, "sender@here.test", to, []byte(mailText)); err != nil {
				t.Fatal(err)
			}
			for body, want := range map[string]int{
				"": http.StatusForbidden, // because of no.test: nothing leaves
				`{"to":["` + strings.Join(to[:3], `","`) + `"]}`: http.StatusAccepted,
			} {
				resp, err := http.Post("http://"+p.addrs["http"]+"/v1/messages/latest/relay?wait=10s", "application/json", strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				if resp.StatusCode != want {
					t.Errorf("%s: status %d", body, resp.StatusCode)
				}
			}
			for _, path := range to[:3] {
				var list struct {
					Messages []struct {
						Headers []struct{ Name, Value string }
					}
				}
				p := "/v1/messages?wait=60s&include=headers&forward_paths=" + path
				if world.getJSON(t, p, &list); len(list.Messages) == 0 {
					t.Fatalf("%s did not arrive\n%s", path, said())
				}
				if ours, tls := traces(list.Messages[0].Headers); !ours || !tls {
					t.Errorf("%s: %+v", path, list.Messages[0].Headers)
				}
			}
			var queue struct {
				Entries []struct {
					State    string
					Attempts []struct {
						TLS *struct{ Version string }
					}
				}
			}
			p.getJSON(t, "/v1/queue?state=relayed", &queue)
			for _, e := range queue.Entries {
				if e.Attempts[0].TLS == nil || e.Attempts[0].TLS.Version != "TLS 1.3" {
					t.Errorf("%+v", e)
				}
			}
			if len(queue.Entries) != 3 {
				t.Errorf("%d relayed", len(queue.Entries))
			}
		})
	}
}

// traces finds our trace field, and the server's, which names TLS.
func traces(headers []struct{ Name, Value string }) (ours, tls bool) {
	for _, h := range headers {
		if h.Name == "Received" {
			ours = ours || strings.Contains(h.Value, "by relay.example with ")
			tls = tls || strings.Contains(strings.ToLower(h.Value), "with esmtps")
		}
	}
	return ours, tls
}

// answers waits until a server of another program greets.
func answers(t *testing.T, addr string, said func() string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		if c, err := smtp.Dial(addr); err == nil {
			_ = c.Quit()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s takes no mail\n%s", addr, said())
		}
		time.Sleep(100 * time.Millisecond) //nolint:forbidigo // waiting for another program to listen
	}
}
