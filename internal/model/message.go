package model

import "time"

// Origins of a message: how it came to be in the store.
const (
	OriginSMTP      = "smtp"
	OriginLMTP      = "lmtp"
	OriginAPI       = "api"
	OriginImport    = "import"
	OriginAppend    = "append"
	OriginDSN       = "dsn"
	OriginGenerated = "generated"
)

// Address is one address of a header field, decoded.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Summary is a message as it stands in lists, events and webhooks.
type Summary struct {
	ID              string     `json:"id"`
	Sandbox         string     `json:"sandbox"`
	Sequence        uint64     `json:"sequence"`
	Origin          string     `json:"origin"`
	ReceivedAt      time.Time  `json:"received_at"`
	Date            *time.Time `json:"date"`
	MessageID       *string    `json:"message_id"`
	Subject         string     `json:"subject"`
	From            []Address  `json:"from"`
	To              []Address  `json:"to"`
	Cc              []Address  `json:"cc"`
	Bcc             []Address  `json:"bcc"`
	ReplyTo         []Address  `json:"reply_to"`
	ReversePath     string     `json:"reverse_path"`
	ForwardPaths    []string   `json:"forward_paths"`
	Size            int64      `json:"size"`
	Snippet         string     `json:"snippet"`
	AttachmentCount int        `json:"attachment_count"`
	Seen            bool       `json:"seen"`
	Flagged         bool       `json:"flagged"`
	Tags            []string   `json:"tags"`
	PageURL         string     `json:"page_url"`
	// Relay counts forward-paths by the state of their queue entries; it is
	// absent where nothing of the message was ever queued.
	Relay map[string]int `json:"relay,omitempty"`
}

// Message is a full message: its summary and all that the octets and the
// envelope say. Pointers are null in JSON where the thing is absent.
type Message struct {
	Summary
	Text        *string      `json:"text"`
	HTML        *string      `json:"html"`
	Headers     []Header     `json:"headers"`
	Attachments []Attachment `json:"attachments"`
	Envelope    Envelope     `json:"envelope"`
	Warnings    []Warning    `json:"warnings"`
	Truncated   []string     `json:"truncated"`
	Links       []Link       `json:"links,omitzero"`
	Codes       []Code       `json:"codes,omitzero"`
	Raw         []byte       `json:"raw,omitempty" swaggertype:"string" format:"byte"`
}

// Header is one header field, unfolded and decoded.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Attachment is a leaf part that is neither the text nor the HTML body.
type Attachment struct {
	Path        string  `json:"path"`
	Name        string  `json:"name"`
	Type        string  `json:"type"`
	Size        int64   `json:"size"`
	Disposition string  `json:"disposition"`
	ContentID   *string `json:"content_id"`
	SHA256      string  `json:"sha256"`
}

// Envelope is what the SMTP session said, apart from the headers.
type Envelope struct {
	HELO          string `json:"helo"`
	ClientAddress string `json:"client_address"`
	Protocol      string `json:"protocol"`
	AuthUser      string `json:"auth_user"`
	AuthMechanism string `json:"auth_mechanism"`
	// AuthVerified is false where an open instance took a login that it could not check.
	AuthVerified bool   `json:"auth_verified"`
	TLS          *TLS   `json:"tls"`
	Body         string `json:"body"`
	SMTPUTF8     bool   `json:"smtputf8"`
	RequireTLS   bool   `json:"require_tls"`
	DeclaredSize int64  `json:"declared_size"`
	SessionID    string `json:"session_id"`
	DSN          DSN    `json:"dsn"`
}

// TLS is the state of the TLS layer a message came through.
type TLS struct {
	Version string `json:"version"`
	Cipher  string `json:"cipher"`
}

// DSN holds the delivery status parameters of MAIL and RCPT, RFC 3461 §4.
type DSN struct {
	EnvID      *string        `json:"envid"`
	Ret        *string        `json:"ret"`
	Recipients []DSNRecipient `json:"recipients"`
}

// DSNRecipient holds one forward-path's NOTIFY and ORCPT.
type DSNRecipient struct {
	Address string   `json:"address"`
	Notify  []string `json:"notify"`
	ORCPT   *string  `json:"orcpt"`
}

// Warning says what is malformed in a message. Offset is an octet offset into
// the raw message, -1 where none applies.
type Warning struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Offset int64  `json:"offset"`
}

// Link is a link or image found in a message.
type Link struct {
	URL     string `json:"url"`
	Label   string `json:"label"`
	Kind    string `json:"kind"`
	Source  string `json:"source"`
	Context string `json:"context"`
}

// Code is a one-time code found in a message, best first by Score.
type Code struct {
	Code    string   `json:"code"`
	Score   float64  `json:"score"`
	Reasons []string `json:"reasons"`
	Context string   `json:"context"`
}

// Row is a message in a list: its summary, and what ?include= asked for.
type Row struct {
	Summary
	Text        **string     `json:"text,omitempty" swaggertype:"string"`
	HTML        **string     `json:"html,omitempty" swaggertype:"string"`
	Headers     []Header     `json:"headers,omitzero"`
	Attachments []Attachment `json:"attachments,omitzero"`
	Envelope    *Envelope    `json:"envelope,omitempty"`
	Warnings    []Warning    `json:"warnings,omitzero"`
	Links       []Link       `json:"links,omitzero"`
	Codes       []Code       `json:"codes,omitzero"`
	Raw         []byte       `json:"raw,omitempty" swaggertype:"string" format:"byte"`
}

// Part is one MIME entity of a message, in pre-order. Path is its IMAP part
// number; the root of a multipart has "".
type Part struct {
	Path        string  `json:"path"`
	Parent      *string `json:"parent"`
	Type        string  `json:"type"`
	Charset     *string `json:"charset"`
	Encoding    string  `json:"encoding"`
	Disposition string  `json:"disposition"`
	Name        string  `json:"name"`
	ContentID   *string `json:"content_id"`
	Size        int64   `json:"size"`
	Attachment  bool    `json:"attachment"`
}

// StateChange is the body of PATCH; absent fields stay, tags are replaced.
type StateChange struct {
	Seen    *bool     `json:"seen,omitempty"`
	Flagged *bool     `json:"flagged,omitempty"`
	Tags    *[]string `json:"tags,omitempty"`
}

// List is a page of messages.
type List struct {
	Messages   []Row   `json:"messages"`
	Total      int     `json:"total"`
	TotalExact bool    `json:"total_exact"`
	NextCursor *string `json:"next_cursor"`
	Sequence   uint64  `json:"sequence"`
	Pruned     int64   `json:"pruned"`
	TimedOut   bool    `json:"timed_out"`
	WaitedMS   int64   `json:"waited_ms"`
}
