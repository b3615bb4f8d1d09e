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

// fill reads a result row that was selected by tb.selectList.
func (r *row) fill(cat *catalog, tb *table, v []driver.Value) error {
	*r = row{id: asInt(v[0]), seq: asInt(v[2]), state: asInt(v[10]), origin: asInt(v[17])}
	copy(r.hash[:], asBlob(v[16]))
	rec := &r.rec
	rec.Resource = tb.resource
	rec.UUID = uuidText(v[1])
	rec.MCI = int(asInt(v[3]))
	rec.CreatedOn, rec.ModifiedOn = core.MTime(asInt(v[4])), core.MTime(asInt(v[5]))
	rec.CreatedBy, rec.ModifiedBy, rec.OwnedBy, rec.OwnedGroup = asText(v[6]), asText(v[7]), asText(v[8]), asText(v[9])
	rec.Deleted = r.state == stateDeleted
	rec.ReplacedBy = uuidText(v[11])
	if v[13] != nil {
		rec.Master.UUID = uuidText(v[13])
		if m := cat.byID[asInt(v[12])]; m != nil {
			rec.Master.Resource = m.resource
		}
	}
	rec.Alias, rec.URL = asText(v[14]), asText(v[15])
	tb.fields(rec, v[1+len(bookkeeping):])
	if extra := asBlob(v[18]); len(extra) > 0 {
		if err := readExtra(extra, rec); err != nil {
			return fmt.Errorf("%s %s: %w", rec.Resource, rec.UUID, err)
		}
	}
	return nil
}

// fields reads the field columns.
func (t *table) fields(rec *core.Record, v []driver.Value) {
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
	rec.Fields = make([]core.Field, 0, n)
	at = 0
	for _, c := range t.columns {
		width := c.width()
		if v[at] != nil {
			rec.Fields = append(rec.Fields, c.read(v[at:at+width]))
		}
		at += width
	}
}

// read makes a field of the column's values: the value, the representation and
// the companion, as far as they exist.
func (c *column) read(v []driver.Value) core.Field {
	f := core.Field{Name: c.field, Value: c.load(v[0])}
	f.Value.Aux = c.target
	next := 1
	if c.text != "" {
		f.Text = asText(v[next])
		next++
	}
	if c.aux != "" && v[next] != nil {
		f.Value.Aux = asText(v[next])
	}
	return f
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
		if err := r.fill(v.catalog, tb, values); err != nil {
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
	err = r.fill(t.catalog, tb, values)
	return r, err
}
