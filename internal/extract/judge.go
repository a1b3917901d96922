package extract

import (
	"fmt"
	"slices"
	"unicode"
)

// Reasons that more than one place needs by name.
const (
	inBoth    = "in text and HTML"
	inSubject = "in the subject"
)

// court judges the candidates of one body (with the subject as its first line).
type court struct {
	lines      []line
	candidates []candidate
	byLine     [][]int // indexes into candidates
	dropped    []bool
	footer     int // first line of the small print
}

// judge scores the candidates of a body.
func judge(subject line, body []line) []scored {
	c := court{lines: append([]line{subject}, body...)}
	vocabulary := words()
	c.footer = len(c.lines)
	c.byLine = make([][]int, len(c.lines))
	for i := range c.lines {
		l := &c.lines[i]
		vocabulary.find(l)
		if i > 0 && c.footer == len(c.lines) && slices.ContainsFunc(l.hits, func(h hit) bool { return h.phrase.role == roleFooter }) {
			c.footer = i
		}
		from := len(c.candidates)
		c.candidates = scan(l, i, c.candidates)
		for j := from; j < len(c.candidates); j++ {
			c.byLine[i] = append(c.byLine[i], j)
		}
	}
	c.dropped = make([]bool, len(c.candidates))
	for i := range c.candidates {
		c.dropped[i] = c.otherThing(&c.candidates[i])
	}
	var out []scored
	for i := range c.candidates {
		if c.dropped[i] {
			continue
		}
		if s := c.score(i); s.score >= threshold {
			out = append(out, s)
		}
	}
	return out
}

// evidence is what a phrase says for a candidate.
type evidence struct {
	worth  float64
	reason string
	strong bool // a phrase that says one-time code, not only "code"
	direct bool // as good as adjacent
	tight  bool // adjacent but for an "is"
	weak   bool // a phrase that goes along with codes but does not name one
}

// score adds up what speaks for and against a candidate.
func (c *court) score(i int) scored {
	cand := &c.candidates[i]
	l := &c.lines[cand.line]
	s := scored{code: cand.code, source: l.source, context: c.context(cand)}
	ev := c.bestEvidence(i)
	if ev.worth > 0 {
		s.add(0.6*ev.worth, ev.reason)
	}
	alone := c.alone(cand)
	if alone {
		s.add(0.14, "alone on its line")
	}
	look := c.look(cand, &s)
	s.add(shapeWorth(cand))
	if c.inSubject(cand) {
		s.add(0.1, inSubject)
	}
	if c.lineHas(cand.line, roleExpiry, 3) {
		s.add(0.04, "beside words on validity")
	}
	c.penalties(cand, &s, ev, alone, look)
	return s
}

func (s *scored) add(worth float64, reason string) {
	s.score += worth
	if reason != "" && worth > 0 {
		s.reasons = append(s.reasons, reason)
	}
}

// shapeWorth says how usual a shape is for codes.
func shapeWorth(cand *candidate) (float64, string) {
	switch cand.kind {
	case letters:
		return 0, ""
	case mixed:
		if cand.printed >= 5 && cand.printed <= 10 {
			return 0.08, "letters and digits"
		}
		return 0.04, ""
	}
	switch cand.printed {
	case 6:
		return 0.12, "six digits"
	case 4, 5, 7, 8:
		return 0.07, fmt.Sprintf("%d digits", cand.printed)
	}
	return 0.02, ""
}

// look adds what the code's style in HTML says and returns its worth.
func (c *court) look(cand *candidate, s *scored) float64 {
	l := &c.lines[cand.line]
	before := s.score
	if l.boxes {
		s.add(0.12, "one character a box")
	}
	for _, sp := range l.spans {
		if sp.end <= cand.start || sp.start > cand.start {
			continue
		}
		st := sp.style
		switch {
		case st.size >= 20:
			s.add(0.12, "large")
		case st.bold:
			s.add(0.06, "bold")
		}
		if st.spaced {
			s.add(0.06, "spaced out")
		}
		if st.mono {
			s.add(0.05, "monospaced")
		}
		if st.boxed {
			s.add(0.03, "in a box")
		}
		if st.struck {
			s.score -= 0.4
		}
		if st.size > 0 && st.size <= 12 && !st.bold {
			s.score -= 0.05
		}
		break
	}
	if l.source == fromText && starred(l, cand) {
		s.add(0.06, "marked with asterisks")
	}
	return s.score - before
}

func starred(l *line, cand *candidate) bool {
	return cand.start > 0 && cand.end < len(l.plain) && l.plain[cand.start-1] == '*' && l.plain[cand.end] == '*'
}

// alone reports whether a line has nothing else that could be read.
func (c *court) alone(cand *candidate) bool {
	l := &c.lines[cand.line]
	if l.source == fromSubject {
		return false
	}
	for i, r := range l.plain {
		if (i < cand.start || i >= cand.end) && (isAlnum(r) || isWordRune(r) || joinsWord(r) && r != '_' || r > 0x2E80 || unicode.IsLetter(r)) {
			return false
		}
	}
	return true
}

