package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	anna     = AccountRef{Sandbox: DefaultSandbox, Key: "anna@x.test"}
	catchAll = AccountRef{Sandbox: DefaultSandbox}
)

func box(tb testing.TB, s *Store, acc AccountRef, name string) MailboxInfo {
	tb.Helper()
	info, err := s.Mailbox(context.Background(), acc, name)
	if err != nil {
		tb.Fatal(err)
	}
	return info
}

func stateOf(tb testing.TB, s *Store, acc AccountRef, name string) *MailboxState {
	tb.Helper()
	st, err := s.MailboxState(context.Background(), box(tb, s, acc, name).ID)
	if err != nil {
		tb.Fatal(err)
	}
	return st
}

func octetsOf(tb testing.TB, s *Store, raw string) *Octets {
	tb.Helper()
	o := s.NewOctets()
	if _, err := o.Write([]byte(raw)); err != nil {
		tb.Fatal(err)
	}
	return o
}

// line spells a mailbox shortly: "1:\Seen 2: 3:".
func (st *MailboxState) line() string {
	var b strings.Builder
	for i, u := range st.UIDs {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d:%s", u, strings.Join(st.Flags[i].Names(st.Keywords), ","))
	}
	return b.String()
}

func TestMailboxNames(t *testing.T) {
	for _, c := range [][2]string{
		{"inbox", "INBOX"}, {"Inbox/a", "INBOX/a"}, {"a/b", "a/b"}, {"a/b/", "a/b"}, {"Entwu\u0308rfe", "Entwürfe"},
		{"inboxes", "inboxes"}, {"a/inbox", "a/inbox"}, {"*%", "*%"},
		{"", ""}, {"/", ""}, {"a//b", ""}, {"/a", ""}, {"a\x00b", ""}, {"a\r\nb", ""}, {"a\x7f", ""}, {"a\u0085", ""}, {"\xff", ""}, {"a\u2028", ""},
		{strings.Repeat("x", 1001), ""}, {strings.Repeat("x/", 33) + "x", ""}, {" ", ""}, {"a/ /b", ""},
	} {
		got, err := MailboxName(c[0])
		if got != c[1] || (err == nil) != (c[1] != "") || err != nil && !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %q, %v; want %q", c[0], got, err, c[1])
		}
	}
}

