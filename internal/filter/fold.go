package filter

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/message"
)

// The comparisons below mean what message.Fold says; up to shortText octets of
// the scripts that most subjects are written in they do not allocate.
const shortText = 512

// containsFold reports whether Fold(s) contains n, which is folded.
func containsFold(s, n string) bool {
	if plain(s) {
		return containsPlain(s, n)
	}
	var room [2 * shortText]byte
	if f, ok := foldShort(room[:0], s); ok {
		return bytes.Contains(f, []byte(n))
	}
	return strings.Contains(message.Fold(s), n)
}

func prefixFold(s, n string) bool {
	if plain(s) {
		return len(s) >= len(n) && lowerHas(s, n)
	}
	var room [2 * shortText]byte
	if f, ok := foldShort(room[:0], s); ok {
		return bytes.HasPrefix(f, []byte(n))
	}
	return strings.HasPrefix(message.Fold(s), n)
}

func suffixFold(s, n string) bool {
	if plain(s) {
		return len(s) >= len(n) && lowerHas(s[len(s)-len(n):], n)
	}
	var room [2 * shortText]byte
	if f, ok := foldShort(room[:0], s); ok {
		return bytes.HasSuffix(f, []byte(n))
	}
	return strings.HasSuffix(message.Fold(s), n)
}

// plain reports whether folding s is nothing but lower-casing ASCII letters: it
// is short and has no other white space than single blanks inside.
func plain(s string) bool {
	if len(s) > shortText {
		return false
	}
	blank := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

func containsPlain(s, n string) bool {
	if n == "" {
		return true
	}
	for i := 0; i+len(n) <= len(s); i++ {
		if lowerASCII(s[i]) == n[0] && lowerHas(s[i:], n) {
			return true
		}
	}
	return false
}

// lowerHas reports whether the ASCII string s, lower-cased, begins with n;
// len(s) >= len(n).
func lowerHas(s, n string) bool {
	for i := 0; i < len(n); i++ {
		if lowerASCII(s[i]) != n[i] {
			return false
		}
	}
	return true
}

// foldShort appends Fold(s) where that is no more than lower-casing each rune
// and joining blanks; false where s is long, needs composing, has blanks at its
// ends or rare white space. room has twice the octets, for runes whose lower
// case is longer.
func foldShort(room []byte, s string) ([]byte, bool) {
	if len(s) > shortText {
		return nil, false
	}
	blank := true
	for _, r := range s {
		switch {
		case ' ' < r && r < 0x7f:
			room = append(room, lowerASCII(byte(r)))
		case r == ' ' && !blank:
			room = append(room, ' ')
		case r > 0xA0 && steady(r):
			room = utf8.AppendRune(room, unicode.ToLower(r))
		case !strings.ContainsRune(" \t\r\n", r) || len(room) == 0:
			return nil, false
		case !blank:
			room = append(room, ' ')
		}
		blank = r <= ' '
	}
	return room, !blank
}

// steady reports whether r and its lower case stand in NFC as they are, whatever
// other steady runes are beside them: Latin, Cyrillic, general punctuation,
// kana, CJK ideographs, Hangul syllables, emoji.
func steady(r rune) bool {
	switch {
	case r == 0x130: // its lower case is two runes in some tables
		return false
	case r < 0x300, 0x400 <= r && r <= 0x481, 0x48A <= r && r <= 0x52F:
		return true
	case r < 0x2010:
		return false
	case r <= 0x2027, 0x2030 <= r && r <= 0x205E, r == 0x20AC:
		return true
	case 0x3041 <= r && r <= 0x3096, 0x30A1 <= r && r <= 0x30FA, r == 0x30FC:
		return true
	case 0x4E00 <= r && r <= 0x9FFF, 0xAC00 <= r && r <= 0xD7A3, 0x1F000 <= r && r <= 0x1FAFF:
		return true
	}
	return false
}
