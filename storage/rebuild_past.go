package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// past rescues what happened since the copy was made: former versions, conflicts,
// and the rows of runs, log and receipts.
func (r *rescue) past(ctx context.Context) error {
	if err := r.db.inTx(ctx, "rescue", r.skipNumbers); err != nil {
		return err
	}
	undelivered := "undelivered"
	if _, err := r.from.ExecContext(ctx, `SELECT undelivered FROM history LIMIT 0`); err != nil {
		undelivered = "1" // of an older version, or damaged: what is not known is kept
	}
	columns := conflictColumns
	if _, err := r.from.ExecContext(ctx, `SELECT lacks FROM conflict LIMIT 0`); err != nil {
		columns = strings.Replace(columns, "lacks", "''", 1)
	}
	err := rescueRows(ctx, r, "history", func(first, last int64) (found []replaced, err error) {
		err = each(ctx, r.from, `SELECT seq, hash, payload, run, rule, person, origin, at, `+undelivered+` FROM history WHERE id BETWEEN ? AND ?`, []any{first, last}, func(rows *sql.Rows) error {
			v, err := scanReplaced(rows)
			found = append(found, v)
			return err
		})
		return found, err
	}, r.putVersions)
	if err != nil {
		return err
	}
	err = rescueRows(ctx, r, "conflict", func(first, last int64) (found []core.Conflict, err error) {
		err = each(ctx, r.from, `SELECT `+columns+` FROM conflict WHERE id BETWEEN ? AND ?`, []any{first, last}, func(rows *sql.Rows) error {
			c, err := scanConflict(rows.Scan)
			found = append(found, c)
			return err
		})
		return found, err
	}, r.putConflicts)
	for _, table := range []string{"run", "log", "delivery"} {
		if err == nil {
			err = r.journal(ctx, table)
		}
	}
	return err
}

// skipNumbers makes sure that no number of the damaged database is given out again.
func (r *rescue) skipNumbers(t *tx) error {
	var last int64
	if err := r.from.QueryRowContext(t.ctx, `SELECT seq FROM counter`).Scan(&last); err != nil {
		r.db.log.Warn("The counter of the damaged database cannot be read", "err", err)
	}
	t.seq = max(t.seq, last)
	return nil
}

// rescueRows reads all rows of a table that can be read and hands them on.
func rescueRows[T any](ctx context.Context, r *rescue, table string, read func(first, last int64) ([]T, error), use func(*tx, T) error) error {
	var most sql.NullInt64
	if err := r.from.QueryRowContext(ctx, `SELECT max(rowid) FROM `+table).Scan(&most); err != nil {
		if err := r.db.readers.QueryRowContext(ctx, `SELECT max(rowid) FROM `+table).Scan(&most); err != nil {
			return err
		}
		most.Int64 += rescueBeyond
	}
	for first := int64(1); first <= most.Int64; first += rescueStep {
		err := readable(ctx, r, first, min(first+rescueStep-1, most.Int64), read, func(found []T) error {
			return r.db.inTx(ctx, "rescue", func(t *tx) error {
				for _, row := range found {
					if err := use(t, row); err != nil {
						return err
					}
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A replaced is a row of the history.
type replaced struct {
	core.Version
	hash        []byte
	payload     []byte
	undelivered int
}

func scanReplaced(rows *sql.Rows) (v replaced, err error) {
	err = rows.Scan(&v.Seq, &v.hash, &v.payload, &v.Change.Run, &v.Change.Rule, &v.Change.By, &v.Change.Origin, &v.Change.At, &v.undelivered)
	if err == nil {
		v.Record, err = decodeRecord(v.payload)
	}
	if h := v.Record.Hash(); err == nil && string(h[:]) != string(v.hash) {
		err = errBlob
	}
	return v, err
}

// putVersions keeps a former version that is not known.
func (r *rescue) putVersions(t *tx, v replaced) error {
	link := v.Record.Link()
	if !link.Resource.Valid() || !core.ValidUUID(link.UUID) {
		return nil
	}
	tb, err := t.ensureTable(link.Resource)
	if err != nil {
		return err
	}
	at, err := t.locate(tb, link)
	if err != nil {
		return err
	}
	if at.id == 0 { // the record comes from a repository, and finds its past here
		if err := t.makeAbsent(tb, link); err != nil {
			return err
		}
		at = &t.last
	}
	if at.known() && string(at.hash[:]) == string(v.hash) {
		return nil
	}
	var id int64
	var rule string
	err = t.q().QueryRowContext(t.ctx, `SELECT id, rule FROM history WHERE resource_id = ? AND record_id = ? AND seq = ? AND hash = ?`, tb.id, at.id, v.Seq, v.hash).Scan(&id, &rule)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		r.rebuilt.Versions++
		return t.exec(`INSERT INTO history (resource_id, record_id, seq, hash, payload, run, rule, person, origin, at, undelivered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			tb.id, at.id, v.Seq, v.hash, v.payload, v.Change.Run, v.Change.Rule, v.Change.By, v.Change.Origin, int64(v.Change.At), v.undelivered)
	case err == nil && rule == ruleRescued: // the damaged database knows better what replaced it
		return t.exec(`UPDATE history SET run = ?, rule = ?, person = ?, origin = ?, at = ? WHERE id = ?`,
			v.Change.Run, v.Change.Rule, v.Change.By, v.Change.Origin, int64(v.Change.At), id)
	}
	return err
}

// putConflicts keeps a conflict that is not known, or was decided since the copy.
func (r *rescue) putConflicts(t *tx, c core.Conflict) error {
	old, err := conflictByID(t.ctx, t.q(), c.ID)
	known := err == nil
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return err
	}
	repositories, err := t.allRepositories()
	if err != nil {
		return err
	}
	here := false
	for _, id := range repositories {
		here = here || id == c.RepositoryID
	}
	if !here || known && old.Winner == c.Winner {
		return nil
	}
	if known {
		if err := t.exec(`DELETE FROM conflict WHERE id = ?`, c.ID); err != nil {
			return err
		}
	}
	id, err := t.AddConflict(t.ctx, c)
	if err != nil {
		return err
	}
	r.rebuilt.Conflicts++
	return t.exec(`UPDATE conflict SET id = ? WHERE id = ?`, c.ID, id)
}

// journal copies the rows of a table that are not known.
func (r *rescue) journal(ctx context.Context, table string) error {
	var names []string
	return rescueRows(ctx, r, table, func(first, last int64) (found [][]driver.Value, err error) {
		rows, err := r.from.QueryContext(ctx, `SELECT * FROM `+table+` WHERE rowid BETWEEN ? AND ?`, first, last)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		if names, err = rows.Columns(); err != nil {
			return nil, err
		}
		for rows.Next() {
			values, into := make([]driver.Value, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				return nil, err
			}
			found = append(found, values)
		}
		return found, rows.Err()
	}, func(t *tx, values []driver.Value) error {
		quoted := make([]string, len(names))
		for i, name := range names {
			quoted[i] = quote(name)
		}
		return t.exec(fmt.Sprintf(`INSERT OR IGNORE INTO %s (%s) VALUES (%s)`, table, join(quoted), marks(len(names))), values...)
	})
}
