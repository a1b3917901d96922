package api

import (
	"embed"
	"html"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/catchpost/catchpost/openapi"
)

//go:embed docs
var docFiles embed.FS

// docCSP lets the documentation run its own scripts and talk to us alone.
// Swagger UI writes style attributes.
const docCSP = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'"

// docTypes are the files under /docs.
var docTypes = map[string]string{
	"swagger-ui-bundle.js":   "text/javascript; charset=utf-8",
	"swagger-ui.css":         "text/css; charset=utf-8",
	"start.js":               "text/javascript; charset=utf-8",
	"swagger-ui-LICENSE.txt": "text/plain; charset=utf-8",
}

// getOpenAPI serves the OpenAPI document.
//
//	@Summary	This document
//	@Tags		server
//	@Success	200		{object}	object
//	@Failure	default	{object}	model.Problem
//	@Router		/openapi.json [get]
func (s *Server) getOpenAPI(*request) (any, error) {
	return stream(func(r *request) error {
		r.Response().Header().Set("Cache-Control", "no-cache")
		return r.Blob(http.StatusOK, "application/json", openapi.JSON())
	}), nil
}

// getDocs serves the documentation to look at.
//
//	@Summary	The documentation, for people
//	@Tags		server
//	@Produce	html
//	@Success	200		{file}		binary
//	@Failure	default	{object}	model.Problem
//	@Router		/docs [get]
func (s *Server) getDocs(*request) (any, error) {
	page, err := docFiles.ReadFile("docs/index.html")
	if err != nil {
		return nil, err
	}
	text := strings.Replace(string(page), `<meta charset="utf-8">`, `<meta charset="utf-8">`+"\n"+`<base href="`+html.EscapeString(s.base)+`/">`, 1)
	return docPage(text), nil
}

// getDocFile serves one page or file of the documentation.
//
//	@Summary	A page or file of the documentation: errors, filters
//	@Tags		server
//	@Produce	*/*
//	@Param		file	path		string	true	"errors, filters, or a file of the documentation"
//	@Success	200		{file}		binary
//	@Failure	default	{object}	model.Problem
//	@Router		/docs/{file} [get]
func (s *Server) getDocFile(r *request) (any, error) {
	name := r.Param("file")
	switch name {
	case "errors":
		return docPage(frame("Errors", errorsPage())), nil
	case "filters":
		body, err := docFiles.ReadFile("docs/filters.html")
		return docPage(frame("Filters", string(body))), err
	}
	mediaType, ok := docTypes[name]
	if !ok {
		return nil, fail("route_not_found", "/docs has no %q", clip(name, 60))
	}
	packed := true
	body, err := docFiles.ReadFile("docs/" + name + ".gz")
	if err != nil {
		packed = false
		if body, err = docFiles.ReadFile("docs/" + name); err != nil {
			return nil, err
		}
	}
	return stream(func(r *request) error {
		h := r.Response().Header()
		h.Set("Cache-Control", "public, max-age=3600")
		h.Set("X-Content-Type-Options", "nosniff")
		if packed {
			h.Set("Content-Encoding", "gzip") // every browser takes it
		}
		return r.Blob(http.StatusOK, mediaType, body)
	}), nil
}

func docPage(text string) stream {
	return func(r *request) error {
		h := r.Response().Header()
		h.Set("Content-Security-Policy", docCSP)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		return r.HTML(http.StatusOK, text)
	}
}

// frame puts a page's body into a document.
func frame(title, body string) string {
	return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>` + title + ` – Catchpost</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8884}pre{overflow:auto;background:#8881;padding:.8rem}
:target{background:#fc05}h2{margin-bottom:0;font-size:1.1rem}p{margin-top:.2rem}</style>
` + body + "</html>\n"
}

// errorsPage explains every error code; its anchors are what "type" points to.
func errorsPage() string {
	var b strings.Builder
	b.WriteString("<h1>Errors</h1>\n<p>Errors are <code>application/problem+json</code> (RFC 9457). <code>code</code> is stable; <code>detail</code> is for people. A failed assertion is no error: 422 carries the verdict.</p>\n")
	codes := slices.SortedFunc(maps.Keys(kinds), func(x, y string) int {
		if d := kinds[x].status - kinds[y].status; d != 0 {
			return d
		}
		return strings.Compare(x, y)
	})
	for _, code := range codes {
		k := kinds[code]
		b.WriteString(`<h2 id="` + code + `"><code>` + code + "</code> · " + strconv.Itoa(k.status) + " " + html.EscapeString(k.title) + "</h2>\n<p>" + html.EscapeString(k.help) + "</p>\n")
	}
	return b.String()
}
