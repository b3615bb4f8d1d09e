package eden

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// isTLS reports whether two that reached each other did not agree on an encrypted connection.
func isTLS(err error) bool {
	var verification *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid) ||
		isOldEncryption(err) || alert(err) != nil && !isGarbled(alert(err))
}

// kindOfTLS says why they did not.
func kindOfTLS(err error) core.Trouble {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host), saysAtEnd(alert(err), "unrecognized name"):
		return core.CertificateOther
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return core.CertificateExpired
	case isOldEncryption(err):
		return core.EncryptionOld
	}
	return core.CertificateWrong
}

// alert returns what one side told the other with which it ended the connection, or nil.
func alert(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") {
		return op.Err
	}
	return nil
}

// isOldEncryption reports whether the server has nothing in common with us: it says so, or
// chooses what was not offered.
func isOldEncryption(err error) bool {
	for _, words := range []string{"tls: server selected unsupported protocol version", "tls: server chose an unconfigured cipher suite", "tls: server selected unsupported curve"} {
		if strings.Contains(err.Error(), words) {
			return true
		}
	}
	return saysAtEnd(alert(err), "protocol version not supported", "handshake failure", "insufficient security level")
}

// isGarbled reports whether TLS noticed that bytes were changed on the way: a bad
// line, no bad certificate. The library has no type for its alerts.
func isGarbled(alert error) bool {
	return saysAtEnd(alert, "bad record MAC", "unexpected message", "record overflow", "error decoding message", "error decrypting message", "illegal parameter", "internal error")
}

func saysAtEnd(err error, endings ...string) bool {
	return err != nil && slices.ContainsFunc(endings, func(words string) bool { return strings.HasSuffix(err.Error(), words) })
}
