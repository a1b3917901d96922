package imapd

import (
	"cmp"
	"slices"

	"github.com/catchpost/catchpost/imapd/wire"
)

// node is a message in a thread, or a dummy where its message is not there.
type node struct {
	msg      *digested // nil for a dummy
	parent   *node
	children []*node
}

// thread is THREAD and UID THREAD, RFC 5256 §3.
func (s *session) thread(uid bool) result {
	d := s.dec
	d.ExpectSP()
	algorithm := upperAtom(d)
	if d.OK() && algorithm != "ORDEREDSUBJECT" && algorithm != "REFERENCES" {
		d.Fail("unknown threading algorithm")
	}
	rows, _, r := s.found()
	if rows == nil {
		return r
	}
	var roots []*node
	if algorithm == "REFERENCES" {
		roots = threadByReferences(rows)
	} else {
		roots = threadBySubject(rows)
	}
	s.enc.Atom("* THREAD")
	if len(roots) > 0 {
		s.enc.SP()
	}
	for _, n := range roots {
		s.tellThread(s.enc, n, uid)
	}
	s.enc.CRLF()
	return ok("THREAD completed")
}

// tellThread writes thread-list. It walks with its own stack: a chain of replies
// may be as long as the mailbox.
func (s *session) tellThread(e *wire.Encoder, root *node, uid bool) {
	type frame struct {
		n    *node
		next int
	}
	e.Byte('(')
	first := true // right after "("
	// chain writes a node and its only children, and returns the last.
	chain := func(n *node) *node {
		for {
			if n.msg != nil {
				if !first {
					e.SP()
				}
				e.Number(s.view.number(n.msg.i, uid))
				first = false
			}
			if len(n.children) != 1 {
				return n
			}
			n = n.children[0]
		}
	}
	stack := []frame{{n: chain(root)}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if top.next == len(top.n.children) {
			e.Byte(')')
			first = false
			stack = stack[:len(stack)-1]
			continue
		}
		child := top.n.children[top.next]
		if top.next == 0 && !first {
			e.SP() // RFC 5256 §5: nested threads follow their parent after a space
		}
		top.next++
		e.Byte('(')
		first = true
		stack = append(stack, frame{n: chain(child)})
	}
}

// byDate orders as the threading algorithms do: sent date, then sequence number.
func byDate(a, b *digested) int {
	if c := a.date.Compare(b.date); c != 0 {
		return c
	}
	return cmp.Compare(a.i, b.i)
}

// threadBySubject is ORDEREDSUBJECT: same base subject, by date, one level deep.
func threadBySubject(rows []*digested) (roots []*node) {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, byDate)
	bySubject := map[string]*node{}
	for _, row := range rows {
		n := &node{msg: row}
		if root := bySubject[row.subject]; root != nil {
			root.children = append(root.children, n)
			continue
		}
		bySubject[row.subject] = n
		roots = append(roots, n)
	}
	return roots
}

// threadByReferences is REFERENCES, steps (1) to (6) of RFC 5256 §3.
func threadByReferences(rows []*digested) []*node {
	t := &threads{byID: map[string]*node{}}
	for _, row := range rows { // (1)
		t.link(row)
	}
	var roots []*node // (2)
	for _, n := range t.order {
		if n.parent == nil {
			roots = append(roots, n)
		}
	}
	roots = prune(roots)          // (3)
	roots = sortThreads(roots)    // (4)
	roots = gatherSubjects(roots) // (5)
	return sortThreads(roots)     // (6)
}

// threads is the table of step (1).
type threads struct {
	byID  map[string]*node
	order []*node
}

func (t *threads) get(id string) *node {
	n := t.byID[id]
	if n == nil {
		n = &node{}
		t.byID[id] = n
		t.order = append(t.order, n)
	}
	return n
}

