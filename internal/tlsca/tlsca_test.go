package tlsca

import (
	"bytes"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// shake runs a handshake with a client that trusts ca alone.
func shake(t *testing.T, ca *CA, name string) error {
	t.Helper()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	go tls.Server(a, ca.ServerConfig()).Handshake()
	return tls.Client(b, &tls.Config{RootCAs: ca.Pool(), ServerName: name}).Handshake()
}

func TestNames(t *testing.T) {
	ca, err := New("mail.example", "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "mail.example", "192.0.2.7", "catchpost", "smtp.shop.test"} {
		if err := shake(t, ca, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := shake(t, ca, "192.0.2.8"); err == nil {
		t.Error("a foreign address is covered")
	}
}

func TestLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	first, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil || !bytes.Equal(first.PEM(), again.PEM()) {
		t.Errorf("a second load: %v", err)
	}
	for _, name := range []string{"ca.pem", "ca-key.pem"} {
		if fi, err := os.Stat(filepath.Join(dir, name)); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, fi.Mode(), err)
		}
	}
	if err := shake(t, again, "localhost"); err != nil {
		t.Error(err)
	}
	os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("garbage"), 0o600)
	if _, err := Load(dir); err == nil {
		t.Error("a damaged CA is replaced")
	}
}
