package imapd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/internal/mailtest"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// Real clients sync some hundred mails, change them from both sides, and must
// converge. They run with CATCHPOST_CLIENTS=1; a missing program skips its test on
// a laptop and fails it in CI.

const clientMails = 300

// stocked returns a server with mails in INBOX, and its store.
func stocked(t *testing.T, n int) (*store.Store, string) {
	t.Helper()
	st := openStore(t)
	for i := range n {
		storetest.Deliver(t, st, mailtest.Mail(i), user)
	}
	return st, serve(t, st, Options{})
}

func stored(t *testing.T, st *store.Store, name string) (mailtest.Box, *store.MailboxState) {
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
	b, i := mailtest.Box{}, 0
	err = st.FetchRaw(ctx, info.ID, s.UIDs, func(_ store.UID, raw []byte) error {
		f := s.Flags[i].Names(s.Keywords)
		slices.Sort(f)
		b[mailtest.MessageID(raw)] = strings.Join(f, " ")
		i++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, s
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
		storetest.Deliver(t, st, mailtest.Mail(clientMails+i), user)
	}
}

// changeMaildir does the same on the client's side, to other mails.
func changeMaildir(t *testing.T, dir string) {
	t.Helper()
	_, paths := mailtest.Maildir(t, dir)
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
		mailtest.Write(t, filepath.Join(dir, "new", fmt.Sprintf("1700000000.%d.test", i)), strings.ReplaceAll(mailtest.Mail(clientMails+10+i), "\r\n", "\n"))
	}
}

