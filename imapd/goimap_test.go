package imapd

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/catchpost/catchpost/internal/mailtest"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// go-imap's client, an implementation that shares no code with ours, over STARTTLS.
func TestGoIMAP(t *testing.T) {
	st := openStore(t)
	for i := range 30 {
		storetest.Deliver(t, st, mailtest.Mail(i), user)
	}
	addr := serve(t, st, Options{TLS: testTLS(t), RequireTLS: true})
	plain := dial(t, addr)
	if l, _ := plain.line(); !strings.Contains(l, "LOGINDISABLED") || !strings.Contains(l, "STARTTLS") {
		t.Errorf("greeting %q", l)
	}
	if l := plain.do("LOGIN %s x", user); !strings.Contains(l[0], "NO [PRIVACYREQUIRED]") {
		t.Errorf("%q", l)
	}
	c, err := imapclient.DialStartTLS(addr, &imapclient.Options{TLSConfig: &tls.Config{InsecureSkipVerify: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.Login(user, "secret").Wait())
	box, err := c.Select("INBOX", nil).Wait()
	must(err)
	if box.NumMessages != 30 {
		t.Errorf("%d messages", box.NumMessages)
	}
	msgs, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{UID: true, Flags: true, Envelope: true, RFC822Size: true,
		BodyStructure: &imap.FetchItemBodyStructure{Extended: true}, BodySection: []*imap.FetchItemBodySection{{Peek: true}}}).Collect()
	must(err)
	for i, m := range msgs {
		raw := m.FindBodySection(&imap.FetchItemBodySection{Peek: true})
		if string(raw) != mailtest.Mail(i) || int64(len(raw)) != m.RFC822Size || !strings.Contains(m.Envelope.Subject, "Größe") {
			t.Errorf("message %d: %d octets, size %d, subject %q", i, len(raw), m.RFC822Size, m.Envelope.Subject)
		}
	}
	found, err := c.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "Order 7:"}}}, nil).Wait()
	must(err)
	if uids := found.AllUIDs(); len(uids) != 1 || uids[0] != 8 {
		t.Errorf("found %v", uids)
	}
	must(c.Store(imap.SeqSetNum(1, 2), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close())
	gone, err := c.Expunge().Collect()
	must(err)
	if len(gone) != 2 {
		t.Errorf("expunged %v", gone)
	}
	moved, err := c.Move(imap.SeqSetNum(1), "Archive").Wait()
	must(err)
	if moved.UIDValidity == 0 {
		t.Error("no COPYUID")
	}
	sorted, err := c.UIDSort(&imapclient.SortOptions{SearchCriteria: &imap.SearchCriteria{}, SortCriteria: []imapclient.SortCriterion{{Key: "DISPLAYTO"}, {Key: imapclient.SortKeySubject}}}).Wait()
	must(err)
	if len(sorted) != 27 {
		t.Errorf("sorted %v", sorted)
	}
	list, err := c.List("", "*", &imap.ListOptions{ReturnStatus: &imap.StatusOptions{NumMessages: true}}).Collect()
	must(err)
	for _, m := range list {
		if m.Mailbox == "Archive" && *m.Status.NumMessages != 1 {
			t.Errorf("Archive has %d", *m.Status.NumMessages)
		}
	}
	must(c.Logout().Wait())
}

// testTLS is a certificate of our own.
func testTLS(t *testing.T) *tls.Config {
	t.Helper()
	cert, err := selfSigned()
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}
}

// A shutdown, and a sandbox that ends, say BYE to who idles, to who is told at any
// time and to who does nothing.
func TestBye(t *testing.T) {
	for _, how := range []string{"", "IDLE", "NOTIFY SET (selected (MessageNew MessageExpunge))", "NOTIFY SET (personal (MailboxName))", "NOTIFY NONE"} {
		st := openStore(t)
		ctx := context.Background()
		_, token, err := st.CreateSandbox(ctx, store.NewSandbox{Name: "run-1"})
		if err != nil {
			t.Fatal(err)
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		srv := New(Options{Store: st})
		go srv.Serve(ln) //nolint:errcheck // ends by Shutdown below
		enter := func(name, secret string) *peer {
			p := dial(t, ln.Addr().String())
			_, _ = p.line()
			p.ok("LOGIN %s %s", name, secret)
			p.ok("SELECT INBOX")
			if how != "" {
				p.send("i " + how + "\r\n")
				_, _ = p.line()
			}
			return p
		}
		sandboxed, other := enter("run-1", token), enter(user, "x")
		if err := st.EndSandbox(ctx, "run-1"); err != nil {
			t.Fatal(err)
		}
		if l, _ := sandboxed.line(); l != "* BYE the sandbox has ended" {
			t.Errorf("%s: sandbox end says %q", how, l)
		}
		down, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if err := srv.Shutdown(down); err != nil {
			t.Error(err)
		}
		if l, _ := other.line(); l != "* BYE the server is shutting down" {
			t.Errorf("%s: shutdown says %q", how, l)
		}
	}
}

// FuzzFetch stores any octets and reads them back with go-imap's client: the
// answers are valid IMAP, RFC822.SIZE is the literal's length, and the octets are
// what was stored, NUL as 0x80.
func FuzzFetch(f *testing.F) {
	for i := range 6 {
		f.Add([]byte(mailtest.Mail(i)))
	}
	for _, s := range []string{"", "\x00", "a\nb\rc", "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n", "From: \"\\\r\n\r\n",
		"Subject: =?utf-8?q?=00=0d=0a?=\r\nFrom: a, b:c;, <@x>\r\n\r\n", "Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\n--b--"} {
		f.Add([]byte(s))
	}
	st := openStore(f)
	addr := serve(f, st, Options{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := storetest.Deliver(t, st, string(raw), user)
		defer st.DeleteMessages(context.Background(), store.DefaultSandbox, []string{m.ID}, nil) //nolint:errcheck // only tidies
		c, err := imapclient.DialInsecure(addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		defer time.AfterFunc(3*time.Second, func() { c.Close() }).Stop() // an answer that never comes fails
		if err := c.Login(user, "x").Wait(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
			t.Fatal(err)
		}
		whole := &imap.FetchItemBodySection{Peek: true}
		msgs, err := c.Fetch(imap.SeqSetNum(1), &imap.FetchOptions{UID: true, Envelope: true, RFC822Size: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true},
			BodySection: []*imap.FetchItemBodySection{whole, {Specifier: imap.PartSpecifierHeader, Peek: true}, {Specifier: imap.PartSpecifierText, Peek: true}, {Part: []int{1}, Peek: true}}}).Collect()
		if err != nil || len(msgs) != 1 {
			t.Fatalf("%q: %v, %d messages", raw, err, len(msgs))
		}
		got := msgs[0].FindBodySection(whole)
		if want := bytes.ReplaceAll(raw, []byte{0}, []byte{0x80}); !bytes.Equal(got, want) || msgs[0].RFC822Size != int64(len(raw)) {
			t.Fatalf("%q came back as %q, size %d", raw, got, msgs[0].RFC822Size)
		}
		parts := append(bytes.Clone(msgs[0].FindBodySection(&imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Peek: true})),
			msgs[0].FindBodySection(&imap.FetchItemBodySection{Specifier: imap.PartSpecifierText, Peek: true})...)
		if !bytes.Equal(parts, got) {
			t.Fatalf("header and text of %q make %q", raw, parts)
		}
	})
}
