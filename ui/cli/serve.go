package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/responder"
)

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
	stand, err := responder.Listen(ctx, responder.Place{Address: f.address, Hosts: f.hosts, Dir: n.Dir, CertFile: f.cert, KeyFile: f.key, Insecure: f.insecure})
	if err != nil {
		return err
	}
	defer stand.Listener.Close()
	opts := responder.Options{Prefix: responder.Prefix, Log: n.Log, Events: n.Events, Insecure: f.insecure, Certificate: stand.Certificate}
	cancel := n.Events.Subscribe(c.tellIncoming)
	defer cancel()
	c.say("Serving peers at %s", stand.URL)
	if stand.Certificate != nil {
		c.say("Certificate fingerprint (SHA-256): %s", stand.Certificate.Fingerprint())
	}
	answer := func(ctx context.Context) error { return responder.New(n.Store, opts).Serve(ctx, stand.Listener) }
	return together(ctx, answer, n.Runner.Serve, func(ctx context.Context) error { return Upkeep(ctx, n) })
}

// tellIncoming prints what a peer did, in one line.
func (c *commands) tellIncoming(e event.Event) {
	if row, ok := e.(event.Logged); ok {
		c.say("%s  %s  %s %s: %s", when(row.Entry.Time), oneLine(row.Entry.Repository), row.Entry.Mode, row.Entry.Resource, oneLine(row.Entry.Message))
	}
}
