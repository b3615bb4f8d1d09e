package s3xml

import (
	"bytes"

	"github.com/fieldsync/fieldsync/core"
)

// readRecord reads the <resource> whose start was read, with all below it, into
// the draft. It returns the record's index, -1 for a private one.
func (d *Decoder) readRecord(parent int) (int, error) {
	if d.isPrivate() {
		return -1, d.skipPrivate()
	}
	n := len(d.draft.records)
	d.draft.records = append(d.draft.records, recordDraft{parent: parent, mci: core.MCIUnknown, begin: d.s.begin})
	if parent >= 0 {
		d.draft.records[parent].components++
	}
	d.readRecordAttributes(n)
	if d.draft.records[n].deleted {
		return n, d.skipUnknown() // Eden ignores what a tombstone holds (spec s3xml-format §17)
	}
	for {
		for d.readFamiliar(n) {
		}
		kind, err := d.s.next()
		if err != nil {
			return n, err
		}
		switch kind {
		case endToken:
			d.draft.records[n].end = d.s.pos
			return n, nil
		case startToken:
			err = d.readChild(n)
		}
		if err != nil {
			return n, err
		}
	}
}

func (d *Decoder) readChild(record int) error {
	switch d.element() {
	case "data":
		return d.readData(record)
	case "reference":
		return d.readReference(record)
	case "resource":
		_, err := d.readRecord(record)
		return err
	}
	return d.readUnknown(record)
}

// readRecordAttributes reads the attributes of <resource> (spec s3xml-format §3).
func (d *Decoder) readRecordAttributes(n int) {
	r := &d.draft.records[n]
	r.attrs.from = len(d.draft.attrs)
	for i := range d.s.attrs {
		a := d.s.attrs[i]
		switch string(d.bytes(a.name)) {
		case "name":
			d.readTable(n, a)
		case "uuid":
			r.uuid = d.take(a)
		case "alias":
			r.alias = d.tables.get(d.lend(a)).text
		case "mci":
			r.mci = d.readMCI(n, a)
		case "created_on":
			r.created = d.readStamp(n, a)
		case "modified_on":
			r.modified = d.readStamp(n, a)
		case "url":
			r.url = d.take(a)
		case "created_by":
			r.createdBy = d.users.get(d.lend(a)).text
		case "modified_by":
			r.modifiedBy = d.users.get(d.lend(a)).text
		case "owned_by_user":
			r.owner = d.users.get(d.lend(a)).text
		case "owned_by_group":
			r.group = d.users.get(d.lend(a)).text
		case "deleted":
			r.deleted = bytes.EqualFold(d.lend(a), []byte("true"))
		case "replaced_by":
			r.replaced = d.take(a)
		case "ref", "id", "tuid", "llrepr", "error":
			// Of the document, not of the record (spec s3xml-format §3). An Eden of before
			// 2021 marks by ref="True" what only came along: kept, it would be another
			// version than the one that comes with the record's own table.
		default:
			d.keep(a)
		}
	}
	r.attrs.to = len(d.draft.attrs)
	d.standAlone(n)
	d.checkIdentity(n)
}

// standAlone calls a component by its table's own name, and makes one that is of its
// master's table a record by itself, which points to what it was nested below.
func (d *Decoder) standAlone(n int) {
	r := &d.draft.records[n]
	if r.parent < 0 || r.table == nil {
		return
	}
	if own := r.resource.Unaliased(r.alias); own != r.resource {
		r.table = d.tables.get([]byte(own))
		r.resource = own
	}
	parent := &d.draft.records[r.parent]
	key := r.resource.ParentKey()
	if key == "" || parent.resource != r.resource {
		return
	}
	parent.components--
	r.parent, r.alias = -1, ""
	if !r.deleted {
		d.add(&fieldDraft{owner: n, name: d.fieldNames.get([]byte(key)).id, aux: r.table.id, kind: core.Reference, value: parent.uuid})
	}
}

func (d *Decoder) readTable(n int, a attribute) {
	table := d.tables.get(d.lend(a))
	if !table.table {
		d.reject(d.s.begin, n, "a resource name that is none: "+clip([]byte(table.text)))
		return
	}
	d.draft.records[n].resource, d.draft.records[n].table = core.Resource(table.text), table
}

func (d *Decoder) checkIdentity(n int) {
	r := &d.draft.records[n]
	if r.resource == "" {
		d.reject(d.s.begin, n, "no resource name")
	}
	if reason := uuidReason(d.draft.arena[r.uuid.from:r.uuid.to]); reason != "" {
		d.reject(d.s.begin, n, reason)
	}
	if r.replaced.to > r.replaced.from {
		if reason := uuidReason(d.draft.arena[r.replaced.from:r.replaced.to]); reason != "" {
			d.reject(d.s.begin, n, "replaced_by: "+reason)
		}
	}
}

func (d *Decoder) readMCI(n int, a attribute) int {
	b := bytes.TrimSpace(d.lend(a))
	mci := 0
	for _, c := range b {
		mci = mci*10 + int(c-'0')
		if c < '0' || c > '9' || mci > 1<<31-1 {
			mci = -1
			break
		}
	}
	if mci < 0 || len(b) == 0 {
		d.reject(d.s.begin, n, "mci is no number: "+clip(b))
		return core.MCIUnknown
	}
	return mci
}

// The stamps that can be written in four digits of a year.
const (
	firstStamp = core.MTime(-62167219200) // 0000-01-01T00:00:00
	lastStamp  = core.MTime(253402300799) // 9999-12-31T23:59:59
)

func (d *Decoder) readStamp(n int, a attribute) core.MTime {
	b := d.lend(a)
	m, err := core.ParseMTime(peek(b))
	if err != nil || m < firstStamp || m > lastStamp {
		d.reject(d.s.begin, n, string(d.bytes(a.name))+" is no date and time: "+clip(b))
		return 0
	}
	return m
}

// readUnknown keeps an element outside of the format as it stands, but for
// private resources in it. One that uses namespaces is dropped: away from their
// declarations it would make a document invalid.
func (d *Decoder) readUnknown(record int) error {
	from := d.s.begin
	drop := d.usesNamespace()
	for depth := d.s.depth; ; {
		kind, err := d.s.next()
		if err != nil {
			return err
		}
		if kind == endToken && d.s.depth < depth {
			break
		}
		if kind == startToken {
			drop = drop || d.usesNamespace()
			if d.element() == "resource" && d.isPrivate() {
				if err := d.skipPrivate(); err != nil {
					return err
				}
			}
		}
	}
	if !drop {
		d.keepUnknown(record, span{from, d.s.pos})
	}
	return nil
}

// keepUnknown adds a part of the document to what the record has of unknown
// things.
func (d *Decoder) keepUnknown(record int, part span) {
	from := len(d.draft.arena)
	d.draft.arena = d.public(d.draft.arena, part)
	d.draft.addUnknown(record, span{from, len(d.draft.arena)})
}

func (d *Decoder) usesNamespace() bool {
	if foreign(d.bytes(d.s.name)) {
		return true
	}
	for _, a := range d.s.attrs {
		if foreign(d.bytes(a.name)) {
			return true
		}
	}
	return false
}

// skipUnknown passes over an element like skip, and counts the private
// resources in it.
func (d *Decoder) skipUnknown() error {
	for depth := d.s.depth; ; {
		kind, err := d.s.next()
		if err != nil || kind == endToken && d.s.depth < depth {
			return err
		}
		if kind == startToken && d.element() == "resource" && d.isPrivate() {
			if err := d.skipPrivate(); err != nil {
				return err
			}
		}
	}
}
