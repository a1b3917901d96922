package extract

// How far phrases reach, in characters on a line and in lines.
const (
	nearGap    = 14
	middleGap  = 45
	farGap     = 120
	tooFar     = 600 // beyond it a phrase of the same line says nothing
	linesAbove = 7
	linesBelow = 3
)

// bestEvidence finds the phrase that speaks most for a candidate.
func (c *court) bestEvidence(i int) evidence {
	cand := &c.candidates[i]
	best := c.sameLine(cand)
	for d := 1; d <= linesAbove && cand.line-d >= 1; d++ {
		if e := c.above(cand, d); e.worth > best.worth {
			best = e
		}
	}
	for d := 1; d <= linesBelow && cand.line+d < len(c.lines); d++ {
		if e := c.below(cand, d); e.worth > best.worth {
			best = e
		}
	}
	if cand.line > 0 {
		for _, h := range c.lines[0].hits { // the subject speaks for the whole mail
			if e := 0.35 * h.phrase.label(); e > best.worth && len(c.byLine[0]) == 0 {
				best = evidence{worth: e, reason: "subject says " + c.quote(0, h)}
			}
		}
	}
	return best
}

// label is the phrase's weight as a code's label, 0 for other phrases.
func (p *phrase) label() float64 {
	if p.role != roleLabel {
		return 0
	}
	return max(p.weight, 0)
}

// sameLine looks at the phrases of the candidate's own line.
func (c *court) sameLine(cand *candidate) (best evidence) {
	l := &c.lines[cand.line]
	for _, h := range l.hits {
		w := h.phrase.label()
		if w == 0 || cand.start-h.end > tooFar {
			continue
		}
		if h.start-cand.end > tooFar {
			break
		}
		var e evidence
		switch {
		case h.end <= cand.start:
			gap := cand.start - h.end
			e = evidence{worth: w * forward(gap), reason: "after " + c.quote(cand.line, h), strong: w >= 1, weak: w < 0.6, direct: gap <= nearGap+8 && !ends(l.plain[h.end:cand.start])}
			e.tight = e.direct && tight(l.fold[h.end:cand.start])
			if w >= 0.8 && gap <= middleGap && !ends(l.plain[h.end:cand.start]) && introduced(l, cand.start) {
				e.direct = true // "the code for a new password is TR5M9K"
			}
			if c.between(cand.line, h.end, cand.start) {
				e.worth *= 0.5
				e.direct = false
			}
			if ends(l.plain[h.end:cand.start]) {
				e.worth *= 0.85
			}
		case h.start >= cand.end:
			gap := h.start - cand.end
			e = evidence{worth: w * backward(gap), reason: "before " + c.quote(cand.line, h), strong: w >= 1, weak: w < 0.6, direct: gap <= nearGap+8 && !ends(l.plain[cand.end:h.start])}
			e.tight = e.direct && tight(l.fold[cand.end:h.start])
			if c.between(cand.line, cand.end, h.start) || c.between(cand.line, h.end, min(h.end+30, len(l.plain))) {
				e.worth *= 0.5
				e.direct = false
			}
			if ends(l.plain[cand.end:h.start]) {
				e.worth *= 0.7
			}
		default:
			continue
		}
		if e.worth > best.worth {
			best = e
		}
	}
	return best
}

// introduced reports whether a form of "is" or a colon stands before a place.
func introduced(l *line, at int) bool {
	return copulas[lastWord(l.fold, at)] || at > 1 && l.plain[at-1] == ' ' && l.plain[at-2] == ':'
}

func forward(gap int) float64 {
	switch {
	case gap <= nearGap:
		return 1
	case gap <= middleGap:
		return 0.9
	case gap <= farGap:
		return 0.7
	}
	return 0.4
}

func backward(gap int) float64 {
	switch {
	case gap <= nearGap:
		return 0.92
	case gap <= middleGap:
		return 0.75
	case gap <= farGap:
		return 0.5
	}
	return 0.25
}

// tight reports whether nothing but marks and at most two short words, "is" or
// "your", part a phrase from a number.
func tight(p []rune) bool {
	n := 0
	for w := range wordsOf(p) {
		if n++; n > 2 || len(w) > 7 || untils[w] {
			return false
		}
	}
	return true
}

var untils = set("until", "before", "by", "since", "till", "in", "bis", "seit", "hasta", "desde", "jusqu", "depuis", "ate", "hingga", "sejak", "tot", "sinds", "od", "do", "fino")

// ends reports whether a sentence ends in a stretch.
func ends(p []rune) bool {
	for i, r := range p {
		switch r {
		case '。', '！', '؟', '।', '|':
			return true
		case '.', '!', '?', ';':
			if i+1 < len(p) && p[i+1] == ' ' {
				return true
			}
		}
	}
	return false
}

// above looks at the phrases of the d-th line above.
func (c *court) above(cand *candidate, d int) (best evidence) {
	at := cand.line - d
	l := &c.lines[at]
	if l.source == fromSubject {
		return best
	}
	reach := []float64{0, 0.9, 0.8, 0.68, 0.55, 0.45, 0.38, 0.3}[d]
	for _, h := range l.hits {
		w := h.phrase.label() * reach
		if w == 0 {
			continue
		}
		left := len(l.plain) - h.end
		if left > farGap {
			w *= 0.85
		}
		if c.between(at, h.end, len(l.plain)) {
			w *= 0.5
		}
		for m := at + 1; m < cand.line; m++ {
			if c.between(m, 0, len(c.lines[m].plain)) {
				w *= 0.6
			}
		}
		if c.between(cand.line, 0, cand.start) {
			w *= 0.6
		}
		// A label line: short, and nothing but space between it and the code.
		direct := d == 1 && left <= nearGap && len(l.plain) <= 80 && cand.start <= 2
		if w > best.worth {
			best = evidence{worth: w, reason: "below " + c.quote(at, h), strong: h.phrase.weight >= 1, weak: h.phrase.weight < 0.6, direct: direct, tight: direct}
		}
	}
	return best
}

// below looks at the phrases of the d-th line below.
func (c *court) below(cand *candidate, d int) (best evidence) {
	at := cand.line + d
	l := &c.lines[at]
	reach := []float64{0, 0.62, 0.48, 0.38}[d]
	for _, h := range l.hits {
		w := h.phrase.label() * reach
		if w == 0 {
			continue
		}
		if h.start > farGap {
			w *= 0.7
		}
		if c.between(at, 0, len(l.plain)) { // it has a number of its own
			w *= 0.4
		}
		if c.between(cand.line, cand.end, len(c.lines[cand.line].plain)) {
			w *= 0.6
		}
		if w > best.worth {
			best = evidence{worth: w, reason: "above " + c.quote(at, h), strong: h.phrase.weight >= 1, weak: h.phrase.weight < 0.6}
		}
	}
	return best
}

// quote gives a phrase as the mail prints it.
func (c *court) quote(at int, h hit) string {
	return `"` + c.lines[at].text(h.start, h.end) + `"`
}
