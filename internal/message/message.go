package message

import (
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// Part is one MIME entity as offsets into the raw message. A flat table in
// pre-order; Parts[0] is the message itself.
type Part struct {
	Path        string // IMAP part number: "" for the root of a multipart, "1", "2.1"
	Parent      int    // index into the table, -1 for the root
	HeaderStart int64
	BodyStart   int64   // just after the empty line
	BodyEnd     int64   // exclusive; the CRLF before a boundary is not part of the body
	Lines       int64   // lines of the body
	Type        string  // lower-case "text/plain"
	Params      []Param // of Content-Type, decoded (RFC 2231), names lower-case
	Encoding    string  // lower-case Content-Transfer-Encoding, "7bit" by default
	Disposition string  // lower-case
	DispParams  []Param
	ContentID   string // without <>
	Description string
	Name        string // file name, decoded; may be empty
	Size        int64  // decoded size of a leaf
	SHA256      string // hex, of the decoded octets, attachments only
	Attachment  bool   // neither the text nor the HTML body, and a leaf
}

// Param is one parameter of a structured header field.
type Param struct{ Name, Value string }

// Digest is everything derived from the octets once, at capture, and stored
// beside them.
type Digest struct {
	Subject     string
	From        []model.Address
	To          []model.Address
	Cc          []model.Address
	Bcc         []model.Address // of the header alone
	ReplyTo     []model.Address
	Date        time.Time // zero if absent or unreadable
	MessageID   string    // without <>
	InReplyTo   []string
	References  []string
	Snippet     string // at most 200 characters of the visible text
	Attachments int
	Parts       []Part
	TextPart    int // index of the text body in Parts, -1 if none
	HTMLPart    int
	// Envelope, Body and BodyStructure are ready IMAP wire octets, RFC 9051 §7.5.2.
	Envelope      []byte
	Body          []byte
	BodyStructure []byte
	Warnings      []model.Warning
	// SearchText is folded (see Fold): first what q searches (subject, addresses,
	// attachment names, text, visible words of the HTML), up to SearchQ octets;
	// then the other header values and the link targets. Sections are parted by "\n".
	SearchText string
	SearchQ    int
}

// Scan derives a Digest from raw octets. It never fails and never panics:
// malformed mail yields what can be recovered and coded Warnings.
func Scan(raw []byte) *Digest { return scan(raw) }
