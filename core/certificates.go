package core

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// Certificates returns the certificates of a file: PEM, of which everything else is passed
// over, a private key, say; or a single one in binary form (DER), as Windows saves it. nil
// if there is none.
func Certificates(file []byte) (list []*x509.Certificate) {
	if cert, err := x509.ParseCertificate(file); err == nil {
		return []*x509.Certificate{cert}
	}
	for {
		var block *pem.Block
		if block, file = pem.Decode(file); block == nil {
			return list
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			list = append(list, cert)
		}
	}
}

// CertificatesPEM returns certificates as the text of a PEM file.
func CertificatesPEM(list []*x509.Certificate) string {
	var text bytes.Buffer
	for _, cert := range list {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}) // a buffer takes everything
	}
	return text.String()
}

// Fingerprint is a certificate's SHA-256 in the form in which browsers and openssl print it,
// for a person to compare.
func Fingerprint(cert *x509.Certificate) string {
	return strings.ReplaceAll(fmt.Sprintf("% X", sha256.Sum256(cert.Raw)), " ", ":")
}
