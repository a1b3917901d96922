package assert

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
)

// Hint codes, API.md "Assertion".
const (
	AddressCase       = "address_case"        // an exact comparison failed for capital letters alone
	AddressNear       = "address_near"        // an address differs by a letter or two
	PlusTag           = "plus_tag"            // an address differs by its +tag
	HeaderNotEnvelope = "header_not_envelope" // asked of the envelope, it stands in the header alone
	EnvelopeNotHeader = "envelope_not_header" // asked of the header, it stands in the envelope alone
	WhiteSpace        = "white_space"         // a text differs by white space alone
	OtherSandbox      = "other_sandbox"       // another sandbox has what was asked for
	ArrivedBefore     = "arrived_before"      // it came before the point that was asked for
	Pruned            = "pruned"              // the sandbox has lost messages to its limits
	NothingArrived    = "nothing_arrived"
	LookedOnce        = "looked_once" // within was 0
)

// order of hints in a verdict: what is surest first.
var order = []string{AddressCase, PlusTag, AddressNear, HeaderNotEnvelope, EnvelopeNotHeader, WhiteSpace,
	ArrivedBefore, OtherSandbox, NothingArrived, LookedOnce, Pruned}

// hints gathers those of the near misses and of the evidence.
func (w *Watch) hints(near []*candidate, ev Evidence) []model.Hint {
	out := []model.Hint{}
	add := func(code, format string, args ...any) {
		out = append(out, model.Hint{Code: code, Detail: fmt.Sprintf(format, args...)})
	}
	for _, c := range near {
		out = append(out, c.hints...)
		if b := lateBound(c.miss); b != nil {
			sum := c.subject.Summary()
			add(ArrivedBefore, "%s matches but for %s=%v: it has sequence %d and arrived at %s", sum.ID, b.Clause, b.Value, sum.Sequence, sum.ReceivedAt.UTC().Format(time.RFC3339))
		}
	}
	for _, s := range ev.Others {
		add(OtherSandbox, "sandbox %q has a message that matches: %s %q", s.Sandbox, s.ID, shorten(s.Subject, 60))
	}
	if ev.Messages == 0 && w.found == 0 {
		add(NothingArrived, "the sandbox is empty: no message arrived at all; does the application send to this instance and sandbox?")
	}
	if w.Within == 0 {
		add(LookedOnce, `it looked once and did not wait: say "within", as in "within": "10s"`)
	}
	if ev.Pruned > 0 {
		add(Pruned, "the sandbox has dropped %s to its limits; what was asked for may be among them", plural(int(ev.Pruned), "message"))
	}
	return unique(out)
}

// lateBound is the first failing clause if nothing failed but bounds on the arrival.
func lateBound(m model.NearMiss) *model.Clause {
	var first *model.Clause
	for i := range m.Clauses {
		c := &m.Clauses[i]
		if c.Held {
			continue
		}
		field, op, _ := strings.Cut(c.Clause, ".")
		if field != "sequence" && field != "received_at" || op != "gt" && op != "gte" {
			return nil
		}
		if first == nil {
			first = c
		}
	}
	return first
}

// unique keeps the first hint of each code, in the order of codes.
func unique(list []model.Hint) []model.Hint {
	out := []model.Hint{}
	for _, code := range order {
		if i := slices.IndexFunc(list, func(h model.Hint) bool { return h.Code == code }); i >= 0 {
			out = append(out, list[i])
		}
	}
	return out
}

