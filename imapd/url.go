package imapd

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
)

// maxURL is the length of the longest URL in octets.
const maxURL = 4 << 10

// errBadURL is a URL that names no message or part here, RFC 4469 §4.1.
var errBadURL = errors.New("bad URL")

// messageURL is an IMAP URL of a message or a part of it, RFC 5092 §5:
//
//	"/" enc-mailbox [";UIDVALIDITY=" nz-number] "/;UID=" nz-number
//	    ["/;SECTION=" enc-section] ["/;PARTIAL=" number ["." nz-number]]
type messageURL struct {
	mailbox  string
	validity uint32 // 0: not given
	uid      uint32
	section  section
}

// parseURL reads a relative IMAP URL whose base is the selected mailbox, "" for
// none (RFC 4469 §3). A path that begins with ";UID=" names a message of that
// mailbox. Errors: errBadURL with the reason.
func parseURL(text, selected string) (*messageURL, error) {
	bad := func(reason string) (*messageURL, error) { return nil, fmt.Errorf("%w: %s", errBadURL, reason) }
	first, _, _ := strings.Cut(text, "/")
	switch {
	case len(text) > maxURL:
		return bad("too long")
	case strings.HasPrefix(text, "//"), strings.Contains(first, ":"):
		return bad("only relative URLs are taken here")
	case strings.ContainsAny(text, "?#"):
		return bad("it names no message")
	}
	u := &messageURL{}
	path, isAbsolute := strings.CutPrefix(text, "/")
	switch {
	case isAbsolute:
	case cutFold(&path, ";UID="):
		if selected == "" {
			return bad("no mailbox is selected")
		}
		u.mailbox = selected
		return u.parseMessage(path)
	default: // RFC 3986 §5.2.3: it takes the place of the base's last segment
		path = strings.ReplaceAll(url.PathEscape(parent(selected)), "%2F", "/") + "/" + path
	}
	path, err := removeDots(path)
	if err != nil {
		return nil, err
	}
	at := indexFold(path, "/;UID=")
	if at < 0 {
		return bad("it names no message")
	}
	name := path[:at]
	if i := indexFold(name, ";UIDVALIDITY="); i >= 0 {
		n, ok := parseNumber(name[i+len(";UIDVALIDITY="):])
		if !ok {
			return bad("UIDVALIDITY")
		}
		name, u.validity = name[:i], n
	}
	if u.mailbox, err = url.PathUnescape(name); err != nil || strings.Contains(name, ";") {
		return bad("mailbox name")
	}
	u.mailbox = wire.CanonicalInbox(u.mailbox)
	if err := wire.CheckMailbox(u.mailbox); err != nil {
		return bad(err.Error())
	}
	return u.parseMessage(path[at+len("/;UID="):])
}

// parseMessage reads what stands behind ";UID=".
func (u *messageURL) parseMessage(rest string) (*messageURL, error) {
	uid, rest, more := strings.Cut(rest, "/")
	n, ok := parseNumber(uid)
	if !ok {
		return nil, fmt.Errorf("%w: UID", errBadURL)
	}
	u.uid = n
	if more && cutFold(&rest, ";SECTION=") {
		spec := rest
		if at := indexFold(rest, "/;PARTIAL="); at >= 0 {
			spec, rest = rest[:at], rest[at+1:]
		} else {
			more = false
		}
		if !u.section.fromURL(spec) {
			return nil, fmt.Errorf("%w: section", errBadURL)
		}
	}
	if more && !(cutFold(&rest, ";PARTIAL=") && u.section.partialFromURL(rest)) {
		return nil, fmt.Errorf("%w: what follows the UID", errBadURL)
	}
	return u, nil
}

// fromURL reads enc-section, the section-spec of FETCH in percent-encoding.
func (sec *section) fromURL(encoded string) bool {
	spec, err := url.PathUnescape(encoded)
	if err != nil || spec == "" || strings.ContainsAny(spec, "\r\n\x00") {
		return false
	}
	d := wire.NewDecoder(strings.NewReader("["+spec+"]\r\n"), wire.Limits{})
	if d.Next() != nil {
		return false
	}
	sec.parse(d)
	return d.ExpectEnd() && !sec.partial
}

// partialFromURL reads number ["." nz-number]; without a length it goes to the end.
func (sec *section) partialFromURL(text string) bool {
	from, length, bounded := strings.Cut(text, ".")
	start, err := strconv.ParseUint(from, 10, 32)
	sec.partial, sec.start, sec.count = true, start, 1<<63
	if bounded {
		n, ok := parseNumber(length)
		if !ok {
			return false
		}
		sec.count = uint64(n)
	}
	return err == nil && isDigit(from[0])
}

// parseNumber reads nz-number.
func parseNumber(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && n > 0 && isDigit(s[0])
}

// removeDots applies the segments "." and "..", RFC 3986 §5.2.4.
func removeDots(path string) (string, error) {
	var out []string
	for _, seg := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		switch seg {
		case ".":
		case "..":
			if len(out) == 0 {
				return "", fmt.Errorf("%w: above the top", errBadURL)
			}
			out = out[:len(out)-1]
		default:
			out = append(out, seg)
		}
	}
	return strings.Join(out, "/"), nil
}

// indexFold is strings.Index without regard to ASCII case of an upper-case word.
func indexFold(s, word string) int { return strings.Index(asciiUpper(s), word) }

// cutFold takes a word in upper case off the front, whatever its case.
func cutFold(s *string, word string) bool {
	if len(*s) < len(word) || asciiUpper((*s)[:len(word)]) != word {
		return false
	}
	*s = (*s)[len(word):]
	return true
}

// asciiUpper keeps every octet where it is.
func asciiUpper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}
