package filter

import (
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/model"
)

// Kind says how a field's values are compared, API.md "Filter grammar".
type Kind string

// The kinds of fields.
const (
	Address  Kind = "address"
	Text     Kind = "text"
	Word     Kind = "word"
	Number   Kind = "number"
	Time     Kind = "time"
	YesNo    Kind = "yes/no"
	Selector Kind = "selector"
	Search   Kind = "search"
	// Presence is the kind of a name that can only be asked whether it is there:
	// "attachments.exists".
	Presence Kind = "presence"
)

const (
	opEq       = "eq"
	opContains = "contains"
	opPrefix   = "prefix"
	opSuffix   = "suffix"
	opRegex    = "regex"
	opIn       = "in"
	opGt       = "gt"
	opGte      = "gte"
	opLt       = "lt"
	opLte      = "lte"
	opExists   = "exists"
)

// Operators are the eleven, in the grammar's order.
var Operators = []string{opEq, opContains, opPrefix, opSuffix, opRegex, opIn, opGt, opGte, opLt, opLte, opExists}

var operatorsOf = map[Kind][]string{
	Address:  {opEq, opContains, opPrefix, opSuffix, opRegex, opIn, opExists},
	Text:     {opEq, opContains, opPrefix, opSuffix, opRegex, opIn, opExists},
	Word:     {opEq, opContains, opPrefix, opRegex, opIn, opExists},
	Number:   {opEq, opIn, opGt, opGte, opLt, opLte},
	Time:     {opGt, opGte, opLt, opLte, opExists},
	Presence: {opExists},
}

var defaultOf = map[Kind]string{Address: opEq, Text: opContains, Word: opEq, Number: opEq, YesNo: opEq, Selector: opContains, Search: opContains}

// Field describes one field of the grammar, for documents, suggestions and errors.
type Field struct {
	// Name as in the message JSON; a trailing NAME stands for any name.
	Name string
	Kind Kind
	// Operators that may follow the name; none for yes/no, selector and search.
	Operators []string
	// Default is the operator meant when none is given, "" where one is needed.
	Default string
	// Values is the closed set of values, where there is one.
	Values []string
	// Doc says in one sentence what the field is.
	Doc string
}

// Fields returns the description of every field, in the grammar's order.
func Fields() []Field {
	out := make([]Field, len(table))
	for i, f := range table {
		out[i] = f.Field
		out[i].Operators = slices.Clone(operatorsOf[f.Kind])
		if f.Kind == Address || f.Kind == Text || f.Kind == Word || f.Kind == Number {
			out[i].Default = defaultOf[f.Kind]
		}
	}
	return out
}

// field is a Field and its way into a message: exactly one of sum, full and elem.
type field struct {
	Field
	family   string
	caseless bool // eq and in of a word ignore case
	size     bool // a number with units
	nullable bool // a time that may be absent
	sum      func(*model.Summary, *test) bool
	full     func(*view, *test) (bool, error)
	elem     func(*element, *test) bool
	// needle says that the values stand in the search text, word for word. Not so
	// for what the octets alone do not tell (bcc) or what is made of them (links).
	needle bool
	rank   int
}

// Sets of values that the contract closes.
var (
	origins   = []string{model.OriginSMTP, model.OriginLMTP, model.OriginAPI, model.OriginImport, model.OriginAppend, model.OriginDSN, model.OriginGenerated}
	linkKinds = []string{"verify", "reset", "sign_in", "unsubscribe", "tracking", "image", "other"}
)

// Families whose conditions must hold on the same element.
const (
	famAttachments = "attachments"
	famLinks       = "links"
	famCodes       = "codes"
	famElements    = "elements"
)

// table is the whole grammar; byName and the descriptions come from it.
var table = slices.Concat(addressFields(), textFields(), wordFields(), numberFields(), otherFields())

var byName = func() map[string]*field {
	m := make(map[string]*field, len(table))
	for i := range table {
		table[i].rank = i
		m[table[i].Name] = &table[i]
	}
	return m
}()

const (
	headerPrefix = "headers."
	attrPrefix   = "elements.attr."
)

// lookup finds a field by its full name, with headers.NAME and
// elements.attr.NAME made for the name at hand.
func lookup(name string) (*field, bool) {
	if n, ok := strings.CutPrefix(name, headerPrefix); ok && n != "" && n != "NAME" {
		if !isFieldName(n) {
			return nil, false
		}
		f := *byName["headers.NAME"]
		f.full = header(n)
		return &f, true
	}
	if n, ok := strings.CutPrefix(name, attrPrefix); ok && n != "" && n != "NAME" {
		f := *byName["elements.attr.NAME"]
		f.elem = attribute(strings.ToLower(n))
		return &f, true
	}
	if strings.HasSuffix(name, ".NAME") {
		return nil, false
	}
	f, ok := byName[name]
	return f, ok
}

