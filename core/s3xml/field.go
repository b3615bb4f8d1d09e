package s3xml

import (
	"bytes"
	"html"
	"slices"
	"strconv"

	"github.com/fieldsync/fieldsync/core"
)

// fieldParts are the attributes of <data> and <reference> that mean something;
// -1 is absent, else an index of scanner.attrs.
type fieldParts struct {
	field, value, url, filename, resource, uuid, tuid int
	null                                              bool
}

// split sorts the attributes of the element whose start was read. The caller
// keeps those that it does not use.
func (d *Decoder) split() fieldParts {
	p := fieldParts{-1, -1, -1, -1, -1, -1, -1, false}
	for i := range d.s.attrs {
		switch string(d.bytes(d.s.attrs[i].name)) {
		case "field":
			p.field = i
		case "value":
			p.value = i
		case "url":
			p.url = i
		case "filename":
			p.filename = i
		case "resource":
			p.resource = i
		case "uuid":
			p.uuid = i
		case "tuid":
			p.tuid = i
		case "null":
			p.null = string(d.bytes(d.s.attrs[i].value)) == "true"
		}
	}
	return p
}

// keepRest keeps the attributes of the element whose start was read, without
// those at the indexes that were used.
func (d *Decoder) keepRest(used ...int) span {
	s := span{len(d.draft.attrs), 0}
	for i := range d.s.attrs {
		if !slices.Contains(used, i) {
			d.keep(d.s.attrs[i])
		}
	}
	s.to = len(d.draft.attrs)
	return s
}

// readName reads the field attribute; -1 if the record must be rejected.
func (d *Decoder) readName(record, i int) int {
	if i < 0 {
		d.reject(d.s.begin, record, "a field without a name")
		return -1
	}
	n := d.fieldNames.get(d.lend(d.s.attrs[i]))
	if !n.field {
		d.reject(d.s.begin, record, "a field name that is none: "+clip([]byte(n.text)))
		return -1
	}
	return n.id
}

// is reports whether the attribute at index i has that name.
func (d *Decoder) is(i int, name string) bool { return string(d.bytes(d.s.attrs[i].name)) == name }

// readData reads the <data> whose start was read (spec s3xml-format §4). The
// forms in which Eden writes nearly all fields need no sorting of attributes.
func (d *Decoder) readData(record int) error {
	f := fieldDraft{owner: record, aux: -1}
	switch n := len(d.s.attrs); {
	case n == 1 && d.is(0, "field"):
		f.kind, f.name = core.String, d.readName(record, 0)
		d.learn(record, d.fieldNames.last, nil)
	case n == 2 && d.is(0, "field") && d.is(1, "value"):
		f.name = d.readName(record, 0)
		d.learn(record, d.fieldNames.last, nil)
		f.kind, f.value = d.readValue(d.take(d.s.attrs[1]))
		return d.readRepresentation(&f)
	default:
		if d.readOdd(&f) {
			return d.readRepresentation(&f)
		}
	}
	if err := d.readText(record, &f.value); err != nil {
		return err
	}
	d.add(&f)
	return nil
}

// readRepresentation reads what stands in a <data> beside its value.
func (d *Decoder) readRepresentation(f *fieldDraft) error {
	if err := d.readText(f.owner, &f.text); err != nil {
		return err
	}
	if d.needless(f) {
		f.text = span{}
	}
	d.add(f)
	return nil
}

// needless reports whether the representation of a field tells nobody more than its
// value.
func (d *Decoder) needless(f *fieldDraft) bool {
	return f.kind == core.Null || d.same(f.text, f.value) || f.kind == core.String && d.sameEscaped(f.text, f.value)
}

// sameEscaped reports whether a representation is the value with &, < and > escaped:
// Eden escapes it twice (spec s3xml-format §4.1), and "Tetum &amp; Portuguese" is no
// other text for a person than the value.
func (d *Decoder) sameEscaped(text, value span) bool {
	shown := d.draft.arena[text.from:text.to]
	return bytes.IndexByte(shown, '&') >= 0 && html.UnescapeString(string(shown)) == string(d.draft.arena[value.from:value.to])
}

// readOdd reads the attributes of a <data> that has more than its field and
// value. It reports whether the value is among them; else it is the text.
func (d *Decoder) readOdd(f *fieldDraft) bool {
	p := d.split()
	f.name = d.readName(f.owner, p.field)
	switch {
	case p.null:
		d.readNull(f, p)
	case p.url >= 0 || p.filename >= 0:
		d.readFile(f, p)
	case p.value >= 0:
		f.kind, f.value = d.readValue(d.take(d.s.attrs[p.value]))
		f.attrs = d.keepRest(p.field, p.value)
	default:
		f.kind = core.String
		f.attrs = d.keepRest(p.field)
		return false
	}
	return true
}

// add puts a field into the draft, unless its record is rejected already.
func (d *Decoder) add(f *fieldDraft) {
	if f.name >= 0 {
		d.draft.fields = append(d.draft.fields, *f)
		r := &d.draft.records[f.owner]
		r.fields++
		r.mixed = true
	}
}

