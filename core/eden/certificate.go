package eden

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

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

// An Authority is a certificate of a CA file, for a person to compare.
type Authority struct {
	Name        string
	Fingerprint string // SHA-256, as browsers and openssl print it
	Expires     time.Time
}

// Authorities reads the certificates of a CA file. The error is a Problem
// FileUnreadable.
func Authorities(file string) (list []Authority, err error) {
	rest, err := os.ReadFile(file)
	if err != nil {
		return nil, &core.Problem{Op: "read CA file", Kind: core.FileUnreadable, Subject: file, Err: err}
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			continue
		}
		sum := sha256.Sum256(cert.Raw)
		name := cert.Subject.CommonName
		if name == "" {
			name = cert.Subject.String()
		}
		list = append(list, Authority{Name: name, Fingerprint: strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":"), Expires: cert.NotAfter})
	}
	if len(list) == 0 {
		return nil, &core.Problem{Op: "read CA file", Kind: core.FileUnreadable, Subject: file, Err: errors.New("no PEM certificate in it")}
	}
	return list, nil
}

func tlsConfig(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}
