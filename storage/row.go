package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// A row is a record with its bookkeeping.
type row struct {
	id     int64
	seq    int64
	state  int64
	hash   core.Hash
	origin int64
	rec    core.Record
}

// Where the columns of table.travelList stand once they are unpacked.
const (
	atID       = 0
	atUUID     = 1
	atModified = 4
	atState    = 9
	atMaster   = 12
	atExtra    = 15
	atField    = 16 // the first one
)

// atNotes is where our own notes about a record stand, in the order of ownNotes, among
// the columns of t.selectList.
func (t *table) atNotes() int { return atField + t.width }

// fill reads a result row that was selected by tb.selectList. The fields are put into
// a; nil for a slice of their own.
func (r *row) fill(cat *catalog, tb *table, a *arena, v []driver.Value) error {
	columns, err := tb.selectList.unpack(make([]packrow.Value, 0, fewColumns), nil, v)
	if err != nil {
		return fmt.Errorf("%s: %w", tb.resource, err)
	}
	return r.take(cat, tb, a, columns)
}

// fewColumns is for how many there is room where they are looked at at once: on the
// stack.
const fewColumns = 64

// take reads the columns of tb.selectList.
func (r *row) take(cat *catalog, tb *table, a *arena, columns []packrow.Value) error {
	r.notes(tb, columns)
	return tb.read(cat, a, columns, &r.rec)
}

// notes reads what stands in the columns besides the record.
func (r *row) notes(tb *table, columns []packrow.Value) {
	own := columns[tb.atNotes():]
	r.id, r.state = columns[atID].Int(), columns[atState].Int()
	r.seq, r.hash, r.origin = own[0].Int(), core.Hash{}, own[2].Int()
	copy(r.hash[:], own[1].Str())
}

// unpack returns the columns of a result row that was selected by the list, and maybe
// more behind it, in place of others that are not needed any more.
func (l list) unpack(columns []packrow.Value, room *packrow.Room, v []driver.Value) (_ []packrow.Value, err error) {
	columns = columns[:0]
	for _, packed := range v[:l.packs] {
		row, err := room.Row(packed)
		if err == nil {
			columns, err = packrow.Unpack(columns, row)
		}
		if err != nil {
			return columns, err
		}
	}
	if len(columns) != l.columns {
		return columns, fmt.Errorf("a row has %d columns instead of %d", len(columns), l.columns)
	}
	return columns, nil
}

// read makes the record of the columns.
func (t *table) read(cat *catalog, a *arena, v []packrow.Value, rec *core.Record) error {
	t.identity(cat, a, v, rec)
	if err := t.content(a, v[atField:], v[atExtra].Str(), rec); err != nil {
		return fmt.Errorf("%s %s: %w", rec.Resource, rec.UUID, err)
	}
	return nil
}

// content gives the record its fields, of the field columns, and what fits none of them.
func (t *table) content(a *arena, v []packrow.Value, extra string, rec *core.Record) error {
	t.fields(rec, a, v)
	if extra == "" {
		return nil
	}
	return readExtra([]byte(extra), rec)
}

// identity makes the record without its fields, and without what fits no column.
func (t *table) identity(cat *catalog, a *arena, v []packrow.Value, rec *core.Record) {
	*rec = core.Record{
		Resource: t.resource, UUID: a.uuid(&v[atUUID]), MCI: int(v[2].Int()),
		CreatedOn: core.MTime(v[3].Int()), ModifiedOn: core.MTime(v[atModified].Int()),
		CreatedBy: v[5].Str(), ModifiedBy: v[6].Str(), OwnedBy: v[7].Str(), OwnedGroup: v[8].Str(),
		Deleted: v[atState].Int() == stateDeleted, ReplacedBy: a.uuid(&v[10]), Alias: v[13].Str(), URL: v[14].Str(),
	}
	if !v[atMaster].IsNull() {
		rec.Master.UUID = a.uuid(&v[atMaster])
		if m := cat.byID[v[11].Int()]; m != nil {
			rec.Master.Resource = m.resource
		}
	}
}

// fields reads the field columns.
func (t *table) fields(rec *core.Record, a *arena, v []packrow.Value) {
	n, at := 0, 0
	for _, c := range t.columns {
		if !v[at].IsNull() {
			n++
		}
		at += c.width()
	}
	if n == 0 {
		return
	}
	rec.Fields = a.fields(n)
	n, at = 0, 0
	for _, c := range t.columns {
		width := c.width()
		if !v[at].IsNull() {
			c.read(&rec.Fields[n], a, v[at:at+width])
			n++
		}
		at += width
	}
}

