package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fieldsync/fieldsync/core"
)

// What a server says of its tables is asked again after schemaLife, after noSchemaLife
// if it said nothing. A sync at a terminal waits no longer than schemaPatience for it. schemasAtOnce bounds what it is asked at a time.
const (
	schemaLife     = 7 * 24 * time.Hour
	noSchemaLife   = 24 * time.Hour
	schemaPatience = 30 * time.Second
	schemasAtOnce  = 3
)

// Learn asks the server what fields its tables and their components have, so that a
// field can be set that no record here has yet, and keeps the answers for forms and
// commands without a network. It asks until ctx ends. It is no part of the sync:
// trouble is noted in the technical log only.
func Learn(ctx context.Context, n *Node, r core.Repository) {
	tasks, err := n.Store.Tasks(ctx, r.ID)
	if err != nil {
		n.Log.Warn("Tables not listed", "repository", r.Name, "err", err)
		return
	}
	var wanted []core.Resource
	for _, t := range tasks {
		wanted = append(wanted, t.Resource)
	}
	seen := make(map[core.Resource]bool)
	for len(wanted) > 0 && ctx.Err() == nil {
		wanted = slices.DeleteFunc(wanted, func(resource core.Resource) bool {
			known := seen[resource]
			seen[resource] = true
			return known
		})
		wanted = learnTables(ctx, n, r, wanted)
	}
}

// learnTables asks for some tables at a time and returns what components they have.
func learnTables(ctx context.Context, n *Node, r core.Repository, tables []core.Resource) (components []core.Resource) {
	var group errgroup.Group
	group.SetLimit(schemasAtOnce)
	learnt := make([]core.Schema, len(tables))
	for i, resource := range tables {
		group.Go(func() error {
			err := core.Careful(n.Log, "learning "+string(resource), func() (err error) {
				learnt[i], err = learnTable(ctx, n, r, resource)
				return err
			})
			if err != nil {
				learnt[i].Components = nil
				n.Log.Info("Fields not learnt", "repository", r.Name, "resource", resource, "err", err)
			}
			return nil
		})
	}
	_ = group.Wait() // each has noted its own trouble
	for _, schema := range learnt {
		for _, c := range schema.Components {
			components = append(components, c.Resource)
		}
	}
	return components
}

func learnTable(ctx context.Context, n *Node, r core.Repository, resource core.Resource) (core.Schema, error) {
	known, err := n.Store.Schema(ctx, resource)
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return known, err
	}
	if !known.Fetched.IsZero() && time.Since(known.Fetched.Time()) < schemaLife {
		return known, nil
	}
	schema, err := n.Schema(ctx, r, resource)
	if core.IsKind(err, core.UnknownResource) { // it has no description: not to be asked for with every sync
		asked := schema.Fetched.Add(noSchemaLife - schemaLife)
		return known, errors.Join(err, n.Store.SaveSchema(ctx, core.Schema{Resource: resource, Fetched: asked}))
	}
	if err != nil {
		return schema, err
	}
	return schema, n.Store.SaveSchema(ctx, schema)
}