func (d *Decoder) same(a, b span) bool {
	return bytes.Equal(d.draft.arena[a.from:a.to], d.draft.arena[b.from:b.to])
}

// readNull reads null="true": a field that a Fieldsync cleared.
func (d *Decoder) readNull(f *fieldDraft, p fieldParts) {
	f.kind = core.Null
	if p.value < 0 {
		f.aux = d.tables.get([]byte(core.NullDate)).id
	}
	f.attrs = d.keepRest(p.field, p.value, d.nullIndex())
}

func (d *Decoder) nullIndex() int {
	for i := range d.s.attrs {
		if string(d.bytes(d.s.attrs[i].name)) == "null" {
			return i
		}
	}
	return -1
}

// readFile reads an upload (spec s3xml-format §10).
func (d *Decoder) readFile(f *fieldDraft, p fieldParts) {
	f.kind = core.File
	if p.url >= 0 {
		f.value = d.take(d.s.attrs[p.url])
	}
	if p.filename >= 0 {
		f.file = d.take(d.s.attrs[p.filename])
	}
	f.attrs = d.keepRest(p.field, p.url, p.filename)
}

// readValue says what the value at the end of the arena is, and replaces a JSON
// string by its text.
func (d *Decoder) readValue(value span) (core.Kind, span) {
	b := d.draft.arena[value.from:value.to]
	kind := classify(b)
	switch kind {
	case core.String:
		value.to = value.from + len(unquote(b))
	case core.Null:
		value.to = value.from
	}
	d.draft.arena = d.draft.arena[:value.to]
	return kind, value
}

// readText reads the content of <data> to its end: text into out, elements that
// do not belong there to the record.
func (d *Decoder) readText(record int, out *span) error {
	out.from, out.to = len(d.draft.arena), len(d.draft.arena)
	if text, ok := d.s.leaf(); ok {
		d.draft.arena = append(d.draft.arena, d.bytes(text)...)
		out.to = len(d.draft.arena)
		return nil
	}
	var kept []byte // text so far, set aside while an unknown element is kept
	for {
		kind, err := d.s.next()
		if err != nil {
			return err
		}
		switch kind {
		case endToken:
			if kept != nil {
				out.from = len(d.draft.arena)
				d.draft.arena = append(d.draft.arena, kept...)
			}
			out.to = len(d.draft.arena)
			return nil
		case textToken:
			if kept != nil {
				kept = d.appendContent(kept)
			} else {
				d.draft.arena = d.appendContent(d.draft.arena)
			}
			if len(d.draft.arena)-out.from > d.s.limits.Field || len(kept) > d.s.limits.Field {
				return d.s.dangerous("a text longer than " + strconv.Itoa(d.s.limits.Field) + " bytes")
			}
		case startToken:
			if kept == nil {
				kept = append([]byte{}, d.draft.arena[out.from:]...)
				d.draft.arena = d.draft.arena[:out.from]
			}
			if err := d.readStray(record); err != nil {
				return err
			}
			out.from = len(d.draft.arena)
		}
	}
}

func (d *Decoder) appendContent(b []byte) []byte {
	if d.s.plain {
		return append(b, d.bytes(d.s.text)...)
	}
	return appendText(b, d.bytes(d.s.text), d.s.cdata)
}

// readStray reads an element where only text belongs.
func (d *Decoder) readStray(record int) error {
	if d.element() == "resource" && d.isPrivate() {
		return d.skipPrivate()
	}
	if d.element() != "" {
		return d.skipUnknown() // a record or field inside of a field is none; Eden does not see it either
	}
	return d.readUnknown(record)
}

// readReference reads the <reference> whose start was read (spec s3xml-format §6).
func (d *Decoder) readReference(record int) error {
	tag, tuid, foreign := span{d.s.begin, d.s.pos}, false, d.usesNamespace()
	f := fieldDraft{owner: record, aux: -1, kind: core.Reference}
	if len(d.s.attrs) == 3 && d.is(0, "field") && d.is(1, "resource") && d.is(2, "uuid") {
		f.name, f.aux = d.readName(record, 0), d.readTarget(record, d.s.attrs[1])
		d.learn(record, d.fieldNames.last, d.tables.last)
		d.readTargets(&f, d.s.attrs[2])
	} else {
		tuid = d.readOddReference(&f)
	}
	if err := d.readReferenceContent(record, &f); err != nil {
		return err
	}
	if f.kind != core.Null && !tuid && f.value.to == f.value.from {
		if !foreign {
			d.keepPointless(record, tag, f.text)
		}
		return nil
	}
	if f.kind == core.Null || d.same(f.text, f.value) {
		f.text = span{}
	}
	d.add(&f)
	return nil
}

// keepPointless keeps a reference that refers to nothing as an unknown element:
// it is no value, so it must not clear the field.
func (d *Decoder) keepPointless(record int, tag, text span) {
	from := len(d.draft.arena)
	b := append(d.draft.arena, d.bytes(tag)...)
	if !bytes.HasSuffix(b, []byte("/>")) {
		b = appendEscaped(b, string(b[text.from:text.to]), &textEscapes)
		b = append(b, "</reference>"...)
	}
	d.draft.arena = b
	d.draft.addUnknown(record, span{from, len(b)})
}

