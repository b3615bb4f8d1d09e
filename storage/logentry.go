package storage

import (
	"context"
	"database/sql"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// AddLog stores a row of the synchronisation log and returns it with its id and,
// if it had none, its time.
func (db *DB) AddLog(ctx context.Context, e core.LogEntry) (core.LogEntry, error) {
	err := db.inTx(ctx, "write log", func(t *tx) error {
		if e.Time == 0 {
			e.Time = t.now
		}
		return t.q().QueryRowContext(context.WithoutCancel(ctx), `INSERT INTO log (time, run, repository_id, repository, resource, mode, direction, action, result, remote, message, details)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, int64(e.Time), e.Run, e.RepositoryID, e.Repository, e.Resource, e.Mode, e.Direction, e.Action,
			string(e.Result), e.Remote, e.Message, e.Details).Scan(&e.ID)
	})
	return e, err
}

// A LogQuery selects rows of the log; the zero value all.
type LogQuery struct {
	Repository int64 // 0: all
	Run        string
	Resource   core.Resource
	Result     core.Result
	Since      core.MTime
	Search     string // in message, details, resource and repository
	Before     int64  // only ids below it: the id of the last row of the page before
	Limit      int    // 0: all
}

// Log returns rows of the log, newest first.
func (db *DB) Log(ctx context.Context, q LogQuery) (out []core.LogEntry, err error) {
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q.Search) + "%"
	err = db.read(ctx, "list log", func(v *view) error {
		return each(ctx, v.q, `SELECT id, time, run, repository_id, repository, resource, mode, direction, action, result, remote, message, details FROM log
WHERE (?1 = 0 OR repository_id = ?1) AND (?2 = '' OR run = ?2) AND (?3 = '' OR resource = ?3) AND (?4 = '' OR result = ?4) AND (?5 = 0 OR time >= ?5)
AND (?6 = '%%' OR message LIKE ?6 ESCAPE '\' OR details LIKE ?6 ESCAPE '\' OR resource LIKE ?6 ESCAPE '\' OR repository LIKE ?6 ESCAPE '\')
AND (?7 = 0 OR id < ?7) ORDER BY id DESC LIMIT ?8`,
			[]any{q.Repository, q.Run, string(q.Resource), string(q.Result), int64(q.Since), like, q.Before, limitOf(q.Limit)}, func(rows *sql.Rows) error {
				var e core.LogEntry
				err := rows.Scan(&e.ID, &e.Time, &e.Run, &e.RepositoryID, &e.Repository, &e.Resource, &e.Mode, &e.Direction, &e.Action, &e.Result, &e.Remote, &e.Message, &e.Details)
				out = append(out, e)
				return err
			})
	})
	return out, err
}
