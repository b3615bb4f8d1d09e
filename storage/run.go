package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/fieldsync/fieldsync/core"
)

// StartRun notes that a run began.
func (db *DB) StartRun(ctx context.Context, r core.Run) error {
	return db.inTx(ctx, "save run", func(t *tx) error { return t.saveRun(r) })
}

// FinishRun notes how a run ended, with all that it kept for its end; see
// replicate.Store. A repository that was deleted meanwhile is passed over.
func (db *DB) FinishRun(ctx context.Context, e core.Ending) (rows []core.LogEntry, err error) {
	err = db.inTx(ctx, "save run", func(t *tx) error {
		if rows, err = t.addLog(e.Log); err != nil {
			return err
		}
		for _, p := range e.Pushes {
			if err := t.pushed(p); err != nil {
				return err
			}
		}
		for _, task := range e.Asked {
			if err := t.asked(task); err != nil {
				return err
			}
		}
		if err := t.saveRepository(e.Repository); err != nil && !errors.Is(err, core.ErrNotFound) {
			return err
		}
		return t.saveRun(e.Run)
	})
	return rows, err
}

func (t *tx) saveRun(r core.Run) error {
	counts, err := json.Marshal(r.Counts)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO run (id, repository_id, started, finished, dry_run, result, message, counts, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET finished = excluded.finished, result = excluded.result, message = excluded.message, counts = excluded.counts, seconds = excluded.seconds`,
		r.ID, r.Repository, int64(r.Started), int64(r.Finished), number(r.DryRun), string(r.Result), r.Message, string(counts), r.Seconds)
}

const runColumns = `id, repository_id, started, finished, dry_run, result, message, counts, seconds`

func scanRun(scan func(...any) error) (core.Run, error) {
	var r core.Run
	var counts string
	if err := scan(&r.ID, &r.Repository, &r.Started, &r.Finished, &r.DryRun, &r.Result, &r.Message, &counts, &r.Seconds); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(counts), &r.Counts)
}

// Runs returns the last runs, newest first; of one repository, or of all for 0.
// Limit 0 is no limit.
func (db *DB) Runs(ctx context.Context, repo int64, limit int) (out []core.Run, err error) {
	err = db.read(ctx, "list runs", func(v *view) error {
		return each(ctx, v.q, `SELECT `+runColumns+` FROM run WHERE ?1 = 0 OR repository_id = ?1 ORDER BY started DESC, rowid DESC LIMIT ?2`,
			[]any{repo, limitOf(limit)}, func(rows *sql.Rows) error {
				r, err := scanRun(rows.Scan)
				out = append(out, r)
				return err
			})
	})
	return out, err
}

// RunIDs returns the ids of runs that changed something here and begin with the
// text, at most limit. A run that a peer made by pushing has an id, too.
func (db *DB) RunIDs(ctx context.Context, begin string, limit int) (out []string, err error) {
	err = db.read(ctx, "find run", func(v *view) error {
		return each(ctx, v.q, `SELECT run FROM stretch WHERE run >= ?1 AND run < ?1 || char(0x10ffff) OR run >= 'urn:uuid:' || ?1 AND run < 'urn:uuid:' || ?1 || char(0x10ffff)
UNION SELECT run FROM history WHERE run <> '' AND run >= ?1 AND run < ?1 || char(0x10ffff)
UNION SELECT id FROM run WHERE id >= ?1 AND id < ?1 || char(0x10ffff) AND counts ->> 'created' + counts ->> 'updated' + counts ->> 'deleted' + counts ->> 'merged' > 0 LIMIT ?2`, []any{begin, limitOf(limit)}, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			out = append(out, id)
			return err
		})
	})
	return out, err
}
