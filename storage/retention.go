package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// The settings of the retention.
const (
	settingHistoryDays      = "history.days"
	settingHistoryMegabytes = "history.megabytes"
	settingLogDays          = "log.days"
	settingLogMegabytes     = "log.megabytes"
)

// Retention returns how long replaced versions and entries of the log are kept.
func (db *DB) Retention(ctx context.Context) (core.Retention, error) {
	r := core.DefaultRetention()
	for key, into := range map[string]*int{settingHistoryDays: &r.Days, settingHistoryMegabytes: &r.Megabytes, settingLogDays: &r.LogDays, settingLogMegabytes: &r.LogMegabytes} {
		text, err := db.Setting(ctx, key)
		if errors.Is(err, core.ErrNotFound) {
			continue
		}
		if err != nil {
			return r, err
		}
		if *into, err = strconv.Atoi(text); err != nil {
			return r, fmt.Errorf("setting %s: %w", key, err)
		}
	}
	return r, nil
}

// SetRetention stores how long they are kept, from the next clearing on; a Problem InvalidSetting for a negative number.
func (db *DB) SetRetention(ctx context.Context, r core.Retention) error {
	if min(r.Days, r.Megabytes, r.LogDays, r.LogMegabytes) < 0 {
		return core.Invalid("history", "Enter a number of days and of megabytes; 0 is no limit.")
	}
	for key, n := range map[string]int{settingHistoryDays: r.Days, settingHistoryMegabytes: r.Megabytes, settingLogDays: r.LogDays, settingLogMegabytes: r.LogMegabytes} {
		if err := db.SetSetting(ctx, key, strconv.Itoa(n)); err != nil {
			return err
		}
	}
	return nil
}

// tooOld is the moment before which something is too old; 0: nothing is. now is 0 if
// it is not known.
func tooOld(days int, now core.MTime) core.MTime {
	if days == 0 || now == 0 {
		return 0
	}
	return now.Add(-time.Duration(days) * 24 * time.Hour)
}

// clearChunk is how many versions are cleared away in one transaction.
const clearChunk = 2000

// ClearHistory clears away replaced versions beyond the retention and returns how
// many. It keeps every version that no repository ever had, every version of a
// record that a repository lacks or that waits for a person, and what a base
// speaks of. now is the time by which age is judged; 0: none is too old.
func (db *DB) ClearHistory(ctx context.Context, r core.Retention, now core.MTime) (cleared int, err error) {
	before := tooOld(r.Days, now)
	upTo, err := db.beyond(ctx, int64(r.Megabytes)<<20)
	if err != nil {
		return 0, err
	}
	for after := int64(0); ; {
		n := 0
		err := db.inTx(ctx, "clear history", func(t *tx) (err error) {
			n, after, err = t.clear(after, before, upTo)
			return err
		})
		cleared += n
		if err != nil || after == 0 {
			return cleared, err
		}
	}
}

// beyond returns the id of the youngest version that must go for all others to
// fit; 0 if none must, or size is 0.
func (db *DB) beyond(ctx context.Context, size int64) (id int64, err error) {
	if size == 0 {
		return 0, nil
	}
	err = db.read(ctx, "measure history", func(v *view) error {
		var sum int64
		if err := v.q.QueryRowContext(ctx, `SELECT ifnull(sum(length(payload)), 0) FROM history`).Scan(&sum); err != nil {
			return err
		}
		if sum <= size {
			return nil
		}
		err := v.q.QueryRowContext(ctx, `SELECT id FROM (SELECT id, sum(length(payload)) OVER (ORDER BY id) AS freed FROM history) WHERE freed >= ? LIMIT 1`, sum-size).Scan(&id)
		return notFound(err)
	})
	return id, err
}

// clear looks at the next versions and deletes those that may go. It returns the
// id to go on after, 0 at the end.
func (t *tx) clear(after int64, before core.MTime, upTo int64) (n int, next int64, err error) {
	type version struct{ id, table int64 }
	var found []version
	err = each(t.ctx, t.q(), `SELECT id, resource_id FROM history WHERE id > ? AND undelivered = 0 AND (at < ? OR id <= ?) ORDER BY id LIMIT ?`,
		[]any{after, int64(before), upTo, clearChunk}, func(rows *sql.Rows) error {
			var v version
			err := rows.Scan(&v.id, &v.table)
			found = append(found, v)
			return err
		})
	if err != nil || len(found) == 0 {
		return 0, 0, err
	}
	last := found[len(found)-1].id
	tables := make(map[int64]bool)
	for _, v := range found {
		tables[v.table] = true
	}
	backlogs, err := t.view().backlogs()
	if err != nil {
		return 0, 0, err
	}
	for id := range tables {
		k, err := t.clearTable(t.catalog.byID[id], backlogs, after, last, before, upTo)
		if err != nil {
			return n, 0, err
		}
		n += k
	}
	return n, last, nil
}

func (t *tx) clearTable(tb *table, backlogs []*backlog, after, last int64, before core.MTime, upTo int64) (int, error) {
	query := fmt.Sprintf(`DELETE FROM history WHERE id IN (SELECT h.id FROM history h JOIN %s r ON r._id = h.record_id
WHERE h.resource_id = ? AND h.id > ? AND h.id <= ? AND h.undelivered = 0 AND (h.at < ? OR h.id <= ?)
AND NOT EXISTS (SELECT 1 FROM repository p JOIN base b ON b.repository_id = p.id AND b.resource_id = h.resource_id AND b.record_id = h.record_id
  WHERE b.hash = h.hash AND b.payload IS NULL AND b.hash <> r._hash)`, tb.sql)
	args := []any{tb.id, after, last, int64(before), upTo}
	for _, b := range backlogs {
		if b.table != tb {
			continue
		}
		where, more := b.where()
		query += ` AND NOT (` + where + `)`
		args = append(args, more...)
	}
	n, runs := 0, make(map[string]bool)
	err := each(context.WithoutCancel(t.ctx), t.q(), query+`) RETURNING run`, args, func(rows *sql.Rows) error {
		var run string
		err := rows.Scan(&run)
		n, runs[run] = n+1, true
		return err
	})
	if err != nil {
		return n, err
	}
	return n, t.forgetRuns(runs)
}

// forgetRuns notes that it is not known any more what runs have made: what they changed
// would look the same without the versions before.
func (t *tx) forgetRuns(runs map[string]bool) error {
	for run := range runs {
		if err := t.exec(`DELETE FROM stretch WHERE run = ? AND run <> ''`, run); err != nil {
			return err
		}
	}
	return nil
}
