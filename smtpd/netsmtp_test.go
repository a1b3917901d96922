package smtpd

import (
	"net/smtp"
	"testing"
)

// sendByNetSMTP delivers with Go's own client.
func sendByNetSMTP(t *testing.T, addr string) {
	t.Helper()
	auth := smtp.PlainAuth("", "app", "secret", "127.0.0.1")
	if err := smtp.SendMail(addr, auth, "a@x.test", []string{"anna@x.test"}, []byte(outsideMail)); err != nil {
		t.Fatal(err)
	}
}
