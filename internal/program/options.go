package program

import (
	"fmt"
	"strings"
	"time"

	"github.com/catchpost/catchpost/api/compat"
)

// Options are the options of `catchpost serve`. One struct gives the flag, the
// environment variable (CATCHPOST_ and the flag's name), the key of the
// configuration file, the help text and README's reference.
type Options struct {
	Listeners Listeners `embed:"" group:"Listeners"`
	Data      Data      `embed:"" group:"Data"`
	Mail      Mail      `embed:"" group:"Receiving mail"`
	Login     Login     `embed:"" group:"Logins"`
	TLS       TLS       `embed:"" group:"TLS"`
	HTTP      HTTP      `embed:"" group:"API and page"`
	Relay     Relay     `embed:"" group:"Relay"`
	Log       Log       `embed:"" group:"Log"`
}

// Listeners say where the servers listen. Each takes HOST:PORT, unix:PATH or
// off, and may be repeated.
type Listeners struct {
	SMTP          []string `name:"smtp" placeholder:"ADDR" help:"SMTP (BIND:1025). ADDR is HOST:PORT, unix:PATH or off; repeat for several."`
	SMTPS         []string `name:"smtps" placeholder:"ADDR" help:"SMTP in TLS (BIND:1465)."`
	Submission    []string `name:"submission" placeholder:"ADDR" help:"SMTP that announces STARTTLS (BIND:1587)."`
	LMTP          []string `name:"lmtp" placeholder:"ADDR" help:"LMTP, RFC 2033 (off)."`
	POP3          []string `name:"pop3" placeholder:"ADDR" help:"POP3 (BIND:1110)."`
	POP3S         []string `name:"pop3s" placeholder:"ADDR" help:"POP3 in TLS (BIND:1995)."`
	IMAP          []string `name:"imap" placeholder:"ADDR" help:"IMAP (BIND:1143)."`
	IMAPS         []string `name:"imaps" placeholder:"ADDR" help:"IMAP in TLS (BIND:1993)."`
	HTTP          []string `name:"http" placeholder:"ADDR" help:"API and page (BIND:8025)."`
	Bind          string   `default:"127.0.0.1" placeholder:"HOST" help:"Host of the listeners that are not named one by one."`
	StandardPorts bool     `help:"Use the well-known ports 25, 465, 587, 110, 995, 143, 993 and 80."`
	PortsFrom     int      `placeholder:"N" help:"Use the ports N, N+1, … in the order above; 0 leaves them."`
	Advertise     []string `placeholder:"NAME=HOST:PORT" help:"Address to tell clients for a listener behind a mapped port, as in smtp=mail.test:25."`
	ProxyFrom     []string `placeholder:"CIDR" help:"Peers that speak the PROXY protocol (v1 or v2) first."`
}

// Data says where mail is kept and how much of it.
type Data struct {
	Data            string        `placeholder:"FILE" help:"Data file, or :memory: (default: catchpost.db in the user's data folder)."`
	Durability      string        `enum:"durable,relaxed" default:"durable" help:"durable: on disk before the 250. relaxed: soon after."`
	MaxMessages     int64         `default:"0" placeholder:"N" help:"Messages kept in the sandbox default; 0 is no limit."`
	MaxBytes        Size          `default:"2GiB" help:"Octets kept in the sandbox default; 0 is no limit."`
	MaxAge          time.Duration `default:"0" help:"Age at which messages of the sandbox default go; 0 is never."`
	OnFull          string        `enum:"prune,refuse" default:"prune" help:"What a full sandbox default does: prune drops the oldest, refuse answers 452."`
	SandboxMaxBytes Size          `default:"256MiB" help:"Octets kept in a created sandbox."`
	MaxSessions     int           `default:"10000" help:"Sessions kept with their transcripts."`
	MaxSessionBytes Size          `default:"64MiB" help:"Octets of transcripts kept."`
}

