package extract

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// mode says where in a word a phrase may stand.
type mode uint8

const (
	anywhere mode = iota // scripts without blanks, and stems of compounds
	wordOnly             // both ends at the edge of a word
	atEdge               // one end at the edge of a word: "Einmal|code", "kod|unuz"
	atStart              // begins a word
)

// phrase is one entry of the vocabulary. weight > 0 speaks for a code, < 0 names
// some other number (above -1: only if nothing but "number" parts them), 0 is a
// word that only hides a shorter phrase in it.
type phrase struct {
	text   []rune
	weight float64
	mode   mode
	role   role
}

type role uint8

const (
	roleLabel   role = iota // names what the number is
	roleStale               // previous, expired, example: a number that is not the one
	roleExpiry              // speaks of how long it is good
	roleFooter              // begins the small print
	rolePromo               // speaks of discounts
	roleMachine             // speaks of programs and their failures
)

// hit is a phrase found in a line.
type hit struct {
	start, end int
	phrase     *phrase
}

const maxHits = 400 // a line

// vocabulary has the phrases by their first two characters, the longest first.
type vocabulary map[[2]rune][]phrase

// words is built once, from vocabularyText.
var words = sync.OnceValue(func() vocabulary {
	v := vocabulary{}
	var head phrase
	for _, row := range strings.Split(vocabularyText, "\n") {
		row = strings.TrimSpace(row)
		if row == "" {
			continue
		}
		if strings.HasPrefix(row, "@") {
			head = parseHead(row)
			continue
		}
		for _, w := range expand(row) {
			p := head
			if p.text = foldWords(w); len(p.text) < 2 {
				continue
			}
			key := [2]rune{p.text[0], p.text[1]}
			v[key] = append(v[key], p)
		}
	}
	for _, list := range v { // find takes the first that stands there
		slices.SortStableFunc(list, func(a, b phrase) int { return len(b.text) - len(a.text) })
	}
	return v
})

// expand gives the phrases of a row: comma-separated, or each of a list with each
// of another, "kod/kodu × produktu/klienta". A first part that is the front of a
// compound stands with the second also without the blank: "fehler × code".
func expand(row string) []string {
	heads, tails, ok := strings.Cut(row, "×")
	if !ok {
		return strings.Split(row, ",")
	}
	var out []string
	for head := range strings.SplitSeq(heads, "/") {
		for tail := range strings.SplitSeq(tails, "/") {
			head, tail := strings.TrimSpace(head), strings.TrimSpace(tail)
			out = append(out, head+" "+tail)
			if compoundTails[tail] {
				out = append(out, head+tail)
			}
		}
	}
	return out
}

var compoundTails = set("code", "codes", "kode", "kod", "код")

// parseHead reads "@role weight mode".
func parseHead(row string) phrase {
	f := strings.Fields(row[1:])
	p := phrase{
		role: map[string]role{"label": roleLabel, "stale": roleStale, "expiry": roleExpiry, "footer": roleFooter, "promo": rolePromo, "machine": roleMachine}[f[0]],
		mode: map[string]mode{"any": anywhere, "word": wordOnly, "edge": atEdge, "start": atStart}[f[2]],
	}
	p.weight, _ = strconv.ParseFloat(f[1], 64)
	return p
}

// find fills in the hits of a line: at each place the longest label and the
// longest other phrase, none inside another of its sort.
func (v vocabulary) find(l *line) {
	labels, others := finder{line: l}, finder{line: l}
	for i := 0; i+1 < len(l.fold) && len(l.hits) < maxHits; i++ {
		var label, other *phrase
		list := v[[2]rune{l.fold[i], l.fold[i+1]}]
		for j := range list {
			p := &list[j]
			end := i + len(p.text) - 1
			if end >= len(l.fold) || p.text[len(p.text)-1] != l.fold[end] {
				continue
			}
			best := &label
			if p.role != roleLabel {
				best = &other
			}
			if *best == nil && p.at(l.fold, i) {
				*best = p
			}
		}
		labels.take(i, label)
		others.take(i, other)
	}
}

// finder keeps what one sort of phrases covers of a line.
type finder struct {
	line    *line
	covered int
	last    int // index of the last hit of this sort
}

func (f *finder) take(i int, best *phrase) {
	if best == nil || i+len(best.text) <= f.covered {
		return
	}
	h := hit{i, i + len(best.text), best}
	if i < f.covered { // overlaps the one before: the longer stays
		last := &f.line.hits[f.last]
		if last.end-last.start < len(best.text) {
			*last = h
			f.covered = h.end
		}
		return
	}
	f.covered = h.end
	f.last = len(f.line.hits)
	f.line.hits = append(f.line.hits, h)
}

// at reports whether the phrase stands at i.
func (p *phrase) at(text []rune, i int) bool {
	end := i + len(p.text)
	if end > len(text) {
		return false
	}
	for j, r := range p.text {
		if text[i+j] != r {
			return false
		}
	}
	left := i == 0 || !isWordRune(text[i-1])
	right := end == len(text) || !isWordRune(text[end])
	switch p.mode {
	case wordOnly:
		return left && right
	case atEdge:
		return left || right
	case atStart:
		return left
	}
	return true
}
