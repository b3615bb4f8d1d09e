package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

const taskColumns = `id, repository_id, resource, mode, strategy, update_policy, conflict_policy, merge, filters, last_pull,
check_since, check_start, check_uuid, check_greatest, check_began, last_push, compared, closed, asked`

func scanTask(scan func(...any) error) (core.Task, error) {
	var t core.Task
	var filters string
	err := scan(&t.ID, &t.RepositoryID, &t.Resource, &t.Mode, &t.Strategy, &t.Update, &t.Conflict, &t.Merge, &filters, &t.LastPull,
		&t.Checkpoint.Since, &t.Checkpoint.Start, &t.Checkpoint.LastUUID, &t.Checkpoint.Greatest, &t.Checkpoint.Began, &t.LastPush, &t.Compared, &t.Closed, &t.Asked)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal([]byte(filters), &t.Filters); err != nil {
		return t, fmt.Errorf("filters of task %d: %w", t.ID, err)
	}
	return t, nil
}

// Tasks returns the repository's tasks in the order they were added.
func (db *DB) Tasks(ctx context.Context, repo int64) (out []core.Task, err error) {
	err = db.readBriefly(ctx, "list tasks", func(v *view) error {
		out, err = v.tasks(repo)
		return err
	})
	return out, err
}

func (v *view) tasks(repo int64) (out []core.Task, err error) {
	err = each(brief(v.ctx), v.q, `SELECT `+taskColumns+` FROM task WHERE repository_id = ? ORDER BY id`, []any{repo}, func(rows *sql.Rows) error {
		t, err := scanTask(rows.Scan)
		out = append(out, t)
		return err
	})
	return out, err
}

