package responder

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Prefix is the application path under which peers find us, as under an Eden.
const Prefix = "/eden"

// CertificateFile is the name of the certificate that is made, in the data folder: peers are
// given it.
const CertificateFile = "certificate.pem"

// A Place says where to listen and with which certificate.
type Place struct {
	Address string   // "host:port"; port 0 takes a free one
	Hosts   []string // names and addresses for the certificate that is made
	// Dir is where a certificate that is made is kept.
	Dir string
	// CertFile and KeyFile are a certificate of one's own, if both are given.
	CertFile, KeyFile string
	// Insecure does without a certificate even over a network.
	Insecure bool
}

// A Stand is a place taken.
type Stand struct {
	Listener    net.Listener
	Certificate *Certificate // nil: none, on this computer only
	URL         string       // for a peer, with Prefix
}

// Listen takes the place. On any address but this computer's own it uses a
// certificate: the one given, or one it makes and keeps in Dir. The error is a
// Problem.
func Listen(ctx context.Context, p Place) (Stand, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.Address)
	if err != nil {
		problem := core.Invalid("address", "This laptop cannot listen at %s. Choose another address, for example :8443, or end the other program that uses it.", p.Address)
		problem.Err = err
		return Stand{}, problem
	}
	s := Stand{Listener: listener}
	if s.Certificate, err = p.certificate(listener.Addr()); err != nil {
		return Stand{}, errors.Join(err, listener.Close())
	}
	scheme := "http"
	if s.Certificate != nil {
		scheme = "https"
	}
	s.URL = scheme + "://" + reachable(listener.Addr(), p.Hosts) + Prefix
	return s, nil
}

func (p Place) certificate(addr net.Addr) (*Certificate, error) {
	switch {
	case p.CertFile != "" && p.KeyFile != "":
		return LoadCertificate(p.CertFile, p.KeyFile)
	case p.CertFile != "" || p.KeyFile != "":
		return nil, core.Invalid("cert", "Give both --cert and --key.")
	case p.Insecure || isLoopback(addr):
		return nil, nil
	}
	hosts := append([]string{"localhost", "127.0.0.1"}, p.Hosts...)
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	hosts = append(hosts, ownAddresses()...)
	return LoadOrMakeCertificate(filepath.Join(p.Dir, CertificateFile), filepath.Join(p.Dir, "certificate-key.pem"), hosts, time.Now())
}

func ownAddresses() []string {
	var out []string
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && !n.IP.IsLinkLocalUnicast() {
			out = append(out, n.IP.String())
		}
	}
	return out
}

// reachable is the address a peer can use: where we listen everywhere, a name.
func reachable(addr net.Addr, hosts []string) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	host := "localhost"
	if name, err := os.Hostname(); err == nil {
		host = name
	}
	if len(hosts) > 0 {
		host = hosts[0]
	}
	return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}
