package message

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/model"
)

// snippetLength is the most characters of a snippet.
const snippetLength = 200

// scan derives the digest; see Scan.
func scan(raw []byte) *Digest {
	w := &warnings{}
	s := &scanner{raw: raw, warn: w, parts: make([]Part, 0, 4), headers: make([]entityHeader, 0, 4)}
	s.root = rootFields{raw: raw, rest: make([]field, 0, 16)}
	s.entity(0, place{parent: -1, root: true})
	d := &Digest{}
	d.TextPart, d.HTMLPart, d.Attachments = s.choose()
	root := &s.root
	root.digest(d, w)
	texts := s.texts(d)
	d.Snippet = snippet(texts)
	s.wire(d, root)
	d.Parts = s.parts
	s.lint(s.headers[0].headerEnd)
	d.SearchText, d.SearchQ = searchText(d, root, texts, w)
	d.Warnings = w.list
	return d
}

// maxRest bounds the other fields whose values are searched.
const maxRest = 10000

// rootFields are the fields of a message's header that digest and envelope need.
type rootFields struct {
	raw                                                   []byte
	from, sender, replyTo, to, cc, bcc                    addressFields
	subject, date, messageID, inReplyTo, references, rest []field
	cut                                                   bool // there were more
}

// addressFields are the address fields of one name, parsed once.
type addressFields struct {
	fields []field
	parsed bool
	lists  [][]mailbox // of each field
	broken []bool
}

func (a *addressFields) parse(raw []byte) {
	if a.parsed {
		return
	}
	a.parsed = true
	for _, f := range a.fields[:min(len(a.fields), maxSame)] {
		list, broken := parseAddressList(unfold(f.value(raw)))
		a.lists = append(a.lists, list)
		a.broken = append(a.broken, broken || len(list) == 0)
	}
}

// maxSame bounds the address fields of one name that are read; RFC 5322 §3.6 has
// one of each.
const maxSame = 1000

// readRoot sorts the fields of an attached message's header.
func readRoot(raw []byte, pos, end int) rootFields {
	r := rootFields{raw: raw, rest: make([]field, 0, 16)}
	for pos < end {
		f := nextField(raw, pos, end)
		pos = f.end
		if !f.bad {
			r.take(f)
		}
	}
	return r
}

// take sorts in one field.
func (r *rootFields) take(f field) {
	if dst := r.slot(f.name(r.raw)); dst != nil {
		*dst = append(*dst, f)
	}
}

func (r *rootFields) slot(name []byte) *[]field {
	switch lowerByte(name[0]) {
	case 'f':
		if asciiEqualFold(name, "from") {
			return &r.from.fields
		}
	case 't':
		if asciiEqualFold(name, "to") {
			return &r.to.fields
		}
	case 's':
		if asciiEqualFold(name, "subject") {
			return &r.subject
		}
		if asciiEqualFold(name, "sender") {
			return &r.sender.fields
		}
	case 'd':
		if asciiEqualFold(name, "date") {
			return &r.date
		}
	case 'c':
		if asciiEqualFold(name, "cc") {
			return &r.cc.fields
		}
	case 'b':
		if asciiEqualFold(name, "bcc") {
			return &r.bcc.fields
		}
	case 'm':
		if asciiEqualFold(name, "message-id") {
			return &r.messageID
		}
	case 'i':
		if asciiEqualFold(name, "in-reply-to") {
			return &r.inReplyTo
		}
	case 'r':
		if asciiEqualFold(name, "reply-to") {
			return &r.replyTo.fields
		}
		if asciiEqualFold(name, "references") {
			return &r.references
		}
	}
	if len(r.rest) >= maxRest {
		r.cut = true
		return nil
	}
	return &r.rest
}

// value returns the unfolded value of the first of some fields.
func (r *rootFields) value(fs []field) []byte {
	if len(fs) == 0 {
		return nil
	}
	return unfold(fs[0].value(r.raw))
}

// digest fills what the root's header says.
func (r *rootFields) digest(d *Digest, w *warnings) {
	for _, once := range []struct {
		name   string
		fields []field
	}{{"From", r.from.fields}, {"Sender", r.sender.fields}, {"Reply-To", r.replyTo.fields}, {"To", r.to.fields}, {"Cc", r.cc.fields}, {"Bcc", r.bcc.fields},
		{"Subject", r.subject}, {"Date", r.date}, {"Message-ID", r.messageID}, {"In-Reply-To", r.inReplyTo},
		{"References", r.references}} {
		if len(once.fields) > 1 {
			w.add(WarnDuplicateHeader, once.fields[1].start, "%s stands %d times", once.name, len(once.fields))
		}
	}
	if len(r.subject) > 0 {
		d.Subject = r.text(r.subject[0], "Subject", w)
	}
	d.From = r.addresses(&r.from, "From", w)
	r.addresses(&r.sender, "Sender", w)
	d.To = r.addresses(&r.to, "To", w)
	d.Cc = r.addresses(&r.cc, "Cc", w)
	d.Bcc = r.addresses(&r.bcc, "Bcc", w)
	d.ReplyTo = r.addresses(&r.replyTo, "Reply-To", w)
	if len(r.from.fields) == 0 {
		w.add(WarnMissingFrom, -1, "there is no From field")
	}
	r.dateInto(d, w)
	r.ids(d, w)
}

