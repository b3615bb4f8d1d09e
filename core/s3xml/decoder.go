package s3xml

import (
	"errors"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A Decoder reads a document record by record. It serves one goroutine.
type Decoder struct {
	s       scanner
	root    Root
	rooted  bool
	err     error // final
	dropped int

	draft   draft
	pending []core.Record // records that stood inside of references

	fieldNames, tables, users names

	digester *digester // of those that records are given, if they are; see Recognise
	ask      func([]core.Sighting) error
	marks    []mark
	// What was looked over and not yet passed or read; queue is its whole slice.
	ahead, queue []element
	sightings    []core.Sighting
}

// NewDecoder returns a decoder that reads from r, in blocks and ahead. It reads
// nothing yet and does not close r.
func NewDecoder(r io.Reader, limits Limits) *Decoder {
	return &Decoder{
		s:          newScanner(&transcoder{source: r}, limits),
		fieldNames: newNames(), tables: newNames(), users: newNames(),
	}
}

// Root returns the attributes of the document element, reading up to and
// including its start tag. It may be called at any time. Its name is not looked
// at (spec s3xml-format §2).
func (d *Decoder) Root() (Root, error) {
	if d.rooted {
		return d.root, nil
	}
	if d.err != nil {
		return NewRoot(), d.err
	}
	for {
		kind, err := d.s.next()
		switch {
		case err != nil:
			return NewRoot(), d.final(err)
		case kind == startToken:
			d.root, d.rooted = d.readRoot(), true
			return d.root, nil
		}
	}
}

func (d *Decoder) readRoot() Root {
	root := NewRoot()
	for _, a := range d.s.attrs {
		value := string(appendValue(nil, d.bytes(a.value)))
		switch string(d.bytes(a.name)) {
		case "success":
			root.Success = strings.EqualFold(value, "true")
		case "results":
			root.Results = count(value)
		case "start":
			root.Start = count(value)
		case "limit":
			root.Limit = count(value)
		case "domain":
			root.Domain = value
		case "url":
			root.URL = value
		}
	}
	return root
}

// count reads a number of the root element, -1 if it is none.
func count(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// Lend has the fields, attributes and components of what Next reads from now on lie in a
// room, and go when that is emptied. nil: each record has room of its own.
func (d *Decoder) Lend(room *core.Room) { d.draft.room = room }

// Next reads the next top-level record into rec, overwriting it entirely; the
// caller may keep it, unless it is lent. Records that stand inside of references follow the record
// that refers to them. Next returns io.EOF at the proper end of the document, a
// *RecordError for one bad record, after which it may be called again, and any
// other error for good: a *SyntaxError or what the reader said.
func (d *Decoder) Next(rec *core.Record) error {
	if len(d.pending) > 0 {
		*rec, d.pending = d.pending[0], d.pending[1:]
		return nil
	}
	if _, err := d.Root(); err != nil {
		return err
	}
	if d.err != nil {
		return d.err
	}
	for {
		d.s.release()
		kind, err := d.s.next()
		switch {
		case err != nil:
			return d.final(err)
		case kind == endToken:
			return d.final(d.epilogue())
		case kind != startToken:
			continue
		}
		read, err := d.readTop(rec)
		var bad *RecordError
		if err != nil && !errors.As(err, &bad) {
			return d.final(err)
		}
		if read || err != nil {
			return err
		}
	}
}

// final notes and returns the error that ends the document.
func (d *Decoder) final(err error) error {
	var e *SyntaxError
	if errors.As(err, &e) && len(d.draft.records) > 0 && d.s.record >= 0 {
		last := &d.draft.records[len(d.draft.records)-1]
		e.Record = core.Link{Resource: last.resource, UUID: string(d.draft.arena[last.uuid.from:last.uuid.to])}
	}
	d.err = err
	return err
}

// epilogue reads what follows the document element: io.EOF if that is nothing.
func (d *Decoder) epilogue() error {
	d.s.release()
	if _, err := d.s.next(); err != nil {
		return err
	}
	return io.EOF // the scanner lets nothing else stand there
}

// readTop reads one child of the document element. read is false if it was no
// record, or a private one.
func (d *Decoder) readTop(rec *core.Record) (read bool, err error) {
	d.draft.reset()
	d.fieldNames.release()
	d.tables.release()
	d.users.release()
	d.s.record = d.s.begin
	line := d.s.begin
	if d.element() != "resource" {
		return false, d.skip()
	}
	n, err := d.readRecord(-1)
	if err != nil || n < 0 {
		return false, err
	}
	if d.s.pos-d.s.record > d.s.limits.Record {
		return false, d.s.dangerous("a record larger than " + strconv.Itoa(d.s.limits.Record) + " bytes")
	}
	if d.draft.bad == nil {
		if d.digester != nil {
			d.takeDigests()
		}
		inline, double := d.draft.build(rec, &d.fieldNames, &d.tables)
		if double == "" {
			d.pending = inline
			return true, nil
		}
		d.reject(line, 0, "the field "+double+" stands twice")
	}
	d.nameWhole()
	d.draft.bad.Content = d.content()
	return false, d.draft.bad
}

// nameWhole makes the error one of the top-level record: for what is wrong with a
// component, all of it is set aside. The reason then says in which component.
func (d *Decoder) nameWhole() {
	r := &d.draft.records[0]
	whole := core.Link{Resource: r.resource, UUID: string(d.draft.arena[r.uuid.from:r.uuid.to])}
	if bad := d.draft.bad; bad.Record != whole && whole.Resource != "" && uuidReason([]byte(whole.UUID)) == "" {
		if !bad.Record.IsZero() {
			bad.Reason += " (in " + string(bad.Record.Resource) + " " + bad.Record.UUID + ")"
		}
		bad.Record = whole
	}
}

// reject notes why the record cannot be used; the first reason counts. The
// element goes on being read.
func (d *Decoder) reject(at, record int, reason string) {
	if d.draft.bad != nil {
		return
	}
	e := &RecordError{Line: d.s.line(at), Reason: reason, Element: "resource"}
	if n := len(d.s.open); n > 0 && at != d.s.record {
		e.Element = clip(d.s.innermost())
	}
	if record < len(d.draft.records) {
		r := &d.draft.records[record]
		e.Record = core.Link{Resource: r.resource, UUID: string(d.draft.arena[r.uuid.from:r.uuid.to])}
	}
	d.draft.bad = e
}

// maxContent bounds RecordError.Content, in bytes.
const maxContent = 64 << 10

// content is the top-level element without what is private.
func (d *Decoder) content() string {
	b := d.public(nil, span{d.s.record, d.s.pos})
	if len(b) > maxContent {
		return strings.ToValidUTF8(string(b[:maxContent]), "")
	}
	return string(b)
}

// public appends a part of the buffer without the private elements in it.
func (d *Decoder) public(b []byte, part span) []byte {
	private := d.draft.private
	first := sort.Search(len(private), func(i int) bool { return private[i].from >= part.from })
	for _, p := range private[first:] {
		if p.to > part.to {
			break
		}
		b = append(b, d.s.buf[part.from:p.from]...)
		part.from = p.to
	}
	return append(b, d.s.buf[part.from:part.to]...)
}

func (d *Decoder) bytes(s span) []byte { return d.s.buf[s.from:s.to] }

// element returns the name of the element whose start was read, "" for all
// that are not records or their parts.
func (d *Decoder) element() string {
	switch string(d.bytes(d.s.name)) {
	case "data":
		return "data"
	case "reference":
		return "reference"
	case "resource":
		return "resource"
	}
	return ""
}

// take decodes an attribute value to the end of the arena.
func (d *Decoder) take(a attribute) span {
	from := len(d.draft.arena)
	if a.plain {
		d.draft.arena = append(d.draft.arena, d.bytes(a.value)...)
	} else {
		d.draft.arena = appendValue(d.draft.arena, d.bytes(a.value))
	}
	return span{from, len(d.draft.arena)}
}

// lend is an attribute's value for a moment: until the next take.
func (d *Decoder) lend(a attribute) []byte {
	if a.plain {
		return d.bytes(a.value)
	}
	s := d.take(a)
	d.draft.arena = d.draft.arena[:s.from]
	return d.draft.arena[s.from:s.to]
}

// keep adds an attribute outside of the format. S3XML has no namespaces: a
// prefix would mean nothing where it is sent to, and make that document invalid.
func (d *Decoder) keep(a attribute) {
	text := d.bytes(a.name)
	if foreign(text) {
		return
	}
	d.draft.attrs = append(d.draft.attrs, attrDraft{d.fieldNames.get(text).text, d.take(a)})
}

// foreign reports whether a name belongs to a namespace.
func foreign(name []byte) bool {
	return strings.IndexByte(peek(name), ':') >= 0 || string(name) == "xmlns"
}

// skip passes over the element whose start was read.
func (d *Decoder) skip() error {
	for depth := d.s.depth; ; {
		kind, err := d.s.next()
		if err != nil {
			return err
		}
		if kind == endToken && d.s.depth < depth {
			return nil
		}
	}
}

// isPrivate reports whether the element whose start was read is a resource of
// a private table.
func (d *Decoder) isPrivate() bool {
	for _, a := range d.s.attrs {
		if string(d.bytes(a.name)) == "name" {
			return d.tables.get(d.lend(a)).private
		}
	}
	return false
}

// skipPrivate passes over a private resource and counts it.
func (d *Decoder) skipPrivate() error {
	from := d.s.begin
	d.dropped++
	err := d.skip()
	d.draft.private = append(d.draft.private, span{from, d.s.pos})
	return err
}

// Dropped returns how many resources of private tables were passed over so far,
// at any depth.
func (d *Decoder) Dropped() int { return d.dropped }

// Offset returns how many bytes of the document, as UTF-8, were used up.
func (d *Decoder) Offset() int64 { return d.s.base + int64(d.s.pos) }

// ParseRecord reads what AppendRecord wrote, or a record that was set aside.
// Records inside of references are left out.
func ParseRecord(xml string) (core.Record, error) {
	d := NewDecoder(io.MultiReader(strings.NewReader("<s3xml>"), strings.NewReader(xml), strings.NewReader("</s3xml>")), Limits{})
	var rec, more core.Record
	if err := d.Next(&rec); err != nil {
		if errors.Is(err, io.EOF) {
			return core.Record{}, &SyntaxError{Line: 1, Reason: "no record", Kind: core.Malformed}
		}
		return core.Record{}, err
	}
	d.pending = nil
	switch err := d.Next(&more); {
	case errors.Is(err, io.EOF):
		return rec, nil
	case err == nil:
		return core.Record{}, &SyntaxError{Line: 1, Element: "resource", Record: more.Link(), Reason: "more than one record", Kind: core.Malformed}
	default:
		return core.Record{}, err
	}
}
