package model

import "encoding/json"

// Compose is a message to make, the JSON body of POST /messages. Recipients go
// by reverse_path and forward_paths, as SMTP's MAIL and RCPT; absent, by from
// and by to, cc and bcc.
type Compose struct {
	From         Recipient           `json:"from"`
	To           []Recipient         `json:"to,omitzero"`
	Cc           []Recipient         `json:"cc,omitzero"`
	Bcc          []Recipient         `json:"bcc,omitzero"`
	ReplyTo      []Recipient         `json:"reply_to,omitzero"`
	Subject      string              `json:"subject,omitempty"`
	Text         string              `json:"text,omitempty"`
	HTML         string              `json:"html,omitempty"`
	Headers      []Header            `json:"headers,omitzero"`
	Attachments  []ComposeAttachment `json:"attachments,omitzero"`
	InReplyTo    string              `json:"in_reply_to,omitempty"`
	References   []string            `json:"references,omitzero"`
	Tags         []string            `json:"tags,omitzero"`
	ReversePath  *string             `json:"reverse_path,omitempty"`
	ForwardPaths []string            `json:"forward_paths,omitzero"`
}

// ComposeAttachment is a file to attach; with a content_id it is inline.
type ComposeAttachment struct {
	Name      string `json:"name"`
	Type      string `json:"type,omitempty"`
	Content   []byte `json:"content" swaggertype:"string" format:"byte"`
	ContentID string `json:"content_id,omitempty"`
}

// Recipient is an address, in JSON {"name","address"} or "Anna <anna@x.test>".
type Recipient struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
	// Written is the address as one string, yet to be taken apart.
	Written string `json:"-"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Recipient) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &r.Written)
	}
	type plain Recipient
	return json.Unmarshal(b, (*plain)(r))
}
