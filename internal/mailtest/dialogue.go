package mailtest

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// Server is what a dialogue is played with: an address, and a way to deliver mail.
type Server struct {
	Addr    string
	Deliver func(t *testing.T, raw string)
}

// Dialogues plays the files that match a pattern, testdata/*.txtar. A file is a
// comment, messages (sections whose name ends in .eml), and dialogues, each with a
// server of its own. In a dialogue:
//
//	C: text       the first client sends a line; C2: the second
//	S: pattern    the server answers it; "…" stands for any octets
//	S: …          any lines, up to one that matches the next pattern
//	deliver FILE  FILE arrives
func Dialogues(t *testing.T, pattern string, start func(t *testing.T) Server) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a := txtar.Parse(data)
		mails := map[string]string{}
		for _, f := range a.Files {
			if strings.HasSuffix(f.Name, ".eml") {
				mails[f.Name] = strings.ReplaceAll(string(f.Data), "\n", "\r\n")
			}
		}
		for _, f := range a.Files {
			if !strings.HasSuffix(f.Name, ".eml") {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+f.Name, func(t *testing.T) {
					t.Parallel()
					play(t, string(f.Data), mails, start(t))
				})
			}
		}
	}
}

var dialogueLine = regexp.MustCompile(`^([CS])(\d?): ?(.*)$`)

// peer is one client of a dialogue.
type peer struct {
	conn net.Conn
	r    *bufio.Reader
}

func play(t *testing.T, script string, mails map[string]string, server Server) {
	peers := map[string]*peer{}
	get := func(n string) *peer {
		if peers[n] == nil {
			conn, err := net.Dial("tcp", server.Addr)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			peers[n] = &peer{conn, bufio.NewReader(conn)}
		}
		return peers[n]
	}
	skip := false
	for i, l := range strings.Split(strings.TrimSpace(script), "\n") {
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if name, isDelivery := strings.CutPrefix(l, "deliver "); isDelivery {
			server.Deliver(t, mails[name])
			continue
		}
		m := dialogueLine.FindStringSubmatch(l)
		switch {
		case m == nil:
			t.Fatalf("line %d: %q is nothing", i+1, l)
		case m[1] == "C":
			if _, err := get(m[2]).conn.Write([]byte(m[3] + "\r\n")); err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
		case m[3] == "…":
			skip = true
		default:
			get(m[2]).expect(t, i+1, m[3], skip)
			skip = false
		}
	}
}

// expect reads a line that matches, any lines before it where skip is true. CLOSED
// stands for the end of the connection.
func (p *peer) expect(t *testing.T, n int, pattern string, skip bool) {
	t.Helper()
	re := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), "…", ".*") + "$")
	var seen []string
	for {
		_ = p.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		l, err := p.r.ReadString('\n')
		if err != nil {
			if pattern == "CLOSED" {
				return
			}
			t.Fatalf("line %d: want %q: %v after %q", n, pattern, err, seen)
		}
		l = strings.TrimSuffix(l, "\r\n")
		if seen = append(seen, l); re.MatchString(l) {
			return
		}
		if !skip {
			t.Fatalf("line %d:\n got %q\nwant %q", n, l, pattern)
		}
	}
}