// link enters one message: its references become a chain (1)(A), it hangs below
// the last of them (1)(B).
func (t *threads) link(row *digested) {
	var n *node
	if row.messageID != "" {
		n = t.get(row.messageID)
	}
	if n == nil || n.msg != nil { // no Message-ID, or one that was seen: a message of its own
		n = &node{}
		t.order = append(t.order, n)
	}
	n.msg = row
	var prev *node
	refs := row.references
	if len(refs) > maxReferences {
		refs = refs[len(refs)-maxReferences:]
	}
	for _, id := range refs {
		ref := t.get(id)
		if prev != nil && ref.parent == nil && !ref.isAbove(prev) && ref != prev {
			prev.adopt(ref)
		}
		prev = ref
	}
	if prev != nil && prev != n && !n.isAbove(prev) {
		if n.parent != nil {
			n.parent.children = slices.DeleteFunc(n.parent.children, func(c *node) bool { return c == n })
			n.parent = nil
		}
		prev.adopt(n)
	}
}

// maxReferences bounds the References field that is followed, the newest first.
const maxReferences = 200

// isAbove reports whether n is m or an ancestor of it. Chains are bounded so that
// hostile references cannot make this quadratic.
func (n *node) isAbove(m *node) bool {
	for depth := 0; m != nil; m = m.parent {
		if m == n {
			return true
		}
		if depth++; depth > 10_000 {
			return true
		}
	}
	return false
}

func (n *node) adopt(c *node) {
	c.parent = n
	n.children = append(n.children, c)
}

// prune is step (3): childless dummies go, a dummy's children move up, at the root
// only when there is one.
func prune(roots []*node) []*node {
	var order []*node // parents before children
	stack := slices.Clone(roots)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], n.children...)
		order = append(order, n)
	}
	for i := len(order) - 1; i >= 0; i-- { // children first
		n := order[i]
		var kept []*node
		for _, c := range n.children {
			if c.msg == nil {
				for _, g := range c.children {
					g.parent = n
				}
				kept = append(kept, c.children...)
			} else {
				kept = append(kept, c)
			}
		}
		n.children = kept
	}
	var out []*node
	for _, n := range roots {
		switch {
		case n.msg == nil && len(n.children) == 0:
		case n.msg == nil && len(n.children) == 1:
			n.children[0].parent = nil
			out = append(out, n.children[0])
		default:
			out = append(out, n)
		}
	}
	return out
}

// head is a thread's message for comparing: a dummy's first child stands for it.
func (n *node) head() *digested {
	if n.msg != nil {
		return n.msg
	}
	return n.children[0].head()
}

// sortThreads is steps (4) and (6): siblings by date, at every level.
func sortThreads(roots []*node) []*node {
	stack := []*node{{children: roots}}
	top := stack[0]
	var order []*node
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], n.children...)
		order = append(order, n)
	}
	for i := len(order) - 1; i >= 0; i-- { // a dummy's children are in order before it is compared
		slices.SortStableFunc(order[i].children, func(a, b *node) int { return byDate(a.head(), b.head()) })
	}
	return top.children
}

// gatherSubjects is step (5): roots with the same base subject become one thread.
func gatherSubjects(roots []*node) []*node {
	table := map[string]*node{}
	for _, n := range roots { // (5)(B)
		subject := n.head().subject
		if subject == "" {
			continue
		}
		old := table[subject]
		if old == nil || n.msg == nil && old.msg != nil ||
			old.msg != nil && n.msg != nil && old.msg.isReply && !n.msg.isReply {
			table[subject] = n
		}
	}
	var out []*node
	replaced := map[*node]*node{}
	for _, n := range roots { // (5)(C)
		subject := n.head().subject
		old := table[subject]
		if subject == "" || old == n || old == nil {
			out = append(out, n)
			continue
		}
		if r := replaced[old]; r != nil {
			old = r
		}
		switch {
		case old.msg == nil && n.msg == nil:
			for _, c := range n.children {
				old.adopt(c)
			}
		case old.msg == nil, n.isReplyTo(old):
			old.adopt(n)
		default: // a dummy over both
			dummy := &node{}
			dummy.adopt(old)
			dummy.adopt(n)
			replaced[table[subject]] = dummy
		}
	}
	for i, n := range out {
		if r := replaced[n]; r != nil {
			out[i] = r
		}
	}
	return out
}

// isReplyTo: n is a reply or forward and the other is not, (5)(C) fourth case.
func (n *node) isReplyTo(other *node) bool {
	return n.msg != nil && other.msg != nil && n.msg.isReply && !other.msg.isReply
}