// clauseHints says why one clause may have failed on one message.
func clauseHints(j filter.Judgement, d *difference, sum *model.Summary) []model.Hint {
	c := j.Clause
	if c.Negated() || len(c.Values()) == 0 {
		return nil
	}
	var out []model.Hint
	add := func(code, format string, args ...any) {
		out = append(out, model.Hint{Code: code, Detail: fmt.Sprintf(format, args...)})
	}
	value := c.Values()[0]
	if a := sameButCase(c, value, j.Actual); a != "" {
		add(AddressCase, "%s has %s: %q compares capital and small letters", c.Field(), a, c.Name())
	}
	if c.Kind() == filter.Address {
		addressHints(c, value, j.Actual, sum, add)
		if c.Operator() == "eq" && d.near() && withoutTag(value) != withoutTag(d.actual) {
			add(AddressNear, "%s differs by %s", d.actual, letters(d.distance))
		}
	}
	if d != nil && c.Kind() != filter.Address {
		for _, a := range append(slices.Clone(j.Actual), d.actual) {
			if squeeze(a) == squeeze(value) && a != value || c.Operator() != "eq" && strings.Contains(squeezeFold(a), squeezeFold(value)) {
				add(WhiteSpace, "%s differs from %s by white space alone", c.Field(), quote(value))
				break
			}
		}
	}
	return out
}

// addressHints looks for a whole address without its tag, and on the other side
// of header and envelope.
func addressHints(c filter.Clause, value string, actual []string, sum *model.Summary, add func(code, format string, args ...any)) {
	if c.Operator() != "eq" && c.Operator() != "in" {
		return
	}
	for _, value := range c.Values() {
		for _, a := range actual {
			if withoutTag(a) == withoutTag(value) && !strings.EqualFold(a, value) {
				add(PlusTag, "%s differs from %s by the +tag alone", a, value)
			}
		}
		switch c.Field() {
		case "to", "cc", "reply_to", "bcc":
			if contains(sum.ForwardPaths, value) {
				add(EnvelopeNotHeader, "%s stands in forward_paths (RCPT TO), not in the header: ask forward_paths=%s", value, value)
			}
		case "from":
			if strings.EqualFold(sum.ReversePath, value) {
				add(EnvelopeNotHeader, "%s is the reverse_path (MAIL FROM), not in the header: ask reverse_path=%s", value, value)
			}
		case "forward_paths":
			if f := headerWith(sum, value); f != "" {
				add(HeaderNotEnvelope, "%s stands in the header field %s, but the message was not sent to it (RCPT TO): ask %s=%s", value, f, f, value)
			}
		case "reverse_path":
			if hasAddress(sum.From, value) {
				add(HeaderNotEnvelope, "%s stands in the header field from, but MAIL FROM was <%s>: ask from=%s", value, sum.ReversePath, value)
			}
		}
	}
}

func headerWith(sum *model.Summary, value string) string {
	switch {
	case hasAddress(sum.To, value):
		return "to"
	case hasAddress(sum.Cc, value):
		return "cc"
	case hasAddress(sum.Bcc, value):
		return "bcc"
	}
	return ""
}

func hasAddress(list []model.Address, value string) bool {
	return slices.ContainsFunc(list, func(a model.Address) bool { return strings.EqualFold(a.Address, value) })
}

func contains(list []string, value string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, value) })
}

// sameButCase is the actual value that an exact comparison of an address would
// have taken in other capitals: eq of a word or text with an @ in it, or regex.
func sameButCase(c filter.Clause, value string, actual []string) string {
	if c.Operator() == "regex" && c.Kind() == filter.Address {
		for _, a := range actual {
			if c.MatchFold(a) {
				return a
			}
		}
		return ""
	}
	if c.Operator() == "eq" && strings.Contains(value, "@") {
		for _, a := range actual {
			if a != value && strings.EqualFold(a, value) {
				return a
			}
		}
	}
	return ""
}

// withoutTag is the address in lower case without the +tag of its local-part.
func withoutTag(a string) string {
	a = strings.ToLower(a)
	at := strings.LastIndexByte(a, '@')
	if plus := strings.IndexByte(a, '+'); at > 0 && plus > 0 && plus < at {
		return a[:plus] + a[at:]
	}
	return a
}

// squeeze drops white space and what does not show.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

func squeezeFold(s string) string { return strings.ToLower(squeeze(s)) }

func letters(n int) string {
	if n == 1 {
		return "one letter"
	}
	return "two letters"
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
