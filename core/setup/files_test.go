package setup_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/fieldsync/fieldsync/core/setup"
)

// A file of a server's administrator may hold the key beside the certificate: a setup file
// goes from hand to hand.
func TestOnlyCertificatesComeIntoASetupFile(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	binary, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: binary})
	both := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), text...)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"with its key": both, "as Windows saves it": binary, "as text": text} {
		file := filepath.Join(dir, "given")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := setup.Folder(dir).Read(file); err != nil || got != string(text) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// Names that are no names of files differ less there.
func TestTheCertificatesOfTwoServersAreTwoFiles(t *testing.T) {
	folder := setup.Folder(t.TempDir())
	write := func(name, text string) string {
		t.Helper()
		path, err := folder.Write(name, text)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	first, second := write("HQ 1", "one"), write("HQ/1", "two")
	if text, err := os.ReadFile(first); err != nil || string(text) != "one" || first == second {
		t.Errorf("%s and %s: %q, %v", first, second, text, err)
	}
	if again := write("HQ/1", "two"); again != second {
		t.Errorf("the same came to lie in %s, too", again)
	}
}
