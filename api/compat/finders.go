package compat

import (
	"regexp"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// finderOf is how a feature of the data is found; nil where HTML cannot tell.
func finderOf(slug string) func(*sheet) int {
	if sel, ok := htmlSelectors[slug]; ok {
		return bySelector(sel)
	}
	if pattern, ok := sourcePatterns[slug]; ok {
		return bySource(pattern)
	}
	if kind, ok := strings.CutPrefix(slug, "image-"); ok {
		return byImage(kind)
	}
	name, isCSS := strings.CutPrefix(slug, "css-")
	if !isCSS {
		if element, ok := strings.CutPrefix(slug, "html-"); ok {
			return bySelector(element) // html-abbr is <abbr>
		}
		return nil
	}
	if pattern, ok := atPatterns[name]; ok {
		return byAt(pattern)
	}
	if pattern, ok := selectorPatterns[name]; ok {
		return byRuleSelector(pattern)
	}
	if class, ok := strings.CutPrefix(name, "pseudo-class-"); ok {
		return byRuleSelector(`:` + regexp.QuoteMeta(class) + `(?:[^a-z-]|$)`)
	}
	if element, ok := strings.CutPrefix(name, "pseudo-element-"); ok {
		return byRuleSelector(`::?` + regexp.QuoteMeta(element) + `(?:[^a-z-]|$)`)
	}
	if pattern, ok := valuePatterns[name]; ok {
		return byValue(pattern)
	}
	if function, ok := strings.CutPrefix(name, "function-"); ok {
		return byValue(`(?:^|[^a-z-])` + regexp.QuoteMeta(function) + `\(`)
	}
	if unit, ok := strings.CutPrefix(name, "unit-"); ok {
		return byValue(`(?:^|[^a-z0-9#])-?[0-9]*\.?[0-9]+` + regexp.QuoteMeta(unit) + `(?:[^a-z0-9%]|$)`)
	}
	if display, ok := strings.CutPrefix(name, "display-"); ok {
		return byDeclaration([]string{"display"}, `^(?:inline-)?`+display)
	}
	properties, ok := propertyNames[name]
	if !ok {
		properties = []string{name}
	}
	return byDeclaration(properties, propertyValues[name])
}

func bySelector(sel string) func(*sheet) int {
	group := cascadia.MustCompile(sel)
	return func(s *sheet) int { return len(cascadia.QueryAll(s.root, group)) }
}

func bySource(pattern string) func(*sheet) int {
	re := regexp.MustCompile(pattern)
	return func(s *sheet) int { return len(re.FindAllStringIndex(s.doc, 1000)) }
}

func byAt(pattern string) func(*sheet) int {
	re := regexp.MustCompile(pattern)
	return func(s *sheet) int {
		n := 0
		for _, at := range s.ats {
			if re.MatchString(at) {
				n++
			}
		}
		return n
	}
}

func byRuleSelector(pattern string) func(*sheet) int {
	re := regexp.MustCompile(pattern)
	return func(s *sheet) int {
		n := 0
		for _, r := range s.rules {
			if r.selector != "" && re.MatchString(r.selector) {
				n += r.nodes
			}
		}
		return n
	}
}

func byValue(pattern string) func(*sheet) int {
	re := regexp.MustCompile(pattern)
	return func(s *sheet) int { return s.sum(func(d declaration) bool { return re.MatchString(d.value) }) }
}

func byDeclaration(properties []string, value string) func(*sheet) int {
	re := regexp.MustCompile(value)
	return func(s *sheet) int {
		return s.sum(func(d declaration) bool { return slices.Contains(properties, d.property) && re.MatchString(d.value) })
	}
}

// byImage looks at the addresses of pictures: their ending, or their data URL.
func byImage(kind string) func(*sheet) int {
	endings := map[string]string{"jpg": "jpe?g", "tiff": "tiff?", "heif": "hei[cf]", "svg": `svg`, "hdr": "hdr|exr"}
	ending, ok := endings[kind]
	if !ok {
		ending = regexp.QuoteMeta(kind)
	}
	re := regexp.MustCompile(`(?i)\.(?:` + ending + `)(?:[?#]|$)|^data:image/(?:` + ending + `)[+;]`)
	if kind == "base64" {
		re = regexp.MustCompile(`(?i)^data:image/[^,]*;base64,`)
	}
	return func(s *sheet) int {
		n := 0
		for _, img := range cascadia.QueryAll(s.root, pictures) {
			if slices.ContainsFunc(img.Attr, func(a html.Attribute) bool { return a.Key == "src" && re.MatchString(a.Val) }) {
				n++
			}
		}
		return n
	}
}

var pictures = cascadia.MustCompile("img[src], source[src]")

// htmlSelectors find features of HTML that are no element of the slug's name.
var htmlSelectors = map[string]string{
	"html-align": "[align]", "html-anchor-links": `a[href^="#"]`, "html-aria-describedby": "[aria-describedby]",
	"html-aria-hidden": "[aria-hidden]", "html-aria-label": "[aria-label]", "html-aria-labelledby": "[aria-labelledby]",
	"html-aria-live": "[aria-live]", "html-background": "[background]", "html-button-reset": `button[type="reset"]`,
	"html-button-submit": `button[type="submit"]`, "html-cellpadding": "[cellpadding]", "html-cellspacing": "[cellspacing]",
	"html-dir": "[dir]", "html-h1-h6": "h1, h2, h3, h4, h5, h6", "html-height": "[height]", "html-hidden": "[hidden]",
	"html-image-maps": "map, img[usemap]", "html-input-checkbox": `input[type="checkbox"]`, "html-input-hidden": `input[type="hidden"]`,
	"html-input-radio": `input[type="radio"]`, "html-input-reset": `input[type="reset"]`, "html-input-submit": `input[type="submit"]`,
	"html-input-text": `input[type="text"], input:not([type])`, "html-lang": "[lang]", "html-lists": "ul, ol, dl",
	"html-loading-attribute": "[loading]", "html-mailto-links": `a[href^="mailto:"]`, "html-meta-color-scheme": `meta[name="color-scheme"]`,
	"html-popover": "[popover]", "html-required": "[required]", "html-role": "[role]",
	"html-semantics": "article, aside, details, figcaption, figure, footer, header, main, mark, nav, section, summary, time",
	"html-srcset":    "[srcset], [sizes]", "html-target": "[target]", "html-valign": "[valign]", "html-width": "[width]",
	"css-inert-attribute": "[inert]",
}

// sourcePatterns find what a parsed document no longer shows.
var sourcePatterns = map[string]string{
	"html-body": `(?i)<body[\s>]`, "html-comments": `<!--`, "html-doctype": `(?i)<!doctype html\s*>`, "css-comments": `(?s)<style[^>]*>[^<]*/\*`,
}

var atPatterns = map[string]string{
	"at-font-face": `^@font-face`, "at-import": `^@import`, "at-keyframes": `^@(?:-webkit-)?keyframes`, "at-media": `^@media`,
	"at-media-device-pixel-ratio": `^@media.*device-pixel-ratio`, "at-media-hover": `^@media.*hover`,
	"at-media-orientation": `^@media.*orientation`, "at-media-prefers-color-scheme": `^@media.*prefers-color-scheme`,
	"at-media-prefers-reduced-motion": `^@media.*prefers-reduced-motion`, "at-supports": `^@supports`,
}

var selectorPatterns = map[string]string{
	"selector-adjacent-sibling": `\+`, "selector-attribute": `\[`, "selector-chaining": `[\w\]][.#][\w-]+[.#]|[.#][\w-]+[.#]`,
	"selector-child": `>`, "selector-class": `\.[a-z_-]`, "selector-descendant": `[\w\])*]\s+[\w.#\[*:]`, "selector-general-sibling": `~(?:[^=]|$)`,
	"selector-grouping": `,`, "selector-id": `#[a-z_-]`, "selector-type": `(?:^|[\s>+~,])[a-z]`, "selector-universal": `\*`,
	"pseudo-class-nth-of-type": `:nth-of-type`, "nesting": `&`,
}

var valuePatterns = map[string]string{
	"conic-gradient": `conic-gradient\(`, "linear-gradient": `linear-gradient\(`, "radial-gradient": `radial-gradient\(`,
	"rgb": `rgb\(`, "rgba": `rgba\(`, "modern-color": `(?:^|[^a-z])(?:ok)?l(?:ch|ab)\(`, "variables": `var\(--`,
	"important": `!\s*important`, "unit-calc": `calc\(`, "unit-percent": `[0-9]%`, "unit-initial": `^initial`,
	"intrinsic-size": `(?:fit|min|max)-content`, "sytem-ui": `system-ui|ui-serif|ui-sans-serif|ui-rounded|ui-monospace`,
}

// propertyValues narrow properties that are asked for with a value.
var propertyValues = map[string]string{"flex-direction": `column`, "flex-wrap": `wrap`}

// propertyNames are the properties of features that are not called by one.
var propertyNames = map[string][]string{
	"block-inline-size":              {"block-size", "inline-size"},
	"border-inline-block-individual": {"border-inline-start", "border-inline-end", "border-block-start", "border-block-end"},
	"border-inline-block-longhand": {
		"border-inline-width", "border-inline-style", "border-inline-color", "border-block-width", "border-block-style", "border-block-color",
		"border-inline-start-width", "border-inline-start-style", "border-inline-start-color", "border-inline-end-width", "border-inline-end-style", "border-inline-end-color",
		"border-block-start-width", "border-block-start-style", "border-block-start-color", "border-block-end-width", "border-block-end-style", "border-block-end-color",
	},
	"border-inline-block":      {"border-inline", "border-block"},
	"border-radius-logical":    {"border-start-start-radius", "border-start-end-radius", "border-end-start-radius", "border-end-end-radius"},
	"border-radius":            {"border-radius", "border-top-left-radius", "border-top-right-radius", "border-bottom-left-radius", "border-bottom-right-radius"},
	"border":                   {"border", "border-top", "border-right", "border-bottom", "border-left", "border-width", "border-style", "border-color"},
	"border-image":             {"border-image", "border-image-source", "border-image-slice", "border-image-width", "border-image-outset", "border-image-repeat"},
	"animation":                {"animation", "animation-name", "animation-duration"},
	"column-layout-properties": {"columns", "column-width", "column-gap", "column-rule", "column-span", "column-fill"},
	"gap":                      {"gap", "column-gap", "row-gap"},
	"grid-template":            {"grid-template", "grid-template-areas", "grid-template-columns", "grid-template-rows"},
	"inset":                    {"inset", "inset-block", "inset-inline", "inset-block-start", "inset-block-end", "inset-inline-start", "inset-inline-end"},
	"left-right-top-bottom":    {"left", "right", "top", "bottom"},
	"margin":                   {"margin", "margin-top", "margin-right", "margin-bottom", "margin-left"},
	"margin-block-start-end":   {"margin-block-start", "margin-block-end"},
	"margin-inline-block":      {"margin-inline", "margin-block"},
	"margin-inline-start-end":  {"margin-inline-start", "margin-inline-end"},
	"mask-image":               {"mask-image", "-webkit-mask-image"},
	"outline":                  {"outline", "outline-color", "outline-style", "outline-width"},
	"overflow":                 {"overflow", "overflow-x", "overflow-y"},
	"padding":                  {"padding", "padding-top", "padding-right", "padding-bottom", "padding-left"},
	"padding-block-start-end":  {"padding-block-start", "padding-block-end"},
	"padding-inline-block":     {"padding-inline", "padding-block"},
	"padding-inline-start-end": {"padding-inline-start", "padding-inline-end"},
	"scroll-snap":              {"scroll-snap-type", "scroll-snap-align", "scroll-snap-stop"},
	"text-emphasis":            {"text-emphasis", "text-emphasis-style", "text-emphasis-color"},
	"transition":               {"transition", "transition-property", "transition-duration"},
	"user-select":              {"user-select", "-webkit-user-select"},
}
