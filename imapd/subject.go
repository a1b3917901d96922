package imapd

import (
	"strings"

	"github.com/catchpost/catchpost/internal/message"
)

// baseSubject extracts the base subject of a decoded Subject, RFC 5256 §2.1,
// folded, and tells whether it was a reply or forward.
func baseSubject(s string) (base string, isReply bool) {
	// (1) white space collapsed, case folded
	s = strings.TrimSpace(message.Fold(s))
	for {
		// (2) subj-trailer = "(fwd)" / WSP
		for {
			t := strings.TrimRight(s, " ")
			if u, ok := strings.CutSuffix(t, "(fwd)"); ok {
				t, isReply = u, true
			}
			if t == s {
				break
			}
			s = t
		}
		// (3)–(5) leaders and blobs
		for {
			t, reply := cutLeader(s)
			isReply = isReply || reply
			if u, ok := cutBlob(t); ok && u != "" {
				t = u
			}
			if t == s {
				break
			}
			s = t
		}
		// (6) subj-fwd-hdr "[fwd:" … subj-fwd-trl "]"
		u, ok := strings.CutPrefix(s, "[fwd:")
		if !ok || !strings.HasSuffix(u, "]") {
			return s, isReply
		}
		s, isReply = strings.TrimSuffix(u, "]"), true
	}
}

// cutLeader takes off subj-leader = (*subj-blob subj-refwd) / WSP.
func cutLeader(s string) (rest string, reply bool) {
	if t := strings.TrimLeft(s, " "); t != s {
		return t, false
	}
	t := s
	for {
		u, ok := cutBlob(t)
		if !ok {
			break
		}
		t = u
	}
	switch {
	case strings.HasPrefix(t, "re"):
		t = t[2:]
	case strings.HasPrefix(t, "fwd"):
		t = t[3:]
	case strings.HasPrefix(t, "fw"):
		t = t[2:]
	default:
		return s, false
	}
	t = strings.TrimLeft(t, " ")
	if u, ok := cutBlob(t); ok {
		t = u
	}
	if t, ok := strings.CutPrefix(t, ":"); ok {
		return t, true
	}
	return s, false
}

// cutBlob takes off subj-blob = "[" *BLOBCHAR "]" *WSP.
func cutBlob(s string) (string, bool) {
	if !strings.HasPrefix(s, "[") {
		return s, false
	}
	end := strings.IndexAny(s[1:], "[]")
	if end < 0 || s[1+end] != ']' {
		return s, false
	}
	return strings.TrimLeft(s[end+2:], " "), true
}
