package storage

import (
	"context"
	"database/sql"

	"github.com/fieldsync/fieldsync/core"
)

// putDelivery writes a delivery.
var putDelivery = insertion(9, `INSERT INTO delivery (repository_id, run, at, resource, uuid, title, deleted, modified_on, hash) VALUES `, ``)

// AddDelivery stores what a repository was proved to have; see intake.Tx.
func (t *tx) AddDelivery(_ context.Context, d core.Delivery) error {
	g := t.gather(putDelivery, 0)
	r := &g.rows
	r.Int(1, d.RepositoryID)
	r.Text(2, d.Run)
	r.Int(3, int64(d.At))
	r.Text(4, string(d.Record.Resource))
	r.Text(5, d.Record.UUID)
	r.Text(6, d.Title)
	r.Int(7, number(d.Deleted))
	r.Int(8, int64(d.ModifiedOn))
	r.Blob(9, d.Hash[:])
	return t.gathers(g)
}

// A DeliveryQuery selects deliveries; the zero value all.
type DeliveryQuery struct {
	Repository int64 // 0: all
	Run        string
	Record     core.Link
	Since      core.MTime // at or after
	Until      core.MTime // before; 0: no end
}

// Deliveries hands over what repositories were proved to have, in the order it was
// proved.
func (db *DB) Deliveries(ctx context.Context, q DeliveryQuery, yield func(core.Delivery) error) error {
	return db.read(ctx, "list deliveries", func(v *view) error {
		return each(ctx, v.q, `SELECT id, repository_id, run, at, resource, uuid, title, deleted, modified_on, hash FROM delivery
WHERE (?1 = 0 OR repository_id = ?1) AND (?2 = '' OR run = ?2) AND at >= ?3 AND (?4 = 0 OR at < ?4) AND (?5 = '' OR resource = ?5 AND uuid = ?6) ORDER BY at, id`,
			[]any{q.Repository, q.Run, int64(q.Since), int64(q.Until), q.Record.Resource, q.Record.UUID}, func(rows *sql.Rows) error {
				var d core.Delivery
				var hash []byte
				err := rows.Scan(&d.ID, &d.RepositoryID, &d.Run, &d.At, &d.Record.Resource, &d.Record.UUID, &d.Title, &d.Deleted, &d.ModifiedOn, &hash)
				if err != nil {
					return err
				}
				copy(d.Hash[:], hash)
				return yield(d)
			})
	})
}
