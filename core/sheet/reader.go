package sheet

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A Reader reads rows as records of one resource.
type Reader struct {
	resource core.Resource
	format   Format
	lookup   Lookup
	columns  []column
	rows     source
	line     int
	seen     map[string]int // uuid -> its row
	leftOut  []bool         // columns that a person left out
}

// source hands out the rows of a file; io.EOF at the end.
type source interface {
	next() ([]string, error)
	days() days
}

type column struct {
	name  string           // as it stands in the header
	field core.FieldSchema // for a field
	part  string           // uuidColumn or masterColumn; "" for a field or a blank header
}

// A Row is one record of the table.
type Row struct {
	Line   int    // as a spreadsheet program counts it; the header is 1
	UUID   string // "" for a new record
	Master string // uuid of the record a component belongs to; "" if the table does not say
	cells  []cell
}

type cell struct {
	field core.Field
	text  string
}

// NewReader reads the header row. The name of a column is a field's name or its
// label, in any case; a column that is neither is refused, because leaving it
// out silently would lose what stands in it. Where a person said what each column
// is, fields holds the names of the fields, "" for a column to leave out; nil
// leaves it to the header.
func NewReader(r io.Reader, format Format, schema core.Schema, lookup Lookup, fields []string) (*Reader, error) {
	s, header, err := open(r, format, schema, lookup)
	if err != nil {
		return nil, err
	}
	said := header
	if fields != nil {
		header, s.leftOut = matched(header, fields)
	}
	if s.columns, err = readHeader(header, schema); err != nil {
		return nil, err
	}
	for i := range s.columns {
		if name := strings.TrimSpace(said[i]); name != "" && s.columns[i].name != "" {
			s.columns[i].name = name
		}
	}
	return s, nil
}

// open reads the header row of a file.
func open(r io.Reader, format Format, schema core.Schema, lookup Lookup) (s *Reader, header []string, err error) {
	s = &Reader{resource: schema.Resource, format: format, lookup: lookup, seen: make(map[string]int)}
	if format == XLSX {
		s.rows, err = openXLSX(r)
	} else {
		s.rows, err = openCSV(r)
	}
	if err != nil {
		return nil, nil, err
	}
	header, err = s.nextRow()
	if errors.Is(err, io.EOF) {
		return nil, nil, unreadable(nil, "The file is empty. Its first row must hold the names of the fields.")
	}
	return s, header, err
}

func readHeader(header []string, schema core.Schema) ([]column, error) {
	known := 0
	var unknown []string
	taken := make(map[string]int)
	columns := make([]column, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		columns[i].name = name
		if name == "" {
			continue
		}
		key, ok := columns[i].find(name, schema)
		if !ok {
			unknown = append(unknown, short(name))
			continue
		}
		known++
		if other, twice := taken[key]; twice {
			return nil, unreadable(nil, "The columns %s and %s of the first row are both named %q.", letter(other), letter(i), key)
		}
		taken[key] = i
	}
	if known == 0 {
		return nil, unreadable(nil, "The first row must hold the names of the fields of %s, for example: %s.", schema.Resource, examples(schema))
	}
	switch len(unknown) {
	case 0:
	case 1:
		return nil, unreadable(nil, "The column %q is no field of %s. Remove the column, or name it as one of: %s.", unknown[0], schema.Resource, examples(schema))
	default:
		for i, name := range unknown {
			unknown[i] = strconv.Quote(name)
		}
		return nil, unreadable(nil, "The columns %s are no fields of %s. Remove them, or name each as one of: %s.", strings.Join(unknown, ", "), schema.Resource, examples(schema))
	}
	return columns, nil
}

// find says what the column holds, and the one name it has.
func (c *column) find(name string, schema core.Schema) (key string, ok bool) {
	if lower := strings.ToLower(name); lower == uuidColumn || lower == masterColumn {
		c.part = lower
		return lower, true
	}
	for _, f := range schema.Fields {
		if isColumn(f) && strings.EqualFold(f.Name, name) {
			c.field = f
			return f.Name, true
		}
	}
	for _, f := range schema.Fields {
		if isColumn(f) && f.Label != "" && spelled(f.Label) == spelled(name) {
			c.field = f
			return f.Name, true
		}
	}
	return "", false
}