func TestClientMbsync(t *testing.T) {
	mbsync := mailtest.Program(t, "mbsync")
	st, addr := stocked(t, clientMails)
	host, port := mailtest.HostPort(t, addr)
	dir := t.TempDir()
	mailtest.Write(t, dir+"/rc", fmt.Sprintf(`IMAPAccount a
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
	mailtest.Execute(t, dir, mbsync, "-c", "rc", "-a")
	far, _ := stored(t, st, store.Inbox)
	near, _ := mailtest.Maildir(t, dir+"/mail/INBOX")
	if len(near) != clientMails {
		t.Fatalf("%d mails pulled", len(near))
	}
	mailtest.SameBox(t, "first sync", near, far)
	changeServer(t, st)
	changeMaildir(t, dir+"/mail/INBOX")
	for range 2 {
		mailtest.Execute(t, dir, mbsync, "-c", "rc", "-a")
	}
	far, _ = stored(t, st, store.Inbox)
	near, _ = mailtest.Maildir(t, dir+"/mail/INBOX")
	mailtest.SameBox(t, "second sync", near, far)
	if want := clientMails - 20 + 8; len(far) != want {
		t.Errorf("%d mails in the end, want %d", len(far), want)
	}
}

func TestClientOfflineIMAP(t *testing.T) {
	offlineimap := mailtest.Program(t, "offlineimap")
	st, addr := stocked(t, clientMails)
	host, port := mailtest.HostPort(t, addr)
	dir := t.TempDir()
	mailtest.Write(t, dir+"/rc", fmt.Sprintf(`[general]
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
	run := func() { mailtest.Execute(t, dir, offlineimap, "-c", "rc", "-o", "-u", "basic") }
	run()
	far, _ := stored(t, st, store.Inbox)
	near, _ := mailtest.Maildir(t, dir+"/mail/INBOX")
	mailtest.SameBox(t, "first sync", near, far)
	changeServer(t, st)
	changeMaildir(t, dir+"/mail/INBOX")
	run()
	run()
	far, _ = stored(t, st, store.Inbox)
	near, _ = mailtest.Maildir(t, dir+"/mail/INBOX")
	mailtest.SameBox(t, "second sync", near, far)
	if want := clientMails - 20 + 8; len(far) != want {
		t.Errorf("%d mails in the end, want %d", len(far), want)
	}
}

func TestClientNeomutt(t *testing.T) {
	neomutt := mailtest.Program(t, "neomutt")
	script := mailtest.Program(t, "script")
	st, addr := stocked(t, clientMails)
	dir := t.TempDir()
	login := strings.Replace(user, "@", "%40", 1)
	mailtest.Write(t, dir+"/rc", fmt.Sprintf(`set imap_user="%s"
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
	mailtest.Execute(t, dir, script, "-qec", fmt.Sprintf(`%s -n -F rc -f 'imap://%s@%s/INBOX' -e 'set folder=imap://%s@%s/' -e "push \"%s\""`,
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
	curl := mailtest.Program(t, "curl")
	st, addr := stocked(t, 20)
	dir := t.TempDir()
	base := "imap://" + addr + "/"
	get := func(args ...string) string {
		return mailtest.Execute(t, dir, curl, append([]string{"-sS", "--user", user + ":secret"}, args...)...)
	}
	for i := range 20 {
		if got := get(fmt.Sprintf("%sINBOX;UID=%d", base, i+1)); got != mailtest.Mail(i) {
			t.Errorf("mail %d differs: %d octets, want %d", i, len(got), len(mailtest.Mail(i)))
		}
	}
	if got := get(base+"INBOX", "-X", "SEARCH SUBJECT \"Order 7:\""); strings.TrimSpace(got) != "* SEARCH 8" {
		t.Errorf("search: %q", got)
	}
	mailtest.Write(t, dir+"/new.eml", mailtest.Mail(77))
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
	fetchmail := mailtest.Program(t, "fetchmail")
	st, addr := stocked(t, clientMails)
	host, port := mailtest.HostPort(t, addr)
	dir := t.TempDir()
	mailtest.Deliverer(t, dir)
	mailtest.Write(t, dir+"/rc", fmt.Sprintf("poll %s service %s protocol IMAP auth password user \"%s\" password \"secret\" sslproto '' no rewrite flush mda \"%s/mda\"\n", host, port, user, dir))
	mailtest.Execute(t, dir, fetchmail, "-f", "rc", "--nodetach", "--nosyslog", "--pidfile", dir+"/pid")
	files, _ := filepath.Glob(dir + "/in/*")
	if len(files) != clientMails {
		t.Errorf("%d mails fetched", len(files))
	}
	if left, _ := stored(t, st, store.Inbox); len(left) != 0 {
		t.Errorf("%d mails left on the server", len(left))
	}
}

func TestClientGetmail(t *testing.T) {
	mailtest.Program(t, "getmail")
	_, addr := stocked(t, clientMails)
	host, port := mailtest.HostPort(t, addr)
	files := mailtest.Getmail(t, func(string) string {
		return fmt.Sprintf("[retriever]\ntype = SimpleIMAPRetriever\nserver = %s\nport = %s\nusername = %s\npassword = secret\n", host, port, user)
	})
	if len(files) != clientMails {
		t.Errorf("%d mails", len(files))
	}
}

func TestClientImapflow(t *testing.T) {
	dir := mailtest.NPM(t, "imapflow@1")
	node := mailtest.Program(t, "node")
	st, addr := stocked(t, clientMails)
	host, port := mailtest.HostPort(t, addr)
	data, err := os.ReadFile("testdata/imapflow.js")
	if err != nil {
		t.Fatal(err)
	}
	mailtest.Write(t, dir+"/client.js", string(data))
	out := mailtest.Execute(t, dir, node, "client.js", host, port, user)
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
	python := mailtest.Program(t, "python3")
	st, addr := stocked(t, clientMails)
	host, port := mailtest.HostPort(t, addr)
	out := mailtest.Execute(t, ".", python, "testdata/imaplib_client.py", host, port, user)
	if !strings.Contains(out, "all well") {
		t.Errorf("%s", out)
	}
	if left, _ := stored(t, st, store.Inbox); len(left) != clientMails-10 {
		t.Errorf("%d mails left", len(left))
	}
}

// zlib is what most clients compress with: where its stream ends is where we say.
func TestClientZlib(t *testing.T) {
	python := mailtest.Program(t, "python3")
	_, addr := stocked(t, 1)
	host, port := mailtest.HostPort(t, addr)
	out := mailtest.Execute(t, ".", python, "testdata/zlib_client.py", host, port, user)
	if !strings.Contains(out, "all well") {
		t.Errorf("%s", out)
	}
}
