package compat

import (
	"net/mail"
	"net/url"
	"strings"

	"github.com/catchpost/catchpost/internal/message"
)

// listUnsubscribe is what Mailpit says of List-Unsubscribe (RFC 2369 §3.2) and
// List-Unsubscribe-Post (RFC 8058 §2).
type listUnsubscribe struct {
	Header     string
	Links      []string
	Errors     string
	HeaderPost string
}

func unsubscribeOf(v message.View) listUnsubscribe {
	out := listUnsubscribe{Links: []string{}}
	if post := v.Header("List-Unsubscribe-Post"); len(post) > 0 {
		out.HeaderPost = post[0]
	}
	fields := v.Header("List-Unsubscribe")
	if len(fields) == 0 {
		return out
	}
	out.Header = fields[0]
	var wrong []string
	if len(fields) > 1 {
		wrong = append(wrong, "there is more than one List-Unsubscribe field")
	}
	links, errs := unsubscribeLinks(out.Header)
	out.Links = append(out.Links, links...)
	wrong = append(wrong, errs...)
	if out.HeaderPost != "" {
		if !strings.EqualFold(strings.ReplaceAll(out.HeaderPost, " ", ""), "List-Unsubscribe=One-Click") {
			wrong = append(wrong, "List-Unsubscribe-Post is not List-Unsubscribe=One-Click")
		}
		https := false
		for _, l := range links {
			https = https || strings.HasPrefix(strings.ToLower(l), "https:")
		}
		if !https {
			wrong = append(wrong, "List-Unsubscribe-Post needs an https link")
		}
	}
	out.Errors = strings.Join(wrong, ", ")
	return out
}

// unsubscribeLinks reads <URL> *("," <URL>) with comments between them.
func unsubscribeLinks(s string) (links, errs []string) {
	for rest := s; ; {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			break
		}
		link, after, closed := strings.Cut(after, ">")
		if !closed {
			errs = append(errs, "a link has no closing >")
			break
		}
		rest = after
		if strings.ContainsAny(link, " \t") {
			errs = append(errs, "a link has a blank in it")
		}
		link = strings.Join(strings.Fields(link), "")
		u, err := url.Parse(link)
		switch {
		case err != nil:
			errs = append(errs, "a link is not a URL")
		case u.Scheme == "mailto":
			if _, err := mail.ParseAddress(u.Opaque); err != nil {
				errs = append(errs, "a mailto link has no address")
			}
		case (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
			errs = append(errs, "a link is neither http, https nor mailto")
		}
		links = append(links, link)
	}
	if len(links) == 0 {
		errs = append(errs, "there is no link in <>")
	}
	return links, errs
}
