package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/fieldsync/fieldsync/core"
)

// A Writer writes records of one resource as rows.
type Writer struct {
	fields []core.FieldSchema
	row    []string
	out    table
	rows   int
}

// table is what the two formats have in common.
type table interface {
	// write adds a row; text[i] says whether cell i is text and not a number.
	write(cells []string, text []bool) error
	close() error
}

// NewWriter writes the header row for schema to w: the uuid, the uuid of the
// master for a component, then the fields that fit into a cell. Fields of a
// record that the schema does not know are left out.
func NewWriter(w io.Writer, format Format, schema core.Schema) (*Writer, error) {
	s := &Writer{}
	header := []string{uuidColumn, masterColumn}
	for _, f := range schema.Fields {
		if isColumn(f) {
			s.fields = append(s.fields, f)
			header = append(header, f.Name)
		}
	}
	var err error
	if format == XLSX {
		s.out, err = newXLSX(w, string(schema.Resource))
	} else {
		s.out, err = newCSV(w)
	}
	if err != nil {
		return nil, err
	}
	s.row = make([]string, len(header))
	return s, s.write(header, make([]bool, len(header)))
}

// Write adds a record, without its components. Deleted records are the
// caller's to leave out.
func (s *Writer) Write(rec *core.Record) error {
	text := make([]bool, len(s.row))
	s.row[0], s.row[1] = rec.UUID, rec.Master.UUID
	text[0], text[1] = true, true
	for i, f := range s.fields {
		v := rec.Value(f.Name)
		s.row[i+2] = cellText(v)
		text[i+2] = v.Kind != core.Integer && v.Kind != core.Number
	}
	return s.write(s.row, text)
}

func (s *Writer) write(cells []string, text []bool) error {
	s.rows++
	if err := s.out.write(cells, text); err != nil {
		return fmt.Errorf("row %d: %w", s.rows, err)
	}
	return nil
}

// Close finishes the file; it does not close the underlying writer.
func (s *Writer) Close() error { return s.out.close() }

type csvTable struct{ w *csv.Writer }

// ByteOrderMark begins a CSV file. Without it Excel reads UTF-8 as something else.
const ByteOrderMark = "\ufeff"

func newCSV(w io.Writer) (table, error) {
	if _, err := io.WriteString(w, ByteOrderMark); err != nil {
		return nil, err
	}
	return &csvTable{csv.NewWriter(w)}, nil
}

// lineEnds writes every line end as one character, as CSV readers give it back.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (t *csvTable) write(cells []string, text []bool) error {
	safe := make([]string, len(cells))
	for i, c := range cells {
		if safe[i] = c; text[i] {
			safe[i] = disarm(lineEnds.Replace(c))
		}
	}
	return t.w.Write(safe)
}

func (t *csvTable) close() error {
	t.w.Flush()
	return t.w.Error()
}

// Excel's own limits.
const (
	maxXLSXCell = 32767 // UTF-16 units
	maxXLSXRows = 1048576
)

type xlsxTable struct {
	w    io.Writer
	file *excelize.File
	rows *excelize.StreamWriter
	n    int
}

func newXLSX(w io.Writer, name string) (table, error) {
	f := excelize.NewFile()
	const sheet = "Sheet1"
	if name = strings.TrimSpace(name); len(name) > 31 { // Excel's limit for a sheet's name
		name = name[:31]
	}
	if name != "" {
		if err := f.SetSheetName(sheet, name); err != nil {
			return nil, err
		}
	} else {
		name = sheet
	}
	rows, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	return &xlsxTable{w: w, file: f, rows: rows}, nil
}

func (t *xlsxTable) write(cells []string, _ []bool) error {
	if t.n++; t.n > maxXLSXRows {
		return &core.Problem{Kind: core.FileUnreadable, Words: "There are more records than fit on a sheet. Export them as CSV."}
	}
	row := make([]any, len(cells))
	for i, c := range cells {
		if len(c) > maxXLSXCell {
			return &core.Problem{Kind: core.FileUnreadable, Words: "The record in row %d has a text that is too long for a cell. Export it as CSV.", Values: []any{t.n}}
		}
		row[i] = c // always as text: long numbers stay exact, and nothing is a formula
	}
	cell, err := excelize.CoordinatesToCellName(1, t.n)
	if err != nil {
		return err
	}
	return t.rows.SetRow(cell, row)
}

func (t *xlsxTable) close() error {
	err := t.rows.Flush()
	if err == nil {
		err = t.file.Write(t.w)
	}
	return errors.Join(err, t.file.Close())
}
