package dsn

import (
	"bytes"
	"fmt"
	"time"
)

// Complaint is an abuse report by a receiver about a message, RFC 5965.
type Complaint struct {
	MTA, From, To string
	ReversePath   string // of the message complained about
	ForwardPath   string
	SourceIP      string // "" if unknown
	Arrival, Date time.Time
	Original      []byte
}

// Compose writes the report as multipart/report; report-type=feedback-report.
func (c Complaint) Compose() []byte {
	boundary := newBoundary()
	var b bytes.Buffer
	eightBit := !asciiBytes(c.Original)
	header(&b, c.From, c.To, "Abuse report", c.Date, "")
	fmt.Fprintf(&b, "Content-Type: multipart/report; report-type=feedback-report;\r\n\tboundary=\"%s\"\r\n%s", boundary, encoding(eightBit))
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+
		"This is an abuse report for a message that <%s> received on %s.\r\n", boundary, oneLine(c.ForwardPath), c.Arrival.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: message/feedback-report\r\n\r\n", boundary)
	fmt.Fprintf(&b, "Feedback-Type: abuse\r\nUser-Agent: catchpost/1\r\nVersion: 1\r\nOriginal-Mail-From: <%s>\r\nOriginal-Rcpt-To: <%s>\r\nArrival-Date: %s\r\nReporting-MTA: dns; %s\r\n",
		oneLine(c.ReversePath), oneLine(c.ForwardPath), c.Arrival.Format(time.RFC1123Z), oneLine(c.MTA))
	if c.SourceIP != "" {
		fmt.Fprintf(&b, "Source-IP: %s\r\n", oneLine(c.SourceIP))
	}
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: message/rfc822\r\n%s\r\n", boundary, encoding(eightBit))
	b.Write(c.Original)
	if !bytes.HasSuffix(c.Original, []byte("\r\n")) {
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	return b.Bytes()
}

// AutoReply is an out-of-office answer, RFC 3834.
type AutoReply struct {
	From, To   string
	Subject    string // of the original
	MessageID  string // of the original, without <>
	References []string
	Until      time.Time
	Date       time.Time
}

// Compose writes the answer; RFC 3834 §3.1.5 wants Auto:, In-Reply-To and References.
func (a AutoReply) Compose() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%s>\r\nSubject: Auto: %s\r\nDate: %s\r\nMessage-ID: <%s@%s>\r\nAuto-Submitted: auto-replied\r\n",
		oneLine(a.From), oneLine(a.To), encodeWord(oneLine(a.Subject)), a.Date.Format(time.RFC1123Z), newBoundary()[2:], domainOf(a.From))
	if a.MessageID != "" {
		fmt.Fprintf(&b, "In-Reply-To: <%s>\r\nReferences:", oneLine(a.MessageID))
		for _, ref := range append(lastOf(a.References, 20), a.MessageID) {
			fmt.Fprintf(&b, "\r\n <%s>", oneLine(ref))
		}
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+
		"Thank you for your message. I am out of the office until %s\r\nand will answer when I am back.\r\n", a.Until.Format("2 January 2006"))
	return b.Bytes()
}

func lastOf(list []string, n int) []string {
	if len(list) > n {
		list = list[len(list)-n:]
	}
	return append([]string(nil), list...)
}
