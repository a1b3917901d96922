package extract

import "strings"

// candidate is a stretch of a line that has the shape of a code.
type candidate struct {
	line       int
	start, end int // in the line's runes
	code       string
	kind       shape
	prefixed   bool // a mark that is not typed stands before it
	printed    int  // digits or letters and digits, without separators
}

type shape uint8

const (
	digits  shape = iota // 482913
	grouped              // 482 913, 48-29-13
	mixed                // XK4P2M, A7K-9QX
	letters              // WDJB-MJHT, QXZPLM
)

// scan finds the candidates of a line from left to right. It looks at each
// character a bounded number of times.
func scan(l *line, index int, out []candidate) []candidate {
	p := l.plain
	taken := webRanges(p)
	for i := 0; i < len(p) && len(out) < maxCandidates; {
		if len(taken) > 0 && i >= taken[0].start {
			i, taken = max(i, taken[0].end), taken[1:]
			continue
		}
		if !isAlnum(p[i]) {
			i++
			continue
		}
		if i > 0 && joinsWord(p[i-1]) {
			i = skipWord(p, i)
			continue
		}
		end := chunkEnd(p, i)
		if end < len(p) && joinsWord(p[end]) {
			i = skipWord(p, end)
			continue
		}
		out = appendChunk(l, index, i, end, out)
		i = end
	}
	return out
}

func skipWord(p []rune, i int) int {
	for i < len(p) && joinsWord(p[i]) {
		i++
	}
	return i
}

// group is a run of letters and digits inside a chunk.
type group struct{ start, end int }

// chunkEnd extends a run of letters and digits over hyphens, dots, and over
// blanks between digits: what belongs together must be judged together, so that
// no piece of a phone number passes for a code.
func chunkEnd(p []rune, i int) int {
	for n := 0; n < 64; n++ {
		numeric := true
		start := i
		for i < len(p) && isAlnum(p[i]) {
			numeric = numeric && isDigit(p[i])
			i++
		}
		if i+1 >= len(p) || !isAlnum(p[i+1]) {
			return i
		}
		switch p[i] {
		case '-':
		case '.', ',', '/', ':', '·', '\'':
			if !numeric || !isDigit(p[i+1]) {
				return i
			}
		case ' ':
			if !(numeric && isDigit(p[i+1])) && !(i-start == 1 && singleNext(p, i+1)) {
				return i
			}
		default:
			return i
		}
		i++
	}
	return i
}

// singleNext reports whether a one-character word stands at i.
func singleNext(p []rune, i int) bool {
	return i+1 >= len(p) || !joinsWord(p[i+1]) && p[i+1] != '-'
}

// appendChunk judges the shape of a chunk and adds what may be a code.
func appendChunk(l *line, index, start, end int, out []candidate) []candidate {
	groups, seps := split(l.plain, start, end)
	if c, ok := whole(l, index, groups, seps); ok {
		return append(out, c)
	}
	if strings.Trim(seps, " ") == "" && len(groups) <= 4 && !sequence(l.plain, groups) {
		for _, g := range groups { // "482913 15 minutes": not one number
			if c, ok := whole(l, index, []group{g}, ""); ok {
				out = append(out, c)
			}
		}
	}
	return out
}

// sequence reports whether blank-separated digit groups look like one long
// number (phone, card, IBAN, account) rather than numbers side by side.
func sequence(p []rune, groups []group) bool {
	total, short := 0, 0
	for _, g := range groups {
		n := g.end - g.start
		total += n
		if n <= 2 {
			short++
		}
	}
	first := groups[0]
	if p[first.start] == '0' && len(groups) > 1 || first.start > 0 && p[first.start-1] == '+' {
		return true
	}
	return len(groups) > 1 && short == 0 || total > 12 && len(groups) > 2
}

func split(p []rune, start, end int) (groups []group, seps string) {
	var b strings.Builder
	from := start
	for i := start; i <= end; i++ {
		if i < end && isAlnum(p[i]) {
			continue
		}
		groups = append(groups, group{from, i})
		if i < end {
			b.WriteRune(p[i])
		}
		from = i + 1
	}
	return groups, b.String()
}

