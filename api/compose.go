package api

import (
	"errors"
	"mime"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// maxForwardPaths bounds the recipients of a posted message, as SMTP's default does.
const maxForwardPaths = 2000

// posted is a message that came in a request's body.
type posted struct {
	raw          []byte
	reversePath  string
	forwardPaths []string
	tags         []string
	bcc          []model.Address // of a composed one: its octets do not name them
}

// postMessage captures a message as if it had come by SMTP.
//
//	@Summary		Capture a message: JSON to compose one, or message/rfc822 as it is
//	@Description	The octets of message/rfc822 are stored exactly. Its envelope is from and to of the query, else its header's.
//	@Tags			messages
//	@Accept			json,message/rfc822
//	@Param			from	query		string			false	"reverse-path of a message/rfc822"
//	@Param			to		query		string			false	"forward-paths of a message/rfc822, comma-separated"
//	@Param			received_at	query	string			false	"with origin=import: when it first arrived, RFC 3339; limits of age go by it"
//	@Param			origin	query		string			false	"api (default) or import"	Enums(api, import)
//	@Param			sandbox	query		string			false	"for the administrator"
//	@Param			body	body		model.Compose	true	"the message"
//	@Success		201		{object}	model.Message
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/messages [post]
func (s *Server) postMessage(r *request) (any, error) {
	p, err := r.readMessage()
	if err != nil {
		return nil, err
	}
	origin, err := r.word("origin", model.OriginAPI, model.OriginAPI, model.OriginImport)
	if err != nil {
		return nil, err
	}
	if err := p.checkEnvelope(origin == model.OriginImport); err != nil {
		return nil, err
	}
	receivedAt, err := r.importedAt(origin)
	if err != nil {
		return nil, err
	}
	octets := s.store.NewOctets()
	defer octets.Discard()
	if _, err := octets.Write(p.raw); err != nil {
		return nil, err
	}
	sandbox := r.sandbox
	if r.caller.admin && !r.query.Has("sandbox") {
		sandbox = "" // routed by address, as SMTP without a login
	}
	got, err := s.store.Deliver(r.ctx, store.Delivery{
		Origin: origin, Sandbox: sandbox, ReversePath: p.reversePath, ForwardPaths: p.forwardPaths,
		Envelope: p.envelope(s.clientAddress(r.Request())), Octets: octets, Tags: p.tags, ReceivedAt: receivedAt,
	})
	if err != nil {
		return nil, err
	}
	base := s.baseURL(r.Request())
	full, err := s.full(got[0], base, nil)
	if err != nil {
		return nil, gone(got[0], err)
	}
	r.Response().Header().Set(echo.HeaderLocation, base+"/v1/messages/"+got[0].ID)
	return result{http.StatusCreated, full}, nil
}

// importedAt reads when an imported message first arrived; zero is now.
func (r *request) importedAt(origin string) (time.Time, error) {
	text := r.query.Get("received_at")
	if text == "" {
		return time.Time{}, nil
	}
	if origin != model.OriginImport {
		return time.Time{}, fail("bad_value", "only what is imported was received before: add origin=import").at("received_at")
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fail("bad_value", "%q is no time by RFC 3339", clip(text, 60)).at("received_at")
	}
	return at, nil
}

func (p *posted) envelope(client string) model.Envelope {
	e := model.Envelope{
		ClientAddress: client, Protocol: "HTTP", DeclaredSize: int64(len(p.raw)),
		DSN: model.DSN{Recipients: make([]model.DSNRecipient, 0, len(p.forwardPaths))},
	}
	for _, f := range p.forwardPaths {
		e.DSN.Recipients = append(e.DSN.Recipients, model.DSNRecipient{Address: f, Notify: []string{}})
	}
	return e
}

// checkEnvelope holds a posted message to what SMTP would take.
func (p *posted) checkEnvelope(imported bool) error {
	if len(p.forwardPaths) == 0 && !imported {
		return fail("bad_value", "the message names no recipient").at("to")
	}
	if len(p.forwardPaths) > maxForwardPaths {
		return fail("too_large", "a message has at most %d forward-paths", maxForwardPaths).at("to")
	}
	if p.reversePath != "" {
		if _, err := address.ParseMailbox(p.reversePath); err != nil {
			return &problem{code: "bad_value", param: "from", detail: clip(p.reversePath, 100) + " is not a mailbox: " + err.Error(), cause: err}
		}
	}
	for _, f := range p.forwardPaths {
		if _, err := address.ParseMailbox(f); err != nil {
			return &problem{code: "bad_value", param: "to", detail: clip(f, 100) + " is not a mailbox: " + err.Error(), cause: err}
		}
	}
	var err error
	p.tags, err = cleanTags(p.tags)
	return err
}

// readMessage reads a message from the body, composed or as it is.
func (r *request) readMessage() (*posted, error) {
	if err := r.wantType("application/json", "message/rfc822", "message/global"); err != nil {
		return nil, err
	}
	limit := r.s.limits.MessageSize
	mediaType, _, _ := mime.ParseMediaType(r.Request().Header.Get(echo.HeaderContentType)) // judged above
	if mediaType == "message/rfc822" || mediaType == "message/global" {
		raw, err := r.readBody(limit)
		if err != nil {
			return nil, err
		}
		return r.asItIs(raw), nil
	}
	if r.query.Has("from") || r.query.Has("to") {
		return nil, fail("bad_value", "from and to of the query go with message/rfc822; JSON has keys of its own")
	}
	body, err := r.readBody(limit/3*4 + limit/10) // attachments come in base64
	if err != nil {
		return nil, err
	}
	var c model.Compose
	if err := decodeJSON(body, &c); err != nil {
		return nil, err
	}
	p, err := r.composed(c)
	if err == nil && int64(len(p.raw)) > limit {
		err = fail("too_large", "the message would have %d octets, more than %d", len(p.raw), limit)
	}
	return p, err
}

// asItIs takes the envelope of a message/rfc822 from the query, else its header.
func (r *request) asItIs(raw []byte) *posted {
	p := &posted{raw: raw, reversePath: strings.Trim(r.query.Get("from"), "<> ")}
	d := message.Scan(raw)
	if !r.query.Has("from") && len(d.From) > 0 {
		p.reversePath = d.From[0].Address
	}
	if r.query.Has("to") {
		for a := range strings.SplitSeq(r.query.Get("to"), ",") {
			if a = strings.Trim(a, "<> "); a != "" {
				p.forwardPaths = append(p.forwardPaths, a)
			}
		}
		return p
	}
	p.addRecipients(d.To, d.Cc, d.Bcc)
	return p
}

// recipient takes an address apart that was written as one string.
func recipient(in model.Recipient, at string) (model.Address, error) {
	if in.Written == "" {
		if in.Address == "" {
			return model.Address{}, fail("empty_value", "%s needs an address", at).at(at)
		}
		return model.Address{Name: in.Name, Address: in.Address}, nil
	}
	a, err := mail.ParseAddress(in.Written)
	if err != nil {
		return model.Address{}, fail("bad_value", "%s: %q is not an address", at, clip(in.Written, 100)).at(at)
	}
	return model.Address{Name: a.Name, Address: a.Address}, nil
}

func recipients(in []model.Recipient, at string) ([]model.Address, error) {
	if len(in) > maxForwardPaths {
		return nil, fail("too_large", "a message has at most %d recipients", maxForwardPaths).at(at)
	}
	out := make([]model.Address, 0, len(in))
	for _, one := range in {
		a, err := recipient(one, at)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// draftOf reads a composed message.
func (r *request) draftOf(c model.Compose) (message.Draft, error) {
	d := message.Draft{
		Subject: c.Subject, Text: c.Text, HTML: c.HTML, Headers: c.Headers, References: c.References, Date: r.s.clock.Now(),
	}
	if c.InReplyTo != "" {
		d.InReplyTo = []string{c.InReplyTo}
	}
	from, err := recipient(c.From, "from")
	if err != nil {
		return d, err
	}
	d.From = []model.Address{from}
	for _, list := range []struct {
		at   string
		from []model.Recipient
		to   *[]model.Address
	}{{"to", c.To, &d.To}, {"cc", c.Cc, &d.Cc}, {"bcc", c.Bcc, &d.Bcc}, {"reply_to", c.ReplyTo, &d.ReplyTo}} {
		if *list.to, err = recipients(list.from, list.at); err != nil {
			return d, err
		}
	}
	for _, a := range c.Attachments {
		d.Attachments = append(d.Attachments, message.File{
			Name: a.Name, Type: a.Type, Content: a.Content, ContentID: strings.Trim(a.ContentID, "<>"), Inline: a.ContentID != "",
		})
	}
	return d, nil
}

// composed makes the octets of a message out of JSON, and its envelope.
func (r *request) composed(c model.Compose) (*posted, error) {
	d, err := r.draftOf(c)
	if err != nil {
		return nil, err
	}
	raw, err := message.Compose(d)
	if bad, ok := errors.AsType[*message.DraftError](err); ok {
		return nil, &problem{code: "bad_value", param: bad.Field, detail: bad.Field + " " + bad.Reason, cause: err}
	}
	if err != nil {
		return nil, err
	}
	p := &posted{raw: raw, reversePath: d.From[0].Address, forwardPaths: c.ForwardPaths, tags: c.Tags, bcc: d.Bcc}
	if c.ReversePath != nil {
		p.reversePath = *c.ReversePath
	}
	if c.ForwardPaths == nil {
		p.addRecipients(d.To, d.Cc, d.Bcc)
	}
	return p, nil
}

// addRecipients takes forward-paths from header addresses, each once.
func (p *posted) addRecipients(lists ...[]model.Address) {
	for _, list := range lists {
		for _, a := range list {
			if a.Address != "" && !slices.Contains(p.forwardPaths, a.Address) {
				p.forwardPaths = append(p.forwardPaths, a.Address)
			}
		}
	}
}

// asDraft is the message with its Bcc field, which one that is sent does not
// have: a draft keeps it for the day it is sent.
func (p *posted) asDraft() []byte {
	if len(p.bcc) == 0 {
		return p.raw
	}
	all := make([]string, len(p.bcc))
	for i, a := range p.bcc {
		all[i] = (&mail.Address{Name: a.Name, Address: a.Address}).String()
	}
	return append([]byte("Bcc: "+strings.Join(all, ",\r\n ")+"\r\n"), p.raw...)
}
