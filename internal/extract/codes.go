package extract

import (
	"math"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/model"
)

// threshold is the least score that a code is answered with.
const threshold = 0.35

// Codes finds the one-time codes of a mail, best first: score from 0.35 to 1,
// and the reasons for it. subject, html and text are decoded; each may be empty.
// Digits of any script come out as ASCII, digits alone without separators. What
// is told to be something else by its label or its form (order, invoice, phone,
// card and tracking numbers, prices, dates, years, postcodes, IBANs, versions,
// colours, discount codes) is left out. At most 20 are answered.
func Codes(subject, html, text string) []model.Code {
	var found []scored
	subjectLine := newLine(shortenBytes(subject, 2000), fromSubject)
	if html != "" {
		found = append(found, judge(subjectLine, readPage(html).lines)...)
	}
	if text != "" {
		found = append(found, judge(subjectLine, readText(text))...)
	}
	if html == "" && text == "" {
		found = judge(subjectLine, nil)
	}
	return rank(found)
}

// scored is a candidate that is good enough to be told.
type scored struct {
	code    string
	score   float64
	reasons []string
	context string
	source  source
	order   int
}

// rank merges equal codes, the better score winning, and sorts.
func rank(found []scored) []model.Code {
	byKey := map[string]int{}
	var merged []scored
	for i, s := range found {
		s.order = i
		key := strings.ToUpper(strings.ReplaceAll(s.code, "-", ""))
		at, seen := byKey[key]
		if !seen {
			byKey[key] = len(merged)
			merged = append(merged, s)
			continue
		}
		merged[at] = merge(merged[at], s)
	}
	slices.SortStableFunc(merged, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return a.order - b.order
	})
	codes := make([]model.Code, 0, min(len(merged), maxCodes))
	for _, s := range merged {
		if len(codes) == maxCodes {
			break
		}
		score := math.Round(min(s.score, 1)*1000) / 1000
		codes = append(codes, model.Code{Code: s.code, Score: score, Reasons: s.reasons, Context: s.context})
	}
	return codes
}

// merge keeps the better of two finds of one code.
func merge(a, b scored) scored {
	best, other := a, b
	if b.score > a.score {
		best, other = b, a
	}
	best.order = min(a.order, b.order)
	if a.source != b.source && a.source != fromSubject && b.source != fromSubject && !slices.Contains(best.reasons, inBoth) {
		best.score += 0.03
		best.reasons = append(slices.Clip(best.reasons), inBoth)
	}
	for _, r := range other.reasons {
		if r == inSubject && !slices.Contains(best.reasons, r) {
			best.reasons = append(slices.Clip(best.reasons), r)
		}
	}
	return best
}

// readText splits a text body into lines.
func readText(text string) []line {
	var lines []line
	signature := false
	runes := 0
	for raw := range strings.SplitSeq(text, "\n") {
		if len(lines) >= maxLines || runes >= maxRunes {
			break
		}
		raw = strings.TrimSuffix(raw, "\r")
		quoted := strings.HasPrefix(raw, ">")
		signature = signature || raw == "-- "
		for len(raw) > 0 && raw[0] == '>' {
			raw = strings.TrimLeft(raw[1:], " ")
		}
		for _, piece := range strings.Split(shortenBytes(raw, maxRunes), "\t") {
			l := newLine(piece, fromText)
			if len(l.plain) == 0 {
				continue
			}
			l.quoted = quoted || signature
			runes += len(l.plain)
			lines = append(lines, l)
		}
	}
	return lines
}
