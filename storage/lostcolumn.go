package storage

import (
	"context"
	"database/sql"

	"github.com/fieldsync/fieldsync/core"
)

// LostColumn notes that a repository has no column for a field; see intake.Tx.
func (t *tx) LostColumn(_ context.Context, repo int64, r core.Resource, field string) error {
	return t.exec(`INSERT OR IGNORE INTO lost_column (repository_id, resource, field) VALUES (?, ?, ?)`, repo, string(r), field)
}

// LostColumns returns the fields for which the repository's tables were found to
// have no column.
func (db *DB) LostColumns(ctx context.Context, repo int64) (map[core.Resource][]string, error) {
	lost := make(map[core.Resource][]string)
	err := db.read(ctx, "list lost columns", func(v *view) error {
		return each(ctx, v.q, `SELECT resource, field FROM lost_column WHERE repository_id = ? ORDER BY resource, field`, []any{repo}, func(rows *sql.Rows) error {
			var r core.Resource
			var field string
			err := rows.Scan(&r, &field)
			lost[r] = append(lost[r], field)
			return err
		})
	})
	return lost, err
}

// ColumnsReturned notes that columns that the repository had lost of a table are
// there again; see replicate.Store.
func (db *DB) ColumnsReturned(ctx context.Context, repo int64, r core.Resource, fields []string) error {
	return db.inTx(ctx, "note returned columns", func(t *tx) error {
		for _, f := range fields {
			if err := t.exec(`DELETE FROM lost_column WHERE repository_id = ? AND resource = ? AND field = ?`, repo, string(r), f); err != nil {
				return err
			}
		}
		err := t.exec(`UPDATE task SET `+pullAnew+`, compared = 0
WHERE repository_id = ?1 AND resource IN (SELECT ?2 UNION SELECT m.name FROM resource r JOIN component c ON c.resource_id = r.id JOIN resource m ON m.id = c.master_id WHERE r.name = ?2)`, repo, string(r))
		if err != nil {
			return err
		}
		return t.exec(`UPDATE quarantine SET next_try = 0 WHERE repository_id = ? AND outgoing = 1 AND resource = ?`, repo, string(r))
	})
}
