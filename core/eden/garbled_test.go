package eden

import (
	"crypto/tls"
	"errors"
	"net"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// TLS notices when bytes are changed on the way: that is a bad line, which is tried
// again, and no bad certificate, for which a person would be needed.
func TestBytesThatWereChangedOnTheWayAreNoWrongCertificate(t *testing.T) {
	alert := func(op, words string) error { return &net.OpError{Op: op, Err: errors.New("tls: " + words)} }
	for _, tt := range []struct {
		err  error
		want core.Trouble
	}{
		{alert("local error", "bad record MAC"), core.Unreachable},
		{alert("remote error", "bad record MAC"), core.Unreachable},
		{alert("remote error", "error decoding message"), core.Unreachable},
		{alert("remote error", "bad certificate"), core.CertificateWrong},
		{alert("remote error", "unknown certificate authority"), core.CertificateWrong},
		{alert("remote error", "protocol version not supported"), core.EncryptionOld},
		{alert("remote error", "unrecognized name"), core.CertificateOther},
		{tls.RecordHeaderError{Msg: "oversized record received", Conn: nil}, core.Unreachable},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake", Conn: new(net.TCPConn)}, core.NotEncrypted},
	} {
		if got := kindOf(tt.err); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.err, got, tt.want)
		}
	}
}
