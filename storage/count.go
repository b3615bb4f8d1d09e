package storage

import (
	"context"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// Alive counts the records of a resource that are not deleted.
func (db *DB) Alive(ctx context.Context, resource core.Resource) (n int, err error) {
	err = db.read(ctx, "count records", func(v *view) error {
		if tb := v.catalog.tables[resource]; tb != nil {
			n, err = v.alive(tb)
		}
		return err
	})
	return n, err
}

func (v *view) alive(tb *table) (n int, err error) {
	err = v.q.QueryRowContext(v.ctx, fmt.Sprintf(`SELECT count(*) FROM %s WHERE _deleted = 0`, tb.sql)).Scan(&n)
	return n, err
}

// DeletedBy counts the records that pushes of a peer deleted; see responder.Store.
func (db *DB) DeletedBy(ctx context.Context, repo int64, resource core.Resource, since core.MTime) (n int, err error) {
	err = db.read(ctx, "count deletions", func(v *view) error {
		tb := v.catalog.tables[resource]
		if tb == nil {
			return nil
		}
		// Runs of our own, also those that carry out what was confirmed, stand in run.
		return v.q.QueryRowContext(v.ctx, fmt.Sprintf(`SELECT count(*) FROM %s r WHERE _deleted = %d AND _origin = ?1 AND EXISTS (
SELECT 1 FROM history h WHERE h.resource_id = %d AND h.record_id = r._id AND h.origin = ?1 AND h.at >= ?2 AND NOT EXISTS (SELECT 1 FROM run WHERE id = h.run))`,
			tb.sql, stateDeleted, tb.id), repo, int64(since)).Scan(&n)
	})
	return n, err
}
