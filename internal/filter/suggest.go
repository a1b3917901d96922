package filter

import (
	"fmt"
	"slices"
	"strings"
)

// aliases are names that other tools use for what we have.
var aliases = map[string]string{
	"sender": "from", "mail_from": "reverse_path", "mailfrom": "reverse_path", "return_path": "reverse_path",
	"envelope_from": "reverse_path", "envelope.from": "reverse_path", "envelope.reverse_path": "reverse_path",
	"recipient": "forward_paths", "recipients": "forward_paths", "rcpt": "forward_paths", "rcpt_to": "forward_paths",
	"envelope_to": "forward_paths", "envelope.to": "forward_paths", "envelope.forward_paths": "forward_paths",
	"replyto": "reply_to", "reply-to": "reply_to", "tag": "tags", "has_attachment": "attachments.exists",
	"attachment": "attachments.exists", "filename": "attachments.name", "attachments.filename": "attachments.name",
	"attachments.content_type": "attachments.type", "code": "codes.code", "otp": "codes.code", "link": "links.url",
	"links.href": "links.url", "url": "links.url", "css": "elements.css", "selector": "elements.css",
	"is_read": "seen", "read": "seen", "unread": "not.seen", "starred": "flagged", "content": "body", "query": "q",
	"search": "q", "since": "received_at.gt", "after": "received_at.gt", "before": "received_at.lt",
	"messageid": "message_id", "message-id": "message_id", "helo": "envelope.helo", "ehlo": "envelope.helo",
	"auth_user": "envelope.auth_user", "username": "envelope.auth_user", "tls": "envelope.tls.exists",
	"protocol": "envelope.protocol", "created_at": "received_at", "time": "received_at",
}

var operatorAliases = map[string]string{
	"equals": opEq, "equal": opEq, "is": opEq, "ne": opEq, "like": opContains, "includes": opContains, "has": opContains,
	"startswith": opPrefix, "starts_with": opPrefix, "begins": opPrefix, "endswith": opSuffix, "ends_with": opSuffix,
	"match": opRegex, "matches": opRegex, "regexp": opRegex, "re": opRegex, "ge": opGte, "le": opLte, "min": opGte,
	"max": opLte, "after": opGt, "before": opLt, "since": opGte, "until": opLte, "any": opIn, "oneof": opIn,
	"present": opExists, "exist": opExists,
}

// unknown makes the error for a key whose field is not in the table.
func unknown(k key) *Error {
	base, last := k.name, ""
	if i := strings.LastIndexByte(k.name, '.'); i > 0 {
		base, last = k.name[:i], k.name[i+1:]
	}
	e := &Error{Code: UnknownFilter}
	switch {
	case k.name == "headers" || k.name == "header" || base == "header":
		e.Detail = fmt.Sprintf("%q is no filter. Name the header field: headers.X-Mailer=VALUE.", k.whole)
		return e
	case strings.HasPrefix(k.name, "not."):
		e.Detail = fmt.Sprintf("%q turns round twice: leave one \"not.\" out.", k.whole)
		return e
	}
	name := Nearest(k.name, fieldNames())
	if a, ok := aliases[strings.ToLower(k.name)]; ok {
		name = a
	}
	if f, ok := lookup(base); ok && k.op == "" && (f.Kind != Presence || name == "") {
		e.Code = BadOperator
		e.Detail = fmt.Sprintf("%q is no operator.", last)
		ops := operatorsOf[f.Kind]
		op := Nearest(last, ops)
		if a := operatorAliases[strings.ToLower(last)]; slices.Contains(ops, a) {
			op = a
		}
		if op != "" {
			e.Detail += didYouMean(base + "." + op)
		} else if len(ops) > 0 {
			e.Detail += fmt.Sprintf(" %q takes %s.", base, strings.Join(ops, ", "))
		}
		return e
	}
	e.Detail = fmt.Sprintf("%q is no filter.", k.name)
	if name != "" && k.op != "" && !strings.HasSuffix(name, "."+opExists) && !strings.Contains(name, ".gt") {
		name += "." + k.op
	}
	e.Detail += didYouMean(name)
	return e
}

// misfit makes the error for an operator that the field does not take.
func misfit(k key, ops []string) *Error {
	return &Error{Code: BadOperator, Detail: fmt.Sprintf("%q does not fit %q (%s), which takes %s.",
		k.op, k.name, k.field.Kind, strings.Join(ops, ", "))}
}

// members tells the fields below a family's name.
func members(family string) string {
	var out []string
	for i := range table {
		if strings.HasPrefix(table[i].Name, family+".") && table[i].Kind != Presence {
			out = append(out, table[i].Name)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " Or one of " + strings.Join(out, ", ") + "."
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", name)
}

func fieldNames() []string {
	out := make([]string, 0, len(table))
	for i := range table {
		if !strings.HasSuffix(table[i].Name, "NAME") {
			out = append(out, table[i].Name)
		}
	}
	return out
}

// Nearest is the candidate with the smallest edit distance to s, which a person
// who wrote s probably meant; "" when none is near.
func Nearest(s string, candidates []string) string {
	if len(s) > 64 {
		return ""
	}
	s = strings.ToLower(s)
	best, at := "", max(2, len(s)/3)+1
	if len(s) <= 2 {
		at = 2
	}
	for _, c := range candidates {
		if d := distance(s, c); d < at {
			best, at = c, d
		}
	}
	return best
}

// distance is the number of insertions, deletions, substitutions and swaps of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
