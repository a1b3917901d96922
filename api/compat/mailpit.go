package compat

import (
	"time"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// mailpit registers Mailpit's API v1.
func (s *Server) mailpit() {
	for _, r := range []struct {
		method, path string
		run          func(*call) error
	}{
		{"GET", "/api/v1/messages", (*call).listMessages},
		{"PUT", "/api/v1/messages", (*call).setRead},
		{"DELETE", "/api/v1/messages", (*call).deleteMessages},
		{"GET", "/api/v1/search", (*call).search},
		{"DELETE", "/api/v1/search", (*call).deleteSearch},
		{"GET", "/api/v1/message/{id}", (*call).message},
		{"GET", "/api/v1/message/{id}/headers", (*call).headers},
		{"GET", "/api/v1/message/{id}/raw", (*call).raw},
		{"GET", "/api/v1/message/{id}/part/{part}", (*call).part},
		{"GET", "/api/v1/message/{id}/part/{part}/thumb", (*call).thumb},
		{"GET", "/api/v1/message/{id}/html-check", (*call).htmlCheck},
		{"GET", "/api/v1/message/{id}/link-check", (*call).linkCheck},
		{"POST", "/api/v1/message/{id}/release", (*call).release},
		{"POST", "/api/v1/send", (*call).sendMessage},
		{"GET", "/api/v1/tags", (*call).listTags},
		{"PUT", "/api/v1/tags", (*call).setTags},
		{"PUT", "/api/v1/tags/{tag}", (*call).renameTag},
		{"DELETE", "/api/v1/tags/{tag}", (*call).deleteTag},
		{"GET", "/api/v1/chaos", (*call).getChaos},
		{"PUT", "/api/v1/chaos", (*call).setChaos},
		{"GET", "/api/v1/info", (*call).info},
		{"GET", "/api/v1/webui", (*call).webUI},
		{"GET", "/api/v1/swagger.json", (*call).swagger},
		{"GET", "/api/events", (*call).mailpitEvents},
		{"GET", "/view/{name}", (*call).view},
		{"GET", "/view/latest", (*call).viewLatest},
	} {
		if r.path != both || r.method == "PUT" || !s.c.MailHog {
			s.handle(r.method, r.path, r.run)
		}
	}
}

// address is Mailpit's mailbox.
type address struct{ Name, Address string }

// summary is Mailpit's MessageSummary. To, Cc and Bcc are null in lists where
// they are empty, as Mailpit's are; in events they are [].
type summary struct {
	ID          string
	MessageID   string
	Read        bool
	From        address
	To          []address
	Cc          []address
	Bcc         []address
	ReplyTo     []address
	Subject     string
	Created     time.Time
	Username    string
	Tags        []string
	Size        int64
	Attachments int
	Snippet     string
}

// summaries is Mailpit's MessagesSummary.
type summaries struct {
	Total          int       `json:"total"`
	Unread         int       `json:"unread"`
	Count          int       `json:"count"`
	MessagesCount  int       `json:"messages_count"`
	MessagesUnread int       `json:"messages_unread"`
	Start          int       `json:"start"`
	Tags           []string  `json:"tags"`
	Messages       []summary `json:"messages"`
}

// addresses is null for none.
func addresses(list []model.Address) []address {
	if len(list) == 0 {
		return nil
	}
	out := make([]address, len(list))
	for i, a := range list {
		out[i] = address(a)
	}
	return out
}

// firstAddress is the sender; with none it is empty, not null.
func firstAddress(list []model.Address) address {
	if len(list) == 0 {
		return address{}
	}
	return address(list[0])
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func summaryOf(m *store.Message) summary {
	d := m.Digest
	_, attached := files(d)
	return summary{
		ID: mailpitID(m.ID), MessageID: d.MessageID, Read: m.Seen, From: firstAddress(d.From),
		To: addresses(d.To), Cc: addresses(d.Cc), Bcc: addresses(blind(m)), ReplyTo: orEmpty(addresses(d.ReplyTo)),
		Subject: d.Subject, Created: milliseconds(m.ReceivedAt), Username: m.Envelope.AuthUser, Tags: sortedTags(m.Tags),
		Size: m.Size, Attachments: len(attached), Snippet: snippet(d.Snippet),
	}
}

// eventSummary has [] where a list has null.
func eventSummary(m *store.Message) summary {
	v := summaryOf(m)
	v.To, v.Cc, v.Bcc = orEmpty(v.To), orEmpty(v.Cc), orEmpty(v.Bcc)
	return v
}

func milliseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// snippetLength is Mailpit's bound, in characters.
const snippetLength = 250

func snippet(s string) string {
	n := 0
	for i := range s {
		if n++; n > snippetLength {
			return s[:i] + "..."
		}
	}
	return s
}

// files parts the attachments from what is shown within the HTML: with a
// Content-ID or the disposition "inline", and not called an attachment.
func files(d *message.Digest) (inline, attached []message.Part) {
	if d.Attachments == 0 {
		return nil, nil
	}
	for _, p := range d.Parts {
		switch {
		case !p.Attachment:
		case p.Disposition == "inline" || p.Disposition != "attachment" && p.ContentID != "":
			inline = append(inline, p)
		default:
			attached = append(attached, p)
		}
	}
	return inline, attached
}