// spelled makes labels comparable: Eden writes “Organization” where a person may write
// “organisation”.
func spelled(label string) string {
	return strings.ReplaceAll(strings.ToLower(label), "organiz", "organis")
}

func examples(schema core.Schema) string {
	names := []string{uuidColumn}
	for _, f := range schema.Fields {
		if isColumn(f) && len(names) < 12 {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

// Next returns the next row that is not blank; io.EOF at the end. Every other
// error is a Problem that names row and column, and ends the reading.
func (s *Reader) Next() (Row, error) {
	cells, err := s.nextRow()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: s.line}
	for s.format == XLSX && len(cells) < len(s.columns) { // empty ones at the end are not in the file
		cells = append(cells, "")
	}
	for i, text := range cells {
		if i < len(s.leftOut) && s.leftOut[i] {
			continue
		}
		if i >= len(s.columns) || s.columns[i].name == "" {
			if strings.TrimSpace(text) != "" {
				return Row{}, s.wrong(letter(i), cellWrong("there is a value, but the first row names no field above it"))
			}
			continue
		}
		if err := s.readCell(&row, s.columns[i], text); err != nil {
			return Row{}, err
		}
	}
	return row, s.checkDuplicate(row)
}

func (s *Reader) readCell(row *Row, c column, text string) error {
	if s.format == CSV {
		text = arm(text)
	}
	switch c.part {
	case uuidColumn, masterColumn:
		uuid := strings.TrimSpace(text)
		if uuid != "" && !core.ValidUUID(uuid) {
			return s.wrong(c.name, cellWrong("%q is not a uuid", short(uuid)))
		}
		if c.part == uuidColumn {
			row.UUID = uuid
		} else {
			row.Master = uuid
		}
		return nil
	}
	v, err := parseCell(c.field, text, s.rows.days(), s.lookup)
	if err != nil {
		var p *core.Problem
		if errors.As(err, &p) {
			return p
		}
		return s.wrong(c.name, err)
	}
	row.cells = append(row.cells, cell{core.Field{Name: c.field.Name, Value: v}, text})
	return nil
}

func (s *Reader) checkDuplicate(row Row) error {
	if row.UUID == "" {
		return nil
	}
	if first, twice := s.seen[row.UUID]; twice {
		return s.wrong(uuidColumn, cellWrong("the same uuid already stands in row %d", first))
	}
	s.seen[row.UUID] = row.Line
	return nil
}

func (s *Reader) nextRow() ([]string, error) {
	for {
		cells, err := s.rows.next()
		if err != nil {
			return nil, err
		}
		s.line++
		for _, c := range cells {
			if strings.TrimSpace(c) != "" {
				return cells, nil
			}
		}
	}
}

func (s *Reader) wrong(column string, err error) *core.Problem {
	return core.Invalid(column, "Row %d, column %s: %s.", s.line, column, saying(err))
}

// Apply puts the row's cells into rec and reports whether that changed its
// content. A cell that still shows what rec has changes nothing, so that the
// exact value, its representation and its attributes stay as they are; a cell
// that was emptied clears its field.
func (r Row) Apply(rec *core.Record) (changed bool) {
	for _, c := range r.cells {
		present, ok := rec.Field(c.field.Name)
		if c.field.Value.Kind == core.Null && (!ok || cellText(present.Value) == "") {
			continue
		}
		if ok && (cellText(present.Value) == c.text || core.SameValue(present.Value, c.field.Value)) {
			continue
		}
		rec.Set(c.field)
		changed = true
	}
	return changed
}

func unreadable(err error, words string, values ...any) *core.Problem {
	return &core.Problem{Kind: core.FileUnreadable, Words: words, Values: values, Err: err}
}

// letter names the i-th column as spreadsheet programs do: A, B, … AA.
func letter(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}

// short cuts a text that is quoted in a sentence.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
