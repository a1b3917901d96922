package relay

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/catchpost/catchpost/internal/model"
)

// TLSPolicy says what a next hop must offer.
type TLSPolicy string

// Policies, RFC 3207. Opportunistic takes any certificate, as SMTP practice is;
// Required verifies it against the next hop's name.
const (
	TLSOpportunistic TLSPolicy = "opportunistic"
	TLSRequired      TLSPolicy = "required"
	TLSNever         TLSPolicy = "never"
)

// recipient is one forward-path of a transaction.
type recipient struct {
	path   string
	notify []string
	orcpt  string // "rfc822;anna@x.test", xtext decoded
}

// transaction is one message for recipients that share a next hop.
type transaction struct {
	reversePath string
	recipients  []recipient
	prefix      string // trace field, added fields, signature: they go before raw
	raw         []byte
	utf8        bool // SMTPUTF8 is needed, RFC 6531 §3.4
	eightBit    bool // 8BITMIME is needed, RFC 6152
	binary      bool // BINARYMIME is needed, RFC 3030
	requireTLS  bool // RFC 8689
	ret, envid  string
}

// Outcomes of a result.
const (
	outcomeRelayed   = "relayed"
	outcomeDeferred  = "deferred"
	outcomeFailed    = "failed"
	outcomeUncertain = "uncertain" // no reply came after the final dot
)

// result is what became of one recipient in one transaction.
type result struct {
	outcome  string
	stage    string
	code     int
	enhanced string
	text     string
}

// hopError is a failure that another address may not have: connect, greeting,
// TLS, EHLO, or 421 at any stage.
type hopError struct{ result }

func (e *hopError) Error() string {
	return fmt.Sprintf("%s: %s", e.stage, strings.TrimSpace(strconv.Itoa(e.code)+" "+e.text))
}

// dialer opens sessions with next hops.
type dialer struct {
	name     string // our host name in EHLO
	roots    *x509.CertPool
	timeouts Timeouts
	grace    time.Duration // for the final reply after the relay was told to end
	now      func() time.Time
	net      net.Dialer
	auth     func() sasl.Client // of a smarthost; nil: none
}

// session is an open connection to a next hop, past EHLO.
type session struct {
	client   *smtp.Client
	conn     *hopConn
	talk     *hopConn // what client talks over: conn, or TLS over it
	log      *hopLog
	tls      *model.TLS
	verified bool // tls, with a certificate of the hop's name
	stop     func() bool
	handing  atomic.Bool // a message is being handed over: the reply is worth waiting for
	dsn      bool        // the hop takes DSN parameters, RFC 3461
	used     int
	timeouts Timeouts
}

// dial connects to an address and greets it. Errors are *hopError.
func (d *dialer) dial(ctx context.Context, h hop, policy TLSPolicy) (*session, *hopLog, error) {
	log := &hopLog{now: d.now}
	s, err := d.open(ctx, h, policy, log)
	if err != nil && policy == TLSOpportunistic && stageOf(err) == "tls" && !h.implicit {
		// RFC 7435: rather in clear text than not at all.
		log.say("TLS failed (%v); once more in clear text", err)
		s, err = d.open(ctx, h, TLSNever, log)
	}
	if err != nil {
		log.say("%v", err)
	}
	return s, log, err
}

func stageOf(err error) string {
	if e := (*hopError)(nil); errors.As(err, &e) {
		return e.stage
	}
	return ""
}

