package compat_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/api/compat"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// TestMailBringsTags: what Mailpit makes tags of, and no more.
func TestMailBringsTags(t *testing.T) {
	const head = "From: shop+out@x.test\r\nTo: Anna <anna+news+sale@x.test>\r\nSubject: s\r\n"
	for _, c := range []struct {
		name    string
		sources compat.TagSources
		header  string
		had     []string
		want    []string
	}{
		{"both", compat.TagSources{}, "X-Tags: Red, two  words,red\r\n", nil, []string{"Red", "two words", "news", "sale", "hidden", "out"}},
		{"not the header", compat.TagSources{NoHeader: true}, "X-Tags: red\r\n", nil, []string{"news", "sale", "hidden", "out"}},
		{"not the addresses", compat.TagSources{NoPlus: true}, "x-tags:one\r\nX-Tags: second\r\n", nil, []string{"one"}},
		{"the login", compat.TagSources{NoPlus: true, Login: true}, "", nil, []string{"app@x.test"}},
		{"odd characters", compat.TagSources{NoPlus: true}, "X-Tags: a!*b, =?utf-8?q?c=5B1=5D?=, !,\r\n", nil, []string{"a b", "c 1"}},
		{"there already", compat.TagSources{NoPlus: true}, "X-Tags: One, two\r\n", []string{"one"}, []string{"two"}},
		{"too long", compat.TagSources{NoPlus: true}, "X-Tags: " + strings.Repeat("x", 120) + "\r\n", nil, []string{strings.Repeat("x", 100)}},
	} {
		raw := []byte(head + c.header + "\r\nbody\r\n")
		m := &store.Message{
			Digest: message.Scan(raw), Tags: c.had, ForwardPaths: []string{"anna+news+sale@x.test", "bob+hidden@x.test"},
			Envelope: model.Envelope{AuthUser: "app@x.test"},
		}
		if got := c.sources.Tags(m, raw); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
