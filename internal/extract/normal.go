package extract

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// line is one line of visible text, three times over and equally long: as it
// stands (orig), with digits, dashes, blanks and full-width letters brought to
// ASCII (plain), and the same in lower case without diacritics (fold).
// Characters that cannot be seen (zero width, directional, soft hyphens) are left
// out of all three, and so are combining marks: text puts them back.
type line struct {
	orig, plain, fold []rune
	marks             []mark // by place
	spans             []span
	hits              []hit
	source            source
	quoted            bool  // a reply's quotation, or below a signature mark
	street            uint8 // 0 not looked at, 1 no, 2 names a street
	boxes             bool  // made of single characters in elements of their own
}

// mark is a combining mark on the character at a place of its line.
type mark struct {
	at int
	r  rune
}

// maxMarks is how many marks of one character are kept; Thai writes two.
const maxMarks = 2

// mark keeps a combining mark (Unicode category Mn) of the last character, if r is one.
func (l *line) mark(r rune) {
	at := len(l.orig) - 1
	if r < 0x300 || at < 0 || l.plain[at] == ' ' || r == 0x034F || !unicode.Is(unicode.Mn, r) {
		return
	}
	if n := len(l.marks); n >= maxMarks && l.marks[n-maxMarks].at == at {
		return
	}
	l.marks = append(l.marks, mark{at, r})
}

// text is the line as it stands from one place to another, with its marks.
func (l *line) text(from, to int) string {
	first, _ := slices.BinarySearchFunc(l.marks, from, func(m mark, at int) int { return m.at - at })
	var b strings.Builder
	for _, m := range l.marks[first:] {
		if m.at >= to {
			break
		}
		b.WriteString(string(l.orig[from : m.at+1]))
		b.WriteRune(m.r)
		from = m.at + 1
	}
	b.WriteString(string(l.orig[from:to]))
	return b.String()
}

// whole is all of text.
func (l *line) whole() string { return l.text(0, len(l.orig)) }

type source uint8

const (
	fromSubject source = iota
	fromHTML
	fromText
)

// span is a stretch of a line in one style.
type span struct {
	start, end int
	style      *style
}

// add appends text to the line; a run of white space becomes one blank.
func (l *line) add(text string, st *style) {
	start := len(l.orig)
	room := min(len(text), 256)
	l.orig, l.plain, l.fold = slices.Grow(l.orig, room), slices.Grow(l.plain, room), slices.Grow(l.fold, room)
	for _, r := range text {
		plain, seen := plainRune(r)
		if !seen {
			l.mark(r)
			continue
		}
		if plain == ' ' {
			if n := len(l.plain); n == 0 || l.plain[n-1] == ' ' {
				continue
			}
			r = ' '
		}
		l.orig = append(l.orig, r)
		l.plain = append(l.plain, plain)
		l.fold = append(l.fold, foldRune(plain))
	}
	if st != nil && len(l.orig) > start {
		l.spans = append(l.spans, span{start, len(l.orig), st})
	}
}

// trim takes trailing blanks away.
func (l *line) trim() {
	n := len(l.plain)
	for n > 0 && l.plain[n-1] == ' ' {
		n--
	}
	l.orig, l.plain, l.fold = l.orig[:n], l.plain[:n], l.fold[:n]
}

func newLine(text string, from source) line {
	l := line{source: from}
	l.add(text, nil)
	l.trim()
	return l
}

// plainRune brings a character to the form that candidates are looked for in;
// seen is false for one that has no width.
func plainRune(r rune) (plain rune, seen bool) {
	if r < 0x80 {
		switch {
		case r == ' ' || r >= '\t' && r <= '\r':
			return ' ', true
		case r < ' ' || r == 0x7f:
			return 0, false
		}
		return r, true
	}
	switch {
	case r == 0x00AD || unicode.In(r, unicode.Cf, unicode.Mn, unicode.Cc):
		return 0, false
	case r == 0x3164 || r == 0x115F || r == 0x1160 || r == 0x034F: // blank fillers
		return 0, false
	case unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp):
		return ' ', true
	case unicode.Is(unicode.Nd, r):
		return '0' + decimal(r), true
	case unicode.Is(unicode.Pd, r) || r == 0x2212:
		return '-', true
	case r == '，' || r == '．' || r == '；': // these end a clause; ASCII's may stand inside a number
		return '。', true
	case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
		return r - 0xFF01 + '!', true
	}
	return r, true
}

// decimal gives the value of a decimal digit of any script: Unicode encodes each
// script's ten digits in a row, beginning at the zero (Unicode §4.6).
func decimal(r rune) rune {
	for _, rng := range unicode.Nd.R16 {
		if uint32(r) >= uint32(rng.Lo) && uint32(r) <= uint32(rng.Hi) {
			return (r - rune(rng.Lo)) % 10
		}
	}
	for _, rng := range unicode.Nd.R32 {
		if uint32(r) >= rng.Lo && uint32(r) <= rng.Hi {
			return (r - rune(rng.Lo)) % 10
		}
	}
	return 0
}

// foldRune gives the lower-case base letter.
func foldRune(r rune) rune {
	if r < 0x80 {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	switch r {
	case 'ı', 'İ':
		return 'i'
	case 'ø', 'Ø':
		return 'o'
	case 'ł', 'Ł':
		return 'l'
	case 'đ', 'Đ':
		return 'd'
	case 'ى': // alef maksura, often typed for yeh
		return 'ي'
	}
	if unicode.In(r, unicode.Hangul, unicode.Hiragana, unicode.Han) {
		return r
	}
	var buf [8]byte
	d := norm.NFKD.AppendString(buf[:0], string(r))
	base := []rune(string(d))
	if len(base) == 0 {
		return r
	}
	return unicode.ToLower(base[0])
}

// foldWords folds a phrase of our own tables as lines are folded.
func foldWords(s string) []rune {
	l := newLine(s, fromText)
	return l.fold
}

// shorten cuts a text to n characters, with an ellipsis where it was cut.
func shorten(s string, n int) string {
	s = strings.TrimSpace(s)
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	for n--; n > 0 && unicode.Is(unicode.Mn, r[n]); n-- { // with the marks goes their letter
	}
	return strings.TrimSpace(string(r[:n])) + "…"
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
func isUpper(r rune) bool { return r >= 'A' && r <= 'Z' }
func isLower(r rune) bool { return r >= 'a' && r <= 'z' }
func isAlnum(r rune) bool { return isDigit(r) || isUpper(r) || isLower(r) }

// joinsWord reports whether a letter directly beside a word is part of it.
// Scripts written without blanks (Han, Kana, Thai …) and Arabic, whose prefixes
// cling to numbers, are not.
func joinsWord(r rune) bool {
	return r == '_' || r < 0x80 && isAlnum(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}

// isWordRune reports whether a folded character belongs to a word of a script
// that parts words by blanks.
func isWordRune(r rune) bool {
	return r < 0x80 && isAlnum(r) || r >= 0x80 && unicode.IsLetter(r) &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
