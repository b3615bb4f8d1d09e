package storage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
)

// Shared returns the resources shared with everybody who may call.
func (db *DB) Shared(ctx context.Context) (out []core.Resource, err error) {
	err = db.readBriefly(ctx, "list shared resources", func(v *view) error {
		return each(brief(ctx), v.q, `SELECT resource FROM shared ORDER BY resource`, nil, func(rows *sql.Rows) error {
			var r core.Resource
			err := rows.Scan(&r)
			out = append(out, r)
			return err
		})
	})
	return out, err
}

// Share shares a resource with everybody who may call, or ends that.
func (db *DB) Share(ctx context.Context, r core.Resource, on bool) error {
	if !r.Valid() || r.Private() {
		return core.Invalid("resource", "%q cannot be shared.", r)
	}
	return db.inTx(ctx, "share resource", func(t *tx) error {
		if on {
			return t.exec(`INSERT OR IGNORE INTO shared (resource) VALUES (?)`, string(r))
		}
		return t.exec(`DELETE FROM shared WHERE resource = ?`, string(r))
	})
}

// Served notes the last pull by which the peer was given everything of the resource.
func (db *DB) Served(ctx context.Context, repo int64, resource core.Resource, s responder.Serving) error {
	return db.inTx(ctx, "note what was served", func(t *tx) error {
		return t.exec(`INSERT INTO served (repository_id, resource, seq, began) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET seq = ?3, began = ?4`,
			repo, string(resource), s.Seq, int64(s.Began))
	})
}

// LastServed returns it, the zero Serving if there is none.
func (db *DB) LastServed(ctx context.Context, repo int64, resource core.Resource) (s responder.Serving, err error) {
	err = db.readers.QueryRowContext(ctx, `SELECT ifnull(max(seq), 0), ifnull(max(began), 0) FROM served WHERE repository_id = ? AND resource = ?`,
		repo, string(resource)).Scan(&s.Seq, (*int64)(&s.Began))
	return s, problem("read what was served", err)
}

// Asked notes an Eden's last pull of the resource.
func (db *DB) Asked(ctx context.Context, repo int64, resource core.Resource, a responder.Asking) error {
	return db.inTx(ctx, "note what was asked for", func(t *tx) error {
		return t.exec(`INSERT INTO served (repository_id, resource, seq, asked, sent) VALUES (?1, ?2, 0, ?3, ?4) ON CONFLICT DO UPDATE SET asked = ?3, sent = ?4`,
			repo, string(resource), int64(a.Since), a.Sent)
	})
}

// LastAsked returns an Eden's last pull of the resource, nil if there is none.
func (db *DB) LastAsked(ctx context.Context, repo int64, resource core.Resource) (*responder.Asking, error) {
	var a responder.Asking
	err := db.readers.QueryRowContext(ctx, `SELECT asked, sent FROM served WHERE repository_id = ? AND resource = ? AND asked IS NOT NULL`,
		repo, string(resource)).Scan((*int64)(&a.Since), &a.Sent)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &a, problem("read what was asked for", err)
}