// whole makes one candidate of a chunk if its shape is one that codes have.
func whole(l *line, index int, groups []group, seps string) (candidate, bool) {
	p := l.plain
	c := candidate{line: index, start: groups[0].start, end: groups[len(groups)-1].end}
	nd, nl, upper := 0, 0, 0
	for _, r := range p[c.start:c.end] {
		switch {
		case isDigit(r):
			nd++
		case isUpper(r):
			nl++
			upper++
		case isLower(r):
			nl++
		}
	}
	c.printed = nd + nl
	switch {
	case nl == 0:
		return numericCode(p, c, groups, seps)
	case nd == 0:
		return letterCode(p, c, groups, seps, upper == nl)
	default:
		return mixedCode(p, c, groups, seps)
	}
}

// numericCode takes 4 to 10 digits, whole or in the groups that codes are
// printed in.
func numericCode(p []rune, c candidate, groups []group, seps string) (candidate, bool) {
	if c.printed < 4 || c.printed > 10 {
		return c, false
	}
	c.code = join(p, groups, "")
	if len(groups) == 1 {
		c.kind = digits
		return c, true
	}
	c.kind = grouped
	if strings.Trim(seps, string(seps[0])) != "" || !strings.Contains(" -·.", string([]rune(seps)[0])) && seps[0] != 0xC2 {
		return c, false
	}
	size := groups[0].end - groups[0].start
	for _, g := range groups {
		if g.end-g.start != size {
			return c, unequalPair(p, c, groups, seps)
		}
	}
	if seps[0] == '.' && size != 1 { // 192.168…, 22.11.20, 482.913: figures, dates
		return c, false
	}
	if size == 1 && steps(c.code) { // a scale from 1 to 10
		return c, false
	}
	return c, size <= 5
}

// unequalPair reports whether "8820 41" is one number: a blank or hyphen in an
// uneven place, and a clause that ends behind it, so that the second group
// counts nothing ("4829 15 minutes").
func unequalPair(p []rune, c candidate, groups []group, seps string) bool {
	if len(groups) != 2 || seps != " " || c.printed < 5 || c.printed > 8 || groups[1].end-groups[1].start < 2 || p[c.start] == '0' {
		return false
	}
	for i := c.end; i < len(p); i++ {
		switch p[i] {
		case '.', ',', ';', '!', '*', ')', '。':
			return true
		case ' ':
		default:
			return false
		}
	}
	return true
}

// steps reports whether each digit is its predecessor's successor.
func steps(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i] != s[i-1]+1 {
			return false
		}
	}
	return true
}

// mixedCode takes letters and digits together, 4 to 16 of them, with hyphens
// between groups or single characters parted by blanks.
func mixedCode(p []rune, c candidate, groups []group, seps string) (candidate, bool) {
	c.kind = mixed
	if seps != "" && strings.Trim(seps, " ") == "" {
		c.code = join(p, groups, "")
		return c, len(groups) >= 5 && len(groups) <= 10
	}
	if strings.Trim(seps, "-") != "" || len(groups) > 5 {
		return c, false
	}
	if len(groups) == 2 && printedPrefix(string(p[groups[0].start:groups[0].end])) && numeric(p, groups[1]) {
		c.code = join(p, groups[1:], "")
		c.start, c.prefixed = groups[1].start, true
		c.printed = len(c.code)
		c.kind = digits
		return c, c.printed >= 4 && c.printed <= 8
	}
	c.code = join(p, groups, "-")
	if len(groups) == 1 {
		return c, c.printed >= 4 && c.printed <= 12 && !wordly(c.code)
	}
	for _, g := range groups {
		if n := g.end - g.start; n > 6 || n < 1 {
			return c, false
		}
	}
	return c, c.printed >= 5 && c.printed <= 20
}

