package replicate_test

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// bodyContains matches requests whose body has the text, too.
func bodyContains(text string, also func(*http.Request) bool) func(*http.Request) bool {
	return func(r *http.Request) bool {
		if !also(r) {
			return false
		}
		body, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return err == nil && bytes.Contains(body, []byte(text))
	}
}

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
