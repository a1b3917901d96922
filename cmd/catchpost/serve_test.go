package main_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPortsInUse names every clash in one line and ends with status 1.
func TestPortsInUse(t *testing.T) {
	t.Parallel()
	var taken []string
	for range 2 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ln.Close() }()
		taken = append(taken, ln.Addr().String())
	}
	args := append([]string{"serve", "--data=:memory:"}, freePorts...)
	_, stderr, code := run(t, nil, append(args, "--smtp="+taken[0], "--smtp="+taken[1], "--http="+taken[1])...)
	if code != 1 || strings.Count(strings.TrimSpace(stderr), "\n") != 0 {
		t.Errorf("status %d, want 1 and one line:\n%s", code, stderr)
	}
	for _, want := range []string{taken[0] + " (--smtp)", taken[1] + " (--http)"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not named in %q", want, stderr)
		}
	}
}

// TestDataFile ends with one clear line when the data file is locked, foreign
// or out of reach.
func TestDataFile(t *testing.T) {
	t.Parallel()
	p := start(t, "")
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	if err := os.WriteFile(foreign, bytes.Repeat([]byte("not a data file\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ file, want string }{
		"locked":  {filepath.Join(p.dir, "catchpost.db"), "in use by another process"},
		"foreign": {foreign, "not a catchpost data file"},
		"folder":  {t.TempDir(), "it is a folder"},
	} {
		args := append([]string{"serve", "--data", tt.file}, freePorts...)
		_, stderr, code := run(t, nil, args...)
		if code != 1 || !strings.Contains(stderr, tt.want) || strings.Count(strings.TrimSpace(stderr), "\n") != 0 {
			t.Errorf("%s: status %d, want 1 and one line with %q:\n%s", name, code, tt.want, stderr)
		}
	}
}

// TestSignals ends in good order on the first signal, at once on the second.
func TestSignals(t *testing.T) {
	t.Parallel()
	p := start(t, "")
	c, err := net.Dial("tcp", p.addrs["smtp"])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	greeting := make([]byte, 512)
	if _, err := c.Read(greeting); err != nil {
		t.Fatal(err)
	}
	if code := p.stop(t); code != 0 {
		t.Errorf("status %d after SIGTERM:\n%s", code, p.out)
	}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	if n, err := c.Read(greeting); err != nil || !strings.HasPrefix(string(greeting[:n]), "421 ") {
		t.Errorf("the open connection got %q, %v; want 421", greeting[:n], err)
	}

	p = start(t, "")
	// A connection in the middle of its data holds the shutdown up.
	c, err = net.Dial("tcp", p.addrs["smtp"])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@x.test>\r\nDATA\r\nhalf")); err != nil {
		t.Fatal(err)
	}
	for heard := ""; !strings.Contains(heard, "354"); {
		n, err := c.Read(greeting)
		if err != nil {
			t.Fatal(err)
		}
		heard += string(greeting[:n])
	}
	for range 2 {
		if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
			break
		}
		select {
		case <-p.exited:
		case <-time.After(200 * time.Millisecond):
		}
	}
	select {
	case <-p.exited:
	case <-time.After(10 * time.Second):
		t.Error("the second signal did not end the process")
	}
}

// TestBinarySize holds the container under 25 MB: it is this binary and CA roots.
func TestBinarySize(t *testing.T) {
	t.Parallel()
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the stripped binary has %.1f MB", float64(info.Size())/1e6)
	if info.Size() > 24_500_000 {
		t.Errorf("the binary has %d octets; with CA roots the image must stay under 25 MB", info.Size())
	}
	out, err := exec.Command("go", "version", "-m", binary).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("CGO_ENABLED=0")) {
		t.Errorf("the binary is not static: %v\n%s", err, out)
	}
}

// TestDockerfile lints the container file where no engine is at hand.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, want := range []string{
		`(?m)^FROM golang:1\.26\S* AS build$`, `(?m)^FROM scratch$`, `(?m)^USER 65532:65532$`, `(?m)^VOLUME /data$`,
		`(?m)^HEALTHCHECK .*CMD \["/catchpost", "ready"\]$`, `CGO_ENABLED=0`, `(?m)^ENTRYPOINT \["/catchpost"\]$`,
		`CATCHPOST_BIND=0\.0\.0\.0`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("Dockerfile lacks %s", want)
		}
	}
	instructions := regexp.MustCompile(`^(FROM|WORKDIR|COPY|RUN|ARG|USER|ENV|VOLUME|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD) `)
	continued := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !continued && line[0] != '#' && !instructions.MatchString(line+" ") {
			t.Errorf("no instruction: %q", line)
		}
		continued = strings.HasSuffix(line, `\`)
	}
	// Each copied path of the build stage is made there.
	for _, m := range regexp.MustCompile(`--from=build (?:--\S+ )?(/out/\S+)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, "-o "+m[1]+" ") && !strings.Contains(text, "mkdir "+m[1]) && !strings.Contains(text, "-o "+m[1]) {
			t.Errorf("%s is copied and never made", m[1])
		}
	}
}

// TestSandboxLimits: what a sandbox's creator leaves out stays as the options say.
func TestSandboxLimits(t *testing.T) {
	t.Parallel()
	p := start(t, "", "--sandbox-max-bytes=7MiB")
	var box struct {
		Limits struct{ Messages, Bytes int64 }
	}
	p.post(t, "/v1/sandboxes", `{"limits":{"messages":2}}`, &box)
	if box.Limits.Messages != 2 || box.Limits.Bytes != 7<<20 {
		t.Errorf("limits %+v", box.Limits)
	}
}
