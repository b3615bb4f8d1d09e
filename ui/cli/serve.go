package cli

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/responder"
)

// servePrefix is the application path under which peers find us, as under an
// Eden.
const servePrefix = "/eden"

type serveFlags struct {
	address, cert, key string
	hosts              []string
	insecure           bool
}

func (c *commands) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Answer peers until interrupted",
		Long: `Answers peers, a Sahana Eden or another Fieldsync, until it is interrupted (Ctrl+C). It prints one line with its address as soon as it answers.

A peer needs a login (fieldsync account add), then it registers, then you accept it (fieldsync peer accept), and it exchanges the tables you share
(fieldsync share add). Servers that this laptop calls itself are synchronised meanwhile, as by fieldsync worker. On any address but this computer's own it uses a certificate: yours, or one it makes itself, whose fingerprint it prints.`,
		Example: `  fieldsync serve
  fieldsync serve --address :8443 --host laptop.example.org`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&f.address, "address", "127.0.0.1:8080", "where to listen; port 0 takes a free one")
	flags.StringVar(&f.cert, "cert", "", "PEM file of a certificate (default: one is made and kept in the data folder)")
	flags.StringVar(&f.key, "key", "", "PEM file of its private key")
	flags.StringSliceVar(&f.hosts, "host", nil, "names and addresses for the certificate that is made")
	flags.BoolVar(&f.insecure, "insecure", false, "without a certificate even over a network: everybody there can read passwords and records")
	cmd.RunE = c.opened(func(ctx context.Context, n *Node, _ []string) error { return c.serve(ctx, n, f) })
	return cmd
}

func (c *commands) serve(ctx context.Context, n *Node, f serveFlags) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", f.address)
	if err != nil {
		p := core.Invalid("address", "This laptop cannot listen at "+f.address+". Choose another address, or end the other program that uses it.")
		p.Err = err
		return p
	}
	defer listener.Close()
	opts := responder.Options{Prefix: servePrefix, Log: n.Log, Events: n.Events, Insecure: f.insecure}
	scheme := "http"
	if opts.Certificate, err = f.certificate(n.Dir, listener.Addr()); err != nil {
		return err
	}
	if opts.Certificate != nil {
		scheme = "https"
	}
	cancel := n.Events.Subscribe(c.tellIncoming)
	defer cancel()
	c.say("Serving peers at %s://%s%s", scheme, reachable(listener.Addr(), f.hosts), servePrefix)
	if opts.Certificate != nil {
		c.say("Certificate fingerprint (SHA-256): %s", opts.Certificate.Fingerprint())
	}
	answer := func(ctx context.Context) error { return responder.New(n.Store, opts).Serve(ctx, listener) }
	return together(ctx, answer, n.Runner.Serve)
}

// certificate returns the given certificate, one made by ourselves for a network,
// or none on this computer.
func (f serveFlags) certificate(dir string, addr net.Addr) (*responder.Certificate, error) {
	switch {
	case f.cert != "" && f.key != "":
		return responder.LoadCertificate(f.cert, f.key)
	case f.cert != "" || f.key != "":
		return nil, core.Invalid("cert", "Give both --cert and --key.")
	case f.insecure || onlyHere(addr):
		return nil, nil
	}
	hosts := append([]string{"localhost", "127.0.0.1"}, f.hosts...)
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	hosts = append(hosts, ownAddresses()...)
	return responder.LoadOrMakeCertificate(filepath.Join(dir, "certificate.pem"), filepath.Join(dir, "certificate-key.pem"), hosts, time.Now())
}

func onlyHere(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
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

// tellIncoming prints what a peer did, in one line.
func (c *commands) tellIncoming(e event.Event) {
	if row, ok := e.(event.Logged); ok {
		c.say("%s  %s  %s %s: %s", when(row.Entry.Time), oneLine(row.Entry.Repository), row.Entry.Mode, row.Entry.Resource, oneLine(row.Entry.Message))
	}
}
