package cli

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Server names the SMTP server that mail is handed to.
type Server struct {
	Server   string `env:"CATCHPOST_SMTP_SERVER" default:"127.0.0.1:1025" placeholder:"HOST:PORT" help:"SMTP server (${default})."`
	User     string `env:"CATCHPOST_SMTP_USER" placeholder:"NAME" help:"Log in as this user: a sandbox's name."`
	Password string `env:"CATCHPOST_SMTP_PASSWORD" placeholder:"TOKEN" help:"Password: the sandbox's token."`
	TLS      bool   `name:"tls" env:"-" xor:"tls" help:"Speak TLS from the start (port 1465)."`
	StartTLS bool   `name:"starttls" env:"-" xor:"tls" help:"Begin TLS by STARTTLS (port 1587)."`
	CA       string `name:"ca" env:"-" type:"path" placeholder:"FILE" help:"Certificates to trust, PEM; an instance gives its own at /v1/ca.pem."`
	Insecure bool   `env:"-" help:"Accept any certificate."`
	HELO     string `name:"helo" env:"-" default:"localhost" placeholder:"NAME" help:"Name to greet with (${default})."`
}

const dialTimeout = 15 * time.Second

// dial opens a connection to the server, in TLS if that is asked for.
func (o *Server) dial(ctx context.Context) (net.Conn, error) {
	addr := o.Server
	if _, _, err := net.SplitHostPort(addr); err != nil {
		addr = net.JoinHostPort(strings.Trim(addr, "[]"), "1025")
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	d := net.Dialer{}
	if !o.TLS {
		conn, err := d.DialContext(ctx, "tcp", addr)
		return conn, unreachable(addr, err)
	}
	config, err := o.tlsConfig(addr)
	if err != nil {
		return nil, err
	}
	conn, err := (&tls.Dialer{NetDialer: &d, Config: config}).DialContext(ctx, "tcp", addr)
	return conn, unreachable(addr, err)
}

func unreachable(addr string, err error) error {
	if err == nil {
		return nil
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		err = op.Err
	}
	return &ExitError{ExitUnreachable, fmt.Errorf("cannot reach the SMTP server at %s: %w", addr, err)}
}

func (o *Server) tlsConfig(addr string) (*tls.Config, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	config := &tls.Config{ServerName: host, InsecureSkipVerify: o.Insecure}
	if o.CA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(o.CA)
	if err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, usage("--ca: no certificate in %s", o.CA)
	}
	return config, nil
}

// open dials, greets and logs in.
func (o *Server) open(ctx context.Context) (*smtp.Client, error) {
	conn, err := o.dial(ctx)
	if err != nil {
		return nil, err
	}
	var c *smtp.Client
	if o.StartTLS {
		config, err := o.tlsConfig(o.Server)
		if err != nil {
			_ = conn.Close()
			return nil, err
		}
		if c, err = smtp.NewClientStartTLS(conn, config); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("STARTTLS: %w", err)
		}
	} else {
		c = smtp.NewClient(conn)
	}
	if err := o.greet(c); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

func (o *Server) greet(c *smtp.Client) error {
	if !o.StartTLS { // NewClientStartTLS has said EHLO
		if err := c.Hello(o.HELO); err != nil {
			return fmt.Errorf("EHLO: %w", err)
		}
	}
	if o.User == "" {
		return nil
	}
	if err := c.Auth(sasl.NewPlainClient("", o.User, o.Password)); err != nil {
		return fmt.Errorf("AUTH: %w", err)
	}
	return nil
}

// envelope is what is said in MAIL and RCPT.
type envelope struct {
	from string
	to   []string
	body string // BODY=, "" for what the octets need
}

// deliver sends one message and returns the server's last reply.
func (o *Server) deliver(ctx context.Context, env envelope, raw []byte) (string, error) {
	c, err := o.open(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	opts := &smtp.MailOptions{Size: int64(len(raw))}
	if has(c, "8BITMIME") && (env.body == "8BITMIME" || env.body == "" && eightBit(raw)) {
		opts.Body = smtp.Body8BitMIME
	}
	if has(c, "SMTPUTF8") && (!ascii(env.from) || !ascii(strings.Join(env.to, ""))) {
		opts.UTF8 = true
	}
	if err := c.Mail(env.from, opts); err != nil {
		return "", fmt.Errorf("MAIL FROM:<%s>: %w", env.from, err)
	}
	for _, to := range env.to {
		if err := c.Rcpt(to, nil); err != nil {
			return "", fmt.Errorf("RCPT TO:<%s>: %w", to, err)
		}
	}
	w, err := c.Data()
	if err != nil {
		return "", fmt.Errorf("DATA: %w", err)
	}
	if _, err := w.Write(raw); err != nil {
		return "", fmt.Errorf("DATA: %w", err)
	}
	resp, err := w.CloseWithResponse()
	if err != nil {
		return "", fmt.Errorf("after DATA: %w", err)
	}
	_ = c.Quit() // the message is taken
	return resp.StatusText, nil
}

func has(c *smtp.Client, extension string) bool {
	ok, _ := c.Extension(extension)
	return ok
}

func eightBit(b []byte) bool { return bytes.ContainsFunc(b, func(r rune) bool { return r >= 0x80 }) }

func ascii(s string) bool { return !eightBit([]byte(s)) }

// crlf makes every line end in CRLF; only a lone LF is changed.
func crlf(raw []byte) []byte {
	if !bytes.Contains(raw, []byte("\n")) || bytes.Count(raw, []byte("\n")) == bytes.Count(raw, []byte("\r\n")) {
		return raw
	}
	out := make([]byte, 0, len(raw)+len(raw)/32)
	for i, b := range raw {
		if b == '\n' && (i == 0 || raw[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, b)
	}
	return out
}
