package storage

import (
	"context"
	"database/sql"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// ClearLog clears away entries of the log beyond the retention and returns how many.
// It keeps the entries of every run of which a replaced version is kept, by which a
// person finds what the run did and takes it back, and the last one of each
// repository. now is the time by which age is judged; 0: none is too old.
func (db *DB) ClearLog(ctx context.Context, r core.Retention, now core.MTime) (cleared int, err error) {
	before := tooOld(r.LogDays, now)
	upTo, err := db.logBeyond(ctx, int64(r.LogMegabytes)<<20)
	if err != nil || before == 0 && upTo == 0 {
		return 0, err
	}
	last, err := db.lastEntries(ctx)
	if err != nil {
		return 0, err
	}
	for after := int64(0); ; {
		n := 0
		err := db.inTx(ctx, "clear log", func(t *tx) (err error) {
			n, after, err = t.clearLog(after, before, upTo, last)
			return err
		})
		cleared += n
		if err != nil || after == 0 {
			return cleared, err
		}
	}
}

// lastEntries are the ids of the last entry of each repository.
func (db *DB) lastEntries(ctx context.Context) (ids []any, err error) {
	err = db.read(ctx, "read log", func(v *view) error {
		return each(ctx, v.q, `SELECT max(id) FROM log GROUP BY repository_id`, nil, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	return ids, err
}

// entrySize is about what an entry of the log takes, in bytes.
const entrySize = `200 + length(repository) + length(message) + length(details) + length(title) + length(counts)`

// logBeyond returns the id of the youngest entry that must go for all others to
// fit; 0 if none must, or size is 0.
func (db *DB) logBeyond(ctx context.Context, size int64) (id int64, err error) {
	if size == 0 {
		return 0, nil
	}
	err = db.read(ctx, "measure log", func(v *view) error {
		var sum int64
		if err := v.q.QueryRowContext(ctx, `SELECT ifnull(sum(`+entrySize+`), 0) FROM log`).Scan(&sum); err != nil || sum <= size {
			return err
		}
		return v.q.QueryRowContext(ctx, `SELECT id FROM (SELECT id, sum(`+entrySize+`) OVER (ORDER BY id) AS freed FROM log) WHERE freed >= ? LIMIT 1`, sum-size).Scan(&id)
	})
	return id, err
}

// clearLog looks at the next entries and deletes those that may go, but not those of
// the ids to keep. It returns the id to go on after, 0 at the end.
func (t *tx) clearLog(after int64, before core.MTime, upTo int64, keep []any) (n int, last int64, err error) {
	err = t.q().QueryRowContext(t.ctx, `SELECT ifnull(max(id), 0) FROM (SELECT id FROM log WHERE id > ? AND (time < ? OR id <= ?) ORDER BY id LIMIT ?)`,
		after, int64(before), upTo, clearChunk).Scan(&last)
	if err != nil || last == 0 {
		return 0, 0, err
	}
	res, err := t.w.conn.ExecContext(context.WithoutCancel(t.ctx), `DELETE FROM log WHERE id > ? AND id <= ? AND (time < ? OR id <= ?)
AND NOT EXISTS (SELECT 1 FROM history WHERE history.run = log.run AND history.run <> '') AND id NOT IN (?`+strings.Repeat(", ?", len(keep))+`)`,
		append([]any{after, last, int64(before), upTo, 0}, keep...)...)
	if err != nil {
		return 0, 0, err
	}
	deleted, err := res.RowsAffected()
	return int(deleted), last, err
}
