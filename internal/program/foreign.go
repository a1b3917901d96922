package program

import (
	"fmt"
	"os"
	"sort"
	"strings"
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

// foreignVariables has one line for every MP_* or MH_* variable that is set,
// with our name for it.
func foreignVariables() []string {
	var lines []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "MP_") && !strings.HasPrefix(name, "MH_") {
			continue
		}
		ours, known := foreignNames[name]
		if !known {
			ours = "no option of ours"
		}
		lines = append(lines, fmt.Sprintf("%s is not read; here it is %s", name, ours))
	}
	sort.Strings(lines)
	return lines
}
