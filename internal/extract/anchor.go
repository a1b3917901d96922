package extract

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// openLink begins an anchor; a second one ends the first, as browsers do.
func (r *reader) openLink(t *html.Token, hidden bool) {
	r.closeLink()
	u := r.target(attr(t, "href"))
	if u == "" || len(r.page.anchors) >= maxLinks {
		return
	}
	r.page.anchors = append(r.page.anchors, anchor{url: u, line: len(r.page.lines), hidden: hidden})
	r.link = len(r.page.anchors) - 1
	r.altText = attr(t, "aria-label")
	if r.altText == "" {
		r.altText = attr(t, "title")
	}
	if voids[t.DataAtom] { // <area>
		if alt := attr(t, "alt"); alt != "" {
			r.altText = alt
		}
		r.closeLink()
	}
}

// closeLink ends the open anchor and gives it its label.
func (r *reader) closeLink() {
	if r.link < 0 {
		return
	}
	a := &r.page.anchors[r.link]
	label := newLine(r.label.String(), fromHTML)
	if a.label = label.whole(); a.label == "" {
		alt := newLine(r.altText, fromHTML)
		a.label = alt.whole()
	}
	a.label = shorten(a.label, maxLabel)
	r.link = -1
	r.label.Reset()
	r.altText = ""
}

// image takes a picture; its alternative text labels the anchor around it.
func (r *reader) image(t *html.Token, hidden bool) {
	alt := attr(t, "alt")
	if r.link >= 0 && alt != "" && r.altText == "" {
		r.altText = alt
	}
	u := r.target(attr(t, "src"))
	if u == "" || len(r.page.anchors) >= maxLinks {
		return
	}
	if scheme, _, _ := strings.Cut(strings.ToLower(u), ":"); scheme == "cid" {
		return
	}
	label := newLine(alt, fromHTML)
	r.page.anchors = append(r.page.anchors, anchor{
		url: u, label: shorten(label.whole(), maxLabel), line: len(r.page.lines),
		image: true, hidden: hidden, pixel: hidden || tiny(t),
	})
}

// tiny reports whether a picture is drawn with at most one pixel a side.
func tiny(t *html.Token) bool {
	small := func(v string) bool {
		v = strings.TrimSuffix(strings.TrimSpace(strings.ToLower(v)), "px")
		return v == "0" || v == "1"
	}
	w, h := attr(t, "width"), attr(t, "height")
	for _, d := range strings.Split(shortenBytes(attr(t, "style"), 4<<10), ";") {
		name, value, _ := strings.Cut(d, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "width":
			w = strings.ReplaceAll(value, "!important", "")
		case "height":
			h = strings.ReplaceAll(value, "!important", "")
		}
	}
	return small(w) && small(h)
}

// target makes a usable address of an attribute: white space around it and line
// breaks in it go (WHATWG URL §4.4), a <base> is applied; "" where it leads
// nowhere outside of the mail.
func (r *reader) target(value string) string {
	u := strings.Map(func(c rune) rune {
		if c == '\t' || c == '\n' || c == '\r' {
			return -1
		}
		return c
	}, strings.TrimSpace(value))
	if u == "" || u[0] == '#' || len(u) > maxURL {
		return ""
	}
	scheme, _, ok := strings.Cut(strings.ToLower(shortenBytes(u, 16)), ":")
	if ok && (scheme == "javascript" || scheme == "data" || scheme == "vbscript" || scheme == "about") {
		return ""
	}
	if r.url == "" {
		return u
	}
	base, err := url.Parse(r.url)
	if err != nil || !base.IsAbs() {
		return u
	}
	if rel, err := url.Parse(u); err == nil && !rel.IsAbs() {
		return base.ResolveReference(rel).String()
	}
	return u
}
