package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page is an HTML body read in one pass of the tokenizer (no tree: its building
// is not linear on hostile input): the visible lines, and the links in order.
type page struct {
	lines   []line
	anchors []anchor
}

// anchor is a link or a picture as it stands in the HTML.
type anchor struct {
	url    string
	label  string // visible text, else alt, title or aria-label
	line   int    // index of the line that it stands in
	image  bool
	pixel  bool // an invisible picture
	hidden bool // in an element that is not shown
}

// element is an open element.
type element struct {
	tag   atom.Atom
	style style
}

// reader is the state of reading a page.
type reader struct {
	page  page
	open  []element
	base  style
	sheet sheet
	runes int
	line  line
	url   string // of <base href>

	link    int // index of the open anchor, -1 if none
	label   strings.Builder
	altText string
}

// readPage reads an HTML body.
func readPage(doc string) page {
	r := reader{base: style{size: normalSize}, sheet: sheet{}, link: -1}
	r.line.source = fromHTML
	z := html.NewTokenizer(strings.NewReader(shortenBytes(doc, maxHTML)))
	z.SetMaxBuf(maxHTML)
	for len(r.page.lines) < maxLines && r.runes < maxRules*1000 {
		switch z.Next() {
		case html.ErrorToken:
			r.finish()
			return r.page
		case html.TextToken:
			r.text(z)
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			r.start(&t)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name))
		}
	}
	r.finish()
	return r.page
}

func (r *reader) finish() {
	r.closeLink()
	r.flush()
	r.page.lines = joinBoxes(r.page.lines)
}

// style returns the style of the innermost open element.
func (r *reader) style() *style {
	if n := len(r.open); n > 0 {
		return &r.open[n-1].style
	}
	return &r.base
}

func (r *reader) inside(tag atom.Atom) bool {
	n := len(r.open)
	return n > 0 && r.open[n-1].tag == tag
}

// text takes a text token.
func (r *reader) text(z *html.Tokenizer) {
	if r.inside(atom.Style) {
		r.sheet.parse(string(z.Raw()))
		return
	}
	st := r.style()
	if st.hidden && r.link < 0 {
		return
	}
	t := string(z.Text())
	if r.link >= 0 && r.label.Len() < 4*maxLabel {
		r.label.WriteString(t)
	}
	if st.hidden {
		return
	}
	r.runes += len(t)
	copied := *st
	r.line.add(t, &copied)
}

// flush ends the line.
func (r *reader) flush() {
	r.line.trim()
	if len(r.line.plain) > 0 {
		r.page.lines = append(r.page.lines, r.line)
	}
	r.line = line{source: fromHTML}
}

// start takes a start tag.
func (r *reader) start(t *html.Token) {
	if blocks[t.DataAtom] {
		r.flush()
	}
	st := r.styleOf(t)
	switch t.DataAtom {
	case atom.A, atom.Area:
		r.openLink(t, st.hidden)
		st.inLink = true
	case atom.Img:
		r.image(t, st.hidden)
	case atom.Base:
		if r.url == "" {
			r.url = attr(t, "href")
		}
	case atom.Input:
		if v := attr(t, "value"); v != "" && !st.hidden && attr(t, "type") != "hidden" {
			r.flush()
			r.line.add(v, &st)
			r.flush()
		}
	}
	if voids[t.DataAtom] || t.Type == html.SelfClosingTagToken && t.DataAtom == 0 {
		return
	}
	if len(r.open) < maxDepth {
		r.open = append(r.open, element{t.DataAtom, st})
	}
}

// end takes an end tag: it closes the innermost open element of that name, and
// with it what was left open inside.
func (r *reader) end(tag atom.Atom) {
	if blocks[tag] {
		r.flush()
	}
	if tag == atom.A {
		r.closeLink()
	}
	if tag == 0 && len(r.open) > 0 && r.open[len(r.open)-1].tag != 0 {
		return
	}
	for i := len(r.open) - 1; i >= 0 && i >= len(r.open)-64; i-- {
		if r.open[i].tag == tag {
			r.open = r.open[:i]
			return
		}
		if (tag != atom.Table && tag != atom.Td && tag != atom.Tr) && (r.open[i].tag == atom.Td || r.open[i].tag == atom.Table) {
			return // a stray end tag does not close the cell that it stands in
		}
	}
}

