package compat

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/store"
)

// view answers /view/ID.html and /view/ID.txt; a bare ID leads to the page.
func (c *call) view() error {
	name := c.r.PathValue("name")
	if id, ok := strings.CutSuffix(name, ".html"); ok {
		return c.viewHTML(id)
	}
	id, ok := strings.CutSuffix(name, ".txt")
	if !ok {
		id = name
	}
	m, err := c.findID(id)
	if err != nil {
		return err
	}
	if !ok {
		return c.redirect(m)
	}
	v, err := c.open(m)
	if err != nil {
		return err
	}
	c.text(http.StatusOK, plainText(v))
	return nil
}

// viewLatest leads to the newest message that ?query= finds.
func (c *call) viewLatest() error {
	m, err := c.newest(c.query.Get("query"))
	if errors.Is(err, noMessage) {
		c.w.Header().Set("Location", "../")
		c.w.WriteHeader(http.StatusFound)
		return nil
	}
	if err != nil {
		return err
	}
	return c.redirect(m)
}

// redirect leads to the message's own page.
func (c *call) redirect(m *store.Message) error {
	c.w.Header().Set("Location", "../#/"+url.PathEscape(m.Sandbox)+"/"+m.ID)
	c.w.WriteHeader(http.StatusFound)
	return nil
}

// viewHTML answers the HTML body; its cid: references lead to the parts.
func (c *call) viewHTML(id string) error {
	m, err := c.findID(id)
	if err != nil {
		return err
	}
	v, err := c.open(m)
	if err != nil {
		return err
	}
	if _, ok := v.HTML(); !ok {
		return &failure{http.StatusNotFound, "This message does not contain a HTML part"}
	}
	c.w.Header().Set("Content-Security-Policy", viewCSP)
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	c.send(http.StatusOK, "text/html; charset=utf-8", rewrite(bodyText(v, v.Digest.HTMLPart), m, v, c.query.Get("embed") == "1"))
	return nil
}

// viewCSP lets a mail show its pictures and styles, and no more.
const viewCSP = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline' * data:; img-src * data:; media-src * data:; font-src * data:"

// rewrite turns cid: references into links to the parts and leaves the rest, octet
// for octet; embed adds target and rel to links.
func rewrite(doc string, m *store.Message, v message.View, embed bool) []byte {
	parts := map[string]string{}
	for _, p := range v.Digest.Parts {
		if p.ContentID != "" {
			parts["cid:"+strings.ToLower(p.ContentID)] = "../api/v1/message/" + mailpitID(m.ID) + "/part/" + url.PathEscape(p.Path)
		}
	}
	var out bytes.Buffer
	z := html.NewTokenizer(strings.NewReader(doc))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.Bytes()
		}
		raw := bytes.Clone(z.Raw()) // Token changes it
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken || !bytes.Contains(bytes.ToLower(raw), []byte("cid:")) && !embed {
			out.Write(raw)
			continue
		}
		t := z.Token()
		changed := false
		for i, a := range t.Attr {
			if to, ok := parts[strings.ToLower(a.Val)]; ok && (a.Key == "src" || a.Key == "background" || a.Key == "href") {
				t.Attr[i].Val, changed = to, true
			}
		}
		if embed && t.DataAtom == atom.A {
			t.Attr, changed = append(t.Attr, html.Attribute{Key: "target", Val: "_blank"}, html.Attribute{Key: "rel", Val: "noreferrer noopener"}), true
		}
		if changed {
			out.WriteString(t.String())
		} else {
			out.Write(raw)
		}
	}
}
