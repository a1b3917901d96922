package program

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/catchpost/catchpost/internal/filter"
)

// foreignNames are variables of Mailpit and MailHog and our option for them.
var foreignNames = map[string]string{
	"MP_DATABASE":                 "--data",
	"MP_MAX_MESSAGES":             "--max-messages",
	"MP_MAX_AGE":                  "--max-age",
	"MP_SMTP_BIND_ADDR":           "--smtp",
	"MP_UI_BIND_ADDR":             "--http",
	"MP_POP3_BIND_ADDR":           "--pop3",
	"MP_WEBROOT":                  "--base-path",
	"MP_SMTP_AUTH_FILE":           "--accounts-file",
	"MP_SMTP_AUTH_ACCEPT_ANY":     "--unknown-login accept",
	"MP_SMTP_AUTH_ALLOW_INSECURE": "(AUTH without TLS is taken unless --auth-needs-tls)",
	"MP_SMTP_TLS_CERT":            "--tls-cert",
	"MP_SMTP_TLS_KEY":             "--tls-key",
	"MP_SMTP_REQUIRE_TLS":         "--smtps with --smtp off",
	"MP_SMTP_MAX_RECIPIENTS":      "--max-recipients",
	"MP_MAX_MESSAGE_SIZE":         "--max-message-size",
	"MP_UI_AUTH":                  "--admin-token",
	"MP_UI_AUTH_FILE":             "--admin-token",
	"MP_API_CORS":                 "--cors",
	"MP_VERBOSE":                  "--log-level debug",
	"MP_QUIET":                    "--quiet",
	"MH_SMTP_BIND_ADDR":           "--smtp",
	"MH_UI_BIND_ADDR":             "--http",
	"MH_API_BIND_ADDR":            "--http",
	"MH_UI_WEB_PATH":              "--base-path",
	"MH_HOSTNAME":                 "--hostname",
	"MH_CORS_ORIGIN":              "--cors",
	"MH_MAILDIR_PATH":             "--data",
	"MH_STORAGE":                  "--data",
	"MH_AUTH_FILE":                "--accounts-file",
}

// foreignSetters set our options from variables that mean the same. A value that
// ours cannot take is an error that names the variable.
var foreignSetters = map[string]func(o *Options, value string) error{
	"MP_DATABASE":             func(o *Options, v string) error { o.Data.Data = v; return nil },
	"MP_MAX_MESSAGES":         func(o *Options, v string) error { return integer(&o.Data.MaxMessages, v) },
	"MP_MAX_AGE":              func(o *Options, v string) (err error) { o.Data.MaxAge, err = filter.Duration(v); return err },
	"MP_SMTP_BIND_ADDR":       func(o *Options, v string) error { o.Listeners.SMTP = []string{v}; return nil },
	"MP_UI_BIND_ADDR":         func(o *Options, v string) error { o.Listeners.HTTP = []string{v}; return nil },
	"MP_POP3_BIND_ADDR":       func(o *Options, v string) error { o.Listeners.POP3 = []string{v}; return nil },
	"MP_WEBROOT":              func(o *Options, v string) error { o.HTTP.BasePath = v; return nil },
	"MP_SMTP_AUTH_FILE":       func(o *Options, v string) error { o.Login.AccountsFile = v; return nil },
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

func integer(into *int64, v string) (err error) {
	*into, err = strconv.ParseInt(v, 10, 64)
	return err
}

// when does set where a variable says yes.
func when(v string, set func()) error {
	switch strings.ToLower(v) {
	case "1", "true", "on", "yes":
		set()
	case "", "0", "false", "off", "no":
	default:
		return errors.New("it is neither true nor false")
	}
	return nil
}

func splitList(v string) []string {
	return strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == ' ' })
}

func alsoListen(list []string, addr string) []string {
	if slices.Contains(list, addr) {
		return list
	}
	return append(slices.Clone(list), addr)
}

// foreignVariables has one line for every MP_* or MH_* variable that is set,
// with our name for it. With --compat those of that product set our options,
// unless these were given.
func foreignVariables(o *Options) ([]string, error) {
	var names []string
	values := map[string]string{}
	for _, e := range os.Environ() {
		name, value, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "MP_") || strings.HasPrefix(name, "MH_") {
			names, values[name] = append(names, name), value
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	sort.Strings(names) // MP_SMTP_REQUIRE_TLS comes after MP_SMTP_BIND_ADDR
	given := *o
	theirs := *o
	var lines []string
	for _, name := range names {
		ours, known := foreignNames[name]
		if !known {
			ours = "no option of ours"
		}
		set := foreignSetters[name]
		if set == nil || o.HTTP.Compat != productOf[name[:3]] || values[name] == "" {
			lines = append(lines, fmt.Sprintf("%s is not read; here it is %s", name, ours))
			continue
		}
		if err := set(&theirs, values[name]); err != nil {
			return nil, fmt.Errorf("%s (here %s): %w", name, ours, err)
		}
		lines = append(lines, fmt.Sprintf("%s is read as %s", name, ours))
	}
	usual, err := DefaultOptions()
	if err != nil {
		return nil, err
	}
	*o = theirs
	keepGiven(o, &given, &usual)
	return lines, nil
}

var productOf = map[string]string{"MP_": "mailpit", "MH_": "mailhog"}

// keepGiven puts back every option that differed from its default before.
func keepGiven(o, given, usual *Options) {
	to, was, def := reflect.ValueOf(o).Elem(), reflect.ValueOf(given).Elem(), reflect.ValueOf(usual).Elem()
	for group := range to.NumField() {
		for i := range to.Field(group).NumField() {
			field := to.Field(group).Field(i)
			if old := was.Field(group).Field(i); field.CanSet() && !reflect.DeepEqual(old.Interface(), def.Field(group).Field(i).Interface()) {
				field.Set(old)
			}
		}
	}
	if given.Login.AdminToken != "" {
		o.Login.adminUser = ""
	}
}
