package imapd

import (
	"bufio"
	"compress/flate"
	"context"
	"crypto/tls"
	"io"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/store"
)

// deflated puts DEFLATE between a peer and its connection, the peer's half by hand.
type deflated struct {
	p *peer
	w *flate.Writer
}

func compressPeer(p *peer) *deflated {
	p.ok("COMPRESS DEFLATE")
	w, _ := flate.NewWriter(p.conn, flate.BestSpeed)
	d := &deflated{p, w}
	p.r = bufio.NewReader(flate.NewReader(p.r))
	return d
}

func (d *deflated) send(line string) {
	_, _ = d.w.Write([]byte(line))
	_ = d.w.Flush()
}

// COMPRESS ends at the CRLF of UNAUTHENTICATE and of its answer (RFC 8437 §4.1), TLS
// stays, and what was sent behind in one go is taken as it is.
func TestUnauthenticateLayers(t *testing.T) {
	srv := serve(t, openStore(t), Options{TLS: testTLS(t)})
	p := login(t, srv)
	p.ok("UNAUTHENTICATE")
	p.ok("STARTTLS")
	conn := tls.Client(p.conn, &tls.Config{InsecureSkipVerify: true})
	p.conn, p.r = conn, bufio.NewReader(conn)
	for range 3 {
		p.ok("LOGIN %s x", user)
		inner := p.r
		d := compressPeer(p)
		d.send("x NOOP\r\n")
		if l, err := p.line(); l != "x OK completed" {
			t.Fatal(l, err)
		}
		d.send("y UNAUTHENTICATE\r\n")
		p.send("z LOGIN " + user + " x\r\n")
		if l, err := p.line(); !strings.HasPrefix(l, "y OK") {
			t.Fatal(l, err)
		}
		if rest, err := io.ReadAll(p.r); len(rest) > 0 || err != nil { // the stream ends here
			t.Fatalf("%q %v", rest, err)
		}
		p.r = inner
		if l, err := p.line(); !strings.HasPrefix(l, "z OK [CAPABILITY") || !strings.Contains(l, "COMPRESS=DEFLATE") {
			t.Fatal(l, err)
		}
		p.ok("UNAUTHENTICATE")
	}
}

// A command inside the stream behind UNAUTHENTICATE cannot be told from the login
// of another: the session ends.
func TestUnauthenticateInStream(t *testing.T) {
	p := login(t, serve(t, openStore(t), Options{}))
	d := compressPeer(p)
	d.send("y UNAUTHENTICATE\r\nz NOOP\r\n")
	if l, err := p.line(); !strings.HasPrefix(l, "* BYE") {
		t.Error(l, err)
	}
}

func TestUnauthenticateOff(t *testing.T) {
	p := login(t, serve(t, openStore(t), Options{NoUnauthenticate: true}))
	if l := p.ok("CAPABILITY"); strings.Contains(l[0], "UNAUTHENTICATE") {
		t.Error(l)
	}
	if l := p.do("UNAUTHENTICATE"); l[0] != "t3 BAD unknown command" {
		t.Error(l)
	}
}

// A session that logged in to two sandboxes belongs to neither: a sandbox's token
// would read what was said in the other.
func TestUnauthenticateRecord(t *testing.T) {
	st := openStore(t)
	_, token, err := st.CreateSandbox(context.Background(), store.NewSandbox{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	addr := serve(t, st, Options{})
	sub := st.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.SessionChanged}})
	defer sub.Close()
	for _, c := range []struct{ then, want string }{{"other " + token, ""}, {user + " x", "default"}} {
		p := login(t, addr)
		p.ok("UNAUTHENTICATE")
		p.ok("LOGIN %s", c.then)
		p.ok("LOGOUT")
		changes, err := sub.Next(context.Background())
		if err != nil || len(changes) != 1 || changes[0].Session.Sandbox != c.want {
			t.Errorf("%v: %+v", err, changes)
		}
	}
}

// STARTTLS behind what was compressed is not offered: octets sent in the clear with it
// could stand in a reader below and pass for protected.
func TestNoStartTLSBehindCompress(t *testing.T) {
	p := login(t, serve(t, openStore(t), Options{TLS: testTLS(t)}))
	inner := p.r
	d := compressPeer(p)
	d.send("y UNAUTHENTICATE\r\n")
	_, _ = p.line()
	p.r = inner
	if l := p.ok("CAPABILITY"); strings.Contains(l[0], "STARTTLS") {
		t.Error(l)
	}
	p.send("z STARTTLS\r\nz2 LOGIN " + user + " x\r\n")
	if l, err := p.line(); l != "z BAD TLS is not offered" {
		t.Error(l, err)
	}
	if l, err := p.line(); !strings.HasPrefix(l, "z2 OK") {
		t.Error(l, err)
	}
}

// However often COMPRESS is started anew, a connection's readers are bounded.
func TestCompressOften(t *testing.T) {
	p := login(t, serve(t, openStore(t), Options{}))
	for range maxCompressions {
		inner := p.r
		d := compressPeer(p)
		d.send("y UNAUTHENTICATE\r\n")
		_, _ = p.line()
		p.r = inner
		p.ok("LOGIN %s x", user)
	}
	if l := p.do("COMPRESS DEFLATE"); !strings.Contains(l[0], "NO [LIMIT]") {
		t.Error(l)
	}
}
