package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/fieldsync/fieldsync/core"
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

// Where the columns of table.selectList stand.
const (
	atID    = 0
	atUUID  = 1
	atState = 9
	atField = 16 // the first one; our own notes stand behind the fields
)

// atNotes is where our own notes about a record stand in a row of t.selectList.
func (t *table) atNotes() int { return atField + t.width }

// fill reads a result row that was selected by tb.selectList. The fields are
// put into a; nil for a slice of their own.
func (r *row) fill(cat *catalog, tb *table, a *arena, v []driver.Value) error {
	own := v[tb.atNotes():]
	r.id, r.state = asInt(v[atID]), asInt(v[atState])
	r.seq, r.hash, r.origin = asInt(own[0]), core.Hash{}, asInt(own[2])
	copy(r.hash[:], asBlob(own[1]))
	return tb.read(cat, a, v, &r.rec)
}

// read makes the record of a result row that was selected by t.travelList or more.
func (t *table) read(cat *catalog, a *arena, v []driver.Value, rec *core.Record) error {
	*rec = core.Record{
		Resource: t.resource, UUID: a.uuid(v[atUUID]), MCI: int(asInt(v[2])),
		CreatedOn: core.MTime(asInt(v[3])), ModifiedOn: core.MTime(asInt(v[4])),
		CreatedBy: asText(v[5]), ModifiedBy: asText(v[6]), OwnedBy: asText(v[7]), OwnedGroup: asText(v[8]),
		Deleted: asInt(v[atState]) == stateDeleted, ReplacedBy: a.uuid(v[10]), Alias: asText(v[13]), URL: asText(v[14]),
	}
	if v[12] != nil {
		rec.Master.UUID = a.uuid(v[12])
		if m := cat.byID[asInt(v[11])]; m != nil {
			rec.Master.Resource = m.resource
		}
	}
	t.fields(rec, a, v[atField:])
	if extra := asBlob(v[15]); len(extra) > 0 {
		if err := readExtra(extra, rec); err != nil {
			return fmt.Errorf("%s %s: %w", rec.Resource, rec.UUID, err)
		}
	}
	return nil
}

// fields reads the field columns.
func (t *table) fields(rec *core.Record, a *arena, v []driver.Value) {
	n, at := 0, 0
	for _, c := range t.columns {
		if v[at] != nil {
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
		if v[at] != nil {
			c.read(&rec.Fields[n], a, v[at:at+width])
			n++
		}
		at += width
	}
}

// read makes a field of the column's values: the value, the representation and
// the companion, as far as they exist.
func (c *column) read(f *core.Field, a *arena, v []driver.Value) {
	*f = core.Field{Name: c.field, Value: c.load(v[0], a)}
	f.Value.Aux = c.target
	next := 1
	if c.text != "" {
		f.Text = asText(v[next])
		next++
	}
	if c.aux != "" && v[next] != nil {
		f.Value.Aux = asText(v[next])
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
	return v.each("SELECT "+tb.selectList+" FROM "+tb.sql+" r "+rest, args, func(values []driver.Value) error {
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
	values, ok, err := t.first("SELECT "+tb.selectList+" FROM "+tb.sql+" r WHERE r._uuid=?", uuidValue(l.UUID))
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