// Mail bounds and shapes what the SMTP servers take.
type Mail struct {
	Hostname        string        `placeholder:"NAME" help:"Name in greetings and Message-IDs (default: this machine's)."`
	MaxMessageSize  Size          `default:"50MiB" help:"Largest message."`
	MaxRecipients   int           `default:"2000" help:"Recipients of one message."`
	MaxConnections  int           `default:"1000" help:"Connections of one server at once."`
	MaxErrors       int           `default:"20" help:"Wrong commands before a connection is closed with 421."`
	IdleTimeout     time.Duration `default:"5m" help:"How long a connection may be silent."`
	BareLF          string        `name:"bare-lf" enum:"accept,reject" default:"accept" help:"What to do with lines of mail data that end in LF alone."`
	SMTPStartTLS    bool          `name:"smtp-starttls" help:"Announce STARTTLS on the SMTP listener too."`
	SandboxDomain   string        `default:"catchpost.test" help:"Mail to SANDBOX.DOMAIN goes to that sandbox; off turns this off."`
	ControlledClock bool          `name:"controllable-clock" help:"Let the API move a sandbox's clock."`
}

// Login says who may log in where.
type Login struct {
	AdminToken    string            `placeholder:"TOKEN" help:"Token of the administrator. Without it the instance is open: HTTP requests without credentials reach everything."`
	adminUser     string            // a name that the token goes by, besides "admin"
	users         map[string]string // passwords by login, as --accounts-file closes the others out
	RequireAuth   bool              `help:"Refuse mail before AUTH with 530."`
	AuthNeedsTLS  bool              `name:"auth-needs-tls" help:"Refuse AUTH without TLS with 538."`
	UnknownLogin  string            `enum:"accept,reject" default:"accept" help:"Whether a login that names no sandbox is let in."`
	AccountsFile  string            `type:"path" placeholder:"FILE" help:"htpasswd file (bcrypt) of the logins that are let in; all others are refused."`
	POP3Lock      bool              `name:"pop3-lock" help:"One POP3 session a maildrop at a time (RFC 1939's lock)."`
	IMAPKeepLogin bool              `name:"imap-keep-login" help:"Leave out IMAP's UNAUTHENTICATE (RFC 8437), as behind a proxy that judges logins."`
}

// TLS names the certificate. Without one, catchpost makes its own CA beside
// the data file and serves it at /v1/ca.pem.
type TLS struct {
	Cert string   `name:"tls-cert" type:"path" placeholder:"FILE" help:"Certificate chain, PEM. STARTTLS is then announced on the SMTP listener too."`
	Key  string   `name:"tls-key" type:"path" placeholder:"FILE" help:"Key of the certificate, PEM."`
	Name []string `name:"tls-name" placeholder:"NAME" help:"Further names for the self-made certificate."`
}

// HTTP shapes the API's listener.
type HTTP struct {
	BasePath     string            `default:"/" help:"Path under which API and page live."`
	HTTPS        bool              `name:"https" help:"Serve the API and the page in TLS."`
	TrustedProxy []string          `placeholder:"CIDR" help:"Proxies whose X-Forwarded-* headers count."`
	AllowedHost  []string          `placeholder:"NAME" help:"Further Host names that are answered while the instance is open."`
	CORS         []string          `name:"cors" placeholder:"ORIGIN" help:"Origins whose scripts may call the API."`
	tagSources   compat.TagSources // with --compat mailpit
	Compat       string            `enum:",mailpit,mailhog" default:"" help:"mailpit or mailhog: whose API is at /api/v1 (mailpit), and whose MP_* or MH_* variables are read. With mailpit, X-Tags and plus-addresses tag mail."`
	LinkPrivate  bool              `name:"link-check-private" help:"Let link checks go to private or loopback addresses."`
}

