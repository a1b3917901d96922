package smtpd

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/tlsca"
	"github.com/catchpost/catchpost/store"
)

// TestDialogues plays testdata/*.txtar. A file of an archive is one connection:
//
//	# comment
//	opt WORD…     a server option, before the first line (see dialogueConfig)
//	C: text       the client sends text and CRLF; neighbours go out in one write
//	c: "go\r\n"   the client sends a quoted Go string exactly
//	S: pattern    the server answers a line; * stands for anything
//	TLS           the client starts TLS
//	CLOSED        the server closes
//	raw: "text"   the newest message's octets
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	ca, err := tlsca.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+f.Name, func(t *testing.T) {
				t.Parallel()
				play(t, ca, string(f.Data))
			})
		}
	}
}

// dialogueConfig makes a server from a script's opt lines.
func dialogueConfig(t *testing.T, ca *tlsca.CA, words []string) (cfg Config, st *fakeStore, implicit bool) {
	st = openStore(t)
	st.accounts = []string{"anna@x.test", "bob@x.test", "bob@y.test", "ann b@x.test"}
	st.aliases["team@x.test"] = []string{"anna@x.test", "bob@x.test"}
	st.routeErr["full@x.test"] = store.ErrFull
	st.routeErr["ended@x.test"] = store.ErrSandboxEnded
	st.routeErr["broken@x.test"] = errors.New("broken")
	cfg = Config{Backend: st}
	busy := fault.Effect{Code: 451, Enhanced: "4.7.1", Text: "Try later"}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		n, _ := strconv.Atoi(value)
		switch key {
		case "lmtp":
			cfg.Mode = LMTP
		case "clear-only":
			cfg.ClearOnly = true
		case "closed":
			cfg.Closed = true
		case "tls":
			cfg.TLS = ca.ServerConfig()
		case "implicit":
			cfg.TLS, implicit = ca.ServerConfig(), true
		case "require-auth":
			cfg.RequireAuth = true
		case "auth-needs-tls":
			cfg.AuthNeedsTLS = true
		case "scram":
			cfg.SCRAM = true
		case "reject-bare-lf":
			cfg.RejectBareLF = true
		case "size":
			cfg.Limits.MessageSize = int64(n)
		case "recipients":
			cfg.Limits.Recipients = n
		case "errors":
			cfg.Limits.Errors = n
		case "idle":
			cfg.Limits.Idle = time.Duration(n) * time.Millisecond
		case "deliver":
			st.deliverErr = map[string]error{"full": store.ErrFull, "big": store.ErrTooBig, "disk": store.ErrDiskFull, "ended": store.ErrSandboxEnded, "closed": store.ErrClosed, "broken": errors.New("broken")}[value]
		case "fault-rcpt":
			cfg.Faults = rules(t, fault.Rule{Points: []fault.Point{fault.Rcpt}, Times: int64(n), Effect: busy})
		case "fault":
			cfg.Faults = rules(t, fault.Rule{Sandbox: store.DefaultSandbox, Points: []fault.Point{fault.Point(value)}, Times: 1, Effect: busy})
		case "cut":
			cfg.Faults = rules(t, fault.Rule{Points: []fault.Point{fault.Point(value)}, Times: 1, Effect: fault.Effect{Cut: true}})
		case "cut-after":
			cfg.Faults = rules(t, fault.Rule{Points: []fault.Point{fault.Data}, Times: 1, Effect: fault.Effect{CutAfter: int64(n), Throttle: 1 << 20, Delay: time.Millisecond}})
		default:
			t.Fatalf("unknown option %q", w)
		}
	}
	return cfg, st, implicit
}

