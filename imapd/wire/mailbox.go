package wire

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxMailboxName is the length of the longest mailbox name, in octets of UTF-8.
const MaxMailboxName = 1000

// errUTF7 is a name that is not modified UTF-7.
var errUTF7 = errors.New("not modified UTF-7")

var utf7Base64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").
	WithPadding(base64.NoPadding).Strict()

// DecodeUTF7 reads a mailbox name in modified UTF-7, RFC 3501 §5.1.3. Sequences
// that are not the one shortest form are refused, so that no name has two spellings.
func DecodeUTF7(s string) (string, error) {
	if strings.IndexByte(s, '&') < 0 {
		if !isPrintable(s) {
			return "", errUTF7
		}
		return s, nil
	}
	var b strings.Builder
	for rest := s; rest != ""; {
		i := strings.IndexByte(rest, '&')
		if i < 0 {
			i = len(rest)
		}
		b.WriteString(rest[:i])
		if rest = rest[i:]; rest == "" {
			break
		}
		end := strings.IndexByte(rest, '-')
		switch {
		case end < 0:
			return "", errUTF7
		case end == 1:
			b.WriteByte('&')
		default:
			if err := decodeShift(&b, rest[1:end]); err != nil {
				return "", err
			}
		}
		rest = rest[end+1:]
	}
	if out := b.String(); EncodeUTF7(out) == s {
		return out, nil
	}
	return "", errUTF7
}

func decodeShift(b *strings.Builder, shifted string) error {
	raw, err := utf7Base64.DecodeString(shifted)
	if err != nil || len(raw)%2 != 0 {
		return errUTF7
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if i+1 == len(units) {
				return errUTF7
			}
			if r = utf16.DecodeRune(r, rune(units[i+1])); r == utf8.RuneError {
				return errUTF7
			}
			i++
		}
		b.WriteRune(r)
	}
	return nil
}

// EncodeUTF7 writes a UTF-8 name in modified UTF-7.
func EncodeUTF7(s string) string {
	if isPrintable(s) && strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	var shift []byte
	flush := func() {
		if len(shift) > 0 {
			b.WriteByte('&')
			b.WriteString(utf7Base64.EncodeToString(shift))
			b.WriteByte('-')
			shift = shift[:0]
		}
	}
	for _, r := range s {
		if r >= 0x20 && r < 0x7f {
			flush()
			b.WriteByte(byte(r))
			if r == '&' {
				b.WriteByte('-')
			}
			continue
		}
		for _, u := range utf16.Encode([]rune{r}) {
			shift = append(shift, byte(u>>8), byte(u))
		}
	}
	flush()
	return b.String()
}

func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// CheckMailbox tells why a decoded name cannot be one: control characters and
// NUL (RFC 9051 §5.1, RFC 5198 §2), empty levels, length.
func CheckMailbox(name string) error {
	switch {
	case name == "":
		return errors.New("a mailbox name may not be empty")
	case len(name) > MaxMailboxName:
		return errors.New("mailbox name too long")
	case !utf8.ValidString(name):
		return errors.New("mailbox name is not UTF-8")
	case strings.HasPrefix(name, "/") || strings.Contains(name, "//"):
		return errors.New("mailbox name with an empty level")
	case strings.ContainsAny(name, "%*"):
		return errors.New("mailbox name with a wildcard")
	}
	for _, r := range name {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			return errors.New("control character in a mailbox name")
		}
	}
	return nil
}

// Mailbox demands a mailbox name and returns it as UTF-8, INBOX upper-cased as a
// whole name and as the first level.
func (d *Decoder) Mailbox() string {
	name := d.mailboxName(d.AString())
	if d.ok() {
		if err := CheckMailbox(name); err != nil {
			d.Fail(err.Error())
			return ""
		}
	}
	return name
}

func (d *Decoder) mailboxName(s string) string {
	if !d.ok() {
		return ""
	}
	name := s
	if !d.UTF8 {
		var err error
		if name, err = DecodeUTF7(s); err != nil {
			d.Fail("mailbox name: " + err.Error())
			return ""
		}
	} else if !utf8.ValidString(s) {
		d.Fail("mailbox name is not UTF-8")
		return ""
	}
	return CanonicalInbox(name)
}

// CanonicalInbox writes INBOX, alone or as the first level, in upper case.
func CanonicalInbox(name string) string {
	if first, rest, _ := strings.Cut(name, "/"); equalFold(first, "INBOX") {
		return "INBOX" + name[len(name)-len(rest)-min(1, len(name)-len(first)):]
	}
	return name
}

// ListMailbox demands list-mailbox: a pattern with the wildcards "%" and "*".
func (d *Decoder) ListMailbox() string {
	var s string
	if d.IsString() && d.Peek() != '~' {
		s = d.String()
	} else {
		s = d.run(func(c byte) bool { return isAStringChar(c) || c == '%' || c == '*' })
		if s == "" {
			d.Fail("expected a mailbox pattern")
		}
	}
	if len(s) > MaxMailboxName {
		d.Fail("mailbox pattern too long")
	}
	if s == "" || !d.ok() {
		return ""
	}
	if !d.UTF8 {
		if dec, err := DecodeUTF7(s); err == nil {
			s = dec
		}
	}
	return s
}

// Mailbox writes a name as the connection's mode wants it.
func (e *Encoder) Mailbox(name string) {
	if name == "INBOX" {
		e.Atom(name)
		return
	}
	if !e.UTF8 {
		name = EncodeUTF7(name)
	}
	e.String(name)
}

// ListReference demands LIST's reference: a mailbox name that may be empty.
func (d *Decoder) ListReference() string {
	s := d.AString()
	if s == "" || !d.ok() {
		return ""
	}
	if len(s) > MaxMailboxName {
		d.Fail("reference too long")
		return ""
	}
	return d.mailboxName(s)
}
