package s3xml

import (
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/fieldsync/fieldsync/core"
)

// flushSize is how much an Encoder gathers before it writes.
const flushSize = 64 << 10

// basedOn is the attribute with which a Fieldsync says which version an edit was
// made on. It is the only thing outside of Eden's own that a tombstone carries:
// a deletion is an edit too.
const basedOn = "based_on"

// An Encoder writes a document record by record, as Eden's lxml would. It
// serves one goroutine.
type Encoder struct {
	w       io.Writer
	root    Root
	buf     []byte
	started bool
	held    bool     // nothing is written before Release
	full    [][]byte // before buf, while held
	size    int      // of full
	err     error
}

// blocks are buffers for the next encoder.
var blocks sync.Pool

func block() []byte {
	if b, ok := blocks.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, flushSize+flushSize/4)
}

// done gives a block back, unless a record with a file made it large.
func done(b []byte) {
	if cap(b) <= 4*flushSize {
		blocks.Put(&b)
	}
}

// NewEncoder returns an encoder that writes nothing before the first Encode or
// Close. What it says of success is what Eden says: whether the document has a
// record at all; root.Success is not looked at. Results below 0 and Limit below
// 1 are left out.
func NewEncoder(w io.Writer, root Root) *Encoder {
	return &Encoder{w: w, root: root, buf: block()}
}

// Hold makes the encoder keep the records it is given until Release: what the
// document says at its beginning is known only after them. It must be called
// before the first Encode.
func (e *Encoder) Hold() { e.held = true }

// Held is how many bytes are being held.
func (e *Encoder) Held() int {
	if !e.held {
		return 0
	}
	return e.size + len(e.buf)
}

// Release begins the document, with that number of results, and lets go of what
// was held.
func (e *Encoder) Release(results int) error {
	full := append(e.full, e.buf)
	e.full, e.held, e.root.Results, e.buf = nil, false, results, block()
	e.start(len(full) > 1 || len(full[0]) > 0)
	e.flush()
	for _, b := range full {
		if e.err == nil {
			_, e.err = e.w.Write(b)
		}
		done(b)
	}
	return e.err
}

// Encode writes one record with its components. It refuses a record without
// uuid, of an invalid resource, or of a private one, and writes nothing of it.
// Errors of the writer are final.
func (e *Encoder) Encode(rec *core.Record) error {
	if e.err != nil {
		return e.err
	}
	if !mayTravel(rec) {
		return fmt.Errorf("s3xml: encode %q %q: not a record that may travel", rec.Resource, rec.UUID)
	}
	return e.Append(func(b []byte) ([]byte, error) { return AppendRecord(b, rec), nil })
}

// mayTravel reports whether a document may have the record.
func mayTravel(rec *core.Record) bool {
	return rec.Resource.Valid() && rec.UUID != "" && !rec.Resource.Private()
}

// Append writes one record as it is appended by a function: by AppendRecord, or what
// comes to the same. If that fails nothing is written of it.
func (e *Encoder) Append(element func(b []byte) ([]byte, error)) error {
	if e.err != nil {
		return e.err
	}
	if !e.held {
		e.start(true)
	}
	b, err := element(e.buf)
	if err != nil {
		return err
	}
	e.buf = b
	switch {
	case len(e.buf) < flushSize:
	case e.held:
		e.size += len(e.buf)
		e.full, e.buf = append(e.full, e.buf), block()
	default:
		e.flush()
	}
	return e.err
}

// Flush writes what was encoded so far, unless it is held.
func (e *Encoder) Flush() error {
	if e.err == nil && e.buf != nil && !e.held {
		e.flush()
	}
	return e.err
}

// Close ends the document and flushes. It does not close the writer, and may be
// called again to the same effect.
func (e *Encoder) Close() error {
	if e.err != nil || e.buf == nil {
		return e.err
	}
	if e.held && e.Release(e.root.Results) != nil {
		return e.err
	}
	if !e.started {
		e.start(false)
	}
	e.buf = append(e.buf, "</s3xml>"...)
	e.flush()
	done(e.buf)
	e.buf = nil
	return e.err
}

func (e *Encoder) flush() {
	_, e.err = e.w.Write(e.buf)
	e.buf = e.buf[:0]
}

