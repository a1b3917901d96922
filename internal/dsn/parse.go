package dsn

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Parse reads a notification that Compose or another mail system wrote.
// Errors say what is not as RFC 3464 wants it.
func Parse(raw []byte) (Report, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Report{}, fmt.Errorf("dsn: %w", err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") {
		return Report{}, errors.New("dsn: not multipart/report with report-type delivery-status")
	}
	r := Report{From: oneAddress(m.Header.Get("From")), To: oneAddress(m.Header.Get("To")), MessageID: oneAddress(m.Header.Get("Message-Id"))}
	r.Date, _ = m.Header.Date()
	parts := multipart.NewReader(m.Body, params["boundary"])
	seen := map[string]bool{}
	for range 10 {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Report{}, fmt.Errorf("dsn: %w", err)
		}
		body, err := io.ReadAll(io.LimitReader(p, 64<<20))
		if err != nil {
			return Report{}, fmt.Errorf("dsn: %w", err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		seen[kind] = true
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			if err := r.readFields(body); err != nil {
				return Report{}, err
			}
		case "message/rfc822", "message/global":
			r.Full, r.Original = true, body
		case "text/rfc822-headers", "message/global-headers":
			r.Original = body
		}
	}
	if !seen["message/delivery-status"] && !seen["message/global-delivery-status"] {
		return Report{}, errors.New("dsn: no delivery-status part")
	}
	return r, nil
}

func oneAddress(s string) string {
	if a, err := mail.ParseAddress(s); err == nil {
		return a.Address
	}
	return strings.Trim(strings.TrimSpace(s), "<>")
}

// readFields reads the groups of fields, RFC 3464 §2.1: the message's, then one
// for each recipient.
func (r *Report) readFields(body []byte) error {
	rd := textproto.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.TrimRight(body, "\r\n")), strings.NewReader("\r\n\r\n"))))
	first := true
	for {
		h, err := rd.ReadMIMEHeader()
		if len(h) == 0 && err != nil {
			break
		}
		if first {
			first = false
			r.MTA, r.EnvID = value(h, "Reporting-MTA"), h.Get("Original-Envelope-Id")
			r.Arrival = date(h, "Arrival-Date")
		} else if len(h) > 0 {
			r.Recipients = append(r.Recipients, Recipient{
				Final: value(h, "Final-Recipient"), ORCPT: strings.ReplaceAll(h.Get("Original-Recipient"), "; ", ";"),
				Action: Action(strings.ToLower(h.Get("Action"))), Status: h.Get("Status"),
				RemoteMTA: value(h, "Remote-MTA"), Diagnostic: value(h, "Diagnostic-Code"),
				LastTry: date(h, "Last-Attempt-Date"), RetryUntil: date(h, "Will-Retry-Until"),
			})
		}
		if err != nil {
			break
		}
	}
	if r.MTA == "" || len(r.Recipients) == 0 {
		return errors.New("dsn: Reporting-MTA or recipient fields are missing")
	}
	for _, rc := range r.Recipients {
		if rc.Final == "" || rc.Action == "" || rc.Status == "" {
			return errors.New("dsn: a recipient lacks Final-Recipient, Action or Status")
		}
	}
	return nil
}

// value is what follows "type;" in a typed field.
func value(h textproto.MIMEHeader, name string) string {
	_, v, _ := strings.Cut(h.Get(name), ";")
	return strings.TrimSpace(v)
}

func date(h textproto.MIMEHeader, name string) time.Time {
	t, err := mail.ParseDate(h.Get(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

// encodeWord makes a header value ASCII, RFC 2047.
func encodeWord(s string) string { return mime.QEncoding.Encode("utf-8", s) }
