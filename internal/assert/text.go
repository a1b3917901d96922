package assert

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
)

// reason says in one sentence how the verdict came.
func (w *Watch) reason(v *model.Verdict, messages int64) string {
	switch {
	case v.Passed && v.Found == 0:
		return "no message matched" + during(w.Settle)
	case v.Passed:
		return plural(v.Found, "message") + " matched"
	case v.FailedOn == onExpect:
		return "a message that matched broke expect: " + strings.Join(brokenNames(v.Failures), ", ")
	case w.found < w.Min:
		return w.tooFew(v, messages)
	case w.Max == 0:
		return plural(v.Found, "message") + " matched, and none was to"
	}
	return fmt.Sprintf("%s matched, at most %d may", plural(v.Found, "message"), w.Max)
}

// tooFew tells how many matched, and whether others of the sandbox's messages
// came close.
func (w *Watch) tooFew(v *model.Verdict, messages int64) string {
	out := "no message matched"
	if v.Found > 0 {
		out = fmt.Sprintf("%d of %s matched", v.Found, plural(w.Min, "message"))
	}
	if w.Within > 0 {
		out += " within " + w.Within.String()
	}
	if n := len(v.NearMisses); n > 0 {
		out += fmt.Sprintf("; %d came close", n)
	} else if rest := messages - int64(v.Found); rest > 0 {
		out += fmt.Sprintf("; none of %s there came close", plural(int(rest), other(v.Found)))
	}
	return out
}

func other(found int) string {
	if found == 0 {
		return "message"
	}
	return "other message"
}

func during(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return " for " + d.String()
}

func brokenNames(failures []model.NearMiss) []string {
	var out []string
	for _, m := range failures {
		for _, c := range m.Clauses {
			if !c.Held && !slices.Contains(out, c.Clause) {
				out = append(out, c.Clause)
			}
		}
	}
	return out
}

// text writes all verdicts for people, a blank line between them.
func (r *run) text() string {
	blocks := make([]string, 0, len(r.watches)+1)
	failed := 0
	for i, w := range r.watches {
		blocks = append(blocks, w.Text(&r.answer.Verdicts[i]))
		if !w.Passed() {
			failed++
		}
	}
	out := strings.Join(blocks, "\n")
	if len(blocks) > 1 {
		out += fmt.Sprintf("\n%d of %d assertions passed\n", len(blocks)-failed, len(blocks))
	}
	return out
}

// Text writes a verdict for people: what failed on which message, expected
// against actual, and what may be the cause. It has no empty line, and nothing
// from a message that a terminal would obey.
func (w *Watch) Text(v *model.Verdict) string {
	var b strings.Builder
	outcome := "FAIL"
	if v.Passed {
		outcome = "PASS"
	}
	fmt.Fprintf(&b, "%s %s: %s\n", outcome, printable(shorten(v.Name, 200)), printable(w.headline(v)))
	if v.Passed {
		return b.String()
	}
	diffs := false
	if len(v.NearMisses) == 0 && v.FailedOn == onCount && w.Where.Len() > 0 {
		fmt.Fprintf(&b, "  looked for %s\n", conditions(w.Where))
	}
	for _, m := range v.Failures {
		diffs = writeMessage(&b, "broken by", m) || diffs
	}
	for _, m := range v.NearMisses {
		diffs = writeMessage(&b, "came close", m) || diffs
	}
	if v.FailedOn == onCount {
		writeMatched(&b, v)
	}
	if diffs {
		fmt.Fprintf(&b, "  diff: %s\n", Legend)
	}
	for _, h := range v.Hints {
		fmt.Fprintf(&b, "  hint: %s (%s)\n", printable(h.Detail), h.Code)
	}
	return b.String()
}

// headline begins with how many of how many.
func (w *Watch) headline(v *model.Verdict) string {
	bound := ""
	switch {
	case v.FailedOn == onExpect || v.Passed:
		return v.Reason + waited(v)
	case v.Found < w.Min && w.Min == w.Max:
		bound = fmt.Sprintf("%d of %d", v.Found, w.Min)
	case v.Found < w.Min:
		bound = fmt.Sprintf("%d of at least %d", v.Found, w.Min)
	default:
		bound = fmt.Sprintf("%d of at most %d", v.Found, w.Max)
	}
	if v.Found < w.Min {
		return bound + ": " + v.Reason
	}
	return bound + ": " + v.Reason + waited(v)
}

func waited(v *model.Verdict) string {
	if v.WaitedMS < 10 {
		return ""
	}
	return fmt.Sprintf(" (after %s)", (time.Duration(v.WaitedMS) * time.Millisecond).Round(10*time.Millisecond))
}

func writeMatched(b *strings.Builder, v *model.Verdict) {
	for _, s := range v.Matched[:min(len(v.Matched), MaxNear)] {
		fmt.Fprintf(b, "  matched %s %s%s\n", s.ID, quote(s.Subject), page(s.PageURL))
	}
	if more := v.Found - MaxNear; more > 0 {
		fmt.Fprintf(b, "  matched %d more\n", more)
	}
}

func page(url string) string {
	if url == "" {
		return ""
	}
	return " " + printable(url)
}

// writeMessage writes one message's clauses and reports whether there was a diff.
func writeMessage(b *strings.Builder, how string, m model.NearMiss) (diffs bool) {
	fmt.Fprintf(b, "  %s: %s %s%s\n", how, m.Message.ID, quote(m.Message.Subject), page(m.Message.PageURL))
	for _, c := range m.Clauses {
		if c.Held {
			fmt.Fprintf(b, "    ok   %s = %s\n", printable(c.Clause), value(c.Value))
			continue
		}
		fmt.Fprintf(b, "    FAIL %s = %s\n", printable(c.Clause), value(c.Value))
		switch {
		case len(c.Actual) == 0:
			b.WriteString("         actual: nothing\n")
		default:
			fmt.Fprintf(b, "         actual: %s\n", quoteAll(c.Actual))
		}
		if c.Diff != "" {
			fmt.Fprintf(b, "         diff:   %s\n", printable(c.Diff))
			diffs = true
		}
	}
	return diffs
}

// conditions writes a filter's clauses as they stand on a command line.
func conditions(f *filter.Filter) string {
	var parts []string
	for _, c := range f.Clauses() {
		parts = append(parts, printable(c.Name())+"="+value(c.Value()))
	}
	return strings.Join(parts, " ")
}

// value writes a clause's value: texts quoted, numbers and booleans bare.
func value(v any) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case []string:
		return quoteAll(v)
	}
	return printable(fmt.Sprint(v))
}

func quote(s string) string { return strconv.Quote(shorten(s, filter.MaxActualRunes)) }

func quoteAll(list []string) string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = quote(list[i])
	}
	return strings.Join(out, ", ")
}

// printable escapes what a terminal would obey.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(visible(r))
	}
	return b.String()
}

// shorten cuts a text to n characters in one line.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) > n {
		s = string([]rune(s)[:n-1]) + "…"
	}
	return s
}
