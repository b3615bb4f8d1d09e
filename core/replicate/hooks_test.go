package replicate_test

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// bodyContains matches requests whose body has the text, too.
func bodyContains(text string, also func(*http.Request) bool) func(*http.Request) bool {
	return func(r *http.Request) bool {
		if !also(r) {
			return false
		}
		return strings.Contains(bodyOf(r), text)
	}
}

// bodyOf returns the body of a request, which is one that is not packed from then on.
func bodyOf(r *http.Request) string {
	var body io.Reader = r.Body
	unpacked, err := packing.Unpack(r.Header.Get("Content-Encoding"), body)
	if err != nil {
		return "" // what looks into it misses what it looks for
	}
	if unpacked != nil {
		defer unpacked.Close()
		body = unpacked
		r.Header.Del("Content-Encoding")
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	withBody(r, string(content))
	return string(content)
}

// withBody gives a request another body.
func withBody(r *http.Request, content string) { r.Body = io.NopCloser(strings.NewReader(content)) }

// onPush runs fn once, when the first push has been answered and before it is
// proved.
func onPush(connect func(core.Repository, core.Node) (replicate.Peer, error), fn func()) func(core.Repository, core.Node) (replicate.Peer, error) {
	return func(r core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(r, n)
		return &hooked{Peer: p, fn: fn}, err
	}
}

// beforePush runs fn once, after the pull and before the first push.
func beforePush(connect func(core.Repository, core.Node) (replicate.Peer, error), fn func()) func(core.Repository, core.Node) (replicate.Peer, error) {
	return func(r core.Repository, n core.Node) (replicate.Peer, error) {
		p, err := connect(r, n)
		return &hooked{Peer: p, before: fn}, err
	}
}

type hooked struct {
	replicate.Peer
	before, fn func()
}

func (h *hooked) Push(ctx context.Context, req replicate.PushRequest) (replicate.PushReply, error) {
	if h.before != nil {
		h.before()
		h.before = nil
	}
	reply, err := h.Peer.Push(ctx, req)
	if h.fn != nil {
		h.fn()
		h.fn = nil
	}
	return reply, err
}