func play(t *testing.T, ca *tlsca.CA, script string) {
	var words []string
	lines := strings.Split(script, "\n")
	for _, l := range lines {
		if opts, ok := strings.CutPrefix(l, "opt "); ok {
			words = append(words, strings.Fields(opts)...)
		}
	}
	cfg, st, implicit := dialogueConfig(t, ca, words)
	nc, err := net.Dial("tcp", start(t, cfg, implicit))
	if err != nil {
		t.Fatal(err)
	}
	p := &player{t: t, st: st, nc: nc, ca: ca}
	if implicit {
		p.nc = tls.Client(nc, &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost"})
	}
	defer p.nc.Close()
	p.r = bufio.NewReader(p.nc)
	p.nc.SetDeadline(time.Now().Add(10 * time.Second))
	for i, l := range lines {
		if l != "" && l[0] != '#' && !strings.HasPrefix(l, "opt ") {
			if err := p.line(l); err != nil {
				t.Fatalf("line %d: %s\n%v", i+1, l, err)
			}
		}
	}
}

type player struct {
	t       *testing.T
	st      *fakeStore
	ca      *tlsca.CA
	nc      net.Conn
	r       *bufio.Reader
	pending string
}

func (p *player) line(l string) error {
	word, rest, _ := strings.Cut(l, " ")
	switch word {
	case "C:":
		p.pending += rest + "\r\n"
		return nil
	case "c:":
		s, err := strconv.Unquote(rest)
		p.pending += s
		return err
	}
	if p.pending != "" {
		if _, err := io.WriteString(p.nc, p.pending); err != nil {
			return err
		}
		p.pending = ""
	}
	switch word {
	case "S:":
		got, err := p.r.ReadString('\n')
		if ok, _ := path.Match(strings.ReplaceAll(rest, "/", "|"), strings.ReplaceAll(strings.TrimSuffix(got, "\r\n"), "/", "|")); !ok || err != nil || !strings.HasSuffix(got, "\r\n") {
			return fmt.Errorf("got %q %v", got, err)
		}
	case "TLS":
		p.nc = tls.Client(p.nc, &tls.Config{RootCAs: p.ca.Pool(), ServerName: "localhost"})
		p.r = bufio.NewReader(p.nc)
	case "CLOSED":
		if got, err := p.r.ReadString('\n'); err == nil {
			return fmt.Errorf("not closed: %q", got)
		}
	case "raw:":
		want, err := strconv.Unquote(rest)
		if got := p.st.raw(p.t); got != want || err != nil {
			return fmt.Errorf("stored %q %v", got, err)
		}
	default:
		return fmt.Errorf("unknown line")
	}
	return nil
}

// TestVerbsInEveryState walks the verbs table: what the table forbids is 503 (or
// 554 for want of recipients), and what it allows is not.
func TestVerbsInEveryState(t *testing.T) {
	reach := map[state]string{
		connected:     "",
		greeted:       "EHLO c.test\r\n",
		inTransaction: "EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n",
		hasRecipient:  "EHLO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<anna@x.test>\r\n",
		inChunks:      "EHLO c.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<anna@x.test>\r\nBDAT 3\r\na\r\n",
	}
	args := map[string]string{"HELO": " c.test", "EHLO": " c.test", "MAIL": " FROM:<a@x.test>", "RCPT": " TO:<b@x.test>",
		"BDAT": " 0", "VRFY": " anna@x.test", "EXPN": " anna@x.test", "AUTH": " NONE"}
	addr := start(t, Config{Backend: openStore(t)}, false)
	for st, prelude := range reach {
		for name, v := range verbs {
			if v.dialect == lmtpOnly {
				continue
			}
			nc, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			nc.SetDeadline(time.Now().Add(5 * time.Second))
			io.WriteString(nc, prelude+"RSEX\r\n"+name+args[name]+"\r\n")
			code := ""
			for r, seen := bufio.NewReader(nc), false; ; {
				l, err := r.ReadString('\n')
				if err != nil {
					t.Fatalf("%s after %q: %v", name, prelude, err)
				}
				if seen {
					code = l[:3]
					break
				}
				seen = strings.HasPrefix(l, "500 ")
			}
			nc.Close()
			if forbidden := code == "503" || code == "554"; forbidden != (v.in&st == 0) {
				t.Errorf("%s after %q: %s", name, prelude, code)
			}
		}
	}
}
