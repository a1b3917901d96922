package program

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/imapd"
	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/tlsca"
	"github.com/catchpost/catchpost/pop3d"
	"github.com/catchpost/catchpost/smtpd"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/web"
)

// serve makes a server for every open listener and starts them.
func (in *Instance) serve(open []listening) error {
	for _, l := range open {
		in.Listening = append(in.Listening, in.describe(l))
	}
	if err := in.loadTLS(); err != nil {
		return err
	}
	proxies, err := prefixes("--proxy-from", in.Options.Listeners.ProxyFrom)
	if err != nil {
		return err
	}
	faults := &fault.Set{}
	web, err := in.newAPI(faults)
	if err != nil {
		return err
	}
	var pop3, imap tlsServer
	for _, l := range open {
		name := l.service.name
		switch name {
		case "http":
			ln := l.Listener
			if in.Options.HTTP.HTTPS {
				ln = tls.NewListener(ln, in.tls)
			}
			in.run(web, web.Serve, ln)
		case "pop3", "pop3s":
			if pop3 == nil {
				pop3 = in.newPOP3(proxies, faults)
			}
			in.runTLS(pop3, l)
		case "imap", "imaps":
			if imap == nil {
				imap = in.newIMAP(proxies, faults)
			}
			in.runTLS(imap, l)
		default:
			in.runTLS(in.newSMTP(name, proxies, faults), l)
		}
	}
	return nil
}

// tlsServer serves with and without TLS.
type tlsServer interface {
	server
	ServeTLS(net.Listener) error
	Connections() int
}

func (in *Instance) runTLS(s tlsServer, l listening) {
	if name := l.service.name; !slices.Contains(in.servers, server(s)) { // one server may have two listeners
		in.counts[name] = append(in.counts[name], s.Connections)
	}
	serve := s.Serve
	if l.service.tls {
		serve = s.ServeTLS
	}
	in.run(s, serve, l.Listener)
}

// run serves one listener until Shutdown.
func (in *Instance) run(s server, serve func(net.Listener) error, ln net.Listener) {
	if !slices.Contains(in.servers, s) {
		in.servers = append(in.servers, s)
	}
	in.serving.Go(func() {
		err := serve(ln)
		if !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, smtpd.ErrServerClosed) {
			in.report(ln.Addr().String(), err)
		}
	})
}

