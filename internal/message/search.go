package message

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/catchpost/catchpost/internal/model"
)

// maxSearch bounds the search text of one message, in octets.
const maxSearch = 1 << 20

// Fold prepares text for searching: NFC, lower case, every run of white space one blank.
func Fold(s string) string {
	return string(appendFold(make([]byte, 0, len(s)), s, nil))
}

// AppendFold is Fold onto the end of dst.
func AppendFold(dst, s []byte) []byte { return appendFold(dst, s, nil) }

// appendFold folds s onto dst; white space at both ends goes. normal, unless nil,
// is how many octets that are not in NFC may still be brought into it.
func appendFold[S ~string | ~[]byte](dst []byte, s S, normal *int) []byte {
	start := len(dst)
	dst = slices.Grow(dst, len(s))
	for i := 0; i < len(s); {
		if i+8 <= len(s) && len(dst) > start {
			w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
				uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
			if w, ok := foldWord(w, dst[len(dst)-1] == ' '); ok {
				dst = binary.LittleEndian.AppendUint64(dst, w)
				i += 8
				continue
			}
		}
		for end := min(i+8, len(s)); i < end; i++ {
			if s[i] >= utf8.RuneSelf {
				return appendFoldUnicode(dst, start, string(s[i:]), normal)
			}
			dst = appendFoldByte(dst, start, s[i])
		}
	}
	return trimBlank(dst, start)
}

// foldWord folds eight octets at once, the first in the lowest place, if they are
// printable ASCII and no two blanks come together.
func foldWord(w uint64, afterBlank bool) (folded uint64, ok bool) {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	if (w|(w-' '*ones))&high != 0 { // beyond ASCII, or below the blank
		return 0, false
	}
	blanks := ^((w ^ ' '*ones) + 0x7f*ones) & high
	before := blanks << 8
	if afterBlank {
		before |= 0x80
	}
	if blanks&before != 0 {
		return 0, false
	}
	upper := ((w + (0x80-'A')*ones) ^ (w + (0x7f-'Z')*ones)) & high
	return w | upper>>2, true
}

// appendFoldByte folds one octet of ASCII.
func appendFoldByte(dst []byte, start int, c byte) []byte {
	if c > ' ' {
		return append(dst, lowerByte(c))
	}
	if len(dst) > start && dst[len(dst)-1] != ' ' {
		return append(dst, ' ')
	}
	return dst
}

func trimBlank(dst []byte, start int) []byte {
	if len(dst) > start && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendFoldUnicode goes on where text beyond ASCII begins. What was folded of
// this section is at dst[start:]; its last letter may compose with what follows.
func appendFoldUnicode(dst []byte, start int, s string, normal *int) []byte {
	if n := len(dst); n > start && dst[n-1] != ' ' {
		s = string(dst[n-1]) + s
		dst = dst[:n-1]
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	plain := alwaysNFC(s)
	if !plain {
		s = toNFC(s, normal)
	}
	from, lowered := len(dst), false
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			lowered = lowered || 'A' <= s[i] && s[i] <= 'Z'
			dst = appendFoldByte(dst, start, s[i])
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			dst = appendFoldByte(dst, start, ' ')
			continue
		}
		if caseless(r) {
			dst = append(dst, s[i-n:i]...)
			continue
		}
		lower := unicode.ToLower(r)
		lowered = lowered || lower != r
		dst = utf8.AppendRune(dst, lower)
	}
	// Lower case may take text out of NFC.
	if lowered && !plain && !norm.NFC.IsNormal(dst[from:]) {
		dst = append(dst[:from], toNFC(string(dst[from:]), normal)...)
	}
	return trimBlank(dst, start)
}

// maxNormal bounds the octets of one message's search text that are brought into
// NFC, which costs a hundred times what folding does. What is past it and not in
// NFC is found as it is written.
const maxNormal = 64 << 10