// readOddReference reads the attributes of a <reference> that has not just the
// usual ones. It reports whether it refers to something by tuid, which is not
// resolved here.
func (d *Decoder) readOddReference(f *fieldDraft) (tuid bool) {
	p := d.split()
	f.name = d.readName(f.owner, p.field)
	if p.resource >= 0 {
		f.aux = d.readTarget(f.owner, d.s.attrs[p.resource])
	}
	null := -1
	if p.null {
		f.kind, f.aux, null = core.Null, d.tables.get([]byte(core.NullReference)).id, d.nullIndex()
	} else if p.uuid >= 0 {
		d.readTargets(f, d.s.attrs[p.uuid])
	}
	used := []int{p.field, p.resource, p.uuid, null}
	for i := range d.s.attrs {
		if ofMaps[string(d.bytes(d.s.attrs[i].name))] {
			used = append(used, i)
		}
	}
	f.attrs = d.keepRest(used...)
	return p.tuid >= 0
}

// ofMaps are what Edens before 2017, and those that are asked for a map, write on a
// reference to a place, or leave out, as the address of the request is: they say nothing
// of the record.
var ofMaps = map[string]bool{
	"wkt": true, "address": true, "postcode": true, "popup": true, "popup_url": true, "marker": true, "marker_url": true,
	"marker_height": true, "marker_width": true, "sym": true, "attributes": true,
}

// readTarget reads the name of the referenced resource.
func (d *Decoder) readTarget(record int, a attribute) int {
	table := d.tables.get(d.lend(a))
	if !table.table && table.text != "" {
		d.reject(d.s.begin, record, "a reference to what is no resource: "+clip([]byte(table.text)))
	}
	return table.id
}

// readTargets reads the uuid or the list of uuids of a reference.
func (d *Decoder) readTargets(f *fieldDraft, a attribute) {
	f.value = d.take(a)
	b := d.draft.arena[f.value.from:f.value.to]
	reason := ""
	switch {
	case len(b) == 0:
	case b[0] == '[':
		f.kind = core.References
		reason = uuidList(b)
	default:
		reason = uuidReason(b)
	}
	if reason != "" {
		d.reject(d.s.begin, f.owner, "a reference with "+reason)
	}
}

// readReferenceContent reads the representation, and records that stand inside.
func (d *Decoder) readReferenceContent(record int, f *fieldDraft) error {
	var text []byte
	var targets []int
	f.text.from, f.text.to = len(d.draft.arena), len(d.draft.arena)
	if text, ok := d.s.leaf(); ok {
		d.draft.arena = append(d.draft.arena, d.bytes(text)...)
		f.text.to = len(d.draft.arena)
		return nil
	}
	for {
		kind, err := d.s.next()
		if err != nil {
			return err
		}
		switch {
		case kind == endToken:
			if text != nil {
				f.text.from = len(d.draft.arena)
				d.draft.arena = append(d.draft.arena, text...)
				f.text.to = len(d.draft.arena)
			}
			if len(bytes.TrimSpace(d.draft.arena[f.text.from:f.text.to])) == 0 {
				f.text = span{}
			}
			d.pointAt(f, targets)
			return nil
		case kind == textToken && text == nil && f.text.from == f.text.to && len(d.draft.arena) == f.text.to:
			d.draft.arena = d.appendContent(d.draft.arena)
			f.text.to = len(d.draft.arena)
		case kind == textToken:
			if text == nil {
				text = append([]byte{}, d.draft.arena[f.text.from:f.text.to]...)
			}
			text = d.appendContent(text)
		case kind == startToken && d.element() == "resource":
			n, err := d.readRecord(-1)
			if err != nil {
				return err
			}
			if n >= 0 {
				targets = append(targets, n)
			}
		case kind == startToken:
			if err := d.readStray(record); err != nil {
				return err
			}
		}
	}
}

// pointAt makes a reference without a uuid point at the records inside of it.
func (d *Decoder) pointAt(f *fieldDraft, targets []int) {
	if len(targets) == 0 || f.kind == core.Null || f.value.to > f.value.from {
		return
	}
	first := &d.draft.records[targets[0]]
	if d.tables.text(f.aux) == "" && first.table != nil {
		f.aux = first.table.id
	}
	if len(targets) == 1 {
		f.value = first.uuid
		return
	}
	f.kind = core.References
	from := len(d.draft.arena)
	for i, t := range targets {
		separator := byte(',')
		if i == 0 {
			separator = '['
		}
		d.draft.arena = append(d.draft.arena, separator)
		uuid := d.draft.records[t].uuid
		d.draft.arena = appendJSONString(d.draft.arena, string(d.draft.arena[uuid.from:uuid.to]))
	}
	d.draft.arena = append(d.draft.arena, ']')
	f.value = span{from, len(d.draft.arena)}
}
