package program

import (
	"errors"
	"strconv"
	"strings"

	"github.com/catchpost/catchpost/internal/filter"
)

// foreignNames are variables of Mailpit and MailHog and our option for them.
var foreignNames = map[string]string{
	"MP_DATABASE":                      "--data",
	"MP_MAX_MESSAGES":                  "--max-messages",
	"MP_MAX_AGE":                       "--max-age",
	"MP_SMTP_BIND_ADDR":                "--smtp",
	"MP_UI_BIND_ADDR":                  "--http",
	"MP_POP3_BIND_ADDR":                "--pop3",
	"MP_WEBROOT":                       "--base-path",
	"MP_DATA_FILE":                     "--data",
	"MP_SMTP_AUTH":                     "--accounts-file",
	"MP_SMTP_AUTH_FILE":                "--accounts-file",
	"MP_SMTP_SSL_CERT":                 "--tls-cert",
	"MP_SMTP_REQUIRE_STARTTLS":         "--smtp-starttls with --auth-needs-tls",
	"MP_POP3_AUTH":                     "--accounts-file",
	"MP_POP3_AUTH_FILE":                "--accounts-file",
	"MP_POP3_TLS_CERT":                 "--tls-cert with --pop3s",
	"MP_POP3_TLS_KEY":                  "--tls-key with --pop3s",
	"MP_UI_TLS_CERT":                   "--https with --tls-cert",
	"MP_UI_TLS_KEY":                    "--https with --tls-key",
	"MP_ALLOWED_HOSTS":                 "--allowed-host",
	"MP_ALLOW_INTERNAL_HTTP_REQUESTS":  "--link-check-private",
	"MP_TAGS_DISABLE":                  "(--compat mailpit tags by X-Tags and plus-addresses)",
	"MP_TAGS_USERNAME":                 "(--compat mailpit may tag by login)",
	"MP_SMTP_RELAY_HOST":               "--relay with --smarthost",
	"MP_SMTP_RELAY_PORT":               "--smarthost",
	"MP_SMTP_RELAY_USERNAME":           "--smarthost",
	"MP_SMTP_RELAY_PASSWORD":           "--smarthost",
	"MP_SMTP_RELAY_STARTTLS":           "--smarthost (?tls=required)",
	"MP_SMTP_RELAY_TLS":                "--smarthost, which takes no TLS from the first octet",
	"MP_SMTP_RELAY_AUTH":               "--smarthost, which finds the mechanism by itself",
	"MP_SMTP_RELAY_RETURN_PATH":        "--relay-reverse-path",
	"MP_SMTP_RELAY_ALLOWED_RECIPIENTS": "--relay-allow",
	"MP_SMTP_RELAY_BLOCKED_RECIPIENTS": "--relay-deny",
	"MP_SMTP_RELAY_CONFIG":             "--smarthost and --relay-allow",
	"MP_SMTP_RELAY_ALL":                "a relay rule (/v1/relay/rules)",
	"MP_SMTP_RELAY_MATCHING":           "a relay rule (/v1/relay/rules)",
	"MP_WEBHOOK_URL":                   "a webhook (/v1/webhooks)",
	"MP_ENABLE_CHAOS":                  "(PUT /api/v1/chaos always works)",
	"MP_CHAOS_TRIGGERS":                "PUT /api/v1/chaos or fault rules (/v1/faults)",
	"MP_ENABLE_PROMETHEUS":             "(/metrics is always there)",
	"MP_DISABLE_VERSION_CHECK":         "(no version is asked for)",
	"MP_SMTP_DISABLE_RDNS":             "(no name is asked for)",
	"MP_SMTP_AUTH_ACCEPT_ANY":          "--unknown-login accept",
	"MP_SMTP_AUTH_ALLOW_INSECURE":      "(AUTH without TLS is taken unless --auth-needs-tls)",
	"MP_SMTP_TLS_CERT":                 "--tls-cert",
	"MP_SMTP_TLS_KEY":                  "--tls-key",
	"MP_SMTP_REQUIRE_TLS":              "--smtps with --smtp off",
	"MP_SMTP_MAX_RECIPIENTS":           "--max-recipients",
	"MP_MAX_MESSAGE_SIZE":              "--max-message-size",
	"MP_UI_AUTH":                       "--admin-token",
	"MP_UI_AUTH_FILE":                  "--admin-token",
	"MP_API_CORS":                      "--cors",
	"MP_VERBOSE":                       "--log-level debug",
	"MP_QUIET":                         "--quiet",
	"MH_SMTP_BIND_ADDR":                "--smtp",
	"MH_UI_BIND_ADDR":                  "--http",
	"MH_API_BIND_ADDR":                 "--http",
	"MH_UI_WEB_PATH":                   "--base-path",
	"MH_HOSTNAME":                      "--hostname",
	"MH_CORS_ORIGIN":                   "--cors",
	"MH_MAILDIR_PATH":                  "--data",
	"MH_STORAGE":                       "--data",
	"MH_AUTH_FILE":                     "--admin-token",
	"MH_INVITE_JIM":                    "POST /api/v2/jim or fault rules (/v1/faults)",
	"MH_OUTGOING_SMTP":                 "--smarthost",
}