// Relay says what may leave, and how. Without --relay nothing does.
type Relay struct {
	theirs       theirRelay    // a smarthost as Mailpit's variables name it
	Relay        bool          `name:"relay" help:"Deliver released messages to real servers. Only what --relay-allow names may leave."`
	Allow        []string      `name:"relay-allow" placeholder:"GLOB" help:"Addresses (*@qa.example.com) or domains (*.example.com) that mail may leave to."`
	Deny         []string      `name:"relay-deny" placeholder:"GLOB" help:"Addresses or domains that no mail leaves to, whatever is allowed."`
	LocalDomain  []string      `placeholder:"GLOB" help:"Domains whose mail counts as delivered here."`
	Smarthost    string        `placeholder:"URL" help:"Send everything through this server, as in smtp://user:password@mail.example.com:587 or, with TLS from the first octet, smtps://…:465, instead of by MX; ?tls=required, opportunistic, never."`
	DNS          string        `name:"dns" placeholder:"HOST:PORT" help:"DNS server to ask for next hops (the system's)."`
	Port         uint16        `name:"relay-port" default:"25" help:"Port of next hops."`
	Private      bool          `name:"relay-private" help:"Let next hops have private or loopback addresses."`
	DryRun       bool          `name:"relay-dry-run" help:"Do all but connect."`
	TLS          []string      `name:"relay-tls" placeholder:"DOMAIN=POLICY" help:"TLS to next hops of a domain (* is any): opportunistic, required or never."`
	Retry        time.Duration `name:"relay-retry" default:"15m" help:"Pause before the second attempt; later ones grow to 4 h."`
	Warn         time.Duration `name:"relay-warn" default:"4h" help:"Age at which the sender is told of the delay; 0 is never."`
	Expire       time.Duration `name:"relay-expire" default:"120h" help:"Age at which delivery is given up and bounced."`
	Rate         float64       `name:"relay-rate" default:"0" placeholder:"N" help:"Most transactions a second in all; 0 is no bound."`
	HostRate     float64       `name:"relay-host-rate" default:"0" placeholder:"N" help:"Most transactions a second to one domain; 0 is no bound."`
	ReversePath  string        `name:"relay-reverse-path" placeholder:"ADDRESS" help:"Reverse-path of everything that leaves, in place of its own."`
	Header       []string      `name:"relay-header" sep:"none" placeholder:"NAME: VALUE" help:"Header field to put before what leaves."`
	DKIMKey      string        `name:"dkim-key" type:"path" placeholder:"FILE" help:"Sign what leaves with this RSA or Ed25519 key, PEM."`
	DKIMDomain   string        `name:"dkim-domain" placeholder:"DOMAIN" help:"Domain of the signature."`
	DKIMSelector string        `name:"dkim-selector" placeholder:"NAME" help:"Selector of the signature."`
	HookPrivate  bool          `name:"webhook-private" help:"Let webhooks go to private or loopback addresses."`
}

// Log says what is logged to standard error.
type Log struct {
	Level string `name:"log-level" enum:"debug,info,warn,error" default:"info" help:"Least level that is logged."`
	JSON  bool   `name:"log-json" help:"Log as JSON."`
	Quiet bool   `short:"q" help:"Print no banner at start."`
}

// Size is a number of octets, written with a unit: 512, 64KiB, 10MB.
type Size int64

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(b []byte) error {
	text := strings.TrimSpace(string(b))
	number := strings.TrimRight(text, "KMGTiBkmgtb")
	var n float64
	if _, err := fmt.Sscanf(number, "%g", &n); err != nil || n < 0 || number == "" {
		return fmt.Errorf("%q is not a size: write octets, or a number with KB, KiB, MB, MiB, GB or GiB", text)
	}
	unit, ok := sizeUnits[strings.ToLower(text[len(number):])]
	if !ok || n*unit > 1<<62 {
		return fmt.Errorf("%q is not a size: write octets, or a number with KB, KiB, MB, MiB, GB or GiB", text)
	}
	*s = Size(n * unit)
	return nil
}

var sizeUnits = map[string]float64{
	"": 1, "b": 1,
	"kb": 1e3, "k": 1 << 10, "kib": 1 << 10,
	"mb": 1e6, "m": 1 << 20, "mib": 1 << 20,
	"gb": 1e9, "g": 1 << 30, "gib": 1 << 30,
	"tb": 1e12, "t": 1 << 40, "tib": 1 << 40,
}

// String writes a size with the largest binary unit that divides it well.
func (s Size) String() string {
	n := int64(s)
	for _, u := range []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if n >= u.size {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/float64(u.size)), ".0") + " " + u.name
		}
	}
	return fmt.Sprintf("%d B", n)
}
