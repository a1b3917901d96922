package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMailboxesAtOnce lets goroutines loose on shared mailboxes; each follows
// them by deltas, and every view equals the store's at the end, restart included.
func TestMailboxesAtOnce(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{Relaxed: true, DefaultLimits: Limits{Messages: 150}})
	for n := range 60 {
		deliver(t, s, order(n), "anna@x.test")
	}
	names := []string{Inbox, "Sent", "Trash"}
	var ids []MailboxID
	for _, acc := range []AccountRef{anna, catchAll} {
		for _, name := range names {
			ids = append(ids, box(t, s, acc, name).ID)
		}
	}
	views := make([]map[MailboxID]*follower, 8)
	var wg sync.WaitGroup
	for g := range views {
		views[g] = make(map[MailboxID]*follower)
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 7))
			for range 120 {
				id := ids[r.IntN(len(ids))]
				f := views[g][id]
				if f == nil {
					f = &follower{flags: make(map[UID]Flags)}
					views[g][id] = f
				}
				if err := f.follow(s, id); err != nil {
					t.Error(err)
					return
				}
				if err := randomOperation(t, s, r, id, ids, f.some(r)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for g := range views {
		for id, f := range views[g] {
			if err := f.follow(s, id); err != nil {
				t.Fatal(err)
			}
			st, err := s.MailboxState(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			want := make(map[UID]Flags)
			for i, u := range st.UIDs {
				want[u] = st.Flags[i]
			}
			if diff := cmp.Diff(want, f.flags); diff != "" {
				t.Fatalf("goroutine %d, mailbox %d (-store +view):\n%s", g, id, diff)
			}
		}
	}
	before := allStates(t, s)
	s = reopen(t, s)
	if diff := cmp.Diff(before, allStates(t, s)); diff != "" {
		t.Errorf("the restart changed (-before +after):\n%s", diff)
	}
}

// follower is a client's view, kept by deltas.
type follower struct {
	modseq Sequence
	flags  map[UID]Flags
}

func (f *follower) follow(s *Store, id MailboxID) error {
	d, err := s.EntriesSince(context.Background(), id, f.modseq)
	if err != nil {
		return err
	}
	if !d.Complete {
		return errors.New("a delta is not complete")
	}
	for _, u := range d.Expunged {
		delete(f.flags, u)
	}
	for _, e := range d.Entries {
		f.flags[e.UID] = e.Flags
	}
	f.modseq = d.HighestModSeq
	return nil
}

func (f *follower) some(r *rand.Rand) []UID {
	var uids []UID
	for u := range f.flags {
		if r.IntN(5) == 0 {
			uids = append(uids, u)
		}
	}
	slices.Sort(uids)
	return uids
}

func randomOperation(tb testing.TB, s *Store, r *rand.Rand, id MailboxID, ids []MailboxID, uids []UID) error {
	ctx := context.Background()
	names := []string{`\Seen`, `\Deleted`, `\Flagged`, "$a", "$b"}
	flags := []string{names[r.IntN(5)], names[r.IntN(5)]}
	switch r.IntN(10) {
	case 0, 1, 2:
		_, err := s.StoreFlags(ctx, id, uids, FlagChange{Op: FlagOp(r.IntN(3)), Flags: flags})
		return err
	case 3:
		return second(s.Copy(ctx, id, uids[:min(len(uids), 5)], ids[r.IntN(len(ids))]))
	case 4:
		return second(s.Move(ctx, id, uids[:min(len(uids), 5)], ids[r.IntN(len(ids))]))
	case 5:
		_, _, err := s.Expunge(ctx, id, uids[:min(len(uids), 3)], true)
		return err
	case 6:
		return second(s.Append(ctx, id, []AppendItem{{Octets: octetsOf(tb, s, order(r.IntN(99))), Flags: flags}, {Octets: octetsOf(tb, s, order(1))}}))
	case 7:
		_, err := s.Deliver(ctx, delivery(tb, s, order(r.IntN(99)), "anna@x.test"))
		return err
	case 8:
		st, err := s.MailboxState(ctx, id)
		if err == nil && len(st.Keys) > 0 {
			_, err = s.DeleteMessages(ctx, DefaultSandbox, []string{s.idOf(st.Keys[r.IntN(len(st.Keys))])}, nil)
		}
		return err
	}
	yes := r.IntN(2) == 0
	st, err := s.MailboxState(ctx, id)
	if err == nil && len(st.Keys) > 0 {
		_, err = s.UpdateMessages(ctx, DefaultSandbox, []string{s.idOf(st.Keys[r.IntN(len(st.Keys))])}, nil, StateChange{Seen: &yes, Flagged: &yes})
	}
	return err
}