// foreignSetters set our options from variables that mean the same. A value that
// ours cannot take is an error that names the variable.
var foreignSetters = map[string]func(o *Options, value string) error{
	"MP_DATABASE":                     func(o *Options, v string) error { o.Data.Data = v; return nil },
	"MP_MAX_MESSAGES":                 func(o *Options, v string) error { return integer(&o.Data.MaxMessages, v) },
	"MP_MAX_AGE":                      func(o *Options, v string) (err error) { o.Data.MaxAge, err = filter.Duration(v); return err },
	"MP_SMTP_BIND_ADDR":               func(o *Options, v string) error { o.Listeners.SMTP = []string{v}; return nil },
	"MP_UI_BIND_ADDR":                 func(o *Options, v string) error { o.Listeners.HTTP = []string{v}; return nil },
	"MP_POP3_BIND_ADDR":               func(o *Options, v string) error { o.Listeners.POP3 = []string{v}; return nil },
	"MP_WEBROOT":                      func(o *Options, v string) error { o.HTTP.BasePath = v; return nil },
	"MP_SMTP_AUTH_FILE":               func(o *Options, v string) error { o.Login.AccountsFile, o.Login.RequireAuth = v, true; return nil },
	"MP_DATA_FILE":                    func(o *Options, v string) error { o.Data.Data = v; return nil },
	"MP_SMTP_AUTH":                    func(o *Options, v string) error { return o.Login.pairs(v) },
	"MP_SMTP_SSL_CERT":                func(o *Options, v string) error { o.TLS.Cert = v; return nil },
	"MP_ALLOWED_HOSTS":                func(o *Options, v string) error { o.HTTP.AllowedHost = splitList(v); return nil },
	"MP_ALLOW_INTERNAL_HTTP_REQUESTS": func(o *Options, v string) error { return when(v, func() { o.HTTP.LinkPrivate = true }) },
	"MP_TAGS_DISABLE":                 func(o *Options, v string) error { return noTags(&o.HTTP.tagSources, v) },
	"MP_TAGS_USERNAME":                func(o *Options, v string) error { return when(v, func() { o.HTTP.tagSources.Login = true }) },
	"MP_SMTP_RELAY_HOST":              func(o *Options, v string) error { o.Relay.theirs.host = v; return nil },
	"MP_SMTP_RELAY_PORT":              func(o *Options, v string) error { o.Relay.theirs.port = v; return nil },
	"MP_SMTP_RELAY_USERNAME":          func(o *Options, v string) error { o.Relay.theirs.user = v; return nil },
	"MP_SMTP_RELAY_PASSWORD":          func(o *Options, v string) error { o.Relay.theirs.password = v; return nil },
	"MP_SMTP_RELAY_STARTTLS":          func(o *Options, v string) error { return when(v, func() { o.Relay.theirs.startTLS = true }) },
	"MP_SMTP_RELAY_TLS":               func(_ *Options, v string) error { return noTLSRelay(v) },
	"MP_SMTP_RELAY_RETURN_PATH":       func(o *Options, v string) error { o.Relay.ReversePath = v; return nil },
	"MP_SMTP_RELAY_ALLOWED_RECIPIENTS": func(*Options, string) error {
		return errors.New("a regular expression is not taken; name addresses with --relay-allow")
	},
	"MP_SMTP_RELAY_BLOCKED_RECIPIENTS": func(*Options, string) error {
		return errors.New("a regular expression is not taken; name addresses with --relay-deny")
	},
	"MP_SMTP_AUTH_ACCEPT_ANY": func(o *Options, v string) error { return when(v, func() { o.Login.UnknownLogin = "accept" }) },
	"MP_SMTP_TLS_CERT":        func(o *Options, v string) error { o.TLS.Cert = v; return nil },
	"MP_SMTP_TLS_KEY":         func(o *Options, v string) error { o.TLS.Key = v; return nil },
	"MP_SMTP_REQUIRE_TLS": func(o *Options, v string) error {
		return when(v, func() { o.Listeners.SMTPS, o.Listeners.SMTP = o.Listeners.SMTP, []string{"off"} })
	},
	"MP_SMTP_MAX_RECIPIENTS": func(o *Options, v string) (err error) { o.Mail.MaxRecipients, err = strconv.Atoi(v); return err },
	"MP_MAX_MESSAGE_SIZE":    func(o *Options, v string) error { return o.Mail.MaxMessageSize.UnmarshalText([]byte(v + "MiB")) },
	"MP_UI_AUTH": func(o *Options, v string) error {
		pairs := strings.Fields(v)
		if len(pairs) != 1 {
			return errors.New("one name:password is taken")
		}
		var ok bool
		if o.Login.adminUser, o.Login.AdminToken, ok = strings.Cut(pairs[0], ":"); !ok || o.Login.AdminToken == "" {
			return errors.New("it is not name:password")
		}
		return nil
	},
	"MP_API_CORS": func(o *Options, v string) error { o.HTTP.CORS = splitList(v); return nil },
	"MP_VERBOSE":  func(o *Options, v string) error { return when(v, func() { o.Log.Level = "debug" }) },
	"MP_QUIET":    func(o *Options, v string) error { return when(v, func() { o.Log.Quiet = true }) },

	"MH_SMTP_BIND_ADDR": func(o *Options, v string) error { o.Listeners.SMTP = []string{v}; return nil },
	"MH_UI_BIND_ADDR":   func(o *Options, v string) error { o.Listeners.HTTP = alsoListen(o.Listeners.HTTP, v); return nil },
	"MH_API_BIND_ADDR":  func(o *Options, v string) error { o.Listeners.HTTP = alsoListen(o.Listeners.HTTP, v); return nil },
	"MH_UI_WEB_PATH":    func(o *Options, v string) error { o.HTTP.BasePath = v; return nil },
	"MH_HOSTNAME":       func(o *Options, v string) error { o.Mail.Hostname = v; return nil },
	"MH_CORS_ORIGIN":    func(o *Options, v string) error { o.HTTP.CORS = splitList(v); return nil },
	"MH_STORAGE": func(o *Options, v string) error {
		if v != "memory" {
			return errors.New("only memory is taken; name a file with --data")
		}
		o.Data.Data = ":memory:"
		return nil
	},
}
