package eden

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// reachTime bounds the attempt to open a connection.
const reachTime = 8 * time.Second

// Reach finds out, as cheaply as possible, whether the peer can be reached now:
// it opens a connection to the peer, or to the proxy on the way, and closes it
// again; nothing is sent. Problem.Offline tells a laptop without a network from
// a peer that is down. A network that wants a login first, or a peer that is ill,
// is seen by Probe only.
func (p *Peer) Reach(ctx context.Context) error {
	const op = "reach"
	proxy, err := p.proxy()
	if err != nil {
		return p.problem(op, core.ProxyWrong, err)
	}
	first := p.base
	if proxy != nil {
		first = proxy
	}
	ctx, cancel := context.WithTimeoutCause(ctx, reachTime, errNoAnswer)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(first.Hostname(), portOfAny(first)))
	if err == nil {
		return conn.Close()
	}
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return p.problem(op, core.Cancelled, context.Canceled)
	}
	problem := p.problem(op, core.Unreachable, err)
	problem.Offline = isOffline(err)
	if proxy != nil && !problem.Offline {
		problem.Kind = core.ProxyWrong
		problem.Err = fmt.Errorf("proxy %s: %w", first.Host, err)
	}
	return problem
}

// proxy returns the proxy on the way to the peer; nil if there is none.
func (p *Peer) proxy() (*url.URL, error) {
	pick, err := proxyFor(p.repo, p.node)
	if pick == nil || err != nil {
		return nil, err
	}
	return pick(&http.Request{Method: http.MethodGet, URL: p.base, Header: http.Header{}})
}

func portOfAny(u *url.URL) string {
	if u.Port() == "" && (u.Scheme == "socks5" || u.Scheme == "socks5h") {
		return "1080"
	}
	return portOf(u)
}

// isOffline recognises a connection that failed on this side: no name service,
// no route, no interface. A refused or silent one is the other side's doing.
func isOffline(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return true
	}
	const wsaNetDown, wsaNetUnreachable, wsaHostUnreachable = syscall.Errno(10050), syscall.Errno(10051), syscall.Errno(10065) // Windows
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return false
	}
	switch errno {
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, wsaNetDown, wsaNetUnreachable, wsaHostUnreachable:
		return true
	}
	return false
}
