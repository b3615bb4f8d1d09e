package storage

import (
	"database/sql/driver"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// A body is a row as it was packed, of which every value is plain; see core.Body.
type body struct {
	*bodied
	packed []byte
}

var _ core.Body = (*body)(nil)

// Bodied is what is common to the bodies of a table's rows. They serve one goroutine.
type bodied struct {
	table   *table
	forms   *forms
	looked  []lookedAt      // fields that are made all the same
	columns []packrow.Value // of the row asked for last
}

// A lookedAt is a column whose field is made for a record with a body.
type lookedAt struct {
	column *column
	at     int // among the columns of a row
}

func (t *table) bodied() *bodied {
	b := &bodied{table: t, forms: t.forms()}
	at := atField
	for _, c := range t.columns {
		if c.kind == core.Reference || c.kind == core.References || core.InTitle(c.field) {
			b.looked = append(b.looked, lookedAt{c, at})
		}
		at += c.width()
	}
	return b
}

// embody makes the record of a row without its fields, if it is new to the repository and
// every value of it is plain: what the columns are unpacked from is its body. v is the result
// row that they are from.
func (o *outgoing) embody(tb *table, r *based, v []driver.Value) bool {
	if r.base != nil || o.uncertain || r.state != stateLive || tb.selectList.packs != 1 {
		return false // a field of the former version may be missing
	}
	b := o.lent.bodiedOf(tb)
	if !b.forms.plain(o.columns) || !b.forms.some(o.columns) {
		return false
	}
	packed, err := o.room.Row(v[0])
	if err != nil {
		return false
	}
	tb.identity(o.catalog, &o.arena, o.columns, &r.rec)
	b.look(&r.rec, &o.arena, o.columns)
	r.body = body{b, packed}
	r.rec.Body = &r.body
	return true
}

func (l *lent) bodiedOf(tb *table) *bodied {
	b := l.bodied[tb]
	if b == nil {
		if l.bodied == nil {
			l.bodied = make(map[*table]*bodied)
		}
		b = tb.bodied()
		l.bodied[tb] = b
	}
	return b
}

// look makes the fields that are looked at.
func (b *bodied) look(rec *core.Record, a *arena, v []packrow.Value) {
	n := 0
	for _, l := range b.looked {
		if !v[l.at].IsNull() {
			n++
		}
	}
	if n == 0 {
		return
	}
	rec.Fields, n = a.fields(n), 0
	for _, l := range b.looked {
		if !v[l.at].IsNull() {
			l.column.read(&rec.Fields[n], a, v[l.at:l.at+l.column.width()])
			n++
		}
	}
}

// AppendFields appends the elements of all fields; see core.Body.
func (b *body) AppendFields(to []byte) []byte { return b.forms.append(to, b.unpack(), nil, nil) }

// Fields makes all fields; see core.Body.
func (b *body) Fields() []core.Field {
	var rec core.Record
	b.table.fields(&rec, nil, b.unpack()[atField:])
	return rec.Fields
}

// Size is about how many bytes they take; see core.Body.
func (b *body) Size() int { return len(b.packed) }

func (b *body) unpack() []packrow.Value {
	columns, err := packrow.Unpack(b.columns[:0], b.packed)
	if err != nil { // it was unpacked when it was read
		panic("bug: " + err.Error())
	}
	b.bodied.columns = columns
	return columns
}
