package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/kv"
)

// open opens a store for a test, which checks and closes it at its end.
func open(tb testing.TB, o Options) *Store {
	tb.Helper()
	if o.Path == "" {
		o.Path = filepath.Join(tb.TempDir(), "mail.db")
	}
	s, err := Open(context.Background(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.CheckConsistency(); err != nil && !errors.Is(err, ErrClosed) {
			tb.Error(err)
		}
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// deliver delivers octets to forward-paths.
func deliver(tb testing.TB, s *Store, raw string, paths ...string) []*Message {
	tb.Helper()
	messages, err := s.Deliver(context.Background(), delivery(tb, s, raw, paths...))
	if err != nil {
		tb.Fatal(err)
	}
	return messages
}

func delivery(tb testing.TB, s *Store, raw string, paths ...string) Delivery {
	tb.Helper()
	o := s.NewOctets()
	if _, err := o.Write([]byte(raw)); err != nil {
		tb.Fatal(err)
	}
	return Delivery{Origin: model.OriginSMTP, ReversePath: "shop@shop.test", ForwardPaths: paths, Octets: o}
}

func order(n int) string {
	return fmt.Sprintf("From: Shop <shop@shop.test>\r\nTo: anna%d@x.test\r\nSubject: Order %d\r\n"+
		"Message-ID: <%d@shop.test>\r\nDate: Sun, 22 Nov 2026 21:53:06 +0000\r\n\r\nYour order-%d is on its way.\r\n", n%7, n, n, n)
}

func parse(tb testing.TB, query string) *filter.Filter {
	tb.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		tb.Fatal(err)
	}
	f, err := filter.ParseURL(v, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func TestDeliverReadsBack(t *testing.T) {
	for _, path := range []string{"", InMemory} {
		s := open(t, Options{Path: path})
		raw := order(1)
		got := deliver(t, s, raw, "anna1@x.test")
		if len(got) != 1 || got[0].ID == "" || got[0].UID != 1 || got[0].Sandbox != DefaultSandbox {
			t.Fatalf("delivered %+v", got)
		}
		m, err := s.Message(context.Background(), "", got[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Raw(context.Background(), m)
		if err != nil || string(b) != raw {
			t.Fatalf("raw %q, %v", b, err)
		}
		page, err := s.List(context.Background(), Query{Filter: parse(t, "to=anna1@x.test")})
		if err != nil || len(page.Messages) != 1 || page.Total != 1 || !page.TotalExact || page.NextCursor != "" {
			t.Fatalf("page %+v, %v", page, err)
		}
	}
}

// TestLongTextIsFoundWithoutBeingKept looks for words of a text too long to be
// stored beside its octets, and after reopening too.
func TestLongTextIsFoundWithoutBeingKept(t *testing.T) {
	o := Options{Path: filepath.Join(t.TempDir(), "mail.db")}
	s := openPlain(t, o)
	deliver(t, s, string(bulk(1, textKept*2))+"quixotherm\r\n", "a@x.test")
	deliver(t, s, order(2), "a@x.test")
	for range 2 {
		sp, err := s.space(DefaultSandbox)
		if err != nil {
			t.Fatal(err)
		}
		for needle, want := range map[string]int{"quixotherm": 1, "word": 1, "order": 2, "nowhere": 0} {
			c := s.planned(sp, filter.Plan{Needles: []string{needle}}, Newest, 0)
			found := 0
			err := s.view(func(r kv.Reader) error {
				for _, m := range c.batch(10) {
					if c.holds(r, m) {
						found++
					}
				}
				return nil
			})
			if err != nil || found != want {
				t.Errorf("%q: found %d, want %d, %v", needle, found, want, err)
			}
		}
		closeChecked(t, s)
		s = openPlain(t, o)
	}
	closeChecked(t, s)
}
