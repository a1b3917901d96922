package message

import (
	"html"
	"strings"
)

// maxVisible bounds what is read of one HTML document, in octets; maxTargets the
// link targets kept of it.
const (
	maxVisible = 4 << 20
	maxTargets = 10000
)

// Visible returns the visible words of an HTML document, one blank between them.
// Scripts, styles and the head are skipped; text hidden by style (preheaders) is
// text. Image descriptions (alt) count as words.
func Visible(doc string) string {
	text, _ := htmlText(doc)
	return text
}

// htmlText reads a document once, for its words and for its link targets (href,
// src, action).
func htmlText(doc string) (text string, targets []string) {
	r := htmlReader{doc: doc[:min(len(doc), maxVisible)]}
	r.words.b = make([]byte, 0, len(r.doc)/4+64)
	r.run()
	return string(r.words.b), r.targets
}

// elementKind says what an element means for the words in it.
type elementKind int

const (
	block   elementKind = iota // parts words; whatever is not named below
	inline                     // parts no words
	hidden                     // its content is no text, but markup
	raw                        // its content is no markup and no text
	rawText                    // its content is no markup, but text
)

// kinds are the elements that are not block. Raw ones are those of the HTML
// standard's tokenization, §13.2.5: script data, RAWTEXT and RCDATA.
var kinds = map[string]elementKind{
	"a": inline, "abbr": inline, "b": inline, "bdi": inline, "bdo": inline, "big": inline, "cite": inline, "code": inline,
	"del": inline, "dfn": inline, "em": inline, "font": inline, "i": inline, "ins": inline, "kbd": inline, "mark": inline,
	"q": inline, "s": inline, "samp": inline, "small": inline, "span": inline, "strike": inline, "strong": inline,
	"sub": inline, "sup": inline, "tt": inline, "u": inline, "var": inline, "wbr": inline,
	"head": hidden, "template": hidden, "svg": hidden,
	"script": raw, "style": raw, "title": raw, "iframe": raw, "noembed": raw, "noframes": raw,
	"textarea": rawText, "xmp": rawText,
}

// htmlReader is a tokenizer for words and links alone. It follows the HTML
// standard where tags, quotes, comments and raw elements end, and goes over every
// octet once.
type htmlReader struct {
	doc     string
	pos     int
	words   wordWriter
	targets []string
	skip    string // the hidden element we are in
	depth   int    // of it
	name    [16]byte
}

func (r *htmlReader) run() {
	for r.pos < len(r.doc) {
		i := strings.IndexByte(r.doc[r.pos:], '<')
		if i < 0 {
			i = len(r.doc) - r.pos
		}
		r.text(r.doc[r.pos : r.pos+i])
		if r.pos += i; r.pos < len(r.doc) {
			r.markup()
		}
	}
}

func (r *htmlReader) text(s string) {
	if r.skip != "" || s == "" {
		return
	}
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	r.words.write(s)
}

// markup reads what begins with "<".
func (r *htmlReader) markup() {
	rest := r.doc[r.pos:]
	switch {
	case len(rest) > 1 && isLetter(rest[1]):
		r.startTag()
	case len(rest) > 2 && rest[1] == '/' && isLetter(rest[2]):
		r.endTag()
	case strings.HasPrefix(rest, "<!--"):
		r.comment()
	case len(rest) > 1 && (rest[1] == '!' || rest[1] == '?' || rest[1] == '/'):
		r.past(">")
	default:
		start := r.pos
		for r.pos++; r.pos+1 < len(r.doc) && r.doc[r.pos] == '<' && r.doc[r.pos+1] == '<'; r.pos++ {
		}
		r.text(r.doc[start:r.pos])
	}
}

// past goes on after the next s, or to the end.
func (r *htmlReader) past(s string) {
	i := strings.Index(r.doc[r.pos:], s)
	if i < 0 {
		r.pos = len(r.doc)
		return
	}
	r.pos += i + len(s)
}

func (r *htmlReader) comment() {
	r.pos += len("<!--")
	rest := r.doc[r.pos:]
	if strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "->") { // "<!-->" and "<!--->" are comments
		r.past(">")
		return
	}
	for { // to "-->" or "--!>", whichever comes first
		i := strings.Index(r.doc[r.pos:], "--")
		if i < 0 {
			r.pos = len(r.doc)
			return
		}
		r.pos += i
		tail := r.doc[r.pos+2:]
		if strings.HasPrefix(tail, ">") || strings.HasPrefix(tail, "!>") {
			r.past(">")
			return
		}
		r.pos++
	}
}

// tagName reads a name in lower case; one that is too long to be known is "".
func (r *htmlReader) tagName() []byte {
	start := r.pos
	for r.pos < len(r.doc) && !isTagSpace(r.doc[r.pos]) && r.doc[r.pos] != '/' && r.doc[r.pos] != '>' {
		r.pos++
	}
	if r.pos-start > len(r.name) {
		return nil
	}
	n := copy(r.name[:], r.doc[start:r.pos])
	for i := range r.name[:n] {
		r.name[i] = lowerByte(r.name[i])
	}
	return r.name[:n]
}

func (r *htmlReader) startTag() {
	r.pos++
	name := r.tagName()
	kind := kinds[string(name)]
	if string(name) == "body" && r.skip == "head" { // a head that was never closed
		r.skip = ""
	}
	if kind != inline && r.skip == "" {
		r.words.blank = true
	}
	img := string(name) == "img"
	if !r.attributes(img) {
		return // the document ends within the tag
	}
	switch {
	case r.skip != "" && string(name) == r.skip:
		r.depth++
	case kind == hidden && r.skip == "":
		r.skip, r.depth = string(name), 1
	case kind == raw || kind == rawText:
		start := r.pos
		r.endOfRaw(string(name))
		if kind == rawText {
			r.text(r.doc[start:r.pos])
		}
	}
}

