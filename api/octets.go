package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// Policies for content that came by mail: it may be hostile, so it gets an
// opaque origin and may load nothing. Browsers refuse to show a PDF in a
// sandboxed document, so that type alone goes without "sandbox".
const (
	sandboxCSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
	pdfCSP     = "default-src 'none'; object-src 'self'; plugin-types application/pdf"
)

// content is octets to serve, with Range and validators.
type content struct {
	mediaType string
	csp       string
	name      string // file name; "" names none
	inline    bool
	etag      string
	body      io.ReadSeeker
}

// send serves octets of mail; they are immutable, so they may be kept by the
// client, but by nobody in between.
func (r *request) send(c content) error {
	h := r.Response().Header()
	h.Set("Content-Type", c.mediaType)
	h.Set("Content-Security-Policy", c.csp)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Cache-Control", "private, no-cache")
	if c.etag != "" {
		h.Set("ETag", `"`+c.etag+`"`)
	}
	h.Set("Content-Disposition", disposition(c.inline, c.name))
	_ = http.NewResponseController(r.Response()).SetWriteDeadline(time.Now().Add(30 * time.Minute))
	w := &withholder{ResponseWriter: r.Response(), status: http.StatusRequestedRangeNotSatisfiable}
	http.ServeContent(w, r.Request(), "", time.Time{}, c.body)
	_ = http.NewResponseController(r.Response()).SetWriteDeadline(time.Time{})
	if w.withheld {
		return fail("bad_range", "the content has no such octets; Content-Range says how many it has")
	}
	return nil
}

// withholder keeps back an answer of one status, to be told in our own words.
type withholder struct {
	http.ResponseWriter
	status   int
	withheld bool
}

