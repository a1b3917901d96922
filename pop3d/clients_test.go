package pop3d

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/internal/mailtest"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

const clientMails = 300

func stocked(t *testing.T) (*store.Store, string) {
	t.Helper()
	st := openStore(t)
	for i := range clientMails {
		storetest.Deliver(t, st, mailtest.Mail(i), user)
	}
	return st, serve(t, st, Options{})
}

func left(t *testing.T, st *store.Store) int {
	t.Helper()
	info, err := st.Mailbox(context.Background(), store.AccountRef{Sandbox: store.DefaultSandbox, Key: user}, store.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	return info.Count
}

// fetched compares what a client put into a folder with what was on the server.
func fetched(t *testing.T, files []string, strip func(string) string) {
	t.Helper()
	want := map[string]bool{}
	for i := range clientMails {
		want[strings.ReplaceAll(mailtest.Mail(i), "\r\n", "\n")] = true
	}
	wrong := 0
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if text := strip(strings.ReplaceAll(string(raw), "\r\n", "\n")); !want[text] {
			if wrong++; wrong < 3 {
				t.Errorf("%s is none of the mails:\n%.600s", f, text)
			}
		}
	}
	if len(files) != clientMails || wrong > 0 {
		t.Errorf("%d mails fetched, %d wrong", len(files), wrong)
	}
}

// stripTop takes the fields off that a client put on top.
func stripTop(s string) string {
	if i := strings.Index(s, "From: =?utf-8"); i > 0 {
		return s[i:]
	}
	return s
}

func TestClientFetchmail(t *testing.T) {
	fetchmail := mailtest.Program(t, "fetchmail")
	st, addr := stocked(t)
	host, port := mailtest.HostPort(t, addr)
	dir := t.TempDir()
	mailtest.Deliverer(t, dir)
	mailtest.Write(t, dir+"/rc", fmt.Sprintf("poll %s service %s protocol POP3 uidl auth password user \"%s\" password \"secret\" sslproto '' no rewrite flush mda \"%s/mda\"\n", host, port, user, dir))
	mailtest.Execute(t, dir, fetchmail, "-f", "rc", "--nodetach", "--nosyslog", "--pidfile", dir+"/pid", "--invisible")
	files, _ := filepath.Glob(dir + "/in/*")
	fetched(t, files, stripTop)
	if n := left(t, st); n != 0 {
		t.Errorf("%d mails left on the server", n)
	}
}

func TestClientGetmail(t *testing.T) {
	mailtest.Program(t, "getmail")
	st, addr := stocked(t)
	host, port := mailtest.HostPort(t, addr)
	files := mailtest.Getmail(t, func(string) string {
		return fmt.Sprintf("[retriever]\ntype = SimplePOP3Retriever\nserver = %s\nport = %s\nusername = %s\npassword = secret\n", host, port, user)
	})
	fetched(t, files, stripTop)
	if n := left(t, st); n != clientMails {
		t.Errorf("%d mails left on the server", n)
	}
}

func TestClientMpop(t *testing.T) {
	mpop := mailtest.Program(t, "mpop")
	st, addr := stocked(t)
	host, port := mailtest.HostPort(t, addr)
	dir := t.TempDir()
	for _, d := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(dir+"/mail/"+d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	mailtest.Write(t, dir+"/rc", fmt.Sprintf("account a\nhost %s\nport %s\nuser %s\npassword secret\ntls off\nauth user\ndelivery maildir %s/mail\nuidls_file %s/uidls\nkeep %%s\nreceived_header off\n",
		host, port, user, dir, dir))
	run := func(keep string) {
		rc, _ := os.ReadFile(dir + "/rc")
		mailtest.Write(t, dir+"/rc."+keep, strings.Replace(string(rc), "%s", keep, 1))
		mailtest.Execute(t, dir, mpop, "--file="+dir+"/rc."+keep, "--quiet", "a")
	}
	run("on")
	run("on") // nothing new
	files, _ := filepath.Glob(dir + "/mail/new/*")
	fetched(t, files, stripTop)
	run("off") // now what was fetched is removed
	if n := left(t, st); n != 0 {
		t.Errorf("%d mails left on the server", n)
	}
}

func TestClientCurl(t *testing.T) {
	curl := mailtest.Program(t, "curl")
	st, addr := stocked(t)
	dir := t.TempDir()
	for i := range 20 {
		got := mailtest.Execute(t, dir, curl, "-sS", "--user", user+":secret", fmt.Sprintf("pop3://%s/%d", addr, i+1))
		if got != mailtest.Mail(i) {
			t.Errorf("mail %d differs", i)
		}
	}
	mailtest.Execute(t, dir, curl, "-sS", "--user", user+":secret", "-l", "-X", "DELE", "pop3://"+addr+"/1")
	if n := left(t, st); n != clientMails-1 {
		t.Errorf("%d mails left", n)
	}
}

func TestClientPoplib(t *testing.T) {
	python := mailtest.Program(t, "python3")
	st, addr := stocked(t)
	host, port := mailtest.HostPort(t, addr)
	if out := mailtest.Execute(t, ".", python, "testdata/poplib_client.py", host, port, user); !strings.Contains(out, "all well") {
		t.Error(out)
	}
	if n := left(t, st); n != clientMails-10 {
		t.Errorf("%d mails left", n)
	}
}

func TestClientNodePOP3(t *testing.T) {
	dir := mailtest.NPM(t, "node-pop3@0.11")
	node := mailtest.Program(t, "node")
	st, addr := stocked(t)
	host, port := mailtest.HostPort(t, addr)
	data, err := os.ReadFile("testdata/node-pop3.mjs")
	if err != nil {
		t.Fatal(err)
	}
	mailtest.Write(t, dir+"/client.mjs", string(data))
	if out := mailtest.Execute(t, dir, node, "client.mjs", host, port, user); !strings.Contains(out, "all well") {
		t.Error(out)
	}
	if n := left(t, st); n != clientMails-5 {
		t.Errorf("%d mails left", n)
	}
}
