package eden

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// readBuffer is how much is read from the network at once, in bytes. With the usual
// 4 KiB a large document is as many waits.
const readBuffer = 32 << 10

// buildClient makes the one http.Client for everything: proxy, certificates,
// login, redirects.
func (p *Peer) buildClient() error {
	proxy, err := proxyFor(p.repo, p.node)
	if err != nil {
		return err
	}
	trust, err := trustOf(p.repo.CAFile)
	if err != nil {
		return err
	}
	dialer := &net.Dialer{Timeout: p.opts.Connect, KeepAlive: 30 * time.Second}
	var rt http.RoundTripper = &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: checkProxyReply,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    p.opts.Connect,
		TLSClientConfig:        trust.config(p.base.Hostname()),
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // we unpack ourselves, with a limit
		MaxIdleConnsPerHost:    2,
		ReadBufferSize:         readBuffer,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
	}
	if p.opts.Transport != nil {
		rt = p.opts.Transport(rt)
	}
	p.client = &http.Client{Transport: &login{p: p, next: rt}, CheckRedirect: checkRedirect}
	p.retrying = &retryablehttp.Client{
		HTTPClient: p.client, RetryMax: max(p.opts.Retries, 0), RetryWaitMin: p.opts.RetryWait, RetryWaitMax: p.opts.RetryMax,
		CheckRetry: p.mayRetry, Backoff: retryablehttp.DefaultBackoff, ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return nil
}

// login adds our name to every request, and the account to those that go to the
// repository's own host: never to another one, whatever a redirect or the
// address of a file says.
type login struct {
	p    *Peer
	next http.RoundTripper
}

// RoundTrip sends one request.
func (l *login) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", l.p.opts.UserAgent)
	req.Header.Del("Authorization")
	if l.p.repo.Username != "" && sameHost(l.p.base, req.URL) {
		req.SetBasicAuth(l.p.repo.Username, l.p.repo.Password.Reveal())
	}
	return l.next.RoundTrip(req)
}

// CloseIdleConnections closes those that nobody uses: without it the client would find no way
// to them.
func (l *login) CloseIdleConnections() {
	if t, ok := l.next.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// sameHost reports whether u is at the repository's own scheme, host and port;
// https where http was entered is as good.
func sameHost(base, u *url.URL) bool {
	if !strings.EqualFold(base.Hostname(), u.Hostname()) {
		return false
	}
	if base.Scheme == u.Scheme {
		return portOf(base) == portOf(u)
	}
	return base.Scheme == "http" && u.Scheme == "https" && portOf(base) == "80" && portOf(u) == "443"
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// followAll marks a request (a file) whose redirects may lead elsewhere.
type followAll struct{}

var (
	errDowngrade = errors.New("redirect from https to http refused")
	errRedirects = errors.New("too many redirects")
)

// checkRedirect lets a file's redirects pass. Of the others it follows only the
// step from http to https at the same address: any other redirect is an answer
// in itself, a login page or a wrong path.
func checkRedirect(req *http.Request, via []*http.Request) error {
	last := via[len(via)-1]
	if last.URL.Scheme == "https" && req.URL.Scheme != "https" {
		return errDowngrade
	}
	if len(via) > 5 {
		return errRedirects
	}
	if req.Context().Value(followAll{}) != nil {
		return nil
	}
	upgrade := sameHost(last.URL, req.URL) && last.URL.Scheme != req.URL.Scheme && last.URL.RequestURI() == req.URL.RequestURI()
	if upgrade && req.Method == via[0].Method {
		return nil
	}
	return http.ErrUseLastResponse
}

// mayRetry decides about a request that changes nothing: again after a broken
// connection, and when a gateway asks for a short patience.
func (p *Peer) mayRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err != nil {
		return isBroken(err), nil
	}
	switch resp.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		wait, ok := p.retryAfter(resp)
		return ok && wait <= p.opts.RetryMax, nil
	}
	return false, nil
}

// retryAfter reads the header: seconds or a date.
func (p *Peer) retryAfter(resp *http.Response) (time.Duration, bool) {
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(p.opts.Now()), 0), true
	}
	return 0, false
}
