package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/google/uuid"
)

// ruleUndo stands in the history of what an undo replaced.
const ruleUndo = "undo run"

// errPlanned rolls a rehearsed undo back.
var errPlanned = errors.New("only planned")

// PlanUndo says what UndoRun would do now; it changes nothing.
func (db *DB) PlanUndo(ctx context.Context, run string, offset time.Duration) (core.Undo, error) {
	plan, err := db.undo(ctx, run, "", "", offset)
	if errors.Is(err, errPlanned) {
		err = nil
	}
	return plan, err
}

// UndoRun takes a run back: records that it changed or deleted become what they
// were before it, those that it made are deleted, all as changes of the person by.
// What was changed again since stays. A repository that has what the run left is
// sent the undo as a new change. The database is copied before. offset is the
// peer's clock minus ours. The undo is a run itself and can be taken back.
func (db *DB) UndoRun(ctx context.Context, run, by string, offset time.Duration) (core.Undo, error) {
	plan, err := db.PlanUndo(ctx, run, offset)
	if err != nil || plan.Restored+plan.Removed == 0 {
		return plan, err
	}
	copied, err := db.SafetyCopy(ctx, BackupBeforeUndo)
	if err != nil {
		return plan, err
	}
	done, err := db.undo(ctx, run, uuid.NewString(), by, offset)
	done.Backup = copied
	if err != nil {
		return done, err
	}
	_, err = db.AddLog(ctx, core.LogEntry{Run: done.Undo, Resource: "none", Mode: "none", Direction: "none", Action: "undo", Result: core.ResultSuccess,
		Message: fmt.Sprintf("A run was taken back by %s. Records that are as before it: %d; made by it and deleted: %d; changed since and left: %d", by, done.Restored, done.Removed, done.Left),
		Details: "run " + run})
	return done, err
}

// undo carries an undo out, or, if as is "", rolls it back with errPlanned.
func (db *DB) undo(ctx context.Context, run, as, by string, offset time.Duration) (core.Undo, error) {
	plan := core.Undo{Run: run, Undo: as, Delivered: make(map[int64]int)}
	err := db.inTx(ctx, "undo run", func(t *tx) error {
		u := undoing{tx: t, Undo: &plan, edit: edit{tx: t, EditRequest: EditRequest{By: by, Offset: offset}, rule: ruleUndo, asRun: as}, touched: make(map[core.Link]bool)}
		if err := u.prepare(); err != nil {
			return err
		}
		if err := u.all(); err != nil {
			return err
		}
		if as == "" {
			return errPlanned
		}
		return nil
	})
	return plan, err
}

// An undoing is an undo under way.
type undoing struct {
	*tx
	*core.Undo
	edit      edit
	stretches [][2]int64
	pushes    map[int64]map[int64]bool // repository, table: what is sent there
	touched   map[core.Link]bool       // changed by the run, not made
}

func (u *undoing) prepare() error {
	err := each(u.ctx, u.q(), `SELECT first, last FROM stretch WHERE run = ? AND run <> '' ORDER BY first`, []any{u.Run}, func(rows *sql.Rows) error {
		var s [2]int64
		err := rows.Scan(&s[0], &s[1])
		u.stretches = append(u.stretches, s)
		return err
	})
	if err != nil {
		return err
	}
	backlogs, err := u.view().backlogs()
	u.pushes = make(map[int64]map[int64]bool)
	for _, b := range backlogs {
		if u.pushes[b.repo] == nil {
			u.pushes[b.repo] = make(map[int64]bool)
		}
		u.pushes[b.repo][b.table.id] = true
	}
	return err
}

func (u *undoing) all() error {
	replaced, err := u.view().versions(`WHERE run = ? AND run <> '' ORDER BY id`, u.Run)
	if err != nil {
		return err
	}
	made, err := u.made(replaced)
	if err != nil {
		return err
	}
	for i := range replaced {
		if err := u.restore(&replaced[i].Record); err != nil {
			return err
		}
	}
	for i := range made {
		if err := u.remove(&made[i]); err != nil {
			return err
		}
	}
	return u.forget()
}

