package filter

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/message"
)

// query compiles the words of a q: word, "phrase", -word, field.op:value with
// the value quoted if it has blanks. A backslash in quotes takes the next
// character as it is.
func (c *compiler) query(s string) error {
	for {
		s = strings.TrimLeftFunc(s, unicode.IsSpace)
		if s == "" {
			return nil
		}
		negated := false
		if s[0] == '-' && len(s) > 1 && !startsWithSpace(s[1:]) {
			negated, s = true, s[1:]
		}
		var err error
		if s, err = c.term(s, negated); err != nil {
			return err
		}
	}
}

func startsWithSpace(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

// term compiles one term and returns what stands after it.
func (c *compiler) term(s string, negated bool) (string, error) {
	if s[0] == '"' {
		phrase, rest := quoted(s)
		return rest, c.plainWord(phrase, negated)
	}
	end := strings.IndexFunc(s, unicode.IsSpace)
	if end < 0 {
		end = len(s)
	}
	name, _, hasColon := strings.Cut(s[:end], ":")
	if !hasColon {
		return s[end:], c.plainWord(s[:end], negated)
	}
	k, err := parseKey(name)
	if err != nil { // people type "Re:" and URLs
		return s[end:], c.plainWord(s[:end], negated)
	}
	value, rest := s[len(name)+1:end], s[end:]
	if strings.HasPrefix(value, `"`) {
		value, rest = quoted(s[len(name)+1:])
	}
	if value == "" {
		return rest, &Error{Code: EmptyValue, Param: "q", Detail: `In q, "` + name + `:" has no value: write ` + name + `:VALUE without a blank, or "` + name + `:" in quotes to look for the words.`}
	}
	if negated {
		name = turnRound(name)
	}
	if k.field.Kind == Search {
		return rest, badValue("q cannot stand inside of q")
	}
	return rest, c.add(pair{key: name, param: "q", given: value, values: []string{value}})
}

func turnRound(key string) string {
	if bare, ok := strings.CutPrefix(key, "not."); ok {
		return bare
	}
	return "not." + key
}

func (c *compiler) plainWord(s string, negated bool) error {
	if strings.TrimSpace(message.Fold(s)) == "" {
		return nil
	}
	return c.push(word(s, negated))
}

// quoted reads a quoted string at the start of s; one that is not closed goes
// to the end.
func quoted(s string) (value, rest string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// quoteWord writes a word or phrase so that query reads it back as plain text.
func quoteWord(s string) string {
	if s != "" && s[0] != '-' && !strings.ContainsAny(s, `":\`) && !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
