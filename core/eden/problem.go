package eden

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// subject is what problems call the peer.
func (p *Peer) subject() string {
	if p.repo.Name != "" {
		return p.repo.Name
	}
	return p.base.Host
}

// problem makes a Problem about the peer.
func (p *Peer) problem(op string, kind core.Trouble, err error) *core.Problem {
	if kind == core.Unauthorized && p.repo.Password == "" {
		kind = core.NoPassword // it refused nothing that anybody entered
	}
	return &core.Problem{Op: op, Kind: kind, Subject: p.subject(), Err: err}
}

// troubleOf turns whatever went wrong on the way into a Problem. ctx is the
// request's own context: its cause tells our deadlines from a person's cancel.
func (p *Peer) troubleOf(ctx context.Context, op string, err error) *core.Problem {
	var known *core.Problem
	if errors.As(err, &known) {
		if known.Subject == "" {
			known.Subject = p.subject()
		}
		return known
	}
	if ctx.Err() != nil {
		return p.problem(op, kindOfCause(context.Cause(ctx)), endOf(ctx, err))
	}
	return p.problem(op, kindOf(err), redact(err))
}

func kindOfCause(cause error) core.Trouble {
	if errors.Is(cause, context.Canceled) {
		return core.Cancelled
	}
	return core.Timeout
}

func endOf(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	if errors.Is(err, cause) {
		return cause
	}
	return fmt.Errorf("%w (%w)", cause, redact(err))
}

// redact leaves the address out of an error: it holds our identity, and a
// proxy's would hold its password.
func redact(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// kindOf finds the kind of an error of transport, TLS, gzip or parser.
func kindOf(err error) core.Trouble {
	var syntax *s3xml.SyntaxError
	var size *sizeError
	var encoding *packing.UnknownError
	switch {
	case errors.As(err, &syntax):
		return syntax.Kind
	case errors.As(err, &size):
		return core.Dangerous
	case errors.As(err, &encoding), packing.IsFault(err):
		return core.Malformed
	case isProxyTrouble(err):
		return core.ProxyWrong
	case isTLS(err):
		return kindOfTLS(err)
	case errors.Is(err, errDowngrade), errors.Is(err, errRedirects):
		return core.WrongPath
	case isUnencrypted(err):
		return core.NotEncrypted
	case isHeadCut(err):
		return core.Unreachable
	case isOtherProtocol(err):
		return core.NotEden
	}
	return kindOfNetwork(err)
}

// kindOfNetwork tells "nobody there" from "there, but nothing came".
func kindOfNetwork(err error) core.Trouble {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return core.Unreachable
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return core.Unreachable
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return core.Timeout
	}
	return core.Unreachable
}

// inBody returns what an error means once the head of an answer was here.
func (p *Peer) inBody(r *reply, op string, err error) *core.Problem {
	problem := p.troubleOf(r.body.ctx, op, err)
	if problem.Kind == core.Unreachable {
		problem.Kind = core.Truncated
	}
	return problem
}

// isProxyTrouble reports whether a proxy refused us or cannot be reached. A
// proxy that says it cannot reach the peer is not to blame.
func isProxyTrouble(err error) bool {
	var refusal *proxyRefusal
	if errors.As(err, &refusal) {
		switch refusal.status {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return false
		}
		return true
	}
	var op *net.OpError
	if !errors.As(err, &op) {
		return false
	}
	if op.Op == "proxyconnect" {
		return true
	}
	return strings.HasPrefix(op.Op, "socks") && !socksTargetFailed(op.Err)
}

// socksTargetFailed recognises the replies of RFC 1928 that are about the target:
// the library has no type for them.
func socksTargetFailed(err error) bool {
	return saysAtEnd(err, "network unreachable", "host unreachable", "connection refused", "TTL expired")
}

// isUnencrypted recognises an answer to the offer of TLS that is none: from the first
// record on. Later, bytes were changed on the way.
func isUnencrypted(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record) && record.Conn != nil || errors.Is(err, http.ErrSchemeMismatch) ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// isOtherProtocol recognises an answer that is no HTTP.
func isOtherProtocol(err error) bool {
	text := err.Error()
	return strings.Contains(text, "malformed HTTP") || strings.Contains(text, "malformed MIME")
}

// isHeadCut recognises the head of an answer over HTTP that broke off within a line: what
// came of that line is taken for a whole one.
func isHeadCut(err error) bool {
	text := err.Error()
	if strings.Contains(text, "malformed MIME header: missing colon") {
		return true // the lines before were those of HTTP
	}
	if code, found := quotedAfter(text, "malformed HTTP status code "); found {
		return len(code) < len("200") && strings.Trim(code, "0123456789") == ""
	}
	const version = "HTTP/1."
	line, found := quotedAfter(text, "malformed HTTP response ")
	return found && line != "" && (strings.HasPrefix(version, line) || strings.HasPrefix(line, version))
}

// quotedAfter returns what stands in quotes after some words of a message.
func quotedAfter(message, words string) (string, bool) {
	_, after, found := strings.Cut(message, words+`"`)
	quoted, _, _ := strings.Cut(after, `"`)
	return quoted, found
}

// isBroken reports whether a connection broke, so that the same request may be
// tried on a fresh one. Nobody there at all is something else.
func isBroken(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks")) {
		return false
	}
	const wsaAborted, wsaReset = syscall.Errno(10053), syscall.Errno(10054) // Windows
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno == syscall.ECONNRESET || errno == syscall.EPIPE || errno == wsaAborted || errno == wsaReset
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isHeadCut(err)
}
