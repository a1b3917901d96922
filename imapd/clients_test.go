package imapd

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

	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// Real clients sync some hundred mails, change them from both sides, and must
// converge. They run with CATCHPOST_CLIENTS=1; a missing program skips its test on
// a laptop and fails it in CI.

const clientMails = 300

// program finds a client or ends the test.
func program(t *testing.T, name string) string {
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

// generated is the i-th of some realistic mails.
func generated(i int) string {
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

// stocked returns a server with mails in INBOX, and its store.
func stocked(t *testing.T, n int) (*store.Store, string) {
	t.Helper()
	st := openStore(t)
	for i := range n {
		storetest.Deliver(t, st, generated(i), user)
	}
	return st, serve(t, st, Options{})
}

// box is what a mailbox holds: Message-ID → flags, sorted, without \Recent.
type box map[string]string

var messageID = regexp.MustCompile(`(?im)^Message-ID: *<([^>]*)>`)

func stored(t *testing.T, st *store.Store, name string) (box, *store.MailboxState) {
	t.Helper()
	ctx := context.Background()
	info, err := st.Mailbox(ctx, store.AccountRef{Sandbox: store.DefaultSandbox, Key: user}, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := st.MailboxState(ctx, info.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, i := box{}, 0
	err = st.FetchRaw(ctx, info.ID, s.UIDs, func(_ store.UID, raw []byte) error {
		f := s.Flags[i].Names(s.Keywords)
		slices.Sort(f)
		b[id(raw)] = strings.Join(f, " ")
		i++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, s
}

func id(raw []byte) string {
	if m := messageID.FindSubmatch(raw); m != nil {
		return string(m[1])
	}
	return "?"
}

var maildirFlags = map[byte]string{'S': `\Seen`, 'F': `\Flagged`, 'R': `\Answered`, 'T': `\Deleted`, 'D': `\Draft`}

// maildir reads a Maildir folder.
func maildir(t *testing.T, dir string) (box, map[string]string) {
	t.Helper()
	b, paths := box{}, map[string]string{}
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
			b[id(raw)], paths[id(raw)] = strings.Join(flags, " "), file
		}
	}
	return b, paths
}

func sameBox(t *testing.T, what string, got, want box) {
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

// execute runs a client and returns what it printed.
func execute(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "HOME="+dir, "TERM=xterm", "LC_ALL=C.UTF-8")
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) || err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// changeServer does what another client would: flags, expunges, arrivals.
func changeServer(t *testing.T, st *store.Store) {
	t.Helper()
	ctx := context.Background()
	_, s := stored(t, st, store.Inbox)
	for i, flags := range [][]string{{`\Flagged`}, {`\Answered`, `\Seen`}, {`\Seen`}} {
		if _, err := st.StoreFlags(ctx, s.ID, s.UIDs[20+10*i:30+10*i], store.FlagChange{Op: store.AddFlags, Flags: flags}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := st.Expunge(ctx, s.ID, s.UIDs[100:110], true); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		storetest.Deliver(t, st, generated(clientMails+i), user)
	}
}

// changeMaildir does the same on the client's side, to other mails.
func changeMaildir(t *testing.T, dir string) {
	t.Helper()
	_, paths := maildir(t, dir)
	for i := range 30 {
		file := paths[fmt.Sprintf("%d@shop.example", 150+i)]
		base, _, _ := strings.Cut(filepath.Base(file), ":2,")
		if err := os.Rename(file, filepath.Join(dir, "cur", base+":2,"+[]string{"F", "S", "RS"}[i%3])); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10 {
		if err := os.Remove(paths[fmt.Sprintf("%d@shop.example", 200+i)]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		write(t, filepath.Join(dir, "new", fmt.Sprintf("1700000000.%d.test", i)), strings.ReplaceAll(generated(clientMails+10+i), "\r\n", "\n"))
	}
}

func hostPort(t *testing.T, addr string) (string, string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

func TestClientMbsync(t *testing.T) {
	mbsync := program(t, "mbsync")
	st, addr := stocked(t, clientMails)
	host, port := hostPort(t, addr)
	dir := t.TempDir()
	write(t, dir+"/rc", fmt.Sprintf(`IMAPAccount a
Host %s
Port %s
User %s
Pass secret
SSLType None
AuthMechs LOGIN

IMAPStore far
Account a

MaildirStore near
Path %s/mail/
Inbox %s/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
`, host, port, user, dir, dir))
	if err := os.MkdirAll(dir+"/mail", 0o700); err != nil {
		t.Fatal(err)
	}
	execute(t, dir, mbsync, "-c", "rc", "-a")
	far, _ := stored(t, st, store.Inbox)
	near, _ := maildir(t, dir+"/mail/INBOX")
	if len(near) != clientMails {
		t.Fatalf("%d mails pulled", len(near))
	}
	sameBox(t, "first sync", near, far)
	changeServer(t, st)
	changeMaildir(t, dir+"/mail/INBOX")
	for range 2 {
		execute(t, dir, mbsync, "-c", "rc", "-a")
	}
	far, _ = stored(t, st, store.Inbox)
	near, _ = maildir(t, dir+"/mail/INBOX")
	sameBox(t, "second sync", near, far)
	if want := clientMails - 20 + 8; len(far) != want {
		t.Errorf("%d mails in the end, want %d", len(far), want)
	}
}

func TestClientOfflineIMAP(t *testing.T) {
	offlineimap := program(t, "offlineimap")
	st, addr := stocked(t, clientMails)
	host, port := hostPort(t, addr)
	dir := t.TempDir()
	write(t, dir+"/rc", fmt.Sprintf(`[general]
accounts = a
metadata = %s/meta
[Account a]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = %s/mail
[Repository far]
type = IMAP
remotehost = %s
remoteport = %s
remoteuser = %s
remotepass = secret
ssl = no
starttls = no
folderfilter = lambda f: f in ['INBOX', 'Archive']
`, dir, dir, host, port, user))
	run := func() { execute(t, dir, offlineimap, "-c", "rc", "-o", "-u", "basic") }
	run()
	far, _ := stored(t, st, store.Inbox)
	near, _ := maildir(t, dir+"/mail/INBOX")
	sameBox(t, "first sync", near, far)
	changeServer(t, st)
	changeMaildir(t, dir+"/mail/INBOX")
	run()
	run()
	far, _ = stored(t, st, store.Inbox)
	near, _ = maildir(t, dir+"/mail/INBOX")
	sameBox(t, "second sync", near, far)
	if want := clientMails - 20 + 8; len(far) != want {
		t.Errorf("%d mails in the end, want %d", len(far), want)
	}
}

func TestClientNeomutt(t *testing.T) {
	neomutt := program(t, "neomutt")
	script := program(t, "script")
	st, addr := stocked(t, clientMails)
	dir := t.TempDir()
	login := strings.Replace(user, "@", "%40", 1)
	write(t, dir+"/rc", fmt.Sprintf(`set imap_user="%s"
set imap_pass="secret"
set ssl_starttls=no
set ssl_force_tls=no
set imap_authenticators="login"
set header_cache="%s/cache"
set imap_condstore=yes
set imap_qresync=yes
set confirmappend=no
set delete=yes
set quit=yes
set sort=threads
`, user, dir))
	keys := "<tag-pattern>~s 'Order 1[0-9]:'<enter><tag-prefix><set-flag>!" +
		"<untag-pattern>~A<enter><delete-pattern>~s 'Order 2[0-9]:'<enter>" +
		"<tag-pattern>~s 'Order 3[0-4]:'<enter><tag-prefix><copy-message>=Archive<enter><sync-mailbox><quit>"
	execute(t, dir, script, "-qec", fmt.Sprintf(`%s -n -F rc -f 'imap://%s@%s/INBOX' -e 'set folder=imap://%s@%s/' -e "push \"%s\""`,
		neomutt, login, addr, login, addr, keys), "/dev/null")
	got, _ := stored(t, st, store.Inbox)
	if len(got) != clientMails-10 {
		t.Errorf("%d mails left, want %d", len(got), clientMails-10)
	}
	for i := 10; i < 20; i++ {
		if f := got[fmt.Sprintf("%d@shop.example", i)]; !strings.Contains(f, `\Flagged`) {
			t.Errorf("mail %d has %q", i, f)
		}
	}
	if archived, _ := stored(t, st, "Archive"); len(archived) != 5 {
		t.Errorf("%d mails copied, want 5", len(archived))
	}
}

func TestClientCurl(t *testing.T) {
	curl := program(t, "curl")
	st, addr := stocked(t, 20)
	dir := t.TempDir()
	base := "imap://" + addr + "/"
	get := func(args ...string) string {
		return execute(t, dir, curl, append([]string{"-sS", "--user", user + ":secret"}, args...)...)
	}
	for i := range 20 {
		if got := get(fmt.Sprintf("%sINBOX;UID=%d", base, i+1)); got != generated(i) {
			t.Errorf("mail %d differs: %d octets, want %d", i, len(got), len(generated(i)))
		}
	}
	if got := get(base+"INBOX", "-X", "SEARCH SUBJECT \"Order 7:\""); strings.TrimSpace(got) != "* SEARCH 8" {
		t.Errorf("search: %q", got)
	}
	write(t, dir+"/new.eml", generated(77))
	get("-T", "new.eml", base+"Archive")
	get(base+"INBOX", "-X", `STORE 1:3 +FLAGS (\Flagged)`)
	if got, _ := stored(t, st, "Archive"); len(got) != 1 {
		t.Errorf("append: %v", got)
	}
	if got, _ := stored(t, st, store.Inbox); !strings.Contains(got["1@shop.example"], `\Flagged`) {
		t.Errorf("store: %v", got["1@shop.example"])
	}
}

func TestClientFetchmail(t *testing.T) {
	fetchmail := program(t, "fetchmail")
	st, addr := stocked(t, clientMails)
	host, port := hostPort(t, addr)
	dir := t.TempDir()
	deliverer(t, dir)
	write(t, dir+"/rc", fmt.Sprintf("poll %s service %s protocol IMAP auth password user \"%s\" password \"secret\" sslproto '' no rewrite flush mda \"%s/mda\"\n", host, port, user, dir))
	execute(t, dir, fetchmail, "-f", "rc", "--nodetach", "--nosyslog", "--pidfile", dir+"/pid")
	files, _ := filepath.Glob(dir + "/in/*")
	if len(files) != clientMails {
		t.Errorf("%d mails fetched", len(files))
	}
	if left, _ := stored(t, st, store.Inbox); len(left) != 0 {
		t.Errorf("%d mails left on the server", len(left))
	}
}

func TestClientGetmail(t *testing.T) {
	getmail := program(t, "getmail")
	_, addr := stocked(t, clientMails)
	host, port := hostPort(t, addr)
	dir := t.TempDir()
	deliverer(t, dir)
	write(t, dir+"/rc", fmt.Sprintf("[retriever]\ntype = SimpleIMAPRetriever\nserver = %s\nport = %s\nusername = %s\npassword = secret\n"+
		"[destination]\ntype = MDA_external\npath = %s/mda\nallow_root_commands = true\n[options]\nread_all = false\nverbose = 0\n", host, port, user, dir))
	for range 2 { // the second time there is nothing new
		execute(t, dir, getmail, "--getmaildir", dir, "--rcfile", dir+"/rc")
		if files, _ := filepath.Glob(dir + "/in/*"); len(files) != clientMails {
			t.Fatalf("%d mails", len(files))
		}
	}
}

// deliverer makes dir/mda, which puts a mail into dir/in.
func deliverer(t *testing.T, dir string) {
	t.Helper()
	write(t, dir+"/mda", "#!/bin/sh\ncat > \""+dir+"/in/$$\"\n")
	if err := errors.Join(os.Chmod(dir+"/mda", 0o700), os.Mkdir(dir+"/in", 0o700)); err != nil {
		t.Fatal(err)
	}
}

// npm installs modules for a Node client.
func npm(t *testing.T, modules ...string) string {
	t.Helper()
	tool := program(t, "npm")
	dir := t.TempDir()
	write(t, dir+"/package.json", `{"private":true}`)
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

func TestClientImapflow(t *testing.T) {
	dir := npm(t, "imapflow@1")
	node := program(t, "node")
	st, addr := stocked(t, clientMails)
	host, port := hostPort(t, addr)
	data, err := os.ReadFile("testdata/imapflow.js")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/client.js", string(data))
	out := execute(t, dir, node, "client.js", host, port, user)
	if !strings.Contains(out, "all well") {
		t.Errorf("%s", out)
	}
	if left, _ := stored(t, st, store.Inbox); len(left) != clientMails-20 {
		t.Errorf("%d mails left", len(left))
	}
	if moved, _ := stored(t, st, "Projects/Übersicht"); len(moved) != 10 {
		t.Errorf("%d mails moved", len(moved))
	}
}

func TestClientImaplib(t *testing.T) {
	python := program(t, "python3")
	st, addr := stocked(t, clientMails)
	host, port := hostPort(t, addr)
	out := execute(t, ".", python, "testdata/imaplib_client.py", host, port, user)
	if !strings.Contains(out, "all well") {
		t.Errorf("%s", out)
	}
	if left, _ := stored(t, st, store.Inbox); len(left) != clientMails-10 {
		t.Errorf("%d mails left", len(left))
	}
}
