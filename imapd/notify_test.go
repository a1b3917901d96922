package imapd

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

func TestMailboxFilter(t *testing.T) {
	for _, c := range []struct {
		filter     string
		yes, no    string // names
		subscribed bool
	}{
		{"personal", "INBOX,a,a/b", "", false},
		{"INBOXES", "INBOX", "a,INBOX/a,inbox", false},
		{"subscribed", "INBOX,a", "", true},
		{"subscribed", "", "INBOX,a", false},
		{"mailboxes inbox", "INBOX", "INBOX/a,a", false},
		{`mailboxes (a "b*" &ANw-)`, "a,b*,Ü", "b,bb,a/b", false},
		{"subtree a", "a,a/b,a/b/c", "ab,INBOX,b/a", false},
		{"subtree-one (a inbox)", "a,a/b,INBOX,INBOX/x", "a/b/c,ab", false},
		{"selected", "", "INBOX,a", true},
		{"selected-delayed", "", "INBOX,a", true},
	} {
		d := wire.NewDecoder(strings.NewReader(c.filter+"\r\n"), wire.Limits{})
		_ = d.Next()
		f := parseFilter(d, filterKind(99))
		if !d.ExpectEnd() {
			t.Errorf("%s: %v", c.filter, d.Err())
		}
		for want, names := range map[bool]string{true: c.yes, false: c.no} {
			for _, name := range strings.Split(names, ",") {
				if name != "" && f.covers(name, c.subscribed) != want {
					t.Errorf("%s covers %s: %v", c.filter, name, !want)
				}
			}
		}
	}
	d := wire.NewDecoder(strings.NewReader("mailboxes ("+strings.Repeat("a ", maxFilterNames)+"a)\r\n"), wire.Limits{})
	_ = d.Next()
	if parseFilter(d, filterDelayed); d.ExpectEnd() {
		t.Error("no bound of names")
	}
}

// Too much at a time turns notifications off, RFC 5465 §5.8, and too many groups
// are refused.
func TestNotifyOverflow(t *testing.T) {
	st := openStore(t)
	addr := serve(t, st, Options{})
	for i := range maxUnasked/2 + 1 {
		storetest.Deliver(t, st, fmt.Sprintf("Subject: %d\r\n\r\nbody\r\n", i), user)
	}
	other := login(t, addr)
	other.ok("SELECT INBOX")
	p := login(t, addr)
	p.ok("SELECT Archive")
	p.ok("NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) (personal (MailboxName))")
	other.ok("COPY 1:* INBOX")
	other.ok("NOOP")
	other.ok("COPY 1:* Archive")
	for _, want := range []string{fmt.Sprintf("* %d EXISTS", maxUnasked+2), fmt.Sprintf("* %d RECENT", maxUnasked+2), "* OK [NOTIFICATIONOVERFLOW] Too much happens at once; notifications are off"} {
		if l, err := p.line(); l != want {
			t.Fatalf("%q, %v, want %q", l, err, want)
		}
	}
	other.ok("CREATE Unseen")
	other.ok("COPY 1 Archive")
	if lines := p.ok("NOOP"); len(lines) != 1 {
		t.Errorf("after the overflow: %q", lines)
	}
	p.ok("NOTIFY SET (selected (MessageNew (UID) MessageExpunge))")
	other.ok("COPY 1 Archive")
	for _, want := range []string{" EXISTS", " RECENT", " FETCH (UID "} {
		if l, err := p.line(); !strings.Contains(l, want) {
			t.Fatalf("%q, %v, want %q", l, err, want)
		}
	}
	groups := strings.Repeat(" (personal NONE)", maxEventGroups+1)
	if lines := p.do("NOTIFY SET%s", groups); !strings.Contains(lines[0], "NO [NOTIFICATIONOVERFLOW]") {
		t.Errorf("%q", lines)
	}
}

// The session of an account that is deleted ends, and does not make it anew.
func TestNotifyAccountDeleted(t *testing.T) {
	st := openStore(t)
	p := login(t, serve(t, st, Options{}))
	p.ok("NOTIFY SET (personal (MailboxName MessageNew MessageExpunge))")
	ctx, acc := context.Background(), store.AccountRef{Sandbox: store.DefaultSandbox, Key: user}
	if err := st.DeleteAccount(ctx, acc); err != nil {
		t.Fatal(err)
	}
	if l, err := p.line(); l != "* BYE the account was deleted" {
		t.Errorf("%q, %v", l, err)
	}
	if a, err := st.Account(ctx, acc); err != nil || !a.CreatedAt.IsZero() { // an address without a row
		t.Errorf("the account is there again: %+v, %v", a, err)
	}
}
