// Package tlsca is the self-made certificate authority of an instance: clients
// trust its one certificate (GET /v1/ca.pem), and every listener gets a server
// certificate that it signed.
package tlsca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Lifetimes. Server certificates are remade at each start and before they end;
// clients refuse those of more than 825 days.
const (
	caLifetime     = 10 * 365 * 24 * time.Hour
	serverLifetime = 397 * 24 * time.Hour
	renewBefore    = 7 * 24 * time.Hour
	maxNames       = 100 // of certificates made on demand
)

// CA signs server certificates. Safe for concurrent use.
type CA struct {
	cert  *x509.Certificate
	key   crypto.Signer
	pem   []byte
	names []string

	mu     sync.Mutex
	issued map[string]*tls.Certificate
}

// New makes a CA that lives in memory alone. names are those of every server
// certificate besides localhost, 127.0.0.1 and ::1.
func New(names ...string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	host, _ := os.Hostname()
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: strings.TrimSpace("Catchpost test CA " + host), Organization: []string{"Catchpost"}},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(caLifetime),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:     true, BasicConstraintsValid: true, MaxPathLenZero: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return assemble(der, key, names)
}

func assemble(der []byte, key crypto.Signer, names []string) (*CA, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &CA{
		cert: cert, key: key, names: names, issued: map[string]*tls.Certificate{},
		pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
	}, nil
}

// Load reads the CA kept in dir (ca.pem, ca-key.pem), or makes it and keeps it
// there with mode 0600. One that has ended is made anew.
func Load(dir string, names ...string) (*CA, error) {
	certFile, keyFile := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "ca-key.pem")
	ca, err := read(certFile, keyFile, names)
	if err == nil && time.Until(ca.cert.NotAfter) > renewBefore {
		return ca, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the CA in %s: %w", dir, err)
	}
	if ca, err = New(names...); err != nil {
		return nil, err
	}
	if err := ca.keep(certFile, keyFile); err != nil {
		return nil, fmt.Errorf("keep the CA in %s: %w", dir, err)
	}
	return ca, nil
}

func read(certFile, keyFile string, names []string) (*CA, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key cannot sign")
	}
	ca, err := assemble(pair.Certificate[0], key, names)
	if err == nil && !ca.cert.IsCA {
		return nil, errors.New("the certificate is no CA's")
	}
	return ca, err
}

func (ca *CA) keep(certFile, keyFile string) error {
	der, err := x509.MarshalPKCS8PrivateKey(ca.key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(keyFile), 0o700); err != nil {
		return err
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for name, octets := range map[string][]byte{keyFile: key, certFile: ca.pem} {
		if err := replace(name, octets); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a file whole or not at all.
func replace(name string, octets []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(octets)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// PEM is the CA's certificate, for clients to trust.
func (ca *CA) PEM() []byte { return slices.Clone(ca.pem) }

// Pool holds the CA's certificate alone, for clients in this process.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// ServerConfig is TLS for a listener: the certificate is made at the first
// handshake, for the instance's names and the one that the client asked for.
func (ca *CA) ServerConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return ca.certificate(hello.ServerName)
		},
	}
}

// certificate returns one that covers the fixed names and asked.
func (ca *CA) certificate(asked string) (*tls.Certificate, error) {
	asked = strings.ToLower(strings.TrimSuffix(asked, "."))
	names := append([]string{"localhost", "127.0.0.1", "::1"}, ca.names...)
	if slices.Contains(names, asked) || !isHostName(asked) {
		asked = ""
	}
	ca.mu.Lock()
	defer ca.mu.Unlock()
	if c := ca.issued[asked]; c != nil && time.Until(c.Leaf.NotAfter) > renewBefore {
		return c, nil
	}
	if asked != "" {
		names = append(names, asked)
	}
	c, err := ca.Issue(names...)
	if err != nil {
		return nil, err
	}
	if len(ca.issued) >= maxNames {
		clear(ca.issued)
	}
	ca.issued[asked] = c
	return c, nil
}

func isHostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return true
}

// Issue signs a server certificate for names: host names and IP addresses.
func (ca *CA) Issue(names ...string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Catchpost"},
		NotBefore: now.Add(-time.Hour), NotAfter: earlier(now.Add(serverLifetime), ca.cert.NotAfter),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, n := range names {
		if ip, err := netip.ParseAddr(strings.Trim(n, "[]")); err == nil {
			template.IPAddresses = append(template.IPAddresses, net.IP(ip.AsSlice()))
		} else {
			template.DNSNames = append(template.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, ca.cert.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func newSerial() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
}
