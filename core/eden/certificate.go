package eden

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// CheckCAFile reports whether a file can be used as Repository.CAFile; "" can.
func CheckCAFile(file string) error {
	_, err := trustOf(file)
	return err
}

// A trust says who is believed to be the server that was meant: whoever the system's
// authorities vouch for, and those of a file; and who shows a certificate of the file as
// its own, whatever name stands in it. Those that people made for a server of their own
// have none that is looked at today, or that of another network.
type trust struct {
	roots *x509.CertPool // nil: the system's
	own   []*x509.Certificate
}

// trustOf reads a CA file; "" is none. The error is a Problem FileUnreadable.
func trustOf(file string) (trust, error) {
	if file == "" {
		return trust{}, nil
	}
	own, err := certificatesIn(file)
	if err != nil {
		return trust{}, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	for _, cert := range own {
		roots.AddCert(cert)
	}
	return trust{roots, own}, nil
}

// config returns how connections to host are encrypted; those to where it redirects, too.
func (t trust) config(host string) *tls.Config {
	c := &tls.Config{RootCAs: t.roots, MinVersion: tls.VersionTLS12, CipherSuites: cipherSuites()}
	if len(t.own) > 0 {
		c.InsecureSkipVerify = true //nolint:gosec // verify does it
		c.VerifyConnection = func(s tls.ConnectionState) error { return t.verify(s, host) }
	}
	return c
}

// verify is what the library does by itself, but for a certificate of the file. An address
// that is a number stands in no connection's state: that is host's.
func (t trust) verify(s tls.ConnectionState, host string) error {
	leaf, rest := s.PeerCertificates[0], s.PeerCertificates[1:]
	if slices.ContainsFunc(t.own, leaf.Equal) {
		if now := time.Now(); now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
			return x509.CertificateInvalidError{Cert: leaf, Reason: x509.Expired, Detail: fmt.Sprintf("it is valid from %v to %v", leaf.NotBefore, leaf.NotAfter)}
		}
		return nil
	}
	if s.ServerName != "" {
		host = s.ServerName
	}
	between := x509.NewCertPool()
	for _, cert := range rest {
		between.AddCert(cert)
	}
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: t.roots, Intermediates: between})
	return err
}

// cipherSuites are the library's own, and those in which the client chooses the key and the
// server's certificate hides it: whoever records a connection and steals the server's key
// later can read it. Browsers have them still, as Apache before 2.2.26 and Python before
// 2.7.9, on which Edens run, have nothing else in common with them.
func cipherSuites() (ids []uint16) {
	for _, s := range tls.CipherSuites() {
		ids = append(ids, s.ID)
	}
	return append(ids, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA)
}

// An Authority is a certificate of a CA file, for a person to compare.
type Authority struct {
	Name        string
	Fingerprint string // see core.Fingerprint
	Expires     time.Time
}

// Authorities reads the certificates of a CA file. The error is a Problem
// FileUnreadable.
func Authorities(file string) (list []Authority, err error) {
	certs, err := certificatesIn(file)
	for _, cert := range certs {
		name := cert.Subject.CommonName
		if name == "" {
			name = cert.Subject.String()
		}
		list = append(list, Authority{Name: name, Fingerprint: core.Fingerprint(cert), Expires: cert.NotAfter})
	}
	return list, err
}

// certificatesIn reads a file of certificates, one at least. The error is a Problem
// FileUnreadable.
func certificatesIn(file string) ([]*x509.Certificate, error) {
	content, err := os.ReadFile(file)
	list := core.Certificates(content)
	if err == nil && len(list) == 0 {
		err = errors.New("no certificate in it")
	}
	if err != nil {
		return nil, &core.Problem{Op: "read CA file", Kind: core.FileUnreadable, Subject: file, Err: err}
	}
	return list, nil
}
