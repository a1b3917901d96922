package program

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/catchpost/catchpost/api"
	"github.com/catchpost/catchpost/internal/cli"
)

// serve makes a server for every open listener and starts them.
func (in *Instance) serve(open []listening) error {
	o := &in.Options
	advertise, err := o.Listeners.advertised()
	if err != nil {
		return err
	}
	trusted, err := prefixes("--trusted-proxy", o.HTTP.TrustedProxy)
	if err != nil {
		return err
	}
	for _, l := range open {
		in.Listening = append(in.Listening, in.describe(l))
	}
	cfg := api.Config{
		Store: in.Store, Version: Version, Advertise: advertise, AdminToken: o.Login.AdminToken,
		BasePath: strings.TrimSuffix(o.HTTP.BasePath, "/"), SandboxDomain: o.Mail.SandboxDomain,
		AllowedHosts: o.HTTP.AllowedHost, TrustedProxies: trusted, CORS: o.HTTP.CORS,
		Durability: o.Data.Durability, Data: o.Data.Data, Log: in.log,
		Limits: api.Limits{MessageSize: int64(o.Mail.MaxMessageSize)},
	}
	for _, l := range in.Listening {
		cfg.Listeners = append(cfg.Listeners, api.Listener{Name: l.Name, Network: l.Network, Address: l.Address, TLS: l.TLS, Auth: l.Auth})
	}
	httpServer := api.New(cfg)
	in.servers = append(in.servers, httpServer)
	for _, l := range open {
		switch l.service.name {
		case "http":
			in.run(httpServer, l.Listener, http.ErrServerClosed)
		}
	}
	return nil
}

// describe says what a listener is to clients.
func (in *Instance) describe(l listening) Listening {
	o := &in.Options
	d := Listening{Name: l.service.name, Network: l.Addr().Network(), Address: l.Addr().String()}
	switch {
	case l.service.tls, l.service.name == "http" && o.HTTP.HTTPS:
		d.TLS = "implicit"
	case l.service.name == "smtp" && (o.Mail.SMTPStartTLS || o.TLS.Cert != ""), l.service.name == "submission",
		l.service.name == "pop3", l.service.name == "imap":
		d.TLS = "starttls"
	}
	switch l.service.name {
	case "smtp", "smtps", "submission", "lmtp":
		d.Auth = o.Login.RequireAuth
	case "http":
		d.Auth = o.Login.AdminToken != ""
	default:
		d.Auth = o.Login.AccountsFile != "" || o.Login.UnknownLogin == "reject"
	}
	return d
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

// startForRun starts the instance of `catchpost run`: in memory, on free ports.
func startForRun(ctx context.Context) (cli.Instance, error) {
	in, err := StartEphemeral(ctx, Options{})
	if err != nil {
		return cli.Instance{}, err
	}
	return cli.Instance{URL: strings.TrimSuffix(in.pageURL(), "/"), Close: in.Shutdown}, nil
}

// StartEphemeral starts an instance in memory, on free ports of the loopback
// address; options that o leaves zero take their defaults.
func StartEphemeral(ctx context.Context, o Options) (*Instance, error) {
	defaults, err := DefaultOptions()
	if err != nil {
		return nil, err
	}
	d := defaults
	d.Data.Data = ":memory:"
	free := []string{net.JoinHostPort("127.0.0.1", "0")}
	d.Listeners = Listeners{Bind: "127.0.0.1", SMTP: free, SMTPS: free, Submission: free, LMTP: []string{"off"}, POP3: free, POP3S: free, IMAP: free, IMAPS: free, HTTP: free}
	if o.Login.AdminToken != "" {
		d.Login.AdminToken = o.Login.AdminToken
	}
	return Start(ctx, d, StartOptions{})
}

// DefaultOptions are the options of an empty command line, whatever the
// environment says.
func DefaultOptions() (Options, error) {
	var c struct {
		Options `embed:""`
	}
	parser, err := plainParser(&c)
	if err != nil {
		return Options{}, err
	}
	_, err = parser.Parse(nil)
	return c.Options, err
}
