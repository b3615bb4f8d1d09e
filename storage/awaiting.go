package storage

import (
	"context"
	"errors"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// Awaiting returns the deletions of a task that go after others; see replicate.Store.
func (db *DB) Awaiting(ctx context.Context, task core.Task, now core.MTime) (map[core.Link]bool, error) {
	a := awaiting{deleted: make(map[string][]core.Link), found: make(map[core.Link]bool)}
	err := db.read(ctx, "list deletions that wait", func(v *view) error {
		a.view, a.now = v, now
		if err := a.findDeleted(task); err != nil || len(a.deleted) == 0 {
			return err
		}
		tasks, err := v.tasks(task.RepositoryID)
		for i := 0; i < len(tasks) && err == nil; i++ {
			if tasks[i].Mode.Pushes() {
				err = a.findPointing(tasks[i])
			}
		}
		return err
	})
	return a.found, err
}

// An awaiting is one look for deletions that go after others.
type awaiting struct {
	*view
	now     core.MTime
	deleted map[string][]core.Link // what the task is to delete, by uuid: an office has that of its site
	found   map[core.Link]bool
}

func (a *awaiting) findDeleted(task core.Task) error {
	all := func(*table) bool { return true }
	return a.each(task, `r._deleted = 1`, all, func(_ *table, r *based) error {
		if r.rec.Deleted {
			a.deleted[r.rec.UUID] = append(a.deleted[r.rec.UUID], r.rec.Link())
		}
		return nil
	})
}

// findPointing finds what a task's records point to at the repository. Of the tables that come
// along with the task's own nothing points to its master: an Eden deletes it with that.
func (a *awaiting) findPointing(task core.Task) error {
	own := a.catalog.tables[task.Resource]
	return a.each(task, `TRUE`, a.leads, func(tb *table, r *based) error {
		there := r.rec
		if r.base != nil && r.base.payload != nil {
			var err error
			if there, err = decodeRecord(r.base.payload); err != nil {
				return err
			}
		}
		if tb == own {
			a.find(r, there.Master.UUID)
		}
		for i := range there.Fields {
			if f := &there.Fields[i]; tb == own || !f.Links(there.Master) {
				a.find(r, f.Value.UUIDs()...)
			}
		}
		return nil
	})
}

// leads reports whether a table's records point to some of those to which the deleted ones belong.
func (a *awaiting) leads(tb *table) bool {
	to := tb.pointsTo(a.catalog)
	for _, links := range a.deleted {
		if slices.ContainsFunc(links, func(l core.Link) bool { return slices.Contains(to, l.Resource) }) {
			return true
		}
	}
	return false
}

// find notes which deletions go after a row that points to those uuids.
func (a *awaiting) find(r *based, uuids ...string) {
	for _, uuid := range uuids {
		if uuid == r.rec.UUID {
			continue
		}
		for _, l := range a.deleted[uuid] {
			a.found[l] = true
		}
	}
}

// each calls fn for the rows that a task is to send now and of which the repository has
// another version, in those tables and where that holds of them. It may have what is deleted here,
// too, where nobody has looked yet.
func (a *awaiting) each(task core.Task, where string, tables func(*table) bool, fn func(*table, *based) error) error {
	o := outgoing{view: a.view, repo: task.RepositoryID, now: a.now, lent: new(lent)}
	err := o.prepare(task)
	if errors.Is(err, core.ErrNotFound) { // it was removed meanwhile
		return nil
	}
	if err == nil {
		err = o.findSettled()
	}
	if err != nil {
		return err
	}
	now := func(tb *table, r *based) error {
		if r.base == nil && !r.rec.Deleted || o.held(r.rec.Link(), r.seq) {
			return nil
		}
		return fn(tb, r)
	}
	for _, tb := range o.tree {
		if o.settled[tb] || !tables(tb) {
			continue
		}
		err := o.based(tb, `WHERE `+unsent+` AND (b.seq IS NOT NULL OR r._deleted = 1) AND r._seq > ? AND `+where, []any{o.watermark}, func(r *based) error { return now(tb, r) })
		if err != nil {
			return err
		}
	}
	again, err := o.refusedParts(nil, 0)
	for i := 0; i < len(again) && err == nil; i++ {
		if p := again[i]; tables(p.table) {
			err = now(p.table, p.based)
		}
	}
	return err
}
