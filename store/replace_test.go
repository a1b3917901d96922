package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

func appendItem(t *testing.T, st *store.Store, text string) store.AppendItem {
	t.Helper()
	o := st.NewOctets()
	if _, err := o.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return store.AppendItem{Octets: o}
}

// A message that replaces another is judged with the other's room: a full sandbox
// takes it. What cannot be done leaves both mailboxes as they were.
func TestReplace(t *testing.T) {
	ctx := context.Background()
	st := storetest.Open(t, store.Options{Path: store.InMemory, DefaultLimits: store.Limits{Messages: 1, Bytes: 100, Refuse: true}})
	acc := store.AccountRef{Sandbox: "default", Key: "anna@shop.example"}
	box := func(name string) store.MailboxInfo {
		m, err := st.Mailbox(ctx, acc, name)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	drafts, sent := box("Drafts"), box("Sent")
	first, err := st.Append(ctx, drafts.ID, []store.AppendItem{appendItem(t, st, "Subject: a\r\n\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Append(ctx, drafts.ID, []store.AppendItem{appendItem(t, st, "Subject: b\r\n\r\n")}); !errors.Is(err, store.ErrFull) {
		t.Fatal(err)
	}
	second, err := st.Replace(ctx, drafts.ID, first.To[0], drafts.ID, appendItem(t, st, "Subject: b\r\n\r\n"))
	if err != nil || len(second.To) != 1 || second.To[0] <= first.To[0] || second.From[0] != first.To[0] {
		t.Fatalf("%+v %v", second, err)
	}
	if _, err := st.Replace(ctx, drafts.ID, first.To[0], drafts.ID, appendItem(t, st, "Subject: c\r\n\r\n")); !errors.Is(err, store.ErrNoEntry) {
		t.Error(err)
	}
	if _, err := st.Replace(ctx, drafts.ID, second.To[0], sent.ID, appendItem(t, st, string(make([]byte, 101)))); !errors.Is(err, store.ErrTooBig) {
		t.Error(err)
	}
	if d := box("Drafts"); d.Count != 1 || d.UIDNext != second.To[0]+1 {
		t.Errorf("%+v", d)
	}
	third, err := st.Replace(ctx, drafts.ID, second.To[0], sent.ID, appendItem(t, st, "Subject: c\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	d, s := box("Drafts"), box("Sent")
	if d.Count != 0 || s.Count != 1 || third.UIDValidity != s.UIDValidity || d.HighestModSeq != third.ModSeq || s.HighestModSeq <= third.ModSeq {
		t.Errorf("%+v\n%+v\n%+v", third, d, s)
	}
}
