package cli

import (
	"context"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// upkeepEvery is how often a program that goes on running looks whether the daily
// copy is due.
const upkeepEvery = time.Hour

// Upkeep looks after the store until ctx ends: a checked copy once a day, old
// versions cleared away. What goes wrong is in the log and tried again: it must not
// keep anybody from working.
func Upkeep(ctx context.Context, n *Node) error {
	timer := time.NewTimer(time.Minute) // not while the program is just starting
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		n.keepUp(ctx)
		timer.Reset(upkeepEvery)
	}
}

// keepUp does what is due.
func (n *Node) keepUp(ctx context.Context) {
	err := core.Careful(n.Log, "the upkeep", func() error { return n.Store.Upkeep(ctx) })
	if err != nil && ctx.Err() == nil {
		n.Log.Error("Upkeep not done", "err", err)
	}
}
