package smtpd

import (
	"strconv"
	"strings"
)

// reply is an answer of ours, RFC 5321 §4.2.
type reply struct {
	code     int
	enhanced string // RFC 3463; "" where RFC 2034 §4 allows none: greeting, HELO, EHLO, 3yz
	text     string // lines are parted by "\n"
	hangUp   bool   // close after it
	injected bool   // a fault's doing
	message  string // ID of the message that it confirms
	more     []reply
}

// appendTo writes the reply as it goes over the wire.
func (r *reply) appendTo(b []byte) []byte {
	rest := r.text
	for more := true; more; {
		var text string
		text, rest, more = strings.Cut(rest, "\n")
		b = strconv.AppendInt(b, int64(r.code), 10)
		if more {
			b = append(b, '-')
		} else {
			b = append(b, ' ')
		}
		if r.enhanced != "" {
			b = append(append(b, r.enhanced...), ' ')
		}
		b = append(append(b, text...), '\r', '\n')
	}
	return b
}

// Replies that several commands give.
var (
	okReply      = reply{code: 250, enhanced: "2.0.0", text: "Ok"}
	noArguments  = reply{code: 501, enhanced: "5.5.4", text: "The command takes no argument"}
	notKnown     = reply{code: 500, enhanced: "5.5.1", text: "Command not recognized"}
	lineTooLong  = reply{code: 500, enhanced: "5.5.2", text: "Line too long"}
	bareLineEnd  = reply{code: 500, enhanced: "5.5.2", text: "A line ends in CR LF, and holds neither alone (RFC 5321 section 2.3.8)"}
	tooBig       = reply{code: 552, enhanced: "5.3.4", text: "Message too big"}
	shuttingDown = reply{code: 421, enhanced: "4.3.2", text: "Service shutting down, closing channel", hangUp: true}
	timedOut     = reply{code: 421, enhanced: "4.4.2", text: "Timeout, closing channel", hangUp: true}
	tooManyErrs  = reply{code: 421, enhanced: "4.7.0", text: "Too many errors, closing channel", hangUp: true}
	tooManyConns = reply{code: 421, enhanced: "4.3.2", text: "Too many connections, try again later", hangUp: true}
	internal     = reply{code: 451, enhanced: "4.3.0", text: "Local error in processing"}
	authNeeded   = reply{code: 530, enhanced: "5.7.0", text: "Authentication required"}
	notTold      = reply{code: 252, enhanced: "2.0.0", text: "Accounts are told of after AUTH alone, but mail may be sent"} // RFC 5321 §7.3
)

// oneLine makes text fit for a reply: printable, without line ends, of bounded
// length (RFC 5321 §4.5.3.1.5).
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, s)
	if len(s) > 400 {
		s = strings.ToValidUTF8(s[:400], "")
	}
	return s
}
