package daemon

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
)

// echo answers each line with it; QUIT ends, PANIC panics.
func echo(c *Conn) {
	if err := c.Refusal(); err != nil {
		io.WriteString(c, "421 "+err.Error()+"\r\n")
		return
	}
	io.WriteString(c, "220 "+c.ClientAddress()+"\r\n")
	for {
		l, err := c.ReadLine(512)
		if err != nil {
			io.WriteString(c, "421 "+err.Error()+"\r\n")
			return
		}
		switch string(l.Text) {
		case "QUIT":
			io.WriteString(c, "221\r\n")
			return
		case "PANIC":
			panic("asked for")
		case "SLOW":
			if err := c.Suffer(&fault.Hit{Effect: fault.Effect{Throttle: 1 << 20}}); err != nil {
				return
			}
		case "CUT":
			c.Suffer(&fault.Hit{Effect: fault.Effect{Cut: true}})
			return
		}
		io.WriteString(c, "250 "+string(l.Text)+"\r\n")
	}
}

func start(t *testing.T, cfg Config) (*Server, string) {
	t.Helper()
	if cfg.Handle == nil {
		cfg.Handle = echo
	}
	s := New(cfg)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error("shutdown:", err)
		}
		if err := <-ended; err != ErrServerClosed {
			t.Error("serve:", err)
		}
	})
	return s, ln.Addr().String()
}

type client struct {
	t *testing.T
	net.Conn
	*bufio.Reader
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(5 * time.Second))
	return &client{t, nc, bufio.NewReader(nc)}
}

func (c *client) expect(want string) {
	c.t.Helper()
	got, err := c.ReadString('\n')
	if err != nil || !strings.HasPrefix(got, want) {
		c.t.Errorf("got %q %v, want %q", got, err, want)
	}
}

func (c *client) Read(p []byte) (int, error) { return c.Reader.Read(p) }

func TestPipelinedGroupAndQuit(t *testing.T) {
	_, addr := start(t, Config{})
	c := dial(t, addr)
	c.expect("220 127.0.0.1:")
	io.WriteString(c, "a\r\nb\r\nSLOW\r\nQUIT\r\nunread\r\n")
	for _, want := range []string{"250 a", "250 b", "250 SLOW", "221"} {
		c.expect(want)
	}
	if _, err := c.ReadString('\n'); err != io.EOF {
		t.Errorf("after QUIT: %v", err)
	}
}

func TestTooManyConnections(t *testing.T) {
	s, addr := start(t, Config{MaxConns: 2})
	for range 2 {
		dial(t, addr).expect("220")
	}
	dial(t, addr).expect("421 too many")
	if n := s.Connections(); n < 2 || n > 3 {
		t.Errorf("%d connections", n)
	}
}

func TestIdle(t *testing.T) {
	_, addr := start(t, Config{Idle: 30 * time.Millisecond})
	c := dial(t, addr)
	c.expect("220")
	io.WriteString(c, "half a li")
	c.expect("421 idle for too long")
}

func TestShutdownSaysGoodbye(t *testing.T) {
	s, addr := start(t, Config{})
	c := dial(t, addr)
	c.expect("220")
	go s.Shutdown(context.Background())
	c.expect("421 the server is shutting down")
}

