package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	gomail "github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"
)

// Exit statuses of sendmail, as sysexits.h names them.
const (
	exUsage       = 64
	exData        = 65
	exUnavailable = 69
	exTempFail    = 75
)

// Sendmail stands in for /usr/sbin/sendmail: its arguments are sendmail's. The
// server and login come from CATCHPOST_SMTP_SERVER, _USER and _PASSWORD.
type Sendmail struct {
	Args []string `arg:"" optional:"" placeholder:"ARGUMENTS" help:"As sendmail takes them: -t -i -f ADDRESS -F NAME -bs -oi -B TYPE, recipients."`
}

const sendmailHelp = `Usage: catchpost sendmail [OPTIONS] [RECIPIENT ...] < MESSAGE

Takes a message on standard input and sends it as /usr/sbin/sendmail would.

  -t           recipients from To, Cc and Bcc too; Bcc is taken out
  -i, -oi      a line of a single dot does not end the message
  -f, -r ADDR  reverse-path (<> is the null one)
  -F NAME      full name, for a From field that is missing
  -B TYPE      body: 7BIT or 8BITMIME
  -bs          speak SMTP on standard input and output
  -bm          deliver (what it does without an option)
  -bp, -bi     list the queue, which is empty; rebuild aliases: nothing to do
  -o…, -O …, -C -X -h -N -R -V -L -A -q -v and others of sendmail
               for its queue and configuration: taken and without effect

The server and login are CATCHPOST_SMTP_SERVER (127.0.0.1:1025),
CATCHPOST_SMTP_USER and CATCHPOST_SMTP_PASSWORD.
Exit status: 0 sent, 64 wrong usage, 69 refused, 75 not now.
`

// sendmailJob is what the arguments ask for.
type sendmailJob struct {
	mode       byte // m deliver, s speak SMTP, p list the queue, i rebuild aliases
	fromHeader bool // -t
	ignoreDots bool // -i
	from       string
	fromGiven  bool
	name       string
	body       string
	to         []string
}

// Run does what sendmail would do, and exits as it would.
func (c *Sendmail) Run(ctx context.Context, s Streams) error {
	if slices.Equal(c.Args, []string{"--help"}) {
		_, err := io.WriteString(s.Out, sendmailHelp)
		return err
	}
	job, err := parseSendmail(c.Args)
	if err != nil {
		return &ExitError{exUsage, fmt.Errorf("sendmail: %w (sendmail --help lists what there is)", err)}
	}
	server := Server{Server: "127.0.0.1:1025", HELO: "localhost",
		User: os.Getenv("CATCHPOST_SMTP_USER"), Password: os.Getenv("CATCHPOST_SMTP_PASSWORD")}
	if v := os.Getenv("CATCHPOST_SMTP_SERVER"); v != "" {
		server.Server = v
	}
	switch job.mode {
	case 's':
		return speak(ctx, &server, s)
	case 'p':
		_, err := fmt.Fprintln(s.Out, "Mail queue is empty")
		return err
	case 'i':
		return nil
	}
	return job.deliver(ctx, &server, s.In)
}

// parseSendmail reads the arguments as sendmail(8) does: options with their
// value joined or apart, recipients among them.
func parseSendmail(args []string) (*sendmailJob, error) {
	job := &sendmailJob{mode: 'm'}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			job.to = append(job.to, args[i+1:]...)
			break
		}
		if len(a) < 2 || a[0] != '-' {
			job.to = append(job.to, a)
			continue
		}
		if strings.HasPrefix(a, "--") { // sendmail has none: an address never begins so
			return nil, fmt.Errorf("%s is unknown", a)
		}
		option, value := a[1], a[2:]
		if value == "" && strings.IndexByte("fFrBoOCXNRVLM", option) >= 0 {
			if i++; i >= len(args) {
				return nil, fmt.Errorf("-%c needs a value", option)
			}
			value = args[i]
		}
		if err := job.option(option, value); err != nil {
			return nil, err
		}
	}
	return job, nil
}

// option takes one option. What sendmail has for queues, debugging and
// configuration means nothing here and is passed over.
func (j *sendmailJob) option(option byte, value string) error {
	switch option {
	case 't':
		j.fromHeader = true
		if rest := strings.TrimLeft(value, "t"); rest != "" { // "-ti"
			return j.option(rest[0], rest[1:])
		}
	case 'i':
		j.ignoreDots = true
		if value != "" { // "-it"
			return j.option(value[0], value[1:])
		}
	case 'f', 'r':
		j.from, j.fromGiven = strings.Trim(value, "<>"), true
	case 'F':
		j.name = value
	case 'B':
		if v := strings.ToUpper(value); v == "8BITMIME" || v == "7BIT" {
			j.body = v
		} else {
			return fmt.Errorf("-B: %q is neither 7BIT nor 8BITMIME", value)
		}
	case 'o':
		if value == "i" || strings.HasPrefix(value, "i=") {
			j.ignoreDots = true
		}
	case 'O':
		if strings.EqualFold(value, "IgnoreDots") || strings.EqualFold(value, "IgnoreDots=true") {
			j.ignoreDots = true
		}
	case 'b':
		switch value {
		case "m", "":
		case "s", "p", "i":
			j.mode = value[0]
		default:
			return fmt.Errorf("-b%s is not something a mail sandbox does", value)
		}
	case 'C', 'X', 'h', 'N', 'R', 'V', 'L', 'A', 'p', 'M', 'D', 'q', 'd', 'Q', 'v', 'n', 'U', 'G', 'm', 'e', 's', 'x', 'E':
	default:
		return fmt.Errorf("-%c is unknown", option)
	}
	return nil
}

