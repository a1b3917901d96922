package store

import (
	"bytes"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/kv"
)

// blindPaths are the forward-paths that stand in no To, Cc or Bcc field: blind
// copies, which the envelope alone names.
func (m *Message) blindPaths() []string {
	d := m.Digest
	if len(m.ForwardPaths) <= 4 { // nearly always: no map
		return slices.DeleteFunc(slices.Clone(m.ForwardPaths), func(p string) bool {
			in := func(a model.Address) bool { return strings.EqualFold(a.Address, p) }
			return slices.ContainsFunc(d.To, in) || slices.ContainsFunc(d.Cc, in) || slices.ContainsFunc(d.Bcc, in)
		})
	}
	named := map[string]bool{}
	for _, list := range [...][]model.Address{d.To, d.Cc, d.Bcc} {
		for _, a := range list {
			named[strings.ToLower(a.Address)] = true
		}
	}
	var blind []string
	for _, p := range m.ForwardPaths {
		if key := strings.ToLower(p); !named[key] {
			named[key] = true
			blind = append(blind, p)
		}
	}
	return blind
}

// blindText is what of the search text tells of blind copies: its first line.
func (m *Message) blindText() string {
	blind := m.blindPaths()
	if len(blind) == 0 {
		return ""
	}
	return message.Fold(strings.Join(blind, " ")) + "\n"
}

// withBlind puts a message's blind copies before the search text that its octets
// gave, and returns how far q looks now. They are of the envelope, so message.Scan
// cannot know them. A message that was stored before there was this keeps its
// text as it is.
func (m *Message) withBlind(text string, q int) (string, int) {
	blind := m.blindText()
	return blind + text, q + len(blind)
}

// holdsMail is holds without the blind copies: what a mail client searches is the
// mail, not its envelope.
func (s *Store) holdsMail(r kv.Reader, seq Sequence, needles []string) bool {
	if len(needles) == 0 {
		return true
	}
	text, err := s.textIn(r, seq)
	if err != nil || !holdsAll(text, needles) {
		return false
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	for word := range bytes.SplitSeq(line, []byte(" ")) {
		if bytes.IndexByte(word, '@') < 0 {
			return true // no list of paths
		}
	}
	rec, err := readRecord(r, seq)
	return err == nil && holdsAll(bytes.TrimPrefix(text, []byte(rec.m.blindText())), needles)
}