// toNFC brings s into NFC, as far as the budget goes: each piece of it that may
// not be in NFC is paid for.
func toNFC(s string, budget *int) string {
	n := norm.NFC.QuickSpanString(s)
	if n == len(s) {
		return s
	}
	out := append(make([]byte, 0, len(s)), s[:n]...)
	for s = s[n:]; s != ""; {
		end := norm.NFC.NextBoundaryInString(s, true)
		if end <= 0 {
			end = len(s)
		}
		if !spend(budget, end) {
			break
		}
		out = norm.NFC.AppendString(out, s[:end])
		s = s[end:]
		n := norm.NFC.QuickSpanString(s)
		out = append(out, s[:n]...)
		s = s[n:]
	}
	return string(append(out, s...))
}

// spend takes n from a budget, if it has that; nil has any.
func spend(budget *int, n int) bool {
	switch {
	case budget == nil:
		return true
	case *budget < n:
		return false
	}
	*budget -= n
	return true
}

// alwaysNFC reports whether valid UTF-8 has such characters alone as stand in
// every normal form C and combine with nothing before them.
func alwaysNFC(s string) bool {
	for _, r := range s {
		switch {
		case r < 0x300, r >= 0x390 && r < 0x483, caseless(r): // Latin, Greek, Cyrillic
		case r >= 0x2010 && r < 0x2050, r >= 0x20a0 && r < 0x20d0: // punctuation, currencies
		default:
			return false
		}
	}
	return true
}

// caseless reports whether r is of a block of characters without case that are
// always in NFC: kana, CJK ideographs, Hangul syllables, or U+FFFD.
func caseless(r rune) bool {
	return r >= 0x4e00 && r < 0xa000 || r >= 0xac00 && r < 0xd7a4 || r >= 0x3041 && r < 0x3097 || r >= 0x30a1 && r < 0x30fb || r == utf8.RuneError
}

// searchWriter puts folded sections together, parted by "\n", within a bound.
type searchWriter struct {
	b      []byte
	cut    bool
	normal int // see maxNormal
}

func section[S ~string | ~[]byte](w *searchWriter, s S) {
	if len(s) == 0 {
		return
	}
	room := maxSearch - len(w.b) - 1
	if room <= 0 {
		w.cut = true
		return
	}
	if len(s) > room {
		w.cut = true
		s = S(wholeRunes([]byte(s[:room])))
	}
	if len(w.b) > 0 {
		w.b = append(w.b, '\n')
	}
	w.b = appendFold(w.b, s, &w.normal)
}

func (w *searchWriter) addresses(lists ...[]model.Address) {
	for _, list := range lists {
		for _, a := range list {
			section(w, a.Name)
			section(w, a.Address)
		}
	}
}

// searchBuffers keeps buffers that search text was built in; none is over maxSearch
// by more than the runtime rounds up.
var searchBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// searchText builds Digest.SearchText and SearchQ.
func searchText(d *Digest, r *rootFields, t bodyTexts, warn *warnings) (text string, q int) {
	buffer := searchBuffers.Get().(*[]byte)
	w := &searchWriter{b: (*buffer)[:0], normal: maxNormal}
	defer func() {
		*buffer = w.b
		searchBuffers.Put(buffer)
	}()
	section(w, d.Subject)
	w.addresses(d.From, d.To, d.Cc, d.Bcc, d.ReplyTo)
	for i := range d.Parts {
		if d.Parts[i].Attachment {
			section(w, d.Parts[i].Name)
		}
	}
	section(w, t.text)
	section(w, t.visible)
	q = len(w.b)
	section(w, d.MessageID)
	for _, fs := range [][]field{r.sender.fields, r.date, r.inReplyTo, r.references, r.rest} {
		for _, f := range fs {
			value := bytes.Trim(f.value(r.raw), " \t\r\n")
			if isASCII(value) && !bytes.Contains(value, []byte("=?")) {
				section(w, value) // folding makes a blank of a line end
				continue
			}
			text, _, _ := decodeText(warn.clip(unfold(value), f.start))
			section(w, text)
		}
	}
	for _, target := range t.targets {
		section(w, target)
	}
	if w.cut || t.truncated || r.cut {
		warn.add(WarnTextTruncated, -1, "text past %d octets is not searched", maxSearch)
	}
	return string(w.b), q
}
