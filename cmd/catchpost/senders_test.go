package main_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// target is a server as a client is told of it. TLS is "", "starttls" or
// "implicit"; ca is a PEM file; user "" is no AUTH.
type target struct {
	host, port, tls, ca, user, password string
}

func (a target) addr() string { return net.JoinHostPort(a.host, a.port) }

// senders are clients that deliver file (CRLF) with their default settings.
var senders = map[string]func(t *testing.T, to target, file string){
	"net/smtp":   sendNetSMTP,
	"swaks":      sendSwaks,
	"curl":       sendCurl,
	"msmtp":      sendMsmtp,
	"smtplib":    sendSmtplib,
	"nodemailer": sendNodemailer,
	"ruby":       sendRuby,
	"phpmailer":  sendPHPMailer,
}

// TestClientsDeliver sends in plain text with each client; what each one said
// after DATA comes back octet for octet.
func TestClientsDeliver(t *testing.T) {
	clientTests(t)
	all := map[string]func(t *testing.T, to target, file string){"smtp-source": sendSmtpSource}
	for name, send := range senders {
		all[name] = send
	}
	for name, send := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "")
			w := tap(t, p.addrs["smtp"])
			host, port, _ := net.SplitHostPort(w.ln.Addr().String())
			send(t, target{host: host, port: port}, mailFile(t))
			w.wg.Wait()
			p.sameAsSaid(t, w)
		})
	}
}

// TestClientsTLSAndAuth sends with each client over STARTTLS and in TLS with
// our CA, with and without AUTH, and with AUTH in plain text.
func TestClientsTLSAndAuth(t *testing.T) {
	clientTests(t)
	p := start(t, "")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, p.get(t, "/v1/ca.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	var sandbox struct{ Name, Token string }
	p.post(t, "/v1/sandboxes", `{"name": "clients"}`, &sandbox)
	file := mailFile(t)
	for name, send := range senders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, to := range []target{
				{port: p.port("smtp"), user: sandbox.Name, password: sandbox.Token},
				{port: p.port("submission"), tls: "starttls"},
				{port: p.port("submission"), tls: "starttls", user: sandbox.Name, password: sandbox.Token},
				{port: p.port("smtps"), tls: "implicit"},
				{port: p.port("smtps"), tls: "implicit", user: sandbox.Name, password: sandbox.Token},
			} {
				to.host, to.ca = "localhost", ca
				where := "default"
				if to.user != "" {
					where = "clients"
				}
				send(t, to, file)
				p.arrived(t, where, name, to)
			}
		})
	}
}

// arrived checks the newest message of a client: it is in the right sandbox,
// came through the right layer, and is deleted so that the next is the newest.
func (p *process) arrived(t *testing.T, sandbox, client string, to target) {
	t.Helper()
	domain := strings.ReplaceAll(client, "/", "-") + ".test"
	query := "sandbox=" + sandbox + "&reverse_path.suffix=@" + domain
	var m struct {
		ID       string
		Envelope struct {
			Protocol string
			AuthUser string `json:"auth_user"`
			TLS      *struct{ Version string }
		}
	}
	p.getJSON(t, "/v1/messages/latest?"+query, &m)
	want := "ESMTP"
	if to.tls != "" {
		want += "S"
	}
	if to.user != "" {
		want += "A"
	}
	if plainName(m.Envelope.Protocol) != want || m.Envelope.AuthUser != to.user || (m.Envelope.TLS != nil) != (to.tls != "") {
		t.Errorf("%s, %+v: the envelope says %+v; want protocol %s", client, to, m.Envelope, want)
	}
	p.delete(t, "/v1/messages?"+query)
}

// plainName is the name of a protocol without SMTPUTF8, which some clients ask
// for whenever it is offered (RFC 6531 §4.3).
func plainName(protocol string) string {
	return strings.NewReplacer("UTF8SMTP", "ESMTP", "UTF8LMTP", "LMTP").Replace(protocol)
}

