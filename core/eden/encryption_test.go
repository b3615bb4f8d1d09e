package eden

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// A certified is a certificate and its key.
type certified struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// certify makes a certificate that by vouches for; itself, if nil.
func certify(t *testing.T, by *certified, change func(*x509.Certificate)) *certified {
	t.Helper()
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "hub.example.org"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if change != nil {
		change(template)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &certified{cert, key}
}

func anAuthority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.IPAddresses = true, true, x509.KeyUsageCertSign, nil
}

// encrypted starts a server with nothing to show, and returns it as a repository that
// believes the certificates of trusted.
func encrypted(t *testing.T, config *tls.Config, trusted ...*certified) core.Repository {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<s3xml success="false" results="0"/>`))
	}))
	srv.TLS = config
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	repo := core.Repository{Name: "hub", URL: srv.URL}
	if len(trusted) > 0 {
		var list []*x509.Certificate
		for _, c := range trusted {
			list = append(list, c.cert)
		}
		repo.CAFile = written(t, []byte(core.CertificatesPEM(list)))
	}
	return repo
}

func written(t *testing.T, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func showing(c *certified) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{c.cert.Raw}, PrivateKey: c.key}}}
}

// Of a certificate that does not do it is said what is wrong with it: a person can wait for
// a new one, write the address otherwise, or ask for a file.
func TestWhatIsWrongWithACertificateIsSaid(t *testing.T) {
	authority := certify(t, nil, anAuthority)
	otherName := func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"hub.example.org"} }
	old := func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }
	early := func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }
	for _, tt := range []struct {
		name    string
		shown   *certified
		trusted []*certified
		want    core.Trouble
	}{
		{"an authority of the file vouches for it", certify(t, authority, nil), []*certified{authority}, -1},
		{"nobody vouches for it", certify(t, authority, nil), nil, core.CertificateWrong},
		{"nobody of the file vouches for it", certify(t, authority, nil), []*certified{certify(t, nil, anAuthority)}, core.CertificateWrong},
		{"it has another name", certify(t, authority, otherName), []*certified{authority}, core.CertificateOther},
		{"it has run out", certify(t, authority, old), []*certified{authority}, core.CertificateExpired},
		{"it begins later", certify(t, authority, early), []*certified{authority}, core.CertificateExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := pull(newPeer(t, encrypted(t, showing(tt.shown), tt.trusted...), quick()), anOffice)
			if tt.want < 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantKind(t, err, tt.want)
		})
	}
}

// A certificate that somebody made for a server of their own has the name of another
// network, or none: whoever has chosen it means this server.
func TestACertificateThatWasChosenIsTheServersOwnUnderAnyName(t *testing.T) {
	nameless := certify(t, nil, func(c *x509.Certificate) { c.IPAddresses = nil })
	for name, repo := range map[string]core.Repository{
		"by number": encrypted(t, showing(nameless), nameless),
		"by name":   encrypted(t, showing(nameless), nameless),
	} {
		if name == "by name" {
			repo.URL = "https://localhost" + repo.URL[len("https://127.0.0.1"):]
		}
		if _, err := pull(newPeer(t, repo, quick()), anOffice); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := pull(newPeer(t, encrypted(t, showing(certify(t, nil, func(c *x509.Certificate) { c.IPAddresses = nil })), nameless), quick()), anOffice)
	wantKind(t, err, core.CertificateOther) // of the same words, with another key
	old := certify(t, nil, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	_, err = pull(newPeer(t, encrypted(t, showing(old), old), quick()), anOffice)
	wantKind(t, err, core.CertificateExpired)
}

// Windows saves a certificate in binary form if nobody says otherwise.
func TestACertificateInBinaryFormIsRead(t *testing.T) {
	own := certify(t, nil, nil)
	repo := encrypted(t, showing(own))
	repo.CAFile = written(t, own.cert.Raw)
	if _, err := pull(newPeer(t, repo, quick()), anOffice); err != nil {
		t.Error(err)
	}
	if list, err := Authorities(repo.CAFile); err != nil || len(list) != 1 || list[0].Name != "hub.example.org" {
		t.Errorf("%+v, %v", list, err)
	}
}

// Apache before 2.2.26 and Python before 2.7.9 know no elliptic curves.
func TestAServerWithoutCurvesIsSpokenTo(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, suite := range []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384} {
		repo := encrypted(t, &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite},
		})
		repo.CAFile = written(t, der)
		if _, err := pull(newPeer(t, repo, quick()), anOffice); err != nil {
			t.Errorf("%s: %v", tls.CipherSuiteName(suite), err)
		}
	}
}

// What browsers do not speak any more is not spoken, and said: the certificate is in order.
func TestEncryptionThatIsTooOldIsSaid(t *testing.T) {
	own := certify(t, nil, nil)
	config := showing(own)
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	_, err := pull(newPeer(t, encrypted(t, config, own), quick()), anOffice)
	wantKind(t, err, core.EncryptionOld)

	config = showing(own)
	config.MaxVersion, config.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}
	_, err = pull(newPeer(t, encrypted(t, config, own), quick()), anOffice)
	wantKind(t, err, core.EncryptionOld)

	// OpenSSL before 1.0.1 does not ask: it answers in its own version.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			hello := append([]byte{2, 0, 0, 38, 3, 1}, make([]byte, 36)...)
			hello[6+32] = 0 // no session
			hello[6+34] = 0x2f
			_, _ = conn.Write(append([]byte{22, 3, 1, 0, byte(len(hello))}, hello...))
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	_, err = pull(newPeer(t, core.Repository{Name: "hub", URL: "https://" + listener.Addr().String()}, quick()), anOffice)
	wantKind(t, err, core.EncryptionOld)
}
