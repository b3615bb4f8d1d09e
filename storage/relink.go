package storage

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// What stands as the decision of conflicts with a repository that is another one now,
// went back in time, or was removed.
const (
	decidedByRelink   = "new link"
	decidedByWentBack = "went back in time"
	decidedByRemoval  = "repository removed"
)

// Relink makes the repository a new link: another node answers at its address
// now, and that is right. What the former one had is forgotten, so that the next
// run compares everything first; every record here stays, and what the new one
// lacks is unsent. Conflicts that wait are kept in the list as decided for our
// version and may be decided again. A Problem AlreadyRunning during a run.
func (db *DB) Relink(ctx context.Context, repo int64) error {
	return db.inTxBetweenRuns(ctx, repo, "relink repository", func(t *tx) error {
		if err := t.forgetRepository(repo); err != nil {
			return err
		}
		if err := t.decideForOurs(repo, decidedByRelink); err != nil {
			return err
		}
		return t.one(`UPDATE repository SET uuid = '', registered = 0 WHERE id = ?`, repo)
	})
}

// decideForOurs decides the conflicts with a repository that wait for our version, as it is by
// now: that is what a later decision for it brings back. The repository may not have what
// they are about any more: what it has, the next run finds out, and asks again.
func (t *tx) decideForOurs(repo int64, decision string) error {
	open, err := t.waiting(`repository_id = ?`, repo)
	if err != nil {
		return err
	}
	for i := range open {
		c := &open[i]
		err := t.exec(`UPDATE conflict SET ours = ?, decision = ?, winner = ?, resolved = ? WHERE id = ?`,
			appendRecord(nil, &c.Ours), decision, WinnerOurs, int64(t.now), c.ID)
		if err != nil {
			return err
		}
	}
	delete(t.conflicts, repo)
	return nil
}

// SendBack is for a repository that went back in time: what it had is forgotten,
// so that the next run compares everything by content. A version of it that was
// ours once is answered with ours; what it lacks is sent; what is new there is
// taken. Conflicts that wait are decided as by Relink. A Problem AlreadyRunning during a run.
func (db *DB) SendBack(ctx context.Context, repo int64) error {
	return db.inTxBetweenRuns(ctx, repo, "send back", func(t *tx) error {
		if err := t.decideForOurs(repo, decidedByWentBack); err != nil {
			return err
		}
		return t.forgetRepository(repo)
	})
}

// TakeOlder is for a repository that went back in time, and rightly so: the next
// run makes its older versions ours, whatever the policy. Those that are replaced
// go to the history. Conflicts that wait are decided as by Relink. A Problem AlreadyRunning
// during a run.
func (db *DB) TakeOlder(ctx context.Context, repo int64) error {
	return db.inTxBetweenRuns(ctx, repo, "take older", func(t *tx) error {
		if err := t.decideForOurs(repo, decidedByWentBack); err != nil {
			return err
		}
		if err := t.forgetWaiting(repo); err != nil {
			return err
		}
		if err := t.forgetProgress(repo); err != nil {
			return err
		}
		return t.one(`UPDATE repository SET stopped = '', adopt = 1, take_older = 1 WHERE id = ?`, repo)
	})
}

// inTxBetweenRuns is inTx for what no run must be under way for: its end would store markers
// that speak for what was forgotten meanwhile.
func (db *DB) inTxBetweenRuns(ctx context.Context, repo int64, op string, fn func(*tx) error) error {
	return db.betweenRuns(ctx, repo, func() error { return db.inTx(ctx, op, fn) })
}

// forgetWaiting lets everything that was set aside be tried again.
func (t *tx) forgetWaiting(repo int64) error {
	// The next pull brings what was received again.
	if err := t.exec(`DELETE FROM quarantine WHERE repository_id = ? AND outgoing = 0`, repo); err != nil {
		return err
	}
	return t.exec(`UPDATE quarantine SET next_try = 0 WHERE repository_id = ?`, repo)
}

// forgetRepository forgets what a repository has and had. No version is lost:
// what was replaced here is in the history.
func (t *tx) forgetRepository(repo int64) error {
	for _, query := range []string{
		`DELETE FROM base WHERE repository_id = ?`,
		`DELETE FROM uncertain WHERE repository_id = ?`,
		`DELETE FROM sending WHERE repository_id = ?`,
		`DELETE FROM served WHERE repository_id = ?`,
	} {
		if err := t.exec(query, repo); err != nil {
			return err
		}
	}
	if err := t.forgetWaiting(repo); err != nil {
		return err
	}
	if err := t.forgetProgress(repo); err != nil {
		return err
	}
	return t.one(`UPDATE repository SET stopped = '', adopt = 1, take_older = 0 WHERE id = ?`, repo)
}

