package smtpd

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gosasl "github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/tlsca"
	"github.com/catchpost/catchpost/store"
)

const mail = "From: a@x.test\r\nTo: anna@x.test\r\nSubject: hi\r\n\r\n.hello\r\n"

func connect(t *testing.T, addr string) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// submit sends a message and returns the server's last words.
func submit(c *smtp.Client, to ...string) (string, error) {
	if err := c.Mail("a@x.test", nil); err != nil {
		return "", err
	}
	for _, path := range to {
		if err := c.Rcpt(path, nil); err != nil {
			return "", err
		}
	}
	w, err := c.Data()
	if err != nil {
		return "", err
	}
	if _, err := io.WriteString(w, mail); err != nil {
		return "", err
	}
	r, err := w.CloseWithResponse()
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(r.StatusText, "2.0.0 "), nil
}

func TestClientDelivers(t *testing.T) {
	ca, err := tlsca.New()
	if err != nil {
		t.Fatal(err)
	}
	clientTLS := &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost"}
	for name, dial := range map[string]func(addr string) (*smtp.Client, error){
		"plain":    smtp.Dial,
		"starttls": func(addr string) (*smtp.Client, error) { return smtp.DialStartTLS(addr, clientTLS) },
		"implicit": func(addr string) (*smtp.Client, error) { return smtp.DialTLS(addr, clientTLS) },
	} {
		t.Run(name, func(t *testing.T) {
			st := openStore(t)
			c, err := dial(start(t, Config{Backend: st, TLS: ca.ServerConfig()}, name == "implicit"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			text, err := submit(c, "anna@x.test")
			if err != nil {
				t.Fatal(err)
			}
			if got := st.raw(t); got != mail {
				t.Errorf("stored %q", got)
			}
			c.Quit()
			s := <-st.sessions
			id := strings.TrimPrefix(text, "Ok: queued as ")
			if s.Outcome != "delivered" || !slices.Equal(s.Messages, []string{id}) || (s.TLS != nil) != (name != "plain") {
				t.Errorf("session %+v, message %q", s, id)
			}
			want := map[string]string{"plain": "ESMTP", "starttls": "ESMTPS", "implicit": "ESMTPS"}[name]
			if env := st.deliveries[0].Envelope; env.Protocol != want || env.SessionID != s.ID || env.HELO != "localhost" {
				t.Errorf("envelope %+v", env)
			}
		})
	}
}

func TestEnvelope(t *testing.T) {
	st := openStore(t)
	c := connect(t, start(t, Config{Backend: st}, false))
	opts := &smtp.MailOptions{Body: smtp.Body8BitMIME, Size: int64(len(mail)), UTF8: true, Return: smtp.DSNReturnHeaders, EnvelopeID: "Q Q+314"}
	if err := errors.Join(
		c.Mail("ä@x.test", opts),
		c.Rcpt("Anna@X.test", &smtp.RcptOptions{Notify: []smtp.DSNNotify{smtp.DSNNotifyDelayed, smtp.DSNNotifySuccess}, OriginalRecipientType: smtp.DSNAddressTypeRFC822, OriginalRecipient: "b+c@x.test"}),
		c.Rcpt("bob@x.test", nil)); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err == nil {
		io.WriteString(w, mail)
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	d := st.deliveries[0]
	envid, ret, orcpt := "Q Q+314", "HDRS", "rfc822;b+c@x.test"
	want := model.Envelope{HELO: "localhost", ClientAddress: d.Envelope.ClientAddress, Protocol: "UTF8SMTP", Body: "8BITMIME", SMTPUTF8: true,
		DeclaredSize: int64(len(mail)), SessionID: d.Envelope.SessionID,
		DSN: model.DSN{EnvID: &envid, Ret: &ret, Recipients: []model.DSNRecipient{
			{Address: "Anna@X.test", Notify: []string{"DELAY", "SUCCESS"}, ORCPT: &orcpt}, {Address: "bob@x.test", Notify: []string{}}}}}
	if diff := cmp.Diff(want, d.Envelope); diff != "" {
		t.Error(diff)
	}
	if d.ReversePath != "ä@x.test" || !slices.Equal(d.ForwardPaths, []string{"Anna@X.test", "bob@x.test"}) || d.Sandbox != "" {
		t.Errorf("%+v", d)
	}
}

func TestSandboxes(t *testing.T) {
	st := openStore(t)
	ctx := context.Background()
	_, token, err := st.CreateSandbox(ctx, store.NewSandbox{Name: "run-1"})
	if err != nil {
		t.Fatal(err)
	}
	addr := start(t, Config{Backend: st}, false)

	c := connect(t, addr)
	first, err := submit(c, "anna@x.test", "bob@run-1.catchpost.test", "c+run-1@x.test")
	if err != nil {
		t.Fatal(err)
	}
	c.Quit()
	s := <-st.sessions
	if len(s.Messages) != 2 || first != "Ok: queued as "+s.Messages[0] || s.Sandbox != "default" {
		t.Errorf("%q, session %+v", first, s)
	}

	c = connect(t, addr)
	if err := c.Auth(gosasl.NewPlainClient("", "run-1", token)); err != nil {
		t.Fatal(err)
	}
	if _, err := submit(c, "anna@x.test"); err != nil {
		t.Fatal(err)
	}
	c.Quit()
	if s := <-st.sessions; s.Sandbox != "run-1" || s.AuthUser != "run-1" {
		t.Errorf("%+v", s)
	}
	if d := st.deliveries[1]; d.Sandbox != "run-1" || !d.Envelope.AuthVerified || d.Envelope.Protocol != "ESMTPA" {
		t.Errorf("%+v", d)
	}

	// An unknown user is taken, and mail still finds its sandbox by itself.
	c = connect(t, addr)
	if err := c.Auth(gosasl.NewPlainClient("", "app", "secret")); err != nil {
		t.Fatal(err)
	}
	if _, err := submit(c, "c+run-1@x.test"); err != nil {
		t.Fatal(err)
	}
	if d := st.deliveries[2]; d.Sandbox != "" || d.Envelope.AuthVerified || d.Envelope.AuthUser != "app" {
		t.Errorf("%+v", d)
	}

	if err := st.EndSandbox(ctx, "run-1"); err != nil {
		t.Fatal(err)
	}
	if err := connect(t, addr).Auth(gosasl.NewPlainClient("", "run-1", token)); err == nil || !strings.Contains(err.Error(), "ended") {
		t.Errorf("an ended sandbox: %v", err)
	}
}

func TestAuthMechanisms(t *testing.T) {
	st := openStore(t)
	_, token, err := st.CreateSandbox(context.Background(), store.NewSandbox{Name: "run-1"})
	if err != nil {
		t.Fatal(err)
	}
	addr := start(t, Config{Backend: st, SCRAM: true}, false)
	for _, tt := range []struct {
		name     string
		client   func(token string) gosasl.Client
		open     bool // an open login is taken, unverified
		hasToken bool
	}{
		{"PLAIN", func(tok string) gosasl.Client { return gosasl.NewPlainClient("", "run-1", tok) }, true, true},
		{"LOGIN", func(tok string) gosasl.Client { return gosasl.NewLoginClient("run-1", tok) }, true, true},
		{"CRAM-MD5", func(tok string) gosasl.Client { return &cramClient{"run-1", tok} }, true, true},
		{"SCRAM-SHA-256", func(tok string) gosasl.Client { return &scramClient{user: "run-1", password: tok} }, false, true},
		{"XOAUTH2", func(tok string) gosasl.Client { return &xoauth2Client{"run-1", tok} }, true, true},
		{"OAUTHBEARER", func(tok string) gosasl.Client {
			return gosasl.NewOAuthBearerClient(&gosasl.OAuthBearerOptions{Username: "run-1", Token: tok})
		}, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, addr)
			if err := c.Auth(tt.client(token)); err != nil {
				t.Fatal(err)
			}
			if _, err := submit(c, "anna@x.test"); err != nil {
				t.Fatal(err)
			}
			c.Quit()
			s := <-st.sessions
			for _, l := range s.Lines {
				if strings.Contains(l.Text, token) || l.Direction == "C" && strings.Contains(l.Text, "PLAIN ") && !strings.HasSuffix(l.Text, "*") {
					t.Errorf("a secret is shown: %q", l.Text)
				}
			}
			d := st.deliveries[len(st.deliveries)-1]
			if d.Envelope.AuthMechanism != tt.name || !d.Envelope.AuthVerified || d.Sandbox != "run-1" {
				t.Errorf("%+v", d.Envelope)
			}
			c = connect(t, addr)
			var se *smtp.SMTPError
			if err := c.Auth(tt.client("wrong")); err == nil || errors.As(err, &se) && se.Code != 535 {
				t.Errorf("a wrong token: %v", err)
			}
			c.Close()
			<-st.sessions
		})
	}
}

func TestTranscript(t *testing.T) {
	st := openStore(t)
	nc, err := net.Dial("tcp", start(t, Config{Backend: st}, false))
	if err != nil {
		t.Fatal(err)
	}
	nc.SetDeadline(time.Now().Add(5 * time.Second))
	io.WriteString(nc, "HELO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n")
	io.Copy(io.Discard, nc)
	s := <-st.sessions
	var got []string
	for _, l := range s.Lines {
		text := l.Direction + " " + l.Text
		if l.MessageID != "" {
			text = strings.ReplaceAll(text, l.MessageID, "ID") + " #"
		}
		got = append(got, text)
	}
	want := []string{"S 220 mx.catchpost.test ESMTP Catchpost", "C HELO c.test", "S 250 mx.catchpost.test",
		"C MAIL FROM:<a@x.test>", "S 250 2.1.0 Ok", "C RCPT TO:<b@x.test>", "S 250 2.1.5 Ok", "C DATA",
		"S 354 End data with <CR><LF>.<CR><LF>", "* 7 octets of mail data from the client",
		"S 250 2.0.0 Ok: queued as ID #", "C QUIT", "S 221 2.0.0 Bye"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(s.Verbs, []string{"HELO", "MAIL", "RCPT", "DATA", "QUIT"}) || s.Server != "smtp" || s.EndedAt == nil || s.BytesIn == 0 || s.BytesOut == 0 {
		t.Errorf("%+v", s)
	}
	if st.published == 0 {
		t.Error("the open session was not told of")
	}
}

func TestOutcomes(t *testing.T) {
	st := openStore(t)
	addr := start(t, Config{Backend: st, Limits: Limits{Errors: 4}}, false)
	for want, script := range map[string]string{
		"empty":           "QUIT\r\n",
		"rejected":        "HELO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<a@none.catchpost.test>\r\nQUIT\r\n",
		"aborted":         "HELO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<a@x.test>\r\nDATA\r\nhalf",
		"too_many_errors": "A\r\nB\r\nC\r\nD\r\nE\r\n",
		"delivered":       "HELO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<a@x.test>\r\nDATA\r\n.\r\n",
	} {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(nc, script)
		nc.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, nc)
		if s := <-st.sessions; s.Outcome != want {
			t.Errorf("%q: %s, want %s", script, s.Outcome, want)
		}
	}
	if page, err := st.List(context.Background(), store.Query{Sandbox: "default"}); err != nil || page.Total != 1 {
		t.Errorf("%d messages are stored, want the one that ended (%v)", page.Total, err)
	}
}

func TestUnixSocketLMTP(t *testing.T) {
	st := openStore(t)
	srv := New(Config{Mode: LMTP, Backend: st})
	ln, err := net.Listen("unix", filepath.Join(t.TempDir(), "lmtp"))
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(ln)
	defer srv.Shutdown(context.Background())
	nc, err := net.Dial("unix", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(nc)
	defer c.Close()
	if err := errors.Join(c.Mail("a@x.test", nil), c.Rcpt("1@x.test", nil), c.Rcpt("2@x.test", nil)); err != nil {
		t.Fatal(err)
	}
	var replies map[string]*smtp.DataResponse
	w, err := c.Data()
	if err == nil {
		io.WriteString(w, mail)
		replies, err = w.CloseWithLMTPResponse()
	}
	if err != nil || len(replies) != 2 || st.raw(t) != mail || st.deliveries[0].Envelope.Protocol != "LMTP" || st.deliveries[0].Origin != model.OriginLMTP {
		t.Errorf("%v, %v, %+v", err, replies, st.deliveries)
	}
}

func TestProxiedClient(t *testing.T) {
	st := openStore(t)
	addr := start(t, Config{Backend: st, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}, false)
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(nc, "PROXY TCP4 192.0.2.9 192.0.2.1 4711 25\r\nQUIT\r\n")
	io.Copy(io.Discard, nc)
	if s := <-st.sessions; s.ClientAddress != "192.0.2.9:4711" || s.Outcome != "empty" {
		t.Errorf("%+v", s)
	}
	nc, err = net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(nc, "EHLO without a header\r\n")
	io.Copy(io.Discard, nc)
	if s := <-st.sessions; s.Outcome != "error" {
		t.Errorf("%+v", s)
	}
}

func TestShutdownAnswersCommits(t *testing.T) {
	st := openStore(t)
	slow := &slowStore{fakeStore: st, entered: make(chan struct{}), release: make(chan struct{})}
	srv := New(Config{Backend: slow})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(ln)
	nc, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(nc, "HELO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<a@x.test>\r\nDATA\r\n.\r\n")
	<-slow.entered
	ended := make(chan error)
	go func() { ended <- srv.Shutdown(context.Background()) }()
	for srv.daemon.Serve(ln) != ErrServerClosed { // returns at once when Shutdown has begun
	}
	close(slow.release)
	answer, _ := io.ReadAll(nc)
	if !strings.Contains(string(answer), "250 2.0.0 Ok: queued as ") || !strings.HasSuffix(string(answer), "421 4.3.2 Service shutting down, closing channel\r\n") {
		t.Errorf("%q", answer)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

type slowStore struct {
	*fakeStore
	entered, release chan struct{}
}

func (s *slowStore) Deliver(ctx context.Context, d store.Delivery) ([]*store.Message, error) {
	close(s.entered)
	<-s.release
	return s.fakeStore.Deliver(ctx, d)
}

type cramClient struct{ user, password string }

func (c *cramClient) Start() (string, []byte, error) { return "CRAM-MD5", nil, nil }
func (c *cramClient) Next(challenge []byte) ([]byte, error) {
	h := hmac.New(md5.New, []byte(c.password))
	h.Write(challenge)
	return []byte(c.user + " " + hex.EncodeToString(h.Sum(nil))), nil
}

type xoauth2Client struct{ user, token string }

func (c *xoauth2Client) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + c.user + "\x01auth=Bearer " + c.token + "\x01\x01"), nil
}
func (c *xoauth2Client) Next([]byte) ([]byte, error) { return []byte{}, nil }

// scramClient is a client of RFC 5802 that checks the server's signature.
type scramClient struct {
	user, password, bare string
	signature            []byte
}

func (c *scramClient) Start() (string, []byte, error) {
	c.bare = "n=" + c.user + ",r=fyko+d2lbbFgONRv9qkxdawL"
	return "SCRAM-SHA-256", []byte("n,," + c.bare), nil
}

func (c *scramClient) Next(challenge []byte) ([]byte, error) {
	if v, ok := strings.CutPrefix(string(challenge), "v="); ok {
		if got, _ := base64.StdEncoding.DecodeString(v); !hmac.Equal(got, c.signature) {
			return nil, errors.New("the server's signature is wrong")
		}
		return []byte{}, nil
	}
	f := strings.Split(string(challenge), ",")
	salt, err := base64.StdEncoding.DecodeString(f[1][2:])
	if err != nil {
		return nil, err
	}
	salted, err := pbkdf2.Key(sha256.New, c.password, salt, 4096, 32)
	if err != nil {
		return nil, err
	}
	final := "c=biws," + f[0]
	message := []byte(c.bare + "," + string(challenge) + "," + final)
	key := hmacSHA256(salted, []byte("Client Key"))
	stored := sha256.Sum256(key)
	for i, b := range hmacSHA256(stored[:], message) {
		key[i] ^= b
	}
	c.signature = hmacSHA256(hmacSHA256(salted, []byte("Server Key")), message)
	return []byte(final + ",p=" + base64.StdEncoding.EncodeToString(key)), nil
}

func hmacSHA256(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}
