package api

import (
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func TestPreviewIsHarmless(t *testing.T) {
	p := &previewer{parts: map[string]string{"logo@x": "/v1/messages/m/parts/2?sandbox=default"}}
	for name, tt := range map[string]struct{ in, has, hasNot string }{
		"script":         {`<p>a<script>alert(1)</script>b`, `<p>ab</p>`, "alert"},
		"handler":        {`<p OnClick="x()" class=c>a`, `class="c"`, "x()"},
		"javascript":     {`<a href=" JavaScript:alert(1)">a</a>`, `<a target="_blank"`, "alert"},
		"tab in scheme":  {"<a href=\"java\tscript:alert(1)\">a</a>", `<a target="_blank"`, "alert"},
		"data link":      {`<a href="data:text/html,<script>1</script>">a</a>`, `<a target="_blank"`, "data:text"},
		"link":           {`<a href="https://x.test/?a=1&amp;b=2" ping="https://spy.test">a</a>`, `href="https://x.test/?a=1&amp;b=2"`, "spy"},
		"meta refresh":   {`<head><meta http-equiv=refresh content="0;url=https://evil.test"></head>a`, `charset="utf-8"`, "evil"},
		"base":           {`<base href="https://evil.test/">a`, `<base target="_blank"/>`, "evil"},
		"form":           {`<form action="https://evil.test"><input name=a><button formaction="https://evil.test">b</button></form>`, `<div><input name="a"/>`, "evil"},
		"iframe":         {`<iframe src="https://evil.test" srcdoc="<script>"></iframe>a`, `a`, "iframe"},
		"object":         {`<object data="x.swf"><p>inner</p></object>a`, `a`, "inner"},
		"cid":            {`<img src="cid:logo@x" alt=l>`, `src="/v1/messages/m/parts/2?sandbox=default"`, "cid:"},
		"cid unknown":    {`<img src="cid:other@x" alt=l>`, `<img alt="l"/>`, "cid:"},
		"remote image":   {`<img src="https://spy.test/p.gif" srcset="https://spy.test/2x 2x">`, `<img/>`, "spy"},
		"remote style":   {`<link rel=stylesheet href="https://spy.test/a.css"><style>@import "https://spy.test/b.css"; p{background:url(https://spy.test/c)}</style>`, `background:none`, "spy"},
		"style cid":      {`<td style="background:url('cid:logo@x')">`, ``, "cid:"},
		"css attr":       {`<p style="color:red;background:url(//spy.test/x)">a`, `color:red`, "spy"},
		"data image":     {`<img src="data:image/png;base64,AAAA">`, `src="data:image/png;base64,AAAA"`, ""},
		"data svg html":  {`<img src="data:text/html,x">`, `<img/>`, "data:"},
		"conditional":    {`<!--[if mso]><p>mso</p><![endif]-->a`, `a`, "mso"},
		"svg script":     {`<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)">x</a><use href="https://spy.test#a"/></svg>b`, `b`, "alert"},
		"prefetch":       {`<link rel=dns-prefetch href=//spy.test>a`, `a`, "spy"},
		"template":       {`<template><script>alert(1)</script></template>a`, `a`, "alert"},
		"broken":         {`<p <<b>>"'`, ``, "\x00"},
		"nested deeply":  {strings.Repeat("<div>", 2000) + "deep", ``, "<script"},
		"closing styles": {`<style></style><script>alert(1)</script>`, ``, "alert"},
	} {
		got := p.render(tt.in)
		if !strings.Contains(got, tt.has) || tt.hasNot != "" && strings.Contains(got, tt.hasNot) {
			t.Errorf("%s: %s", name, got)
		}
	}
	remote := &previewer{remote: true}
	if got := remote.render(`<img src="http://cdn.test/a.png"><img src="//cdn.test/b.png"><script>1</script>`); !strings.Contains(got, `src="http://cdn.test/a.png"`) ||
		!strings.Contains(got, `src="https://cdn.test/b.png"`) || strings.Contains(got, "script") {
		t.Error(got)
	}
}

func TestTextAsHTML(t *testing.T) {
	got := textAsHTML("Go to https://x.test/verify?a=1&b=2.\n<script>alert(1)</script>")
	if !strings.Contains(got, `<a href="https://x.test/verify?a=1&amp;b=2">https://x.test/verify?a=1&amp;b=2</a>.`) || strings.Contains(got, "<script") {
		t.Error(got)
	}
}

func FuzzPreview(f *testing.F) {
	f.Add(`<a href="javascript:1"><svg><style><script>`)
	f.Add(`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`)
	f.Add(`<style>a{b:url("cid:x")}</style><form action=x>`)
	f.Fuzz(func(t *testing.T, in string) {
		p := &previewer{parts: map[string]string{"x": "/p"}}
		// Parsed again, as a browser does, nothing of it acts.
		doc, err := xhtml.Parse(strings.NewReader(p.render(in)))
		if err != nil {
			return // too deep: shown to nobody
		}
		for n := range doc.Descendants() {
			if n.Type != xhtml.ElementNode {
				continue
			}
			own := n.DataAtom == atom.Meta || n.DataAtom == atom.Base
			if dropped[n.DataAtom] && !own || n.DataAtom == atom.Form || n.Namespace != "" {
				t.Errorf("%q keeps <%s>", in, n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "http-equiv" || a.Key == "href" && !safeLink(a.Val) {
					t.Errorf("%q keeps %s=%q", in, a.Key, a.Val)
				}
			}
		}
	})
}
