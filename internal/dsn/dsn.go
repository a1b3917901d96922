// Package dsn writes and reads what mail systems say about mail: delivery status
// notifications (RFC 3461–3464, RFC 6533), abuse reports (RFC 5965) and automatic
// replies (RFC 3834).
package dsn

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
)

// Action is what became of a recipient, RFC 3464 §2.3.3.
type Action string

// Actions of RFC 3464 §2.3.3.
const (
	Failed    Action = "failed"
	Delayed   Action = "delayed"
	Delivered Action = "delivered"
	Relayed   Action = "relayed"
	Expanded  Action = "expanded"
)

// Recipient is one recipient's fields, RFC 3464 §2.3.
type Recipient struct {
	Final      string // address as it was tried
	ORCPT      string // as RCPT gave it, xtext decoded: "rfc822;anna@x.test"; "" if none
	Action     Action
	Status     string // enhanced status code, RFC 3463: "5.1.1"
	RemoteMTA  string // host name, "" if none answered
	Diagnostic string // the SMTP reply: "550 5.1.1 no such user", "" if none
	LastTry    time.Time
	RetryUntil time.Time // of a delayed recipient
}

// Report is a delivery status notification.
type Report struct {
	MTA        string // host name of the reporting MTA
	From       string // address in From, as in "MAILER-DAEMON@host"
	To         string // the original's reverse-path
	MessageID  string // without <>; "": one is made
	EnvID      string // ENVID, xtext decoded; "" if none
	Arrival    time.Time
	Date       time.Time
	Recipients []Recipient
	Full       bool   // return the whole message (RET=FULL), else its header
	Original   []byte // the original message
}

