package api

import (
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// getInfo tells what runs here.
//
//	@Summary	Version, listeners and limits
//	@Tags		server
//	@Success	200		{object}	model.Info
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/info [get]
func (s *Server) getInfo(r *request) (any, error) {
	info := model.Info{
		Version: s.cfg.Version, StartedAt: s.started.Format(time.RFC3339), UptimeSeconds: int64(s.clock.Now().Sub(s.started) / time.Second),
		Open: s.cfg.AdminToken == "", Administrator: r.caller.admin, Sandbox: orNull(r.caller.sandbox),
		SandboxDomain: orNull(s.cfg.SandboxDomain), APIURL: s.baseURL(r.Request()) + "/v1",
		Durability: s.cfg.Durability, CA: s.cfg.CA != nil && len(s.cfg.CA()) > 0,
		Relay: s.cfg.Relay != nil, ControllableClock: s.cfg.Clocks != nil,
		Listeners: []model.Listener{},
		Limits: model.InfoLimits{
			MessageSize: s.limits.MessageSize, BodySize: s.limits.BodySize,
			Wait: shortDuration(s.limits.Wait), Waits: s.limits.Waits, ListLimit: 500,
		},
	}
	if info.Durability == "" {
		info.Durability = "durable"
	}
	if r.caller.admin {
		info.Data = orNull(s.cfg.Data)
	}
	for _, l := range s.cfg.Listeners {
		host, port := s.reach(l, r.Request())
		info.Listeners = append(info.Listeners, model.Listener{
			Name: l.Name, Network: l.Network, Address: l.Address, Host: host, Port: port, TLS: l.TLS, Auth: l.Auth,
		})
	}
	return info, nil
}

// reach says where a client reaches a listener: as advertised, else by the name
// that this request was sent to and the listener's own port.
func (s *Server) reach(l Listener, req *http.Request) (host string, port int) {
	address := l.Address
	host = hostOnly(s.seenAs(req).Host)
	if host == "" {
		host = "localhost"
	}
	if told, ok := s.cfg.Advertise[l.Name]; ok {
		address = told
		if h, _, err := net.SplitHostPort(told); err == nil && h != "" {
			host = h
		}
	}
	if _, p, err := net.SplitHostPort(address); err == nil {
		port, _ = strconv.Atoi(p) // a listener's own, or checked where options are read
	}
	return host, port
}

// getCA serves the certificate authority's certificate.
//
//	@Summary	Our certificate authority, PEM
//	@Tags		server
//	@Produce	application/x-pem-file
//	@Success	200		{file}		binary
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/ca.pem [get]
func (s *Server) getCA(*request) (any, error) {
	var pem []byte
	if s.cfg.CA != nil {
		pem = s.cfg.CA()
	}
	if len(pem) == 0 {
		return nil, fail("not_found", "no certificate of our own is in use")
	}
	return stream(func(r *request) error {
		r.Response().Header().Set("Content-Disposition", disposition(false, "catchpost-ca.pem"))
		return r.Blob(http.StatusOK, "application/x-pem-file", pem)
	}), nil
}

// livez says that the process answers.
//
//	@Summary	Is the process alive?
//	@Tags		server
//	@Success	200	{object}	model.Health
//	@Failure	default	{object}	model.Problem
//	@Router		/livez [get]
func (s *Server) livez(*request) (any, error) { return model.Health{Status: "ok"}, nil }

// readyz says that requests are served: the store is open and not stopping.
//
//	@Summary	Is it ready to serve?
//	@Tags		server
//	@Success	200	{object}	model.Health
//	@Failure	default	{object}	model.Problem
//	@Router		/readyz [get]
func (s *Server) readyz(r *request) (any, error) {
	if s.running.Err() != nil {
		return nil, fail("shutting_down", "the server is stopping")
	}
	if _, err := s.store.Sandboxes(r.ctx); err != nil {
		return nil, &problem{code: "not_ready", detail: "the store does not answer yet", cause: err}
	}
	return model.Health{Status: "ok"}, nil
}
