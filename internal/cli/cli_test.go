package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExitStatus(t *testing.T) {
	in := newInstance(t)
	here := Remote{URL: in.URL}
	gone := Remote{URL: "http://127.0.0.1:1"}
	tests := []struct {
		name string
		cmd  command
		code int
		err  string
	}{
		{"wait times out", &Wait{Remote: here, Within: time.Second, Min: 1}, ExitFailed, "FAIL a\n0 of 1 messages matched within 1s"},
		{"wait unreachable", &Wait{Remote: gone, Within: time.Second, Min: 1}, ExitUnreachable, ""},
		{"wait too long", &Wait{Remote: here, Within: time.Hour, Min: 1}, ExitUsage, ""},
		{"wait bad word", &Wait{Remote: here, Within: time.Second, Filter: []string{"to"}}, ExitUsage, ""},
		{"assert fails", &Assert{Remote: here, Filter: []string{"to=a@b"}}, ExitFailed, "exit status 1"},
		{"assert nothing", &Assert{Remote: here}, ExitUsage, ""},
		{"assert bad count", &Assert{Remote: here, Count: "1..x"}, ExitUsage, ""},
		{"assert no file", &Assert{Remote: here, File: "/nonexistent"}, ExitUsage, ""},
		{"assert unreachable", &Assert{Remote: gone, Count: "1"}, ExitUnreachable, ""},
		{"get none", &Get{Remote: here}, ExitFailed, "no message matches (no_match, HTTP 404)"},
		{"get ID with conditions", &Get{Remote: here, What: []string{"id1", "to=a@b"}}, ExitUsage, ""},
		{"ready", &Ready{Remote: here}, 0, ""},
		{"ready unreachable", &Ready{Remote: gone}, ExitUnreachable, ""},
		{"bad URL", &Ready{Remote: Remote{URL: "localhost:8025"}}, ExitUsage, ""},
		{"send nowhere", &Send{Server: Server{Server: "127.0.0.1:1"}, From: "a@b.test", To: []string{"c@d.test"}}, ExitUnreachable, ""},
		{"send to nobody", &Send{From: "a@b.test"}, ExitUsage, "no recipient: give --to, --cc or --bcc"},
		{"run nothing", &Run{}, ExitUsage, ""},
		{"run unknown", &Run{Command: []string{"no-such-command"}}, 127, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := execute(t, tt.cmd, "")
			if got.code != tt.code || tt.err != "" && got.err != tt.err {
				t.Errorf("exit status %d, %q", got.code, got.err)
			}
		})
	}
}

