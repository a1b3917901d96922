package api

import (
	"bytes"
	"mime"
	"strings"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
)

// getParts lists the MIME structure.
//
//	@Summary	The MIME parts in order, every level
//	@Tags		messages
//	@Param		id		path		string	true	"an ID, or latest"
//	@Param		filter	query		object	false	"with latest"
//	@Param		wait	query		string	false	"with latest"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Parts
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id}/parts [get]
func (s *Server) getParts(r *request) (any, error) {
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	out := model.Parts{Parts: make([]model.Part, 0, len(m.Digest.Parts))}
	for _, p := range m.Digest.Parts {
		part := model.Part{
			Path: p.Path, Type: p.Type, Encoding: p.Encoding, Disposition: p.Disposition,
			Name: p.Name, Size: p.Size, Attachment: p.Attachment, ContentID: orNull(p.ContentID),
		}
		if p.Parent >= 0 && p.Parent < len(m.Digest.Parts) {
			part.Parent = &m.Digest.Parts[p.Parent].Path
		}
		for _, param := range p.Params {
			if param.Name == "charset" {
				part.Charset = orNull(param.Value)
			}
		}
		out.Parts = append(out.Parts, part)
	}
	return out, nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// getPart serves one part, decoded.
//
//	@Summary	One MIME part, transfer encoding undone
//	@Tags		messages
//	@Produce	*/*
//	@Param		id			path		string	true	"an ID, or latest"
//	@Param		path		path		string	true	"IMAP part number, such as 2.1"
//	@Param		filter		query		object	false	"with latest"
//	@Param		wait		query		string	false	"with latest"
//	@Param		sandbox		query		string	false	"for the administrator"
//	@Param		download	query		bool	false	"as an attachment, whatever its type"
//	@Param		key			query		string	false	"a preview's signature for this part, instead of a login"
//	@Success	200			{file}		binary
//	@Failure	default		{object}	model.Problem
//	@Router		/v1/messages/{id}/parts/{path} [get]
func (s *Server) getPart(r *request) (any, error) {
	download, err := r.flag("download")
	if err != nil {
		return nil, err
	}
	m, v, err := r.view()
	if err != nil {
		return nil, err
	}
	p, ok := v.Part(r.Param("path"))
	if !ok {
		return nil, fail("part_not_found", "message %s has no part %q", m.ID, clip(r.Param("path"), 60)).at("path")
	}
	return stream(func(r *request) error {
		return r.send(content{
			mediaType: servedType(p), csp: policyFor(p.Type), name: partName(p),
			inline: !download && showable(p.Type), etag: m.ID + "-" + p.Path, body: bytes.NewReader(v.Decoded(p)),
		})
	}), nil
}

// servedType is the part's media type with its charset, if that can stand in a
// header; what a browser could run in our origin is sandboxed besides.
func servedType(p message.Part) string {
	params := map[string]string{}
	for _, param := range p.Params {
		if param.Name == "charset" {
			params["charset"] = param.Value
		}
	}
	if t := mime.FormatMediaType(p.Type, params); t != "" && strings.Contains(t, "/") {
		return t
	}
	return "application/octet-stream"
}

func policyFor(mediaType string) string {
	if mediaType == "application/pdf" {
		return pdfCSP
	}
	return sandboxCSP
}

// showable tells what a browser shows by itself; everything else is a download.
func showable(mediaType string) bool {
	switch top, _, _ := strings.Cut(mediaType, "/"); top {
	case "image", "audio", "video":
		return true
	}
	switch mediaType {
	case "text/plain", "text/html", "text/calendar", "text/csv", "application/pdf":
		return true
	}
	return false
}

// partName is the sender's file name, or one made of the part number.
func partName(p message.Part) string {
	if name := safeName(p.Name); name != "" {
		return name
	}
	ext := ".bin"
	switch p.Type {
	case "text/plain":
		ext = ".txt"
	case "message/rfc822":
		ext = ".eml"
	default:
		if all, err := mime.ExtensionsByType(p.Type); err == nil && len(all) > 0 {
			ext = all[len(all)-1]
		}
	}
	path := p.Path
	if path == "" {
		path = "0"
	}
	return "part-" + path + ext
}

// getLinks lists the links and images found.
//
//	@Summary	The links of a message, decoded and sorted by kind
//	@Tags		messages
//	@Param		id		path		string	true	"an ID, or latest"
//	@Param		filter	query		object	false	"with latest"
//	@Param		wait	query		string	false	"with latest"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Links
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id}/links [get]
func (s *Server) getLinks(r *request) (any, error) {
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	links, err := s.store.Subject(m).Links()
	return model.Links{Links: notNil(links)}, gone(m, err)
}

// getCodes lists the one-time codes found.
//
//	@Summary	The one-time codes of a message, best first
//	@Tags		messages
//	@Param		id		path		string	true	"an ID, or latest"
//	@Param		filter	query		object	false	"with latest"
//	@Param		wait	query		string	false	"with latest"
//	@Param		sandbox	query		string	false	"for the administrator"
//	@Success	200		{object}	model.Codes
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/messages/{id}/codes [get]
func (s *Server) getCodes(r *request) (any, error) {
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	codes, err := s.store.Subject(m).Codes()
	return model.Codes{Codes: notNil(codes)}, gone(m, err)
}
