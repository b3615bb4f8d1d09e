package storage

import (
	"context"
	"strconv"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

// ExportElements is Export for a document; see responder.Elements. A row of which every
// value is plain is written as it was packed; of any other one a record is made first.
func (db *DB) ExportElements(ctx context.Context, q responder.ExportQuery, dress responder.Dress, yield func(uuid string, element func(b []byte) ([]byte, error)) error) (masters int, err error) {
	w := elements{ctx: ctx, dress: dress, forms: make(map[*table]*forms)}
	element := func(b []byte) ([]byte, error) { return w.append(b, w.master, false) }
	return db.export(ctx, q, (*packrow.Room).Again, func(e *export, master int) error {
		e.arena.empty()
		w.export, w.master = e, master
		return yield(e.arena.uuid(&e.rows[master].uuid), element)
	})
}

// elements writes the rows of an export.
type elements struct {
	*export
	ctx    context.Context // of the one call that it serves
	dress  responder.Dress
	master int
	forms  map[*table]*forms
	record core.Record // the one being written, as far as there is one
}

// append writes a row with its components, as s3xml.AppendRecord writes the record.
func (w *elements) append(b []byte, row int, component bool) ([]byte, error) {
	r := &w.rows[row]
	columns, err := w.unpack(r)
	if err != nil {
		return b, problem("export", err)
	}
	f, rec := w.formsOf(r.table), &w.record
	plain := !r.deleted && f.plain(columns) && (component || columns[atMaster].IsNull() || !w.dress.Links())
	if plain {
		r.table.identity(w.catalog, &w.arena, columns, rec)
	} else if err := r.table.read(w.catalog, &w.arena, columns, rec); err != nil {
		return b, problem("export", err)
	}
	if component && !w.dress.Carries(rec) {
		return b, nil
	}
	if err := w.dress.Dress(w.ctx, rec); err != nil {
		return b, err
	}
	b = s3xml.AppendHead(b, rec)
	if rec.Deleted {
		return append(b, "/>"...), nil
	}
	head := len(b)
	b = append(b, '>')
	if plain {
		b = f.append(b, columns, &w.arena, w.dress)
	} else {
		b = s3xml.AppendFields(b, rec)
	}
	unknown := rec.Unknown
	for k := r.first; k != 0; k = w.rows[k].next {
		if b, err = w.append(b, k, true); err != nil {
			return b, err
		}
	}
	b = append(b, unknown...)
	if len(b) == head+1 {
		return append(b[:head], "/>"...), nil
	}
	return append(b, s3xml.End...), nil
}

func (w *elements) formsOf(t *table) *forms {
	f := w.forms[t]
	if f == nil {
		f = t.forms()
		w.forms[t] = f
	}
	return f
}

// forms are how the fields of a table are written, in the order of a document.
type forms struct {
	data, references []columnForm
	unusual          []int // columns of which a record is made if they have anything
}

// A columnForm is how one column is written.
type columnForm struct {
	at       int  // among the columns of a row
	text     bool // a representation stands behind it
	boolean  bool
	target   core.Resource
	kind     core.Kind
	own      s3xml.Form
	integer  s3xml.Form
	fraction s3xml.Form
}

func (t *table) forms() *forms {
	f := &forms{unusual: []int{atExtra}}
	at := atField
	for _, c := range t.columns {
		reference := c.kind == core.Reference || c.kind == core.References
		if !s3xml.Fits(c.kind) {
			f.unusual = append(f.unusual, at)
		} else {
			form := columnForm{at: at, text: c.text != "", boolean: c.kind == core.Boolean, target: core.Resource(c.target), kind: c.kind, own: s3xml.NewForm(c.field, c.kind, c.target)}
			if reference {
				f.references = append(f.references, form)
			} else {
				form.integer, form.fraction = s3xml.NewForm(c.field, core.Integer, ""), s3xml.NewForm(c.field, core.Number, "")
				f.data = append(f.data, form)
			}
		}
		if c.aux != "" {
			f.unusual = append(f.unusual, at+c.width()-1)
		}
		at += c.width()
	}
	return f
}

// plain reports whether the row can be written without a record: its fields go out as they
// lie here, and nothing of it is elsewhere.
func (f *forms) plain(v []packrow.Value) bool {
	for _, at := range f.unusual {
		if !v[at].IsNull() {
			return false
		}
	}
	for i := range f.references {
		switch value := &v[f.references[i].at]; value.Type {
		case packrow.Integer, packrow.Float:
			return false
		case packrow.Text, packrow.Blob:
			if value.Str() == "" {
				return false
			}
		}
	}
	return true
}

// some reports whether a plain row has any field.
func (f *forms) some(v []packrow.Value) bool {
	for _, columns := range [][]columnForm{f.data, f.references} {
		for i := range columns {
			if !v[columns[i].at].IsNull() {
				return true
			}
		}
	}
	return false
}

// append writes the fields of a plain row, references last. The dress is nil where nothing
// that is referred to comes along.
func (f *forms) append(b []byte, v []packrow.Value, a *arena, dress responder.Dress) []byte {
	for i := range f.data {
		if c := &f.data[i]; !v[c.at].IsNull() {
			b = c.append(b, &v[c.at], c.representation(v))
		}
	}
	for i := range f.references {
		c := &f.references[i]
		if v[c.at].IsNull() {
			continue
		}
		if dress != nil && dress.Follows(c.target) {
			dress.Refer(&core.Value{Kind: c.kind, Str: a.uuid(&v[c.at]), Aux: string(c.target)})
		}
		b = c.append(b, &v[c.at], c.representation(v))
	}
	return b
}

func (c *columnForm) representation(v []packrow.Value) string {
	if !c.text {
		return ""
	}
	return v[c.at+1].Str()
}

// append writes a value as column.load reads it.
func (c *columnForm) append(b []byte, v *packrow.Value, text string) []byte {
	switch {
	case v.Type == packrow.Integer && c.boolean:
		b = strconv.AppendBool(c.own.Begin(b), v.Int() != 0)
	case v.Type == packrow.Integer:
		return c.integer.End(strconv.AppendInt(c.integer.Begin(b), v.Int(), 10), text)
	case v.Type == packrow.Float:
		return c.fraction.End(strconv.AppendFloat(c.fraction.Begin(b), v.Float(), 'f', -1, 64), text)
	case v.Type == packrow.Blob && len(v.Str()) == 16:
		uuid := core.UUIDText(v.Str())
		b = append(c.own.Begin(b), uuid[:]...)
	default:
		b = c.own.Escape(c.own.Begin(b), v.Str())
	}
	return c.own.End(b, text)
}