// printedPrefix names the senders' marks that are printed before the digits but
// not typed: Google's "G-123456", Facebook's "FB-12345".
// "OTP-482913" names the code before it.
func printedPrefix(s string) bool {
	switch s {
	case "G", "FB", "OTP", "PIN", "TAN", "CODE", "Code", "code", "otp", "pin":
		return true
	}
	return false
}

// wordly reports whether a mixed token reads as a name with a number: "Covid19",
// "web2", "24h", "1st".
func wordly(s string) bool {
	lower, changes := 0, 0
	for i := range len(s) {
		if isLower(rune(s[i])) {
			lower++
		}
		if i > 0 && isDigit(rune(s[i])) != isDigit(rune(s[i-1])) {
			changes++
		}
	}
	return changes == 1 && lower > 0 && (isDigit(rune(s[0])) && len(s) < 6 || lower >= 2 && isUpper(rune(s[0])) || lower >= 4)
}

// letterCode takes capital letters alone: groups of equal size parted by
// hyphens, or one short word; they need strong evidence later on.
func letterCode(p []rune, c candidate, groups []group, seps string, capitals bool) (candidate, bool) {
	c.kind = letters
	if !capitals {
		return c, false
	}
	if seps != "" && strings.Trim(seps, " ") == "" {
		c.code = join(p, groups, "")
		return c, len(groups) >= 5 && len(groups) <= 10
	}
	c.code = join(p, groups, "-")
	if len(groups) == 1 {
		return c, c.printed >= 5 && c.printed <= 8
	}
	size := groups[0].end - groups[0].start
	for _, g := range groups {
		if g.end-g.start != size {
			return c, false
		}
	}
	return c, size >= 3 && size <= 5 && len(groups) <= 4
}

func join(p []rune, groups []group, sep string) string {
	var b strings.Builder
	for i, g := range groups {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(string(p[g.start:g.end]))
	}
	return b.String()
}

func numeric(p []rune, g group) bool {
	for _, r := range p[g.start:g.end] {
		if !isDigit(r) {
			return false
		}
	}
	return true
}

// webRanges finds the addresses in a line (URLs, mail addresses, bare hosts with
// a path): digits in them are no codes.
func webRanges(p []rune) []group {
	var out []group
	for i := 0; i < len(p); {
		if p[i] == ' ' {
			i++
			continue
		}
		end := i
		marked, path := false, false
		for end < len(p) && p[end] != ' ' && p[end] != '<' && p[end] != '>' && p[end] != '"' && !wideMark(p[end]) {
			if !marked {
				marked = webMark(p, i, end, &path)
			}
			end++
		}
		if marked {
			out = append(out, group{i, end})
		}
		i = max(end, i+1)
	}
	return out
}

// webMark reports whether the character at tells that the word from start on is
// an address; path remembers that the word's first slash was looked at.
func webMark(p []rune, start, at int, path *bool) bool {
	switch p[at] {
	case '@':
		return true
	case ':':
		return at+2 < len(p) && p[at+1] == '/' && p[at+2] == '/'
	case '?', '&':
		return queried(p[at:])
	case '/':
		first := !*path
		*path = true
		return first && at-start > 3 && at-start < 256 && hostly(p[start:at])
	}
	return false
}

// queried reports whether a query's "name=" follows a mark.
func queried(p []rune) bool {
	for i := 1; i < len(p) && i < 32; i++ {
		if p[i] == '=' {
			return i > 1
		}
		if !isAlnum(p[i]) && p[i] != '_' && p[i] != '-' {
			return false
		}
	}
	return false
}

// hostly reports whether a word is a host name: a dot between letters.
func hostly(w []rune) bool {
	for i := 1; i+2 < len(w); i++ {
		if w[i] == '.' && isLower(w[i+1]) && isLower(w[i+2]) && isAlnum(w[i-1]) {
			return true
		}
	}
	return false
}

// wideMark reports CJK punctuation, which ends an address in running text.
func wideMark(r rune) bool { return r >= 0x3000 && r <= 0x303F || r == '、' || r == '。' }