// deliver reads a message and hands it on.
func (j *sendmailJob) deliver(ctx context.Context, server *Server, in io.Reader) error {
	raw, err := j.read(in)
	if err != nil {
		return &ExitError{exTempFail, fmt.Errorf("sendmail: %w", err)}
	}
	env := envelope{from: j.from, body: j.body}
	if !j.fromGiven {
		env.from = localSender()
	}
	for _, word := range j.to {
		list, err := mail.ParseAddressList(word)
		if err != nil {
			env.to = append(env.to, qualify(word))
			continue
		}
		for _, a := range list {
			env.to = append(env.to, a.Address)
		}
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		msg = &mail.Message{Header: mail.Header{}}
	}
	if j.fromHeader {
		env.to = append(env.to, headerRecipients(msg.Header, "To", "Cc", "Bcc")...)
		raw = withoutField(raw, "bcc")
	}
	if len(env.to) == 0 {
		return &ExitError{exUsage, errors.New("sendmail: no recipient: name them, or say -t and give a To field")}
	}
	raw = append(j.missingFields(msg.Header, env.from), raw...)
	if _, err := server.deliver(ctx, env, crlf(raw)); err != nil {
		return sendmailExit(err)
	}
	return nil
}

func sendmailExit(err error) error {
	code := exUnavailable
	if e, ok := errors.AsType[*smtp.SMTPError](err); ok && e.Code < 500 {
		code = exTempFail
	} else if e, ok := errors.AsType[*ExitError](err); ok && e.Code == ExitUnreachable {
		code = exTempFail
	}
	return &ExitError{code, fmt.Errorf("sendmail: %w", err)}
}

// read takes the message from standard input, up to a line of a single dot
// unless -i was said.
func (j *sendmailJob) read(in io.Reader) ([]byte, error) {
	if j.ignoreDots {
		return io.ReadAll(io.LimitReader(in, maxMessage))
	}
	var b bytes.Buffer
	r := bufio.NewReader(io.LimitReader(in, maxMessage))
	for {
		l, err := r.ReadBytes('\n')
		if t := bytes.TrimRight(l, "\r\n"); err == nil && len(t) == 1 && t[0] == '.' {
			return b.Bytes(), nil
		}
		b.Write(l)
		if errors.Is(err, io.EOF) {
			return b.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// missingFields makes the header fields that sendmail adds: From, Date and
// Message-ID.
func (j *sendmailJob) missingFields(h mail.Header, sender string) []byte {
	var b bytes.Buffer
	if h.Get("From") == "" {
		from := gomail.Address{Name: j.name, Address: sender}
		fmt.Fprintf(&b, "From: %s\r\n", from.String())
	}
	if h.Get("Date") == "" {
		fmt.Fprintf(&b, "Date: %s\r\n", time.Now().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	}
	if h.Get("Message-Id") == "" {
		var id gomail.Header
		if id.GenerateMessageIDWithHostname(hostname()) == nil {
			fmt.Fprintf(&b, "Message-ID: %s\r\n", id.Get("Message-Id"))
		}
	}
	return b.Bytes()
}

// withoutField takes a header field out, with its continuation lines.
func withoutField(raw []byte, name string) []byte {
	out := make([]byte, 0, len(raw))
	skipping := false
	for rest := raw; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		l := rest[:end]
		if len(bytes.TrimRight(l, "\r\n")) == 0 {
			return append(out, rest...)
		}
		if l[0] != ' ' && l[0] != '\t' {
			field, _, ok := bytes.Cut(l, []byte(":"))
			skipping = ok && strings.EqualFold(string(bytes.TrimSpace(field)), name)
		}
		if !skipping {
			out = append(out, l...)
		}
		rest = rest[end:]
	}
	return out
}

func hostname() string {
	if h, err := os.Hostname(); err == nil && h != "" {
		return h
	}
	return "localhost"
}

func localSender() string {
	name := os.Getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if name == "" {
		name = "nobody"
	}
	return name + "@" + hostname()
}

// qualify gives a bare local-part this host's name, as sendmail does.
func qualify(word string) string {
	word = strings.Trim(word, "<>")
	if strings.Contains(word, "@") {
		return word
	}
	return word + "@" + hostname()
}

// speak joins standard input and output to the server: -bs.
func speak(ctx context.Context, server *Server, s Streams) error {
	conn, err := server.dial(ctx)
	if err != nil {
		return sendmailExit(err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	go func() {
		_, _ = io.Copy(conn, s.In)
		if half, ok := conn.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		}
	}()
	if _, err := io.Copy(s.Out, conn); err != nil && ctx.Err() == nil {
		return sendmailExit(err)
	}
	return nil
}
