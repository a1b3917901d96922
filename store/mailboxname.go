package store

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of mailbox names.
const (
	MailboxSeparator = "/"   // between the levels of a mailbox name
	maxMailboxName   = 1000  // octets of a whole name
	maxMailboxDepth  = 32    // levels of a name
	maxMailboxes     = 5_000 // of one account
)

// Inbox is the one mailbox that every account has, RFC 9051 §5.1.
const Inbox = "INBOX"

// MailboxName brings a mailbox name into the form in which it is kept: UTF-8 in
// NFC (RFC 9051 §5.1: Net-Unicode), the first level INBOX in upper case whatever
// was written, no separator at the end. Errors: ErrBadName with the reason.
func MailboxName(name string) (string, error) {
	if len(name) > maxMailboxName {
		return "", fmt.Errorf("%w: a mailbox name has at most %d octets", ErrBadName, maxMailboxName)
	}
	if !utf8.ValidString(name) {
		return "", fmt.Errorf("%w: the mailbox name is not UTF-8", ErrBadName)
	}
	name = norm.NFC.String(name)
	// A client may end the name of a parent-to-be with the separator, RFC 9051 §6.3.4.
	name = strings.TrimSuffix(name, MailboxSeparator)
	if name == "" {
		return "", fmt.Errorf("%w: the mailbox name is empty", ErrBadName)
	}
	for _, r := range name {
		// RFC 5198 §2 and RFC 9051 §5.1: no control characters, no line or
		// paragraph separators; a private or unassigned one is the client's business.
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return "", fmt.Errorf("%w: the mailbox name holds the character %U", ErrBadName, r)
		}
	}
	levels := strings.Split(name, MailboxSeparator)
	if len(levels) > maxMailboxDepth {
		return "", fmt.Errorf("%w: a mailbox name has at most %d levels", ErrBadName, maxMailboxDepth)
	}
	for _, l := range levels {
		if strings.TrimSpace(l) == "" {
			return "", fmt.Errorf("%w: the mailbox name has an empty level", ErrBadName)
		}
	}
	if strings.EqualFold(levels[0], Inbox) {
		levels[0] = Inbox
	}
	if name = strings.Join(levels, MailboxSeparator); len(name) > maxMailboxName {
		return "", fmt.Errorf("%w: a mailbox name has at most %d octets", ErrBadName, maxMailboxName)
	}
	return name, nil
}

// isBelow reports whether name lies under parent in the hierarchy.
func isBelow(name, parent string) bool {
	return len(name) > len(parent)+1 && name[len(parent)] == MailboxSeparator[0] && strings.HasPrefix(name, parent)
}

// parentsOf returns the names above name, the topmost first.
func parentsOf(name string) []string {
	var above []string
	for i := range len(name) {
		if name[i] == MailboxSeparator[0] {
			above = append(above, name[:i])
		}
	}
	return above
}
