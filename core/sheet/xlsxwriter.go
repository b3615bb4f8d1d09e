package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// Excel's own limits.
const (
	maxXLSXCell  = 32767 // UTF-16 units
	maxXLSXRows  = 1048576
	maxSheetName = 31
)

// An xlsxTable writes a workbook of one sheet, row by row.
type xlsxTable struct {
	file *zip.Writer
	rows *bufio.Writer
	n    int
}

// The parts of a workbook besides its sheet, in the order in which they are written.
var xlsxParts = []struct{ name, content string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
		`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<sheets><sheet name="` + sheetNameHere + `" sheetId="1" r:id="rId1"/></sheets></workbook>`},
}

const (
	sheetNameHere = "{sheet}"
	sheetBegin    = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	sheetEnd      = `</sheetData></worksheet>`
)

func newXLSX(w io.Writer, name string) (table, error) {
	t := &xlsxTable{file: zip.NewWriter(w)}
	for _, part := range xlsxParts {
		p, err := t.file.Create(part.name)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(p, xml.Header+strings.ReplaceAll(part.content, sheetNameHere, sheetName(name))); err != nil {
			return nil, err
		}
	}
	sheet, err := t.file.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	t.rows = bufio.NewWriter(sheet)
	_, err = t.rows.WriteString(xml.Header + sheetBegin)
	return t, err
}

// sheetName makes a table's name one that Excel takes; both have letters, digits and
// underscores only.
func sheetName(table string) string {
	if table = strings.TrimSpace(table); table == "" {
		return "Sheet1"
	}
	return table[:min(len(table), maxSheetName)]
}

// write adds a row. All cells are texts: long numbers stay exact, and nothing is a
// formula.
func (t *xlsxTable) write(cells []string, _ []bool) error {
	if t.n++; t.n > maxXLSXRows {
		return &core.Problem{Kind: core.FileUnreadable, Words: "There are more records than fit on a sheet. Export them as CSV."}
	}
	number := strconv.Itoa(t.n)
	_, err := t.rows.WriteString(`<row r="` + number + `">`)
	for i, c := range cells {
		if len(c) > maxXLSXCell {
			return &core.Problem{Kind: core.FileUnreadable, Words: "The record in row %d has a text that is too long for a cell. Export it as CSV.", Values: []any{t.n}}
		}
		err = errors.Join(err, t.cell(letter(i)+number, c))
	}
	_, endErr := t.rows.WriteString("</row>")
	return errors.Join(err, endErr)
}

func (t *xlsxTable) cell(place, text string) error {
	if text == "" {
		return nil
	}
	_, beginErr := t.rows.WriteString(`<c r="` + place + `" t="inlineStr"><is><t xml:space="preserve">`)
	err := xml.EscapeText(t.rows, []byte(escape(text)))
	_, endErr := t.rows.WriteString("</t></is></c>")
	return errors.Join(beginErr, err, endErr)
}

func (t *xlsxTable) close() error {
	_, err := t.rows.WriteString(sheetEnd)
	return errors.Join(err, t.rows.Flush(), t.file.Close())
}
