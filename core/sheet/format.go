// Package sheet reads and writes records as tables, CSV or XLSX: a header row
// with field names, one record a row, its uuid in the column "uuid". It streams
// CSV and writes XLSX row by row, whatever the number of records.
//
// What is read comes from people and their spreadsheet programs: every trouble
// is a *core.Problem that names row and column as that program shows them.
package sheet

import (
	"path/filepath"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A Format is a kind of file.
type Format int

// The formats.
const (
	CSV Format = iota
	XLSX
)

// FormatOf tells the format by the file's name. The error is a Problem.
func FormatOf(name string) (Format, error) {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv", ".txt":
		return CSV, nil
	case ".xlsx":
		return XLSX, nil
	}
	return 0, &core.Problem{Kind: core.FileUnreadable, Subject: name,
		Words: "The kind of the file %s is not known. Its name must end in .csv or .xlsx.", Values: []any{name}}
}

// Names of the two columns that are no fields.
const (
	uuidColumn   = "uuid"
	masterColumn = "master" // of a component: the uuid of the record it belongs to
)

// isColumn reports whether a field has a column. Uploads, passwords and JSON
// that only a program understands would be damaged by a spreadsheet.
func isColumn(f core.FieldSchema) bool {
	return f.Type != "upload" && f.Type != "password" && core.ValidField(f.Name) && f.Name != uuidColumn && f.Name != masterColumn
}

// isReference reports whether a field's type points to other records.
func isReference(f core.FieldSchema) bool { return strings.HasPrefix(f.Type, "reference") }

func isReferenceList(f core.FieldSchema) bool { return strings.HasPrefix(f.Type, "list:reference") }

// A Lookup finds records by what a person calls them: those of resource, or of what a
// super-entity stands for, whose uuid or name is text.
type Lookup func(resource core.Resource, text string) ([]core.Link, error)
