package api

import (
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// Bounds on what a sandbox's creator may ask for.
const (
	maxTTL      = 10 * 365 * 24 * time.Hour
	maxLabels   = 50
	maxLabelLen = 200
)

// createSandbox makes a sandbox and answers its token, this once.
//
//	@Summary	Create a sandbox
//	@Tags		sandboxes
//	@Param		body	body		model.NewSandbox	false	"all optional"
//	@Success	201		{object}	model.Sandbox
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/sandboxes [post]
func (s *Server) createSandbox(r *request) (any, error) {
	if err := r.wantType("application/json", "application/x-www-form-urlencoded"); err != nil {
		return nil, err // curl -X POST -d '' says a form
	}
	var body model.NewSandbox
	raw, err := r.readBody(s.limits.BodySize)
	if err != nil {
		return nil, err
	}
	if len(raw) > 0 {
		if err := decodeJSON(raw, &body); err != nil {
			return nil, err
		}
	}
	n := store.NewSandbox{Name: body.Name, Labels: body.Labels}
	if err := checkLabels(body.Labels); err != nil {
		return nil, err
	}
	if n.TTL, err = ttlOf(body.TTL); err != nil {
		return nil, err
	}
	if body.Limits != nil {
		limits, err := changeLimits(s.cfg.SandboxLimits, *body.Limits)
		if err != nil {
			return nil, err
		}
		n.Limits = &limits
	}
	box, token, err := s.store.CreateSandbox(r.ctx, n)
	if err != nil {
		if p := problemOf(err); p.code == "bad_value" {
			return nil, fail("bad_value", "a sandbox's name is 1 to 40 of a-z 0-9 and -, no - at either end, and not default, events, latest or admin").at("name")
		}
		return nil, err
	}
	answer := s.sandbox(r, box, token)
	r.Response().Header().Set(echo.HeaderLocation, answer.APIURL+"/sandboxes/"+box.Name)
	return result{201, answer}, nil
}

// listSandboxes lists the living ones; a token sees its own.
//
//	@Summary	List the sandboxes
//	@Tags		sandboxes
//	@Success	200		{object}	model.Sandboxes
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/sandboxes [get]
func (s *Server) listSandboxes(r *request) (any, error) {
	boxes, err := s.store.Sandboxes(r.ctx)
	if err != nil {
		return nil, err
	}
	out := model.Sandboxes{Sandboxes: make([]model.Sandbox, 0, len(boxes))}
	for _, box := range boxes {
		if r.caller.admin || box.Name == r.caller.sandbox {
			out.Sandboxes = append(out.Sandboxes, s.sandbox(r, box, ""))
		}
	}
	return out, nil
}

// getSandbox answers one.
//
//	@Summary	One sandbox
//	@Tags		sandboxes
//	@Param		name	path		string	true	"the sandbox's name"
//	@Success	200		{object}	model.Sandbox
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/sandboxes/{name} [get]
func (s *Server) getSandbox(r *request) (any, error) {
	box, err := s.store.Sandbox(r.ctx, r.sandbox)
	if err != nil {
		return nil, err
	}
	return s.sandbox(r, box, ""), nil
}

// patchSandbox changes one.
//
//	@Summary	Change a sandbox's time to live, limits or labels
//	@Tags		sandboxes
//	@Param		name	path		string				true	"the sandbox's name"
//	@Param		body	body		model.SandboxChange	true	"absent keys stay; null is no limit"
//	@Success	200		{object}	model.Sandbox
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/sandboxes/{name} [patch]
func (s *Server) patchSandbox(r *request, body model.SandboxChange) (any, error) {
	var change store.SandboxChange
	if body.TTL.Set {
		ttl, err := ttlOf(body.TTL)
		if err != nil {
			return nil, err
		}
		change.TTL = &ttl
	}
	if body.Limits != nil {
		box, err := s.store.Sandbox(r.ctx, r.sandbox)
		if err != nil {
			return nil, err
		}
		limits, err := changeLimits(box.Limits, *body.Limits)
		if err != nil {
			return nil, err
		}
		change.Limits = &limits
	}
	if body.Labels != nil {
		if err := checkLabels(*body.Labels); err != nil {
			return nil, err
		}
		change.Labels = body.Labels
	}
	box, err := s.store.UpdateSandbox(r.ctx, r.sandbox, change)
	if err != nil {
		return nil, err
	}
	return s.sandbox(r, box, ""), nil
}

// deleteSandbox ends one, with all that is in it.
//
//	@Summary	End a sandbox
//	@Tags		sandboxes
//	@Param		name	path	string	true	"the sandbox's name"
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/sandboxes/{name} [delete]
func (s *Server) deleteSandbox(r *request) (any, error) {
	if r.sandbox == store.DefaultSandbox {
		return nil, fail("state_conflict", "the sandbox \"default\" always exists; DELETE /v1/messages?all=true empties it")
	}
	if err := s.store.EndSandbox(r.ctx, r.sandbox); err != nil {
		return nil, err
	}
	return nil, s.dropFaults(r.sandbox)
}

func ttlOf(v model.Nullable[string]) (time.Duration, error) {
	switch {
	case !v.Set:
		return 0, nil // the store's default
	case v.Null:
		return -1, nil // never
	}
	d, err := parseDuration("ttl", v.Value, maxTTL)
	if err == nil && d == 0 {
		err = fail("bad_duration", "ttl must be longer than nothing; null is for ever").at("ttl")
	}
	return d, err
}

func changeLimits(l store.Limits, c model.LimitsChange) (store.Limits, error) {
	number := func(field *int64, name string, v model.Nullable[int64]) error {
		if !v.Set {
			return nil
		}
		if v.Value < 0 || v.Value == 0 && !v.Null {
			return fail("bad_value", "%s takes a number above 0, or null for no limit", name).at(name)
		}
		*field = v.Value
		return nil
	}
	if err := number(&l.Messages, "limits.messages", c.Messages); err != nil {
		return l, err
	}
	if err := number(&l.Bytes, "limits.bytes", c.Bytes); err != nil {
		return l, err
	}
	if c.Age.Set {
		l.Age = 0
		if !c.Age.Null {
			d, err := parseDuration("limits.age", c.Age.Value, maxTTL)
			if err != nil {
				return l, err
			}
			l.Age = d
		}
	}
	switch c.OnFull {
	case "":
	case "prune", "refuse":
		l.Refuse = c.OnFull == "refuse"
	default:
		return l, fail("bad_value", "on_full takes prune or refuse, not %q", clip(c.OnFull, 40)).at("limits.on_full")
	}
	return l, nil
}

func checkLabels(labels map[string]string) error {
	if len(labels) > maxLabels {
		return fail("bad_value", "at most %d labels", maxLabels).at("labels")
	}
	for k, v := range labels {
		if k == "" || len(k) > maxLabelLen || len(v) > maxLabelLen {
			return fail("bad_value", "a label's name has 1 to %d octets and its value at most as many", maxLabelLen).at("labels")
		}
	}
	return nil
}

// sandbox is a sandbox as the contract shows it; token is "" except in the
// answer to its creation.
func (s *Server) sandbox(r *request, box store.Sandbox, token string) model.Sandbox {
	base := s.baseURL(r.Request())
	m := model.Sandbox{
		Name: box.Name, Token: token, CreatedAt: box.CreatedAt.UTC(), Labels: box.Labels,
		Messages: box.Messages, Bytes: box.Bytes, Pruned: box.Pruned, Sequence: uint64(box.Sequence),
		Limits: limitsOf(box.Limits), APIURL: base + "/v1", PageURL: base + "/#/" + box.Name,
	}
	if m.Labels == nil {
		m.Labels = map[string]string{}
	}
	if !box.ExpiresAt.IsZero() {
		at := box.ExpiresAt.UTC()
		m.ExpiresAt = &at
	}
	if s.cfg.SandboxDomain != "" {
		m.Domain = box.Name + "." + s.cfg.SandboxDomain
	}
	m.SMTP = s.accessTo(r, box.Name, token, "smtp", "submission", "smtps")
	m.POP3 = s.accessTo(r, box.Name, token, "pop3", "pop3s")
	m.IMAP = s.accessTo(r, box.Name, token, "imap", "imaps")
	if token != "" {
		m.PageURL = base + "/#token=" + token
		if m.SMTP != nil {
			scheme := "smtp"
			if _, ok := s.listener("smtp"); !ok {
				if _, ok := s.listener("submission"); !ok {
					scheme = "smtps"
				}
			}
			u := url.URL{Scheme: scheme, User: url.UserPassword(box.Name, token), Host: net.JoinHostPort(m.SMTP.Host, strconv.Itoa(m.SMTP.Port))}
			m.SMTP.URL = u.String()
		}
	}
	return m
}

// accessTo says how to reach the first of the named listeners that is on TCP.
func (s *Server) accessTo(r *request, user, token string, names ...string) *model.Access {
	for _, name := range names {
		l, ok := s.listener(name)
		if !ok {
			continue
		}
		host, port := s.reach(l, r.Request())
		return &model.Access{Host: host, Port: port, User: user, Password: token}
	}
	return nil
}

func (s *Server) listener(name string) (Listener, bool) {
	for _, l := range s.cfg.Listeners {
		if l.Name == name && l.Network != "unix" {
			return l, true
		}
	}
	return Listener{}, false
}

func limitsOf(l store.Limits) model.Limits {
	m := model.Limits{OnFull: "prune"}
	if l.Refuse {
		m.OnFull = "refuse"
	}
	if l.Messages > 0 {
		m.Messages = &l.Messages
	}
	if l.Bytes > 0 {
		m.Bytes = &l.Bytes
	}
	if l.Age > 0 {
		age := shortDuration(l.Age)
		m.Age = &age
	}
	return m
}
