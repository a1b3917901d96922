package compat

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	addr "github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// mailHogV1 and mailHogV2 register MailHog's APIs under a prefix.
func (s *Server) mailHogV1(at string) {
	const one = "/messages/{id}"
	s.hog(at, []hogRoute{
		{"GET", "/messages", (*call).hogList},
		{"DELETE", "/messages", (*call).hogDeleteAll},
		{"GET", one, (*call).hogGet},
		{"DELETE", one, (*call).hogDelete},
		{"GET", one + "/download", (*call).hogDownload},
		{"GET", one + "/mime/part/{part}/download", (*call).hogPart},
		{"POST", one + "/release", (*call).hogRelease},
		{"GET", "/events", (*call).hogEvents},
	})
}

func (s *Server) mailHogV2(at string) {
	s.hog(at, []hogRoute{
		{"GET", "/messages", (*call).hogList2},
		{"GET", "/search", (*call).hogSearch},
		{"GET", "/jim", (*call).getJim},
		{"POST", "/jim", (*call).startJim},
		{"PUT", "/jim", (*call).changeJim},
		{"DELETE", "/jim", (*call).stopJim},
		{"GET", "/outgoing-smtp", (*call).hogServers},
		{"GET", "/websocket", (*call).hogSocket},
	})
}

type hogRoute struct {
	method, path string
	run          func(*call) error
}

// reasonField says why, where MailHog's clients take any body for JSON.
const reasonField = "Catchpost-Reason"

// quietly runs the route; its errors have no body, as MailHog's have none.
func (r *hogRoute) quietly(c *call) error {
	err := r.run(c)
	if err == nil {
		return nil
	}
	f := c.statusOf(err)
	c.w.Header().Set(reasonField, headerSafe(f.text))
	c.send(f.status, hogType, nil)
	return nil
}

// hog registers routes, and OPTIONS on every path, which MailHog answers empty.
func (s *Server) hog(at string, routes []hogRoute) {
	seen := map[string]bool{}
	for _, r := range routes {
		if at+r.path != both || s.c.MailHog {
			s.handle(r.method, at+r.path, r.quietly)
		}
		if !seen[r.path] {
			seen[r.path] = true
			s.handle("OPTIONS", at+r.path, func(c *call) error {
				c.w.WriteHeader(http.StatusOK)
				return nil
			})
		}
	}
}

// MailHog's bounds of lists.
const (
	hogRows    = 50
	hogMost    = 250
	hogV1Rows  = 1000
	hogParts   = 1000 // parts of one message
	hogNesting = 10
)

type hogPath struct {
	Relays  []string
	Mailbox string
	Domain  string
	Params  string
}

type hogContent struct {
	Headers map[string][]string
	Body    string
	Size    int
	MIME    *hogMIME
}

type hogMIME struct{ Parts []*hogContent }

// hogMessage is MailHog's Message.
type hogMessage struct {
	ID      string
	From    hogPath
	To      []hogPath
	Content hogContent
	Created time.Time
	MIME    *hogMIME
	Raw     hogRaw
}

type hogRaw struct {
	From string
	To   []string
	Data string
	Helo string
}

func pathOf(address string) hogPath {
	p := hogPath{Mailbox: address}
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		p.Mailbox, p.Domain = address[:i], address[i+1:]
	}
	return p
}

func (c *call) hogMessage(ctx context.Context, m *store.Message) (*hogMessage, error) {
	raw, err := c.s.store.Raw(ctx, m)
	if err != nil {
		return nil, err
	}
	data := string(raw)
	out := &hogMessage{
		ID: hogID(m.ID), From: pathOf(m.ReversePath), To: []hogPath{}, Content: hogEntity(data), Created: m.ReceivedAt.UTC(),
		Raw: hogRaw{From: m.ReversePath, To: orEmpty(m.ForwardPaths), Data: data, Helo: m.Envelope.HELO},
	}
	for _, f := range m.ForwardPaths {
		out.To = append(out.To, pathOf(f))
	}
	out.Content.Headers["Return-Path"] = []string{"<" + m.ReversePath + ">"}
	left := hogParts
	out.MIME = hogParse(&out.Content, 0, &left)
	return out, nil
}

// hogEntity parts header and body at the first empty line.
func hogEntity(data string) hogContent {
	out := hogContent{Headers: map[string][]string{}, Body: data, Size: len(data)}
	head, body, ok := strings.Cut(data, "\r\n\r\n")
	if !ok {
		return out
	}
	out.Body = body
	last := ""
	for line := range strings.SplitSeq(head, "\r\n") {
		if last != "" && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) {
			n := len(out.Headers[last]) - 1
			out.Headers[last][n] += line
		} else if name, value, ok := strings.Cut(line, ": "); ok {
			last = name
			out.Headers[name] = append(out.Headers[name], value)
		} else if name, ok := strings.CutSuffix(line, ":"); ok {
			last = name
			out.Headers[name] = append(out.Headers[name], "")
		}
	}
	return out
}

