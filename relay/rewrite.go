package relay

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// Rewrite changes what leaves, never what is stored.
type Rewrite struct {
	ReversePath string   // replaces every reverse-path that is not null
	Headers     []string // "Name: value", put before the message
	DKIM        *DKIM
}

// DKIM signs relayed copies, RFC 6376 and RFC 8463.
type DKIM struct {
	Domain, Selector string
	Signer           crypto.Signer
}

// Check says what is wrong with the headers to add.
func (w Rewrite) Check() error {
	for _, h := range w.Headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t") || strings.ContainsAny(h, "\r\n") || len(h) > 900 || value == "" {
			return fmt.Errorf("%q is no header field: write \"Name: value\"", h)
		}
	}
	return nil
}

func (w Rewrite) reversePath(given string) string {
	if given == "" || w.ReversePath == "" {
		return given
	}
	return w.ReversePath
}

// copyOf is the relayed copy: trace field, added fields, signature, octets.
func (w Rewrite) copyOf(received string, raw []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(len(raw) + len(received) + 1024)
	b.WriteString(received)
	for _, h := range w.Headers {
		b.WriteString(h)
		b.WriteString("\r\n")
	}
	b.Write(raw)
	if w.DKIM == nil {
		return b.Bytes(), nil
	}
	var signed bytes.Buffer
	err := dkim.Sign(&signed, bytes.NewReader(b.Bytes()), &dkim.SignOptions{
		Domain: w.DKIM.Domain, Selector: w.DKIM.Selector, Signer: w.DKIM.Signer,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"},
	})
	if err != nil {
		return nil, fmt.Errorf("dkim: %w", err)
	}
	return signed.Bytes(), nil
}

// ReadDKIMKey reads an RSA or Ed25519 key, PEM, PKCS #8 or PKCS #1.
func ReadDKIMKey(path string) (crypto.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("dkim: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("dkim: %s holds no PEM block", path)
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("dkim: %s: %w", path, err)
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, errors.New("dkim: the key is neither RSA nor Ed25519")
}
