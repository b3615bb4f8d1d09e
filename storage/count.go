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