// inSubject reports whether the subject has the same code.
func (c *court) inSubject(cand *candidate) bool {
	for _, j := range c.byLine[0] {
		if c.candidates[j].code == cand.code && !c.dropped[j] {
			return true
		}
	}
	return false
}

// lineHas reports whether a phrase of that role stands within reach lines.
func (c *court) lineHas(at int, role role, reach int) bool {
	for i := max(at-reach, 0); i <= min(at+reach, len(c.lines)-1); i++ {
		for _, h := range c.lines[i].hits {
			if h.phrase.role == role {
				return true
			}
		}
	}
	return false
}

// penalties takes away for what makes a code unlikely.
func (c *court) penalties(cand *candidate, s *scored, ev evidence, alone bool, look float64) {
	l := &c.lines[cand.line]
	if l.quoted {
		s.score -= 0.25
	}
	if cand.line >= c.footer {
		s.score -= 0.2
	}
	if c.stale(cand) {
		s.score -= 0.35
	}
	if cand.start > 0 && l.plain[cand.start-1] == '#' {
		s.score -= 0.3
	}
	if year(cand) && !ev.tight && !(alone && ev.worth > 0) {
		s.score -= 0.4
	}
	if !ev.strong && c.machine(cand.line) {
		s.score -= 0.5
	}
	if !ev.strong && !ev.tight && !alone && look < 0.05 && ev.weak {
		s.score -= 0.12 // "reset the password of 881203": no code is spoken of
	}
	if !ev.strong && c.lineHas(cand.line, rolePromo, 3) {
		if s.score -= 0.2; cand.kind == mixed || cand.kind == letters {
			s.score -= 0.6
		}
	}
	c.letterPenalties(cand, s, ev, alone, look)
}

// letterPenalties: capital letters alone are mostly words, and names of things
// mix letters and digits, so both need to be told that they are a code.
func (c *court) letterPenalties(cand *candidate, s *scored, ev evidence, alone bool, look float64) {
	switch cand.kind {
	case letters:
		told := ev.direct || alone && (ev.worth >= 0.45 && look >= 0.05 || ev.worth >= 0.55)
		if !told || shouted[cand.code] {
			s.score = 0
		}
	case mixed:
		if ev.worth == 0 {
			s.score -= 0.15
		}
		if !ev.direct && !alone && look < 0.05 {
			s.score -= 0.2
		}
	case digits, grouped:
		if ev.worth == 0 && !(alone && cand.printed >= 4 && cand.printed <= 8 && len(c.lines) < 25) {
			s.score = 0
		}
		if cand.kind == grouped && !ev.direct && !alone && look < 0.05 {
			s.score -= 0.15
		}
	}
}

// shouted holds words that mails print alone, in capitals, near the word "code".
var shouted = map[string]bool{
	"WELCOME": true, "VERIFY": true, "CONFIRM": true, "CODES": true, "HELLO": true, "LOGIN": true, "SIGNIN": true, "NOTICE": true,
	"SECURITY": true, "ACCOUNT": true, "PLEASE": true, "BELOW": true, "ENTER": true, "CLICK": true, "COPY": true, "ACTIVATE": true,
	"IMPORTANT": true, "WARNING": true, "THANKS": true, "EMAIL": true, "SUPPORT": true, "CONTINUE": true, "PASSWORD": true,
	"ACHTUNG": true, "HINWEIS": true, "WICHTIG": true, "CODIGO": true, "SENHA": true, "KODE": true, "AVISO": true, "MERCI": true,
	"TOKEN": true, "EXPIRES": true, "UTILISER": true, "BONJOUR": true, "VALIDER": true, "HTTPS": true, "LINKS": true, "BUTTON": true,
}

// stale reports whether the candidate is spoken of as an old or example one.
func (c *court) stale(cand *candidate) bool {
	for _, h := range c.lines[cand.line].hits {
		if h.phrase.role != roleStale {
			continue
		}
		if h.end <= cand.start && cand.start-h.end <= 22 && !c.between(cand.line, h.end, cand.start) ||
			h.start >= cand.end && h.start-cand.end <= 20 {
			return true
		}
	}
	return false
}

// between reports whether a candidate that was not dropped stands in a stretch.
func (c *court) between(at, from, to int) bool {
	list := c.byLine[at] // in the order of their places
	first, _ := slices.BinarySearchFunc(list, from, func(j, from int) int { return c.candidates[j].start - from })
	for _, j := range list[first:] {
		if c.candidates[j].end > to {
			return false
		}
		if !c.dropped[j] {
			return true
		}
	}
	return false
}

// context gives the words around a candidate as they stand.
func (c *court) context(cand *candidate) string {
	l := &c.lines[cand.line]
	from, to := max(cand.start-maxContext/2, 0), min(cand.end+maxContext/2, len(l.orig))
	text := l.text(from, to)
	if from > 0 {
		text = "…" + text
	}
	if to < len(l.orig) {
		text += "…"
	}
	if c.alone(cand) && cand.line > 1 {
		return shorten(c.lines[cand.line-1].whole(), maxContext/2) + " " + text
	}
	return text
}
