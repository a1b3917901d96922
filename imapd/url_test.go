package imapd

import (
	"errors"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		text, selected, mailbox string
		uid                     uint32
	}{
		{"/Drafts/;UID=20", "", "Drafts", 20},
		{"/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME", "x", "Drafts", 20},
		{"/inbox/a%2Fb%3Bc/;uid=1", "", "INBOX/a/b;c", 1},
		{"/%E5%8F%B0%E5%8C%97;uidvalidity=7/;UID=3/;PARTIAL=5.6", "", "台北", 3},
		{";UID=9/;SECTION=2/;PARTIAL=0", "Entwürfe", "Entwürfe", 9},
		{"c/;UID=1", "a/b", "a/c", 1},
		{"../c/;UID=1", "a/b/ä;", "a/c", 1},
		{"./c/;UID=1", "", "c", 1},
		{"a:b/;UID=1", "", "", 0},
		{"/a/;UID=0", "", "", 0},
		{"/a/;UID=+1", "", "", 0},
		{"/a/;UID=4294967296", "", "", 0},
		{"/a;UIDVALIDITY=x/;UID=1", "", "", 0},
		{"/a;b/;UID=1", "", "", 0},
		{"/a/;UID=1/", "", "", 0},
		{"/a/;UID=1/;SECTION=", "", "", 0},
		{"/a/;UID=1/;SECTION=1]<0.5>", "", "", 0},
		{"/a/;UID=1/;SECTION=1%0D%0A", "", "", 0},
		{"/a/;UID=1/;PARTIAL=1.0", "", "", 0},
		{"/a/;UID=1/;PARTIAL=.5", "", "", 0},
		{"/a/;UID=1/;PARTIAL=1/;SECTION=1", "", "", 0},
		{"/a%zz/;UID=1", "", "", 0},
		{"/a%00/;UID=1", "", "", 0},
		{"", "a", "", 0},
		{"/" + strings.Repeat("a", maxURL) + "/;UID=1", "", "", 0},
	} {
		u, err := parseURL(c.text, c.selected)
		switch {
		case c.uid == 0 && !errors.Is(err, errBadURL):
			t.Errorf("%q: %+v, %v", c.text, u, err)
		case c.uid > 0 && (err != nil || u.mailbox != c.mailbox || u.uid != c.uid):
			t.Errorf("%q: %+v, %v", c.text, u, err)
		}
	}
}

// FuzzParseURL: any text is a URL of a message or errBadURL.
func FuzzParseURL(f *testing.F) {
	f.Add("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER.FIELDS%20(a%20b)/;PARTIAL=1.2", "INBOX")
	f.Add(";UID=1/;SECTION=1.2.TEXT", "a/b")
	f.Add("../%C3%A4/;UID=1/;PARTIAL=3", "a/b/c")
	f.Fuzz(func(t *testing.T, text, selected string) {
		u, err := parseURL(text, selected)
		if (u == nil) == (err == nil) || err != nil && !errors.Is(err, errBadURL) || err == nil && u.uid == 0 {
			t.Fatalf("%+v %v", u, err)
		}
	})
}
