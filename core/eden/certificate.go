package eden

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"

	"github.com/fieldsync/fieldsync/core"
)

// CheckCAFile reports whether a file can be used as Repository.CAFile; "" can.
func CheckCAFile(file string) error {
	_, err := rootsWith(file)
	return err
}

// rootsWith returns the system's certificate authorities and those of file; nil,
// the system's alone, without one.
func rootsWith(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, &core.Problem{Op: "read CA file", Kind: core.FileUnreadable, Subject: file, Err: err}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &core.Problem{Op: "read CA file", Kind: core.FileUnreadable, Subject: file, Err: errors.New("no PEM certificate in it")}
	}
	return pool, nil
}

func tlsConfig(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}