func (w *withholder) WriteHeader(status int) {
	if w.withheld = status == w.status; !w.withheld {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *withholder) Write(p []byte) (int, error) {
	if w.withheld {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *withholder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// disposition writes Content-Disposition, RFC 6266 §4: a plain ASCII filename,
// and filename* (RFC 8187) where that is not the whole truth. Paths, control
// characters and leading dots of the sender's name do not survive.
func disposition(inline bool, name string) string {
	kind := "attachment"
	if inline {
		kind = "inline"
	}
	name = safeName(name)
	if name == "" {
		return kind
	}
	var ascii strings.Builder
	plain := true
	for _, c := range name {
		switch {
		case c >= utf8.RuneSelf:
			ascii.WriteByte('_')
			plain = false
		case c == '"' || c == '\\' || c == '%':
			ascii.WriteByte('_')
			plain = false
		default:
			ascii.WriteRune(c)
		}
	}
	out := kind + `; filename="` + ascii.String() + `"`
	if !plain {
		out += "; filename*=UTF-8''" + percent(name)
	}
	return out
}

// percent encodes an ext-value, RFC 8187 §3.2.1.
func percent(s string) string {
	const attrChar = "!#$&+-.^_`|~"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(attrChar, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// safeName makes a file name out of what a sender wrote.
func safeName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(c rune) rune {
		switch {
		case c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == utf8.RuneError:
			return -1
		case c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0x200e || c == 0x200f:
			return -1 // turning the direction hides an extension
		}
		return c
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	for len(name) > 200 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

// getRaw serves the octets as the client sent them.
//
//	@Summary		The message as it was sent, octet for octet
//	@Description	With trace=true a Return-Path and a Received field are put before it, as a final delivery would (RFC 5321 §4.4).
//	@Tags			messages
//	@Produce		message/rfc822
//	@Param			id			path		string	true	"an ID, or latest"
//	@Param			filter		query		object	false	"with latest"
//	@Param			wait		query		string	false	"with latest"
//	@Param			sandbox		query		string	false	"for the administrator"
//	@Param			trace		query		bool	false	"prepend Return-Path and Received"
//	@Param			download	query		bool	false	"as an attachment"
//	@Success		200			{file}		binary
//	@Failure		default		{object}	model.Problem
//	@Router			/v1/messages/{id}/raw [get]
func (s *Server) getRaw(r *request) (any, error) {
	trace, err := r.flag("trace")
	if err != nil {
		return nil, err
	}
	download, err := r.flag("download")
	if err != nil {
		return nil, err
	}
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	raw, err := s.store.OpenRaw(r.ctx, m)
	if err != nil {
		return nil, gone(m, err)
	}
	return stream(func(r *request) error {
		defer raw.Close()
		c := content{mediaType: "message/rfc822", csp: sandboxCSP, name: m.ID + ".eml", inline: !download, etag: m.ID, body: raw}
		if trace {
			c.etag += "-trace"
			by := s.cfg.Hostname // who took it; where unknown, as the caller calls us
			if by == "" {
				by = hostOnly(s.seenAs(r.Request()).Host)
			}
			c.body = &prefixed{head: traceFields(m, by), rest: raw, size: m.Size}
		}
		return r.send(c)
	}), nil
}

// traceFields are what a final delivery would put before the message, RFC 5321 §4.4.
func traceFields(m *store.Message, by string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", oneLine(m.ReversePath))
	fmt.Fprintf(&b, "Received: ")
	if m.Envelope.HELO != "" || m.Envelope.ClientAddress != "" {
		helo := m.Envelope.HELO
		if helo == "" {
			helo = "unknown"
		}
		fmt.Fprintf(&b, "from %s", oneLine(helo))
		if host, _, err := net.SplitHostPort(m.Envelope.ClientAddress); err == nil {
			if strings.Contains(host, ":") {
				host = "IPv6:" + host
			}
			fmt.Fprintf(&b, " ([%s])", host)
		}
		b.WriteString("\r\n\t")
	}
	if by == "" {
		by = "localhost"
	}
	fmt.Fprintf(&b, "by %s (Catchpost)", oneLine(by))
	if m.Envelope.Protocol != "" {
		fmt.Fprintf(&b, " with %s", oneLine(m.Envelope.Protocol))
	}
	fmt.Fprintf(&b, " id %s", m.ID)
	if len(m.ForwardPaths) == 1 { // several would tell true Bcc, RFC 5321 §7.2
		fmt.Fprintf(&b, "\r\n\tfor <%s>", oneLine(m.ForwardPaths[0]))
	}
	fmt.Fprintf(&b, ";\r\n\t%s\r\n", m.ReceivedAt.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	return b.Bytes()
}

// oneLine keeps what a client sent from making header fields of its own.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, s)
}

// prefixed reads head, then rest.
type prefixed struct {
	head []byte
	rest io.ReadSeeker
	size int64 // of rest
	at   int64
}

func (p *prefixed) Read(b []byte) (int, error) {
	if p.at < int64(len(p.head)) {
		n := copy(b, p.head[p.at:])
		p.at += int64(n)
		return n, nil
	}
	if _, err := p.rest.Seek(p.at-int64(len(p.head)), io.SeekStart); err != nil {
		return 0, err
	}
	n, err := p.rest.Read(b)
	p.at += int64(n)
	return n, err
}

func (p *prefixed) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += p.at
	case io.SeekEnd:
		offset += int64(len(p.head)) + p.size
	}
	if offset < 0 {
		return 0, errors.New("api: seek before the start")
	}
	p.at = offset
	return offset, nil
}

// view opens the message that the request names.
func (r *request) view() (*store.Message, message.View, error) {
	m, err := r.find()
	if err != nil {
		return nil, message.View{}, err
	}
	raw, err := r.s.store.Raw(r.ctx, m)
	if err != nil {
		return nil, message.View{}, gone(m, err)
	}
	return m, message.View{Raw: raw, Digest: m.Digest}, nil
}

// getText serves the text body.
//
//	@Summary	The first text/plain body, decoded to UTF-8
//	@Tags		messages
//	@Produce	plain
//	@Param		id		path		string	true	"an ID, or latest"
//	@Param		filter	query		object	false	"with latest"
//	@Param		wait	query		string	false	"with latest"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{file}		binary
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id}/text [get]
func (s *Server) getText(r *request) (any, error) {
	m, v, err := r.view()
	if err != nil {
		return nil, err
	}
	text, ok := v.Text()
	if !ok {
		return nil, fail("part_not_found", "message %s has no text/plain body", m.ID)
	}
	return r.words8("text/plain; charset=utf-8", m.ID+"-text", text), nil
}

// getHTML serves the HTML body as it was sent, decoded, in a sandbox.
//
//	@Summary		The first text/html body, exact, decoded to UTF-8
//	@Description	Nothing is rewritten; see /preview for what is safe to look at with its images.
//	@Tags			messages
//	@Produce		html
//	@Param			id		path		string	true	"an ID, or latest"
//	@Param			filter	query		object	false	"with latest"
//	@Param			wait	query		string	false	"with latest"
//	@Param			sandbox	query		string	false	"for the administrator"
//	@Success		200		{file}		binary
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/messages/{id}/html [get]
func (s *Server) getHTML(r *request) (any, error) {
	m, v, err := r.view()
	if err != nil {
		return nil, err
	}
	html, ok := v.HTML()
	if !ok {
		return nil, fail("part_not_found", "message %s has no text/html body", m.ID)
	}
	return r.words8("text/html; charset=utf-8", m.ID+"-html", html), nil
}

// words8 serves text in UTF-8.
func (r *request) words8(mediaType, etag, text string) stream {
	return func(r *request) error {
		return r.send(content{mediaType: mediaType, csp: sandboxCSP, inline: true, etag: etag, body: strings.NewReader(text)})
	}
}

// getHeaders lists the header fields.
//
//	@Summary	The header fields in order, unfolded and decoded
//	@Tags		messages
//	@Param		id		path		string	true	"an ID, or latest"
//	@Param		filter	query		object	false	"with latest"
//	@Param		wait	query		string	false	"with latest"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Param		raw		query		bool	false	"as sent, message/rfc822-headers"
//	@Success	200		{object}	model.Headers
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id}/headers [get]
func (s *Server) getHeaders(r *request) (any, error) {
	asSent, err := r.flag("raw")
	if err != nil {
		return nil, err
	}
	m, v, err := r.view()
	if err != nil {
		return nil, err
	}
	if !asSent {
		return model.Headers{Headers: notNil(v.Headers())}, nil
	}
	head := v.Raw
	if len(m.Digest.Parts) > 0 {
		head = v.Raw[:m.Digest.Parts[0].BodyStart]
	}
	return stream(func(r *request) error {
		return r.send(content{mediaType: "text/rfc822-headers", csp: sandboxCSP, inline: true, etag: m.ID + "-headers", body: bytes.NewReader(head)})
	}), nil
}