func (e *Encoder) start(success bool) {
	if e.started {
		return
	}
	e.started = true
	b := append(e.buf, "<?xml version='1.0' encoding='utf-8'?>\n<s3xml"...)
	b = appendQuoted(b, ` success="`, strconv.FormatBool(success))
	if e.root.Limit > 0 {
		b = appendIntAttr(b, "start", max(e.root.Start, 0))
		b = appendIntAttr(b, "limit", e.root.Limit)
	}
	if e.root.Results >= 0 {
		b = appendIntAttr(b, "results", e.root.Results)
	}
	b = appendQuotedIf(b, ` domain="`, e.root.Domain)
	b = appendQuotedIf(b, ` url="`, e.root.URL)
	e.buf = append(b, '>')
}

// AppendRecord appends one <resource> element with its components; nothing for
// a private resource. A tombstone is written as Eden writes it, without
// anything but its identity, mci and stamp.
func AppendRecord(b []byte, rec *core.Record) []byte {
	if rec.Resource.Private() {
		return b
	}
	b = AppendHead(b, rec)
	if rec.Deleted || len(rec.Fields) == 0 && len(rec.Components) == 0 && rec.Unknown == "" && rec.Body == nil {
		return append(b, "/>"...)
	}
	if b = append(b, '>'); rec.Body != nil {
		b = rec.Body.AppendFields(b)
	} else {
		b = AppendFields(b, rec)
	}
	for i := range rec.Components {
		b = AppendRecord(b, &rec.Components[i])
	}
	return append(append(b, rec.Unknown...), End...)
}

// End ends a <resource> element that has something in it.
const End = "</resource>"

// AppendHead appends the begin of the record's <resource> element without the bracket that
// ends it: what is in the element depends on what follows. In that of a tombstone is nothing.
func AppendHead(b []byte, rec *core.Record) []byte {
	b = appendQuoted(b, `<resource name="`, string(rec.Resource))
	b = appendQuotedIf(b, ` alias="`, rec.Alias)
	b = appendQuotedIf(b, ` uuid="`, rec.UUID)
	if rec.Deleted {
		return appendTombstone(b, rec)
	}
	b = appendQuotedIf(b, ` replaced_by="`, rec.ReplacedBy)
	if rec.MCI >= 0 {
		b = appendIntAttr(b, "mci", rec.MCI)
	}
	b = appendStampAttr(b, "created_on", rec.CreatedOn)
	b = appendStampAttr(b, "modified_on", rec.ModifiedOn)
	b = appendQuotedIf(b, ` url="`, rec.URL)
	b = appendQuotedIf(b, ` created_by="`, rec.CreatedBy)
	b = appendQuotedIf(b, ` modified_by="`, rec.ModifiedBy)
	b = appendQuotedIf(b, ` owned_by_user="`, rec.OwnedBy)
	b = appendQuotedIf(b, ` owned_by_group="`, rec.OwnedGroup)
	return appendAttrs(b, rec.Attrs, recordAttr)
}

// AppendFields appends the elements of the record's fields, references last.
func AppendFields(b []byte, rec *core.Record) []byte {
	references := false
	for i := range rec.Fields {
		if isReference(&rec.Fields[i]) {
			references = true
		} else {
			b = appendField(b, &rec.Fields[i])
		}
	}
	for i := 0; references && i < len(rec.Fields); i++ {
		if isReference(&rec.Fields[i]) {
			b = appendField(b, &rec.Fields[i])
		}
	}
	return b
}

func appendTombstone(b []byte, rec *core.Record) []byte {
	b = append(b, ` deleted="True"`...)
	if rec.MCI >= 0 {
		b = appendIntAttr(b, "mci", rec.MCI)
	}
	b = appendStampAttr(b, "modified_on", rec.ModifiedOn)
	b = appendQuotedIf(b, ` replaced_by="`, rec.ReplacedBy)
	for i := range rec.Attrs {
		if rec.Attrs[i].Name == basedOn {
			return appendAttrs(b, rec.Attrs[i:i+1], recordAttr)
		}
	}
	return b
}

// isReference reports whether the field is written as <reference>. Eden writes
// those after all <data>.
func isReference(f *core.Field) bool {
	switch f.Value.Kind {
	case core.Reference, core.References:
		return true
	case core.Null:
		return f.Value.Aux == core.NullReference
	}
	return false
}

func appendField(b []byte, f *core.Field) []byte {
	v := &f.Value
	switch {
	case v.Kind == core.Null:
		b = appendNull(b, f)
	case v.Kind == core.File:
		b = appendFile(b, f)
	case v.Str == "" && isReference(f):
		b = appendQuotedIf(appendQuoted(b, `<reference field="`, f.Name), ` resource="`, v.Aux)
	default:
		form := valueFormOf(v.Kind)
		b = append(appendEscaped(appendBeginning(b, f.Name, v.Kind, v.Aux), v.Str, form.escapes), form.end...)
	}
	if len(f.Attrs) > 0 {
		b = appendAttrs(b, f.Attrs, reservedFor(f.Value))
	}
	if v.Kind == core.Null {
		return append(b, "/>"...)
	}
	return appendRest(b, f.Text, closing(v.Kind))
}

