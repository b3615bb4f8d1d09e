package responder

import (
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
	"os"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// selfMadeFor is how long a self-made certificate is valid: its file lies with
// the peers, and changing it means a visit to each.
const selfMadeFor = 10 * 365 * 24 * time.Hour

// A Certificate is what we show to peers, with its private key.
type Certificate struct {
	pair tls.Certificate
	leaf *x509.Certificate
}

// LoadCertificate reads a certificate (with its chain) and key from PEM files.
// The error is a Problem FileUnreadable.
func LoadCertificate(certFile, keyFile string) (*Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, &core.Problem{Op: "load certificate", Kind: core.FileUnreadable, Subject: certFile, Err: err}
	}
	return newCertificate(pair)
}

// LoadOrMakeCertificate reads the files, or makes a certificate for the given
// host names and addresses and stores it there if neither exists. The
// certificate file is also what a peer needs as its own authority (CAFile).
func LoadOrMakeCertificate(certFile, keyFile string, hosts []string, now time.Time) (*Certificate, error) {
	_, errCert := os.Stat(certFile)
	_, errKey := os.Stat(keyFile)
	if !errors.Is(errCert, fs.ErrNotExist) || !errors.Is(errKey, fs.ErrNotExist) {
		return LoadCertificate(certFile, keyFile)
	}
	certPEM, keyPEM, err := makeCertificate(hosts, now)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	if err := writeNew(keyFile, keyPEM, 0o600); err != nil {
		return nil, &core.Problem{Op: "store key", Kind: core.FileUnreadable, Subject: keyFile, Err: err}
	}
	if err := writeNew(certFile, certPEM, 0o644); err != nil {
		return nil, &core.Problem{Op: "store certificate", Kind: core.FileUnreadable, Subject: certFile, Err: err}
	}
	return LoadCertificate(certFile, keyFile)
}

// writeNew writes a file that must not exist yet.
func writeNew(name string, content []byte, mode os.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// makeCertificate makes an ECDSA P-256 key and a certificate signed by itself.
func makeCertificate(hosts []string, now time.Time) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "Fieldsync"},
		NotBefore:             now.Add(-24 * time.Hour), // laptops' clocks are not exact
		NotAfter:              now.Add(selfMadeFor),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if host != "" {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), nil
}

func newCertificate(pair tls.Certificate) (*Certificate, error) {
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, &core.Problem{Op: "read certificate", Kind: core.FileUnreadable, Subject: "of the certificate", Err: err}
	}
	return &Certificate{pair: pair, leaf: leaf}, nil
}

// Fingerprint is what a person compares the certificate by.
func (c *Certificate) Fingerprint() string { return core.Fingerprint(c.leaf) }

// Expires returns the end of the certificate's validity.
func (c *Certificate) Expires() time.Time { return c.leaf.NotAfter }

func (c *Certificate) config() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}