// hogParse splits a multipart's body at its boundary as MailHog does: what stands
// before the first boundary and the "--" after the last are parts as well.
func hogParse(c *hogContent, depth int, left *int) *hogMIME {
	boundary := ""
	for name, values := range c.Headers {
		if strings.EqualFold(name, "Content-Type") && len(values) > 0 {
			kind, params, err := mime.ParseMediaType(values[0])
			if err == nil && strings.HasPrefix(kind, "multipart/") {
				boundary = params["boundary"]
			}
		}
	}
	if boundary == "" || depth > hogNesting {
		return nil
	}
	out := &hogMIME{Parts: []*hogContent{}}
	for piece := range strings.SplitSeq(c.Body, "--"+boundary) {
		if piece == "" {
			continue
		}
		if *left--; *left < 0 {
			break
		}
		part := hogEntity(strings.Trim(piece, "\r\n"))
		part.MIME = hogParse(&part, depth+1, left)
		out.Parts = append(out.Parts, &part)
	}
	return out
}

// hogType is the Content-Type of MailHog's lists.
const hogType = "text/json"

// hogItems streams the messages of a query as elements of a JSON array and returns
// how many. A row is valid until the next.
func (c *call) hogItems(q store.Query, start, limit int, write func([]byte) error) (whole store.Page, n int, err error) {
	var row bytes.Buffer
	encode := json.NewEncoder(&row)
	whole, err = c.rows(q, start, limit, func(m *store.Message) error {
		full, err := c.hogMessage(c.ctx, m)
		if errors.Is(err, store.ErrNotFound) {
			return nil // deleted since
		}
		if err != nil {
			return err
		}
		row.Reset()
		if n++; n > 1 {
			row.WriteByte(',')
		}
		if err := encode.Encode(full); err != nil {
			return err
		}
		return write(row.Bytes())
	})
	return whole, n, err
}

// hogList answers up to 1,000 messages, newest first, as a bare array.
func (c *call) hogList() error {
	var out io.Writer
	end := func() {}
	_, _, err := c.hogItems(store.Query{Sandbox: c.sandbox}, 0, hogV1Rows, func(row []byte) error {
		if out == nil {
			out, end = c.begin(hogType)
			row = append([]byte{'['}, row...)
		}
		_, err := out.Write(row)
		return err
	})
	switch {
	case err != nil && out != nil:
		panic(http.ErrAbortHandler) // the client must not take half a list for the whole
	case err != nil:
		return err
	case out == nil:
		return c.jsonAs(hogType, []hogMessage{})
	}
	_, _ = out.Write([]byte("]"))
	end()
	return nil
}

func (c *call) hogList2() error {
	return c.hogPage(store.Query{Sandbox: c.sandbox}, hogType)
}

// hogPage answers {total, count, start, items}.
func (c *call) hogPage(q store.Query, mediaType string) error {
	start, limit := c.number("start", 0), c.number("limit", hogRows)
	if limit == 0 { // as if it were not given
		limit = hogRows
	}
	limit = min(limit, hogMost)
	var items bytes.Buffer
	whole, count, err := c.hogItems(q, start, limit, func(row []byte) error {
		items.Write(row)
		return nil
	})
	if err != nil {
		return err
	}
	body := `{"total":` + strconv.Itoa(whole.Total) + `,"count":` + strconv.Itoa(count) + `,"start":` + strconv.Itoa(start) + `,"items":[`
	c.send(http.StatusOK, mediaType, []byte(body), items.Bytes(), []byte("]}"))
	return nil
}

// hogSearch answers ?kind=from|to|containing&query=.
func (c *call) hogSearch() error {
	query := strings.ToLower(c.query.Get("query"))
	if query == "" {
		return &failure{http.StatusBadRequest, "query is empty"}
	}
	q := store.Query{Sandbox: c.sandbox, AlsoHeads: true}
	if _, err := addr.ParseMailbox(query); err == nil && c.query.Get("kind") != "containing" {
		q.Address = query // a whole address, as most ask: its index knows where
	}
	holds := func(addresses []string, list []model.Address) bool {
		for _, a := range list {
			addresses = append(addresses, a.Name+" <"+a.Address+">")
		}
		for _, a := range addresses {
			if strings.Contains(strings.ToLower(a), query) {
				return true
			}
		}
		return false
	}
	switch c.query.Get("kind") {
	case "from":
		q.Also = func(m *store.Message) bool { return holds([]string{m.ReversePath}, m.Digest.From) }
	case "to":
		q.Also = func(m *store.Message) bool {
			return holds(append([]string{}, m.ForwardPaths...), append(append([]model.Address{}, m.Digest.To...), m.Digest.Cc...))
		}
	case "containing":
		s, err := compile(`"`+strings.ReplaceAll(query, `"`, " ")+`"`, "", nil)
		if err != nil {
			return err
		}
		q = s.query(c.sandbox)
	default:
		return &failure{http.StatusBadRequest, "kind is from, to or containing"}
	}
	return c.hogPage(q, "application/json")
}

