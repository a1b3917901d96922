package relay

import (
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

// prefix is what goes before the octets: signature, trace field, added fields.
// It is made once; a signature names its time.
func (w Rewrite) prefix(received string, raw []byte) (string, error) {
	var b strings.Builder
	b.WriteString(received)
	for _, h := range w.Headers {
		b.WriteString(h)
		b.WriteString("\r\n")
	}
	if w.DKIM == nil {
		return b.String(), nil
	}
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: w.DKIM.Domain, Selector: w.DKIM.Selector, Signer: w.DKIM.Signer,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"},
	})
	if err != nil {
		return "", fmt.Errorf("dkim: %w", err)
	}
	for _, part := range [][]byte{[]byte(b.String()), raw} {
		if _, err := signer.Write(part); err != nil {
			return "", fmt.Errorf("dkim: %w", errors.Join(err, signer.Close()))
		}
	}
	if err := signer.Close(); err != nil {
		return "", fmt.Errorf("dkim: %w", err)
	}
	return signer.Signature() + b.String(), nil
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
