package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// AddLog stores a row of the synchronisation log and returns it with its id and,
// if it had none, its time.
func (db *DB) AddLog(ctx context.Context, e core.LogEntry) (core.LogEntry, error) {
	rows, err := db.AddLogs(ctx, []core.LogEntry{e})
	if err != nil {
		return e, err
	}
	return rows[0], nil
}

// AddLogs is AddLog for several rows in one transaction.
func (db *DB) AddLogs(ctx context.Context, rows []core.LogEntry) (stored []core.LogEntry, err error) {
	err = db.inTx(ctx, "write log", func(t *tx) error {
		stored, err = t.addLog(rows)
		return err
	})
	return stored, err
}

func (t *tx) addLog(rows []core.LogEntry) ([]core.LogEntry, error) {
	stored := slices.Clone(rows)
	for i := range stored {
		e := &stored[i]
		if e.Time == 0 {
			e.Time = t.now
		}
		counts, err := countsText(e.Counts)
		if err != nil {
			return nil, err
		}
		err = t.q().QueryRowContext(context.WithoutCancel(t.ctx), `INSERT INTO log (time, run, repository_id, repository, resource, uuid, title, mode, direction, action, result, remote, message, details, counts)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, int64(e.Time), e.Run, e.RepositoryID, e.Repository, e.Resource, e.UUID, e.Title, e.Mode, e.Direction, e.Action,
			string(e.Result), e.Remote, e.Message, e.Details, counts).Scan(&e.ID)
		if err != nil {
			return nil, err
		}
	}
	return stored, nil
}

// countsText is how counts are stored, "" for none.
func countsText(c *core.Counts) (string, error) {
	if c == nil {
		return "", nil
	}
	text, err := json.Marshal(c)
	return string(text), err
}

func countsOf(text string) (c *core.Counts, err error) {
	if text != "" {
		err = json.Unmarshal([]byte(text), &c)
	}
	return c, err
}

// A LogQuery selects rows of the log; the zero value all.
type LogQuery struct {
	Repository int64 // 0: all
	Run        string
	Resource   core.Resource
	Result     core.Result
	Since      core.MTime // at or after it; 0: whenever
	Until      core.MTime // before it; 0: whenever
	Search     string     // in message, details, resource, repository and the record's name
	Before     int64      // only ids below it: the id of the last row of the page before
	Limit      int        // 0: all
}

// Log returns rows of the log, newest first.
func (db *DB) Log(ctx context.Context, q LogQuery) (out []core.LogEntry, err error) {
	like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q.Search) + "%"
	err = db.read(ctx, "list log", func(v *view) error {
		return each(ctx, v.q, `SELECT id, time, run, repository_id, repository, resource, uuid, title, mode, direction, action, result, remote, message, details, counts FROM log
WHERE (?1 = 0 OR repository_id = ?1) AND (?2 = '' OR run = ?2) AND (?3 = '' OR resource = ?3) AND (?4 = '' OR result = ?4) AND (?5 = 0 OR time >= ?5)
AND (?6 = '%%' OR message LIKE ?6 ESCAPE '\' OR details LIKE ?6 ESCAPE '\' OR resource LIKE ?6 ESCAPE '\' OR repository LIKE ?6 ESCAPE '\' OR title LIKE ?6 ESCAPE '\')
AND (?7 = 0 OR id < ?7) AND (?9 = 0 OR time < ?9) ORDER BY id DESC LIMIT ?8`,
			[]any{q.Repository, q.Run, string(q.Resource), string(q.Result), int64(q.Since), like, q.Before, limitOf(q.Limit), int64(q.Until)}, func(rows *sql.Rows) error {
				var e core.LogEntry
				var counts string
				err := rows.Scan(&e.ID, &e.Time, &e.Run, &e.RepositoryID, &e.Repository, &e.Resource, &e.UUID, &e.Title, &e.Mode, &e.Direction, &e.Action, &e.Result, &e.Remote, &e.Message, &e.Details, &counts)
				if err == nil {
					e.Counts, err = countsOf(counts)
				}
				out = append(out, e)
				return err
			})
	})
	return out, err
}

// LogResources returns the resources that the log has entries of.
func (db *DB) LogResources(ctx context.Context) (out []core.Resource, err error) {
	err = db.read(ctx, "list log's resources", func(v *view) error {
		return each(ctx, v.q, `SELECT DISTINCT resource FROM log ORDER BY resource`, nil, func(rows *sql.Rows) error {
			var r core.Resource
			err := rows.Scan(&r)
			if r.Valid() && r != "none" {
				out = append(out, r)
			}
			return err
		})
	})
	return out, err
}
