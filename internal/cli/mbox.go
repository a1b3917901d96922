package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

var (
	fromLine = []byte("From ")
)

// readMbox yields the messages of an mbox (RFC 4155): each begins with a line
// "From …" at the start or after an empty line. A quoted ">From " loses one ">";
// mboxrd quotes lines that were quoted before too, mboxo (onlyOne) does not.
func readMbox(r *bufio.Reader, onlyOne bool, yield func(mboxOrigin, []byte) error) error {
	var message []byte
	var origin mboxOrigin
	begun, empty := false, true
	for {
		l, err := readLine(r)
		if len(l) > 0 {
			text := bytes.TrimRight(l, "\r\n")
			switch {
			case empty && bytes.HasPrefix(l, fromLine):
				if begun {
					if err := yield(origin, endMessage(message)); err != nil {
						return err
					}
				}
				begun, message, origin = true, nil, parseFromLine(string(text))
			case !begun:
				return errors.New("this is no mbox: it does not begin with a line \"From …\"")
			default:
				if len(message)+len(l) > maxMessage {
					return fmt.Errorf("a message is larger than %d octets", maxMessage)
				}
				message = append(message, unquoteFrom(l, onlyOne)...)
			}
			empty = len(text) == 0
		}
		if errors.Is(err, io.EOF) {
			if !begun {
				return nil
			}
			return yield(origin, endMessage(message))
		}
		if err != nil {
			return err
		}
	}
}

// mboxOrigin is what a "From " line tells of a message: who sent it and when it
// came. A reverse-path that is no address is nil, a time that is none zero.
type mboxOrigin struct {
	reversePath *string
	at          time.Time
}

// parseFromLine reads "From sender date"; the date is asctime's in UTC (RFC 4155),
// often with a zone before or after the year.
func parseFromLine(l string) mboxOrigin {
	var o mboxOrigin
	sender, rest := fromSender(strings.TrimSpace(strings.TrimPrefix(l, "From ")))
	if sender == "" {
		return o
	}
	switch sender = strings.Trim(sender, "<>"); {
	case sender == "MAILER-DAEMON" || sender == "":
		o.reversePath = new(string) // the null reverse-path
	case strings.Contains(sender, "@"):
		o.reversePath = &sender
	}
	date := strings.Join(strings.Fields(rest), " ")
	for _, layout := range []string{"Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 2006 -0700", "Mon Jan 2 15:04:05 -0700 2006", "Mon Jan 2 15:04 2006", "Mon Jan 2 15:04:05 MST 2006", time.RFC1123Z} {
		if at, err := time.Parse(layout, date); err == nil {
			o.at = at
			break
		}
	}
	return o
}

// fromSender cuts the sender off. A quoted local-part may hold blanks, RFC 5321 §4.1.2.
func fromSender(s string) (sender, rest string) {
	quoted := 0
	if strings.HasPrefix(s, `"`) {
		quoted = max(0, strings.Index(s, `"@`))
	}
	if i := strings.IndexAny(s[quoted:], " \t"); i >= 0 {
		return s[:quoted+i], s[quoted+i:]
	}
	return s, ""
}

// readLine reads a line whatever its length, up to the size of a message.
func readLine(r *bufio.Reader) ([]byte, error) {
	var l []byte
	for {
		piece, err := r.ReadSlice('\n')
		l = append(l, piece...)
		if !errors.Is(err, bufio.ErrBufferFull) || len(l) > maxMessage {
			return l, err
		}
	}
}

func unquoteFrom(l []byte, onlyOne bool) []byte {
	rest := bytes.TrimLeft(l, ">")
	marks := len(l) - len(rest)
	if marks == 0 || !bytes.HasPrefix(rest, fromLine) || onlyOne && marks != 1 {
		return l
	}
	return l[1:]
}

// endMessage takes the empty line that parts messages, and gives the lines the
// CRLF that mail has on the wire.
func endMessage(m []byte) []byte {
	m = bytes.TrimSuffix(bytes.TrimSuffix(m, []byte("\n")), []byte("\r"))
	return crlf(m)
}

// writeMbox writes one message in mboxrd form with LF line ends.
func writeMbox(w io.Writer, reversePath string, at time.Time, raw []byte) error {
	sender := mboxSender(reversePath)
	if _, err := fmt.Fprintf(w, "From %s %s\n", sender, at.UTC().Format(time.ANSIC)); err != nil {
		return err
	}
	body := bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	b := bufio.NewWriter(w)
	for l := range bytes.Lines(body) {
		if bytes.HasPrefix(bytes.TrimLeft(l, ">"), fromLine) {
			b.WriteByte('>')
		}
		b.Write(l)
	}
	if len(body) > 0 && body[len(body)-1] != '\n' {
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return b.Flush()
}

// mboxSender is the address as it was, but for what would end the line.
func mboxSender(reversePath string) string {
	s := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, reversePath)
	if s == "" {
		return "MAILER-DAEMON"
	}
	return s
}
