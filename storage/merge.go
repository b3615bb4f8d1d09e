package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// ruleMerge stands in the history of everything that a merging changed.
const ruleMerge = "merge"

// Merge makes one of two records of a table that mean the same: from goes, in favour of
// into. What has no value in into is taken from it, its components move, and whatever
// points to it points to into. Both can be brought back from their history. core.ErrNotFound,
// or a Problem InvalidSetting where one of them is deleted or they are not two of a table.
func (db *DB) Merge(ctx context.Context, from, into core.Link, by string) error {
	if from.Resource != into.Resource || from.UUID == into.UUID {
		return core.Invalid("record", "Only two records of the same table can be merged.")
	}
	return db.inTx(ctx, "merge records", func(t *tx) error {
		goes, err := t.Record(ctx, from)
		if err != nil {
			return err
		}
		stays, err := t.Record(ctx, into)
		if err != nil {
			return err
		}
		if goes.Deleted || stays.Deleted {
			return core.Invalid("record", "A deleted record cannot be merged. Restore it first.")
		}
		m := merging{edit{tx: t, EditRequest: EditRequest{By: by}, rule: ruleMerge}, from, into}
		return m.run(&goes, &stays)
	})
}

// A merging is a Merge being carried out.
type merging struct {
	edit
	from, into core.Link
}

func (m *merging) run(goes, stays *core.Record) error {
	if err := m.complete(goes, stays); err != nil {
		return err
	}
	for _, resource := range m.catalog.names() {
		if err := m.redirect(m.catalog.tables[resource]); err != nil {
			return err
		}
	}
	goes.Deleted, goes.ReplacedBy = true, m.into.UUID
	return m.renew(goes)
}

// complete gives the record that stays what it lacks, files with their content.
func (m *merging) complete(goes, stays *core.Record) error {
	took := false
	for _, f := range goes.Fields {
		if stays.Value(f.Name).Kind != core.Null || m.toItself(&f) {
			continue
		}
		stays.Set(f)
		took = true
		if f.Value.Kind != core.File {
			continue
		}
		err := m.exec(`INSERT OR REPLACE INTO attachment (resource, uuid, field, url, name, path, size, sha256, attempts, failed)
SELECT resource, ?, field, url, name, path, size, sha256, attempts, failed FROM attachment WHERE resource = ? AND uuid = ? AND field = ?`,
			m.into.UUID, string(m.from.Resource), m.from.UUID, f.Name)
		if err != nil {
			return err
		}
	}
	if !took {
		return nil
	}
	return m.renew(stays)
}

// redirect lets what points to the record that goes point to the other, its components
// among it.
func (m *merging) redirect(tb *table) error {
	is := []string{fmt.Sprintf("r._master = ?1 AND r._master_id = %d", m.catalog.tables[m.from.Resource].id), "instr(r._extra, ?2)"}
	for _, c := range tb.columns {
		switch c.kind {
		case core.Reference:
			is = append(is, "r."+c.sql+" = ?1")
		case core.References:
			is = append(is, "instr(r."+c.sql+", ?2)")
		}
	}
	var pointing []core.Record
	rest := fmt.Sprintf("WHERE r._deleted = %d AND (%s)", stateLive, strings.Join(is, " OR "))
	err := m.view().rows(tb, rest, []any{uuidValue(m.from.UUID), m.from.UUID}, func(r *row) error {
		pointing = append(pointing, r.rec.Clone())
		return nil
	})
	if err != nil {
		return err
	}
	for i := range pointing {
		if rec := &pointing[i]; rec.Link() != m.from && m.redirectOne(rec) {
			if err := m.renew(rec); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *merging) redirectOne(rec *core.Record) (changed bool) {
	if rec.Master == m.from {
		rec.Master, changed = m.into, true
	}
	for i := range rec.Fields {
		if f := &rec.Fields[i]; f.Value.Redirect(m.from, m.into) {
			f.Text, changed = "", true
		}
	}
	if rec.Link() == m.into {
		rec.Fields = slices.DeleteFunc(rec.Fields, func(f core.Field) bool { return m.toItself(&f) })
	}
	return changed
}

// toItself reports whether a field of one of the two leads to one of them: of what is one
// record by now that says nothing.
func (m *merging) toItself(f *core.Field) bool {
	return core.Resource(f.Value.Aux) == m.into.Resource && f.Value.Kind == core.Reference && (f.Value.Str == m.into.UUID || f.Value.Str == m.from.UUID)
}

// renew stores a version. That a server refused the one before says nothing of it.
func (m *merging) renew(rec *core.Record) error {
	clear(m.refused)
	clear(m.aside)
	if err := m.exec(`DELETE FROM quarantine WHERE outgoing = 1 AND resource = ? AND uuid = ?`, string(rec.Resource), rec.UUID); err != nil {
		return err
	}
	return m.put(rec)
}