// styleOf computes an element's style from its parent's, its tag, the style
// blocks and its own attribute.
func (r *reader) styleOf(t *html.Token) style {
	st := *r.style()
	parent := st.size
	st.boxed = false
	tagStyle(&st, t)
	key := strings.ToLower(t.Data)
	if len(r.sheet) > 0 {
		if d, ok := r.sheet[key]; ok {
			st.apply(d, parent)
		}
		for _, class := range strings.Fields(strings.ToLower(attr(t, "class"))) {
			if d, ok := r.sheet["."+class]; ok {
				st.apply(d, parent)
			}
		}
		if id := attr(t, "id"); id != "" {
			if d, ok := r.sheet["#"+strings.ToLower(id)]; ok {
				st.apply(d, parent)
			}
		}
	}
	for _, a := range t.Attr {
		switch a.Key {
		case "style":
			st.apply(a.Val, parent)
		case "hidden":
			st.hidden = true
		case "bgcolor":
			st.boxed = true
		}
	}
	return st
}

// tagStyle lays the look that a tag has by itself over a style.
func tagStyle(st *style, t *html.Token) {
	switch t.DataAtom {
	case atom.B, atom.Strong, atom.Th:
		st.bold = true
	case atom.H1:
		st.bold, st.heading, st.size = true, true, 32
	case atom.H2:
		st.bold, st.heading, st.size = true, true, 24
	case atom.H3:
		st.bold, st.heading, st.size = true, true, 19
	case atom.H4, atom.H5, atom.H6:
		st.bold, st.heading = true, true
	case atom.Big:
		st.size *= 1.2
	case atom.Code, atom.Pre, atom.Tt, atom.Kbd, atom.Samp:
		st.mono = true
	case atom.S, atom.Strike, atom.Del:
		st.struck = true
	case atom.Font:
		switch attr(t, "size") {
		case "5", "+2":
			st.size = 24
		case "6", "+3":
			st.size = 32
		case "7", "+4":
			st.size = 48
		}
	case atom.Head, atom.Title, atom.Script, atom.Template, atom.Noscript, atom.Style, atom.Select, atom.Object, atom.Iframe:
		st.hidden = true
	case atom.Body: // a body inside an unclosed head
		st.hidden = false
	}
}

func attr(t *html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

var blocks = atoms(atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Caption,
	atom.Center, atom.Dd, atom.Div, atom.Dl, atom.Dt, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Footer,
	atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hr, atom.Html, atom.Li,
	atom.Main, atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Section, atom.Table, atom.Tbody, atom.Td, atom.Tfoot,
	atom.Th, atom.Thead, atom.Tr, atom.Ul)

var voids = atoms(atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link,
	atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr)

func atoms(list ...atom.Atom) map[atom.Atom]bool {
	m := make(map[atom.Atom]bool, len(list))
	for _, a := range list {
		m[a] = true
	}
	return m
}

// joinBoxes joins runs of lines that are one character each: codes are often
// printed one digit to a table cell.
func joinBoxes(lines []line) []line {
	out := lines[:0]
	for i := 0; i < len(lines); {
		n := i
		for n < len(lines) && len(lines[n].plain) == 1 && isAlnum(lines[n].plain[0]) {
			n++
		}
		if n-i < 4 || n-i > 10 {
			if n == i {
				n++
			}
			out = append(out, lines[i:n]...)
			i = n
			continue
		}
		joined := line{source: fromHTML, boxes: true}
		for ; i < n; i++ {
			st := &style{size: normalSize}
			if len(lines[i].spans) > 0 {
				st = lines[i].spans[0].style
			}
			joined.add(lines[i].whole(), st)
		}
		out = append(out, joined)
	}
	return out
}
