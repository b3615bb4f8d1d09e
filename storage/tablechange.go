package storage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// ensureTable returns the resource's table, made if it is not there yet.
func (t *tx) ensureTable(r core.Resource) (*table, error) {
	if tb := t.catalog.tables[r]; tb != nil {
		return tb, nil
	}
	if !r.Valid() {
		return nil, fmt.Errorf("%q cannot be a table", r)
	}
	tb := (&table{id: int64(len(t.catalog.byID) + 1), resource: r}).seal()
	name := tableName(r)
	if err := t.exec(fmt.Sprintf(createTable, tb.sql, quote(name+"$seq"), quote(name+"$modified"), quote(name+"$master"))); err != nil {
		return nil, err
	}
	if err := t.exec(`INSERT INTO resource (id, name) VALUES (?, ?)`, tb.id, string(r)); err != nil {
		return nil, err
	}
	t.change(tb)
	return tb, nil
}

// change puts tb into the transaction's own catalog.
func (t *tx) change(tb *table) {
	if !t.catalogChanged {
		t.catalog = t.catalog.clone()
		t.catalog.version++
		t.catalogChanged = true
	}
	t.catalog.put(tb)
}

// ensureMaster notes that the resource's records are components of master's, and
// returns the master's table.
func (t *tx) ensureMaster(tb *table, master core.Resource) (*table, *table, error) {
	m, err := t.ensureTable(master)
	if err != nil {
		return nil, nil, err
	}
	if slices.Contains(tb.masters, m.id) {
		return tb, m, nil
	}
	tb = tb.clone()
	tb.masters = append(tb.masters, m.id)
	tb.seal()
	if err := t.exec(`INSERT INTO component (resource_id, master_id) VALUES (?, ?)`, tb.id, m.id); err != nil {
		return nil, nil, err
	}
	t.change(tb)
	if m.id == tb.id {
		m = tb
	}
	return tb, m, nil
}

// ensureColumns returns the table with a column for every field of rec that may
// have one.
func (t *tx) ensureColumns(tb *table, rec *core.Record) (*table, error) {
	var changed *table
	next := 0 // fields mostly come in the order of the columns
	for i := range rec.Fields {
		f := &rec.Fields[i]
		at := tb
		if changed != nil {
			at = changed
		}
		c := at.column(f.Name, next)
		if c != nil {
			next = c.n + 1
		}
		if !at.lacks(c, f) {
			continue
		}
		if changed == nil {
			changed = tb.clone().seal()
		}
		if err := t.addColumn(changed, f); err != nil {
			return nil, err
		}
	}
	if changed == nil {
		return tb, nil
	}
	t.change(changed)
	return changed, nil
}

// column returns the column of a field, nil if it has none; guess is where it may be.
func (t *table) column(field string, guess int) *column {
	if guess < len(t.columns) && t.columns[guess].field == field {
		return t.columns[guess]
	}
	return t.byField[field]
}

// lacks reports whether c, the column of f, or a companion of it has to be added.
func (t *table) lacks(c *column, f *core.Field) bool {
	if f.Value.Kind == core.Null {
		return false
	}
	if c == nil {
		return len(t.columns) < maxFields && t.width+3 <= maxColumns
	}
	if c.kind != f.Value.Kind {
		return false
	}
	return f.Text != "" && c.text == "" || f.Value.Aux != c.target && c.aux == ""
}

// addColumn adds what lacks said is lacking to the database and to tb.
func (t *tx) addColumn(tb *table, f *core.Field) error {
	c := tb.byField[f.Name]
	if c == nil {
		c = &column{field: f.Name, kind: f.Value.Kind}
		if f.Value.Kind == core.Reference || f.Value.Kind == core.References {
			c.target = f.Value.Aux
		}
		name := tb.freeName(f.Name)
		c.nameSQL(name, false, false)
		if err := t.exec(fmt.Sprintf(`ALTER TABLE %s ADD COLUMN %s ANY`, tb.sql, c.sql)); err != nil {
			return err
		}
		err := t.exec(`INSERT INTO field (resource_id, position, name, sql, kind, target, has_text, has_aux) VALUES (?, ?, ?, ?, ?, ?, 0, 0)`,
			tb.id, int64(len(tb.columns)), f.Name, name, int64(c.kind), c.target)
		if err != nil {
			return err
		}
		tb.columns = append(tb.columns, c)
	}
	plain := strings.Trim(c.sql, `"`)
	text, aux := c.text != "" || f.Text != "", c.aux != "" || f.Value.Aux != c.target
	for _, companion := range []struct {
		add  bool
		name string
	}{{text && c.text == "", "_text_" + plain}, {aux && c.aux == "", "_aux_" + plain}} {
		if !companion.add {
			continue
		}
		if err := t.exec(fmt.Sprintf(`ALTER TABLE %s ADD COLUMN %s TEXT`, tb.sql, quote(companion.name))); err != nil {
			return err
		}
	}
	c.nameSQL(plain, text, aux)
	if err := t.exec(`UPDATE field SET has_text = ?, has_aux = ? WHERE resource_id = ? AND name = ?`, number(text), number(aux), tb.id, f.Name); err != nil {
		return err
	}
	tb.seal()
	return nil
}

// freeName returns a column name for a field. SQLite does not tell "L0" from
// "l0", fields do; and it keeps some names for itself.
func (t *table) freeName(field string) string {
	taken := func(name string) bool {
		if strings.EqualFold(name, "rowid") || strings.EqualFold(name, "oid") {
			return true
		}
		return slices.ContainsFunc(t.columns, func(c *column) bool { return strings.EqualFold(c.sql, quote(name)) })
	}
	name := field
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("_%d_%s", n, field)
	}
	return name
}

// noteTarget remembers that a reference points elsewhere than its field's target.
func (t *tx) noteTarget(tb *table, target string) (*table, error) {
	if target == "" || slices.Contains(tb.targets, target) {
		return tb, nil
	}
	tb = tb.clone()
	tb.targets = append(tb.targets, target)
	tb.seal()
	t.change(tb)
	return tb, t.exec(`INSERT INTO target (resource_id, name) VALUES (?, ?)`, tb.id, target)
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
