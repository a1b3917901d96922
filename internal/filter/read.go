package filter

import (
	"strconv"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// view is one look at a message: the subject and the HTML parsed at most once.
type view struct {
	subject Subject
	doc     *document
}

// opened is a Subject that keeps its view.
type opened struct {
	Subject
	view view
}

// Open wraps a subject so that several filters that look into the same message
// parse its HTML once. The result is for one goroutine.
func Open(s Subject) Subject {
	if o, ok := s.(*opened); ok {
		return o
	}
	o := &opened{Subject: s}
	o.view.subject = o
	return o
}

func look(s Subject) *view {
	if o, ok := s.(*opened); ok {
		return &o.view
	}
	return &view{subject: s}
}

// element is one element of a family; exactly one of its parts is set, or none
// for "nothing there".
type element struct {
	att   *model.Attachment
	text  string // of the attachment
	link  *model.Link
	code  *model.Code
	doc   *document
	index int // into doc.elements
}

var absent element

func (e *element) isAbsent() bool {
	return e.att == nil && e.link == nil && e.code == nil && e.doc == nil
}

// family returns the elements of one family.
func (v *view) family(name string) ([]element, error) {
	switch name {
	case famAttachments:
		return v.attachments()
	case famLinks:
		links, err := v.subject.Links()
		out := make([]element, len(links))
		for i := range links {
			out[i].link = &links[i]
		}
		return out, err
	case famCodes:
		codes, err := v.subject.Codes()
		out := make([]element, len(codes))
		for i := range codes {
			out[i].code = &codes[i]
		}
		return out, err
	}
	doc, err := v.document()
	if err != nil {
		return nil, err
	}
	out := make([]element, len(doc.elements))
	for i := range out {
		out[i] = element{doc: doc, index: i}
	}
	return out, nil
}

func (v *view) attachments() ([]element, error) {
	if v.subject.Summary().AttachmentCount == 0 {
		return nil, nil
	}
	m, err := v.subject.Full()
	if err != nil {
		return nil, err
	}
	texts, err := v.subject.AttachmentTexts()
	if err != nil {
		return nil, err
	}
	out := make([]element, len(m.Attachments))
	for i := range m.Attachments {
		out[i].att = &m.Attachments[i]
		if i < len(texts) {
			out[i].text = texts[i]
		}
	}
	return out, nil
}

func (v *view) document() (*document, error) {
	if v.doc != nil {
		return v.doc, nil
	}
	m, err := v.subject.Full()
	if err != nil {
		return nil, err
	}
	src := ""
	if m.HTML != nil {
		src = *m.HTML
	}
	v.doc = parseHTML(src)
	return v.doc, nil
}

// What follows makes the table's ways into a message.

func addresses(get func(*model.Summary) []model.Address) func(*model.Summary, *test) bool {
	return func(s *model.Summary, t *test) bool {
		list := get(s)
		if t.op == opExists {
			return (len(list) > 0) == t.want
		}
		for i := range list {
			if t.str(list[i].Address) {
				return true
			}
		}
		return false
	}
}

func one(get func(*model.Summary) string) func(*model.Summary, *test) bool {
	return func(s *model.Summary, t *test) bool { return t.one(get(s)) }
}

func many(get func(*model.Summary) []string) func(*model.Summary, *test) bool {
	return func(s *model.Summary, t *test) bool {
		list := get(s)
		if t.op == opExists {
			return (len(list) > 0) == t.want
		}
		for _, v := range list {
			if t.str(v) {
				return true
			}
		}
		return false
	}
}

func messageID(s *model.Summary, t *test) bool {
	if s.MessageID == nil {
		return t.none()
	}
	return t.one(*s.MessageID)
}

func number(get func(*model.Summary) int64) func(*model.Summary, *test) bool {
	return func(s *model.Summary, t *test) bool { return t.num(get(s)) }
}

func yesNo(get func(*model.Summary) bool) func(*model.Summary, *test) bool {
	return func(s *model.Summary, t *test) bool {
		if t.collect != nil {
			t.collect(strconv.FormatBool(get(s)))
			return false
		}
		return get(s) == t.want
	}
}

func received(s *model.Summary, t *test) bool { return moment(&s.ReceivedAt, t) }

func date(s *model.Summary, t *test) bool { return moment(s.Date, t) }

func moment(at *time.Time, t *test) bool {
	if at == nil {
		return t.none()
	}
	if t.op == opExists {
		return t.want
	}
	return t.at(*at)
}

func optional(get func(*model.Message) *string) func(*view, *test) (bool, error) {
	return func(v *view, t *test) (bool, error) {
		m, err := v.subject.Full()
		if err != nil {
			return false, err
		}
		s := get(m)
		if s == nil {
			return t.none(), nil
		}
		return t.one(*s), nil
	}
}

func body(v *view, t *test) (bool, error) {
	s, err := v.subject.BodyText()
	if err != nil {
		return false, err
	}
	return t.one(s), nil
}

func header(name string) func(*view, *test) (bool, error) {
	return func(v *view, t *test) (bool, error) {
		m, err := v.subject.Full()
		if err != nil {
			return false, err
		}
		there := false
		for i := range m.Headers {
			if !strings.EqualFold(m.Headers[i].Name, name) {
				continue
			}
			there = true
			if t.op != opExists && t.str(m.Headers[i].Value) {
				return true, nil
			}
		}
		return t.op == opExists && there == t.want, nil
	}
}

func warnings(v *view, t *test) (bool, error) {
	m, err := v.subject.Full()
	if err != nil {
		return false, err
	}
	if t.op == opExists {
		return (len(m.Warnings) > 0) == t.want, nil
	}
	for i := range m.Warnings {
		if t.str(m.Warnings[i].Code) {
			return true, nil
		}
	}
	return false, nil
}

func anyWarning(v *view, t *test) (bool, error) {
	m, err := v.subject.Full()
	if err != nil {
		return false, err
	}
	if t.collect != nil {
		t.collect(strconv.FormatBool(len(m.Warnings) > 0))
		return false, nil
	}
	return (len(m.Warnings) > 0) == t.want, nil
}

func hasTLS(v *view, t *test) (bool, error) {
	m, err := v.subject.Full()
	if err != nil {
		return false, err
	}
	if t.collect != nil {
		t.collect(strconv.FormatBool(m.Envelope.TLS != nil))
		return false, nil
	}
	return (m.Envelope.TLS != nil) == t.want, nil
}

func envelope(get func(*model.Envelope) string) func(*view, *test) (bool, error) {
	return func(v *view, t *test) (bool, error) {
		m, err := v.subject.Full()
		if err != nil {
			return false, err
		}
		s := get(&m.Envelope)
		if s == "" {
			return t.none(), nil
		}
		return t.one(s), nil
	}
}

func tlsVersion(e *model.Envelope) string {
	if e.TLS == nil {
		return ""
	}
	return e.TLS.Version
}

func search(v *view, t *test) (bool, error) {
	q, _, err := v.subject.SearchText()
	if err != nil {
		return false, err
	}
	return strings.Contains(q, t.needle), nil
}

func attachment(get func(*model.Attachment) string) func(*element, *test) bool {
	return func(e *element, t *test) bool {
		if e.att == nil {
			return t.none()
		}
		return t.one(get(e.att))
	}
}

func attachmentText(e *element, t *test) bool {
	if e.att == nil {
		return t.none()
	}
	return t.one(e.text)
}

func attachmentSize(e *element, t *test) bool { return e.att != nil && t.num(e.att.Size) }

func link(get func(*model.Link) string) func(*element, *test) bool {
	return func(e *element, t *test) bool {
		if e.link == nil {
			return t.none()
		}
		return t.one(get(e.link))
	}
}

func code(e *element, t *test) bool {
	if e.code == nil {
		return t.none()
	}
	return t.one(e.code.Code)
}

func present(e *element, t *test) bool {
	if t.collect != nil {
		t.collect(strconv.FormatBool(!e.isAbsent()))
		return false
	}
	return e.isAbsent() != t.want
}

func elementText(e *element, t *test) bool {
	if e.doc == nil {
		return t.none()
	}
	return t.one(e.doc.text(e.index))
}

func attribute(name string) func(*element, *test) bool {
	return func(e *element, t *test) bool {
		if e.doc == nil {
			return t.none()
		}
		value, ok := e.doc.attr(e.index, name)
		if !ok {
			return t.none()
		}
		if t.op == opExists {
			return t.want // an empty attribute is there: <input disabled>
		}
		return t.str(value)
	}
}

func elementMatches(e *element, t *test) bool {
	return e.doc != nil && t.sel != nil && e.doc.matches(t.sel)[e.index]
}