// isFieldName reports whether s is a field-name of RFC 5322 §3.6.8: printable
// ASCII without the colon.
func isFieldName(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':' {
			return false
		}
	}
	return s != ""
}

func addressFields() []field {
	return []field{
		{Field: Field{Name: "from", Kind: Address, Doc: "Addresses of the From header."}, sum: addresses(func(s *model.Summary) []model.Address { return s.From }), needle: true},
		{Field: Field{Name: "to", Kind: Address, Doc: "Addresses of the To header."}, sum: addresses(func(s *model.Summary) []model.Address { return s.To }), needle: true},
		{Field: Field{Name: "cc", Kind: Address, Doc: "Addresses of the Cc header."}, sum: addresses(func(s *model.Summary) []model.Address { return s.Cc }), needle: true},
		{Field: Field{Name: "bcc", Kind: Address, Doc: "Addresses of the Bcc header, and forward-paths that stand in no To or Cc header."}, sum: addresses(func(s *model.Summary) []model.Address { return s.Bcc })},
		{Field: Field{Name: "reply_to", Kind: Address, Doc: "Addresses of the Reply-To header."}, sum: addresses(func(s *model.Summary) []model.Address { return s.ReplyTo })},
		{Field: Field{Name: "reverse_path", Kind: Address, Doc: "The envelope's MAIL FROM; exists is false for the null reverse-path."}, sum: one(func(s *model.Summary) string { return s.ReversePath })},
		{Field: Field{Name: "forward_paths", Kind: Address, Doc: "The envelope's RCPT TO."}, sum: many(func(s *model.Summary) []string { return s.ForwardPaths })},
	}
}

func textFields() []field {
	return []field{
		{Field: Field{Name: "subject", Kind: Text, Doc: "The Subject header, decoded."}, sum: one(func(s *model.Summary) string { return s.Subject }), needle: true},
		{Field: Field{Name: "text", Kind: Text, Doc: "The first text/plain body, decoded."}, full: optional(func(m *model.Message) *string { return m.Text }), needle: true},
		{Field: Field{Name: "html", Kind: Text, Doc: "The source of the first text/html body, decoded."}, full: optional(func(m *model.Message) *string { return m.HTML })},
		{Field: Field{Name: "body", Kind: Text, Doc: "The text body and the HTML's visible words."}, full: body, needle: true},
		{Field: Field{Name: "snippet", Kind: Text, Doc: "The beginning of the visible text, as in lists."}, sum: one(func(s *model.Summary) string { return s.Snippet })},
		{Field: Field{Name: "headers.NAME", Kind: Text, Doc: "Every header field of that name, decoded; the name in any case."}},
		{Field: Field{Name: "attachments.name", Kind: Text, Doc: "An attachment's file name."}, family: famAttachments, elem: attachment(func(a *model.Attachment) string { return a.Name }), needle: true},
		{Field: Field{Name: "attachments.text", Kind: Text, Doc: "The text of a textual attachment."}, family: famAttachments, elem: attachmentText},
		{Field: Field{Name: "links.url", Kind: Text, Doc: "A link's target."}, family: famLinks, elem: link(func(l *model.Link) string { return l.URL })},
		{Field: Field{Name: "links.label", Kind: Text, Doc: "A link's words."}, family: famLinks, elem: link(func(l *model.Link) string { return l.Label })},
		{Field: Field{Name: "elements.text", Kind: Text, Doc: "The words inside an HTML element."}, family: famElements, elem: elementText},
		{Field: Field{Name: "elements.attr.NAME", Kind: Text, Doc: "An HTML element's attribute."}, family: famElements},
	}
}