// read makes a field of the column's values: the value, the representation and
// the companion, as far as they exist.
func (c *column) read(f *core.Field, a *arena, v []packrow.Value) {
	*f = core.Field{Name: c.field, Value: c.load(&v[0], a)}
	f.Value.Aux = c.target
	next := 1
	if c.text != "" {
		f.Text = v[next].Str()
		next++
	}
	if c.aux != "" && !v[next].IsNull() {
		f.Value.Aux = v[next].Str()
	}
}

// find returns the row of a record, absent ones included; core.ErrNotFound.
func (v *view) find(l core.Link) (row, error) {
	tb := v.catalog.tables[l.Resource]
	if tb == nil {
		return row{}, core.ErrNotFound
	}
	var found row
	err := v.rows(tb, "WHERE r._uuid = ?", []any{uuidValue(l.UUID)}, func(r *row) error {
		found = *r
		return nil
	})
	if err == nil && found.id == 0 {
		err = core.ErrNotFound
	}
	return found, err
}

// rows calls fn for the rows that the rest of the query ("WHERE …", with r for
// the table) selects. The row is overwritten by the next one.
func (v *view) rows(tb *table, rest string, args []any, fn func(*row) error) error {
	var r row
	return v.each("SELECT "+tb.selectList.sql+" FROM "+tb.sql+" r "+rest, args, func(values []driver.Value) error {
		if err := r.fill(v.catalog, tb, nil, values); err != nil {
			return err
		}
		return fn(&r)
	})
}

// each runs a query and calls fn for every row, whose values are overwritten by
// the next one.
func (v *view) each(query string, args []any, fn func([]driver.Value) error) error {
	c, err := v.open(query, args)
	if err != nil {
		return err
	}
	for {
		ok, err := c.next()
		if err == nil && ok {
			err = fn(c.values)
		}
		if err != nil || !ok {
			return errors.Join(err, c.close())
		}
	}
}

// A cursor stands at a row of a query's result. It bypasses database/sql, which
// takes longer to hand over a wide row than SQLite to read it. The driver keeps the
// statement prepared.
type cursor struct {
	rows   driver.Rows
	values []driver.Value // overwritten by the next row
}

// open runs a query and stands before its first row.
func (v *view) open(query string, args []any) (*cursor, error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return nil, err
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	rows, err := v.raw.QueryContext(v.ctx, query, named)
	if err != nil {
		return nil, err
	}
	return &cursor{rows: rows, values: make([]driver.Value, len(rows.Columns()))}, nil
}

// next moves on; false at the end.
func (c *cursor) next() (bool, error) {
	err := c.rows.Next(c.values)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

func (c *cursor) close() error { return c.rows.Close() }

// record returns our version, deleted ones included; core.ErrNotFound.
func (v *view) record(l core.Link) (core.Record, error) {
	r, err := v.find(l)
	if err == nil && r.state == stateAbsent {
		err = core.ErrNotFound
	}
	return r.rec, err
}

// Record returns our version without components; core.ErrNotFound.
func (db *DB) Record(ctx context.Context, l core.Link) (rec core.Record, err error) {
	err = db.read(ctx, "read record", func(v *view) error {
		rec, err = v.record(l)
		return err
	})
	return rec, err
}

// Record returns our version as the transaction sees it; core.ErrNotFound.
func (t *tx) Record(_ context.Context, l core.Link) (core.Record, error) {
	r, err := t.find(l)
	if err == nil && r.state == stateAbsent {
		err = core.ErrNotFound
	}
	return r.rec, err
}

// find is view.find with a statement that is kept prepared. A decision about a record
// asks for our version several times.
func (t *tx) find(l core.Link) (row, error) {
	if t.found == nil || t.found.rec.Link() != l {
		r, err := t.read(l)
		if err != nil {
			return r, err
		}
		t.found = &r
	}
	r := *t.found
	r.rec = r.rec.Clone() // the caller may change it
	return r, nil
}

func (t *tx) read(l core.Link) (row, error) {
	tb := t.catalog.tables[l.Resource]
	if tb == nil {
		return row{}, core.ErrNotFound
	}
	values, ok, err := t.first("SELECT "+tb.selectList.sql+" FROM "+tb.sql+" r WHERE r._uuid=?", uuidValue(l.UUID))
	if err != nil {
		return row{}, err
	}
	if !ok {
		return row{}, core.ErrNotFound
	}
	var r row
	err = r.fill(t.catalog, tb, nil, values)
	return r, err
}
