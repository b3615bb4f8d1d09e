package storage

import (
	"context"
	"errors"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// An EditAction is what an EditRequest asks for.
type EditAction int

// The actions. Save makes or changes a record; saving a deleted one restores it.
const (
	EditSave EditAction = iota
	EditDelete
	EditRestore
)

// editRules are the words for the history.
var editRules = map[EditAction]string{EditSave: "edit", EditDelete: "delete", EditRestore: "restore"}

// ruleWithMaster stands in the history of a component that was deleted because
// its master was; it comes back with the master.
const ruleWithMaster = "delete with master"

// An EditRequest is a person's change of one record.
type EditRequest struct {
	Action EditAction
	// Record is the whole new version to save; its meta data, except Master and
	// Alias, are the store's. An empty UUID makes a new record. For the other
	// actions only Resource and UUID are looked at.
	Record core.Record
	By     string // e-mail address or name of the person
	// Offset is the peer's clock minus ours: a stamp is written as the peer's
	// clock would have it.
	Offset time.Duration
	// Seen, if not zero, is the content the person saw; if it is not the present
	// one, the edit is refused with a Problem InvalidSetting of field "record".
	Seen core.Hash
	// Along, if not nil, is set to how many components were deleted with the record.
	Along *int
}

// Edit carries out a person's change in one transaction and returns the version
// that now stands; changed is false if its content was the same already. A record
// that is deleted takes its components along. core.ErrNotFound for deleting or
// restoring what is not here.
func (db *DB) Edit(ctx context.Context, req EditRequest) (rec core.Record, changed bool, err error) {
	if err := checkEdit(&req.Record); err != nil {
		return core.Record{}, false, err
	}
	err = db.inTx(ctx, "edit record", func(t *tx) error {
		if req.Along != nil {
			*req.Along = 0
		}
		e := edit{tx: t, EditRequest: req, rule: editRules[req.Action]}
		rec, changed, err = e.run()
		return err
	})
	return rec, changed, err
}

func checkEdit(rec *core.Record) error {
	if !rec.Resource.Valid() || rec.Resource.Private() {
		return core.Invalid("resource", "%q is not a table whose records can be edited.", rec.Resource)
	}
	if rec.UUID != "" && !core.ValidUUID(rec.UUID) {
		return core.Invalid("uuid", "This is not a valid uuid.")
	}
	for _, f := range rec.Fields {
		if !core.ValidField(f.Name) {
			return core.Invalid("field", "%q is not the name of a field.", f.Name)
		}
	}
	return nil
}

// An edit is an EditRequest being carried out.
type edit struct {
	*tx
	EditRequest
	rule  string
	asRun string // "" for a person's single edit
}

func (e *edit) run() (core.Record, bool, error) {
	if e.EditRequest.Record.UUID == "" && e.Action == EditSave {
		node, err := e.node()
		if err != nil {
			return core.Record{}, false, err
		}
		e.EditRequest.Record.UUID = node.NewUUID()
	}
	link := e.EditRequest.Record.Link()
	old, err := e.find(link)
	exists := err == nil && old.state != stateAbsent
	if err != nil && !errors.Is(err, core.ErrNotFound) {
		return core.Record{}, false, err
	}
	if !exists {
		if e.Action != EditSave {
			return core.Record{}, false, core.ErrNotFound
		}
		return e.create()
	}
	if !e.Seen.IsZero() && e.Seen != old.hash {
		return old.rec, false, changedMeanwhile()
	}
	rec := old.rec.Clone()
	if err := e.apply(&rec); err != nil {
		return old.rec, false, err
	}
	if rec.Hash() == old.hash && rec.Master == old.rec.Master {
		return old.rec, false, nil
	}
	return rec, true, e.put(&rec)
}

func (e *edit) create() (core.Record, bool, error) {
	rec := e.EditRequest.Record.Clone()
	rec.Components = nil
	rec.Deleted, rec.ReplacedBy, rec.MCI, rec.ModifiedOn = false, "", 0, 0
	rec.CreatedOn, rec.CreatedBy, rec.OwnedBy = e.stamp(0), e.By, e.By
	e.rule = "create"
	return rec, true, e.put(&rec)
}

// stamp returns the time of the edit on the peer's clock, always after the
// version that is replaced: by it a peer sees that there is something new.
func (e *edit) stamp(replaced core.MTime) core.MTime { return max(e.now.Add(e.Offset), replaced+1) }

func (e *edit) put(rec *core.Record) error {
	rec.ModifiedOn, rec.ModifiedBy = e.stamp(rec.ModifiedOn), e.By
	return e.Put(e.ctx, rec, core.Change{Run: e.asRun, Rule: e.rule, By: e.By, At: e.now})
}

// apply makes the new version of the present one.
func (e *edit) apply(rec *core.Record) error {
	switch e.Action {
	case EditDelete:
		if rec.Deleted {
			return nil
		}
		rec.Deleted = true
		return e.components(rec, e.belongs, e.deleteComponent)
	case EditRestore:
		if !rec.Deleted {
			return nil
		}
		if err := e.revive(rec); err != nil {
			return err
		}
		return e.components(rec, func(_, _ *core.Record) bool { return true }, e.restoreComponent)
	}
	wanted, before := e.EditRequest.Record.Clone(), *rec
	rec.Fields = wanted.Fields
	rec.Deleted, rec.ReplacedBy = false, ""
	if !wanted.Master.IsZero() {
		rec.Master, rec.Alias = wanted.Master, wanted.Alias
	}
	rec.FollowKey(&before)
	return nil
}

// revive undoes a deletion. A tombstone that came from a peer holds no fields:
// they are in the history.
func (e *edit) revive(rec *core.Record) error {
	rec.Deleted, rec.ReplacedBy = false, ""
	if len(rec.Fields) > 0 {
		return nil
	}
	versions, err := e.view().history(rec.Link())
	for _, v := range versions {
		if !v.Record.Deleted {
			rec.Fields, rec.Attrs, rec.Unknown = v.Record.Fields, v.Record.Attrs, v.Record.Unknown
			break
		}
	}
	return err
}

// components calls fn for each component of rec that which chooses, and for those
// below it.
func (e *edit) components(rec *core.Record, which func(c, master *core.Record) bool, fn func(*core.Record) error) error {
	nested, err := e.view().components(rec.Link(), true)
	if err != nil {
		return err
	}
	return below(rec, nested, which, fn)
}

func below(master *core.Record, nested []core.Record, which func(c, master *core.Record) bool, fn func(*core.Record) error) error {
	for i := range nested {
		c := &nested[i]
		if !which(c, master) {
			continue
		}
		if err := fn(c); err != nil {
			return err
		}
		if err := below(c, c.Components, which, fn); err != nil {
			return err
		}
	}
	return nil
}

// belongs reports whether a component is deleted with its master. What has
// components of its own, in a table that we know nothing of, is more than a detail.
func (e *edit) belongs(c, master *core.Record) bool {
	detail := master.Resource == "pr_person" || len(e.catalog.components(e.catalog.tables[c.Resource])) == 0
	return detail && c.Resource.BelongsTo(master.Resource)
}

func (e *edit) deleteComponent(c *core.Record) error {
	if c.Deleted {
		return nil
	}
	if e.Along != nil {
		*e.Along++
	}
	dead := c.Clone()
	dead.Components, dead.Deleted = nil, true
	along := edit{tx: e.tx, EditRequest: e.EditRequest, rule: ruleWithMaster}
	return along.put(&dead)
}

func (e *edit) restoreComponent(c *core.Record) error {
	versions, err := e.view().history(c.Link())
	if err != nil || !c.Deleted || len(versions) == 0 || versions[0].Change.Rule != ruleWithMaster {
		return err
	}
	alive := c.Clone()
	alive.Components = nil
	if err := e.revive(&alive); err != nil {
		return err
	}
	return e.put(&alive)
}

// Components returns the live components of a record, those of components nested
// in them, by table and in the order they came.
func (db *DB) Components(ctx context.Context, l core.Link) (out []core.Record, err error) {
	err = db.read(ctx, "list components", func(v *view) error {
		out, err = v.components(l, false)
		return err
	})
	return out, err
}

func (v *view) components(l core.Link, deleted bool) ([]core.Record, error) {
	tb := v.catalog.tables[l.Resource]
	if tb == nil {
		return nil, nil
	}
	e := export{catalog: v.catalog}
	e.q.Deleted = deleted
	e.rows = []exportRow{{table: tb, uuid: packrow.Bytes(uuidValue(l.UUID))}}
	if err := e.nest(v, tb, 0, 0); err != nil {
		return nil, err
	}
	return e.components(0)
}
