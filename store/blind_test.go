package store

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
)

// TestSearchFindsBlindCopies looks for forward-paths that stand in no header: in a
// short text, which is stored, and in a long one, which is made again; before and
// after the store was opened anew. What a mail client searches has none of them.
func TestSearchFindsBlindCopies(t *testing.T) {
	path := t.TempDir() + "/mail.db"
	s := openPlain(t, Options{Path: path})
	long := order(2) + strings.Repeat("Filler words of a long text. ", 2*textKept/29) + "\r\n"
	deliver(t, s, order(1), "blind@hidden.test", "anna@x.test")
	deliver(t, s, long, "anna@x.test", "Blind@hidden.test")
	deliver(t, s, order(3), "a@x.test", "b@x.test", "c@x.test", "d@x.test", "d@x.test", "blind@hidden.test")
	deliver(t, s, order(4), "anna@x.test")
	deliver(t, s, "no header\r\n", "blind@hidden.test")
	look := func() {
		t.Helper()
		for q, want := range map[string]int{"blind@hidden.test": 4, "hidden": 4, "hidden Order": 3, "-hidden": 1, "bcc:blind@hidden.test": 4, "ind@hid": 4} {
			f, err := filter.ParseURL(url.Values{"q": {q}}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			page, err := s.List(context.Background(), Query{Filter: f})
			if err != nil || len(page.Messages) != want {
				t.Errorf("%s finds %d, want %d; %v", q, len(page.Messages), want, err)
			}
		}
		inbox := box(t, s, catchAll, Inbox)
		for needle, want := range map[string]int{"hidden": 0, "filler": 1} {
			uids, err := s.SearchMailbox(context.Background(), inbox.ID, []string{needle}, nil)
			if err != nil || len(uids) != want {
				t.Errorf("a mail client finds %v of %s; %v", uids, needle, err)
			}
		}
	}
	look()
	closeChecked(t, s)
	s = openPlain(t, Options{Path: path})
	defer closeChecked(t, s)
	look()
}

// TestAdvancedClockPrunes: what is too old by a clock that was moved goes at once.
func TestAdvancedClockPrunes(t *testing.T) {
	s := openPlain(t, Options{Path: t.TempDir() + "/mail.db"})
	defer closeChecked(t, s)
	if _, _, err := s.CreateSandbox(context.Background(), NewSandbox{Name: "old", Limits: &Limits{Age: time.Hour}}); err != nil {
		t.Fatal(err)
	}
	d := delivery(t, s, order(1), "anna@x.test")
	d.Sandbox = "old"
	if _, err := s.Deliver(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AdvanceClock(context.Background(), "old", 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	if page, err := s.List(context.Background(), Query{Sandbox: "old"}); err != nil || len(page.Messages) != 0 || page.Pruned != 1 {
		t.Errorf("%d messages, %d pruned, %v", len(page.Messages), page.Pruned, err)
	}
}
