package store

import (
	"context"
	"path/filepath"
	"testing"
)

// twentyThousand opens a store in which anna's INBOX and the catch-all's hold
// 20,000 messages.
func twentyThousand(b *testing.B) (*Store, MailboxInfo, []UID) {
	b.Helper()
	s, err := Open(context.Background(), Options{Path: filepath.Join(b.TempDir(), "mail.db"), Relaxed: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	for n := range 20_000 {
		deliver(b, s, order(n), "anna@x.test")
	}
	st := stateOf(b, s, catchAll, Inbox)
	return s, st.MailboxInfo, st.UIDs
}

func BenchmarkMailboxOf20000(b *testing.B) {
	ctx := context.Background()
	s, inbox, uids := twentyThousand(b)
	b.Run("derive", func(b *testing.B) {
		m := s.domain.drops.byID[inbox.ID]
		for b.Loop() {
			m.loaded = false
			m.entries = nil
			s.loadBox(m)
		}
	})
	b.Run("state", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.MailboxState(ctx, inbox.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("since", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.EntriesSince(ctx, inbox.ID, inbox.HighestModSeq-1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("records", func(b *testing.B) {
		for b.Loop() {
			n := 0
			if err := s.FetchRecords(ctx, inbox.ID, uids, func(*Record) error { n++; return nil }); err != nil || n != len(uids) {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			if err := s.FetchRaw(ctx, inbox.ID, uids, func(UID, []byte) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			if found, err := s.SearchMailbox(ctx, inbox.ID, []string{"order-19999 is"}, nil); err != nil || len(found) != 1 {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("flags", func(b *testing.B) {
		ops := []FlagOp{AddFlags, RemoveFlags}
		for n := 0; b.Loop(); n++ {
			if _, err := s.StoreFlags(ctx, inbox.ID, uids, FlagChange{Op: ops[n%2], Flags: []string{`\Answered`}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("seen", func(b *testing.B) {
		ops := []FlagOp{AddFlags, RemoveFlags}
		for n := 0; b.Loop(); n++ {
			if _, err := s.StoreFlags(ctx, inbox.ID, uids, FlagChange{Op: ops[n%2], Flags: []string{`\Seen`}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("copy 100", func(b *testing.B) {
		trash := box(b, s, catchAll, "Trash")
		for b.Loop() {
			if _, err := s.Copy(ctx, inbox.ID, uids[:100], trash.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}
