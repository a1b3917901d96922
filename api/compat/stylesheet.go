package compat

import (
	"regexp"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds on what is looked at of one mail's styles.
const (
	maxRules     = 2000
	maxSelectors = 5000
	maxNesting   = 8
	maxNodes     = 20_000
)

// sheet is an HTML mail as the feature tests look at it.
type sheet struct {
	doc   string
	root  *html.Node
	nodes []*html.Node // elements within the body
	rules []rule
	ats   []string // at-rules with what stands before their block, lower-case
	left  int      // selectors that may still be matched
}

// rule is declarations and on how many elements they work.
type rule struct {
	selector     string // "" of a style attribute
	nodes        int
	declarations []declaration
	nested       bool
}

type declaration struct{ property, value string }

func readSheet(root *html.Node, doc string) *sheet {
	s := &sheet{doc: doc, root: root, left: maxSelectors}
	var walk func(n *html.Node, inBody bool)
	var styles []string
	walk = func(n *html.Node, inBody bool) {
		if n.Type == html.ElementNode {
			if inBody && len(s.nodes) < maxNodes {
				s.nodes = append(s.nodes, n)
			}
			inBody = inBody || n.DataAtom == atom.Body
			if n.DataAtom == atom.Style && n.FirstChild != nil {
				styles = append(styles, n.FirstChild.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" && len(s.rules) < maxRules {
					s.rules = append(s.rules, rule{nodes: 1, declarations: declarations(a.Val)})
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inBody)
		}
	}
	walk(root, false)
	for _, css := range styles {
		s.read(cssComment.ReplaceAllString(css, " "), "", 0)
	}
	return s
}

var cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// read takes a style sheet apart into rules and at-rules. parent is the selector
// of a rule that nests.
func (s *sheet) read(css, parent string, depth int) {
	for css != "" && len(s.rules) < maxRules && depth < maxNesting {
		i := strings.IndexAny(css, "{;")
		if i < 0 {
			return
		}
		head := strings.ToLower(strings.TrimSpace(css[:i]))
		if css[i] == ';' { // @import, @charset
			if strings.HasPrefix(head, "@") {
				s.ats = append(s.ats, head)
			}
			css = css[i+1:]
			continue
		}
		block, rest := cssBlock(css[i+1:])
		css = rest
		switch {
		case strings.HasPrefix(head, "@media"), strings.HasPrefix(head, "@supports"), strings.HasPrefix(head, "@layer"), strings.HasPrefix(head, "@container"):
			s.ats = append(s.ats, head)
			s.read(block, parent, depth+1)
		case strings.HasPrefix(head, "@"):
			s.ats = append(s.ats, head)
		default:
			s.rule(head, parent, block, depth)
		}
	}
}

// rule adds a rule; what is nested in it is a rule of its own (CSS Nesting).
func (s *sheet) rule(selector, parent, block string, depth int) {
	own := block
	if i := strings.IndexByte(block, '{'); i >= 0 {
		cut := max(strings.LastIndexByte(block[:i], ';')+1, 0)
		own = block[:cut]
		s.read(block[cut:], selector, depth+1)
	}
	matched := selector
	if parent != "" {
		matched = strings.ReplaceAll(selector, "&", parent)
	}
	s.rules = append(s.rules, rule{selector: selector, nodes: s.count(matched), declarations: declarations(own), nested: parent != ""})
}

// cssBlock reads up to the closing brace.
func cssBlock(css string) (block, rest string) {
	depth := 1
	for i := 0; i < len(css); i++ {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return css[:i], css[i+1:]
			}
		}
	}
	return css, ""
}

var pseudo = regexp.MustCompile(`::?(hover|active|focus[a-z-]*|visited|link|target|before|after|first-l[a-z]+|placeholder|marker|selection)\b`)

// count is how many elements a selector matches, at least 1: what stands in a
// style sheet is used.
func (s *sheet) count(selector string) int {
	if s.left--; s.left < 0 {
		return 1
	}
	group, err := cascadia.ParseGroup(pseudo.ReplaceAllString(selector, ""))
	if err != nil {
		return 1
	}
	n := 0
	for _, node := range s.nodes {
		if group.Match(node) {
			n++
		}
	}
	return max(n, 1)
}

// declarations reads "property: value; …", lower-case.
func declarations(s string) []declaration {
	var out []declaration
	for one := range strings.SplitSeq(cssComment.ReplaceAllString(strings.ToLower(s), " "), ";") {
		if property, value, ok := strings.Cut(one, ":"); ok {
			out = append(out, declaration{strings.TrimSpace(property), strings.TrimSpace(value)})
		}
	}
	return out
}

// sum counts the elements of the rules that have a declaration of a kind.
func (s *sheet) sum(is func(declaration) bool) int {
	n := 0
	for _, r := range s.rules {
		for _, d := range r.declarations {
			if is(d) {
				n += r.nodes
				break
			}
		}
	}
	return n
}
