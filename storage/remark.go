package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// Remarks returns what a run has to say of single records; see replicate.Store.
// Of each kind of remark there are at most limit.
func (db *DB) Remarks(ctx context.Context, run string, limit int) (out []core.Remark, err error) {
	err = db.readBriefly(ctx, "list remarks", func(v *view) error {
		for _, query := range []string{
			`SELECT resource, uuid, ?3, '', reason, details FROM quarantine WHERE run = ?1 AND outgoing = 0 AND reason <> ?6 ORDER BY id LIMIT ?2`,
			`SELECT resource, uuid, ?4, '', reason, details FROM quarantine WHERE run = ?1 AND outgoing = 1 ORDER BY id LIMIT ?2`,
			`SELECT resource, uuid, ?5, winner, decision, '' FROM conflict WHERE run = ?1 ORDER BY id LIMIT ?2`,
		} {
			args := []any{run, limitOf(limit), int(core.RemarkAside), int(core.RemarkRefused), int(core.RemarkConflict), core.HeldDeletion}
			err := each(ctx, v.q, query, args, func(rows *sql.Rows) error {
				var r core.Remark
				err := rows.Scan(&r.Record.Resource, &r.Record.UUID, &r.Kind, &r.Winner, &r.Reason, &r.Cause)
				out = append(out, r)
				return err
			})
			if err != nil {
				return err
			}
		}
		for i := range out {
			rec, err := v.record(out[i].Record)
			if err != nil && !errors.Is(err, core.ErrNotFound) {
				return err
			}
			out[i].Title = rec.Title()
		}
		return nil
	})
	return out, err
}
