package cli

import (
	"context"
	"errors"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// What a server says of its tables is asked again after schemaLife, after noSchemaLife
// if it said nothing. A sync at a terminal waits no longer than schemaPatience for it.
const (
	schemaLife     = 7 * 24 * time.Hour
	noSchemaLife   = 24 * time.Hour
	schemaPatience = 30 * time.Second
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
		resource := wanted[0]
		wanted = wanted[1:]
		if seen[resource] {
			continue
		}
		seen[resource] = true
		schema, err := learnTable(ctx, n, r, resource)
		if err != nil {
			n.Log.Info("Fields not learnt", "repository", r.Name, "resource", resource, "err", err)
			continue
		}
		for _, c := range schema.Components {
			wanted = append(wanted, c.Resource)
		}
	}
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
