package message

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Limits of the part table.
const (
	maxDepth    = 100
	maxParts    = 10000
	maxBoundary = 1000 // octets; RFC 2046 §5.1.1 says 70
)

// entityHeader holds the offsets of the MIME fields of one entity; a zero end
// means that the field is not there.
type entityHeader struct {
	contentType, encoding, disposition, id, description field
	md5, language, location                             field
	any                                                 bool // a field was found
	headerEnd                                           int  // where the fields end
}

// delimiter is a boundary line, or the end of the message (level -1).
type delimiter struct {
	level   int
	closing bool
	bodyEnd int // where the body before it ends, without its line end
	next    int // just after the line
}

// scanner finds the parts in one pass: a stack of the boundaries open at this
// point tells which lines are delimiters, so a part left open ends where its
// parent's delimiter stands.
type scanner struct {
	raw     []byte
	parts   []Part
	headers []entityHeader // of each part
	open    [][]byte       // boundaries, outermost first
	levels  map[string]int // the innermost level of each boundary, when many are open
	hidden  []int          // of each open boundary, the level of the same name outside it, or -1
	warn    *warnings
	root    rootFields // the header of the outermost entity
}

// place says where an entity stands in the tree.
type place struct {
	parent  int
	path    string // own part number, unless root of a message
	prefix  string // part number of the enclosing message, if root of one
	root    bool   // root of a message, the outermost or an attached one
	depth   int
	digest  bool // child of multipart/digest, RFC 2046 §5.1.5
	include bool // attached message within
}

// entity reads the entity at pos and what is in it; it returns the delimiter that
// ended it.
func (s *scanner) entity(pos int, at place) delimiter {
	index := len(s.parts)
	if index == 64 { // many: make room for all of them at once
		more := min(maxParts, bytes.Count(s.raw[pos:], []byte("\n--"))+1)
		s.parts, s.headers = slices.Grow(s.parts, more), slices.Grow(s.headers, more)
	}
	s.parts = append(s.parts, Part{Parent: at.parent, HeaderStart: int64(pos)})
	s.headers = append(s.headers, entityHeader{})
	h, bodyStart, d, ended := s.header(pos, at.parent < 0)
	s.headers[index] = h
	p := Part{Parent: at.parent, HeaderStart: int64(pos), BodyStart: int64(bodyStart)}
	s.describe(&p, h, at)
	s.number(&p, &at)
	if !ended {
		d = s.body(index, &p, bodyStart, at)
	}
	p.BodyEnd = int64(max(bodyStart, d.bodyEnd))
	s.parts[index] = p
	return d
}

// number gives a part its IMAP part number, RFC 9051 §6.4.5.1. The root of a
// message has none of its own if it is a multipart; an attached one is told from
// others by ".TEXT", the section that its body is.
func (s *scanner) number(p *Part, at *place) {
	multipart := strings.HasPrefix(p.Type, "multipart/")
	switch {
	case !at.root:
		p.Path = at.path
		at.prefix = at.path
	case !multipart:
		p.Path = joinPath(at.prefix, 1)
		at.prefix = p.Path
	case at.prefix != "":
		p.Path = at.prefix + ".TEXT"
	}
}

func joinPath(prefix string, n int) string {
	if prefix == "" {
		return strconv.Itoa(n)
	}
	return prefix + "." + strconv.Itoa(n)
}

// body reads what an entity holds, by its type.
func (s *scanner) body(index int, p *Part, pos int, at place) delimiter {
	multipart := strings.HasPrefix(p.Type, "multipart/")
	attached := isMessageType(p.Type) && identity(p.Encoding)
	if !multipart && !attached {
		return s.find(pos)
	}
	if at.depth >= maxDepth || len(s.parts) >= maxParts {
		code := WarnTooDeep
		if len(s.parts) >= maxParts {
			code = WarnTooManyParts
		}
		s.warn.add(code, pos, "a %s part stays closed", p.Type)
		if multipart {
			s.demote(p, at, "application/octet-stream")
		}
		return s.find(pos)
	}
	if attached {
		s.parts[index] = *p
		return s.entity(pos, place{parent: index, prefix: p.Path, root: true, depth: at.depth + 1, include: true})
	}
	return s.multipart(index, p, pos, at)
}

