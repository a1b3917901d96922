package store

import (
	"github.com/catchpost/catchpost/internal/extract"
	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/kv"
)

// subject is a message as a filter looks at it: what is asked for is read and
// decoded once. It is for one goroutine.
type subject struct {
	s   *Store
	m   *Message
	seq Sequence
	r   kv.Reader // of the list that is looking; nil: a view of its own for each read
	// headOnly is set while m has only what a summary needs.
	headOnly bool
	login    bool // the head has Envelope.AuthUser too; see Query.Login

	summary *model.Summary
	full    *model.Message
	raw     []byte
	hasRaw  bool
	text    *string
	links   *[]model.Link
	codes   *[]model.Code
	err     error // of reading the record, kept for the first method that can tell
}

// Subject opens a message for a filter; lazily decoded, remembered.
func (s *Store) Subject(m *Message) filter.Subject { return &subject{s: s, m: m, seq: m.Sequence} }

// freshSubject is a message that is not stored yet.
func (s *Store) freshSubject(m *Message, raw []byte, text string) filter.Subject {
	return &subject{s: s, m: m, raw: raw, hasRaw: true, text: &text}
}

// view reads in the list's transaction, or in one of its own.
func (j *subject) view(fn func(kv.Reader) error) error {
	if j.r != nil {
		return fn(j.r)
	}
	return j.s.view(fn)
}

// head reads the head of the record, where a list began with a sequence alone.
func (j *subject) head() *Message {
	if j.m == nil && j.err == nil {
		j.read(decodeRecordHead)
		j.headOnly = true
	}
	return j.m
}

// headAndLogin reads what Query.Login asks for.
func (j *subject) headAndLogin() *Message {
	switch {
	case j.err != nil, j.m != nil && (!j.headOnly || j.login):
		return j.m
	case j.m != nil && j.m.Digest.Attachments == 0:
		j.err = j.view(func(r kv.Reader) (err error) {
			if row := messageRow(r, j.seq, rowRecord); row != nil {
				j.m.Envelope.AuthUser, err = recordLogin(row)
			}
			return err
		})
	default:
		j.read(decodeRecordLogin)
	}
	j.headOnly, j.login = true, true
	return j.m
}

// message reads the whole record.
func (j *subject) message() *Message {
	if j.err == nil && (j.m == nil || j.headOnly) {
		j.read(decodeRecord)
		j.headOnly = false
	}
	return j.m
}

func (j *subject) read(decode func(Sequence, []byte) (*record, error)) {
	j.m = nil
	j.err = j.view(func(r kv.Reader) error {
		row := messageRow(r, j.seq, rowRecord)
		if row == nil {
			return ErrNotFound
		}
		rec, err := decode(j.seq, row)
		if err != nil {
			return err
		}
		if j.m = j.s.complete(rec); j.m == nil {
			return ErrNotFound
		}
		return nil
	})
}

func (j *subject) Summary() *model.Summary {
	if j.summary == nil {
		j.summary = &model.Summary{}
		if m := j.head(); m != nil {
			*j.summary = m.Summary()
		}
	}
	return j.summary
}

func (j *subject) open() (message.View, error) {
	m := j.message()
	if j.err != nil {
		return message.View{}, j.err
	}
	if !j.hasRaw {
		err := j.view(func(r kv.Reader) (err error) {
			j.raw, err = j.s.readRaw(r, m)
			return err
		})
		if err != nil {
			return message.View{}, err
		}
		j.hasRaw = true
	}
	return message.View{Raw: j.raw, Digest: m.Digest}, nil
}

func (j *subject) Full() (*model.Message, error) {
	if j.full != nil {
		return j.full, nil
	}
	v, err := j.open()
	if err != nil {
		return nil, err
	}
	full := &model.Message{
		Summary: *j.Summary(), Headers: list(v.Headers()), Attachments: list(v.Attachments()),
		Envelope: j.m.Envelope, Warnings: list(j.m.Digest.Warnings), Truncated: []string{},
	}
	full.Envelope.DSN.Recipients = list(full.Envelope.DSN.Recipients)
	if text, ok := v.Text(); ok {
		full.Text = &text
	}
	if html, ok := v.HTML(); ok {
		full.HTML = &html
	}
	j.full = full
	return full, nil
}

func (j *subject) BodyText() (string, error) {
	v, err := j.open()
	if err != nil {
		return "", err
	}
	return v.BodyText(), nil
}

func (j *subject) SearchText() (q, rest string, err error) {
	if j.text == nil {
		var text string
		err := j.view(func(r kv.Reader) (err error) {
			text, err = j.s.readText(r, j.seq)
			return err
		})
		if err != nil {
			return "", "", err
		}
		j.text = &text
	}
	m := j.head()
	if j.err != nil {
		return "", "", j.err
	}
	n := min(max(m.Digest.SearchQ, 0), len(*j.text))
	return (*j.text)[:n], (*j.text)[n:], nil
}

func (j *subject) AttachmentTexts() ([]string, error) {
	v, err := j.open()
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, a := range v.Attachments() {
		text := ""
		if p, ok := v.Part(a.Path); ok {
			text = v.AttachmentText(p)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// bodies are the decoded bodies, "" where there is none.
func (j *subject) bodies() (html, text string, err error) {
	v, err := j.open()
	if err != nil {
		return "", "", err
	}
	html, _ = v.HTML()
	text, _ = v.Text()
	return html, text, nil
}

func (j *subject) Links() ([]model.Link, error) {
	if j.links == nil {
		html, text, err := j.bodies()
		if err != nil {
			return nil, err
		}
		links := extract.Links(html, text)
		j.links = &links
	}
	return *j.links, nil
}

func (j *subject) Codes() ([]model.Code, error) {
	if j.codes == nil {
		html, text, err := j.bodies()
		if err != nil {
			return nil, err
		}
		codes := extract.Codes(j.m.Digest.Subject, html, text)
		j.codes = &codes
	}
	return *j.codes, nil
}