func (r *rootFields) text(f field, name string, w *warnings) string {
	text, badWord, notUTF8 := decodeText(w.clip(unfold(f.value(r.raw)), f.start))
	if badWord {
		w.add(WarnBrokenEncodedWord, f.start, "%s has a broken encoded word", name)
	}
	if notUTF8 {
		w.add(WarnEightBitHeader, f.start, "%s is not UTF-8", name)
	}
	return text
}

func (r *rootFields) addresses(a *addressFields, name string, w *warnings) (out []model.Address) {
	a.parse(r.raw)
	for i, list := range a.lists {
		start := a.fields[i].start
		if a.broken[i] {
			w.add(WarnBadAddress, start, "%s is not an address list", name)
		}
		out = decodeAddresses(out, list, w, start)
	}
	if n := len(a.lists); n < len(a.fields) {
		w.add(WarnTextTruncated, a.fields[n].start, "%s fields past the %dth are not read", name, maxSame)
	}
	return out
}

func (r *rootFields) dateInto(d *Digest, w *warnings) {
	if len(r.date) == 0 {
		w.add(WarnMissingDate, -1, "there is no Date field")
		return
	}
	t, exact, ok := parseDate(r.value(r.date))
	switch {
	case !ok:
		w.add(WarnBadDate, r.date[0].start, "Date is not readable")
	case !exact:
		w.add(WarnBadDate, r.date[0].start, "Date is not written by the grammar")
	}
	d.Date = t
}

// ids reads Message-ID, In-Reply-To and References, RFC 5322 §3.6.4.
func (r *rootFields) ids(d *Digest, w *warnings) {
	if len(r.messageID) > 0 {
		value := r.value(r.messageID)
		ids := messageIDs(value)
		if len(ids) > 0 {
			d.MessageID = ids[0]
		}
		if len(ids) != 1 || len(value) != len(ids[0])+2 || strings.Count(ids[0], "@") != 1 ||
			strings.HasPrefix(ids[0], "@") || strings.HasSuffix(ids[0], "@") || strings.ContainsAny(ids[0], " \t<>") {
			w.add(WarnBadMessageID, r.messageID[0].start, "Message-ID is not <left@right>")
		}
	}
	d.InReplyTo = messageIDs(r.value(r.inReplyTo))
	d.References = messageIDs(r.value(r.references))
}

// maxIDs bounds the message identifiers read from one field.
const maxIDs = 1000

// messageIDs reads message identifiers, without brackets. In a value that has no
// brackets each word with "@" is one; failing that, the whole value.
func messageIDs(value []byte) (ids []string) {
	value = bytes.Trim(value, " \t")
	if len(value) == 0 {
		return nil
	}
	if bytes.IndexByte(value, '<') >= 0 {
		for len(ids) < maxIDs {
			i := bytes.IndexByte(value, '<')
			if i < 0 {
				break
			}
			value = value[i+1:]
			end := bytes.IndexAny(value, "><")
			if end < 0 {
				end = len(value)
			}
			if id := bytes.Trim(value[:end], " \t"); len(id) > 0 {
				ids = append(ids, guessUTF8(id))
			}
			value = value[end:]
		}
		return ids
	}
	for _, w := range bytes.Fields(value) {
		if bytes.IndexByte(w, '@') > 0 && len(ids) < maxIDs {
			ids = append(ids, guessUTF8(bytes.Trim(w, ">,;\"")))
		}
	}
	if len(ids) == 0 {
		ids = []string{guessUTF8(value)}
	}
	return ids
}

// bodyTexts are a message's texts as far as the search text needs them.
type bodyTexts struct {
	text      []byte // perhaps a slice of the message itself
	visible   string
	targets   []string
	truncated bool
}

// texts measures all leaves, and decodes the text and HTML bodies.
func (s *scanner) texts(d *Digest) (t bodyTexts) {
	for i := range s.parts {
		p := &s.parts[i]
		switch {
		case strings.HasPrefix(p.Type, "multipart/"):
		case i == d.TextPart:
			t.text = s.bodyText(p, &t)
		case i == d.HTMLPart:
			t.visible, t.targets = htmlText(string(s.bodyText(p, &t)))
		default:
			s.measure(p, 0)
		}
	}
	return t
}

// bodyText measures and decodes a text body, as much as the search text holds.
// Line ends stay: folding makes blanks of them. It may be a slice of the message.
func (s *scanner) bodyText(p *Part, t *bodyTexts) []byte {
	limit := maxSearch
	if p.Type == "text/html" {
		limit = maxVisible
	}
	octets := s.measure(p, limit)
	if p.Size > int64(limit) {
		t.truncated = true
		octets = wholeRunes(octets[:min(len(octets), limit)])
	}
	text, ok := utf8Octets(octets, partCharset(octets, p))
	if !ok {
		if charset := param(p.Params, "charset"); charset != "" {
			s.warn.add(WarnBadCharset, int(p.HeaderStart), "a %s part is not in its charset %q, or that is unknown", p.Type, clip(charset, 40))
		} else {
			s.warn.add(WarnBadCharset, int(p.HeaderStart), "a %s part has octets beyond ASCII but names no charset", p.Type)
		}
	}
	return text
}