// demote makes a leaf of a multipart that cannot be opened.
func (s *scanner) demote(p *Part, at place, mediaType string) {
	p.Type = mediaType
	if at.root {
		p.Path = joinPath(strings.TrimSuffix(p.Path, ".TEXT"), 1)
	}
}

// multipart reads the parts between boundaries, RFC 2046 §5.1.
func (s *scanner) multipart(index int, p *Part, pos int, at place) delimiter {
	boundary := []byte(param(p.Params, "boundary"))
	level := len(s.open)
	var d delimiter
	found := false
	if len(boundary) > 0 && len(boundary) <= maxBoundary {
		if len(boundary) > 70 {
			s.warn.add(WarnBrokenBoundary, int(p.HeaderStart), "the boundary has %d octets, 70 are the most", len(boundary))
		}
		s.push(boundary)
		d = s.find(pos)
		found = d.level == level
	}
	if !found {
		d = s.guess(p, pos, level, boundary)
		if d.level != level || len(s.open) == level {
			s.demote(p, at, "text/plain")
			return d
		}
	}
	for n := 1; d.level == level && !d.closing; n++ {
		if len(s.parts) >= maxParts {
			s.warn.add(WarnTooManyParts, d.next, "parts past the %dth are not opened", maxParts)
			break
		}
		d = s.entity(d.next, place{parent: index, path: joinPath(at.prefix, n), depth: at.depth + 1,
			digest: p.Type == "multipart/digest", include: at.include})
	}
	closed := d.level == level
	s.pop(level)
	if !closed {
		s.warn.add(WarnUnclosedPart, int(p.HeaderStart), "a %s has no closing delimiter", p.Type)
		return d
	}
	return s.find(d.next) // the epilogue goes on to a delimiter of a parent
}

// guess looks for the boundary of a multipart that names none, or a wrong one:
// the first line "--X" that comes again, or is closed.
func (s *scanner) guess(p *Part, pos, level int, boundary []byte) delimiter {
	s.pop(level)
	outer := s.find(pos)
	if len(boundary) == 0 {
		s.warn.add(WarnMissingBoundary, int(p.HeaderStart), "a %s names no boundary", p.Type)
	} else {
		s.warn.add(WarnBrokenBoundary, int(p.HeaderStart), "the boundary of a %s never occurs", p.Type)
	}
	body := s.raw[pos:max(pos, outer.bodyEnd)]
	for i := 0; i < len(body); {
		if bytes.HasPrefix(body[i:], []byte("--")) {
			end := lineAfter(body, i, len(body))
			candidate := bytes.TrimRight(body[i+2:end], " \t\r\n")
			if n := len(candidate); n > 0 && n <= maxBoundary && candidate[0] != ' ' {
				again := bytes.Index(body[end:], append([]byte("\n--"), candidate...))
				if again < 0 && end < len(body) && bytes.HasPrefix(body[end:], append([]byte("--"), candidate...)) {
					again = 0
				}
				if again >= 0 || end == len(body) && i > 0 {
					s.push(candidate)
					return s.find(pos)
				}
			}
			break
		}
		k := bytes.Index(body[i:], []byte("\n--"))
		if k < 0 {
			break
		}
		i += k + 1
	}
	return outer
}

var dashes, lineDashes = []byte("--"), []byte("\n--")

// find returns the next delimiter of an open boundary at or after the line start
// pos.
func (s *scanner) find(pos int) delimiter {
	end := delimiter{level: -1, bodyEnd: len(s.raw), next: len(s.raw)}
	if len(s.open) == 0 {
		return end
	}
	for i := pos; i < len(s.raw); {
		if d, ok := s.delimiterAt(i); ok {
			return d
		}
		if near := lineAfter(s.raw, i, min(i+32, len(s.raw))); s.raw[near-1] == '\n' && bytes.HasPrefix(s.raw[near:], dashes) {
			i = near // one line of dashes after the other: a search costs more
			continue
		}
		k := bytes.Index(s.raw[i:], lineDashes)
		if k < 0 {
			break
		}
		i += k + 1
	}
	return end
}

