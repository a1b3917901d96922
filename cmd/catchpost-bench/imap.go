package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

type imapCommand struct {
	Catchpost string `required:"" type:"path" help:"The catchpost binary."`
	Messages  int    `default:"20000" help:"Messages in INBOX, 4 KB each."`
	Runs      int    `default:"3" help:"Runs of each command; the median counts."`
	Clients   []int  `default:"1,8" help:"Clients at once."`
}

// imapWork is what is timed, each to the end of its answer.
var imapWork = []string{
	"SELECT INBOX",
	"FETCH 1:* (UID FLAGS ENVELOPE)",
	"FETCH 1:* (FLAGS)",
	"FETCH 1:* (BODY.PEEK[])",
	`UID SEARCH TEXT "no such words"`,
	`UID SEARCH SUBJECT "Order 17 "`,
	"STORE 1:* +FLAGS.SILENT (\\Flagged)",
	"STORE 1:* -FLAGS.SILENT (\\Flagged)",
}

// imapRow is one command's times in milliseconds: the slowest client's, median of the runs.
type imapRow struct {
	Command   string  `json:"command"`
	Clients   int     `json:"clients"`
	Catchpost float64 `json:"catchpost_ms"`
	Dovecot   float64 `json:"dovecot_ms,omitempty"`
	Ratio     float64 `json:"ratio,omitempty"` // Dovecot's time over ours
}

