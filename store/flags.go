package store

import (
	"fmt"
	"math/bits"
	"strings"
)

// Flags is the set of flags of one entry: the system flags of RFC 9051 §2.3.2
// below, above them the keywords, numbered by their mailbox's list.
type Flags uint64

// System flags. Recent is never stored: it belongs to a session.
const (
	FlagSeen Flags = 1 << iota
	FlagAnswered
	FlagFlagged
	FlagDeleted
	FlagDraft
	FlagRecent
)

const (
	firstKeyword = 8                 // the bit of a mailbox's first keyword
	MaxKeywords  = 64 - firstKeyword // of one mailbox; a client that asks for more gets ErrTooManyKeywords
	maxKeyword   = 250               // octets of one keyword

	systemFlags = FlagSeen | FlagAnswered | FlagFlagged | FlagDeleted | FlagDraft
	// evidenceFlags of the catch-all INBOX are the message's own Seen and Flagged.
	evidenceFlags = FlagSeen | FlagFlagged
)

// systemFlagNames are in the order in which flags are listed.
var systemFlagNames = []struct {
	flag Flags
	name string
}{
	{FlagAnswered, `\Answered`}, {FlagFlagged, `\Flagged`}, {FlagDeleted, `\Deleted`},
	{FlagSeen, `\Seen`}, {FlagDraft, `\Draft`}, {FlagRecent, `\Recent`},
}

// FlagOp says what StoreFlags does with the flags it is given.
type FlagOp int

// The three ways of STORE, RFC 9051 §6.4.6.
const (
	AddFlags FlagOp = iota
	RemoveFlags
	ReplaceFlags
)

func (op FlagOp) apply(old, f Flags) Flags {
	switch op {
	case AddFlags:
		return old | f
	case RemoveFlags:
		return old &^ f
	}
	return f
}

// Names spells a set of flags; keywords is the list of the mailbox it stands in.
func (f Flags) Names(keywords []string) []string {
	names := make([]string, 0, bits.OnesCount64(uint64(f)))
	for _, s := range systemFlagNames {
		if f&s.flag != 0 {
			names = append(names, s.name)
		}
	}
	for k := f >> firstKeyword; k != 0; k &= k - 1 {
		if i := bits.TrailingZeros64(uint64(k)); i < len(keywords) {
			names = append(names, keywords[i])
		}
	}
	return names
}

// parseFlags turns names into a set, adding keywords to the list as needed (the
// list given is not modified). Keywords are told apart without regard to case,
// RFC 9051 §2.3.2, and keep their first spelling.
func parseFlags(names, keywords []string, add bool) (Flags, []string, error) {
	var f Flags
next:
	for _, name := range names {
		if strings.HasPrefix(name, `\`) {
			for _, s := range systemFlagNames {
				if strings.EqualFold(s.name, name) {
					f |= s.flag
					continue next
				}
			}
			return 0, nil, fmt.Errorf("%w: %q is not a flag that can be kept", ErrBadName, name)
		}
		for i, k := range keywords {
			if strings.EqualFold(k, name) {
				f |= 1 << (firstKeyword + i)
				continue next
			}
		}
		if !isKeyword(name) {
			return 0, nil, fmt.Errorf("%w: %q is not a keyword", ErrBadName, name)
		}
		if !add {
			continue
		}
		if len(keywords) >= MaxKeywords {
			return 0, nil, fmt.Errorf("%w: a mailbox has at most %d", ErrTooManyKeywords, MaxKeywords)
		}
		f |= 1 << (firstKeyword + len(keywords))
		keywords = append(keywords[:len(keywords):len(keywords)], name)
	}
	return f &^ FlagRecent, keywords, nil
}

// isKeyword reports whether s is a flag-keyword: an atom, RFC 9051 §9.
func isKeyword(s string) bool {
	if s == "" || len(s) > maxKeyword {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`(){%*"\]`, c) >= 0 {
			return false
		}
	}
	return true
}

// translate carries a set from one mailbox's keyword list to another's, which
// grows as needed; keywords that find no room are left behind.
func (f Flags) translate(from, to []string) (Flags, []string) {
	out := f & systemFlags
	for k := f >> firstKeyword; k != 0; k &= k - 1 {
		i := bits.TrailingZeros64(uint64(k))
		if i >= len(from) {
			continue
		}
		if g, grown, err := parseFlags(from[i:i+1], to, true); err == nil {
			out, to = out|g, grown
		}
	}
	return out, to
}
