package responder

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/fieldsync/fieldsync/core"
)

// Serve answers on the listener until ctx ends; then requests under way get
// Options.Grace to finish. It closes the listener and returns nil after an
// orderly end. It refuses to send passwords and records in the clear over a
// network: a Problem, unless Options.Insecure insists.
func (r *Responder) Serve(ctx context.Context, listener net.Listener) error {
	if r.opts.Certificate == nil && !r.opts.Insecure && !isLoopback(listener.Addr()) {
		return errors.Join(core.Invalid("serve", "Without a certificate, peers are served on this computer only. Give a certificate, or let Fieldsync make one."),
			listener.Close())
	}
	if r.opts.Certificate != nil {
		listener = tls.NewListener(listener, r.opts.Certificate.config())
	}
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	server := &http.Server{
		Handler:           r,
		ReadHeaderTimeout: r.opts.HeaderTimeout,
		ReadTimeout:       r.opts.HeaderTimeout + r.opts.ReadTimeout, // moved on by each piece of a body
		WriteTimeout:      r.opts.ReadTimeout + r.opts.WriteTimeout,  // moved on by each piece of an answer
		IdleTimeout:       r.opts.IdleTimeout,
		MaxHeaderBytes:    r.opts.MaxHeader,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(r.opts.Log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve peers: %w", err)
	case <-ctx.Done():
	}
	err := r.shutDown(base, server)
	stop()
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// shutDown lets requests finish for a while, then ends them.
func (r *Responder) shutDown(base context.Context, server *http.Server) error {
	grace, cancel := context.WithTimeout(base, r.opts.Grace)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		r.opts.Log.Warn("Requests broken off at the end", "grace", r.opts.Grace)
		return server.Close()
	}
	return err
}

func isLoopback(addr net.Addr) bool {
	if addr.Network() == "unix" {
		return true
	}
	host, _, err := net.SplitHostPort(addr.String())
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}
