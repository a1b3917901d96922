// Package policy says what may leave: which captured messages are selected by
// rule, and which of their forward-paths pass the lists. Whatever cannot be read
// with certainty stays here.
package policy

import (
	"fmt"
	"strings"

	"golang.org/x/net/idna"

	"github.com/catchpost/catchpost/internal/address"
)

// Outcome is where a forward-path goes once its message is selected.
type Outcome string

// Outcomes of a forward-path.
const (
	Local   Outcome = "local"   // in a local domain: delivered here already
	Relay   Outcome = "relay"   // may leave
	Refused Outcome = "refused" // must not leave
)

// Verdict is the outcome for one forward-path. Rule is the pattern that
// decided, as it was given; Reason is a sentence for people. Domain is the
// A-label that the next hop is looked up by, RFC 5890 §2.3.2.1.
type Verdict struct {
	Outcome Outcome
	Rule    string
	Reason  string
	Domain  string
}

// Lists are the allow list, the deny list and the local domains. Patterns are
// globs: with an "@" against local-part@domain, without one against the domain;
// "*" is any run of characters, "?" one. Deny goes before allow; what no allow
// pattern matches is refused, so that empty Lists let nothing out. A Lists is
// immutable and safe for concurrent use.
type Lists struct {
	allow, deny, local []pattern
}

// New compiles lists. An empty pattern is an error.
func New(allow, deny, local []string) (*Lists, error) {
	l := &Lists{}
	for _, in := range []struct {
		given []string
		to    *[]pattern
	}{{allow, &l.allow}, {deny, &l.deny}, {local, &l.local}} {
		for _, g := range in.given {
			p, err := compile(g)
			if err != nil {
				return nil, err
			}
			*in.to = append(*in.to, p)
		}
	}
	return l, nil
}

// Judge judges a forward-path as it stood in RCPT, without angle brackets.
func (l *Lists) Judge(forwardPath string) Verdict {
	a, err := address.ParseMailbox(forwardPath)
	if err != nil {
		return refuse("", "not a mailbox: "+err.Error())
	}
	if reason := ambiguous(a); reason != "" {
		return refuse("", reason)
	}
	domain, err := idna.Lookup.ToASCII(a.Domain)
	if err != nil || domain == "" || len(domain) > address.MaxDomain {
		return refuse("", fmt.Sprintf("%q is no domain that can be looked up", a.Domain))
	}
	domain = strings.ToLower(domain)
	local := address.FoldLocal(a.Local)
	if p, ok := first(l.local, local, domain); ok {
		return Verdict{Outcome: Local, Rule: p, Domain: domain, Reason: "a local domain"}
	}
	if p, ok := first(l.deny, local, domain); ok {
		return Verdict{Outcome: Refused, Rule: "deny " + p, Domain: domain, Reason: "the deny list has " + p}
	}
	if p, ok := first(l.allow, local, domain); ok {
		return Verdict{Outcome: Relay, Rule: "allow " + p, Domain: domain, Reason: "the allow list has " + p}
	}
	return Verdict{Outcome: Refused, Rule: "not on the allow list", Domain: domain, Reason: "no pattern of the allow list matches"}
}

func refuse(domain, reason string) Verdict {
	return Verdict{Outcome: Refused, Rule: "unsafe address", Reason: reason, Domain: domain}
}

// ambiguous names what a next hop might read differently from us: routes hidden
// in the local-part (RFC 5321 §3.6.1, RFC 1123 §5.2.16), a second "@", literals
// and names that DNS would complete or cut.
func ambiguous(a address.Address) string {
	switch {
	case a.Domain == "":
		return "the address has no domain"
	case strings.HasPrefix(a.Domain, "["):
		return "an address literal cannot be checked against a list of domains"
	case strings.HasSuffix(a.Domain, "."):
		return "the domain ends in a dot"
	}
	for _, r := range a.Local {
		switch {
		case r == '%':
			return "the local-part holds a route (percent)"
		case r == '!':
			return "the local-part holds a route (bang path)"
		case r == '@':
			return "the local-part holds an @"
		case r == ':' || r == ',' || r == ';' || r == '<' || r == '>' || r == '"' || r == '\\' || r == '|' || r == '/' || r == '(' || r == ')':
			return fmt.Sprintf("the local-part holds %q", r)
		case r <= ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == 0xfffd || r == 0xfeff || (r >= 0x200b && r <= 0x200f) || (r >= 0x2028 && r <= 0x202e):
			return "the local-part holds white space or a control character"
		}
	}
	for _, r := range a.Domain {
		// Full stops that IDNA folds into "." and characters it deletes would
		// make a name that nobody saw.
		if r == '\u3002' || r == '\uff0e' || r == '\uff61' || r == '\u00ad' || (r >= 0x200b && r <= 0x200f) || r == '\u2060' || r == '\ufeff' {
			return "the domain holds an invisible character or a foreign full stop"
		}
	}
	return ""
}

// pattern is a compiled glob.
type pattern struct {
	given         string
	local, domain string
	whole         bool // has a local-part to match
}

func compile(given string) (pattern, error) {
	text := strings.TrimSpace(given)
	p := pattern{given: text}
	p.domain = text
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		p.whole = true
		p.local, p.domain = address.FoldLocal(text[:i]), text[i+1:]
		if p.local == "" {
			p.local = "*"
		}
	}
	if p.domain == "" || strings.ContainsAny(text, " \t\r\n") {
		return pattern{}, fmt.Errorf("%q is no pattern: write a domain such as *.example.com or an address such as *@example.com", given)
	}
	labels := strings.Split(p.domain, ".")
	for i, label := range labels {
		if strings.ContainsAny(label, "*?") {
			labels[i] = strings.ToLower(label)
			continue
		}
		ascii, err := idna.Lookup.ToASCII(label)
		if err != nil || label == "" {
			return pattern{}, fmt.Errorf("%q is no pattern: %q cannot stand in a domain", given, label)
		}
		labels[i] = strings.ToLower(ascii)
	}
	p.domain = strings.Join(labels, ".")
	return p, nil
}

func first(patterns []pattern, local, domain string) (string, bool) {
	for _, p := range patterns {
		if glob(p.domain, domain) && (!p.whole || glob(p.local, local)) {
			return p.given, true
		}
	}
	return "", false
}

// glob matches in time proportional to len(pattern) × len(s), without recursion.
func glob(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
