// Package examples_test runs the examples as their readers would.
package examples_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/catchpost/catchpost/examples/app"
)

// catchpost builds the binary.
func catchpost(t *testing.T) string {
	t.Helper()
	if os.Getenv("CATCHPOST_CLIENTS") == "" {
		t.Skip("outside programs: set CATCHPOST_CLIENTS=1 (make check-clients)")
	}
	binary := filepath.Join(t.TempDir(), "catchpost")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/catchpost").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// need skips without a program, and fails in CI.
func need(t *testing.T, program, debian string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: install the Debian package %s", program, debian)
	}
	t.Skipf("%s is missing: install the Debian package %s", program, debian)
}

// copied copies an example, so that what it installs stays out of the tree.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func TestNode(t *testing.T) {
	binary := catchpost(t)
	need(t, "npm", "npm")
	dir := copied(t, "node")
	run(t, dir, nil, "npm", "install", "--no-audit", "--no-fund", "--silent")
	run(t, dir, nil, binary, "run", "--expect", abs(t, "ci/mail.yaml"), "--artifacts", "out", "--", "npm", "test")
	for _, want := range []string{"out/mail/*.eml", "out/junit.xml"} {
		if found, _ := filepath.Glob(filepath.Join(dir, want)); len(found) == 0 {
			t.Errorf("no %s", want)
		}
	}
}

func abs(t *testing.T, path string) string {
	t.Helper()
	p, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPython(t *testing.T) {
	binary := catchpost(t)
	need(t, "python3", "python3")
	run(t, copied(t, "python"), []string{"PYTHONDONTWRITEBYTECODE=1"}, binary, "run", "--", "python3", "-m", "unittest")
}

// TestPlaywright lets a browser register at the Go application, which sends to
// the instance that `catchpost run` started.
func TestPlaywright(t *testing.T) {
	binary := catchpost(t)
	need(t, "npm", "npm")
	need(t, "chromium", "chromium")
	dir := copied(t, "playwright")
	run(t, dir, nil, "npm", "install", "--no-audit", "--no-fund", "--silent")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + ln.Addr().String()
	shop := &app.App{URL: url}
	mux := http.NewServeMux()
	// The command tells where its SMTP server is before the browser starts.
	mux.HandleFunc("/smtp", func(_ http.ResponseWriter, r *http.Request) { shop.SMTP = r.FormValue("addr") })
	mux.Handle("/", shop)
	server := &http.Server{Handler: mux} //nolint:gosec // a test's server
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	script := fmt.Sprintf(`curl -sf "%s/smtp?addr=$SMTP_HOST:$SMTP_PORT" && npm test`, url)
	out := run(t, dir, []string{"APP_URL=" + url}, binary, "run", "--", "sh", "-c", script)
	if !strings.Contains(out, "# pass 1") && !strings.Contains(out, "pass 1") {
		t.Errorf("the browser's test did not run:\n%s", out)
	}
}

// TestPipelineFiles lints what people copy into their pipelines.
func TestPipelineFiles(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"../action.yml":         {"name", "description", "inputs", "runs"},
		"ci/gitlab-ci.yml":      {"test"},
		"ci/docker-compose.yml": {"services", "volumes"},
	} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := yaml.Unmarshal(b, &doc); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, key := range want {
			if doc[key] == nil {
				t.Errorf("%s lacks %s", file, key)
			}
		}
	}
	// An expression in a script would let an input write commands of its own.
	action, err := os.ReadFile("../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, steps, _ := strings.Cut(string(action), "\nruns:\n")
	for _, m := range regexp.MustCompile(`(?ms)^ +run: (.*?)(?:^ +env:|^ +- |\z)`).FindAllStringSubmatch(steps, -1) {
		if strings.Contains(m[1], "${{") {
			t.Errorf("action.yml puts an input into a script: %s", m[1])
		}
	}
	inputs := regexp.MustCompile(`inputs\.(\w+)`).FindAllStringSubmatch(string(action), -1)
	var doc struct{ Inputs map[string]any }
	if err := yaml.Unmarshal(action, &doc); err != nil {
		t.Fatal(err)
	}
	for _, m := range inputs {
		if doc.Inputs[m[1]] == nil {
			t.Errorf("action.yml uses the input %s and never names it", m[1])
		}
	}
}
