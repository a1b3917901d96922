package sasl

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	client "github.com/emersion/go-sasl"
)

var errRefused = errors.New("refused")

// backend knows anna with the password pw, and lets "open" in with anything.
func backend() Backend[string] {
	salt := []byte("0123456789abcdef")
	salted, _ := pbkdf2.Key(sha256.New, "pw", salt, 4096, 32)
	stored := sha256.Sum256(mac(salted, []byte("Client Key")))
	return Backend[string]{
		Login: func(_ context.Context, user, password string) (string, error) {
			if user == "open" || user == "anna" && password == "pw" {
				return user, nil
			}
			return "", errRefused
		},
		Secrets: func(_ context.Context, user string) (string, Secrets, bool, error) {
			switch user {
			case "anna":
				return user, Secrets{salt, 4096, stored[:], mac(salted, []byte("Server Key")), func(c []byte) []byte {
					h := hmac.New(md5.New, []byte("pw"))
					h.Write(c)
					return h.Sum(nil)
				}}, true, nil
			case "open":
				return user, Secrets{}, false, nil
			}
			return "", Secrets{}, false, errRefused
		},
	}
}

// talk runs a client against the server's side.
func talk(t *testing.T, c client.Client) (*Exchange[string], error) {
	t.Helper()
	mech, response, err := c.Start()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(mech, backend())
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		challenge, done, err := e.Next(context.Background(), response)
		if done || err != nil {
			return e, err
		}
		if response, err = c.Next(challenge); err != nil {
			response = []byte{}
		}
		if response == nil {
			response = []byte{}
		}
	}
	t.Fatal("it does not end")
	return nil, nil
}

func TestClients(t *testing.T) {
	for _, tt := range []struct {
		c    client.Client
		want error
	}{
		{client.NewPlainClient("", "anna", "pw"), nil},
		{client.NewPlainClient("anna", "anna", "pw"), nil},
		{client.NewPlainClient("bob", "anna", "pw"), ErrCredentials},
		{client.NewPlainClient("", "anna", "no"), errRefused},
		{client.NewPlainClient("", "open", "any"), nil},
		{client.NewLoginClient("anna", "pw"), nil},
		{client.NewLoginClient("anna", "no"), errRefused},
		{&cramClient{"anna", "pw"}, nil},
		{&cramClient{"anna", "no"}, ErrCredentials},
		{&cramClient{"open", "any"}, nil},
		{&cramClient{"bob", "pw"}, errRefused},
		{&scramClient{user: "anna", password: "pw"}, nil},
		{&scramClient{user: "anna", password: "no"}, ErrCredentials},
		{&scramClient{user: "open", password: "any"}, ErrCredentials},
		{&scramClient{user: "bob", password: "pw"}, errRefused},
		{client.NewOAuthBearerClient(&client.OAuthBearerOptions{Username: "anna", Token: "pw"}), nil},
		{client.NewOAuthBearerClient(&client.OAuthBearerOptions{Username: "anna", Token: "no"}), errRefused},
		{&xoauth2Client{"anna", "pw"}, nil},
		{&xoauth2Client{"anna", "no"}, errRefused},
	} {
		e, err := talk(t, tt.c)
		if !errors.Is(err, tt.want) {
			t.Errorf("%T %+v: %v, want %v", tt.c, tt.c, err, tt.want)
		}
		if err == nil && e.ID == "" {
			t.Errorf("%T: no identity", tt.c)
		}
		if s, ok := tt.c.(*scramClient); ok && tt.want == nil && !s.serverProved {
			t.Error("SCRAM: the server did not prove itself")
		}
	}
}

func TestMalformed(t *testing.T) {
	for mech, responses := range map[string][]string{
		Plain:       {"", "anna", "\x00\x00pw", "a\x00b\x00c\x00d"},
		SCRAMSHA256: {"", "n=anna,r=x", "p=tls-unique,,n=anna,r=x", "n,,n=anna", "n,,n=a=b,r=x", "n,x,n=anna,r=x", "n,,m=1,n=anna,r=x"},
		XOAuth2:     {"", "user=anna\x01auth=Bearer pw", "user=anna\x01\x01", "user=anna\x01auth=Basic pw\x01\x01"},
		OAuthBearer: {"", "\x01", "n,,\x01auth=Bearer pw\x01\x01", "n,a=anna,\x01\x01\x01", "n,a=anna,auth=Bearer pw\x01\x01"},
		CRAMMD5:     {"initial"},
	} {
		for _, r := range responses {
			e, _ := New(mech, backend())
			if _, done, err := e.Next(context.Background(), []byte(r)); done || !errors.Is(err, ErrSyntax) {
				t.Errorf("%s %q: %v %v", mech, r, done, err)
			}
		}
	}
	if _, err := New("GSSAPI", backend()); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

type cramClient struct{ user, password string }

func (c *cramClient) Start() (string, []byte, error) { return CRAMMD5, nil, nil }
func (c *cramClient) Next(challenge []byte) ([]byte, error) {
	h := hmac.New(md5.New, []byte(c.password))
	h.Write(challenge)
	return []byte(c.user + " " + hex.EncodeToString(h.Sum(nil))), nil
}

type xoauth2Client struct{ user, token string }

func (c *xoauth2Client) Start() (string, []byte, error) {
	return XOAuth2, []byte("user=" + c.user + "\x01auth=Bearer " + c.token + "\x01\x01"), nil
}
func (c *xoauth2Client) Next([]byte) ([]byte, error) { return []byte{}, nil }

// scramClient is a client of RFC 5802 that checks the server's signature.
type scramClient struct {
	user, password, bare string
	signature            []byte
	serverProved         bool
}

func (c *scramClient) Start() (string, []byte, error) {
	c.bare = "n=" + c.user + ",r=fyko+d2lbbFgONRv9qkxdawL"
	return SCRAMSHA256, []byte("n,," + c.bare), nil
}

func (c *scramClient) Next(challenge []byte) ([]byte, error) {
	if v, ok := strings.CutPrefix(string(challenge), "v="); ok {
		got, _ := base64.StdEncoding.DecodeString(v)
		c.serverProved = hmac.Equal(got, c.signature)
		return []byte{}, nil
	}
	f := strings.Split(string(challenge), ",")
	salt, _ := base64.StdEncoding.DecodeString(f[1][2:])
	salted, _ := pbkdf2.Key(sha256.New, c.password, salt, 4096, 32)
	final := "c=biws," + f[0]
	message := []byte(c.bare + "," + string(challenge) + "," + final)
	key := mac(salted, []byte("Client Key"))
	stored := sha256.Sum256(key)
	for i, b := range mac(stored[:], message) {
		key[i] ^= b
	}
	c.signature = mac(mac(salted, []byte("Server Key")), message)
	return []byte(final + ",p=" + base64.StdEncoding.EncodeToString(key)), nil
}

func FuzzNext(f *testing.F) {
	for i, s := range []string{"\x00anna\x00pw", "anna", "", "n,,n=anna,r=x", "user=anna\x01auth=Bearer pw\x01\x01", "n,a=anna,\x01auth=Bearer pw\x01\x01"} {
		f.Add(uint8(i), []byte(s), []byte("c=biws,r=x,p=AAAA"))
	}
	f.Fuzz(func(t *testing.T, mech uint8, one, two []byte) {
		e, _ := New([]string{Plain, Login, CRAMMD5, SCRAMSHA256, XOAuth2, OAuthBearer}[mech%6], backend())
		if _, done, err := e.Next(context.Background(), one); !done && err == nil {
			e.Next(context.Background(), two)
		}
	})
}
