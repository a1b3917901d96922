package message

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxVisible bounds what is read of one HTML document, in octets.
const maxVisible = 4 << 20

// hidden are elements whose content is no text of the page.
var hidden = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Template: true, atom.Head: true, atom.Title: true,
	atom.Noscript: false, atom.Textarea: false, atom.Iframe: true, atom.Object: false, atom.Svg: true,
}

// inline are elements that part no words; all others do.
var inline = map[atom.Atom]bool{
	atom.A: true, atom.Abbr: true, atom.B: true, atom.Bdi: true, atom.Bdo: true, atom.Big: true, atom.Cite: true,
	atom.Code: true, atom.Del: true, atom.Dfn: true, atom.Em: true, atom.Font: true, atom.I: true, atom.Ins: true,
	atom.Kbd: true, atom.Mark: true, atom.Q: true, atom.S: true, atom.Samp: true, atom.Small: true, atom.Span: true,
	atom.Strike: true, atom.Strong: true, atom.Sub: true, atom.Sup: true, atom.Tt: true, atom.U: true,
	atom.Var: true, atom.Wbr: true,
}

// Visible returns the visible words of an HTML document, one blank between them.
// Scripts, styles and the head are skipped; text hidden by style (preheaders) is
// text. Image descriptions (alt) count as words.
func Visible(doc string) string {
	text, _ := htmlText([]byte(doc))
	return text
}

// htmlText reads a document once, for its words and for its link targets (href,
// src, action).
func htmlText(doc []byte) (text string, targets []string) {
	if len(doc) > maxVisible {
		doc = doc[:maxVisible]
	}
	w := wordWriter{}
	w.b.Grow(len(doc) / 4)
	skip, depth := atom.Atom(0), 0
	z := html.NewTokenizer(bytes.NewReader(doc))
	z.SetMaxBuf(maxVisible + 4096)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.b.String(), targets
		case html.TextToken:
			if skip == 0 {
				w.write(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			a := atom.Lookup(name)
			if skip == 0 && !inline[a] {
				w.blank = true
			}
			switch {
			case skip != 0 && a == skip:
				depth++
			case skip != 0 && a == atom.Body: // a head that was never closed
				skip = 0
			case skip == 0 && hidden[a]:
				skip, depth = a, 1
			}
			targets = attributes(z, &w, more, skip, a, targets)
		case html.EndTagToken:
			name, _ := z.TagName()
			a := atom.Lookup(name)
			if skip != 0 && a == skip {
				if depth--; depth == 0 {
					skip = 0
				}
			}
			if skip == 0 && !inline[a] {
				w.blank = true
			}
		}
	}
}

// maxTargets bounds the link targets kept of one document.
const maxTargets = 10000

func attributes(z *html.Tokenizer, w *wordWriter, more bool, skip, a atom.Atom, targets []string) []string {
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "href", "src", "action":
			if len(targets) < maxTargets && len(value) > 0 && !strings.HasPrefix(string(value[:min(5, len(value))]), "data:") {
				targets = append(targets, string(value))
			}
		case "alt":
			if a == atom.Img && skip == 0 {
				w.write(value)
				w.blank = true
			}
		}
	}
	return targets
}

// wordWriter joins words with single blanks.
type wordWriter struct {
	b      strings.Builder
	blank  bool // one is due before the next word
	enough int  // octets after which no more is written; 0 for all
}

func (w *wordWriter) write(text []byte) {
	for i := 0; i < len(text); {
		if n := spaceAt(text[i:]); n > 0 {
			w.blank = true
			i += n
			continue
		}
		j := i + 1
		for j < len(text) && spaceAt(text[j:]) == 0 {
			j++
		}
		if w.blank && w.b.Len() > 0 {
			w.b.WriteByte(' ')
		}
		w.blank = false
		w.b.Write(text[i:j])
		if i = j; w.enough > 0 && w.b.Len() >= w.enough {
			return
		}
	}
}

// spaceAt returns the length of the white space character that s begins with:
// ASCII's, U+00A0 and U+2000–U+200B and other blanks, and fillers of preheaders.
func spaceAt(s []byte) int {
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
