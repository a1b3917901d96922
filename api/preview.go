package api

import (
	"html"
	"net/url"
	"regexp"
	"strings"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/store"
)

// getPreview serves a message as it would look, harmless.
//
//	@Summary		The message as HTML to look at: sandboxed, scripts and forms dead, remote content blocked
//	@Description	cid: images come from the message's own parts. A message without HTML is shown as text.
//	@Tags			messages
//	@Produce		html
//	@Param			id		path		string	true	"an ID, or latest"
//	@Param			filter	query		object	false	"with latest"
//	@Param			wait	query		string	false	"with latest"
//	@Param			sandbox	query		string	false	"for the administrator"
//	@Param			remote	query		bool	false	"allow images from elsewhere"
//	@Success		200		{file}		binary
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/messages/{id}/preview [get]
func (s *Server) getPreview(r *request) (any, error) {
	remote, err := r.flag("remote")
	if err != nil {
		return nil, err
	}
	m, v, err := r.view()
	if err != nil {
		return nil, err
	}
	source, ok := v.HTML()
	if !ok {
		text, _ := v.Text()
		source = textAsHTML(text)
	}
	page := s.previewer(r, m, remote).render(source)
	return stream(func(r *request) error {
		h := r.Response().Header()
		h.Set("X-DNS-Prefetch-Control", "off")
		return r.send(content{
			mediaType: "text/html; charset=utf-8", csp: s.previewCSP(r, remote), inline: true, body: strings.NewReader(page),
		})
	}), nil
}

// previewCSP lets a preview load its own parts, with ?remote=true images from
// anywhere, and nothing else. Links open a new window, outside the sandbox.
func (s *Server) previewCSP(r *request, remote bool) string {
	seen := s.seenAs(r.Request())
	own := seen.Scheme + "://" + seen.Host
	if strings.ContainsAny(seen.Host, " ;,'\"") {
		own = ""
	}
	images := "img-src 'self' " + own + " data:"
	if remote {
		images += " http: https:"
	}
	return "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; " + images +
		"; media-src 'self' " + own + " data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
}

// previewer rewrites one message's HTML.
type previewer struct {
	parts  map[string]string // Content-ID or Content-Location → address of the part
	remote bool
}

func (s *Server) previewer(r *request, m *store.Message, remote bool) *previewer {
	p := &previewer{parts: map[string]string{}, remote: remote}
	for _, part := range m.Digest.Parts {
		if part.ContentID == "" || part.Path == "" {
			continue
		}
		p.parts[strings.ToLower(part.ContentID)] = s.partURL(r, m, part)
	}
	return p
}

// partURL addresses a part from the preview; where the caller came by cookie,
// it carries a signature in the cookie's place.
func (s *Server) partURL(r *request, m *store.Message, part message.Part) string {
	q := url.Values{"sandbox": {m.Sandbox}}
	if r.caller.cookie {
		q.Set("key", s.partSignature(m.Sandbox, m.ID, part.Path))
	}
	return s.base + "/v1/messages/" + m.ID + "/parts/" + url.PathEscape(part.Path) + "?" + q.Encode()
}

// dropped elements go with all that is in them.
var dropped = map[atom.Atom]bool{
	atom.Script: true, atom.Noscript: true, atom.Object: true, atom.Embed: true, atom.Applet: true, atom.Iframe: true,
	atom.Frame: true, atom.Frameset: true, atom.Base: true, atom.Template: true, atom.Link: true, atom.Meta: true,
	atom.Title: true,
	// Foreign content and raw text read differently when they are parsed again;
	// mail clients show none of them.
	atom.Svg: true, atom.Math: true, atom.Xmp: true, atom.Plaintext: true, atom.Noembed: true, atom.Noframes: true,
}

// inert elements stay as what they look like, without what they do.
var inert = map[string]bool{"form": true}

// render parses, cleans and prints a document.
func (p *previewer) render(source string) string {
	doc, err := xhtml.Parse(strings.NewReader(source))
	if err != nil {
		return textAsHTML(source)
	}
	p.clean(doc, 0)
	var b strings.Builder
	if err := xhtml.Render(&b, doc); err != nil {
		return textAsHTML(source)
	}
	return b.String()
}

// maxDepth bounds the nesting that is walked; what is deeper goes.
const maxDepth = 500

func (p *previewer) clean(n *xhtml.Node, depth int) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == xhtml.CommentNode:
			n.RemoveChild(c) // conditional comments
		case c.Type == xhtml.ElementNode && (depth > maxDepth || dropped[c.DataAtom] || strings.Contains(c.Data, ":")):
			n.RemoveChild(c)
		default:
			p.element(c)
			p.clean(c, depth+1)
		}
		c = next
	}
	if n.Type == xhtml.ElementNode && n.DataAtom == atom.Head {
		p.headOf(n)
	}
}

// headOf puts what a preview needs into its head.
func (p *previewer) headOf(head *xhtml.Node) {
	add := func(a atom.Atom, attrs ...xhtml.Attribute) {
		head.InsertBefore(&xhtml.Node{Type: xhtml.ElementNode, Data: a.String(), DataAtom: a, Attr: attrs}, head.FirstChild)
	}
	add(atom.Base, xhtml.Attribute{Key: "target", Val: "_blank"})
	add(atom.Meta, xhtml.Attribute{Key: "name", Val: "viewport"}, xhtml.Attribute{Key: "content", Val: "width=device-width"})
	add(atom.Meta, xhtml.Attribute{Key: "charset", Val: "utf-8"})
}