func (c *call) hogFind() (*store.Message, error) {
	return c.s.store.Message(c.ctx, c.sandbox, ownHogID(c.r.PathValue("id")))
}

// hogGet answers a message; an unknown one is null, with 200.
func (c *call) hogGet() error {
	m, err := c.hogFind()
	if err != nil {
		if c.statusOf(err).status == http.StatusNotFound {
			return c.jsonAs(hogType, nil)
		}
		return err
	}
	full, err := c.hogMessage(c.ctx, m)
	if err != nil {
		return err
	}
	return c.jsonAs(hogType, full)
}

// hogDelete deletes a message; an unknown one is an error (500), as MailHog's is.
func (c *call) hogDelete() error {
	n, err := c.s.store.DeleteMessages(c.ctx, c.sandbox, []string{ownHogID(c.r.PathValue("id"))}, nil)
	if err == nil && n == 0 {
		err = &failure{http.StatusInternalServerError, "message not found"}
	}
	return c.empty(err)
}

func (c *call) hogDeleteAll() error {
	_, err := c.s.store.DeleteMessages(c.ctx, c.sandbox, nil, nil)
	return c.empty(err)
}

// empty is MailHog's answer to what was done.
func (c *call) empty(err error) error {
	if err == nil {
		c.w.Header().Set("Content-Type", hogType)
		c.w.WriteHeader(http.StatusOK)
	}
	return err
}

func (c *call) hogDownload() error {
	m, err := c.hogFind()
	if err != nil {
		return err
	}
	raw, err := c.s.store.Raw(c.ctx, m)
	if err != nil {
		return err
	}
	return c.octets("message/rfc822", `attachment; filename="`+hogID(m.ID)+`.eml"`, raw)
}

// hogPart answers a part by its number, base64 undone.
func (c *call) hogPart() error {
	m, err := c.hogFind()
	if err != nil {
		return err
	}
	full, err := c.hogMessage(c.ctx, m)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.r.PathValue("part"))
	if err != nil || full.MIME == nil || n < 0 || n >= len(full.MIME.Parts) {
		return notFound
	}
	part := full.MIME.Parts[n]
	body := []byte(part.Body)
	if strings.EqualFold(strings.TrimSpace(first(part.Headers, "Content-Transfer-Encoding")), "base64") {
		decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(part.Body), ""))
		if err != nil {
			return &failure{http.StatusInternalServerError, "the part is not base64"}
		}
		body = decoded
	}
	mediaType, _, err := mime.ParseMediaType(first(part.Headers, "Content-Type"))
	if err != nil || mediaType == "" {
		mediaType = "application/octet-stream"
	}
	_, params, _ := mime.ParseMediaType(first(part.Headers, "Content-Disposition")) // none is no name
	name := params["filename"]
	if name == "" {
		name = hogID(m.ID) + "-part-" + strconv.Itoa(n)
	}
	return c.octets(mediaType, `attachment; filename="`+headerSafe(name)+`"`, body)
}

func first(headers map[string][]string, name string) string {
	for key, values := range headers {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// hogServers are saved SMTP servers: we have none, the relay knows its way.
func (c *call) hogServers() error { return c.json(struct{}{}) }

// hogRelease releases to Email. Host, Port, login and mechanism of the body are
// read and checked, but mail leaves by the relay alone: no caller chooses where to.
func (c *call) hogRelease() error {
	var body struct {
		Name, Email, Host, Port, Username, Password, Mechanism string
		Save                                                   bool
	}
	if err := c.readJSON(&body); err != nil {
		return err
	}
	switch {
	case body.Name != "" && body.Host == "":
		return bad("there is no saved server of that name")
	case body.Mechanism != "" && body.Mechanism != "PLAIN" && body.Mechanism != "CRAMMD5":
		return bad("Mechanism is PLAIN or CRAMMD5")
	}
	m, err := c.hogFind()
	if err != nil {
		return err
	}
	to, err := mailboxes([]string{body.Email})
	if err != nil {
		return err
	}
	if err := c.s.releaseTo(c.ctx, m, to); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusOK)
	return nil
}
