package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

const historyColumns = `id, seq, payload, run, rule, person, origin, at`

func scanVersion(rows *sql.Rows) (core.Version, error) {
	var v core.Version
	var blob []byte
	err := rows.Scan(&v.ID, &v.Seq, &blob, &v.Change.Run, &v.Change.Rule, &v.Change.By, &v.Change.Origin, &v.Change.At)
	if err == nil {
		v.Record, err = decodeRecord(blob)
	}
	return v, err
}

// History returns the versions of a record that were replaced, the last one
// first.
func (db *DB) History(ctx context.Context, l core.Link) (out []core.Version, err error) {
	err = db.read(ctx, "read history", func(v *view) error {
		out, err = v.history(l)
		return err
	})
	return out, err
}

func (v *view) history(l core.Link) ([]core.Version, error) {
	r, err := v.find(l)
	if err != nil {
		return nil, err
	}
	return v.versions(`WHERE resource_id = ? AND record_id = ? ORDER BY id DESC`, v.catalog.tables[l.Resource].id, r.id)
}

// RunHistory returns all versions that a run replaced, in the order it did.
func (db *DB) RunHistory(ctx context.Context, run string) (out []core.Version, err error) {
	err = db.read(ctx, "read history", func(v *view) error {
		out, err = v.versions(`WHERE run = ? AND run <> '' ORDER BY id`, run)
		return err
	})
	return out, err
}

func (v *view) versions(rest string, args ...any) (out []core.Version, err error) {
	err = each(v.ctx, v.q, `SELECT `+historyColumns+` FROM history `+rest, args, func(rows *sql.Rows) error {
		version, err := scanVersion(rows)
		out = append(out, version)
		return err
	})
	return out, err
}

// RestoreVersion makes the content of a former version, by its id in the history,
// the present one: a change like any other, which is sent. It returns the version
// that now stands; changed is false if the content was the same. core.ErrNotFound.
func (db *DB) RestoreVersion(ctx context.Context, id int64, by string, offset time.Duration) (rec core.Record, changed bool, err error) {
	err = db.inTx(ctx, "restore version", func(t *tx) error {
		found, err := t.view().versions(`WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return core.ErrNotFound
		}
		rec, changed, err = t.restore(&found[0].Record, by, offset)
		return err
	})
	return rec, changed, err
}

func (t *tx) restore(version *core.Record, by string, offset time.Duration) (core.Record, bool, error) {
	present, err := t.Record(t.ctx, version.Link())
	if err != nil {
		return present, false, err
	}
	if core.SameContent(&present, version) {
		return present, false, nil
	}
	rec := asEdit(present, version)
	e := edit{tx: t, EditRequest: EditRequest{By: by, Offset: offset}, rule: "restore"}
	return rec, true, e.put(&rec)
}
