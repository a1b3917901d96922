// Package register_test shows how a Go test waits for a mail and uses what
// stands in it.
package register_test

import (
	"testing"

	"github.com/catchpost/catchpost/catchposttest"
	"github.com/catchpost/catchpost/examples/app"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	srv := catchposttest.Start(t)
	shop := &app.App{SMTP: srv.SMTPAddr(), URL: "http://shop.test"}

	if err := shop.Register("anna@x.test"); err != nil {
		t.Fatal(err)
	}

	mail := srv.Wait(t, "to=anna@x.test", "subject=verification code")
	if code := mail.Code(t); !shop.Verify("anna@x.test", code) {
		t.Errorf("the code %s was refused", code)
	}
	srv.Assert(t, "to=anna@x.test", "links.kind=verify", "links.url.prefix=http://shop.test/verify?")
	srv.AssertNone(t, "to=ben@x.test")
}
