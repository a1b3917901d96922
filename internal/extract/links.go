package extract

import (
	"html"
	"strings"

	"github.com/catchpost/catchpost/internal/model"
)

// The kinds of a link.
const (
	kindVerify      = "verify"
	kindReset       = "reset"
	kindSignIn      = "sign_in"
	kindUnsubscribe = "unsubscribe"
	kindTracking    = "tracking"
	kindImage       = "image"
	kindOther       = "other"
)

// Links finds the links and pictures of a mail in their order, those of the HTML
// first, each address once: decoded, with label, kind (verify, reset, sign_in,
// unsubscribe, tracking, image, other), source (html, text) and the words around
// it. html and text are decoded; each may be empty. At most 500 are answered.
func Links(html, text string) []model.Link {
	b := binder{at: map[string]int{}}
	if html != "" {
		p := readPage(html)
		for _, a := range p.anchors {
			b.addAnchor(a, p.lines)
		}
	}
	if text != "" {
		for _, a := range textAnchors(text) {
			b.addText(a)
		}
	}
	for i := range b.links {
		b.links[i].Kind = b.verdicts[i].kind
	}
	if b.links == nil {
		return []model.Link{}
	}
	return b.links
}

// binder gathers links, one for each address, with the best verdict on its kind.
type binder struct {
	links    []model.Link
	verdicts []verdict
	at       map[string]int
}

func (b *binder) add(l model.Link, v verdict) {
	if i, seen := b.at[l.URL]; seen {
		old := &b.links[i]
		better := v.weight > b.verdicts[i].weight
		if better {
			b.verdicts[i] = v
		}
		if better && l.Label != "" && old.Source == l.Source || old.Label == "" || old.Label == old.URL && l.Label != "" {
			old.Label = l.Label
		}
		if old.Context == "" {
			old.Context = l.Context
		}
		return
	}
	if len(b.links) >= maxLinks {
		return
	}
	b.at[l.URL] = len(b.links)
	b.links = append(b.links, l)
	b.verdicts = append(b.verdicts, v)
}

// addAnchor takes a link or picture of the HTML.
func (b *binder) addAnchor(a anchor, lines []line) {
	own, before := "", ""
	if a.line < len(lines) {
		own = window(lines[a.line].whole(), a.label)
	}
	if a.line > 0 && a.line-1 < len(lines) {
		before = lines[a.line-1].whole()
	}
	context := own
	if own == "" || own == a.label {
		context = strings.TrimSpace(tail(before, maxContext-len([]rune(own))) + " " + own)
	}
	l := model.Link{URL: a.url, Label: a.label, Source: "html", Context: shorten(context, maxContext)}
	switch {
	case a.image && (a.pixel || openTracker(a.url)):
		b.add(l, verdict{kindTracking, 5})
	case a.image:
		b.add(l, verdict{kindImage, 5})
	default:
		b.add(l, classify(a.url, a.label, own, before))
	}
}

// addText takes a link of the text body; what HTML has is known already, also
// where a generator left "&amp;" in the text.
func (b *binder) addText(a textAnchor) {
	u := a.url
	if plain := html.UnescapeString(u); plain != u {
		if _, seen := b.at[plain]; seen {
			u = plain
		}
	}
	l := model.Link{URL: u, Label: shorten(a.label, maxLabel), Source: "text", Context: shorten(strings.TrimSpace(a.before+" "+a.own), maxContext)}
	b.add(l, classify(u, a.label, a.own, a.before))
}

// window cuts the stretch around a label out of a line.
func window(text, label string) string {
	r := []rune(text)
	if len(r) <= maxContext {
		return text
	}
	at := 0
	if i := strings.Index(text, label); label != "" && i >= 0 {
		at = len([]rune(text[:i]))
	}
	from := max(0, at-maxContext/2)
	to := min(len(r), from+maxContext)
	return string(r[from:to])
}

// tail gives the last n characters of a text.
func tail(s string, n int) string {
	r := []rune(s)
	if n <= 0 {
		return ""
	}
	if len(r) <= n {
		return s
	}
	return "…" + string(r[len(r)-n+1:])
}