// appendNull appends the element of a field that was cleared (spec s3xml-format §4.2).
func appendNull(b []byte, f *core.Field) []byte {
	if isReference(f) {
		return append(appendQuoted(b, `<reference field="`, f.Name), ` null="true"`...)
	}
	b = appendQuoted(b, `<data field="`, f.Name)
	if f.Value.Aux == "" {
		b = append(b, ` value="&quot;&quot;"`...)
	}
	return append(b, ` null="true"`...)
}

func appendFile(b []byte, f *core.Field) []byte {
	b = appendQuoted(b, `<data field="`, f.Name)
	if f.Value.Str != "" || f.Value.Aux == "" {
		b = appendQuoted(b, ` url="`, f.Value.Str)
	}
	return appendQuotedIf(b, ` filename="`, f.Value.Aux)
}

// The attributes that an unknown one must not repeat, or it would be another
// element.
func recordAttr(a core.Attr) bool {
	switch a.Name {
	case "name", "alias", "uuid", "deleted", "replaced_by", "mci", "created_on", "modified_on", "url",
		"created_by", "modified_by", "owned_by_user", "owned_by_group":
		return true
	}
	return false
}

func valueAttr(a core.Attr) bool { return a.Name == "value" || fileAttr(a) }

func fileAttr(a core.Attr) bool { return a.Name == "url" || a.Name == "filename" || fieldAttr(a) }

func referenceAttr(a core.Attr) bool {
	return a.Name == "resource" || a.Name == "uuid" || fieldAttr(a)
}

func nullAttr(a core.Attr) bool { return a.Name == "null" || a.Name == "value" || fieldAttr(a) }

func nullReferenceAttr(a core.Attr) bool { return a.Name == "null" || referenceAttr(a) }

func fieldAttr(a core.Attr) bool {
	return a.Name == "field" || a.Name == "null" && a.Value == "true"
}

func reservedFor(v core.Value) func(core.Attr) bool {
	switch v.Kind {
	case core.Null:
		if v.Aux == core.NullReference {
			return nullReferenceAttr
		}
		return nullAttr
	case core.File:
		return fileAttr
	case core.Reference, core.References:
		return referenceAttr
	}
	return valueAttr
}

// appendAttrs appends unknown attributes, but none that would make the element
// invalid: a name that is none, a reserved one, one that was there.
func appendAttrs(b []byte, attrs []core.Attr, reserved func(core.Attr) bool) []byte {
next:
	for i := range attrs {
		name := attrs[i].Name
		if reserved(attrs[i]) || !plainName(name) {
			continue
		}
		for k := range i {
			if attrs[k].Name == name {
				continue next
			}
		}
		b = appendAttr(b, name, attrs[i].Value)
	}
	return b
}

// plainName reports whether name is a name of XML without a namespace.
func plainName(name string) bool {
	for i := range len(name) {
		if name[i] == ':' {
			return false
		}
	}
	return name != "xmlns" && validName([]byte(name))
}

func appendAttr(b []byte, name, value string) []byte {
	b = append(append(append(b, ' '), name...), `="`...)
	return append(appendEscaped(b, value, &attrEscapes), '"')
}

// appendQuoted appends an attribute of which begin is everything before its value.
func appendQuoted(b []byte, begin, value string) []byte {
	return append(appendEscaped(append(b, begin...), value, &attrEscapes), '"')
}

func appendQuotedIf(b []byte, begin, value string) []byte {
	if value == "" {
		return b
	}
	return appendQuoted(b, begin, value)
}

func appendIntAttr(b []byte, name string, n int) []byte {
	b = append(append(append(b, ' '), name...), `="`...)
	return append(strconv.AppendInt(b, int64(n), 10), '"')
}

// appendStampAttr appends a stamp as Eden writes it; nothing if it is not known.
func appendStampAttr(b []byte, name string, m core.MTime) []byte {
	if m.IsZero() {
		return b
	}
	m = min(max(m, firstStamp), lastStamp)
	t := m.Time()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = append(append(append(b, ' '), name...), `="`...)
	b = appendTwo(appendTwo(b, year/100), year%100)
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, 'T'), hour)
	b = appendTwo(append(b, ':'), minute)
	b = appendTwo(append(b, ':'), second)
	return append(b, '"')
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
