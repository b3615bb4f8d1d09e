package app

import (
	"context"
	"log/slog"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// A carefulPeer is one that the window asks itself, beside any run.
type carefulPeer struct {
	replicate.Peer
	log *slog.Logger
}

// Probe asks who answers there.
func (p carefulPeer) Probe(ctx context.Context) (id replicate.Identity, err error) {
	err = core.Careful(p.log, "probe", func() (err error) {
		id, err = p.Peer.Probe(ctx)
		return err
	})
	return id, err
}

// Pull asks for records.
func (p carefulPeer) Pull(ctx context.Context, r replicate.PullRequest, each func(*core.Record, bool, *replicate.BadRecord) error) (reply replicate.PullReply, err error) {
	err = core.Careful(p.log, "pull", func() (err error) {
		reply, err = p.Peer.Pull(ctx, r, each)
		return err
	})
	return reply, err
}