func TestFlagSets(t *testing.T) {
	f, kw, err := parseFlags([]string{`\SEEN`, "$Junk", "$junk", "Work", `\recent`}, nil, true)
	if err != nil || len(kw) != 2 || !slices.Equal(f.Names(kw), []string{`\Seen`, "$Junk", "Work"}) {
		t.Errorf("%v %v %v", f.Names(kw), kw, err)
	}
	g, kw2 := f.translate(kw, []string{"other", "WORK"})
	if !slices.Equal(g.Names(kw2), []string{`\Seen`, "WORK", "$Junk"}) {
		t.Errorf("translated %v", g.Names(kw2))
	}
	for _, bad := range []string{`\Foo`, "", "a b", "a(b", "ä", strings.Repeat("x", 300), "a]"} {
		if _, _, err := parseFlags([]string{bad}, nil, true); !errors.Is(err, ErrBadName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	var many []string
	for n := range MaxKeywords + 1 {
		many = append(many, fmt.Sprint("k", n))
	}
	if _, _, err := parseFlags(many, nil, true); !errors.Is(err, ErrTooManyKeywords) {
		t.Errorf("too many: %v", err)
	}
	if f, kw, err := parseFlags(many[:MaxKeywords], nil, true); err != nil || len(f.Names(kw)) != MaxKeywords {
		t.Errorf("all: %v", err)
	}
}

func TestMailboxLife(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	for n := range 3 {
		deliver(t, s, order(n), "Anna@X.test", "bert@x.test", "ANNA@x.test")
	}
	inbox := stateOf(t, s, anna, "inbox")
	if inbox.line() != "1: 2: 3:" || inbox.UIDNext != 4 || inbox.Unseen != 3 || inbox.Recent != 3 || !inbox.Subscribed {
		t.Fatalf("%s %+v", inbox.line(), inbox.MailboxInfo)
	}
	boxes, err := s.Mailboxes(ctx, anna)
	if err != nil || len(boxes) != 6 || boxes[0].Name != Inbox || boxes[2].SpecialUse != `\Drafts` {
		t.Fatalf("%+v %v", boxes, err)
	}
	if from, err := s.ClaimRecent(inbox.ID, 2, true); err != nil || from != 1 {
		t.Errorf("recent from %d, %v", from, err)
	}

	// flags, with keywords and conditions
	zero := Sequence(0)
	for _, c := range []struct {
		uids   []UID
		change FlagChange
		want   string
	}{
		{[]UID{1, 3, 99}, FlagChange{Op: AddFlags, Flags: []string{`\Seen`, "$Work"}}, `1:\Seen,$Work 2: 3:\Seen,$Work`},
		{[]UID{3}, FlagChange{Op: RemoveFlags, Flags: []string{"$work", "$never"}}, `1:\Seen,$Work 2: 3:\Seen`},
		{[]UID{2}, FlagChange{Op: ReplaceFlags, Flags: []string{`\Deleted`}}, `1:\Seen,$Work 2:\Deleted 3:\Seen`},
		{[]UID{1, 2, 3}, FlagChange{Op: ReplaceFlags, UnchangedSince: &zero}, `1:\Seen,$Work 2:\Deleted 3:\Seen`},
	} {
		results, err := s.StoreFlags(ctx, inbox.ID, c.uids, c.change)
		if err != nil || len(results) != min(len(c.uids), len(results)) || c.change.UnchangedSince != nil && !results[0].Failed {
			t.Errorf("%+v %v", results, err)
		}
		if got := stateOf(t, s, anna, Inbox).line(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.change, got, c.want)
		}
	}
	since := box(t, s, anna, Inbox).HighestModSeq

	// copy, move, append
	sent, trash := box(t, s, anna, "Sent"), box(t, s, anna, "Trash")
	moved, err := s.Move(ctx, inbox.ID, []UID{2}, trash.ID)
	if err != nil || !slices.Equal(moved.From, []UID{2}) || !slices.Equal(moved.To, []UID{4}) || moved.UIDValidity != trash.UIDValidity {
		t.Fatalf("%+v %v", moved, err)
	}
	if _, err := s.Copy(ctx, inbox.ID, []UID{1, 3, 50}, sent.ID); err != nil {
		t.Fatal(err)
	}
	date := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	appended, err := s.Append(ctx, sent.ID, []AppendItem{
		{Octets: octetsOf(t, s, order(8)), Flags: []string{`\Seen`, "$x"}, Date: date}, {Octets: octetsOf(t, s, order(9))},
	})
	if err != nil || !slices.Equal(appended.To, []UID{7, 8}) {
		t.Fatalf("%+v %v", appended, err)
	}
	if got := stateOf(t, s, anna, "Sent"); got.line() != `5:\Seen,$Work 6:\Seen 7:\Seen,$x 8:` || got.Dates[2] != date.UnixNano() || got.Recent != 4 {
		t.Errorf("Sent %s %+v", got.line(), got.MailboxInfo)
	}
	if got := stateOf(t, s, catchAll, Inbox).line(); got != "1: 2: 3:" {
		t.Errorf("the catch-all has %s", got)
	}
	delta, err := s.EntriesSince(ctx, inbox.ID, since)
	if err != nil || !delta.Complete || len(delta.Entries) != 0 || !slices.Equal(delta.Expunged, []UID{2}) {
		t.Errorf("%+v %v", delta, err)
	}

	// evidence goes: each of its entries, everywhere
	first := stateOf(t, s, anna, Inbox).Keys[0]
	sub := s.Subscribe(Interest{Kinds: []ChangeKind{MessageDeleted}})
	if n, err := s.DeleteMessages(ctx, DefaultSandbox, []string{s.idOf(first)}, nil); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if c, err := sub.Next(ctx); err != nil || len(c) != 1 || c[0].UID != 1 || len(c[0].Entries) != 1 || c[0].Entries[0] != (EntryChangeRow{sent.ID, 5}) {
		t.Errorf("%+v %v", c, err)
	}
	sub.Close()
	check := func(s *Store) {
		t.Helper()
		for name, want := range map[string]string{Inbox: `3:\Seen`, "Sent": `6:\Seen 7:\Seen,$x 8:`, "Trash": `4:\Deleted`} {
			if got := stateOf(t, s, anna, name).line(); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
		for id, want := range map[MailboxID][]UID{inbox.ID: {1, 2}, sent.ID: {5}} {
			if d, err := s.EntriesSince(ctx, id, since); err != nil || !d.Complete || !slices.Equal(d.Expunged, want) {
				t.Errorf("expunged %+v %v, want %v", d, err, want)
			}
		}
	}
	check(s)
	before := allStates(t, s)
	s = reopen(t, s)
	check(s)
	if diff := cmp.Diff(before, allStates(t, s)); diff != "" {
		t.Errorf("the restart changed (-before +after):\n%s", diff)
	}

	// an appended message goes with its last entry
	copied, err := s.Copy(ctx, sent.ID, []UID{7}, trash.ID)
	if err != nil {
		t.Fatal(err)
	}
	count := func() int64 { b, _ := s.Sandbox(ctx, DefaultSandbox); return b.Messages }
	n := count()
	for i, step := range []func() ([]UID, Sequence, error){
		func() ([]UID, Sequence, error) { return s.Expunge(ctx, sent.ID, []UID{7}, true) },
		func() ([]UID, Sequence, error) { return s.Expunge(ctx, trash.ID, copied.To, true) },
		func() ([]UID, Sequence, error) { return s.Expunge(ctx, trash.ID, nil, false) }, // \Deleted: the captured one
	} {
		gone, _, err := step()
		if want := n - int64(min(i, 1)); err != nil || len(gone) != 1 || count() != want {
			t.Errorf("step %d: %v %v, %d messages, want %d", i, gone, err, count(), want)
		}
	}
	if err := s.DeleteAccount(ctx, anna); err != nil {
		t.Fatal(err)
	}
	if _, err := s.MailboxState(ctx, inbox.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("mailbox of a deleted account: %v", err)
	}
	if _, err := s.Account(ctx, anna); !errors.Is(err, ErrNotFound) {
		t.Errorf("a deleted account: %v", err)
	}
	deliver(t, s, order(4), "anna@x.test")
	s = reopen(t, s)
	again := stateOf(t, s, anna, Inbox)
	if again.Count != 1 || again.UIDValidity <= inbox.UIDValidity {
		t.Errorf("%s %+v", again.line(), again.MailboxInfo)
	}
}

// allStates is a whole store as its clients see it.
func allStates(tb testing.TB, s *Store) map[string]MailboxState {
	tb.Helper()
	states := make(map[string]MailboxState)
	accounts, err := s.Accounts(context.Background(), DefaultSandbox)
	if err != nil {
		tb.Fatal(err)
	}
	for _, a := range accounts {
		s.mu.RLock()
		seen := s.domain.account(s.spaces[DefaultSandbox], a.Key) != nil
		s.mu.RUnlock()
		if !seen {
			continue
		}
		boxes, err := s.Mailboxes(context.Background(), a.AccountRef)
		if err != nil {
			tb.Fatal(err)
		}
		for _, b := range boxes {
			st := *stateOf(tb, s, a.AccountRef, b.Name)
			st.Recent = 0 // a claim is written with the next change only
			states[a.Key+" "+b.Name] = st
		}
	}
	return states
}

func TestMailboxEdits(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	deliver(t, s, order(1), "anna@x.test")
	deliver(t, s, order(2), "anna@x.test")
	old := box(t, s, anna, Inbox)
	if _, err := s.CreateMailbox(ctx, anna, "a/b/c", ""); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"exists":       second(s.CreateMailbox(ctx, anna, "a/b", "")),
		"inbox":        second(s.CreateMailbox(ctx, anna, "inbox", "")),
		"into another": s.RenameMailbox(ctx, anna, "a", "Sent"),
	} {
		if !errors.Is(err, ErrMailboxExists) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.CreateMailbox(ctx, anna, "more", `\sent`); !errors.Is(err, ErrConflict) {
		t.Errorf("special use twice: %v", err)
	}
	if _, err := s.CreateMailbox(ctx, anna, "more", `\Nonsense`); !errors.Is(err, ErrBadName) {
		t.Errorf("special use: %v", err)
	}
	if err := s.DeleteMailbox(ctx, anna, "inbox"); !errors.Is(err, ErrBadName) {
		t.Errorf("delete INBOX: %v", err)
	}
	if err := s.RenameMailbox(ctx, anna, "a/b", "a/b/c/d"); !errors.Is(err, ErrBadName) {
		t.Errorf("below itself: %v", err)
	}
	c := box(t, s, anna, "a/b/c")
	if err := s.SetSubscribed(ctx, anna, "a/b/c", true); err != nil {
		t.Fatal(err)
	}
	if err := s.RenameMailbox(ctx, anna, "a/b", "z/y"); err != nil {
		t.Fatal(err)
	}
	if got := box(t, s, anna, "z/y/c"); got.ID != c.ID || got.UIDValidity != c.UIDValidity || got.ObjectID != c.ObjectID {
		t.Errorf("renamed %+v of %+v", got, c)
	}
	if err := s.RenameMailbox(ctx, anna, "inbox", "Old/2026"); err != nil {
		t.Fatal(err)
	}
	now, moved := stateOf(t, s, anna, Inbox), stateOf(t, s, anna, "Old/2026")
	if now.Count != 0 || now.UIDValidity != old.UIDValidity || now.UIDNext != old.UIDNext || moved.line() != "3: 4:" {
		t.Errorf("INBOX %+v, moved %s", now.MailboxInfo, moved.line())
	}
	if err := s.DeleteMailbox(ctx, anna, "a"); err != nil {
		t.Fatal(err)
	}
	before := allStates(t, s)
	s = reopen(t, s)
	if diff := cmp.Diff(before, allStates(t, s)); diff != "" {
		t.Errorf("the restart changed:\n%s", diff)
	}
	subs, _ := s.Subscriptions(ctx, anna)
	if want := []string{"Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash", "a/b/c"}; !slices.Equal(subs, want) {
		t.Errorf("subscriptions %q", subs)
	}
	if err := s.SetSubscribed(ctx, anna, "a/b/c", false); err != nil {
		t.Error(err)
	}
	if err := s.SetSubscribed(ctx, anna, "nowhere", true); !errors.Is(err, ErrNotFound) {
		t.Errorf("subscribe: %v", err)
	}
	made, err := s.CreateMailbox(ctx, anna, "a", "")
	if err != nil || made.UIDValidity <= moved.UIDValidity {
		t.Errorf("%+v %v", made, err)
	}
}

// TestCatchAllFlags holds a message's seen and flagged against its catch-all entry.
func TestCatchAllFlags(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	m := deliver(t, s, order(1), "anna@x.test")[0]
	yes, no := true, false
	if _, err := s.UpdateMessages(ctx, DefaultSandbox, []string{m.ID}, nil, StateChange{Seen: &yes}); err != nil {
		t.Fatal(err)
	}
	inbox := box(t, s, catchAll, Inbox)
	if got := stateOf(t, s, catchAll, Inbox).line(); got != `1:\Seen` {
		t.Errorf("first look: %s", got)
	}
	if _, err := s.StoreFlags(ctx, inbox.ID, []UID{1}, FlagChange{Op: ReplaceFlags, Flags: []string{`\Flagged`, "$k"}}); err != nil {
		t.Fatal(err)
	}
	if m, _ := s.Message(ctx, "", m.ID); m.Seen || !m.Flagged {
		t.Errorf("after STORE: %+v", m)
	}
	before := box(t, s, catchAll, Inbox).HighestModSeq
	if _, err := s.UpdateMessages(ctx, DefaultSandbox, []string{m.ID}, nil, StateChange{Seen: &yes, Flagged: &no}); err != nil {
		t.Fatal(err)
	}
	if d, err := s.EntriesSince(ctx, inbox.ID, before); err != nil || len(d.Entries) != 1 || d.Entries[0].Flags.Names(d.Keywords)[0] != `\Seen` {
		t.Errorf("delta %+v %v", d, err)
	}
	s = reopen(t, s)
	if got := stateOf(t, s, catchAll, Inbox).line(); got != `1:\Seen,$k` {
		t.Errorf("after restart: %s", got)
	}
	if got := stateOf(t, s, anna, Inbox).line(); got != `1:` {
		t.Errorf("anna's own: %s", got)
	}
}

func TestFetchAndSearch(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{Relaxed: true})
	var raws []string
	for n := range 600 {
		raws = append(raws, order(n))
		deliver(t, s, order(n), "anna@x.test")
	}
	inbox := box(t, s, anna, Inbox)
	uids := stateOf(t, s, anna, Inbox).UIDs
	if _, err := s.DeleteMessages(ctx, DefaultSandbox, []string{s.idOf(stateOf(t, s, anna, Inbox).Keys[5])}, nil); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := s.FetchRaw(ctx, inbox.ID, uids, func(uid UID, raw []byte) error {
		if string(raw) != raws[uid-1] {
			t.Errorf("UID %d: %q", uid, raw)
		}
		n++
		return nil
	})
	if err != nil || n != 599 {
		t.Errorf("%d raws, %v", n, err)
	}
	n = 0
	if err := s.FetchMessages(ctx, inbox.ID, uids, func(uid UID, m *Message) error {
		if m.UID != uid {
			t.Errorf("UID %d: %d", uid, m.UID)
		}
		n++
		return nil
	}); err != nil || n != 599 {
		t.Errorf("%d messages, %v", n, err)
	}
	n = 0
	if err := s.FetchRecords(ctx, inbox.ID, uids, func(r *Record) error {
		if m, err := s.Message(ctx, "", r.ID); err != nil || m.UID != r.UID || m.Size != r.Size || string(m.Digest.Envelope) != string(r.Envelope) || string(m.Digest.BodyStructure) != string(r.BodyStructure) ||
			string(m.Digest.Body) != string(r.Body) || len(r.Envelope) < 8 || !m.ReceivedAt.Truncate(time.Second).Equal(r.Date) {
			t.Errorf("UID %d: %+v %v", r.UID, r, err)
		}
		n++
		return nil
	}); err != nil || n != 599 {
		t.Errorf("%d records, %v", n, err)
	}
	for needle, want := range map[string]int{"order-77 is": 1, "order-6 is": 1, "order": 599, "nowhere at all": 0} {
		found, err := s.SearchMailbox(ctx, inbox.ID, []string{needle}, nil)
		if err != nil || len(found) != want {
			t.Errorf("%q: %v %v", needle, found, err)
		}
	}
}
