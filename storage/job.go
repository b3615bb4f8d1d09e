package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// Jobs returns the schedule of a repository, or of all for 0, in the order the
// jobs were added.
func (db *DB) Jobs(ctx context.Context, repo int64) (out []core.Job, err error) {
	err = db.read(ctx, "list jobs", func(v *view) error {
		return each(ctx, v.q, `SELECT id, repository_id, enabled, start, finish, every, cron, repeats, timeout, last_run, runs FROM job WHERE ?1 = 0 OR repository_id = ?1 ORDER BY id`,
			[]any{repo}, func(rows *sql.Rows) error {
				var j core.Job
				var every, timeout int64
				err := rows.Scan(&j.ID, &j.RepositoryID, &j.Enabled, &j.Start, &j.End, &every, &j.Cron, &j.Repeats, &timeout, &j.LastRun, &j.Runs)
				j.Every, j.Timeout = time.Duration(every)*time.Second, time.Duration(timeout)*time.Second
				out = append(out, j)
				return err
			})
	})
	return out, err
}

// SaveJob stores a job, a new one if its ID is 0, and returns it with its id;
// core.ErrNotFound if there is none with its ID.
func (db *DB) SaveJob(ctx context.Context, j core.Job) (core.Job, error) {
	args := []any{j.RepositoryID, j.Enabled, int64(j.Start), int64(j.End), int64(j.Every / time.Second), j.Cron, j.Repeats, int64(j.Timeout / time.Second), int64(j.LastRun), j.Runs}
	query := `INSERT INTO job (repository_id, enabled, start, finish, every, cron, repeats, timeout, last_run, runs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	if j.ID != 0 {
		query = `UPDATE job SET repository_id = ?, enabled = ?, start = ?, finish = ?, every = ?, cron = ?, repeats = ?, timeout = ?, last_run = ?, runs = ? WHERE id = ? RETURNING id`
		args = append(args, j.ID)
	}
	err := db.inTx(ctx, "store job", func(t *tx) error {
		return notFound(t.q().QueryRowContext(context.WithoutCancel(ctx), query, args...).Scan(&j.ID))
	})
	return j, err
}

// DeleteJob removes a job; core.ErrNotFound.
func (db *DB) DeleteJob(ctx context.Context, id int64) error {
	return db.inTx(ctx, "delete job", func(t *tx) error { return t.one(`DELETE FROM job WHERE id = ?`, id) })
}
