package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"errors"
	"strings"
	"testing"
)

func TestSecrets(t *testing.T) {
	for _, key := range []string{"tanstaaftanstaaf", "", strings.Repeat("long", 40), newToken()} {
		sec := deriveSecrets(key)
		challenge := []byte("<1896.697170952@postoffice.reston.mci.net>") // RFC 2195 §2
		m := hmac.New(md5.New, []byte(key))
		m.Write(challenge)
		if got := sec.CRAMDigest(challenge); !bytes.Equal(got, m.Sum(nil)) {
			t.Errorf("CRAM-MD5 of %q: %x", key, got)
		}
		if !sec.VerifyPassword(key) || sec.VerifyPassword(key+"x") {
			t.Errorf("verifier of %q", key)
		}
	}
	if (Secrets{}).CRAMDigest(nil) != nil || (Secrets{}).VerifyPassword("") {
		t.Error("no secrets verify something")
	}
	for range 100 {
		token := newToken()
		if strings.Trim(strings.TrimPrefix(token, "cp_"), tokenLetters) != "" || len(token) != 3+tokenLength {
			t.Fatalf("token %q", token)
		}
	}
}

func TestLogin(t *testing.T) {
	ctx := context.Background()
	accounts := func(user, password string) (bool, bool) {
		return user == "anna@x.test", user == "anna@x.test" && password == "secret"
	}
	for _, instance := range []struct {
		name string
		o    Options
		// by user and password: sandbox, account, verified, may read; "" is ErrBadLogin
		cases [][3]string
	}{
		{"open", Options{}, [][3]string{
			{"box", "TOKEN", "box||verified,read"},
			{"BOX", "TOKEN", "box||verified,read"},
			{"box", "wrong", ""},
			{"box", "", ""},
			{"box/Anna@X.test", "TOKEN", "box|anna@x.test|verified,read"},
			{"box/", "TOKEN", "box||verified,read"},
			{"box/anna", "TOKEN", ""},
			{"box/anna@x.test", "any", ""},
			{"default", "any", "default||read"},
			{"default/anna@x.test", "any", "default|anna@x.test|read"},
			{"anna@x.test", "any", "default|anna@x.test|read"},
			{"none/anna@x.test", "any", "default|none/anna@x.test|read"},
			{"somebody", "any", "default||read"},
			{"", "", "default||read"},
			{strings.Repeat("x", 2000), "any", ""},
		}},
		{"reject", Options{UnknownLogin: "reject"}, [][3]string{
			{"somebody", "any", ""}, {"anna@x.test", "any", "default|anna@x.test|read"}, {"box", "TOKEN", "box||verified,read"},
		}},
		{"accounts file", Options{Accounts: accounts}, [][3]string{
			{"anna@x.test", "secret", "default|anna@x.test|verified,read"},
			{"anna@x.test", "wrong", ""}, {"bert@x.test", "secret", ""}, {"somebody", "x", ""},
			{"anna@x.test", strings.Repeat("x", 100), ""},
			{"box", "TOKEN", "box||verified,read"},
		}},
		{"closed", Options{AdminToken: "root"}, [][3]string{
			{"default", "root", "default||verified,read"}, {"default", "any", "default||"},
			{"anna@x.test", "any", "default|anna@x.test|"}, {"anna@x.test", "root", "default|anna@x.test|verified,read"},
			{"box", "root", "box||verified,read"}, {"box", "any", ""}, {"box", "TOKEN", "box||verified,read"},
		}},
	} {
		t.Run(instance.name, func(t *testing.T) {
			instance.o.Path = InMemory
			s := open(t, instance.o)
			_, token := sandboxed(t, s, "box")
			for _, c := range instance.cases {
				for range 2 { // the second time from memory
					id, err := s.Login(ctx, c[0], strings.ReplaceAll(c[1], "TOKEN", token))
					got := ""
					if err == nil {
						var facts []string
						if id.Verified {
							facts = append(facts, "verified")
						}
						if id.MayRead {
							facts = append(facts, "read")
						}
						got = id.Sandbox + "|" + id.Account + "|" + strings.Join(facts, ",")
					} else if !errors.Is(err, ErrBadLogin) {
						t.Errorf("%q: %v", c[0], err)
					}
					if got != c[2] {
						t.Errorf("%q %q: %q (%v), want %q", c[0], c[1], got, err, c[2])
					}
				}
			}
		})
	}
}

func TestLoginSecrets(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{Path: InMemory})
	_, token := sandboxed(t, s, "box")
	id, sec, ok, err := s.LoginSecrets(ctx, "box/anna@x.test")
	if err != nil || !ok || id.Account != "anna@x.test" || !sec.VerifyPassword(token) {
		t.Errorf("%+v %v %v", id, ok, err)
	}
	if id, _, ok, err := s.LoginSecrets(ctx, "anna@x.test"); err != nil || ok || id.Sandbox != DefaultSandbox || !id.MayRead {
		t.Errorf("open: %+v %v %v", id, ok, err)
	}
	closed := open(t, Options{Path: InMemory, Accounts: func(string, string) (bool, bool) { return true, true }})
	if _, _, _, err := closed.LoginSecrets(ctx, "anna@x.test"); !errors.Is(err, ErrBadLogin) {
		t.Errorf("accounts file: %v", err)
	}
}

func BenchmarkLoginToken(b *testing.B) {
	s := open(b, Options{Path: InMemory})
	_, token := sandboxed(b, s, "box")
	for b.Loop() {
		if _, err := s.Login(context.Background(), "box", token); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAccountPassword(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	_, token := sandboxed(t, s, "box")
	for _, name := range []string{"box", DefaultSandbox} {
		a, err := s.CreateAccount(ctx, NewAccount{Sandbox: name, Address: "Anna@X.test", Password: "geheim"})
		if err != nil || a.Address != "Anna@X.test" || !a.HasPassword {
			t.Fatalf("%+v %v", a, err)
		}
	}
	s = reopen(t, s)
	for _, c := range []struct {
		user, password string
		ok             bool
	}{
		{"box/anna@x.test", "geheim", true}, {"box/anna@x.test", token, true}, {"box/anna@x.test", "falsch", false},
		{"box/bert@x.test", "geheim", false}, {"box", "geheim", false},
		{"anna@x.test", "geheim", true}, {"anna@x.test", "any", false}, {"bert@x.test", "any", true},
	} {
		if id, err := s.Login(ctx, c.user, c.password); (err == nil) != c.ok || !c.ok && !errors.Is(err, ErrBadLogin) {
			t.Errorf("%s %s: %+v %v", c.user, c.password, id, err)
		}
	}
}