func mailFile(t testing.TB) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mail.eml")
	if err := os.WriteFile(file, []byte(mailText), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func sendNetSMTP(t *testing.T, to target, _ string) {
	config := &tls.Config{ServerName: to.host, RootCAs: pool(t, to.ca)}
	if to.tls == "" {
		var auth smtp.Auth
		if to.user != "" {
			auth = smtp.PlainAuth("", to.user, to.password, to.host)
		}
		if err := smtp.SendMail(to.addr(), auth, "bounce@net-smtp.test", []string{"anna@x.test"}, []byte(mailText)); err != nil {
			t.Error(err)
		}
		return
	}
	conn, err := net.Dial("tcp", to.addr())
	if err != nil {
		t.Fatal(err)
	}
	if to.tls == "implicit" {
		conn = tls.Client(conn, config)
	}
	c, err := smtp.NewClient(conn, to.host)
	if err != nil {
		t.Fatal(err)
	}
	steps := []func() error{
		func() error {
			if to.tls == "starttls" {
				return c.StartTLS(config)
			}
			return nil
		},
		func() error {
			if to.user != "" {
				return c.Auth(smtp.PlainAuth("", to.user, to.password, to.host))
			}
			return nil
		},
		func() error { return c.Mail("bounce@net-smtp.test") },
		func() error { return c.Rcpt("anna@x.test") },
		func() error {
			w, err := c.Data()
			if err != nil {
				return err
			}
			if _, err := w.Write([]byte(mailText)); err != nil {
				return err
			}
			return w.Close()
		},
		c.Quit,
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
}

func pool(t testing.TB, file string) *x509.CertPool {
	t.Helper()
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(pem) {
		t.Fatal("no certificate in ca.pem")
	}
	return p
}

func sendSwaks(t *testing.T, to target, _ string) {
	args := []string{"--server", to.host, "--port", to.port, "--from", "bounce@swaks.test", "--to", "anna@x.test",
		"--header", "Subject: swaks was here", "--body", "line\n.\n..dots\n"}
	switch to.tls {
	case "starttls":
		args = append(args, "--tls", "--tls-verify", "--tls-ca-path", to.ca)
	case "implicit":
		args = append(args, "--tls-on-connect", "--tls-verify", "--tls-ca-path", to.ca)
	}
	if to.user != "" {
		args = append(args, "--auth", "--auth-user", to.user, "--auth-password", to.password)
	}
	command(t, "", need(t, "swaks", "swaks"), args...)
}

func sendCurl(t *testing.T, to target, file string) {
	scheme := "smtp"
	args := []string{"--silent", "--show-error", "--mail-from", "bounce@curl.test", "--mail-rcpt", "anna@x.test"}
	switch to.tls {
	case "starttls":
		args = append(args, "--ssl-reqd", "--cacert", to.ca)
	case "implicit":
		scheme = "smtps"
		args = append(args, "--cacert", to.ca)
	}
	if to.user != "" {
		args = append(args, "--user", to.user+":"+to.password)
	}
	curl := need(t, "curl", "curl")
	args = append(args, "--url", scheme+"://"+to.addr())
	command(t, "", curl, append(args, "--upload-file", file)...)
	// A file with bare LF, as every Unix editor writes it.
	bare := filepath.Join(t.TempDir(), "bare.eml")
	if err := os.WriteFile(bare, []byte(strings.ReplaceAll(mailText, "\r\n", "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, "", curl, append(args, "--upload-file", bare)...)
}

func sendMsmtp(t *testing.T, to target, _ string) {
	args := []string{"--file=/dev/null", "--host=" + to.host, "--port=" + to.port, "--from=bounce@msmtp.test"}
	if to.tls != "" {
		args = append(args, "--tls=on", "--tls-trust-file="+to.ca)
	}
	if to.tls == "implicit" {
		args = append(args, "--tls-starttls=off")
	}
	if to.user != "" {
		args = append(args, "--auth=plain", "--user="+to.user, "--passwordeval=echo "+to.password)
	}
	// msmtp reads --file for accounts only with one; the options stand alone.
	args = args[1:]
	command(t, strings.ReplaceAll(mailText, "\r\n", "\n"), need(t, "msmtp", "msmtp"), append(args, "anna@x.test")...)
}

func sendSmtplib(t *testing.T, to target, file string) {
	command(t, "", need(t, "python3", "python3"), "-c", `
import smtplib, ssl, sys
from email.message import EmailMessage
host, port, tls, ca, user, password, file = sys.argv[1:]
m = EmailMessage()
m["From"], m["To"], m["Subject"] = "Shop <hello@smtplib.test>", "anna@x.test", "Grüße"
m.set_content("Hallo\n.\n..zwei\n")
m.add_attachment(bytes(range(256)) * 40, maintype="application", subtype="octet-stream", filename="größe.bin")
context = ssl.create_default_context(cafile=ca) if ca else None
s = smtplib.SMTP_SSL(host, int(port), context=context) if tls == "implicit" else smtplib.SMTP(host, int(port))
with s:
    if tls == "starttls":
        s.starttls(context=context)
    if user:
        s.login(user, password)
    s.send_message(m)
    s.sendmail("bounce@smtplib.test", ["anna@x.test", "ben@x.test"], open(file, "rb").read())
`, to.host, to.port, to.tls, to.ca, to.user, to.password, file)
}

func sendNodemailer(t *testing.T, to target, _ string) {
	dir := nodePackages(t, "nodemailer@10.6.0")
	script := filepath.Join(dir, "send.js")
	source := fmt.Sprintf(`
const fs = require("fs");
const nodemailer = require("nodemailer");
const [host, port, tls, ca, user, pass] = %s;
const options = { host, port: Number(port), secure: tls === "implicit" };
if (tls === "starttls") options.requireTLS = true;
if (tls) options.tls = { ca: fs.readFileSync(ca) };
if (user) options.auth = { user, pass };
nodemailer.createTransport(options).sendMail({
  from: "Shop <hello@nodemailer.test>", to: "anna@x.test", bcc: "boss@x.test", subject: "Grüße ✓",
  text: "Hello\n.\n..dots\n", html: "<p>Hello <b>Anna</b></p>",
  attachments: [{ filename: "größe.txt", content: "x".repeat(5000) }],
}).then(() => process.exit(0), (e) => { console.error(e); process.exit(1); });
`, fmt.Sprintf("[%q, %q, %q, %q, %q, %q]", to.host, to.port, to.tls, to.ca, to.user, to.password))
	if err := os.WriteFile(script, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, "", "node", script)
}

func sendRuby(t *testing.T, to target, file string) {
	command(t, "", need(t, "ruby", "ruby"), "-e", `
require "net/smtp"
require "openssl"
host, port, tls, ca, user, password, file = ARGV
context = nil
if tls != ""
  context = OpenSSL::SSL::SSLContext.new
  context.ca_file = ca
  context.verify_mode = OpenSSL::SSL::VERIFY_PEER
end
smtp = Net::SMTP.new(host, port.to_i)
smtp.enable_starttls(context) if tls == "starttls"
smtp.enable_tls(context) if tls == "implicit"
args = user == "" ? ["localhost"] : ["localhost", user, password, :plain]
smtp.start(*args) { |s| s.send_message File.binread(file), "bounce@ruby.test", "anna@x.test" }
`, to.host, to.port, to.tls, to.ca, to.user, to.password, file)
}

func sendPHPMailer(t *testing.T, to target, _ string) {
	php := need(t, "php", "php-cli")
	const library = "/usr/share/php/libphp-phpmailer/autoload.php"
	if _, err := os.Stat(library); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("PHPMailer is missing: install the Debian package libphp-phpmailer")
		}
		t.Skip("PHPMailer is missing: install the Debian package libphp-phpmailer")
	}
	script := filepath.Join(t.TempDir(), "send.php")
	if err := os.WriteFile(script, []byte(`<?php
require "`+library+`";
[, $host, $port, $tls, $ca, $user, $password] = $argv;
$m = new PHPMailer\PHPMailer\PHPMailer(true);
$m->isSMTP();
$m->Host = $host;
$m->Port = (int)$port;
if ($tls === "starttls") $m->SMTPSecure = "tls";
if ($tls === "implicit") $m->SMTPSecure = "ssl";
if ($tls !== "") $m->SMTPOptions = ["ssl" => ["cafile" => $ca]];
if ($user !== "") { $m->SMTPAuth = true; $m->Username = $user; $m->Password = $password; }
$m->CharSet = "utf-8";
$m->setFrom("hello@phpmailer.test", "Shop");
$m->addAddress("anna@x.test", "Anna");
$m->Subject = "Grüße";
$m->isHTML(true);
$m->Body = "<p>Hallo</p>";
$m->AltBody = "Hallo\n.\n..zwei\n";
$m->addStringAttachment(str_repeat("x", 5000), "größe.txt");
$m->send();
`), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, "", php, script, to.host, to.port, to.tls, to.ca, to.user, to.password)
}

func sendSmtpSource(t *testing.T, to target, _ string) {
	command(t, "", need(t, "smtp-source", "postfix"), "-s", "4", "-m", "40", "-l", "3000", "-f", "bounce@source.test", "-t", "anna@x.test", to.addr())
}

// nodePackages installs npm packages into a folder of the test.
func nodePackages(t testing.TB, packages ...string) string {
	t.Helper()
	npm := need(t, "npm", "npm")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(npm, append([]string{"install", "--no-audit", "--no-fund", "--silent"}, packages...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm install %q: %v\n%s", packages, err, out)
	}
	return dir
}
