package smtpd

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/tlsca"
	"github.com/catchpost/catchpost/store"
)

// dropStore takes messages and keeps nothing.
type dropStore struct {
	*store.Store
	stored atomic.Int64
}

func (d *dropStore) Deliver(_ context.Context, del store.Delivery) ([]*store.Message, error) {
	del.Octets.Discard()
	d.stored.Add(1)
	return []*store.Message{{ID: "06f3k2m9q7vd", Sandbox: store.DefaultSandbox, ForwardPaths: del.ForwardPaths}}, nil
}

func (d *dropStore) SaveSession(context.Context, *model.Session) error { return nil }
func (d *dropStore) PublishSession(*model.Session)                     {}

// BenchmarkReceive sends over 8 connections, pipelined, to a store that drops.
// cpu/op is what client and server together use.
func BenchmarkReceive(b *testing.B) {
	for name, size := range map[string]int{"2KB": 2 << 10, "100KB": 100 << 10} {
		b.Run(name, func(b *testing.B) {
			st, err := store.Open(context.Background(), store.Options{Path: ":memory:"})
			if err != nil {
				b.Fatal(err)
			}
			defer st.Close()
			addr := start(b, Config{Backend: &dropStore{Store: st}}, false)
			body := []byte(strings.Repeat(strings.Repeat("x", 76)+"\r\n", size/78) + ".\r\n")
			b.SetBytes(int64(size))
			b.SetParallelism(4) // × 2 cores
			before := cpu()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) { send(b, addr, body, pb.Next) })
			b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

func cpu() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

func send(b *testing.B, addr string, body []byte, next func() bool) {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		b.Error(err)
		return
	}
	defer nc.Close()
	r := bufio.NewReader(nc)
	io.WriteString(nc, "HELO c.test\r\n")
	expect := func(n int, last string) bool {
		for i := range n {
			l, err := r.ReadSlice('\n')
			if err != nil || i == n-1 && string(l[:3]) != last {
				b.Errorf("%q %v", l, err)
				return false
			}
		}
		return true
	}
	expect(2, "250")
	for next() {
		io.WriteString(nc, "MAIL FROM:<a@x.test>\r\nRCPT TO:<anna@x.test>\r\nDATA\r\n")
		if !expect(3, "354") {
			return
		}
		nc.Write(body)
		if !expect(1, "250") {
			return
		}
	}
}

// TestIdleConnections measures what an idle session costs after a message, all in
// all (goroutine, stack, buffers, transcript). The clients are another process.
func TestIdleConnections(t *testing.T) {
	if os.Getenv("CATCHPOST_CLIENTS") == "" {
		t.Skip("CATCHPOST_CLIENTS is not set")
	}
	t.Run("plain", func(t *testing.T) { idle(t, 10_000, false) })
	t.Run("TLS", func(t *testing.T) { idle(t, 3_000, true) })
}

func idle(t *testing.T, n int, implicit bool) {
	var lim syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim) == nil && lim.Cur < lim.Max {
		lim.Cur = lim.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &lim)
		syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim)
	}
	n = min(n, int(lim.Cur)-200)
	st, err := store.Open(context.Background(), store.Options{Path: ":memory:"})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	ca, err := tlsca.New("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	addr := start(t, Config{Backend: &dropStore{Store: st}, TLS: ca.ServerConfig(), Limits: Limits{Connections: -1, Idle: time.Minute}}, implicit)
	pemFile := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(pemFile, ca.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := memory()
	cmd := exec.Command(os.Args[0], "-test.run=^TestIdleClients$")
	cmd.Env = append(os.Environ(), "IDLE_ADDR="+addr, "IDLE_COUNT="+strconv.Itoa(n))
	if implicit {
		cmd.Env = append(cmd.Env, "IDLE_CA="+pemFile)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	l, err := bufio.NewReader(out).ReadString('\n')
	per := float64(memory()-empty) / float64(n)
	in.Close() // the clients hang up
	if waited := cmd.Wait(); err != nil || l != "idle\n" || waited != nil {
		t.Fatalf("clients: %q %v %v", l, err, waited)
	}
	t.Logf("%d idle connections after a message: %.1f KB each", n, per/1024)
	if per > 25<<10 {
		t.Errorf("%.0f octets each", per)
	}
}

// TestIdleClients is the other process of TestIdleConnections: it holds sessions
// until its standard input ends.
func TestIdleClients(t *testing.T) {
	addr := os.Getenv("IDLE_ADDR")
	if addr == "" {
		t.Skip("the other process of TestIdleConnections")
	}
	n, err := strconv.Atoi(os.Getenv("IDLE_COUNT"))
	if err != nil {
		t.Fatal(err)
	}
	var trust *tls.Config
	if file := os.Getenv("IDLE_CA"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		trust = &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1"}
		trust.RootCAs.AppendCertsFromPEM(pem)
	}
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, nc := range conns {
			nc.Close()
		}
	}()
	buf := make([]byte, 4096)
	for range n {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if trust != nil {
			nc = tls.Client(nc, trust)
		}
		conns = append(conns, nc)
		nc.SetDeadline(time.Now().Add(time.Minute))
		for _, s := range []string{"", "EHLO c.test\r\n", "MAIL FROM:<a@x.test>\r\n", "RCPT TO:<b@x.test>\r\n", "DATA\r\n", "hello\r\n.\r\n"} {
			io.WriteString(nc, s)
			if _, err := nc.Read(buf); err != nil {
				t.Fatal(err)
			}
		}
	}
	os.Stdout.WriteString("idle\n")
	io.Copy(io.Discard, os.Stdin)
}

// memory is what the process holds for Go: heap and stacks in use.
func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