// Compose writes the notification as multipart/report, RFC 6522. It comes from
// the null reverse-path; the caller sees to that.
func (r Report) Compose() []byte {
	boundary := newBoundary()
	var b bytes.Buffer
	utf8 := !ascii(r.To)
	for _, rc := range r.Recipients {
		utf8 = utf8 || !ascii(rc.Final) || !ascii(rc.ORCPT)
	}
	original := returned(r.Original, r.Full)
	eightBit := utf8 || !asciiBytes(original)
	statusType, originalType := "message/delivery-status", "text/rfc822-headers"
	if r.Full {
		originalType = "message/rfc822"
	}
	if utf8 { // RFC 6533 §3, §5
		statusType = "message/global-delivery-status"
		if originalType = "message/global-headers"; r.Full {
			originalType = "message/global"
		}
	}
	header(&b, r.From, r.To, r.subject(), r.Date, r.MessageID)
	fmt.Fprintf(&b, "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"%s\"\r\n", boundary)
	if eightBit {
		b.WriteString("Content-Transfer-Encoding: 8bit\r\n")
	}
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=utf-8\r\n%s\r\n", boundary, encoding(eightBit))
	b.WriteString(r.words())
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Description: Delivery report\r\nContent-Type: %s\r\n%s\r\n", boundary, statusType, encoding(utf8))
	r.fields(&b)
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Description: Original message\r\nContent-Type: %s\r\n%s\r\n", boundary, originalType, encoding(!asciiBytes(original)))
	b.Write(original)
	if !bytes.HasSuffix(original, []byte("\r\n")) {
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	return b.Bytes()
}

func encoding(eightBit bool) string {
	if eightBit {
		return "Content-Transfer-Encoding: 8bit\r\n"
	}
	return ""
}

// header writes what every automatic message has. Auto-Submitted is RFC 3834 §5.
func header(b *bytes.Buffer, from, to, subject string, date time.Time, id string) {
	if id == "" {
		id = strings.ToLower(rand.Text()) + "@" + domainOf(from)
	}
	fmt.Fprintf(b, "From: Mail Delivery System <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n"+
		"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n",
		oneLine(from), oneLine(to), oneLine(subject), date.Format(time.RFC1123Z), oneLine(id))
}

func (r Report) subject() string {
	switch r.worst() {
	case Failed:
		return "Undelivered mail returned to sender"
	case Delayed:
		return "Delivery of your mail is delayed"
	case Relayed:
		return "Your mail was relayed"
	default:
		return "Your mail was delivered"
	}
}

// worst is the gravest action of the recipients.
func (r Report) worst() Action {
	for _, a := range []Action{Failed, Delayed, Relayed} {
		for _, rc := range r.Recipients {
			if rc.Action == a {
				return a
			}
		}
	}
	return Delivered
}

// words is the part for people.
func (r Report) words() string {
	var b strings.Builder
	fmt.Fprintf(&b, "This is the mail system at %s.\r\n\r\n", oneLine(r.MTA))
	switch r.worst() {
	case Failed:
		b.WriteString("Your message could not be delivered to the recipients below. It is returned with this notice.\r\n")
	case Delayed:
		b.WriteString("Your message has not been delivered yet. You need not send it again: delivery is still being tried.\r\n")
	case Relayed:
		b.WriteString("Your message was handed to a system that does not report on deliveries. No further notice will come.\r\n")
	default:
		b.WriteString("Your message was delivered.\r\n")
	}
	for _, rc := range r.Recipients {
		fmt.Fprintf(&b, "\r\n<%s>: %s", oneLine(rc.Final), rc.Action)
		if rc.RemoteMTA != "" {
			fmt.Fprintf(&b, "; %s said", oneLine(rc.RemoteMTA))
		}
		if rc.Diagnostic != "" {
			fmt.Fprintf(&b, ": %s", oneLine(rc.Diagnostic))
		}
		if !rc.RetryUntil.IsZero() {
			fmt.Fprintf(&b, "\r\nIt will be tried until %s.", rc.RetryUntil.Format(time.RFC1123Z))
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

// fields writes the per-message and per-recipient fields, RFC 3464 §2.2 and §2.3.
func (r Report) fields(b *bytes.Buffer) {
	if r.EnvID != "" {
		fmt.Fprintf(b, "Original-Envelope-Id: %s\r\n", oneLine(r.EnvID))
	}
	fmt.Fprintf(b, "Reporting-MTA: dns; %s\r\n", oneLine(r.MTA))
	if !r.Arrival.IsZero() {
		fmt.Fprintf(b, "Arrival-Date: %s\r\n", r.Arrival.Format(time.RFC1123Z))
	}
	for _, rc := range r.Recipients {
		b.WriteString("\r\n")
		if rc.ORCPT != "" {
			kind, addr, _ := strings.Cut(rc.ORCPT, ";")
			fmt.Fprintf(b, "Original-Recipient: %s; %s\r\n", oneLine(kind), oneLine(addr))
		}
		fmt.Fprintf(b, "Final-Recipient: %s; %s\r\nAction: %s\r\nStatus: %s\r\n", addressType(rc.Final), oneLine(rc.Final), rc.Action, oneLine(rc.Status))
		if rc.RemoteMTA != "" {
			fmt.Fprintf(b, "Remote-MTA: dns; %s\r\n", oneLine(rc.RemoteMTA))
		}
		if rc.Diagnostic != "" {
			fmt.Fprintf(b, "Diagnostic-Code: smtp; %s\r\n", oneLine(rc.Diagnostic))
		}
		if !rc.LastTry.IsZero() {
			fmt.Fprintf(b, "Last-Attempt-Date: %s\r\n", rc.LastTry.Format(time.RFC1123Z))
		}
		if rc.Action == Delayed && !rc.RetryUntil.IsZero() {
			fmt.Fprintf(b, "Will-Retry-Until: %s\r\n", rc.RetryUntil.Format(time.RFC1123Z))
		}
	}
}

// returned is the part of the original that goes back: all of it or its header,
// RFC 3461 §4.3.
func returned(original []byte, full bool) []byte {
	if full {
		return original
	}
	if i := bytes.Index(original, []byte("\r\n\r\n")); i >= 0 {
		return original[:i+2]
	}
	return original
}

func addressType(addr string) string {
	if ascii(addr) {
		return "rfc822"
	}
	return "utf-8" // RFC 6533 §3
}

// oneLine keeps anything given from beginning a header line of its own, and
// from being longer than RFC 5322 §2.1.1 lets a line be.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) > 900 {
		s = strings.ToValidUTF8(s[:900], "")
	}
	return strings.TrimSpace(s)
}

func domainOf(addr string) string {
	if i := strings.LastIndexByte(addr, '@'); i >= 0 && i+1 < len(addr) {
		return oneLine(addr[i+1:])
	}
	return "localhost"
}

func ascii(s string) bool { return asciiBytes([]byte(s)) }

func asciiBytes(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func newBoundary() string { return "=_" + rand.Text() }
