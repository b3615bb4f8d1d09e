package sheet

import (
	"errors"
	"io"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A Heading is a column of a file as a person is asked about it.
type Heading struct {
	Name  string // as it stands in the first row
	Field string // the field that it names; "" if it names none
	// Samples are the first values below it.
	Samples []string
}

// samples is how many values stand in a Heading.
const samples = 3

// Headings returns the columns of a file with what they probably are.
func Headings(r io.Reader, format Format, schema core.Schema) ([]Heading, error) {
	s, header, err := open(r, format, schema, nil)
	if err != nil {
		return nil, err
	}
	out := make([]Heading, len(header))
	taken := make(map[string]bool)
	for i, name := range header {
		out[i].Name = strings.TrimSpace(name)
		if key, ok := new(column).find(out[i].Name, schema); ok && !taken[key] {
			out[i].Field, taken[key] = key, true
		}
	}
	for range samples {
		row, err := s.nextRow()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for i := range out {
			if i < len(row) {
				out[i].Samples = append(out[i].Samples, strings.TrimSpace(row[i]))
			}
		}
	}
	return out, nil
}

// Choices are the columns that a file may have: uuid, master, and the fields that
// a table can hold.
func Choices(schema core.Schema) []string {
	out := []string{uuidColumn}
	for _, f := range schema.Fields {
		if isColumn(f) {
			out = append(out, f.Name)
		}
	}
	return append(out, masterColumn)
}

// matched puts the fields that a person chose in the header's place.
func matched(header, fields []string) (names []string, leftOut []bool) {
	names, leftOut = make([]string, len(header)), make([]bool, len(header))
	for i := range header {
		if i < len(fields) {
			names[i] = fields[i]
		}
		leftOut[i] = names[i] == ""
	}
	return names, leftOut
}
