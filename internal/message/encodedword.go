package message

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// word is one encoded word of RFC 2047 §2: "=?charset?encoding?text?=".
type word struct {
	charset  string
	encoding byte // 'b' or 'q'
	text     []byte
	start    int
	end      int
	broken   bool
}

// decodeText decodes a header value: RFC 2047 in all forms seen, octets beyond
// ASCII by guess. It is told what is broken through the two flags.
func decodeText(b []byte) (text string, brokenWord, notUTF8 bool) {
	if isASCII(b) {
		if !bytes.Contains(b, []byte("=?")) {
			return string(b), false, false
		}
	} else if !utf8.Valid(b) {
		notUTF8 = true
	}
	var out strings.Builder
	pos := 0
	var run []word // adjacent words, not yet decoded
	flush := func() {
		brokenWord = decodeWords(&out, run) || brokenWord
		run = run[:0]
	}
	for search := 0; ; {
		w, ok := nextWord(b, search)
		if !ok {
			break
		}
		between := b[pos:w.start]
		if len(run) == 0 || len(bytes.Trim(between, " \t\r\n")) > 0 {
			flush()
			out.WriteString(guessUTF8(between))
		} // else blanks between adjacent words vanish, RFC 2047 §6.2
		run = append(run, w)
		brokenWord = brokenWord || w.broken
		pos, search = w.end, w.end
	}
	flush()
	rest := b[pos:]
	if pos < len(b) {
		out.WriteString(guessUTF8(rest))
		if i := bytes.Index(rest, []byte("=?")); i >= 0 && bytes.Count(rest[i:], []byte("?")) >= 3 {
			brokenWord = true
		}
	}
	return out.String(), brokenWord, notUTF8
}

// nextWord finds the next encoded word at or after pos. It takes what is broken:
// blanks within, a "?" within, no "?=" at the end.
func nextWord(b []byte, pos int) (word, bool) {
	for {
		i := bytes.Index(b[pos:], []byte("=?"))
		if i < 0 {
			return word{}, false
		}
		start := pos + i
		if w, ok := wordAt(b, start); ok {
			return w, true
		}
		pos = start + 2
	}
}

func wordAt(b []byte, start int) (word, bool) {
	rest := b[start+2:]
	q := bytes.IndexByte(rest[:min(len(rest), 80)], '?')
	if q <= 0 || q+2 >= len(rest) || rest[q+2] != '?' || bytes.ContainsAny(rest[:q], " \t=<>@,\"") {
		return word{}, false
	}
	enc := lowerByte(rest[q+1])
	if enc != 'b' && enc != 'q' {
		return word{}, false
	}
	w := word{charset: string(rest[:q]), encoding: enc, start: start}
	textStart := start + 2 + q + 3
	text, end, closed := wordText(b, textStart, enc)
	w.text, w.end = text, end
	w.broken = !closed || bytes.ContainsAny(text, " \t?") || end-start > 75 && !closed
	return w, true
}

// wordText finds the end of a word's text: "?=", but in Q not one that begins an
// escape ("?=3D") when a later "?=" closes the word. Without an end, the next word
// or blank is it; in Q with no end at all, the end of the value.
func wordText(b []byte, start int, enc byte) (text []byte, end int, closed bool) {
	limit := len(b)
	if i := bytes.Index(b[start:], []byte("=?")); i >= 0 {
		// The next "=?" that opens a word bounds this one.
		for j := start + i; ; {
			if _, ok := opensWord(b, j); ok {
				limit = j
				break
			}
			k := bytes.Index(b[j+2:], []byte("=?"))
			if k < 0 {
				break
			}
			j += 2 + k
		}
	}
	for i := start; ; {
		k := bytes.Index(b[i:limit], []byte("?="))
		if k < 0 {
			break
		}
		at := i + k
		after := b[at+2 : limit]
		if enc == 'q' && len(after) >= 2 && unhex(after[0]) < 16 && unhex(after[1]) < 16 && bytes.Contains(after, []byte("?=")) {
			i = at + 2
			continue
		}
		return b[start:at], at + 2, true
	}
	end = limit
	if enc == 'b' {
		if i := bytes.IndexAny(b[start:limit], " \t"); i >= 0 {
			end = start + i
		}
	}
	return bytes.TrimRight(b[start:end], " \t?="), end, false
}

// opensWord reports whether "=?charset?X?" stands at i.
func opensWord(b []byte, i int) (byte, bool) {
	rest := b[i+2:]
	q := bytes.IndexByte(rest[:min(len(rest), 80)], '?')
	if q <= 0 || q+2 >= len(rest) || rest[q+2] != '?' {
		return 0, false
	}
	enc := lowerByte(rest[q+1])
	return enc, (enc == 'b' || enc == 'q') && !bytes.ContainsAny(rest[:q], " \t=")
}

// decodeWords joins adjacent words of one charset before decoding it, because
// some writers split a character between words (against RFC 2047 §5).
func decodeWords(out *strings.Builder, run []word) (broken bool) {
	for i := 0; i < len(run); {
		var octets []byte
		j := i
		for ; j < len(run) && strings.EqualFold(run[j].charset, run[i].charset); j++ {
			w := run[j]
			if w.encoding == 'q' {
				var ok bool
				octets, ok = appendQ(octets, w.text)
				broken = broken || !ok
				continue
			}
			text := w.text[:len(w.text):len(w.text)] // so that append copies, once
			for j+1 < len(run) && run[j+1].encoding == 'b' && strings.EqualFold(run[j+1].charset, w.charset) &&
				len(text)%4 != 0 && !bytes.HasSuffix(text, []byte("=")) {
				j++ // base64 split within a quantum
				text = append(text, run[j].text...)
				broken = true
			}
			chars, end, how := base64Extent(text)
			octets = appendBase64(octets, text[:end], chars, len(octets)+len(text)+4)
			broken = broken || how != base64Clean
		}
		text, ok := toUTF8(octets, run[i].charset)
		out.WriteString(text)
		broken = broken || !ok
		i = j
	}
	return broken
}

// appendQ decodes the Q encoding, RFC 2047 §4.2.
func appendQ(dst, text []byte) ([]byte, bool) {
	ok := true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(text) && unhex(text[i+1]) < 16 && unhex(text[i+2]) < 16:
			dst = append(dst, unhex(text[i+1])<<4|unhex(text[i+2]))
			i += 2
		default:
			ok = ok && c != '='
			dst = append(dst, c)
		}
	}
	return dst, ok
}
