package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// putDelivery writes a delivery.
var putDelivery = insertion(9, `INSERT INTO delivery (repository_id, run, at, resource, uuid, title, deleted, modified_on, hash) VALUES `, ``)

// AddDelivery stores what a repository was proved to have; see intake.Tx.
func (t *tx) AddDelivery(_ context.Context, d core.Delivery) error {
	g := t.gather(putDelivery, 0)
	r := &g.rows
	r.Int(1, d.RepositoryID)
	if run, ok := core.PackBareUUID(d.Run); ok {
		r.Blob(2, run[:])
	} else {
		r.Text(2, d.Run)
	}
	r.Int(3, int64(d.At))
	r.Text(4, string(d.Record.Resource))
	uuidParameter(r, 5, d.Record.UUID)
	r.Text(6, d.Title)
	r.Int(7, number(d.Deleted))
	r.Int(8, int64(d.ModifiedOn))
	r.Blob(9, d.Hash[:])
	return t.gathers(g)
}

// runText is the text of a run as it is stored.
func runText(v driver.Value) string {
	if b, ok := v.([]byte); ok {
		return strings.TrimPrefix(core.UnpackUUID(b), core.UUIDPrefix)
	}
	return uuidText(v)
}

// A DeliveryQuery selects deliveries; the zero value all.
type DeliveryQuery struct {
	Repository int64 // 0: all
	Run        string
	Since      core.MTime // at or after
	Until      core.MTime // before; 0: no end
}

// Deliveries hands over what repositories were proved to have, in the order it was
// proved.
func (db *DB) Deliveries(ctx context.Context, q DeliveryQuery, yield func(core.Delivery) error) error {
	return db.read(ctx, "list deliveries", func(v *view) error {
		run, _ := core.PackBareUUID(q.Run)
		return each(ctx, v.q, `SELECT id, repository_id, run, at, resource, uuid, title, deleted, modified_on, hash FROM delivery
WHERE (?1 = 0 OR repository_id = ?1) AND (?2 = '' OR run IN (?2, ?3)) AND at >= ?4 AND (?5 = 0 OR at < ?5) ORDER BY id`,
			[]any{q.Repository, q.Run, run[:], int64(q.Since), int64(q.Until)}, func(rows *sql.Rows) error {
				var d core.Delivery
				var run, uuid driver.Value
				var hash []byte
				err := rows.Scan(&d.ID, &d.RepositoryID, &run, &d.At, &d.Record.Resource, &uuid, &d.Title, &d.Deleted, &d.ModifiedOn, &hash)
				if err != nil {
					return err
				}
				d.Run, d.Record.UUID = runText(run), uuidText(uuid)
				copy(d.Hash[:], hash)
				return yield(d)
			})
	})
}
