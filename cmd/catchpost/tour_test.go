package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// step is a command of README's tour and what it shall print; … stands for anything.
type step struct{ command, want string }

// tour takes the commands out of README's console blocks.
func tour(t *testing.T) []step {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(b), -1) {
		for line := range strings.Lines(block[1]) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				steps = append(steps, step{command: strings.TrimSpace(command)})
			} else if len(steps) > 0 {
				steps[len(steps)-1].want += line
			}
		}
	}
	return steps
}

// TestTour runs the commands of README as a newcomer would, on ports of its
// own, and compares what they print.
func TestTour(t *testing.T) {
	t.Parallel()
	steps := tour(t)
	if len(steps) < 6 {
		t.Fatalf("README's tour has %d commands", len(steps))
	}
	p := start(t, "")
	bin := t.TempDir()
	if err := os.Symlink(binary, filepath.Join(bin, "catchpost")); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"),
		"CATCHPOST_URL="+p.url(""), "CATCHPOST_SMTP_SERVER="+p.addrs["smtp"])
	for _, s := range steps {
		program, _, _ := strings.Cut(s.command, " ")
		if program != "catchpost" {
			if _, err := exec.LookPath(program); err != nil && os.Getenv("CI") == "true" {
				t.Fatalf("%s is missing", program)
			} else if err != nil {
				t.Logf("%s is missing: %q stands in for it", program, "catchpost send")
				s = step{command: `catchpost send --from shop@shop.test --to ben@x.test --subject "Welcome, Ben" --text "Your code is 771204"`, want: "…\n"}
			}
		}
		line := strings.NewReplacer("127.0.0.1:8025", p.addrs["http"], "--port 1025", "--port "+p.port("smtp")).Replace(s.command)
		cmd := exec.Command("sh", "-c", line)
		cmd.Env = env
		out, _ := cmd.CombinedOutput() // a failing assertion is part of the tour
		got := strings.ReplaceAll(strings.TrimSpace(string(out)), "\r\n", "\n")
		if !pattern(s.want).MatchString(got) {
			t.Errorf("$ %s\nprinted\n%s\nREADME says\n%s", line, got, s.want)
		}
	}
}

// pattern turns expected output into an expression: … is anything, also over lines.
func pattern(want string) *regexp.Regexp {
	parts := strings.Split(strings.TrimSpace(want), "…")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile(`(?s)^` + strings.Join(parts, `.*`) + `$`)
}