func wordFields() []field {
	return []field{
		{Field: Field{Name: "id", Kind: Word, Doc: "The message's id."}, sum: one(func(s *model.Summary) string { return s.ID })},
		{Field: Field{Name: "message_id", Kind: Word, Doc: "The Message-ID header, with or without <>."}, sum: messageID},
		{Field: Field{Name: "origin", Kind: Word, Values: origins, Doc: "How the message came; append is left out unless asked for."}, caseless: true, sum: one(func(s *model.Summary) string { return s.Origin })},
		{Field: Field{Name: "tags", Kind: Word, Doc: "The message's tags."}, sum: many(func(s *model.Summary) []string { return s.Tags })},
		{Field: Field{Name: "attachments.type", Kind: Word, Doc: "An attachment's media type."}, caseless: true, family: famAttachments, elem: attachment(func(a *model.Attachment) string { return a.Type })},
		{Field: Field{Name: "attachments.sha256", Kind: Word, Doc: "The SHA-256 of an attachment's decoded octets, in hex."}, caseless: true, family: famAttachments, elem: attachment(func(a *model.Attachment) string { return a.SHA256 })},
		{Field: Field{Name: "links.kind", Kind: Word, Values: linkKinds, Doc: "What a link is for."}, caseless: true, family: famLinks, elem: link(func(l *model.Link) string { return l.Kind })},
		{Field: Field{Name: "codes.code", Kind: Word, Doc: "A one-time code found in the message."}, family: famCodes, elem: code},
		{Field: Field{Name: "warnings.code", Kind: Word, Doc: "What is malformed in the message."}, caseless: true, full: warnings},
		{Field: Field{Name: "envelope.helo", Kind: Word, Doc: "The name the client gave in HELO, EHLO or LHLO."}, caseless: true, full: envelope(func(e *model.Envelope) string { return e.HELO })},
		{Field: Field{Name: "envelope.auth_user", Kind: Word, Doc: "The login of the session."}, full: envelope(func(e *model.Envelope) string { return e.AuthUser })},
		{Field: Field{Name: "envelope.protocol", Kind: Word, Doc: "ESMTP, ESMTPSA and kin, RFC 3848."}, caseless: true, full: envelope(func(e *model.Envelope) string { return e.Protocol })},
		{Field: Field{Name: "envelope.tls.version", Kind: Word, Doc: "The TLS version the message came through."}, caseless: true, full: envelope(tlsVersion)},
	}
}

func numberFields() []field {
	return []field{
		{Field: Field{Name: "size", Kind: Number, Doc: "Octets of the message, or 10KB, 5MB."}, size: true, sum: number(func(s *model.Summary) int64 { return s.Size })},
		{Field: Field{Name: "sequence", Kind: Number, Doc: "The order of arrival; sequence.gt=N is after that point."}, sum: number(func(s *model.Summary) int64 { return int64(s.Sequence) })},
		{Field: Field{Name: "attachment_count", Kind: Number, Doc: "How many attachments there are."}, sum: number(func(s *model.Summary) int64 { return int64(s.AttachmentCount) })},
		{Field: Field{Name: "attachments.size", Kind: Number, Doc: "Decoded octets of an attachment, or 10KB, 5MB."}, size: true, family: famAttachments, elem: attachmentSize},
	}
}

func otherFields() []field {
	return []field{
		{Field: Field{Name: "received_at", Kind: Time, Doc: "When the message arrived."}, sum: received},
		{Field: Field{Name: "date", Kind: Time, Doc: "The Date header."}, nullable: true, sum: date},
		{Field: Field{Name: "seen", Kind: YesNo, Doc: "Whether the catch-all account has read it."}, sum: yesNo(func(s *model.Summary) bool { return s.Seen })},
		{Field: Field{Name: "flagged", Kind: YesNo, Doc: "Whether the catch-all account has flagged it."}, sum: yesNo(func(s *model.Summary) bool { return s.Flagged })},
		{Field: Field{Name: "elements.css", Kind: Selector, Doc: "A CSS selector that an HTML element matches."}, family: famElements, elem: elementMatches},
		{Field: Field{Name: "q", Kind: Search, Doc: `Words and "phrases" that all occur in subject, addresses, attachment names or body; -word; field:value.`}, full: search},
		{Field: Field{Name: "attachments", Kind: Presence, Doc: "Whether there is an attachment."}, family: famAttachments, elem: present},
		{Field: Field{Name: "links", Kind: Presence, Doc: "Whether there is a link."}, family: famLinks, elem: present},
		{Field: Field{Name: "codes", Kind: Presence, Doc: "Whether there is a one-time code."}, family: famCodes, elem: present},
		{Field: Field{Name: "elements", Kind: Presence, Doc: "Whether there is an HTML element."}, family: famElements, elem: present},
		{Field: Field{Name: "warnings", Kind: Presence, Doc: "Whether anything is malformed."}, full: anyWarning},
		{Field: Field{Name: "envelope.tls", Kind: Presence, Doc: "Whether it came through TLS."}, full: hasTLS},
	}
}
