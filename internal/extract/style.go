package extract

import (
	"strconv"
	"strings"
)

// style is what matters of an element's look for telling a code from other text.
type style struct {
	hidden  bool
	bold    bool
	mono    bool
	spaced  bool // letter-spacing
	boxed   bool // background or border on the element
	heading bool
	struck  bool
	inLink  bool
	size    float64 // CSS pixels
}

const normalSize = 16

// sheet is the part of a mail's style blocks that is understood: rules whose
// selector ends in one class, id or element name, outside of @-rules.
type sheet map[string]string // ".code", "#code", "td" → declarations

const (
	maxRules    = 2000
	maxStyleCSS = 256 << 10 // octets of one style block
	maxRuleCSS  = 2 << 10   // octets of one selector's declarations
)

// parse adds the rules of one <style> element.
func (s sheet) parse(css string) {
	css = stripComments(shortenBytes(css, maxStyleCSS))
	for len(s) < maxRules {
		open := strings.IndexByte(css, '{')
		if open < 0 {
			return
		}
		selectors := strings.TrimSpace(css[:open])
		if i := strings.LastIndexByte(selectors, ';'); i >= 0 { // after @import …;
			selectors = strings.TrimSpace(selectors[i+1:])
		}
		end := closing(css[open:])
		body := css[open+1 : open+end]
		css = css[min(open+end+1, len(css)):]
		if strings.HasPrefix(selectors, "@") {
			continue
		}
		for _, sel := range strings.Split(selectors, ",") {
			if key := selectorKey(sel); key != "" && len(s) < maxRules && len(s[key])+len(body) < maxRuleCSS {
				s[key] += ";" + body
			}
		}
	}
}

// closing finds the brace that closes the one that css begins with, or its end.
func closing(css string) int {
	depth := 0
	for i := range len(css) {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(css)
}

func stripComments(css string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(css, "/*")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if _, css, found = strings.Cut(after, "*/"); !found {
			return b.String()
		}
	}
}

// selectorKey gives the key of a selector's last compound; "" where it says more
// than one simple thing, so that no rule hides what it may not be meant for.
func selectorKey(sel string) string {
	f := strings.Fields(strings.ToLower(sel))
	if len(f) == 0 || strings.ContainsAny(sel, ":[*") {
		return ""
	}
	last := f[len(f)-1]
	if i := strings.IndexAny(last, ".#"); i > 0 { // td.code
		last = last[i:]
	}
	if strings.Count(last, ".")+strings.Count(last, "#") > 1 {
		return ""
	}
	return last
}

// apply lays declarations over a style.
func (st *style) apply(declarations string, parent float64) {
	for _, d := range strings.Split(shortenBytes(declarations, 8<<10), ";") {
		name, value, ok := strings.Cut(d, ":")
		if !ok {
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		value = strings.ToLower(strings.TrimSpace(strings.ReplaceAll(value, "!important", "")))
		st.declare(name, value, parent)
	}
}

func (st *style) declare(name, value string, parent float64) {
	switch name {
	case "display":
		st.hidden = st.hidden || value == "none"
	case "visibility":
		st.hidden = st.hidden || value == "hidden" || value == "collapse"
	case "mso-hide":
		st.hidden = st.hidden || value == "all"
	case "opacity", "max-height", "max-width":
		if n, err := strconv.ParseFloat(strings.TrimRight(value, "%pxtem"), 64); err == nil && n == 0 {
			st.hidden = true
		}
	case "text-indent":
		st.hidden = st.hidden || strings.HasPrefix(value, "-9") && len(value) > 4
	case "font-size":
		if px, ok := pixels(value, parent); ok {
			st.setSize(px)
		}
	case "font":
		st.font(value, parent)
	case "font-weight":
		st.bold = value == "bold" || value == "bolder" || value >= "600" && value <= "900" && len(value) == 3
	case "font-family":
		st.mono = monospaced(value)
	case "letter-spacing":
		px, ok := pixels(value, st.size)
		st.spaced = ok && px >= 1.5
	case "background", "background-color", "border":
		st.boxed = value != "none" && value != "0" && value != "transparent" && value != "inherit"
	case "text-decoration", "text-decoration-line":
		st.struck = st.struck || strings.Contains(value, "line-through")
	}
}

// setSize takes a font size; text under two pixels cannot be read.
func (st *style) setSize(px float64) {
	st.size = px
	if px < 2 {
		st.hidden = true
	}
}

// font reads the shorthand: weight and size before the family.
func (st *style) font(value string, parent float64) {
	for _, w := range strings.Fields(value) {
		if w == "bold" || w == "bolder" || w == "600" || w == "700" || w == "800" || w == "900" {
			st.bold = true
			continue
		}
		size, _, _ := strings.Cut(w, "/")
		if px, ok := pixels(size, parent); ok && strings.TrimLeft(size, "0123456789.") != "" {
			st.setSize(px)
		}
	}
	st.mono = st.mono || monospaced(value)
}

func monospaced(family string) bool {
	for _, m := range []string{"mono", "courier", "consolas", "menlo"} {
		if strings.Contains(family, m) {
			return true
		}
	}
	return false
}

// pixels reads a CSS length; em and % are of the parent's size.
func pixels(value string, parent float64) (float64, bool) {
	switch value {
	case "small", "smaller":
		return parent * 0.83, true
	case "larger":
		return parent * 1.2, true
	case "large":
		return 18, true
	case "x-large":
		return 24, true
	case "xx-large", "xxx-large":
		return 32, true
	}
	unit := strings.TrimLeft(value, "0123456789.+-")
	n, err := strconv.ParseFloat(value[:len(value)-len(unit)], 64)
	if err != nil {
		return 0, false
	}
	switch unit {
	case "", "px":
	case "pt":
		n *= 4.0 / 3
	case "em":
		n *= parent
	case "rem":
		n *= normalSize
	case "%":
		n *= parent / 100
	default:
		return 0, false
	}
	return n, true
}

// shortenBytes cuts a string to n octets; for text that is only compared.
func shortenBytes(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
