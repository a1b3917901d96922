package filter

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/cascadia"
)

// selector is a CSS selector list taken apart at its combinators, so that
// looking costs (elements × compounds) however hostile the HTML is.
type selector struct {
	source       string
	alternatives [][]compound
}

// compound is a compound selector and the combinator that stands before it
// (' ', '>', '+', '~'; 0 before the first).
type compound struct {
	combinator byte
	match      cascadia.Sel
}

const maxCompounds = 64 // bits of a mask

// Pseudo-classes that read whole subtrees at each element are not taken;
// elements.text does that better.
var heavyPseudo = regexp.MustCompile(`(?i):(contains|containsown|matches|matchesown)\(`)

// compileSelector compiles a CSS selector list.
func compileSelector(src string) (*selector, error) {
	if utf8.RuneCountInString(src) > MaxPattern {
		return nil, badValue("a CSS selector has at most 1,000 characters")
	}
	if _, err := cascadia.ParseGroup(src); err != nil {
		return nil, badValue("not a CSS selector: %s", err)
	}
	if strings.Contains(src, "/*") {
		return nil, badValue("a CSS selector here has no comments")
	}
	if m := heavyPseudo.FindStringSubmatch(src); m != nil {
		return nil, badValue("the pseudo-class :%s() is not taken: write elements.text", strings.ToLower(m[1]))
	}
	s := &selector{source: src}
	for _, alt := range splitSelector(src) {
		var list []compound
		for _, p := range alt {
			if err := boundArguments(p.text); err != nil {
				return nil, err
			}
			sel, err := cascadia.Parse(p.text)
			if err != nil {
				return nil, badValue("not a CSS selector: %s", err)
			}
			list = append(list, compound{p.combinator, sel})
		}
		if len(list) == 0 || len(list) > maxCompounds {
			return nil, badValue("a CSS selector has at most 64 steps")
		}
		s.alternatives = append(s.alternatives, list)
	}
	return s, nil
}

type piece struct {
	combinator byte
	text       string
}

// splitSelector cuts a valid selector list at its top-level commas and combinators.
func splitSelector(src string) [][]piece {
	var out [][]piece
	var cur []piece
	var comb byte
	start := -1
	flush := func(end int) {
		if start >= 0 {
			cur = append(cur, piece{comb, src[start:end]})
			start, comb = -1, ' '
		}
	}
	scanSelector(src, func(i int, c byte) {
		switch c {
		case ' ':
			flush(i)
		case '>', '+', '~':
			flush(i)
			comb = c
		case ',':
			flush(i)
			out = append(out, cur)
			cur, comb = nil, 0
		default:
			if start < 0 {
				start = i
			}
		}
	})
	flush(len(src))
	return append(out, cur)
}

// scanSelector tells of every octet outside of brackets, parentheses, quotes,
// escapes and comments: white space as ' ', what is inside as 'x'.
func scanSelector(src string, tell func(i int, c byte)) {
	var quote byte
	depth := 0
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch {
		case c == '\\':
			tell(i, 'x')
			i++
			continue
		case quote != 0:
			if c == quote {
				quote = 0
			}
			c = 'x'
		case c == '"' || c == '\'':
			quote, c = c, 'x'
		case c == '(' || c == '[':
			depth++
			c = 'x'
		case c == ')' || c == ']':
			depth--
			c = 'x'
		case depth > 0:
			c = 'x'
		case strings.IndexByte("\t\r\n\f", c) >= 0:
			c = ' '
		}
		tell(i, c)
	}
}

var functional = regexp.MustCompile(`(?i):(not|has|haschild)\(`)

// boundArguments refuses combinators inside :not() and :has(), and
// parentheses inside :has(), where matching could take more than linear time.
func boundArguments(compound string) error {
	for _, loc := range functional.FindAllStringSubmatchIndex(compound, -1) {
		arg, name := argument(compound[loc[1]:]), strings.ToLower(compound[loc[2]:loc[3]])
		for _, alt := range splitSelector(arg) {
			if len(alt) > 1 {
				return badValue("inside :%s() a CSS selector has one step", name)
			}
		}
		if name != "not" && strings.ContainsRune(arg, '(') {
			return badValue("inside :%s() there are no parentheses", name)
		}
	}
	return nil
}

// argument is what stands before the closing parenthesis.
func argument(s string) string {
	depth, end := 0, len(s)
	var quote byte
	for i := 0; i < len(s) && end == len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			if depth == 0 {
				end = i
			}
			depth--
		}
	}
	return s[:end]
}

// run tells for every element of d whether the selector matches it.
func (s *selector) run(d *document) []bool {
	out := make([]bool, len(d.elements))
	for _, alt := range s.alternatives {
		runAlternative(d, alt, out)
	}
	return out
}

// steps are bit sets over the compounds of one alternative: bit i says that the
// selector up to compound i ends here, at an ancestor, or at an earlier sibling.
type steps struct{ here, above, before uint64 }

func runAlternative(d *document, list []compound, out []bool) {
	at := make([]steps, len(d.elements))
	last := uint64(1) << (len(list) - 1)
	for n := range d.elements {
		el := &d.elements[n]
		var parent, prev uint64
		if el.parent >= 0 {
			parent = at[el.parent].here
			at[n].above = at[el.parent].above | parent
		}
		if el.prev >= 0 {
			prev = at[el.prev].here
			at[n].before = at[el.prev].before | prev
		}
		for i, c := range list {
			need := uint64(1) << max(i-1, 0)
			var ready bool
			switch c.combinator {
			case 0:
				ready = true
			case ' ':
				ready = at[n].above&need != 0
			case '>':
				ready = parent&need != 0
			case '+':
				ready = prev&need != 0
			case '~':
				ready = at[n].before&need != 0
			}
			if ready && c.match.Match(el.html) {
				at[n].here |= 1 << i
			}
		}
		out[n] = out[n] || at[n].here&last != 0
	}
}