// endOfRaw goes to the end tag of a raw element.
func (r *htmlReader) endOfRaw(name string) {
	for {
		i := strings.Index(r.doc[r.pos:], "</")
		if i < 0 {
			r.pos = len(r.doc)
			return
		}
		r.pos += i
		tail := r.doc[r.pos+2:]
		if len(tail) > len(name) && strings.EqualFold(tail[:len(name)], name) &&
			(isTagSpace(tail[len(name)]) || tail[len(name)] == '/' || tail[len(name)] == '>') {
			return
		}
		r.pos += 2
	}
}

func (r *htmlReader) endTag() {
	r.pos += 2
	name := r.tagName()
	kind := kinds[string(name)]
	ended := r.skip != "" && string(name) == r.skip
	saved := r.targets
	if !r.attributes(false) {
		return
	}
	r.targets = saved // an end tag has no attributes
	if ended {
		if r.depth--; r.depth == 0 {
			r.skip = ""
		}
	}
	if r.skip == "" && kind != inline {
		r.words.blank = true
	}
}

// attributes reads up to and over the ">" of a tag.
func (r *htmlReader) attributes(img bool) bool {
	doc := r.doc
	for {
		for r.pos < len(doc) && (isTagSpace(doc[r.pos]) || doc[r.pos] == '/') {
			r.pos++
		}
		if r.pos >= len(doc) {
			return false
		}
		if doc[r.pos] == '>' {
			r.pos++
			return true
		}
		start := r.pos
		r.pos++ // a "=" here belongs to the name
		for r.pos < len(doc) && !isTagSpace(doc[r.pos]) && doc[r.pos] != '/' && doc[r.pos] != '>' && doc[r.pos] != '=' {
			r.pos++
		}
		key := doc[start:r.pos]
		value, ok := r.attributeValue()
		if !ok {
			return false
		}
		r.attribute(key, value, img)
	}
}

// attributeValue reads "= value" if it comes next.
func (r *htmlReader) attributeValue() (value string, ok bool) {
	doc := r.doc
	for r.pos < len(doc) && isTagSpace(doc[r.pos]) {
		r.pos++
	}
	if r.pos >= len(doc) || doc[r.pos] != '=' {
		return "", r.pos < len(doc)
	}
	r.pos++
	for r.pos < len(doc) && isTagSpace(doc[r.pos]) {
		r.pos++
	}
	if r.pos >= len(doc) {
		return "", false
	}
	if q := doc[r.pos]; q == '"' || q == '\'' {
		r.pos++
		end := strings.IndexByte(doc[r.pos:], q)
		if end < 0 {
			r.pos = len(doc)
			return "", false
		}
		value = doc[r.pos : r.pos+end]
		r.pos += end + 1
		return value, true
	}
	start := r.pos
	for r.pos < len(doc) && !isTagSpace(doc[r.pos]) && doc[r.pos] != '>' {
		r.pos++
	}
	return doc[start:r.pos], r.pos < len(doc)
}

func (r *htmlReader) attribute(key, value string, img bool) {
	switch {
	case value == "":
	case len(key) == 4 && strings.EqualFold(key, "href"), len(key) == 3 && strings.EqualFold(key, "src"), len(key) == 6 && strings.EqualFold(key, "action"):
		if len(r.targets) < maxTargets && !strings.HasPrefix(value, "data:") {
			r.targets = append(r.targets, html.UnescapeString(value))
		}
	case img && r.skip == "" && strings.EqualFold(key, "alt"):
		r.text(value)
		r.words.blank = true
	}
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isTagSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// wordWriter joins words with single blanks.
type wordWriter struct {
	b     []byte
	blank bool // one is due before the next word
	limit int  // octets after which to stop, 0 for none
}

func (w *wordWriter) write(s string) {
	for i := 0; i < len(s); {
		if n := spaceAt(s[i:]); n > 0 {
			w.blank = true
			i += n
			continue
		}
		j := i + 1
		for j < len(s) && (s[j] > ' ' && s[j] < 0xc2 || spaceAt(s[j:]) == 0) {
			j++
		}
		if w.blank && len(w.b) > 0 {
			w.b = append(w.b, ' ')
		}
		w.blank = false
		w.b = append(w.b, s[i:j]...)
		i = j
		if w.limit > 0 && len(w.b) > w.limit {
			return
		}
	}
}

// spaceAt returns the length of the white space character that s begins with:
// ASCII's, U+00A0, U+2000–U+200B and other blanks, and fillers of preheaders.
func spaceAt(s string) int {
	switch c := s[0]; {
	case c <= ' ':
		return 1
	case c < 0xc2:
		return 0
	case c == 0xc2 && len(s) > 1 && (s[1] == 0xa0 || s[1] == 0xad):
		return 2
	case c == 0xcd && len(s) > 1 && s[1] == 0x8f:
		return 2
	case c == 0xe2 && len(s) > 2 && s[1] == 0x80 && (s[2] <= 0x8b || s[2] == 0xaf || s[2] == 0xa8 || s[2] == 0xa9):
		return 3
	case c == 0xe3 && len(s) > 2 && s[1] == 0x80 && s[2] == 0x80:
		return 3
	case c == 0xef && len(s) > 2 && s[1] == 0xbb && s[2] == 0xbf:
		return 3
	}
	return 0
}
