package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// textAnchor is a link of a text body.
type textAnchor struct {
	url    string
	label  string // "Label <URL>", "Label: URL", "[Label](URL)"; "" where none stands
	own    string // its line without the address
	before string // the non-empty line before
}

// textAnchors finds addresses in a text body in one pass.
func textAnchors(text string) []textAnchor {
	text = shortenBytes(text, maxHTML)
	var out []textAnchor
	for at := 0; at < len(text) && len(out) < maxLinks; {
		start := nextAddress(text, at)
		if start < 0 {
			break
		}
		u, end := readAddress(text, start)
		if u == "" {
			at = end
			continue
		}
		a := textAnchor{url: u}
		a.own, a.before = around(text, start, end)
		a.label = labelBefore(text, start)
		if strings.HasPrefix(u, "www.") {
			a.url = "http://" + u
		}
		out = append(out, a)
		at = end
	}
	return out
}

// nextAddress finds where an address begins: at a scheme before "://", at
// "mailto:", or at "www.".
func nextAddress(text string, from int) int {
	best := -1
	if i := strings.Index(text[from:], "://"); i >= 0 {
		start := schemeStart(text, from, from+i)
		if start < from+i {
			best = start
		} else if next := nextAddress3(text, from+i+3); next >= 0 {
			best = next
		}
	}
	limit := len(text)
	if best >= 0 {
		limit = best
	}
	for _, lead := range []string{"www.", "mailto:"} {
		if i := strings.Index(text[from:limit], lead); i >= 0 && wordEdge(text, from+i) {
			limit = from + i
			best = limit
		}
	}
	return best
}

// nextAddress3 goes on behind a "://" that no scheme stands before.
func nextAddress3(text string, from int) int {
	for {
		i := strings.Index(text[from:], "://")
		if i < 0 {
			return -1
		}
		if start := schemeStart(text, from, from+i); start < from+i {
			return start
		}
		from += i + 3
	}
}

// schemeStart goes back over a scheme, RFC 3986 §3.1.
func schemeStart(text string, from, colon int) int {
	i := colon
	for i > from && colon-i < 32 {
		c := text[i-1]
		if !isAlnum(rune(c)) && c != '+' && c != '-' && c != '.' {
			break
		}
		i--
	}
	for i < colon && !isUpper(rune(text[i])) && !isLower(rune(text[i])) {
		i++
	}
	return i
}

func wordEdge(text string, at int) bool {
	if at == 0 {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '/' && r != '@' && r != '-'
}

// readAddress reads an address and gives where it ends. Inside <> line breaks
// do not end it (RFC 3986 appendix C).
func readAddress(text string, start int) (string, int) {
	if start > 0 && text[start-1] == '<' {
		if end := strings.IndexByte(shortenBytes(text[start:], maxURL), '>'); end > 0 {
			if joined, ok := unbroken(text[start : start+end]); ok {
				return joined, start + end
			}
		}
	}
	end := start
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if endsAddress(r) {
			break
		}
		end += n
	}
	u := trimAddress(text[start:end])
	if len(u) > maxURL || strings.HasSuffix(u, "://") || strings.HasSuffix(u, "mailto:") || u == "www." {
		return "", max(end, start+1)
	}
	return u, start + len(u)
}

// unbroken takes line breaks out of an address in angle brackets; blanks in the
// middle of a line say that it is none.
func unbroken(s string) (string, bool) {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s, s != ""
	}
	var b strings.Builder
	for piece := range strings.SplitSeq(s, "\n") {
		piece = strings.TrimSpace(piece)
		if strings.ContainsAny(piece, " \t<\"") {
			return "", false
		}
		b.WriteString(piece)
	}
	return b.String(), b.Len() > 0
}

func endsAddress(r rune) bool {
	switch r {
	case '<', '>', '"', '“', '”', '„', '«', '»', '|', '\\', '^', '`', utf8.RuneError, '（', '）', '，', '；', '！', '？', '：':
		return true
	}
	return r <= ' ' || unicode.IsSpace(r) || wideMark(r) || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Cf)
}

// trimAddress takes the sentence's marks from an address's end; a closing
// bracket stays if its opening one is inside.
func trimAddress(u string) string {
	for u != "" {
		last := u[len(u)-1]
		switch last {
		case '.', ',', ';', ':', '!', '?', '\'', '*', '_':
		case ')', ']', '}':
			open := map[byte]string{')': "(", ']': "[", '}': "{"}[last]
			if strings.Count(u, open) >= strings.Count(u, string(last)) {
				return u
			}
		default:
			return u
		}
		u = u[:len(u)-1]
	}
	return u
}

// around gives the line that an address stands in, without it, and the
// non-empty line before.
func around(text string, start, end int) (own, before string) {
	from := strings.LastIndexByte(text[max(0, start-2000):start], '\n') + 1 + max(0, start-2000)
	to := len(text)
	if i := strings.IndexByte(text[end:min(len(text), end+2000)], '\n'); i >= 0 {
		to = end + i
	} else {
		to = min(to, end+2000)
	}
	clean := func(s string) string {
		l := newLine(strings.Trim(strings.TrimSpace(s), "<>[]()"), fromText)
		return l.whole()
	}
	own = clean(strings.ToValidUTF8(text[from:start], "") + " " + strings.ToValidUTF8(text[end:to], ""))
	rest := strings.TrimRight(text[:max(from-1, 0)], " \t\r\n>")
	rest = rest[max(0, len(rest)-2000):]
	if i := strings.LastIndexByte(rest, '\n'); i >= 0 {
		rest = rest[i+1:]
	}
	before = tail(clean(strings.ToValidUTF8(rest, "")), maxContext)
	if strings.Contains(before, "://") {
		before = "" // another link's line
	}
	return tail(own, maxContext), before
}

// labelBefore reads what names an address on its own line.
func labelBefore(text string, start int) string {
	from := max(0, start-2*maxLabel)
	line := text[from:start]
	if i := strings.LastIndexByte(line, '\n'); i >= 0 {
		line = line[i+1:]
	}
	line = strings.ToValidUTF8(line, "")
	trimmed := strings.TrimRight(line, " \t")
	if strings.HasSuffix(trimmed, "](") { // Markdown
		if i := strings.LastIndexByte(trimmed, '['); i >= 0 {
			return strings.TrimSpace(trimmed[i+1 : len(trimmed)-2])
		}
	}
	label := strings.TrimRight(trimmed, " \t<([:：-–—=>*")
	if label == trimmed {
		return ""
	}
	if i := strings.LastIndexAny(label, ".!?|"); i >= 0 {
		label = label[i+1:]
	}
	return strings.Trim(strings.TrimSpace(label), "*_•>")
}
