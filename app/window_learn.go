//go:build !headless

package app

import (
	"context"
	"errors"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/cli"
)

// What a server says of its tables is asked again after schemaLife, after noSchemaLife
// if it said nothing; asking takes
// no longer than schemaPatience.
const (
	schemaLife     = 7 * 24 * time.Hour
	noSchemaLife   = 24 * time.Hour
	schemaPatience = time.Minute
)

// A learner asks servers for the fields of their tables after a run, so that the
// forms of the window know them without a network.
type learner struct {
	node *cli.Node
	runs chan int64 // repositories a run of which came through
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
			l.learn(ctx, id)
		}
	}
}

func (l *learner) hear(e event.Event) {
	if e, ok := e.(event.RunFinished); ok && e.Problem == nil {
		select {
		case l.runs <- e.Run.Repository:
		default: // it is learnt after the next run
		}
	}
}

// learn asks for the repository's tables and their components. Trouble is noted
// in the technical log only: it is no part of a sync.
func (l *learner) learn(ctx context.Context, id int64) {
	ctx, cancel := context.WithTimeout(ctx, schemaPatience)
	defer cancel()
	r, err := l.node.Store.Repository(ctx, id)
	if err != nil {
		return
	}
	tasks, err := l.node.Store.Tasks(ctx, id)
	if err != nil {
		l.node.Log.Warn("Tables not listed", "repository", r.Name, "err", err)
		return
	}
	seen := make(map[core.Resource]bool)
	var wanted []core.Resource
	for _, t := range tasks {
		wanted = append(wanted, t.Resource)
	}
	for len(wanted) > 0 && ctx.Err() == nil {
		resource := wanted[0]
		wanted = wanted[1:]
		if seen[resource] {
			continue
		}
		seen[resource] = true
		schema, err := l.table(ctx, r, resource)
		if err != nil {
			l.node.Log.Info("Fields not learnt", "repository", r.Name, "resource", resource, "err", err)
		}
		for _, c := range schema.Components {
			wanted = append(wanted, c.Resource)
		}
	}
}

func (l *learner) table(ctx context.Context, r core.Repository, resource core.Resource) (core.Schema, error) {
	known, err := l.node.Store.Schema(ctx, resource)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return known, err
	}
	if !known.Fetched.IsZero() && time.Since(known.Fetched.Time()) < schemaLife {
		return known, nil
	}
	schema, err := l.node.Schema(ctx, r, resource)
	if core.IsKind(err, core.UnknownResource) { // it has no description: not to be asked for with every sync
		asked := schema.Fetched.Add(noSchemaLife - schemaLife)
		return known, errors.Join(err, l.node.Store.SaveSchema(ctx, core.Schema{Resource: resource, Fetched: asked}))
	}
	if err != nil {
		return schema, err
	}
	return schema, l.node.Store.SaveSchema(ctx, schema)
}
