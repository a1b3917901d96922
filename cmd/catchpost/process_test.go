package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the catchpost under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "catchpost-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "catchpost")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	// The tests' own environment must not reach the options.
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "CATCHPOST_") && name != "CATCHPOST_CLIENTS" {
			_ = os.Unsetenv(name)
		}
	}
	return m.Run()
}

// process is a running catchpost. Its listeners stand on free ports that it
// chose itself, read from its banner.
type process struct {
	cmd    *exec.Cmd
	dir    string
	addrs  map[string]string // by listener name
	out    *syncBuffer
	exited chan struct{}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// freePorts are listener options that let the system choose every port.
var freePorts = []string{
	"--smtp=127.0.0.1:0", "--smtps=127.0.0.1:0", "--submission=127.0.0.1:0", "--pop3=127.0.0.1:0",
	"--pop3s=127.0.0.1:0", "--imap=127.0.0.1:0", "--imaps=127.0.0.1:0", "--http=127.0.0.1:0",
}

// start runs `catchpost serve` with a data file in dir (a fresh one when "")
// and waits until it is ready.
func start(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	p := &process{dir: dir, addrs: map[string]string{}, out: &syncBuffer{}, exited: make(chan struct{})}
	all := append([]string{"serve", "--data", filepath.Join(dir, "catchpost.db")}, freePorts...)
	p.cmd = exec.Command(binary, append(all, args...)...)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	go p.read(stdout, ready)
	t.Cleanup(p.kill)
	select {
	case <-ready:
	case <-p.exited:
		t.Fatalf("catchpost ended:\n%s", p.out)
	case <-time.After(60 * time.Second):
		t.Fatalf("catchpost was not ready within a minute:\n%s", p.out)
	}
	return p
}

// bannerLine is a listener's line of the banner: name, then address.
var bannerLine = regexp.MustCompile(`^\s*(smtp|smtps|submission|lmtp|pop3|pop3s|imap|imaps|http)\s+(\S+)`)

// read takes addresses off the banner, whose last line begins with "ready".
func (p *process) read(stdout io.Reader, ready chan struct{}) {
	lines := bufio.NewScanner(stdout)
	var once sync.Once
	for lines.Scan() {
		_, _ = fmt.Fprintln(p.out, lines.Text())
		if m := bannerLine.FindStringSubmatch(lines.Text()); m != nil && p.addrs[m[1]] == "" {
			p.addrs[m[1]] = m[2]
		}
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), "ready") {
			once.Do(func() { close(ready) })
		}
	}
	_ = p.cmd.Wait()
	close(p.exited)
}

// kill ends the process as a crash would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// stop asks it to end and returns its exit status.
func (p *process) stop(t testing.TB) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.exited:
	case <-time.After(30 * time.Second):
		t.Fatalf("catchpost did not end within 30 s of SIGTERM:\n%s", p.out)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) url(path string) string { return "http://" + p.addrs["http"] + path }

func (p *process) port(name string) string {
	_, port, _ := net.SplitHostPort(p.addrs[name])
	return port
}

// get returns the octets of a path that must answer 200.
func (p *process) get(t testing.TB, path string) []byte {
	t.Helper()
	resp, err := http.Get(p.url(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s %v: %s", path, resp.Status, err, b)
	}
	return b
}

// getJSON decodes what a path answers.
func (p *process) getJSON(t testing.TB, path string, v any) {
	t.Helper()
	if err := json.Unmarshal(p.get(t, path), v); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
}

// run runs a command of the binary to its end.
func run(t testing.TB, env []string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.Env = &o, &e, append(os.Environ(), env...)
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// post sends JSON that must be accepted with 2xx and decodes the answer.
func (p *process) post(t testing.TB, path, body string, v any) {
	t.Helper()
	p.request(t, http.MethodPost, path, body, v)
}

// delete deletes what a path names.
func (p *process) delete(t testing.TB, path string) {
	t.Helper()
	p.request(t, http.MethodDelete, path, "", nil)
}

func (p *process) request(t testing.TB, method, path, body string, v any) {
	t.Helper()
	req, err := http.NewRequest(method, p.url(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %v: %s", method, path, resp.Status, err, b)
	}
	if v != nil {
		if err := json.Unmarshal(b, v); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, b)
		}
	}
}
