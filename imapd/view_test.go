package imapd

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

func viewOf(uids ...store.UID) *view {
	n := len(uids)
	st := &store.MailboxState{UIDs: uids, Flags: make([]store.Flags, n), ModSeqs: make([]store.Sequence, n),
		Sizes: make([]int64, n), Dates: make([]int64, n)}
	return newView(st, false)
}

func told(v *view, t telling) string {
	var b bytes.Buffer
	e := wire.NewEncoder(&b)
	_, _ = v.flush(e, t)
	_ = e.Flush()
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\r\n"), "\r\n", "|")
}

// What happened to a mailbox, and what the client is told of it when EXPUNGE is
// held back and when it is not.
func TestViewTells(t *testing.T) {
	for _, c := range []struct {
		name       string
		delta      store.MailboxDelta
		held, free string
	}{
		{"nothing", store.MailboxDelta{}, "", ""},
		{"arrival", store.MailboxDelta{Entries: []store.EntryState{{UID: 9}}}, "* 4 EXISTS", ""},
		{"expunge", store.MailboxDelta{Expunged: []store.UID{2, 7}}, "", "* 3 EXPUNGE|* 1 EXPUNGE"},
		{"flags", store.MailboxDelta{Entries: []store.EntryState{{UID: 5, Flags: store.FlagSeen, ModSeq: 3}}},
			`* 2 FETCH (UID 5 FLAGS (\Seen))`, ""},
		{"flags of one that is gone", store.MailboxDelta{Entries: []store.EntryState{{UID: 5, Flags: 1, ModSeq: 3}}, Expunged: []store.UID{5}},
			"", "* 2 EXPUNGE"},
		{"came and went", store.MailboxDelta{Entries: []store.EntryState{{UID: 9}, {UID: 10}}, Expunged: []store.UID{9}}, "* 4 EXISTS", ""},
		{"all at once", store.MailboxDelta{Entries: []store.EntryState{{UID: 7, Flags: store.FlagFlagged, ModSeq: 4}, {UID: 9}}, Expunged: []store.UID{2}},
			`* 4 EXISTS|* 3 FETCH (UID 7 FLAGS (\Flagged))`, "* 1 EXPUNGE"},
		{"unknown", store.MailboxDelta{Expunged: []store.UID{3}}, "", ""},
	} {
		v := viewOf(2, 5, 7)
		v.apply(&c.delta)
		if got := told(v, telling{}); got != c.held {
			t.Errorf("%s, held: %q, want %q", c.name, got, c.held)
		}
		if got := told(v, telling{expunge: true}); got != c.free {
			t.Errorf("%s, then: %q, want %q", c.name, got, c.free)
		}
		if got := told(v, telling{expunge: true}); got != "" {
			t.Errorf("%s: told twice: %q", c.name, got)
		}
		v = viewOf(2, 5, 7)
		v.apply(&c.delta)
		told(v, telling{expunge: true, vanished: true})
		for _, uid := range c.delta.Expunged {
			if _, ok := v.find(uid, len(v.uids)); ok {
				t.Errorf("%s: UID %d stayed", c.name, uid)
			}
		}
	}
}

// What NOTIFY does not ask for waits and is told when it does.
func TestViewHolds(t *testing.T) {
	v := viewOf(2, 5, 7)
	v.apply(&store.MailboxDelta{Entries: []store.EntryState{{UID: 7, Flags: store.FlagFlagged, ModSeq: 4}, {UID: 9}}, Expunged: []store.UID{2}})
	for _, c := range []struct {
		t    telling
		want string
	}{
		{telling{noArrivals: true, noFlags: true}, ""},
		{telling{noFlags: true}, "* 4 EXISTS"},
		{telling{noFlags: true}, ""},
		{telling{expunge: true, noFlags: true}, "* 1 EXPUNGE"},
		{telling{}, `* 2 FETCH (UID 7 FLAGS (\Flagged))`},
		{telling{expunge: true}, ""},
	} {
		if got := told(v, c.t); got != c.want {
			t.Errorf("%+v: %q, want %q", c.t, got, c.want)
		}
	}
	if v.pending() {
		t.Error("something is pending")
	}
}

