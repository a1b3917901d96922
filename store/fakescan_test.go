package store

import (
	"bytes"
	"io"
	"net/mail"
	"strings"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
)

// plainScan derives what plain test mails need.
func plainScan(raw []byte) *message.Digest {
	d := &message.Digest{TextPart: -1, HTMLPart: -1}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		d.SearchText = strings.ToLower(string(raw))
		d.SearchQ = len(d.SearchText)
		return d
	}
	body, _ := io.ReadAll(m.Body)
	d.Subject = m.Header.Get("Subject")
	d.MessageID = strings.Trim(m.Header.Get("Message-ID"), "<>")
	d.Date, _ = m.Header.Date()
	for _, f := range []struct {
		name string
		list *[]model.Address
	}{{"From", &d.From}, {"To", &d.To}} {
		l, _ := m.Header.AddressList(f.name)
		for _, a := range l {
			*f.list = append(*f.list, model.Address{Name: a.Name, Address: a.Address})
		}
	}
	d.TextPart = 0
	d.Parts = []message.Part{{Parent: -1, Path: "1", BodyStart: int64(len(raw) - len(body)), BodyEnd: int64(len(raw)), Type: "text/plain"}}
	q := d.Subject + "\n" + m.Header.Get("From") + " " + m.Header.Get("To") + "\n" + string(body)
	q = strings.ToLower(strings.Join(strings.Fields(q), " "))
	d.SearchQ = len(q)
	d.SearchText = q + "\n" + strings.ToLower(d.MessageID)
	return d
}
