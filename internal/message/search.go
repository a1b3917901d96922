package message

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/catchpost/catchpost/internal/model"
)

// maxSearch bounds the search text of one message, in octets.
const maxSearch = 1 << 20

// Fold prepares text for searching: NFC, lower case, every run of white space one blank.
func Fold(s string) string {
	return string(appendFold(make([]byte, 0, len(s)), s))
}

// appendFold folds s onto dst; white space at both ends goes.
func appendFold(dst []byte, s string) []byte {
	start := len(dst)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return appendFoldUnicode(dst, start, s[i:])
		case c <= ' ':
			if len(dst) > start && dst[len(dst)-1] != ' ' {
				dst = append(dst, ' ')
			}
		default:
			dst = append(dst, lowerByte(c))
		}
	}
	if len(dst) > start && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendFoldUnicode goes on where text beyond ASCII begins. What was folded of
// this section is at dst[start:]; its last letter may compose with what follows.
func appendFoldUnicode(dst []byte, start int, s string) []byte {
	if n := len(dst); n > start && dst[n-1] != ' ' {
		s = string(dst[n-1]) + s
		dst = dst[:n-1]
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
	}
	from := len(dst)
	for _, r := range s {
		if unicode.IsSpace(r) || r < ' ' || r == '\u200b' || r == '\ufeff' {
			if len(dst) > start && dst[len(dst)-1] != ' ' {
				dst = append(dst, ' ')
			}
			continue
		}
		dst = utf8.AppendRune(dst, unicode.ToLower(r))
	}
	if !norm.NFC.IsNormal(dst[from:]) { // lower case may take text out of NFC
		dst = append(dst[:from], norm.NFC.Bytes(dst[from:])...)
	}
	if len(dst) > start && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// searchWriter puts folded sections together, parted by "\n", within a bound.
type searchWriter struct {
	b   []byte
	cut bool
}

func (w *searchWriter) section(s string) {
	if s == "" {
		return
	}
	room := maxSearch - len(w.b) - 1
	if room <= 0 {
		w.cut = true
		return
	}
	if len(s) > room {
		w.cut = true
		s = string(wholeRunes([]byte(s[:room])))
	}
	if len(w.b) > 0 {
		w.b = append(w.b, '\n')
	}
	w.b = appendFold(w.b, s)
}

func (w *searchWriter) addresses(lists ...[]model.Address) {
	for _, list := range lists {
		for _, a := range list {
			w.section(a.Name)
			w.section(a.Address)
		}
	}
}

// searchText builds Digest.SearchText and SearchQ.
func searchText(d *Digest, r *rootFields, t bodyTexts, warn *warnings) (text string, q int) {
	w := &searchWriter{b: make([]byte, 0, 1024+len(t.text)+len(t.visible))}
	w.section(d.Subject)
	w.addresses(d.From, d.To, d.Cc, d.Bcc, d.ReplyTo)
	for i := range d.Parts {
		if d.Parts[i].Attachment {
			w.section(d.Parts[i].Name)
		}
	}
	w.section(t.text)
	w.section(t.visible)
	q = len(w.b)
	w.section(d.MessageID)
	for _, fs := range [][]field{r.sender.fields, r.date, r.inReplyTo, r.references, r.rest} {
		for _, f := range fs {
			value, _, _ := decodeText(unfold(f.value(r.raw)))
			w.section(value)
		}
	}
	for _, target := range t.targets {
		w.section(target)
	}
	if w.cut || t.truncated {
		warn.add(WarnTextTruncated, -1, "text past %d octets is not searched", maxSearch)
	}
	return string(w.b), q
}
