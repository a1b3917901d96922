package compat

import (
	"bytes"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// TagSources says where a mail's own tags come from when it is captured, as
// Mailpit's variables name it. The zero value is Mailpit's default.
type TagSources struct {
	NoHeader bool // not from the field X-Tags
	NoPlus   bool // not from plus-addresses, as in user+tag@example.com
	Login    bool // from the login of the session
}

// Tags are the tags that a mail brings: those of its first field X-Tags, split at
// commas, those in its addresses, split at "+", and its login. Each is there once,
// in any case; what cannot stand in a tag becomes a blank. The mail is not changed.
func (t TagSources) Tags(m *store.Message, raw []byte) []string {
	var found []string
	if !t.NoHeader {
		found = append(found, headerTags(message.View{Raw: raw, Digest: m.Digest})...)
	}
	if !t.NoPlus {
		found = append(found, plusTags(m)...)
	}
	if t.Login {
		found = append(found, m.Envelope.AuthUser)
	}
	var out []string
	had := func(tag string) bool {
		same := func(o string) bool { return strings.EqualFold(o, tag) }
		return slices.ContainsFunc(out, same) || slices.ContainsFunc(m.Tags, same)
	}
	for _, tag := range found {
		tag = cleanTag(tag)
		for len(tag) > maxTagLen {
			runes := []rune(tag)
			tag = strings.TrimSpace(string(runes[:len(runes)-1]))
		}
		if tag != "" && len(m.Tags)+len(out) < maxTags && !had(tag) {
			out = append(out, tag)
		}
	}
	return out
}

// tagsField is the field that names tags.
const tagsField = "X-Tags"

func headerTags(v message.View) []string {
	named := func(f []byte) bool {
		name, _, _ := bytes.Cut(f, []byte(":"))
		return strings.EqualFold(string(bytes.TrimSpace(name)), tagsField)
	}
	if !slices.ContainsFunc(v.RawHeaders(), named) {
		return nil
	}
	for _, h := range v.Headers() {
		if strings.EqualFold(h.Name, tagsField) {
			return strings.Split(h.Value, ",")
		}
	}
	return nil
}

func plusTags(m *store.Message) []string {
	var out []string
	for _, list := range [][]model.Address{m.Digest.To, m.Digest.Cc, blind(m), m.Digest.From[:min(len(m.Digest.From), 1)]} {
		for _, a := range list {
			local := a.Address[:max(strings.LastIndexByte(a.Address, '@'), 0)]
			if _, tags, ok := strings.Cut(local, "+"); ok && len(out) < maxTags {
				out = append(out, strings.Split(tags, "+")...)
			}
		}
	}
	return out
}
