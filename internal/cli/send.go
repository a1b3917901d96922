package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	gomail "github.com/emersion/go-message/mail"
)

// maxMessage bounds what is read as one message.
const maxMessage = 1 << 30

// Send makes a message, or takes a ready one, and sends it by SMTP.
type Send struct {
	Server  `group:"Server"`
	File    string   `arg:"" optional:"" placeholder:"FILE" help:"A ready message (RFC 5322), sent octet for octet; - is standard input. Without it one is made of the options."`
	From    string   `env:"-" placeholder:"ADDRESS" help:"Sender, in the header and as reverse-path; <> as reverse-path alone with FILE."`
	To      []string `env:"-" sep:"none" placeholder:"ADDRESS" help:"Recipient; repeat for several."`
	Cc      []string `env:"-" sep:"none" placeholder:"ADDRESS" help:"Recipient of a copy."`
	Bcc     []string `env:"-" sep:"none" placeholder:"ADDRESS" help:"Recipient that the header does not show."`
	Subject string   `env:"-" placeholder:"TEXT" help:"Subject."`
	Text    string   `env:"-" placeholder:"TEXT" help:"Text body; @FILE reads it from a file, - from standard input."`
	HTML    string   `name:"html" env:"-" placeholder:"HTML" help:"HTML body; @FILE reads it from a file."`
	Attach  []string `env:"-" sep:"none" type:"existingfile" placeholder:"FILE" help:"File to attach; repeat for several."`
	Header  []string `env:"-" sep:"none" placeholder:"NAME:VALUE" help:"Further header field; repeat for several."`
}

// Run sends and prints the server's reply.
func (c *Send) Run(ctx context.Context, s Streams) error {
	env, raw, err := c.compose(s.In)
	if err != nil {
		return err
	}
	reply, err := c.deliver(ctx, env, raw)
	if err != nil {
		return exit(err)
	}
	_, err = fmt.Fprintln(s.Out, printable(reply, false))
	return err
}

// compose gives the envelope and the octets.
func (c *Send) compose(in io.Reader) (envelope, []byte, error) {
	if c.File != "" {
		return c.ready(in)
	}
	var env envelope
	from, err := parseOne("--from", c.From)
	if err != nil {
		return env, nil, err
	}
	env.from = from.Address
	lists := map[string][]*gomail.Address{}
	for _, l := range []struct {
		name string
		list []string
	}{{"To", c.To}, {"Cc", c.Cc}, {"Bcc", c.Bcc}} {
		if lists[l.name], err = parseList("--"+strings.ToLower(l.name), l.list); err != nil {
			return env, nil, err
		}
		for _, a := range lists[l.name] {
			env.to = append(env.to, a.Address)
		}
	}
	if len(env.to) == 0 {
		return env, nil, usage("no recipient: give --to, --cc or --bcc")
	}
	delete(lists, "Bcc")
	raw, err := c.build(from, lists, in)
	return env, raw, err
}

// ready takes a message as it stands; recipients come from the options, else
// from its To and Cc fields.
func (c *Send) ready(in io.Reader) (envelope, []byte, error) {
	var env envelope
	raw, err := readFile(c.File, in)
	if err != nil {
		return env, nil, &ExitError{ExitUsage, err}
	}
	if c.Subject+c.Text+c.HTML != "" || len(c.Attach)+len(c.Header) > 0 {
		return env, nil, usage("a ready message is sent as it stands: --subject, --text, --html, --attach and --header do not go with it")
	}
	header, parseErr := mail.ReadMessage(bytes.NewReader(raw))
	for _, word := range append(append(append([]string{}, c.To...), c.Cc...), c.Bcc...) {
		a, err := parseOne("--to", word)
		if err != nil {
			return env, nil, err
		}
		env.to = append(env.to, a.Address)
	}
	switch {
	case c.From == "<>":
	case c.From != "":
		a, err := parseOne("--from", c.From)
		if err != nil {
			return env, nil, err
		}
		env.from = a.Address
	case parseErr == nil:
		if list, err := header.Header.AddressList("From"); err == nil {
			env.from = list[0].Address
		}
	}
	if len(env.to) == 0 && parseErr == nil {
		env.to = headerRecipients(header.Header, "To", "Cc")
	}
	if len(env.to) == 0 {
		return env, nil, usage("no recipient: the message names none, so give --to")
	}
	return env, raw, nil
}

func headerRecipients(h mail.Header, fields ...string) []string {
	var out []string
	for _, f := range fields {
		for _, value := range h[f] {
			list, err := mail.ParseAddressList(value)
			if err != nil {
				out = append(out, looseAddresses(value)...)
				continue
			}
			for _, a := range list {
				out = append(out, a.Address)
			}
		}
	}
	return out
}

// looseAddresses takes what looks like an address out of a list that is none.
func looseAddresses(value string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;<>()\"", r) }) {
		if local, domain, ok := strings.Cut(w, "@"); ok && local != "" && domain != "" {
			out = append(out, w)
		}
	}
	return out
}

func parseOne(option, value string) (*gomail.Address, error) {
	if value == "" {
		return nil, usage("%s is missing", option)
	}
	a, err := mail.ParseAddress(value)
	if err != nil {
		return nil, usage("%s: %q is not an address", option, value)
	}
	return &gomail.Address{Name: a.Name, Address: a.Address}, nil
}

