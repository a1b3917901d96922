package imapd

import (
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// itemKind is a FETCH data item, RFC 9051 §6.4.5 and the extensions named.
type itemKind uint8

const (
	itemFlags itemKind = iota
	itemUID
	itemInternalDate
	itemSize
	itemEnvelope
	itemBody          // BODY without brackets
	itemBodyStructure // RFC 3501 §7.4.2
	itemModSeq        // RFC 7162 §3.1.4
	itemEmailID       // RFC 8474 §5
	itemThreadID
	itemSaveDate   // RFC 8514
	itemPreview    // RFC 8970
	itemSection    // BODY[…] and RFC822, RFC822.HEADER, RFC822.TEXT
	itemBinary     // BINARY[…], RFC 3516
	itemBinarySize // BINARY.SIZE[…]
)

// item is one thing asked for.
type item struct {
	kind    itemKind
	name    string // how the response spells it, up to the section
	section section
	lazy    bool // PREVIEW (LAZY)
}

// section is section-spec with its partial, RFC 9051 §9.
type section struct {
	part    string   // "", "1", "2.1"
	what    string   // "", HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT, MIME
	fields  []string // as written
	partial bool
	start   uint64
	count   uint64
}

// need says what must be read to answer a FETCH.
type need uint8

const (
	needRecord need = 1 << iota
	needMessage
	needRaw
)

// fetchRequest is a FETCH command's arguments.
type fetchRequest struct {
	set          wire.NumSet
	items        []item
	changedSince store.Sequence
	hasSince     bool
	vanished     bool
	partial      wire.PartialRange
	paged        bool // partial was asked for
	need         need
	seen         bool // some item sets \Seen
	flags        bool // FLAGS is among the items
	modseq       bool
	uid          bool
}

const maxItems = 200

// parseFetch reads sequence-set SP ("ALL" / "FULL" / "FAST" / item / list) [modifiers].
// The answer to UID FETCH has the UID unasked (RFC 9051 §6.4.9) if implied says so.
func parseFetch(d *wire.Decoder, uid, implied bool) *fetchRequest {
	r := &fetchRequest{}
	d.ExpectSP()
	r.set = d.Numbers()
	d.ExpectSP()
	if d.Peek() == '(' {
		d.List(func() { r.parseItem(d) })
	} else {
		r.parseMacroOrItem(d)
	}
	if d.SP() {
		d.List(func() { r.parseModifier(d) })
	}
	if d.OK() && len(r.items) == 0 {
		d.Fail("nothing to fetch")
	}
	if r.vanished && !(uid && r.hasSince) {
		d.Fail("VANISHED needs UID FETCH and CHANGEDSINCE")
	}
	if r.paged && !uid { // RFC 9394 §3.3
		d.Fail("PARTIAL needs UID FETCH")
	}
	d.ExpectEnd()
	r.sum(uid && implied)
	return r
}

// parseModifier reads fetch-modifier, RFC 4466 §2.4.
func (r *fetchRequest) parseModifier(d *wire.Decoder) {
	switch word := upperAtom(d); {
	case word == "CHANGEDSINCE": // RFC 7162 §3.1.4.1
		d.ExpectSP()
		r.changedSince, r.hasSince = store.Sequence(d.Number64()), true
	case word == "VANISHED": // RFC 7162 §3.2.6
		r.vanished = true
	case word == "PARTIAL" && !r.paged: // RFC 9394 §3.3
		d.ExpectSP()
		r.partial, r.paged = d.PartialRange(), true
	default:
		d.Fail("unknown FETCH modifier " + word)
	}
}

// sum completes the items and notes what they need.
func (r *fetchRequest) sum(uid bool) {
	has := func(k itemKind) bool {
		for _, it := range r.items {
			if it.kind == k {
				return true
			}
		}
		return false
	}
	if uid && !has(itemUID) {
		r.items = append([]item{{kind: itemUID}}, r.items...)
	}
	if r.hasSince && !has(itemModSeq) { // RFC 7162 §3.1.4.1
		r.items = append(r.items, item{kind: itemModSeq})
	}
	r.flags, r.modseq, r.uid = has(itemFlags), has(itemModSeq), has(itemUID)
	for _, it := range r.items {
		switch it.kind {
		case itemEnvelope, itemBody, itemBodyStructure, itemEmailID, itemSaveDate:
			r.need |= needRecord
		case itemPreview:
			r.need |= needMessage
		case itemSection:
			r.need |= needRaw
			if it.section.part != "" || it.section.what != "" {
				r.need |= needMessage
			}
		case itemBinary, itemBinarySize:
			r.need |= needRaw | needMessage
		}
		if (it.kind == itemSection || it.kind == itemBinary) && !strings.Contains(it.name, "PEEK") && it.name != "RFC822.HEADER" {
			r.seen = true
		}
	}
}

func (r *fetchRequest) parseMacroOrItem(d *wire.Decoder) {
	word := strings.ToUpper(d.Word("["))
	add := func(kinds ...itemKind) {
		for _, k := range kinds {
			r.items = append(r.items, item{kind: k})
		}
	}
	switch word {
	case "ALL":
		add(itemFlags, itemInternalDate, itemSize, itemEnvelope)
	case "FAST":
		add(itemFlags, itemInternalDate, itemSize)
	case "FULL":
		add(itemFlags, itemInternalDate, itemSize, itemEnvelope, itemBody)
	default:
		r.parseNamed(d, word)
	}
}

func (r *fetchRequest) parseItem(d *wire.Decoder) {
	r.parseNamed(d, strings.ToUpper(d.Word("[")))
}

var plainItems = map[string]itemKind{
	"FLAGS": itemFlags, "UID": itemUID, "INTERNALDATE": itemInternalDate, "RFC822.SIZE": itemSize,
	"ENVELOPE": itemEnvelope, "BODYSTRUCTURE": itemBodyStructure, "MODSEQ": itemModSeq,
	"EMAILID": itemEmailID, "THREADID": itemThreadID, "SAVEDATE": itemSaveDate,
}

func (r *fetchRequest) parseNamed(d *wire.Decoder, word string) {
	if len(r.items) >= maxItems {
		d.Fail("too many FETCH items")
		return
	}
	it := item{name: word}
	kind, plain := plainItems[word]
	switch {
	case plain:
		it.kind = kind
	case word == "PREVIEW":
		it.kind = itemPreview
		r.parsePreview(d, &it)
	case word == "RFC822": // RFC 3501 §6.4.5: BODY[], BODY.PEEK[HEADER], BODY[TEXT]
		it.kind = itemSection
	case word == "RFC822.HEADER":
		it.kind, it.section.what = itemSection, "HEADER"
	case word == "RFC822.TEXT":
		it.kind, it.section.what = itemSection, "TEXT"
	case word == "BODY" && d.Peek() != '[':
		it.kind = itemBody
	case word == "BODY", word == "BODY.PEEK":
		it.kind = itemSection
		it.section.parse(d)
	case word == "BINARY", word == "BINARY.PEEK":
		it.kind = itemBinary
		it.section.parseBinary(d)
		it.section.parsePartial(d)
	case word == "BINARY.SIZE":
		it.kind = itemBinarySize
		it.section.parseBinary(d)
	default:
		d.Fail("unknown FETCH item " + word)
	}
	r.items = append(r.items, it)
}

// parsePreview reads [SP "(" "LAZY" ")"], RFC 8970 §3.1.
func (r *fetchRequest) parsePreview(d *wire.Decoder, it *item) {
	if !d.PeekString(" (LAZY)") {
		return
	}
	d.ExpectSP()
	d.List(func() { it.lazy = upperAtom(d) == "LAZY" })
}

// parse reads "[" [section-spec] "]" ["<" number "." nz-number ">"].
func (sec *section) parse(d *wire.Decoder) {
	d.ExpectSpecial('[')
	sec.part = parsePart(d)
	if sec.part == "" || d.Special('.') {
		sec.parseText(d)
	}
	d.ExpectSpecial(']')
	sec.parsePartial(d)
}

func (sec *section) parseText(d *wire.Decoder) {
	word := strings.ToUpper(d.Word(""))
	switch word {
	case "":
		if sec.part != "" {
			d.Fail("expected a section")
		}
	case "HEADER", "TEXT":
	case "MIME":
		if sec.part == "" {
			d.Fail("MIME needs a part number")
		}
	case "HEADER.FIELDS", "HEADER.FIELDS.NOT":
		d.ExpectSP()
		d.List(func() { sec.fields = append(sec.fields, d.AString()) })
		if d.OK() && (len(sec.fields) == 0 || len(sec.fields) > 500) {
			d.Fail("a header list has 1 to 500 names")
		}
	default:
		d.Fail("unknown section " + word)
	}
	sec.what = word
}

func (sec *section) parseBinary(d *wire.Decoder) {
	d.ExpectSpecial('[')
	sec.part = parsePart(d)
	d.ExpectSpecial(']')
}

func (sec *section) parsePartial(d *wire.Decoder) {
	if !d.Special('<') {
		return
	}
	sec.partial = true
	sec.start = d.Number64()
	d.ExpectSpecial('.')
	if sec.count = d.Number64(); d.OK() && sec.count == 0 {
		d.Fail("a partial has at least one octet")
	}
	d.ExpectSpecial('>')
}

// parsePart reads section-part = nz-number *("." nz-number), "" if none is next.
func parsePart(d *wire.Decoder) string {
	var b strings.Builder
	for isDigit(d.Peek()) {
		n := d.Number()
		if n == 0 || b.Len() > 200 {
			d.Fail("bad part number")
			return ""
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(itoa(uint64(n)))
		if !d.DotDigit() {
			break
		}
	}
	return b.String()
}

// label writes a section as the response names it, RFC 9051 §7.5.2 msg-att-static.
func (it *item) label(e *wire.Encoder) {
	name := strings.Replace(it.name, ".PEEK", "", 1)
	e.Atom(name)
	if strings.HasPrefix(name, "RFC822") {
		return
	}
	sec := &it.section
	e.Byte('[')
	e.Atom(sec.part)
	if sec.part != "" && sec.what != "" {
		e.Byte('.')
	}
	e.Atom(sec.what)
	if len(sec.fields) > 0 {
		e.Atom(" (")
		for i, f := range sec.fields {
			if i > 0 {
				e.SP()
			}
			if isFieldAtom(f) {
				e.Atom(f)
			} else {
				e.String(f)
			}
		}
		e.Byte(')')
	}
	e.Byte(']')
	if sec.partial {
		e.Byte('<')
		e.Number(sec.start)
		e.Byte('>')
	}
}

// cut takes the partial out of a section's octets.
func (sec *section) cut(b []byte) []byte {
	if !sec.partial {
		return b
	}
	if sec.start >= uint64(len(b)) {
		return nil
	}
	b = b[sec.start:]
	return b[:min(uint64(len(b)), sec.count)]
}