func TestShutdownCutsWhatHangs(t *testing.T) {
	s, addr := start(t, Config{Handle: func(c *Conn) {
		io.WriteString(c, "354\r\n")
		c.ReadData(io.Discard)
	}})
	c := dial(t, addr)
	c.expect("354")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestPanicEndsOneConnection(t *testing.T) {
	_, addr := start(t, Config{})
	c := dial(t, addr)
	c.expect("220")
	io.WriteString(c, "PANIC\r\n")
	if _, err := c.ReadString('\n'); err == nil {
		t.Error("the connection lives on")
	}
	dial(t, addr).expect("220")
}

func TestCut(t *testing.T) {
	_, addr := start(t, Config{})
	c := dial(t, addr)
	c.expect("220")
	io.WriteString(c, "CUT\r\n")
	if s, err := c.ReadString('\n'); err == nil {
		t.Errorf("got %q", s)
	}
}

func TestSession(t *testing.T) {
	sessions := make(chan *model.Session, 1)
	_, addr := start(t, Config{Name: "smtp", Handle: func(c *Conn) {
		c.Visible = func(text []byte) int { return 5 }
		echo(c)
		sessions <- c.Session(true)
	}})
	c := dial(t, addr)
	c.expect("220")
	io.WriteString(c, "PASS secret\r\nQUIT\r\n")
	c.expect("250")
	s := <-sessions
	if s.Server != "smtp" || s.BytesIn != 19 || len(s.ID) != 16 || s.Lines[1].Text != "PASS ******" {
		t.Errorf("%+v", s)
	}
}

func TestProxyFromTrustedPeer(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	_, addr := start(t, Config{Proxies: trusted})
	c := dial(t, addr)
	io.WriteString(c, "PROXY TCP4 192.0.2.1 192.0.2.2 1234 25\r\nQUIT\r\n")
	c.expect("220 192.0.2.1:1234")
	c.expect("221")
	c = dial(t, addr)
	io.WriteString(c, "EHLO without a header\r\n")
	if s, err := c.ReadString('\n'); err == nil {
		t.Errorf("a trusted peer without a header got %q", s)
	}
}

func TestProxyFromStranger(t *testing.T) {
	_, addr := start(t, Config{Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	c := dial(t, addr)
	io.WriteString(c, "PROXY TCP4 192.0.2.1 192.0.2.2 1234 25\r\n")
	c.expect("220 127.0.0.1:")
	c.expect("250 PROXY")
}

const v2 = proxyV2Sig

func TestReadProxyHeader(t *testing.T) {
	for _, tt := range []struct{ in, src, dst, rest string }{
		{"PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\nx", "1.2.3.4:9", "5.6.7.8:10", "x"},
		{"PROXY TCP6 ::1 2001:db8::1 9 10\r\n", "[::1]:9", "[2001:db8::1]:10", ""},
		{"PROXY UNKNOWN\r\nx", "", "", "x"},
		{"PROXY UNKNOWN ffff ffff 1 2\r\nx", "", "", "x"},
		{v2 + "\x21\x11\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x00\x09\x00\x0ax", "1.2.3.4:9", "5.6.7.8:10", "x"},
		{v2 + "\x21\x11\x00\x0f\x01\x02\x03\x04\x05\x06\x07\x08\x00\x09\x00\x0atlvx", "1.2.3.4:9", "5.6.7.8:10", "x"},
		{v2 + "\x20\x00\x00\x00x", "", "", "x"},
		{v2 + "\x21\x31\x00\x01-x", "", "", "x"},
	} {
		r := strings.NewReader(tt.in)
		src, dst, err := ReadProxyHeader(r)
		rest, _ := io.ReadAll(r)
		if err != nil || tt.src != "" && (src.String() != tt.src || dst.String() != tt.dst) || src.IsValid() != (tt.src != "") || string(rest) != tt.rest {
			t.Errorf("%q: %v %v %v, rest %q", tt.in, src, dst, err, rest)
		}
	}
	for _, in := range []string{"", "PROXY", "EHLO a.example\r\n", "PROXY TCP4 1.2.3.4 5.6.7.8 9\r\n", "PROXY TCP4 ::1 ::1 9 10\r\n",
		"PROXY TCP4 1.2.3.4 5.6.7.8 9 70000\r\n", "PROXY " + strings.Repeat("x", 200), v2 + "\x11\x11\x00\x00", v2 + "\x21\x11\x00\x01x", v2 + "\x21\x11\xff\xff", v2 + "\x25\x11\x00\x00"} {
		if _, _, err := ReadProxyHeader(strings.NewReader(in)); err == nil {
			t.Errorf("%q is taken", in)
		}
	}
}

func FuzzReadProxyHeader(f *testing.F) {
	f.Add("PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\nx")
	f.Add(v2 + "\x21\x11\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x00\x09\x00\x0ax")
	f.Fuzz(func(t *testing.T, in string) {
		src, dst, err := ReadProxyHeader(strings.NewReader(in))
		if src.IsValid() != dst.IsValid() || err != nil && src.IsValid() {
			t.Errorf("%v %v %v", src, dst, err)
		}
	})
}
