package s3xml

import (
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A draft is one top-level element as far as it was read. Values are spans of
// the arena, which becomes one string when the element is complete, so that a
// record costs a handful of allocations however many fields it has. All slices
// are used again for the next element.
type draft struct {
	arena   []byte
	records []recordDraft // a master before its components
	fields  []fieldDraft
	attrs   []attrDraft
	unknown []unknownDraft
	private []span // of the scanner's buffer: elements that were not read
	bad     *RecordError

	text  string      // the arena, once complete
	built []core.Attr // attrs, once complete

	room *core.Room // of what is lent
}

type recordDraft struct {
	resource core.Resource
	table    *name // the same, nil if it is no resource
	expect   int   // of table.order: the field that may come next
	mixed    bool  // not all fields came in that order, so one may stand twice
	alias    string
	parent   int // index of the master, -1 if it has none
	uuid     span
	url      span
	replaced span
	attrs    span // of draft.attrs

	mci                   int
	created, modified     core.MTime
	createdBy, modifiedBy string
	owner, group          string
	deleted               bool
	begin, end            int // in the scanner's buffer; end is 0 if it was not read in the usual way
	digest                core.Digest

	fields, components int // how many
	firstField         int // where in the slices of this element
	firstComponent     int
	built              int // components so far
	firstUnknown       int // in draft.unknown, counted from 1; 0 if there is none
	lastUnknown        int
}

// A fieldDraft has no pointers, so that the garbage collector has nothing to do
// with it: there are as many of them as there are fields.
type fieldDraft struct {
	owner int // index of the record
	name  int // id in Decoder.fieldNames; -1 if the record is rejected for it
	aux   int // id in Decoder.tables: a resource, or what kind of field is null; -1 if none
	kind  core.Kind
	file  span // the file name, which is Aux too
	value span
	text  span
	attrs span // of draft.attrs
}

type attrDraft struct {
	name  string
	value span
}

// An unknownDraft is a child element outside of the format.
type unknownDraft struct {
	xml  span
	next int // the next of the same record, counted from 1; 0 if it is the last
}

func (d *draft) reset() {
	if cap(d.arena) > 4*bufferSize {
		*d = draft{room: d.room}
	}
	d.arena, d.records, d.fields = d.arena[:0], d.records[:0], d.fields[:0]
	d.attrs, d.unknown, d.private, d.bad = d.attrs[:0], d.unknown[:0], d.private[:0], nil
	d.text, d.built = "", nil
}

func (d *draft) string(s span) string { return d.text[s.from:s.to] }

// place counts and lays out: components of one master side by side, fields of
// one record side by side. It returns the number of components and of records
// that stand alone.
func (d *draft) place() (components, alone int) {
	fields := 0
	for i := range d.records {
		r := &d.records[i]
		r.firstField, r.firstComponent = fields, components
		fields += r.fields
		components += r.components
		if r.parent < 0 {
			alone++
		}
	}
	return components, alone
}

// build makes the records: the first into rec, those that stood inside of
// references into the slice it returns. double is the name of a field that
// stands twice in a record, "" if all is well.
func (d *draft) build(rec *core.Record, names, tables *names) (inline []core.Record, double string) {
	d.text = string(d.arena)
	componentCount, alone := d.place()
	room := d.room
	if alone > 1 { // the others are handed over after this one
		room = nil
	}
	d.buildAttrs(room)
	fields := d.buildFields(room, names, tables)
	var components []core.Record
	if componentCount > 0 {
		components = room.Records(componentCount)
	}
	if alone > 1 {
		inline = make([]core.Record, 0, alone-1)
	}
	for i := range d.records {
		r := &d.records[i]
		target := rec
		switch {
		case i == 0:
		case r.parent < 0:
			inline = inline[:len(inline)+1]
			target = &inline[len(inline)-1]
		default:
			p := &d.records[r.parent]
			target = &components[p.firstComponent+p.built]
			p.built++
		}
		d.buildRecord(target, r)
		if r.fields > 0 {
			target.Fields = fields[r.firstField-r.fields : r.firstField : r.firstField]
		}
		if r.mixed {
			if name := twice(target.Fields); name != "" {
				return nil, name
			}
		}
		if r.components > 0 {
			end := r.firstComponent + r.components
			target.Components = components[r.firstComponent:end:end]
		}
	}
	return inline, ""
}

func (d *draft) buildRecord(out *core.Record, r *recordDraft) {
	*out = core.Record{
		Resource: r.resource, UUID: d.string(r.uuid), Alias: r.alias, MCI: r.mci,
		CreatedOn: r.created, ModifiedOn: r.modified, CreatedBy: r.createdBy, ModifiedBy: r.modifiedBy,
		OwnedBy: r.owner, OwnedGroup: r.group, Deleted: r.deleted, ReplacedBy: d.string(r.replaced),
		URL: d.string(r.url), Attrs: d.attrsAt(r.attrs), Digest: r.digest,
	}
	if r.parent >= 0 {
		p := &d.records[r.parent]
		out.Master = core.Link{Resource: p.resource, UUID: d.string(p.uuid)}
	}
	if r.firstUnknown > 0 {
		out.Unknown = d.unknownOf(r)
	}
}

// buildFields makes the fields of all records in one slice. Each record's
// firstField is then the end of its part.
func (d *draft) buildFields(room *core.Room, names, tables *names) []core.Field {
	if len(d.fields) == 0 {
		return nil
	}
	fields := room.Fields(len(d.fields))
	for i := range d.fields {
		f := &d.fields[i]
		owner := &d.records[f.owner]
		out := &fields[owner.firstField]
		owner.firstField++
		out.Name = names.text(f.name)
		out.Value.Kind = f.kind
		// Most parts of most fields are empty, and the slice is zero: a pointer
		// that is not written costs the garbage collector nothing.
		if f.value.to > f.value.from {
			out.Value.Str = d.string(f.value)
		}
		if f.text.to > f.text.from {
			out.Text = d.string(f.text)
		}
		if f.aux >= 0 {
			out.Value.Aux = tables.text(f.aux)
		}
		if f.kind == core.File {
			out.Value.Aux = d.string(f.file)
		}
		if f.attrs.to > f.attrs.from {
			out.Attrs = d.attrsAt(f.attrs)
		}
	}
	return fields
}

// buildAttrs makes the attributes of all records and fields in one slice.
func (d *draft) buildAttrs(room *core.Room) {
	d.built = nil
	if len(d.attrs) == 0 {
		return
	}
	d.built = room.Attrs(len(d.attrs))
	for i, a := range d.attrs {
		d.built[i] = core.Attr{Name: a.name, Value: d.string(a.value)}
	}
}

// attrsAt is a part of those attributes, nil if it is empty.
func (d *draft) attrsAt(s span) []core.Attr {
	if s.to <= s.from {
		return nil
	}
	return d.built[s.from:s.to:s.to]
}

// unknownOf joins the unknown elements of a record, in their order.
func (d *draft) unknownOf(r *recordDraft) string {
	if r.firstUnknown == r.lastUnknown {
		return d.string(d.unknown[r.firstUnknown-1].xml)
	}
	var all strings.Builder
	for i := r.firstUnknown; i > 0; i = d.unknown[i-1].next {
		all.WriteString(d.string(d.unknown[i-1].xml))
	}
	return all.String()
}

// addUnknown notes an unknown element of a record.
func (d *draft) addUnknown(record int, xml span) {
	d.unknown = append(d.unknown, unknownDraft{xml: xml})
	n, r := len(d.unknown), &d.records[record]
	if r.firstUnknown == 0 {
		r.firstUnknown = n
	} else {
		d.unknown[r.lastUnknown-1].next = n
	}
	r.lastUnknown = n
}

// twice returns the name that two of the fields have, "" if all differ.
func twice(fields []core.Field) string {
	if len(fields) > 64 {
		seen := make(map[string]bool, len(fields))
		for i := range fields {
			if seen[fields[i].Name] {
				return fields[i].Name
			}
			seen[fields[i].Name] = true
		}
		return ""
	}
	var filter uint64 // most names need no comparison
	for i := range fields {
		n := fields[i].Name
		bit := uint64(1) << ((uint(n[0])*7 + uint(n[len(n)-1])*31 + uint(n[len(n)/2])*13 + uint(len(n))) % 64)
		if filter&bit != 0 && named(fields[:i], n) {
			return n
		}
		filter |= bit
	}
	return ""
}

func named(fields []core.Field, name string) bool {
	for i := range fields {
		if fields[i].Name == name {
			return true
		}
	}
	return false
}