// AddTask stores a new task and returns it with its id. A Problem InvalidSetting
// names what is wrong.
func (db *DB) AddTask(ctx context.Context, task core.Task) (core.Task, error) {
	if err := task.Validate(); err != nil {
		return task, err
	}
	filters, err := json.Marshal(task.Filters)
	if err != nil {
		return task, err
	}
	err = db.inTx(ctx, "add task", func(t *tx) error {
		var taken int
		if err := t.q().QueryRowContext(ctx, `SELECT count(*) FROM task WHERE repository_id = ? AND resource = ?`, task.RepositoryID, task.Resource).Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return core.Invalid("resource", "%s is already one of this repository's resources.", task.Resource)
		}
		if err := t.retryAll(task.RepositoryID); err != nil { // what others point to may come now
			return err
		}
		return t.q().QueryRowContext(ctx, `INSERT INTO task (repository_id, resource, mode, strategy, update_policy, conflict_policy, merge, filters) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			task.RepositoryID, task.Resource, int64(task.Mode), int64(task.Strategy), string(task.Update), string(task.Conflict), number(task.Merge), string(filters)).Scan(&task.ID)
	})
	return task, err
}

// UpdateTask stores an administrator's changes of mode, strategy, policies,
// merge and filters. Other filters or another mode make the next push look at
// every record again, and other filters make the next pull read everything: what
// was outside the filter before may lie inside now (spec eden-sync-protocol W11).
func (db *DB) UpdateTask(ctx context.Context, task core.Task) error {
	if err := task.Validate(); err != nil {
		return err
	}
	filters, err := json.Marshal(task.Filters)
	if err != nil {
		return err
	}
	return db.inTx(ctx, "update task", func(t *tx) error {
		old, err := scanTask(t.q().QueryRowContext(ctx, `SELECT `+taskColumns+` FROM task WHERE id = ?`, task.ID).Scan)
		if err != nil {
			return notFound(err)
		}
		otherFilters := !slices.Equal(old.Filters, task.Filters)
		if otherFilters {
			err = t.exec(`UPDATE task SET `+pullAnew+`, compared = 0 WHERE id = ?`, task.ID)
		}
		if err == nil && (otherFilters || old.Mode != task.Mode) {
			err = t.exec(`UPDATE task SET push_seq = 0 WHERE id = ?`, task.ID)
		}
		if err == nil {
			err = t.retryAll(old.RepositoryID) // other settings may let it through
		}
		if err != nil {
			return err
		}
		return t.one(`UPDATE task SET mode = ?, strategy = ?, update_policy = ?, conflict_policy = ?, merge = ?, filters = ? WHERE id = ?`,
			int64(task.Mode), int64(task.Strategy), string(task.Update), string(task.Conflict), task.Merge, string(filters), task.ID)
	})
}

// DeleteTask removes a task; records and bases stay. core.ErrNotFound.
func (db *DB) DeleteTask(ctx context.Context, id int64) error {
	return db.inTx(ctx, "delete task", func(t *tx) error { return t.one(`DELETE FROM task WHERE id = ?`, id) })
}

// pullAnew is what makes a task read everything with its next pull, as SET of an UPDATE.
// With compared = 0 a Fieldsync is asked for what it has from here, too.
const pullAnew = `last_pull = 0, closed = 0, check_since = 0, check_start = 0, check_uuid = '', check_greatest = 0, check_began = 0`

// stands reports whether a task is there with the filters that a run read it with: what
// was done by others says nothing of what these let through.
func (t *tx) stands(task core.Task) (bool, error) {
	now, err := scanTask(t.q().QueryRowContext(brief(t.ctx), `SELECT `+taskColumns+` FROM task WHERE id = ?`, task.ID).Scan)
	if errors.Is(notFound(err), core.ErrNotFound) {
		return false, nil
	}
	return err == nil && slices.Equal(now.Filters, task.Filters), err
}

// SetCheckpoint stores how far the task's pull has got; see intake.Tx.
func (t *tx) SetCheckpoint(_ context.Context, task core.Task, c core.Checkpoint, lastPull core.MTime) error {
	if stands, err := t.stands(task); err != nil || !stands {
		return err
	}
	return t.one(`UPDATE task SET check_since = ?, check_start = ?, check_uuid = ?, check_greatest = ?, check_began = ?,
last_pull = CASE WHEN ?6 <> 0 THEN ?6 ELSE last_pull END WHERE id = ?7`,
		int64(c.Since), int64(c.Start), c.LastUUID, int64(c.Greatest), int64(c.Began), int64(lastPull), task.ID)
}

// Compared notes when the full comparison of a task was last complete; see
// replicate.Store.
func (db *DB) Compared(ctx context.Context, task core.Task, now core.MTime) error {
	return db.noteOf(ctx, task, "note comparison", `UPDATE task SET compared = ? WHERE id = ?`, now)
}

// Closed notes right after which marker the task's pulls begin; see replicate.Store.
func (db *DB) Closed(ctx context.Context, task core.Task, marker core.MTime) error {
	return db.noteOf(ctx, task, "note where a pull begins", `UPDATE task SET closed = ? WHERE id = ?`, marker)
}

// asked notes when the repository was last asked for components that were changed alone.
func (t *tx) asked(task core.Task) error {
	return t.exec(`UPDATE task SET asked = ? WHERE id = ?`, int64(task.Asked), task.ID)
}

// noteOf stores a stamp of a task that stands as the run read it.
func (db *DB) noteOf(ctx context.Context, task core.Task, op, update string, stamp core.MTime) error {
	return db.inTx(ctx, op, func(t *tx) error {
		if stands, err := t.stands(task); err != nil || !stands {
			return err
		}
		return t.one(update, int64(stamp), task.ID)
	})
}

// Seq returns the last sequence number given out.
func (db *DB) Seq(ctx context.Context) (seq int64, err error) {
	err = db.readBriefly(ctx, "read seq", func(v *view) error {
		return v.q.QueryRowContext(brief(ctx), `SELECT seq FROM counter`).Scan(&seq)
	})
	return seq, err
}
