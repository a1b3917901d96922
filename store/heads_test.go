package store_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/catchpost/catchpost/internal/mailtest"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// A head says what the whole message says, and signatures leave out none that holds
// what is looked for.
func TestHeads(t *testing.T) {
	ctx := context.Background()
	st := storetest.Open(t, store.Options{Path: store.InMemory})
	const n = 300
	for i := range n {
		storetest.Deliver(t, st, mailtest.Mail(i), "anna@shop.example")
	}
	box, err := st.Mailbox(ctx, store.AccountRef{Sandbox: "default", Key: "anna@shop.example"}, store.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	state, err := st.MailboxState(ctx, box.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := map[store.UID]*store.Message{}
	if err := st.FetchMessages(ctx, box.ID, state.UIDs, func(uid store.UID, m *store.Message) error {
		want[uid] = m
		return nil
	}); err != nil || len(want) != n {
		t.Fatal(err, len(want))
	}
	seen := 0
	uids := append(slices.Clone(state.UIDs), 9999) // one that is not there
	if err := st.FetchHeads(ctx, box.ID, uids, func(h *store.Head) error {
		seen++
		m, dg := want[h.UID], h.Digest()
		d := m.Digest
		if h.ID != m.ID || string(h.Subject()) != d.Subject || dg.Subject != d.Subject || !dg.Date.Equal(d.Date) ||
			!reflect.DeepEqual([][]any{{dg.From, dg.To, dg.Cc, dg.Bcc}}, [][]any{{d.From, d.To, d.Cc, d.Bcc}}) {
			t.Errorf("%s: %+v, want %+v", h.ID, dg, d)
		}
		return nil
	}); err != nil || seen != n {
		t.Error(err, seen)
	}
	for _, needle := range []string{"größe", "order 7", "a", "no such words"} {
		needle = message.Fold(needle)
		holds, err := st.SearchMailbox(ctx, box.ID, []string{needle}, nil)
		may, err2 := st.MayHold(ctx, box.ID, []string{needle})
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for _, uid := range holds {
			if !slices.Contains(may, uid) {
				t.Errorf("%q: UID %d holds it", needle, uid)
			}
		}
		if needle == "no such words" && len(may) > n/10 {
			t.Errorf("%d of %d may hold what none does", len(may), n)
		}
	}
}
