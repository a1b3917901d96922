package message

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// aliases are names seen in mail that neither index of x/text knows.
var aliases = map[string]string{
	"utf8": "utf-8", "utf-8mb4": "utf-8", "utf": "utf-8", "unicode-1-1-utf-8": "utf-8", "unicode": "utf-16",
	"latin-1": "windows-1252", "iso8859_1": "windows-1252", "iso-latin-1": "windows-1252", "iso88591": "windows-1252",
	"iso8859-15": "iso-8859-15", "latin-9": "iso-8859-15", "iso885915": "iso-8859-15",
	"ansi": "windows-1252", "cp-1252": "windows-1252", "windows1252": "windows-1252", "win-1252": "windows-1252",
	"win1251": "windows-1251", "win-1251": "windows-1251", "cp-1251": "windows-1251", "windows1251": "windows-1251",
	"koi8r": "koi8-r", "gb-2312": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "gb2312_charset": "gb18030",
	"gb_2312-80": "gb18030", "euc-cn": "gb18030", "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030",
	"sjis": "shift_jis", "cp932": "shift_jis", "ms932": "shift_jis", "x-sjis": "shift_jis", "shift-jis": "shift_jis",
	"ks_c_5601": "euc-kr", "ks-c-5601-1987": "euc-kr", "cp949": "euc-kr", "ms949": "euc-kr", "uhc": "euc-kr",
	"cp950": "big5", "ms950": "big5", "iso-2022-jp-1": "iso-2022-jp", "iso-2022-jp-2": "iso-2022-jp", "iso-2022-jp-ms": "iso-2022-jp",
	"eucjp": "euc-jp", "cp850": "ibm850", "cp437": "ibm437", "cp866": "ibm866", "cp858": "ibm00858",
}

// lookupCharset finds an encoding by the name that a mail gives it; nil if unknown.
func lookupCharset(name string) encoding.Encoding {
	name = strings.ToLower(strings.Trim(name, " \t\"'\r\n"))
	if i := strings.IndexByte(name, '*'); i > 0 { // a language, RFC 2231 §5
		name = name[:i]
	}
	if a, ok := aliases[name]; ok {
		name = a
	}
	switch name {
	case "hz-gb-2312":
		return simplifiedchinese.HZGB2312
	case "iso-8859-1", "us-ascii", "ascii", "":
		return charmap.Windows1252
	case "utf-7", "iso-2022-kr", "x-user-defined":
		return nil
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e
	}
	if e, err := ianaindex.MIME.Encoding(name); err == nil && e != nil {
		return e
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return e
	}
	return nil
}

// toUTF8 decodes octets by the charset's name. ok is false when the name is
// unknown or the octets are not in it; the text is then the best guess.
func toUTF8(b []byte, charset string) (text string, ok bool) {
	name := strings.ToLower(strings.Trim(charset, " \t\"'\r\n"))
	switch name {
	case "utf-8", "utf8":
		b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
		if utf8.Valid(b) {
			return string(b), true
		}
		return guessUTF8(b), false
	case "", "us-ascii", "ascii":
		if isASCII(b) {
			return string(b), true
		}
		return guessUTF8(b), false
	case "utf-7", "unicode-1-1-utf-7", "x-utf-7":
		return decodeUTF7(b)
	}
	e := lookupCharset(name)
	if e == nil {
		return guessUTF8(b), isASCII(b) && name == "unknown-8bit"
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return guessUTF8(b), false
	}
	text = strings.TrimPrefix(string(out), "\ufeff")
	return text, !strings.ContainsRune(text, utf8.RuneError) || bytes.Contains(b, []byte("\xef\xbf\xbd"))
}

// utf8Octets is toUTF8, but returns b itself where it is that already.
func utf8Octets(b []byte, charset string) (text []byte, ok bool) {
	switch strings.ToLower(charset) {
	case "utf-8", "utf8":
		if t := bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")); utf8.Valid(t) {
			return t, true
		}
	case "", "us-ascii", "ascii":
		if isASCII(b) {
			return b, true
		}
	}
	s, ok := toUTF8(b, charset)
	return []byte(s), ok
}

// guessUTF8 makes text of octets whose charset is not known: UTF-8 when they are
// that, or nearly (some valid sequences, broken ones become U+FFFD), else
// windows-1252, which holds ISO 8859-1.
func guessUTF8(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if utf8.Valid(b) {
		return string(b)
	}
	if nearlyUTF8(b) {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return string(out)
}

// nearlyUTF8 reports whether more multi-octet characters are valid than not.
func nearlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > bad
}

// decodeUTF7 decodes RFC 2152. What is broken stays as it is.
func decodeUTF7(b []byte) (string, bool) {
	var out strings.Builder
	ok := true
	for i := 0; i < len(b); {
		if b[i] != '+' {
			if b[i] >= utf8.RuneSelf {
				ok = false
				out.WriteRune(utf8.RuneError)
			} else {
				out.WriteByte(b[i])
			}
			i++
			continue
		}
		end := i + 1
		for end < len(b) && base64Value[b[end]] < 64 {
			end++
		}
		if end == i+1 {
			out.WriteByte('+')
			ok = ok && end < len(b) && b[end] == '-'
		} else {
			ok = utf7Run(&out, b[i+1:end]) && ok
		}
		if end < len(b) && b[end] == '-' {
			end++
		}
		i = end
	}
	return out.String(), ok
}

func utf7Run(out *strings.Builder, run []byte) bool {
	n := len(run) - len(run)%4
	if rest := len(run) % 4; rest >= 2 {
		n = len(run)
	}
	octets := make([]byte, base64.RawStdEncoding.DecodedLen(n))
	m, err := base64.RawStdEncoding.Decode(octets, run[:n])
	units := make([]uint16, 0, m/2)
	for i := 0; i+1 < m; i += 2 {
		units = append(units, uint16(octets[i])<<8|uint16(octets[i+1]))
	}
	out.WriteString(string(utf16.Decode(units)))
	return err == nil
}