// delimiterAt reports whether the line at i is a delimiter, the innermost first.
// Blanks after it are transport padding, RFC 2046 §5.1.1.
func (s *scanner) delimiterAt(i int) (delimiter, bool) {
	if len(s.open) == 0 || i+2 >= len(s.raw) || s.raw[i] != '-' || s.raw[i+1] != '-' {
		return delimiter{}, false
	}
	next := lineAfter(s.raw, i, len(s.raw))
	if next-i > maxBoundary+1000 {
		return delimiter{}, false
	}
	line := trimLine(s.raw[i+2 : next])
	top, least := len(s.open)-1, 0
	if s.levels != nil { // many: looked up, the innermost of both
		top = s.levelOf(line)
		if outer, ok := bytes.CutSuffix(line, dashes); ok {
			top = max(top, s.levelOf(outer))
		}
		least = max(top, 0)
	}
	for level := top; level >= least; level-- {
		b := s.open[level]
		closing := len(line) == len(b)+2 && line[len(b)] == '-' && line[len(b)+1] == '-'
		if (closing || len(line) == len(b)) && bytes.Equal(line[:len(b)], b) {
			bodyEnd := i
			if bodyEnd > 0 && s.raw[bodyEnd-1] == '\n' {
				bodyEnd--
				if bodyEnd > 0 && s.raw[bodyEnd-1] == '\r' {
					bodyEnd--
				}
			}
			return delimiter{level: level, closing: closing, bodyEnd: bodyEnd, next: next}, true
		}
	}
	return delimiter{}, false
}

// fewOpen is how many open boundaries are compared with a line one by one.
const fewOpen = 8

// push opens a boundary, within those that are open.
func (s *scanner) push(boundary []byte) {
	s.open = append(s.open, boundary)
	if s.levels == nil && len(s.open) > fewOpen {
		s.levels = make(map[string]int, maxDepth)
		for level := range s.open {
			s.enter(level)
		}
	} else if s.levels != nil {
		s.enter(len(s.open) - 1)
	}
}

// enter puts a level into the table, and notes which one it hides.
func (s *scanner) enter(level int) {
	s.hidden = append(s.hidden, s.levelOf(s.open[level]))
	s.levels[string(s.open[level])] = level
}

// pop closes the boundaries from a level on.
func (s *scanner) pop(level int) {
	if s.levels != nil {
		for n := len(s.open) - 1; n >= level; n-- {
			if s.hidden[n] >= 0 {
				s.levels[string(s.open[n])] = s.hidden[n]
			} else {
				delete(s.levels, string(s.open[n]))
			}
		}
		s.hidden = s.hidden[:min(level, len(s.hidden))]
	}
	s.open = s.open[:min(level, len(s.open))]
}

// levelOf finds the innermost level of a boundary, -1 without one.
func (s *scanner) levelOf(boundary []byte) int {
	if level, ok := s.levels[string(boundary)]; ok {
		return level
	}
	return -1
}

// trimLine drops blanks and the line end after a line.
func trimLine(line []byte) []byte {
	n := len(line)
	for n > 0 && (isBlank(line[n-1]) || line[n-1] == '\r' || line[n-1] == '\n') {
		n--
	}
	return line[:n]
}

