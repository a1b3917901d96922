// Package mailtest holds what the tests of the mail servers share: dialogues as
// text files, and real mail clients with the mails that they sync.
package mailtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Program finds a client or ends the test.
func Program(t *testing.T, name string) string {
	t.Helper()
	if os.Getenv("CATCHPOST_CLIENTS") == "" {
		t.Skip("CATCHPOST_CLIENTS is not set")
	}
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return path
}

// Mail is the i-th of some realistic mails.
func Mail(i int) string {
	head := fmt.Sprintf("From: =?utf-8?q?S=C3=A9nder_%d?= <s%d@shop.example>\r\nTo: Anna <anna@shop.example>\r\n"+
		"Message-ID: <%d@shop.example>\r\nDate: Mon, 2 Mar 2026 10:%02d:%02d +0100\r\nSubject: Order %d: =?utf-8?B?%s?=\r\n",
		i, i%9, i, i/60%60, i%60, i, base64.StdEncoding.EncodeToString([]byte("Größe und Übergabe")))
	text := strings.Repeat(fmt.Sprintf("Line of order %d, with a dot below.\r\n.\r\n..two\r\n", i), 5+i%20)
	switch i % 6 {
	case 0:
		return head + "\r\n" + text
	case 1: // attachment
		data := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(i), 0, 255}, 400))
		return head + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n" +
			"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n--=_b\r\nContent-Type: application/pdf; name=\"bill.pdf\"\r\n" +
			"Content-Disposition: attachment; filename=\"bill.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + data + "\r\n--=_b--\r\n"
	case 2: // alternative
		return head + "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b--\r\n"
	case 3: // a message in a message
		return head + "MIME-Version: 1.0\r\nContent-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: inner\r\nFrom: x@y.test\r\n\r\ninner body\r\n--b--\r\n"
	case 4: // 8-bit and a long line
		return head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nÄÖÜ " + strings.Repeat("long ", 300) + "\r\n"
	}
	return head + "Content-Type: multipart/mixed; boundary=never\r\n\r\n" + text // its boundary never comes
}

// Box is what a mailbox holds: Message-ID → flags, sorted, without \Recent.
type Box map[string]string

var messageID = regexp.MustCompile(`(?im)^Message-ID: *<([^>]*)>`)

// MessageID is that of a mail, "?" without one.
func MessageID(raw []byte) string {
	if m := messageID.FindSubmatch(raw); m != nil {
		return string(m[1])
	}
	return "?"
}

var maildirFlags = map[byte]string{'S': `\Seen`, 'F': `\Flagged`, 'R': `\Answered`, 'T': `\Deleted`, 'D': `\Draft`}

// Maildir reads a Maildir folder.
func Maildir(t *testing.T, dir string) (Box, map[string]string) {
	t.Helper()
	b, paths := Box{}, map[string]string{}
	for _, sub := range []string{"cur", "new"} {
		files, _ := filepath.Glob(filepath.Join(dir, sub, "*"))
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var flags []string
			if _, info, ok := strings.Cut(filepath.Base(file), ":2,"); ok {
				for i := range len(info) {
					if f := maildirFlags[info[i]]; f != "" {
						flags = append(flags, f)
					}
				}
			}
			slices.Sort(flags)
			b[MessageID(raw)], paths[MessageID(raw)] = strings.Join(flags, " "), file
		}
	}
	return b, paths
}

// SameBox reports what differs.
func SameBox(t *testing.T, what string, got, want Box) {
	t.Helper()
	wrong := 0
	for id, f := range want {
		if g, ok := got[id]; !ok || g != f {
			if wrong++; wrong < 5 {
				t.Errorf("%s: %s has %q (there: %v), want %q", what, id, g, ok, f)
			}
		}
	}
	for id := range got {
		if _, ok := want[id]; !ok {
			if wrong++; wrong < 5 {
				t.Errorf("%s: %s is too much", what, id)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d differ", what, wrong)
	}
}

// Execute runs a client and returns what it printed.
func Execute(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	out, err := Try(2*time.Minute, dir, name, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return out
}

// Try runs a client for at most d.
func Try(d time.Duration, dir, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "HOME="+dir, "TERM=xterm", "LC_ALL=C.UTF-8")
	c.WaitDelay = time.Second
	out, err := c.CombinedOutput()
	return string(out), err
}

// Getmail runs getmail twice with an rc file that mk writes for a folder; the second
// time there must be nothing new. It returns the files it delivered. getmail forks
// for each mail and now and then locks up in its own child (a futex, no socket in
// sight), so it gets another try, with a new folder.
func Getmail(t *testing.T, rc func(dir string) string) (files []string) {
	t.Helper()
	getmail := Program(t, "getmail")
	for range 4 {
		dir := t.TempDir()
		Deliverer(t, dir)
		Write(t, dir+"/rc", rc(dir)+fmt.Sprintf("[destination]\ntype = MDA_external\npath = %s/mda\nallow_root_commands = true\n"+
			"[options]\nread_all = false\nverbose = 1\ndelivered_to = false\nreceived = false\n", dir))
		var err error
		for range 2 {
			var out string
			if out, err = Try(20*time.Second, dir, getmail, "--getmaildir", dir, "--rcfile", dir+"/rc"); err != nil {
				t.Logf("getmail: %v\n%.2000s", err, out)
				break
			}
		}
		if err == nil {
			files, _ = filepath.Glob(dir + "/in/*")
			return files
		}
	}
	t.Fatal("getmail did not end")
	return nil
}

// Write makes a file and its folder.
func Write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// HostPort parts an address.
func HostPort(t *testing.T, addr string) (string, string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// Deliverer makes dir/mda, which puts a mail into dir/in.
func Deliverer(t *testing.T, dir string) {
	t.Helper()
	Write(t, dir+"/mda", "#!/bin/sh\ncat > \""+dir+"/in/$$\"\n")
	if err := errors.Join(os.Chmod(dir+"/mda", 0o700), os.Mkdir(dir+"/in", 0o700)); err != nil {
		t.Fatal(err)
	}
}

// NPM installs modules for a Node client.
func NPM(t *testing.T, modules ...string) string {
	t.Helper()
	tool := Program(t, "npm")
	dir := t.TempDir()
	Write(t, dir+"/package.json", `{"private":true}`)
	c := exec.Command(tool, append([]string{"install", "--no-audit", "--no-fund", "--silent"}, modules...)...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("npm install: %v\n%s", err, out)
		}
		t.Skipf("npm install: %v", err)
	}
	return dir
}