// wholeRunes drops a character cut in two at the end.
func wholeRunes(b []byte) []byte {
	for i := 0; i < utf8.UTFMax && len(b) > 0 && !utf8.RuneStart(b[len(b)-1]); i++ {
		b = b[:len(b)-1]
	}
	if len(b) > 0 && b[len(b)-1] >= utf8.RuneSelf {
		b = b[:len(b)-1]
	}
	return b
}

// partCharset is the charset that a text leaf names, in its header or as HTML does.
func partCharset(octets []byte, p *Part) string {
	charset := param(p.Params, "charset")
	if charset == "" && p.Type == "text/html" && !isASCII(octets) {
		charset = metaCharset(octets)
	}
	return charset
}

// metaCharset reads the charset that an HTML document names in its first 1,024
// octets, as the HTML standard has it.
func metaCharset(doc []byte) string {
	head := bytes.ToLower(doc[:min(len(doc), 1024)])
	i := bytes.Index(head, []byte("charset="))
	if i < 0 {
		return ""
	}
	name := bytes.TrimLeft(head[i+len("charset="):], "\"' ")
	end := bytes.IndexAny(name, "\"' />;")
	if end < 0 {
		return ""
	}
	return string(name[:end])
}

// snippet is the beginning of the visible text.
func snippet(t bodyTexts) string {
	source := t.text
	if len(bytes.TrimSpace(source)) == 0 {
		source = []byte(t.visible[:min(len(t.visible), snippetLength*utf8.UTFMax)])
	}
	w := wordWriter{limit: snippetLength}
	source = source[:min(len(source), snippetLength*40)]
	if !isASCII(source[:min(len(source), 2*snippetLength)]) {
		w.limit *= utf8.UTFMax
	}
	w.b = make([]byte, 0, w.limit+64)
	w.write(string(source[:min(len(source), 2*w.limit)]))
	if len(w.b) <= w.limit && len(source) > 2*w.limit { // much white space
		w = wordWriter{limit: snippetLength * utf8.UTFMax}
		w.write(string(source))
	}
	out := strings.ToValidUTF8(string(w.b), "")
	n := 0
	for i := range out {
		if n == snippetLength {
			return out[:i]
		}
		n++
	}
	return out
}

// lint looks at lines and octets.
func (s *scanner) lint(headerEnd int) {
	raw := s.raw
	bare, bareAt, long, longAt, longHeader, longHeaderAt := 0, 0, 0, 0, 0, 0
	crlf := 0
	for i := 0; i < len(raw); {
		k := bytes.IndexByte(raw[i:], '\n')
		end := i + k
		if k < 0 {
			end = len(raw)
		}
		length := end - i
		if k >= 0 && length > 0 && raw[end-1] == '\r' {
			crlf++
			length--
		} else if k >= 0 {
			if bare++; bare == 1 {
				bareAt = end
			}
		}
		if length > 998 {
			if i < headerEnd {
				if longHeader++; longHeader == 1 {
					longHeaderAt = i
				}
			} else if long++; long == 1 {
				longAt = i
			}
		}
		i = end + 1
	}
	if bare > 0 {
		s.warn.add(WarnBareLF, bareAt, "%d lines end in LF alone", bare)
	}
	if n := bytes.Count(raw, []byte{'\r'}) - crlf; n > 0 {
		s.warn.add(WarnBareCR, bareCR(raw), "%d times CR without LF", n)
	}
	if longHeader > 0 {
		s.warn.add(WarnLongHeaderLine, longHeaderAt, "%d header lines are over 998 octets", longHeader)
	}
	if long > 0 {
		s.warn.add(WarnLineTooLong, longAt, "%d lines are over 998 octets", long)
	}
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		s.warn.add(WarnNULOctet, i, "%d NUL octets", bytes.Count(raw, []byte{0}))
	}
	s.lintHeader(headerEnd)
}

// lintHeader tells of octets beyond ASCII that are not UTF-8, in any root field
// that nothing else has looked at.
func (s *scanner) lintHeader(headerEnd int) {
	head := s.raw[:headerEnd]
	if isASCII(head) || utf8.Valid(head) || s.warn.count(WarnEightBitHeader) > 0 {
		return
	}
	at := 0
	for at < len(head) {
		r, n := utf8.DecodeRune(head[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	s.warn.add(WarnEightBitHeader, at, "the header is not UTF-8")
}

func bareCR(raw []byte) int {
	for i := 0; i < len(raw); i++ {
		k := bytes.IndexByte(raw[i:], '\r')
		if k < 0 {
			break
		}
		if i += k; i+1 >= len(raw) || raw[i+1] != '\n' {
			return i
		}
	}
	return -1
}
