package extract

import (
	"iter"
	"strings"
)

func set(list ...string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, w := range list {
		m[string(foldWords(w))] = true
	}
	return m
}

// lastWord gives the word that ends before a place, one blank apart at most; a
// dot inside or behind it ("Rp.", "a.m.") belongs to it.
func lastWord(p []rune, before int) string {
	end := before
	for end > 0 && (p[end-1] == ' ' || p[end-1] == ',') && before-end < 3 {
		end--
	}
	i := end
	for i > 0 && (isWordRune(p[i-1]) || p[i-1] == '.' || p[i-1] == '$') && end-i < 24 {
		i--
	}
	return string(p[i:end])
}

// firstWord gives the word that begins at a place, one blank apart at most.
func firstWord(p []rune, at int) string {
	for n := 0; at < len(p) && (p[at] == ' ' || p[at] == '-') && n < 2; n++ {
		at++
	}
	i := at
	for i < len(p) && (isWordRune(p[i]) || p[i] == '.' || p[i] == '\'') && i-at < 24 {
		i++
	}
	return strings.TrimRight(string(p[at:i]), ".")
}

// wordsOf yields the words of a stretch.
func wordsOf(p []rune) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 0; i < len(p); {
			if !isWordRune(p[i]) {
				i++
				continue
			}
			from := i
			for i < len(p) && isWordRune(p[i]) {
				i++
			}
			if !yield(string(p[from:i])) {
				return
			}
		}
	}
}

// containsWord reports whether a folded word stands in a folded text with no
// letter directly beside it.
func containsWord(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		i += from
		before, after := lastRune(text[:i]), firstRune(text[i+len(word):])
		if !isWordRune(before) && !isWordRune(after) {
			return true
		}
		from = i + len(word)
	}
}

func lastRune(s string) rune {
	r := []rune(s[max(0, len(s)-4):])
	if len(r) == 0 {
		return ' '
	}
	return r[len(r)-1]
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return ' '
}
