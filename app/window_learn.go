//go:build !headless

package app

import (
	"context"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/cli"
)

// schemaPatience bounds how long servers are asked for their tables after a run.
const schemaPatience = time.Minute

// A learner asks servers for the fields of their tables after a run, so that the
// forms of the window know them without a network.
type learner struct {
	node *cli.Node
	runs chan int64 // repositories a run of which came through, be it without single tables
}

func newLearner(n *cli.Node) *learner { return &learner{node: n, runs: make(chan int64, 16)} }

// serve learns after every run until ctx ends.
func (l *learner) serve(ctx context.Context) {
	defer l.node.Events.Subscribe(l.hear)()
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-l.runs:
			// what a server says of its tables is no part of the sync: the log is enough
			_ = core.Careful(l.node.Log, "learning tables", func() error { l.learn(ctx, id); return nil })
		}
	}
}

func (l *learner) hear(e event.Event) {
	if e, ok := e.(event.RunFinished); ok && (e.Problem == nil || e.Problem.OfTables()) {
		select {
		case l.runs <- e.Run.Repository:
		default: // it is learnt after the next run
		}
	}
}

// learn asks for the repository's tables and their components.
func (l *learner) learn(ctx context.Context, id int64) {
	ctx, cancel := context.WithTimeout(ctx, schemaPatience)
	defer cancel()
	r, err := l.node.Store.Repository(ctx, id)
	if err != nil {
		return
	}
	cli.Learn(ctx, l.node, r)
}