func (d *dialer) open(ctx context.Context, h hop, policy TLSPolicy, log *hopLog) (*session, error) {
	log.say("connecting to %s (%s)", h.host, h.addr)
	nd := d.net
	nd.Timeout = d.timeouts.Connect
	raw, err := nd.DialContext(ctx, "tcp", h.addr.String())
	if err != nil {
		return nil, failAt("connect", err)
	}
	s := &session{log: log, conn: &hopConn{Conn: raw, log: log, block: d.timeouts.Block}, timeouts: d.timeouts}
	s.stop = context.AfterFunc(ctx, func() {
		if s.handing.Load() {
			time.AfterFunc(d.grace, func() { _ = raw.Close() })
			return
		}
		_ = raw.Close()
	})
	if err := d.greet(ctx, s, h, policy); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// greet takes the greeting and, by policy, starts TLS; then go-smtp's client
// gets the connection behind a greeting that it can read.
func (d *dialer) greet(ctx context.Context, s *session, h hop, policy TLSPolicy) error {
	_ = s.conn.SetDeadline(time.Now().Add(d.timeouts.Greeting))
	if h.implicit {
		return d.greetInTLS(ctx, s, h, policy)
	}
	text := textproto.NewConn(struct {
		io.Reader
		io.Writer
		io.Closer
	}{bufio.NewReaderSize(onlyReader{s.conn}, 1), s.conn, s.conn}) // one octet at a time: nothing of TLS is read ahead
	if _, _, err := text.ReadResponse(220); err != nil {
		return failAt("greeting", err)
	}
	offers, err := ehlo(text, d.name)
	if err != nil && isNet(err) {
		return failAt("ehlo", err)
	}
	_, offered := offers["STARTTLS"]
	if policy == TLSRequired && !offered {
		return &hopError{result{outcomeDeferred, "tls", 0, "4.7.4", "the next hop offers no STARTTLS, and TLS is required"}}
	}
	inner := s.conn.Conn
	if offered && policy != TLSNever {
		if inner, err = d.startTLS(ctx, s, text, h, policy); err != nil {
			return err
		}
	}
	return d.hello(s, &hopConn{Conn: inner, prefix: bytes.NewReader([]byte("220 " + h.host + "\r\n")), log: s.log, block: d.timeouts.Block})
}

// greetInTLS is greet where TLS comes first, RFC 8314 §3.3. There is no clear text
// to fall back to.
func (d *dialer) greetInTLS(ctx context.Context, s *session, h hop, policy TLSPolicy) error {
	inner, err := d.handshake(ctx, s, s.conn.Conn, h, policy)
	if err != nil {
		return err
	}
	return d.hello(s, &hopConn{Conn: inner, log: s.log, block: d.timeouts.Block})
}

// hello hands a connection to go-smtp's client, which reads the greeting and says
// EHLO, and logs in.
func (d *dialer) hello(s *session, talk *hopConn) error {
	s.talk = talk
	_ = s.conn.SetDeadline(time.Time{})
	s.client = smtp.NewClient(s.talk)
	s.client.CommandTimeout, s.client.SubmissionTimeout = d.timeouts.Command, d.timeouts.Dot
	if err := s.client.Hello(d.name); err != nil {
		return failAt("ehlo", err)
	}
	s.dsn, _ = s.client.Extension("DSN")
	return d.login(s)
}

// onlyReader hides the other methods of a connection from bufio.
type onlyReader struct{ io.Reader }

func (o onlyReader) Read(p []byte) (int, error) { return o.Reader.Read(p[:min(len(p), 1)]) }

// ehlo says EHLO and returns the keywords; a refusal is no error of the network.
func ehlo(text *textproto.Conn, name string) (map[string]string, error) {
	if err := text.PrintfLine("EHLO %s", name); err != nil {
		return nil, err
	}
	_, msg, err := text.ReadResponse(250)
	offers := map[string]string{}
	for i, line := range strings.Split(msg, "\n") {
		if i > 0 {
			k, v, _ := strings.Cut(line, " ")
			offers[strings.ToUpper(k)] = v
		}
	}
	return offers, err
}

func (d *dialer) startTLS(ctx context.Context, s *session, text *textproto.Conn, h hop, policy TLSPolicy) (net.Conn, error) {
	if err := text.PrintfLine("STARTTLS"); err != nil {
		return nil, failAt("tls", err)
	}
	if _, _, err := text.ReadResponse(220); err != nil {
		return nil, failAt("tls", err)
	}
	return d.handshake(ctx, s, s.conn.Conn, h, policy)
}

// handshake begins TLS on a connection.
func (d *dialer) handshake(ctx context.Context, s *session, conn net.Conn, h hop, policy TLSPolicy) (net.Conn, error) {
	c := tls.Client(conn, &tls.Config{
		ServerName: h.host, RootCAs: d.roots, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: policy == TLSOpportunistic, //nolint:gosec // opportunistic TLS takes any certificate, RFC 7435
	})
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, failAt("tls", err)
	}
	state := c.ConnectionState()
	s.verified = policy == TLSRequired
	s.tls = &model.TLS{Version: tls.VersionName(state.Version), Cipher: tls.CipherSuiteName(state.CipherSuite)}
	s.log.say("%s, %s", s.tls.Version, s.tls.Cipher)
	return c, nil
}

func (d *dialer) login(s *session) error {
	if d.auth == nil {
		return nil
	}
	s.log.hide("credentials")
	err := s.client.Auth(d.auth())
	s.log.show()
	if err != nil {
		return failAt("auth", err)
	}
	return nil
}

// close ends the connection without a word.
func (s *session) close() {
	if s.stop != nil {
		s.stop()
	}
	_ = s.conn.Close()
}

// quit ends the session politely, and waits little for the answer.
func (s *session) quit() {
	s.client.CommandTimeout = 2 * time.Second
	_ = s.client.Quit()
	s.close()
}

// failAt makes a hopError of what went wrong at a stage.
func failAt(stage string, err error) *hopError {
	r := resultOf(stage, err)
	r.outcome = outcomeDeferred
	return &hopError{r}
}

// resultOf reads an SMTP reply or a network error.
func resultOf(stage string, err error) result {
	r := result{stage: stage, outcome: outcomeDeferred, text: err.Error()}
	var se *smtp.SMTPError
	var te *textproto.Error
	switch {
	case errors.As(err, &se):
		r.code, r.text = se.Code, se.Message
		if se.EnhancedCode != smtp.NoEnhancedCode && se.EnhancedCode != smtp.EnhancedCodeNotSet {
			r.enhanced = fmt.Sprintf("%d.%d.%d", se.EnhancedCode[0], se.EnhancedCode[1], se.EnhancedCode[2])
		}
	case errors.As(err, &te):
		r.code, r.text = te.Code, te.Msg
	}
	r.text = strings.Join(strings.Fields(r.text), " ")
	if r.code >= 500 || isLocal(err) {
		r.outcome = outcomeFailed
	}
	return r
}

// isLocal tells that go-smtp's client refused to say something: no other next
// hop would hear it either.
func isLocal(err error) bool {
	var se *smtp.SMTPError
	return !errors.As(err, &se) && !errors.Is(err, smtp.ErrTooLongLine) && strings.HasPrefix(err.Error(), "smtp: ")
}

func isNet(err error) bool {
	var te *textproto.Error
	return !errors.As(err, &te)
}