// forget counts what the run says that it changed and of which nothing was found. Where
// its numbers are known, what is found in them is all of it.
func (u *undoing) forget() error {
	if len(u.stretches) > 0 {
		return nil
	}
	run, err := scanRun(u.q().QueryRowContext(u.ctx, `SELECT `+runColumns+` FROM run WHERE id = ?`, u.Run).Scan)
	if errors.Is(notFound(err), core.ErrNotFound) { // a peer's push is no run of ours, but the log has it
		err = each(u.ctx, u.q(), `SELECT counts FROM log WHERE run = ? AND run <> ''`, []any{u.Run}, func(rows *sql.Rows) error {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			counts, err := countsOf(text)
			if counts != nil {
				run.Counts.Add(*counts)
			}
			return err
		})
	}
	u.Forgotten = max(0, run.Counts.Changed()-len(u.touched)-u.Removed)
	return err
}

// restore brings back the version before the run, once a record.
func (u *undoing) restore(before *core.Record) error {
	link := before.Link()
	if !u.touched[link] {
		return nil // done
	}
	u.touched[link] = false
	latest, err := u.view().history(link)
	if err != nil {
		return fmt.Errorf("undo %s %s: %w", link.Resource, link.UUID, err)
	}
	if latest[0].Change.Run != u.Run {
		u.Left++
		return nil
	}
	present, err := u.find(link)
	if err != nil {
		return err
	}
	moved := !before.Master.IsZero() && before.Master != present.rec.Master
	if core.SameContent(&present.rec, before) && !moved {
		return nil
	}
	if err := u.noteDelivered(&present); err != nil {
		return err
	}
	u.Restored++
	rec := asEdit(present.rec, before)
	if moved {
		rec.Master, rec.Alias = before.Master, before.Alias
	}
	return u.edit.put(&rec)
}

// made returns the records that the run made and that are as it made them. Those
// that were changed since count as left. It notes in touched what the run replaced.
func (u *undoing) made(replaced []core.Version) ([]row, error) {
	for i := range replaced {
		u.touched[replaced[i].Record.Link()] = true
	}
	var out []row
	for _, s := range u.stretches {
		for _, resource := range u.catalog.names() {
			err := u.view().rows(u.catalog.tables[resource], `WHERE r._seq BETWEEN ? AND ? AND r._deleted = 0`, []any{s[0], s[1]}, func(r *row) error {
				if !u.touched[r.rec.Link()] {
					out = append(out, *r)
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
		if err := u.madeAndChanged(s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// madeAndChanged counts the records whose first version is in the stretch and that
// have another one now.
func (u *undoing) madeAndChanged(s [2]int64) error {
	found, err := u.view().versions(`WHERE seq BETWEEN ? AND ? AND run <> ?
AND NOT EXISTS (SELECT 1 FROM history o WHERE o.resource_id = history.resource_id AND o.record_id = history.record_id AND o.id < history.id)`, s[0], s[1], u.Run)
	for i := range found {
		if !u.touched[found[i].Record.Link()] {
			u.Left++
		}
	}
	return err
}

// remove deletes a record that the run made, unless something was added to it
// since.
func (u *undoing) remove(made *row) error {
	parts, err := u.view().components(made.rec.Link(), false)
	if err != nil {
		return err
	}
	for i := range parts {
		part, err := u.find(parts[i].Link())
		if err != nil {
			return err
		}
		if !u.within(part.seq) && !u.written(part.seq) {
			u.Left++
			return nil
		}
	}
	if err := u.noteDelivered(made); err != nil {
		return err
	}
	u.Removed++
	rec := made.rec.Clone()
	rec.Deleted = true
	return u.edit.put(&rec)
}

// within reports whether the run gave out the number; written, whether this undo
// did.
func (u *undoing) within(seq int64) bool {
	for _, s := range u.stretches {
		if seq >= s[0] && seq <= s[1] {
			return true
		}
	}
	return false
}

func (u *undoing) written(seq int64) bool { return seq > u.seqBefore }

// noteDelivered counts the repositories that have the present version and are
// sent changes of it.
func (u *undoing) noteDelivered(r *row) error {
	tb := u.catalog.tables[r.rec.Resource]
	for repo, tables := range u.pushes {
		if !tables[tb.id] {
			continue
		}
		b, err := u.view().baseRow(repo, tb, r.id)
		if errors.Is(err, core.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if b.seq >= r.seq {
			u.Delivered[repo]++
		}
	}
	return nil
}
