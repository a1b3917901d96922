package program

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/catchpost/catchpost/api/compat"
)

// pairs reads logins as Mailpit's MP_SMTP_AUTH has them: name:password, parted by
// blanks. Other logins are refused then, and so is mail without one.
func (l *Login) pairs(v string) error {
	users := map[string]string{}
	for _, pair := range strings.Fields(v) {
		name, password, ok := strings.Cut(pair, ":")
		if !ok || name == "" || strings.HasPrefix(password, "$2") || strings.HasPrefix(password, "{") {
			return errors.New("it is not name:password, with the password as it is; hashes go into --accounts-file")
		}
		users[name] = password
	}
	if len(users) > 0 {
		l.users, l.RequireAuth = users, true
	}
	return nil
}

// noTags reads MP_TAGS_DISABLE.
func noTags(t *compat.TagSources, v string) error {
	for _, kind := range splitList(strings.ToLower(v)) {
		switch kind {
		case "x-tags", "xtags":
			t.NoHeader = true
		case "plus-addresses", "plus-addressing":
			t.NoPlus = true
		default:
			return fmt.Errorf("%q is not x-tags or plus-addresses", kind)
		}
	}
	return nil
}

// noTLSRelay refuses MP_SMTP_RELAY_TLS, unless it says no.
func noTLSRelay(v string) error {
	on := false
	if err := when(v, func() { on = true }); err != nil {
		return err
	}
	if on {
		return errors.New("a smarthost that speaks TLS from the first octet is not reached; use MP_SMTP_RELAY_STARTTLS")
	}
	return nil
}

// theirRelay is a smarthost as Mailpit's variables name it, one by one.
type theirRelay struct {
	host, port, user, password string
	startTLS                   bool
}

// apply makes our options of it. As with Mailpit, released mail may go anywhere
// then, unless --relay-allow says where.
func (t *theirRelay) apply(o *Relay) error {
	if t.host == "" {
		return nil
	}
	if t.port == "" {
		t.port = "25"
	}
	if _, err := strconv.ParseUint(t.port, 10, 16); err != nil {
		return fmt.Errorf("MP_SMTP_RELAY_PORT (here --smarthost): %q is no port", t.port)
	}
	u := url.URL{Scheme: "smtp", Host: net.JoinHostPort(t.host, t.port), RawQuery: "tls=never"}
	if t.startTLS {
		u.RawQuery = "tls=required"
	}
	if t.user != "" {
		u.User = url.UserPassword(t.user, t.password)
	}
	o.Relay, o.Smarthost = true, u.String()
	if len(o.Allow) == 0 {
		o.Allow = []string{"*"}
	}
	return nil
}