// header reads the fields at pos. ended is true when a delimiter stood where the
// empty line should be.
func (s *scanner) header(pos int, outermost bool) (h entityHeader, bodyStart int, d delimiter, ended bool) {
	end := len(s.raw)
	if outermost {
		pos = s.beforeHeader(pos)
	}
	var ahead field // the field at pos, where it was looked at already
	for first := true; ; first = false {
		if n, empty := emptyLine(s.raw, pos, end); empty {
			h.headerEnd = pos
			if first && outermost {
				s.warn.add(WarnNoHeader, pos, "the message begins with its body")
			}
			return h, pos + n, d, false
		}
		if d, ok := s.delimiterAt(pos); ok {
			h.headerEnd = pos
			if !h.any {
				s.warn.add(WarnNoHeader, pos, "a part has neither header nor body")
			}
			return h, pos, d, true
		}
		f := ahead
		if ahead = (field{}); f.end == 0 {
			f = nextField(s.raw, pos, end)
		}
		if !f.bad {
			if h.any = true; f.nameEnd-f.start >= len("content-id") {
				h.take(s.raw, f)
			}
			if outermost {
				s.root.take(f)
			}
			pos = f.end
			continue
		}
		goesOn := false
		if ahead, goesOn = s.moreFields(f.end); !goesOn {
			goesOn = h.any && s.headerEnds(f.end)
		}
		if !goesOn {
			// The body begins here: RFC 5322 knows no such header line.
			h.headerEnd = pos
			if h.any {
				s.warn.add(WarnHeaderNoColon, pos, "a line without colon ends the header")
			} else {
				s.warn.add(WarnNoHeader, pos, "the body begins at once, without a header")
			}
			return h, pos, d, false
		}
		if c := s.raw[pos]; first && (c == ' ' || c == '\t') {
			s.warn.add(WarnLeadingSpace, pos, "the header begins with a folded line")
		} else {
			s.warn.add(WarnHeaderNoColon, pos, "a header line has no colon")
		}
		pos = f.end
	}
}

// beforeHeader skips an mbox "From " line, RFC 4155.
func (s *scanner) beforeHeader(pos int) int {
	for _, mark := range []string{"From ", ">From "} {
		if bytes.HasPrefix(s.raw[pos:], []byte(mark)) {
			line := s.raw[pos:lineAfter(s.raw, pos, len(s.raw))]
			if f := fieldIsNamed(line, "from"); f {
				return pos
			}
			s.warn.add(WarnMboxFromLine, pos, "the message begins with an mbox line")
			return pos + len(line)
		}
	}
	return pos
}

// fieldIsNamed reports whether a line is a field of that name, "From : x" too.
func fieldIsNamed(line []byte, lower string) bool {
	nameEnd, _, bad := fieldName(line, 0, len(line))
	return !bad && asciiEqualFold(line[:nameEnd], lower)
}

// moreFields reports whether a well-formed field stands at pos, and which.
func (s *scanner) moreFields(pos int) (field, bool) {
	if _, empty := emptyLine(s.raw, pos, len(s.raw)); empty {
		return field{}, false
	}
	f := nextField(s.raw, pos, len(s.raw))
	if f.bad || len(f.name(s.raw)) >= 100 {
		return field{}, false
	}
	return f, true
}

// headerEnds reports whether the empty line that ends a header stands at pos.
func (s *scanner) headerEnds(pos int) bool {
	_, empty := emptyLine(s.raw, pos, len(s.raw))
	return empty && pos < len(s.raw)
}

// take notes the MIME fields, the first of each; a name is as long as theirs.
func (h *entityHeader) take(raw []byte, f field) {
	name := f.name(raw)
	if !asciiEqualFold(name[:8], "content-") {
		return
	}
	var dst *field
	switch rest := name[8:]; {
	case asciiEqualFold(rest, "type"):
		dst = &h.contentType
	case asciiEqualFold(rest, "transfer-encoding"):
		dst = &h.encoding
	case asciiEqualFold(rest, "disposition"):
		dst = &h.disposition
	case asciiEqualFold(rest, "id"):
		dst = &h.id
	case asciiEqualFold(rest, "description"):
		dst = &h.description
	case asciiEqualFold(rest, "md5"):
		dst = &h.md5
	case asciiEqualFold(rest, "language"):
		dst = &h.language
	case asciiEqualFold(rest, "location"):
		dst = &h.location
	default:
		return
	}
	if dst.end == 0 {
		*dst = f
	}
}

func isMessageType(t string) bool { return t == "message/rfc822" || t == "message/global" }

// identity reports whether a transfer encoding leaves the octets as they are.
func identity(encoding string) bool {
	switch encoding {
	case "base64", "quoted-printable", "x-uuencode", "x-uue", "uuencode":
		return false
	}
	return true
}
