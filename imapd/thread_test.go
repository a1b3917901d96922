package imapd

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// RFC 5256 §2.1 and what its rules mean for subjects met in the wild.
func TestBaseSubject(t *testing.T) {
	for _, c := range []struct {
		in, want string
		reply    bool
	}{
		{"Order", "order", false}, {"Re: Order", "order", true}, {"RE:re: Fwd: Order (fwd)", "order", true},
		{"[list] Order", "order", false}, {"Re: [list] Order", "order", true}, {"[list]", "[list]", false},
		{"Fw[2]: Order", "order", true}, {"Re [x]: Order", "order", true}, {"[Fwd: Order]", "order", true}, {"[fwd: Re: Order]", "order", true},
		{"", "", false}, {"Re:", "", true}, {"Report", "report", false}, {"[a][b] c", "c", false}, {"re", "re", false}, {"  Order   now ", "order now", false},
	} {
		if got, reply := baseSubject(c.in); got != c.want || reply != c.reply {
			t.Errorf("%q: %q %v, want %q %v", c.in, got, reply, c.want, c.reply)
		}
	}
}

func row(i int, id string, refs ...string) *digested {
	return &digested{i: i - 1, messageID: id, references: refs, date: time.Unix(int64(i), 0), subject: fmt.Sprint("s", i)}
}

func written(roots []*node) string {
	n := 64
	v := viewOf(make([]store.UID, n)...)
	s := &session{view: v}
	var b bytes.Buffer
	e := wire.NewEncoder(&b)
	for _, r := range roots {
		s.tellThread(e, r, false)
	}
	_ = e.Flush()
	return b.String()
}

func TestThreadReferences(t *testing.T) {
	same := func(rows ...*digested) []*digested {
		for _, r := range rows {
			r.subject = "same"
		}
		return rows
	}
	reply := row(2, "b")
	reply.isReply = true
	for _, c := range []struct {
		name string
		rows []*digested
		want string
	}{
		{"none", nil, ""},
		{"alone", []*digested{row(1, "a"), row(2, "b")}, "(1)(2)"},
		{"chain", []*digested{row(1, "a"), row(2, "b", "a"), row(3, "c", "a", "b")}, "(1 2 3)"},
		{"fork", []*digested{row(1, "a"), row(2, "b", "a"), row(3, "c", "a")}, "(1 (2)(3))"},
		{"fork below", []*digested{row(1, "a"), row(2, "b", "a"), row(3, "c", "b"), row(4, "d", "b"), row(5, "e", "d")}, "(1 2 (3)(4 5))"},
		{"lost root", []*digested{row(1, "b", "a"), row(2, "c", "a")}, "((1)(2))"},
		{"lost middle", []*digested{row(1, "a"), row(2, "c", "a", "b")}, "(1 2)"},
		{"loop", []*digested{row(1, "a", "b"), row(2, "b", "a")}, "(2 1)"},
		{"self", []*digested{row(1, "a", "a")}, "(1)"},
		{"same ID", []*digested{row(1, "a"), row(2, "a")}, "(1)(2)"},
		{"no ID", []*digested{row(1, ""), row(2, "")}, "(1)(2)"},
		{"same subject", same(row(1, "a"), row(2, "b")), "((1)(2))"},
		{"reply by subject", same(row(1, "a"), reply), "(1 2)"},
		{"child first", []*digested{row(1, "b", "a"), row(2, "a")}, "(2 1)"},
	} {
		if got := written(threadByReferences(c.rows)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestThreadSubject(t *testing.T) {
	a, b, c := row(1, "a"), row(2, "b"), row(3, "c")
	a.subject, c.subject = "x", "x"
	if got := written(threadBySubject([]*digested{c, b, a})); got != "(1 3)(2)" {
		t.Errorf("got %s", got)
	}
}

// A chain as long as a mailbox is written without recursion and in linear time.
func TestThreadDeep(t *testing.T) {
	var rows []*digested
	for i := 1; i <= 20_000; i++ {
		rows = append(rows, row(i, fmt.Sprint(i), fmt.Sprint(i-1)))
	}
	if roots := threadByReferences(rows); len(roots) != 1 && len(roots) > 3 {
		t.Errorf("%d roots", len(roots))
	}
}
