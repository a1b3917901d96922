package filter

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// document is a parsed HTML body, flat in document order.
type document struct {
	elements []node
	words    string // visible words of the whole document, white space collapsed
	matched  map[*selector][]bool
	budget   int
	tooDeep  bool
}

// node is one element. parent and prev index the elements, -1 for none.
type node struct {
	html         *html.Node
	parent, prev int
	start, end   int // into words
}

// parseHTML never fails: what the parser refuses (more than 512 elements deep)
// has no elements.
func parseHTML(src string) *document {
	d := &document{budget: maxElemText}
	if strings.TrimSpace(src) == "" {
		return d
	}
	if len(src) > MaxHTML {
		src = src[:MaxHTML]
	}
	root, err := html.Parse(strings.NewReader(src))
	if err != nil {
		d.tooDeep = true
		return d
	}
	w := flattener{doc: d}
	w.children(root, -1)
	d.words = w.words.String()
	return d
}

// flattener walks the tree; html.Parse has bounded its depth.
type flattener struct {
	doc   *document
	words strings.Builder
	blank bool // a blank is due before the next word
}

func (w *flattener) children(n *html.Node, parent int) {
	prev := -1
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w.text(c.Data)
		case html.ElementNode:
			prev = w.element(c, parent, prev)
		}
	}
}

func (w *flattener) element(n *html.Node, parent, prev int) int {
	if len(w.doc.elements) >= MaxElements {
		return prev
	}
	i := len(w.doc.elements)
	w.doc.elements = append(w.doc.elements, node{html: n, parent: parent, prev: prev, start: w.words.Len()})
	block := !inline[n.DataAtom]
	w.blank = w.blank || block
	if n.DataAtom != atom.Script && n.DataAtom != atom.Style && n.DataAtom != atom.Template {
		w.children(n, i)
	}
	w.doc.elements[i].end = w.words.Len()
	w.blank = w.blank || block
	return i
}

func (w *flattener) text(s string) {
	for i, f := range strings.Fields(s) {
		if (i > 0 || w.blank || startsBlank(s)) && w.words.Len() > 0 {
			w.words.WriteByte(' ')
		}
		w.blank = false
		w.words.WriteString(f)
	}
	if s != "" && strings.TrimRight(s, " \t\r\n\f\u00a0") != s {
		w.blank = true
	}
}

func startsBlank(s string) bool { return s != strings.TrimLeft(s, " \t\r\n\f\u00a0") }

// inline elements do not part words.
var inline = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Bdi: true, atom.Bdo: true, atom.Big: true, atom.Cite: true,
	atom.Code: true, atom.Em: true, atom.Font: true, atom.I: true, atom.Ins: true, atom.Kbd: true, atom.Mark: true,
	atom.S: true, atom.Samp: true, atom.Small: true, atom.Span: true, atom.Strong: true, atom.Sub: true,
	atom.Sup: true, atom.Tt: true, atom.U: true, atom.Var: true, atom.Wbr: true, atom.Del: true, atom.Q: true,
}

// text is the words inside an element, "" once the look has touched too much.
func (d *document) text(i int) string {
	n := d.elements[i]
	if d.budget -= n.end - n.start; d.budget < 0 {
		return ""
	}
	return strings.TrimSpace(d.words[n.start:n.end])
}

// attr is an attribute's value; name is lower-case.
func (d *document) attr(i int, name string) (string, bool) {
	for _, a := range d.elements[i].html.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// tag writes an element's start tag, for verdicts.
func (d *document) tag(i int) string {
	n := d.elements[i].html
	t := html.Token{Type: html.StartTagToken, Data: n.Data, Attr: n.Attr}
	return t.String()
}

// matches tells for every element whether the selector matches it.
func (d *document) matches(s *selector) []bool {
	if m, ok := d.matched[s]; ok {
		return m
	}
	if d.matched == nil {
		d.matched = map[*selector][]bool{}
	}
	m := s.run(d)
	d.matched[s] = m
	return m
}
