package extract

// machine reports whether a line is the talk of programs (a log, a trace, a
// server's reply), in which "code" is most often an error's.
func (c *court) machine(at int) bool {
	l := &c.lines[at]
	if l.source == fromSubject {
		return false
	}
	for _, h := range l.hits {
		if h.phrase.role == roleMachine {
			return true
		}
	}
	return enhancedStatus(l.plain) || timestamped(l.plain) || sourcePlace(l.plain)
}

// enhancedStatus: a reply code and an enhanced one, "550 5.7.1" (RFC 3463 §2), open
// the line.
func enhancedStatus(p []rune) bool {
	return len(p) > 8 && isDigit(p[0]) && isDigit(p[1]) && isDigit(p[2]) && (p[3] == ' ' || p[3] == '-') &&
		(p[4] == '2' || p[4] == '4' || p[4] == '5') && p[5] == '.' && isDigit(p[6])
}

// timestamped: an RFC 3339 time, "2026-11-22T14:35", stands near the line's start.
func timestamped(p []rune) bool {
	for i := 4; i+8 < len(p) && i < 16; i++ {
		if p[i] == '-' && isDigit(p[i-1]) && isDigit(p[i-4]) && p[i+3] == '-' && p[i+6] == 'T' && isDigit(p[i+7]) {
			return true
		}
	}
	return false
}

// sourcePlace: a file and a line in it, "main.go:4821", "Auth.java:12".
func sourcePlace(p []rune) bool {
	for i := 3; i+1 < len(p); i++ {
		if p[i] != ':' || !isDigit(p[i+1]) || !isLower(p[i-1]) {
			continue
		}
		for j := i - 1; j > 0 && i-j <= 5; j-- {
			if p[j] == '.' && isAlnum(p[j-1]) {
				return true
			}
		}
	}
	return false
}