func TestPage(t *testing.T) {
	spans := []span{{0, 3}, {5, 6}, {8, 12}} // eight entries
	for _, c := range []struct {
		p    wire.PartialRange
		want []span
	}{
		{wire.PartialRange{First: 1, Last: 8}, spans}, {wire.PartialRange{First: 2, Last: 4}, []span{{1, 3}, {5, 6}}},
		{wire.PartialRange{First: 4, Last: 4}, []span{{5, 6}}}, {wire.PartialRange{First: 5, Last: 6}, []span{{8, 10}}},
		{wire.PartialRange{First: 1, Last: 5, FromEnd: true}, []span{{5, 6}, {8, 12}}}, {wire.PartialRange{First: 9, Last: 10}, nil},
		{wire.PartialRange{First: 8, Last: 900, FromEnd: true}, []span{{0, 1}}},
	} {
		if got := page(spans, c.p); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.p, got, c.want)
		}
	}
}

func TestViewTranslates(t *testing.T) {
	v := viewOf(2, 5, 7, 11)
	for _, c := range []struct {
		set  string
		uid  bool
		want []store.UID
		ok   bool
	}{
		{"1", false, []store.UID{2}, true}, {"2:3", false, []store.UID{5, 7}, true}, {"*", false, []store.UID{11}, true},
		{"5", false, nil, false}, {"1:4294967295", false, nil, false}, {"4,1", false, []store.UID{2, 11}, true},
		{"1:*", true, []store.UID{2, 5, 7, 11}, true}, {"3:6", true, []store.UID{5}, true}, {"12:*", true, []store.UID{11}, true},
		{"1:4294967295", true, []store.UID{2, 5, 7, 11}, true}, {"3", true, nil, true}, {"*:8", true, []store.UID{11}, true},
	} {
		d := wire.NewDecoder(strings.NewReader(c.set+"\r\n"), wire.Limits{})
		_ = d.Next()
		spans, ok := v.spans(d.Numbers(), c.uid)
		if ok != c.ok || ok && !slices.Equal(v.uidsOf(spans), c.want) {
			t.Errorf("%s (uid %v): %v %v, want %v %v", c.set, c.uid, v.uidsOf(spans), ok, c.want, c.ok)
		}
	}
	if _, ok := viewOf().spans(wire.NumSet{Ranges: []wire.Range{{Start: 1}}}, false); ok {
		t.Error("1:* of an empty mailbox names something")
	}
}

func TestMissing(t *testing.T) {
	v := viewOf(2, 5, 7)
	for _, c := range []struct {
		known wire.Set
		above uint32
		want  string
	}{
		{wire.Set{{Start: 1, Stop: 7}}, 0, "1,3:4,6"}, {wire.Set{{Start: 1, Stop: 4294967295}}, 0, "1,3:4,6,8:4294967295"},
		{wire.Set{{Start: 1, Stop: 7}}, 5, "6"}, {wire.Set{{Start: 2, Stop: 2}, {Start: 5, Stop: 5}}, 0, ""}, {wire.Set{{Start: 6, Stop: 6}}, 0, "6"},
	} {
		if got := v.missing(c.known, c.above).String(); got != c.want {
			t.Errorf("%v above %d: %s, want %s", c.known, c.above, got, c.want)
		}
	}
}

func TestWildcard(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "a/b", true}, {"%", "a/b", false}, {"%", "a", true}, {"a/%", "a/b", true}, {"a/%", "a/b/c", false}, {"a*c", "a/b/c", true},
		{"%/%", "a/b", true}, {"inbox", "INBOX", true}, {"inb%", "INBOX", true}, {"a", "A", false}, {"*%", "a/b", true}, {"", "a", false},
		{"inbox/x", "INBOX/x", true}, {strings.Repeat("*", 900) + "b", strings.Repeat("a", 900), false},
	} {
		if got := matches(c.pattern, c.name); got != c.want {
			t.Errorf("%.20s on %.20s: %v", c.pattern, c.name, got)
		}
	}
}
