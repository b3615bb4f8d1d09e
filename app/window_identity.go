//go:build !headless

package app

import (
	"context"

	"github.com/fieldsync/fieldsync/core"
)

// What a person says of who is who is told to everybody: the repositories go on.

// Relink makes the repository a new link.
func (r windowReplica) Relink(ctx context.Context, repo int64) error {
	return r.tell("", r.DB.Relink(ctx, repo))
}

// SendBack lets the repository get what it lost.
func (r windowReplica) SendBack(ctx context.Context, repo int64) error {
	return r.tell("", r.DB.SendBack(ctx, repo))
}

// TakeOlder lets the repository's older state count here.
func (r windowReplica) TakeOlder(ctx context.Context, repo int64) error {
	return r.tell("", r.DB.TakeOlder(ctx, repo))
}

// ConfirmMoved makes this computer the data folder's.
func (r windowReplica) ConfirmMoved(ctx context.Context) error {
	return r.tell("", r.DB.ConfirmMoved(ctx))
}

// ConfirmRestored takes an older copy for right.
func (r windowReplica) ConfirmRestored(ctx context.Context) error {
	return r.tell("", r.DB.ConfirmRestored(ctx))
}

// NewIdentity makes the data folder a node of its own.
func (r windowReplica) NewIdentity(ctx context.Context) (core.Node, error) {
	n, err := r.DB.NewIdentity(ctx)
	return n, r.tell("", err)
}