// loadTLS takes the certificate that the options name, or our own CA's.
func (in *Instance) loadTLS() error {
	o := &in.Options.TLS
	switch {
	case (o.Cert == "") != (o.Key == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case o.Cert != "":
		pair, err := tls.LoadX509KeyPair(o.Cert, o.Key)
		if err != nil {
			return fmt.Errorf("--tls-cert: %w", err)
		}
		in.tls = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
		return nil
	}
	names := append([]string{in.hostname()}, o.Name...)
	var err error
	if in.Options.Data.Data == store.InMemory {
		in.ca, err = tlsca.New(names...)
	} else {
		in.ca, err = tlsca.Load(filepath.Dir(in.Options.Data.Data), names...)
	}
	if err != nil {
		return err
	}
	in.tls = in.ca.ServerConfig()
	return nil
}

// CAPEM is the certificate of our own CA, PEM; empty where a certificate was given.
func (in *Instance) CAPEM() []byte {
	if in.ca == nil {
		return nil
	}
	return in.ca.PEM()
}

func (in *Instance) newAPI(faults *fault.Set) (*api.Server, error) {
	o := &in.Options
	advertise, err := o.Listeners.advertised()
	if err != nil {
		return nil, err
	}
	trusted, err := prefixes("--trusted-proxy", o.HTTP.TrustedProxy)
	if err != nil {
		return nil, err
	}
	cfg := api.Config{
		Store: in.Store, Version: Version, Advertise: advertise, AdminToken: o.Login.AdminToken, AdminUser: o.Login.adminUser, Compat: o.HTTP.Compat, LinkCheckPrivate: o.HTTP.LinkPrivate,
		BasePath: strings.TrimSuffix(o.HTTP.BasePath, "/"), SandboxDomain: in.sandboxDomain(), SandboxLimits: in.sandboxLimits(),
		AllowedHosts: o.HTTP.AllowedHost, TrustedProxies: trusted, CORS: o.HTTP.CORS,
		Metrics: in.metrics(), CA: in.CAPEM, Faults: faults, Durability: o.Data.Durability, Data: o.Data.Data, Log: in.log,
		Limits: api.Limits{MessageSize: int64(o.Mail.MaxMessageSize)}, Page: web.Handler(),
	}
	for _, l := range in.Listening {
		cfg.Listeners = append(cfg.Listeners, api.Listener{Name: l.Name, Network: l.Network, Address: l.Address, TLS: l.TLS, Auth: l.Auth})
	}
	in.giveRelay(&cfg)
	return api.New(cfg), nil
}

// newSMTP makes the server of one kind of listener.
func (in *Instance) newSMTP(name string, proxies []netip.Prefix, faults *fault.Set) *smtpd.Server {
	o := &in.Options
	c := smtpd.Config{
		Hostname: in.hostname(), Backend: in.Store, TLS: in.tls,
		Limits: smtpd.Limits{
			MessageSize: int64(o.Mail.MaxMessageSize), Recipients: o.Mail.MaxRecipients, Connections: o.Mail.MaxConnections,
			Idle: o.Mail.IdleTimeout, Errors: o.Mail.MaxErrors,
		},
		Closed: o.Login.AdminToken != "", RequireAuth: o.Login.RequireAuth, AuthNeedsTLS: o.Login.AuthNeedsTLS, SCRAM: in.allVerified(), ClearOnly: o.Login.listed(),
		RejectBareLF: o.Mail.BareLF == "reject", Proxies: proxies, Faults: faults, Log: in.log,
	}
	switch name {
	case "submission":
		c.Mode = smtpd.Submission
	case "lmtp":
		c.Mode = smtpd.LMTP
	case "smtp":
		if !in.startTLSOnSMTP() {
			c.TLS = nil
		}
	}
	return smtpd.New(c)
}

// startTLSOnSMTP: clients that find STARTTLS upgrade by themselves and then
// refuse a self-made CA, so that port 1025 announces it only when told.
func (in *Instance) startTLSOnSMTP() bool {
	return in.Options.Mail.SMTPStartTLS || in.Options.TLS.Cert != ""
}

// allVerified reports whether every login that is served has a verifier, so
// that SCRAM can be announced.
func (in *Instance) allVerified() bool {
	o := &in.Options.Login
	return o.AdminToken != "" && o.UnknownLogin == "reject" && !o.listed()
}

func (in *Instance) newPOP3(proxies []netip.Prefix, faults *fault.Set) *pop3d.Server {
	o := &in.Options
	return pop3d.New(pop3d.Options{
		Store: in.Store, TLS: in.tls, RequireTLS: o.Login.AuthNeedsTLS, ExclusiveLock: o.Login.POP3Lock, SCRAM: in.allVerified(), ClearOnly: o.Login.listed(),
		MaxConns: o.Mail.MaxConnections, Proxies: proxies, Faults: faults, Log: in.log, Version: Version,
	})
}

func (in *Instance) newIMAP(proxies []netip.Prefix, faults *fault.Set) *imapd.Server {
	o := &in.Options
	return imapd.New(imapd.Options{
		Store: in.Store, TLS: in.tls, RequireTLS: o.Login.AuthNeedsTLS, MaxMessage: int64(o.Mail.MaxMessageSize), SCRAM: in.allVerified(), ClearOnly: o.Login.listed(),
		NoUnauthenticate: o.Login.IMAPKeepLogin, MaxConns: o.Mail.MaxConnections, Proxies: proxies, Faults: faults, Log: in.log, Version: Version,
	})
}

// describe says what a listener is to clients.
func (in *Instance) describe(l listening) Listening {
	o := &in.Options
	d := Listening{Name: l.service.name, Network: l.Addr().Network(), Address: l.Addr().String()}
	switch {
	case l.service.tls, l.service.name == "http" && o.HTTP.HTTPS:
		d.TLS = "implicit"
	case l.service.name == "smtp" && in.startTLSOnSMTP(), l.service.name == "submission", l.service.name == "lmtp",
		l.service.name == "pop3", l.service.name == "imap":
		d.TLS = "starttls"
	}
	switch l.service.name {
	case "smtp", "smtps", "submission", "lmtp":
		d.Auth = o.Login.RequireAuth
	case "http":
		d.Auth = o.Login.AdminToken != ""
	default:
		d.Auth = o.Login.listed() || o.Login.UnknownLogin == "reject"
	}
	return d
}

func (in *Instance) sandboxDomain() string {
	if in.Options.Mail.SandboxDomain == "off" {
		return ""
	}
	return in.Options.Mail.SandboxDomain
}

func prefixes(option string, given []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, g := range given {
		p, err := netip.ParsePrefix(g)
		if err != nil {
			a, aerr := netip.ParseAddr(g)
			if aerr != nil {
				return nil, fmt.Errorf("%s: %q is neither an address nor a network such as 10.0.0.0/8", option, g)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
