package storage

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// References returns which resources the fields of each point to, as seen so
// far; components point to their masters' resources. Each list is sorted.
func (db *DB) References(ctx context.Context) (map[core.Resource][]core.Resource, error) {
	out := make(map[core.Resource][]core.Resource)
	err := db.readBriefly(ctx, "list references", func(v *view) error {
		for resource, tb := range v.catalog.tables {
			out[resource] = tb.pointsTo(v.catalog)
		}
		return nil
	})
	return out, err
}

// ComponentTables returns the tables that have components of a table's records; see
// replicate.Store.
func (db *DB) ComponentTables(ctx context.Context, master core.Resource) (out []core.Resource, err error) {
	err = db.readBriefly(ctx, "list tables of components", func(v *view) error {
		if of := v.catalog.tables[master]; of != nil {
			for _, tb := range v.catalog.components(of) {
				out = append(out, tb.resource)
			}
		}
		return nil
	})
	return out, err
}

func (t *table) pointsTo(cat *catalog) []core.Resource {
	var out []core.Resource
	for _, c := range t.columns {
		if c.target != "" && (c.kind == core.Reference || c.kind == core.References) {
			out = append(out, core.Resource(c.target))
		}
	}
	for _, name := range t.targets {
		out = append(out, core.Resource(name))
	}
	for _, id := range t.masters {
		out = append(out, cat.byID[id].resource)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
