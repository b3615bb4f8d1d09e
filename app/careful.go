package app

import (
	"context"
	"log/slog"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/replicate"
)

// careful does something on data from outside that nobody above would catch a bug of:
// that ends in a Problem Internal, with its stack in the log, and not in the end of the
// program.
func careful(log *slog.Logger, what string, do func() error) error {
	err := core.Caught(do)
	if bug := core.BugIn(err); bug != nil {
		log.Error("Panic", "in", what, "bug", bug)
	}
	return err
}

// A carefulPeer is one that the window asks itself, beside any run.
type carefulPeer struct {
	replicate.Peer
	log *slog.Logger
}

// Probe asks who answers there.
func (p carefulPeer) Probe(ctx context.Context) (id replicate.Identity, err error) {
	err = careful(p.log, "probe", func() (err error) {
		id, err = p.Peer.Probe(ctx)
		return err
	})
	return id, err
}

// Pull asks for records.
func (p carefulPeer) Pull(ctx context.Context, r replicate.PullRequest, each func(*core.Record, bool, *replicate.BadRecord) error) (reply replicate.PullReply, err error) {
	err = careful(p.log, "pull", func() (err error) {
		reply, err = p.Peer.Pull(ctx, r, each)
		return err
	})
	return reply, err
}
