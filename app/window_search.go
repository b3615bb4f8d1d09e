//go:build !headless

package app

import (
	"context"
	"log/slog"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
)

// An indexer brings the search up to date after every run. A search does so by
// itself, but for the 100,000 records of a first pull that takes several seconds,
// for which a person would have to wait.
type indexer struct {
	events *event.Bus
	index  func(context.Context) error
	log    *slog.Logger
	runs   chan struct{}
}

func newIndexer(events *event.Bus, index func(context.Context) error, log *slog.Logger) *indexer {
	return &indexer{events: events, index: index, log: log, runs: make(chan struct{}, 1)}
}

// serve indexes after every run until ctx ends.
func (x *indexer) serve(ctx context.Context) {
	defer x.events.Subscribe(x.hear)()
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.runs:
			if err := x.index(ctx); err != nil && !core.IsKind(err, core.Cancelled) && ctx.Err() == nil {
				x.log.Warn("Search not brought up to date", "err", err) // the next search tries again
			}
		}
	}
}

func (x *indexer) hear(e event.Event) {
	if e, ok := e.(event.RunFinished); ok && !e.Run.DryRun {
		select {
		case x.runs <- struct{}{}:
		default: // it is going to be indexed anyway
		}
	}
}