// element cleans one element's attributes.
func (p *previewer) element(n *xhtml.Node) {
	if n.Type == xhtml.TextNode && n.Parent != nil && n.Parent.DataAtom == atom.Style {
		n.Data = p.css(n.Data)
		return
	}
	if n.Type != xhtml.ElementNode {
		return
	}
	if inert[n.Data] {
		n.Data, n.DataAtom, n.Attr = "div", atom.Div, keep(n.Attr, "style", "class", "id", "dir", "lang")
	}
	kept := n.Attr[:0]
	for _, a := range n.Attr {
		if val, ok := p.attribute(n, a); ok {
			a.Val = val
			kept = append(kept, a)
		}
	}
	n.Attr = kept
	if n.DataAtom == atom.A || n.DataAtom == atom.Area {
		n.Attr = append(n.Attr, xhtml.Attribute{Key: "target", Val: "_blank"}, xhtml.Attribute{Key: "rel", Val: "noopener noreferrer nofollow"})
	}
}

func keep(attrs []xhtml.Attribute, names ...string) []xhtml.Attribute {
	var out []xhtml.Attribute
	for _, a := range attrs {
		for _, name := range names {
			if a.Key == name {
				out = append(out, a)
			}
		}
	}
	return out
}

// attribute gives an attribute's harmless value, or takes it away.
func (p *previewer) attribute(n *xhtml.Node, a xhtml.Attribute) (string, bool) {
	key := strings.ToLower(a.Key)
	switch {
	case strings.HasPrefix(key, "on"), key == "formaction", key == "action", key == "ping", key == "target", key == "rel",
		key == "autofocus", key == "srcdoc", key == "http-equiv", key == "is", key == "download", key == "nonce":
		return "", false
	case key == "style":
		return p.css(a.Val), true
	case key == "href" && (n.DataAtom == atom.A || n.DataAtom == atom.Area):
		return a.Val, safeLink(a.Val)
	case key == "srcset" || key == "imagesrcset":
		return "", false // src remains; a list of addresses is not worth judging
	case key == "src" || key == "background" || key == "poster" || key == "href" || key == "data" || key == "longdesc":
		return p.resource(a.Val)
	}
	return a.Val, true
}

// safeLink: the schemes that a reader may follow.
func safeLink(href string) bool {
	href = strings.TrimSpace(href)
	if strings.HasPrefix(href, "#") {
		return true
	}
	u, err := url.Parse(href)
	if err != nil {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https", "mailto", "tel", "sms":
		return true
	}
	return false // relative addresses lead nowhere from a mail
}

// resource gives the address an image may come from.
func (p *previewer) resource(ref string) (string, bool) {
	ref = strings.TrimSpace(ref)
	scheme, rest, ok := strings.Cut(ref, ":")
	switch strings.ToLower(scheme) {
	case "cid":
		id, err := url.PathUnescape(rest)
		if err != nil {
			id = rest
		}
		u, found := p.parts[strings.ToLower(strings.Trim(id, "<>"))]
		return u, found
	case "data":
		return ref, ok && strings.HasPrefix(strings.ToLower(rest), "image/")
	case "http", "https":
		return ref, p.remote
	}
	if strings.HasPrefix(ref, "//") {
		return "https:" + ref, p.remote
	}
	return "", false
}

// cssURL finds what a style sheet loads; cssImport finds other style sheets.
var (
	cssURL    = regexp.MustCompile(`(?i)url\(\s*(?:"([^"]*)"|'([^']*)'|([^)'"\s]*))\s*\)`)
	cssImport = regexp.MustCompile(`(?i)@import[^;]*;?`)
)

// css keeps styles and drops what they would load. The policy of the preview
// forbids it besides; this keeps escapes from being the only line.
func (p *previewer) css(style string) string {
	style = cssImport.ReplaceAllString(style, "")
	return cssURL.ReplaceAllStringFunc(style, func(found string) string {
		groups := cssURL.FindStringSubmatch(found)
		ref := groups[1] + groups[2] + groups[3]
		if u, ok := p.resource(html.UnescapeString(ref)); ok && !strings.ContainsAny(u, `"\`+"\n") {
			return `url("` + u + `")`
		}
		return "none"
	})
}

// webAddress finds addresses in text, to make them links.
var webAddress = regexp.MustCompile(`https?://[^\s<>"']+[^\s<>"'.,;:!?)\]]`)

// textAsHTML shows text with its line ends, and its web addresses as links.
func textAsHTML(text string) string {
	var b strings.Builder
	b.WriteString(`<pre style="white-space:pre-wrap;overflow-wrap:anywhere;font-family:ui-monospace,monospace">`)
	at := 0
	for _, span := range webAddress.FindAllStringIndex(text, -1) {
		b.WriteString(html.EscapeString(text[at:span[0]]))
		link := html.EscapeString(text[span[0]:span[1]])
		b.WriteString(`<a href="` + link + `">` + link + `</a>`)
		at = span[1]
	}
	b.WriteString(html.EscapeString(text[at:]))
	b.WriteString("</pre>")
	return b.String()
}
