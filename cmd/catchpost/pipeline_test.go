package main_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/smtp"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// job is one pipeline's assertion: a process with a sandbox of its own.
type job struct {
	kind  string // passes, fails, nothing
	name  string
	token string
	args  []string
	want  int // exit status
	mail  []letter
}

// letter is a mail that is sent some time after the start.
type letter struct {
	to, subject string
	after       time.Duration
}

// TestTwoHundredPipelines runs 200 processes of `catchpost assert` at once, each
// with its own sandbox, and wants no wrong verdict in 20 runs. A fifth of the
// mail is unrelated, senders take up to the deadline, ten must fail, and ten
// assert that nothing was sent.
func TestTwoHundredPipelines(t *testing.T) {
	clientTests(t)
	runs := 20
	p := start(t, "", "--max-connections=2000")
	for r := range runs {
		jobs := make([]*job, 200)
		for i := range jobs {
			jobs[i] = newJob(r, i)
			var made struct{ Name, Token string }
			p.post(t, "/v1/sandboxes", fmt.Sprintf(`{"name": "run-%d-%d"}`, r, i), &made)
			jobs[i].name, jobs[i].token = made.Name, made.Token
		}
		before := p.requests(t)
		var wg sync.WaitGroup
		wrong := make(chan string, len(jobs))
		for _, j := range jobs {
			wg.Go(func() {
				if text := p.judge(t, j); text != "" {
					wrong <- text
				}
			})
			wg.Go(func() { p.letters(t, j) })
		}
		wg.Wait()
		close(wrong)
		for text := range wrong {
			t.Errorf("run %d: %s", r, text)
		}
		if made := p.requests(t) - before; made > float64(len(jobs)+20) {
			t.Errorf("run %d: %d assertions made %.0f requests: somebody polls", r, len(jobs), made)
		}
		if t.Failed() {
			t.FailNow()
		}
		for _, j := range jobs {
			p.delete(t, "/v1/sandboxes/"+j.name)
		}
	}
}

// pipelineDeadline is what each assertion waits; senders take up to
// pipelineSlack less, for 200 processes start on few cores.
const (
	pipelineDeadline = 10 * time.Second
	pipelineSlack    = 3 * time.Second
)

func newJob(r, i int) *job {
	j := &job{kind: "passes", want: 0}
	to, subject := fmt.Sprintf("user-%d@x.test", i), fmt.Sprintf("Welcome %d-%d", r, i)
	j.args = []string{"--within", pipelineDeadline.String(), "to=" + to, "subject.prefix=Welcome " + strconv.Itoa(r)}
	late := func() time.Duration { return rand.N(pipelineDeadline - pipelineSlack) }
	switch {
	case i < 10: // must fail: another's name, another's subject, or nobody wrote
		j.kind, j.want = "fails", 1
		if i%2 == 0 {
			j.mail = []letter{{to, "Goodbye " + strconv.Itoa(r), late()}}
		}
	case i < 20:
		j.kind = "nothing"
		j.args = []string{"--count", "0", "--settle", "3s", "to=" + to}
	default:
		j.mail = []letter{{to, subject, late()}}
	}
	if i%5 == 0 {
		j.mail = append(j.mail, letter{"somebody-else@x.test", "Unrelated", late()})
	}
	return j
}

// judge runs the process and says what was wrong with its verdict.
func (p *process) judge(t *testing.T, j *job) string {
	cmd := exec.Command(binary, append([]string{"assert", "--url", p.url(""), "--token", j.token}, j.args...)...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != j.want {
		there, _, _ := run(t, nil, "export", "--url", p.url(""), "--token", j.token, "--format=mbox", "-")
		return fmt.Sprintf("%s (%s): exit status %d, want %d:\n%sthere is:\n%s", j.name, j.kind, got, j.want, out, there)
	}
	return ""
}

// letters sends a job's mail, each at its time.
func (p *process) letters(t *testing.T, j *job) {
	var wg sync.WaitGroup
	for _, l := range j.mail {
		wg.Go(func() {
			timer := time.NewTimer(l.after)
			<-timer.C
			auth := smtp.PlainAuth("", j.name, j.token, "127.0.0.1")
			body := "From: shop@shop.test\r\nTo: " + l.to + "\r\nSubject: " + l.subject + "\r\n\r\nHello\r\n"
			if err := smtp.SendMail(p.addrs["smtp"], auth, "shop@shop.test", []string{l.to}, []byte(body)); err != nil {
				t.Errorf("%s: %v", j.name, err)
			}
		})
	}
	wg.Wait()
}

var requestCount = regexp.MustCompile(`(?m)^catchpost_http_request_seconds_count\{[^}]*\} ([0-9.e+]+)$`)

// requests sums the HTTP requests that were answered so far.
func (p *process) requests(t *testing.T) float64 {
	t.Helper()
	text := p.get(t, "/metrics")
	if !bytes.Contains(text, []byte("catchpost_http_request_seconds_count")) {
		t.Fatalf("no request counter in the metrics:\n%s", text)
	}
	sum := 0.0
	for _, m := range requestCount.FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}

// TestVerdictTexts prints three failing verdicts as an engineer sees them.
func TestVerdictTexts(t *testing.T) {
	t.Parallel()
	p := start(t, "")
	for _, l := range []letter{{"anna@x.test", "Welcome, Anna", 0}, {"anna@x.test", "Your invoice", 0}} {
		body := "From: shop@shop.test\r\nTo: " + l.to + "\r\nSubject: " + l.subject + "\r\n\r\nHi Anna, total: 10 EUR\r\n"
		if err := smtp.SendMail(p.addrs["smtp"], nil, "shop@shop.test", []string{l.to}, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"to=ana@x.test", "subject.prefix=Welcome"},
		{"--count", "0", "to=anna@x.test"},
		{"to=anna@x.test", "subject=invoice", "body=total: 12 EUR"},
	} {
		out, errs, code := run(t, []string{"CATCHPOST_URL=" + p.url("")}, append([]string{"assert"}, args...)...)
		if code != 1 || !strings.Contains(out, "FAIL") {
			t.Errorf("%q: status %d\n%s%s", args, code, out, errs)
		}
		t.Logf("$ catchpost assert %s\n%s", strings.Join(args, " "), out)
	}
}
