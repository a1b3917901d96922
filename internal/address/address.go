// Package address knows RFC 5321 mailboxes and paths: parsing, exact spelling,
// and the key that tells one account from another.
package address

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Address is a Mailbox of RFC 5321 §4.1.2, or of RFC 6531 when not ASCII.
type Address struct {
	// Local is the local-part without quotes and backslashes.
	Local string
	// Domain is the domain as written; an address-literal keeps its brackets.
	// Empty only for <postmaster>, RFC 5321 §4.1.1.3.
	Domain string
}

// String spells the address for the wire; the local-part is quoted where it is
// not a Dot-string.
func (a Address) String() string {
	local := a.Local
	if !isDotString(local) {
		local = quote(local)
	}
	if a.Domain == "" {
		return local
	}
	return local + "@" + a.Domain
}

// IsZero reports whether a is the null reverse-path.
func (a Address) IsZero() bool { return a == Address{} }

// IsASCII reports whether the address can be sent without SMTPUTF8, RFC 6531 §3.3.
func (a Address) IsASCII() bool { return isASCII(a.Local) && isASCII(a.Domain) }

// Key is the account key: the local-part unquoted, in NFC and case-folded; the
// domain as a lower-case A-label, RFC 5890 §2.3.2.1. A domain that IDNA does not
// take stays as written, in lower case.
func (a Address) Key() string {
	local := FoldLocal(a.Local)
	if a.Domain == "" {
		return local
	}
	return local + "@" + FoldDomain(a.Domain)
}

// FoldLocal returns the local-part as it stands in keys.
func FoldLocal(local string) string {
	if isASCII(local) {
		return strings.ToLower(local)
	}
	// Folding may take a string out of NFC, so NFC comes last as well.
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(local)))
}

// lookup is lenient: it maps and checks labels but takes underscores and kin,
// which internal names have.
var lookup = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

// FoldDomain returns the domain as it stands in keys.
func FoldDomain(domain string) string {
	if strings.HasPrefix(domain, "[") {
		return foldLiteral(domain)
	}
	if isASCII(domain) {
		return strings.ToLower(domain)
	}
	if ascii, err := lookup.ToASCII(domain); err == nil {
		return strings.ToLower(ascii)
	}
	return strings.ToLower(norm.NFC.String(domain))
}

// foldLiteral gives an IPv6 address-literal its one canonical spelling, RFC 5952.
func foldLiteral(domain string) string {
	lower := strings.ToLower(domain)
	body, ok := strings.CutPrefix(lower, "[ipv6:")
	if !ok {
		return lower
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(body, "]"))
	if err != nil {
		return lower
	}
	return "[ipv6:" + ip.String() + "]"
}

// PlusTag splits a local-part at its first "+": "anna+run-42" is "anna", "run-42",
// true. A "+" at the start tags nothing.
func PlusTag(local string) (base, tag string, ok bool) {
	i := strings.IndexByte(local, '+')
	if i <= 0 || i == len(local)-1 {
		return local, "", false
	}
	return local[:i], local[i+1:], true
}

// isDotString reports whether s is a Dot-string of RFC 5321 §4.1.2 or RFC 6531 §3.3.
func isDotString(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for i := 0; i < len(atom); i++ {
			if !isAtext(atom[i]) && atom[i] < utf8.RuneSelf {
				return false
			}
		}
	}
	return utf8.ValidString(s)
}

// quote writes a Quoted-string, RFC 5321 §4.1.2.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// isAtext is atext of RFC 5322 §3.2.3.
func isAtext(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c < utf8.RuneSelf && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