// Agreed counts the records of which a version is known that the repository had.
func (db *DB) Agreed(ctx context.Context, repo int64) (n int, err error) {
	err = db.readers.QueryRowContext(ctx, `SELECT count(*) FROM base WHERE repository_id = ?`, repo).Scan(&n)
	return n, problem("count records", err)
}

// Newest returns the masters of a task's resource that are the same here and at
// the repository, those with the greatest stamps first, between two stamps, and
// what came from there not after the task's LastPull; see replicate.Store.
func (db *DB) Newest(ctx context.Context, task core.Task, from, to core.MTime, limit int) (out []core.InventoryLine, err error) {
	err = db.read(ctx, "list newest", func(v *view) error {
		out, err = v.agreed(task, `r._modified_on BETWEEN ? AND ? AND (r._origin = 0 OR b.modified_on <= ?) ORDER BY r._modified_on DESC`,
			[]any{int64(from), int64(to), int64(task.LastPull)}, limit)
		return err
	})
	return out, err
}

// AliveThere returns records that are alive here and at the repository; see
// replicate.Store.
func (db *DB) AliveThere(ctx context.Context, repo int64, resource core.Resource, limit int) (out []core.Link, err error) {
	err = db.read(ctx, "list what is there", func(v *view) error {
		tb := v.catalog.tables[resource]
		if tb == nil {
			return nil
		}
		query := fmt.Sprintf(`SELECT r._uuid FROM %s r CROSS JOIN base b ON b.repository_id = ? AND b.resource_id = %d AND b.record_id = r._id
WHERE r._deleted = 0 AND b.deleted = 0 ORDER BY r._seq DESC LIMIT ?`, tb.sql, tb.id)
		return each(ctx, v.q, query, []any{repo, limit}, func(rows *sql.Rows) error {
			var uuid any
			err := rows.Scan(&uuid)
			out = append(out, core.Link{Resource: resource, UUID: uuidText(uuid)})
			return err
		})
	})
	return out, err
}

// Greatest returns the greatest stamp, between two, of a record of a task's resource
// that is the same here and at the repository; see replicate.Store.
func (db *DB) Greatest(ctx context.Context, task core.Task, from, to core.MTime) (stamp core.MTime, err error) {
	err = db.readBriefly(ctx, "find greatest stamp", func(v *view) error {
		tb := v.catalog.tables[task.Resource]
		if tb == nil {
			return nil
		}
		query := fmt.Sprintf(`SELECT r._modified_on FROM %s r CROSS JOIN base b ON b.repository_id = ? AND b.resource_id = %d AND b.record_id = r._id
WHERE r._modified_on > ? AND r._modified_on <= ? AND b.seq >= r._seq AND b.modified_on = r._modified_on ORDER BY r._modified_on DESC LIMIT 1`, tb.sql, tb.id)
		return each(brief(ctx), v.q, query, []any{task.RepositoryID, int64(from), int64(to)}, func(rows *sql.Rows) error { return rows.Scan(&stamp) })
	})
	return stamp, err
}

// First returns those that came here first; see replicate.Store.
func (db *DB) First(ctx context.Context, task core.Task, limit int) (out []core.InventoryLine, err error) {
	err = db.read(ctx, "list first", func(v *view) error {
		out, err = v.agreed(task, `1 ORDER BY r._id`, nil, limit)
		return err
	})
	return out, err
}

func (v *view) agreed(task core.Task, rest string, args []any, limit int) (out []core.InventoryLine, err error) {
	tb := v.catalog.tables[task.Resource]
	if tb == nil {
		return nil, nil
	}
	query := fmt.Sprintf(`SELECT r._uuid, b.modified_on, b.deleted FROM %s r CROSS JOIN base b ON b.repository_id = ? AND b.resource_id = %d AND b.record_id = r._id
WHERE b.seq >= r._seq AND b.hash = r._hash AND r._deleted <> 2 AND r._master IS NULL AND %s LIMIT ?`, tb.sql, tb.id, rest)
	args = append(append([]any{task.RepositoryID}, args...), limit)
	err = each(v.ctx, v.q, query, args, func(rows *sql.Rows) error {
		var uuid any
		line := core.InventoryLine{Link: core.Link{Resource: task.Resource}}
		err := rows.Scan(&uuid, &line.ModifiedOn, &line.Deleted)
		line.UUID = uuidText(uuid)
		out = append(out, line)
		return err
	})
	return out, err
}