func parseList(option string, values []string) ([]*gomail.Address, error) {
	var out []*gomail.Address
	for _, v := range values {
		list, err := mail.ParseAddressList(v)
		if err != nil {
			return nil, usage("%s: %q is not an address", option, v)
		}
		for _, a := range list {
			out = append(out, &gomail.Address{Name: a.Name, Address: a.Address})
		}
	}
	return out, nil
}

// build writes the message that the options describe.
func (c *Send) build(from *gomail.Address, lists map[string][]*gomail.Address, in io.Reader) ([]byte, error) {
	var h gomail.Header
	h.SetDate(time.Now())
	h.SetAddressList("From", []*gomail.Address{from})
	for name, list := range lists {
		if len(list) > 0 {
			h.SetAddressList(name, list)
		}
	}
	h.SetSubject(c.Subject)
	if err := h.GenerateMessageIDWithHostname("catchpost.test"); err != nil {
		return nil, err
	}
	for _, field := range c.Header {
		name, value, ok := strings.Cut(field, ":")
		if !ok || strings.TrimSpace(name) == "" || strings.ContainsAny(field, "\r\n") || strings.ContainsAny(name, " \t") {
			return nil, usage("--header: %q is not NAME:VALUE", field)
		}
		h.Set(name, strings.TrimSpace(value))
	}
	text, err := bodyOf("--text", c.Text, in)
	if err != nil {
		return nil, err
	}
	html, err := bodyOf("--html", c.HTML, in)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if len(c.Attach) == 0 {
		err = writeInline(&b, h, text, html)
	} else {
		err = c.writeMixed(&b, h, text, html)
	}
	return b.Bytes(), err
}

// bodyOf reads "@FILE" and "-".
func bodyOf(option, value string, in io.Reader) (string, error) {
	name, isFile := strings.CutPrefix(value, "@")
	if value == "-" {
		name, isFile = "-", true
	}
	if !isFile {
		return value, nil
	}
	b, err := readFile(name, in)
	if err != nil {
		return "", usage("%s: %w", option, err)
	}
	return string(b), nil
}

// writeInline writes a message without attachments.
func writeInline(b *bytes.Buffer, h gomail.Header, text, html string) error {
	if text != "" && html != "" {
		w, err := gomail.CreateInlineWriter(b, h)
		if err != nil {
			return err
		}
		return errors.Join(writeBodies(w, text, html), w.Close())
	}
	typ, body := "text/plain", text
	if html != "" {
		typ, body = "text/html", html
	}
	h.SetContentType(typ, map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", encodingOf(body))
	w, err := gomail.CreateSingleInlineWriter(b, h)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, lines(body))
	return errors.Join(err, w.Close())
}

// encodingOf keeps short plain lines readable on the wire.
func encodingOf(body string) string {
	if !ascii(body) {
		return "quoted-printable"
	}
	for l := range strings.Lines(body) {
		if len(l) > 990 {
			return "quoted-printable"
		}
	}
	return "7bit"
}

// lines gives a body its CRLFs and ends its last line.
func lines(body string) string {
	b := string(crlf([]byte(body)))
	if b != "" && !strings.HasSuffix(b, "\r\n") {
		b += "\r\n"
	}
	return b
}

func writeBodies(w *gomail.InlineWriter, text, html string) error {
	for _, p := range []struct{ typ, body string }{{"text/plain", text}, {"text/html", html}} {
		if p.body == "" {
			continue
		}
		var h gomail.InlineHeader
		h.SetContentType(p.typ, map[string]string{"charset": "utf-8"})
		h.Set("Content-Transfer-Encoding", encodingOf(p.body))
		part, err := w.CreatePart(h)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, lines(p.body)); err != nil {
			return err
		}
		if err := part.Close(); err != nil {
			return err
		}
	}
	return nil
}

// writeMixed writes a message with attachments.
func (c *Send) writeMixed(b *bytes.Buffer, h gomail.Header, text, html string) error {
	w, err := gomail.CreateWriter(b, h)
	if err != nil {
		return err
	}
	if text != "" || html != "" {
		inline, err := w.CreateInline()
		if err != nil {
			return err
		}
		if err := errors.Join(writeBodies(inline, text, html), inline.Close()); err != nil {
			return err
		}
	}
	for _, name := range c.Attach {
		if err := attach(w, name); err != nil {
			return err
		}
	}
	return w.Close()
}

func attach(w *gomail.Writer, name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return &ExitError{ExitUsage, err}
	}
	typ := mime.TypeByExtension(filepath.Ext(name))
	if typ == "" {
		typ = "application/octet-stream"
	}
	var h gomail.AttachmentHeader
	media, params, err := mime.ParseMediaType(typ)
	if err != nil {
		media = "application/octet-stream"
	}
	h.SetContentType(media, params)
	h.SetFilename(filepath.Base(name))
	h.Set("Content-Transfer-Encoding", "base64")
	part, err := w.CreateAttachment(h)
	if err != nil {
		return err
	}
	_, err = part.Write(data)
	return errors.Join(err, part.Close())
}

// readFile reads a file, or standard input where its name is "-".
func readFile(name string, in io.Reader) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(in, maxMessage))
	}
	return os.ReadFile(name)
}
