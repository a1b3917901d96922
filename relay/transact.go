package relay

import (
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"

	"github.com/emersion/go-smtp"
)

// send carries one transaction out and returns a result for each recipient, in
// order. The error is a *hopError when another address may do better; then no
// recipient has been relayed. After any error the session is of no more use.
func (s *session) send(t transaction) ([]result, error) {
	s.used++
	s.talk.heard.Store(0)
	out := make([]result, len(t.recipients))
	if r, ok := s.cannot(t); !ok {
		return fill(out, r), nil
	}
	if err := s.client.Mail(t.reversePath, s.mailOptions(t)); err != nil {
		return s.refused(out, "mail", err)
	}
	accepted := 0
	for i, rc := range t.recipients {
		err := s.client.Rcpt(rc.path, rcptOptions(rc))
		if err == nil {
			accepted++
			continue
		}
		if elsewhere(err) {
			return nil, failAt("rcpt", err)
		}
		out[i] = resultOf("rcpt", err)
		if out[i].code == 552 && !strings.HasPrefix(out[i].enhanced, "5.2.") { // too many recipients, RFC 5321 §4.5.3.1.10
			out[i].outcome = outcomeDeferred
		}
	}
	if accepted == 0 {
		return out, s.reset()
	}
	return s.data(t, out)
}

// data sends the octets; results that are still empty get the final reply's.
func (s *session) data(t transaction, out []result) ([]result, error) {
	s.client.CommandTimeout = s.timeouts.Data
	w, err := s.client.Data()
	s.client.CommandTimeout = s.timeouts.Command
	if err != nil {
		return s.refused(out, "data", err)
	}
	s.handing.Store(true)
	defer s.handing.Store(false)
	s.log.hide("data")
	if _, err = io.WriteString(w, t.prefix); err == nil {
		_, err = w.Write(t.raw)
	}
	if err != nil { // the final dot was not sent: nothing was taken
		s.log.show()
		return nil, failAt("data", err)
	}
	response, err := w.CloseWithResponse()
	s.log.show()
	if err == nil {
		text := response.StatusText
		return fill(out, result{outcomeRelayed, "end", 250, enhancedIn(text, "2.0.0"), strings.Join(strings.Fields(text), " ")}), nil
	}
	r := resultOf("end", err)
	if r.code == 0 {
		r.outcome, r.enhanced = outcomeUncertain, "4.4.2"
		r.text = "no reply came after the final dot: " + r.text
		return fill(out, r), &hopError{r}
	}
	if elsewhere(err) {
		return nil, failAt("end", err)
	}
	return fill(out, r), nil
}

// refused gives every undecided recipient the reply to MAIL or DATA.
func (s *session) refused(out []result, stage string, err error) ([]result, error) {
	if elsewhere(err) {
		return nil, failAt(stage, err)
	}
	return fill(out, resultOf(stage, err)), s.reset()
}

func (s *session) reset() error {
	if err := s.client.Reset(); err != nil {
		return failAt("rset", err)
	}
	return nil
}

// elsewhere reports an error that another address may not have: no reply, or 421.
func elsewhere(err error) bool {
	var se *smtp.SMTPError
	var te *textproto.Error
	switch {
	case errors.As(err, &se):
		return se.Code == 421
	case errors.As(err, &te):
		return te.Code == 421
	}
	return !isLocal(err)
}

func fill(out []result, r result) []result {
	for i := range out {
		if out[i].outcome == "" {
			out[i] = r
		}
	}
	return out
}

// cannot finds what the message needs and the hop does not offer.
func (s *session) cannot(t transaction) (result, bool) {
	fail := func(enhanced, text string) (result, bool) {
		return result{outcomeFailed, "ehlo", 0, enhanced, text}, false
	}
	if ok, _ := s.client.Extension("SMTPUTF8"); t.utf8 && !ok {
		return fail("5.6.7", "the message needs SMTPUTF8, which the next hop does not offer") // RFC 6531 §3.2
	}
	if ok, _ := s.client.Extension("8BITMIME"); t.eightBit && !ok {
		return fail("5.6.3", "the message has 8-bit octets, and the next hop does not offer 8BITMIME") // RFC 6152 §3
	}
	if t.binary {
		return fail("5.6.3", "the message needs BINARYMIME, which is not relayed") // RFC 3030 §3
	}
	if ok, _ := s.client.Extension("REQUIRETLS"); t.requireTLS && (!ok || s.tls == nil) {
		return fail("5.7.30", "the message demands REQUIRETLS, which the next hop does not offer") // RFC 8689 §5
	}
	if most, ok := s.client.MaxMessageSize(); ok && most > 0 && t.size() > most {
		return fail("5.3.4", fmt.Sprintf("the message has %d octets, the next hop takes %d", t.size(), most)) // RFC 1870 §6.1
	}
	return result{}, true
}

func (s *session) mailOptions(t transaction) *smtp.MailOptions {
	o := &smtp.MailOptions{Size: int64(t.size()), UTF8: t.utf8, RequireTLS: t.requireTLS}
	if printable(t.envid) {
		o.EnvelopeID = t.envid
	}
	switch strings.ToUpper(t.ret) {
	case "FULL":
		o.Return = smtp.DSNReturnFull
	case "HDRS":
		o.Return = smtp.DSNReturnHeaders
	}
	return o
}

func rcptOptions(rc recipient) *smtp.RcptOptions {
	o := &smtp.RcptOptions{}
	for _, n := range rc.notify {
		o.Notify = append(o.Notify, smtp.DSNNotify(strings.ToUpper(n)))
	}
	kind, addr, ok := strings.Cut(rc.orcpt, ";")
	switch {
	case !ok:
	case strings.EqualFold(kind, "rfc822") && printable(addr):
		o.OriginalRecipientType, o.OriginalRecipient = smtp.DSNAddressTypeRFC822, addr
	case strings.EqualFold(kind, "utf-8"):
		o.OriginalRecipientType, o.OriginalRecipient = smtp.DSNAddressTypeUTF8, addr
	}
	return o
}

// printable says whether a parameter can stand in xtext, RFC 3461 §4.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' })
}

func (t transaction) size() int { return len(t.prefix) + len(t.raw) }

// enhancedIn is the enhanced status code that a reply text begins with.
func enhancedIn(text, otherwise string) string {
	word, _, _ := strings.Cut(text, " ")
	var a, b, c int
	if n, err := fmt.Sscanf(word, "%d.%d.%d", &a, &b, &c); n == 3 && err == nil {
		return word
	}
	return otherwise
}
