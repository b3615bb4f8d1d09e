package storage

import (
	"context"
	"database/sql"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

// ResolveConflicts decides all open conflicts that q selects by one rule, each as
// ResolveConflict does, in one transaction, and returns how many. q.OpenOnly and
// the page are not looked at.
func (db *DB) ResolveConflicts(ctx context.Context, q ConflictQuery, rule core.ConflictRule, by string) (n int, err error) {
	if _, err := core.ParseConflictRule(string(rule)); err != nil {
		return 0, core.Invalid("winner", "Choose ours, theirs or newer.")
	}
	err = db.inTx(ctx, "resolve conflicts", func(t *tx) error {
		open, err := t.waiting(`(?1 = 0 OR repository_id = ?1) AND (?2 = '' OR resource = ?2) AND (?3 = '' OR uuid = ?3)`, q.Repository, q.Record.Resource, q.Record.UUID)
		if err != nil {
			return err
		}
		for i := range open {
			offset, err := t.clockOffset(open[i].RepositoryID)
			if err != nil {
				return err
			}
			if err := t.resolve(&open[i], rule.Winner(&open[i], offset), nil, by); err != nil {
				return err
			}
		}
		n = len(open)
		return nil
	})
	return n, err
}

// waiting returns the conflicts that wait for somebody and meet the condition, oldest first,
// with our version as it is by now.
func (t *tx) waiting(condition string, args ...any) (open []core.Conflict, err error) {
	err = each(t.ctx, t.q(), `SELECT `+conflictColumns+` FROM conflict WHERE winner = '' AND `+condition+` ORDER BY id`, args, func(rows *sql.Rows) error {
		c, err := scanConflict(rows.Scan)
		open = append(open, c)
		return err
	})
	for i := 0; i < len(open) && err == nil; i++ {
		err = t.view().renew(&open[i])
	}
	return open, err
}

func (t *tx) clockOffset(repo int64) (time.Duration, error) {
	var seconds int64
	err := t.q().QueryRowContext(t.ctx, `SELECT ifnull((SELECT clock_offset FROM repository WHERE id = ?), 0)`, repo).Scan(&seconds)
	return time.Duration(seconds) * time.Second, err
}