// Run times IMAP and POP3 on catchpost and, where it is installed, on Dovecot with
// a Maildir, one after the other, with the same messages.
func (c *imapCommand) Run(ctx context.Context) error {
	var all [][]imapRow
	var pop []map[string]float64
	for _, start := range []func(context.Context, string) (*mailServer, error){startCatchpostIMAP, startDovecot} {
		s, err := start(ctx, c.Catchpost)
		if errors.Is(err, exec.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		rows, p, err := c.measure(s)
		s.stop()
		if err != nil {
			return err
		}
		all, pop = append(all, rows), append(pop, p)
	}
	rows := all[0]
	for i := range rows {
		if len(all) > 1 {
			rows[i].Dovecot = all[1][i].Catchpost
			rows[i].Ratio = rows[i].Dovecot / rows[i].Catchpost
		}
	}
	out := map[string]any{"messages": c.Messages, "imap": rows, "catchpost": pop[0]}
	if len(pop) > 1 {
		out["dovecot"] = pop[1]
	}
	return printJSON(out)
}

func (c *imapCommand) measure(s *mailServer) ([]imapRow, map[string]float64, error) {
	first, err := dialIMAP(s)
	if err != nil {
		return nil, nil, err
	}
	defer first.conn.Close()
	rates := map[string]float64{}
	began := time.Now()
	if err := first.fill(c.Messages); err != nil {
		return nil, nil, err
	}
	rates["multiappend_msg_per_s"] = float64(c.Messages) / time.Since(began).Seconds()
	var rows []imapRow
	for _, n := range c.Clients {
		clients := make([]*imapConn, n)
		for i := range clients {
			if clients[i], err = dialIMAP(s); err != nil {
				return nil, nil, err
			}
			defer clients[i].conn.Close()
			if _, err := clients[i].run("SELECT INBOX"); err != nil {
				return nil, nil, err
			}
		}
		for _, cmd := range imapWork {
			ms, err := timeAll(clients, cmd, c.Runs)
			if err != nil {
				return nil, nil, err
			}
			rows = append(rows, imapRow{Command: cmd, Clients: n, Catchpost: ms})
		}
	}
	if rates["append_msg_per_s"], err = first.appendRate(); err == nil {
		rates["idle_ms"], err = idleDelay(s, first)
	}
	for _, window := range []int{1, 64} {
		if err == nil {
			rates[fmt.Sprintf("pop3_retr_%d_in_flight_msg_per_s", window)], err = popRate(s, min(c.Messages, 5000), window)
		}
	}
	return rows, rates, err
}

// timeAll runs a command on every client at once and returns the median of the
// slowest ones' milliseconds. One run before warms the caches.
func timeAll(clients []*imapConn, cmd string, runs int) (float64, error) {
	var times []float64
	for i := range runs + 1 {
		var wg sync.WaitGroup
		errs := make([]error, len(clients))
		began := time.Now()
		for k, c := range clients {
			wg.Go(func() { _, errs[k] = c.run(cmd) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return 0, err
		}
		if i > 0 {
			times = append(times, ms(time.Since(began)))
		}
	}
	return median(times), nil
}

// imapConn is a client that reads answers without looking into them.
type imapConn struct {
	conn net.Conn
	n    int
	buf  []byte
}

func dialIMAP(s *mailServer) (*imapConn, error) {
	conn, err := net.Dial("tcp", s.imap)
	if err != nil {
		return nil, err
	}
	c := &imapConn{conn: conn, buf: make([]byte, 256<<10)}
	if _, err := conn.Read(c.buf); err != nil {
		return nil, err
	}
	_, err = c.run(fmt.Sprintf("LOGIN %s %s", s.user, s.password))
	return c, err
}

// run sends a command and returns how many octets its answer had.
func (c *imapConn) run(cmd string) (int, error) {
	c.n++
	tag := fmt.Sprintf("q%d ", c.n)
	if _, err := c.conn.Write([]byte(tag + cmd + "\r\n")); err != nil {
		return 0, err
	}
	return c.await(tag)
}

func (c *imapConn) await(tag string) (int, error) {
	n, keep := 0, 0
	for {
		m, err := c.conn.Read(c.buf[keep:])
		if err != nil {
			return n, err
		}
		n += m
		tail := c.buf[:keep+m]
		if tail[len(tail)-1] == '\n' && (bytes.HasPrefix(tail, []byte(tag)) || bytes.Contains(tail, []byte("\r\n"+tag))) {
			if !bytes.Contains(tail, []byte(tag+"OK ")) {
				return n, fmt.Errorf("answer %q", tail[max(0, len(tail)-100):])
			}
			return n, nil
		}
		keep = copy(c.buf, tail[max(0, len(tail)-500):])
	}
}

var benchBody = strings.Repeat("All work and no play makes Jack a dull boy, as they say.\r\n", 65)

func benchMail(i int) string {
	return fmt.Sprintf("From: Sender %d <s%d@shop.example>\r\nTo: anna@shop.example\r\nSubject: Order %d is on its way\r\n"+
		"Message-ID: <%d@shop.example>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\n%s", i, i%100, i, i, benchBody)
}

// fill appends messages, 100 in one command (MULTIAPPEND).
func (c *imapConn) fill(messages int) error {
	for i := 0; i < messages; {
		var b strings.Builder
		b.WriteString("APPEND INBOX")
		for range min(100, messages-i) {
			m := benchMail(i)
			fmt.Fprintf(&b, " {%d+}\r\n%s", len(m), m)
			i++
		}
		if _, err := c.run(b.String()); err != nil {
			return err
		}
	}
	return nil
}

// appendRate is how many single APPENDs a second one client gets done.
func (c *imapConn) appendRate() (float64, error) {
	const n = 300
	began := time.Now()
	for i := range n {
		m := benchMail(i)
		if _, err := c.run(fmt.Sprintf("APPEND Archive {%d+}\r\n%s", len(m), m)); err != nil {
			return 0, err
		}
	}
	return n / time.Since(began).Seconds(), nil
}

// idleDelay is how long after its APPEND ended a message is told to an idling client.
func idleDelay(s *mailServer, other *imapConn) (float64, error) {
	c, err := dialIMAP(s)
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	if _, err := c.run("SELECT Archive"); err != nil {
		return 0, err
	}
	if _, err := c.conn.Write([]byte("i IDLE\r\n")); err != nil {
		return 0, err
	}
	if _, err := c.conn.Read(c.buf); err != nil {
		return 0, err
	}
	var times []float64
	for range 5 {
		told := make(chan error, 1)
		go func() {
			_, err := c.conn.Read(c.buf)
			told <- err
		}()
		began := time.Now()
		m := benchMail(1)
		if _, err := other.run(fmt.Sprintf("APPEND Archive {%d+}\r\n%s", len(m), m)); err != nil {
			return 0, err
		}
		if err := <-told; err != nil {
			return 0, err
		}
		times = append(times, ms(time.Since(began)))
	}
	return median(times), nil
}

// popRate is RETR of n messages, some of them in flight, in messages a second.
func popRate(s *mailServer, n, window int) (float64, error) {
	conn, err := net.Dial("tcp", s.pop3)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	c := &imapConn{conn: conn, buf: make([]byte, 256<<10)}
	for _, cmd := range []string{"", "USER " + s.user + "\r\n", "PASS " + s.password + "\r\n"} {
		if _, err := conn.Write([]byte(cmd)); err != nil {
			return 0, err
		}
		if m, err := conn.Read(c.buf); err != nil || c.buf[0] != '+' {
			return 0, fmt.Errorf("pop3: %q, %v", c.buf[:m], err)
		}
	}
	began := time.Now()
	for i := 0; i < n; i += window {
		var b strings.Builder
		for k := range min(window, n-i) {
			fmt.Fprintf(&b, "RETR %d\r\n", i+k+1)
		}
		if _, err := conn.Write([]byte(b.String())); err != nil {
			return 0, err
		}
		if err := c.ends(min(window, n-i)); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

// ends reads to the n-th closing line.
func (c *imapConn) ends(n int) error {
	keep := 0
	for n > 0 {
		m, err := c.conn.Read(c.buf[keep:])
		if err != nil {
			return err
		}
		tail := c.buf[:keep+m]
		n -= bytes.Count(tail, []byte("\r\n.\r\n"))
		keep = copy(c.buf, tail[max(0, len(tail)-4):])
	}
	return nil
}

// mailServer is a server under load.
type mailServer struct {
	imap, pop3, user, password string
	cmd                        *exec.Cmd
	dir                        string
}

func (s *mailServer) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
	_ = os.RemoveAll(s.dir)
}

// begin starts a server of its own on free ports, with its files in a folder.
func begin(ctx context.Context, user string, command func(s *mailServer) (*exec.Cmd, error)) (*mailServer, error) {
	s := &mailServer{user: user, password: "secret"}
	var errs [3]error
	s.dir, errs[0] = os.MkdirTemp("", "catchpost-bench-")
	s.imap, errs[1] = freeAddr()
	s.pop3, errs[2] = freeAddr()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	var err error
	if s.cmd, err = command(s); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	for _, addr := range []string{s.imap, s.pop3} {
		if err := awaitPort(ctx, addr); err != nil {
			s.stop()
			return nil, err
		}
	}
	return s, nil
}

func startCatchpostIMAP(ctx context.Context, binary string) (*mailServer, error) {
	return begin(ctx, "anna@shop.example", func(s *mailServer) (*exec.Cmd, error) {
		return exec.CommandContext(ctx, binary, "serve", "--imap", s.imap, "--pop3", s.pop3, "--data", filepath.Join(s.dir, "bench.db"),
			"--smtp=off", "--smtps=off", "--submission=off", "--pop3s=off", "--imaps=off", "--http=127.0.0.1:0"), nil
	})
}

// dovecotConf is a Dovecot of its own: one user, Maildir, no TLS, loopback.
const dovecotConf = `base_dir = %[1]s/run
log_path = %[1]s/log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
mail_location = maildir:%[1]s/mail
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=%[1]s/mail
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Archive {
    auto = create
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[2]s
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = %[3]s
  }
  inet_listener pop3s {
    port = 0
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`

func startDovecot(ctx context.Context, _ string) (*mailServer, error) {
	binary, err := exec.LookPath("dovecot")
	if err != nil {
		return nil, exec.ErrNotFound
	}
	return begin(ctx, "anna", func(s *mailServer) (*exec.Cmd, error) {
		_, imapPort, _ := net.SplitHostPort(s.imap)
		_, popPort, _ := net.SplitHostPort(s.pop3)
		conf := filepath.Join(s.dir, "dovecot.conf")
		text := fmt.Sprintf(dovecotConf, s.dir, imapPort, popPort)
		err := errors.Join(os.Chmod(s.dir, 0o755), os.Mkdir(filepath.Join(s.dir, "mail"), 0o777),
			os.Chmod(filepath.Join(s.dir, "mail"), 0o777), os.WriteFile(conf, []byte(text), 0o644))
		return exec.CommandContext(ctx, binary, "-F", "-c", conf), err
	})
}