func TestAssertBody(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mail.yaml")
	yaml := "- name: a\n  where: {to: anna@x.test, size.lt: 5MB}\n  count: {min: 1, max: 2}\n---\nwhere: {subject: Hi}\nexpect:\n  - not.html: '{{'\n"
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		cmd  Assert
		in   string
		want string
	}{
		{"arguments", Assert{Filter: []string{"to=anna@x.test", "body=a", "body=b", "id.in=x,y"}, Count: "1..3", Within: "10s", Expect: []string{"not.html={{"}, Name: "n"}, "",
			`{"name":"n","where":{"body":["a","b"],"id.in":["x","y"],"to":"anna@x.test"},"count":{"max":3,"min":1},"within":"10s","expect":[{"not.html":"{{"}]}`},
		{"a number", Assert{Count: "0", Settle: "2s"}, "", `{"count":0,"settle":"2s"}`},
		{"open range", Assert{Count: "2.."}, "", `{"count":{"min":2}}`},
		{"YAML", Assert{File: file}, "", `[{"count":{"max":2,"min":1},"name":"a","where":{"size.lt":"5MB","to":"anna@x.test"}},{"expect":[{"not.html":"{{"}],"where":{"subject":"Hi"}}]`},
		{"JSON from standard input", Assert{File: "-"}, `{"where":{"to":"a@b.test"}}`, `[{"where":{"to":"a@b.test"}}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body, err := tt.cmd.body(strings.NewReader(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(body)
			if err != nil || string(got) != tt.want {
				t.Errorf("%s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestGet(t *testing.T) {
	in := newInstance(t)
	in.add("shop@x.test", []string{"anna@x.test"}, []byte("Subject: Hi\r\n\r\nraw\r\n"))
	here := Remote{URL: in.URL}
	tests := []struct {
		cmd  Get
		want string
	}{
		{Get{Raw: true}, "Subject: Hi\r\n\r\nraw\r\n"},
		{Get{Code: true}, "482913\n"},
		{Get{Code: true, All: true}, "482913\n111111\n"},
		{Get{Link: true}, "https://x.test/v\n"},
		{Get{Kind: "unsubscribe"}, "https://x.test/u\n"},
		{Get{What: []string{"id1"}}, "Subject:     Hi\nEnvelope:    <shop@x.test> to <anna@x.test>\nReceived:    2026-11-22T21:53:01Z, sandbox default, id1\n\nHello \uFFFD[31mred\n"},
	}
	for _, tt := range tests {
		tt.cmd.Remote = here
		if got := execute(t, &tt.cmd, ""); got.code != 0 || got.out != tt.want {
			t.Errorf("%+v\nwant %q", got, tt.want)
		}
	}
	if got := execute(t, &Get{Remote: here, Kind: "reset"}, ""); got.code != ExitFailed {
		t.Errorf("%+v", got)
	}
}

func TestAssertReports(t *testing.T) {
	in := newInstance(t)
	report := filepath.Join(t.TempDir(), "junit.xml")
	got := execute(t, &Assert{Remote: Remote{URL: in.URL}, Count: "1", JUnit: report, JSON: true}, "")
	if got.code != ExitFailed || !strings.Contains(got.out, `"passed": false`) {
		t.Errorf("%+v", got)
	}
	b, err := os.ReadFile(report)
	if err != nil || !strings.Contains(string(b), "<testcase") || !strings.Contains(string(b), "<failure") {
		t.Errorf("%s, %v", b, err)
	}
}

func TestRoundTrip(t *testing.T) {
	first := "Subject: ../../etc/passwd\r\nFrom: a@b.test\r\n\r\nFrom here on\r\n>From there\r\n\r\nFrom the end\r\n"
	second := "Subject: two\r\n\r\nno end of line\r\n"
	for _, format := range []string{"eml", "mbox", "maildir"} {
		t.Run(format, func(t *testing.T) {
			in, back := newInstance(t), newInstance(t)
			in.add("shop@x.test", []string{"anna@x.test"}, []byte(first))
			in.add("", nil, []byte(second))
			dir := t.TempDir()
			path := filepath.Join(dir, "out")
			if got := execute(t, &Export{Remote: Remote{URL: in.URL}, Out: path, Format: format}, ""); got.code != 0 || got.err != "exported 2 messages\n" {
				t.Fatalf("%+v", got)
			}
			if got := execute(t, &Import{Remote: Remote{URL: back.URL}, Paths: []string{path}, Format: "auto"}, ""); got.code != 0 || got.out != "imported 2 messages\n" {
				t.Fatalf("%+v", got)
			}
			var raws []string
			for _, m := range back.mail {
				raws = append(raws, string(m.raw))
			}
			slices.Sort(raws)
			if d := cmp.Diff([]string{first, second}, raws); d != "" {
				t.Error(d)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
				t.Errorf("more than the target was written: %v, %v", left, err)
			}
		})
	}
}

// TestMboxSenders: what export writes as sender, import reads.
func TestMboxSenders(t *testing.T) {
	at := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, from := range []string{"", "shop@x.test", `"a  b"@x.test`, "grün@x.test", "a+b=c@x.test"} {
		var b strings.Builder
		if err := writeMbox(&b, from, at, []byte("Subject: x\r\n")); err != nil {
			t.Fatal(err)
		}
		l, _, _ := strings.Cut(b.String(), "\n")
		if o := parseFromLine(l); o.reversePath == nil || *o.reversePath != from || !o.at.Equal(at) {
			t.Errorf("%q: %+v", l, o)
		}
	}
}

func TestMboxForms(t *testing.T) {
	const box = "From a@b Sun Nov 22 21:53:07 2026\nSubject: x\n\n>From one\n>>From two\n\nFrom c@d Sun Nov 22 21:53:08 2026\nSubject: y\n\nz"
	tests := []struct {
		format string
		want   []string
	}{
		{"mbox", []string{"Subject: x\r\n\r\nFrom one\r\n>From two\r\n", "Subject: y\r\n\r\nz"}},
		{"mboxo", []string{"Subject: x\r\n\r\nFrom one\r\n>>From two\r\n", "Subject: y\r\n\r\nz"}},
	}
	for _, tt := range tests {
		in := newInstance(t)
		got := execute(t, &Import{Remote: Remote{URL: in.URL}, Paths: []string{"-"}, Format: tt.format}, box)
		if got.code != 0 || len(in.mail) != 2 || string(in.mail[0].raw) != tt.want[0] || string(in.mail[1].raw) != tt.want[1] {
			t.Errorf("%s: %+v %+v", tt.format, got, in.mail)
		}
	}
	in := newInstance(t)
	if got := execute(t, &Import{Remote: Remote{URL: in.URL}, Paths: []string{"-"}, Format: "mbox"}, "Subject: x\n"); got.code != ExitFailed {
		t.Errorf("%+v", got)
	}
}
