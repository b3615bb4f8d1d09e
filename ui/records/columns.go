package records

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// SortChanged is the "field" of the column that tells when a record was changed
// last.
const SortChanged = "modified_on"

// A Column is a column of a list.
type Column struct {
	Field string // a field, SortChanged, or "" for what names the record
	Name  string // in plain words
}

// chosenColumns and mostColumns bound how many columns are shown by themselves,
// and how many a person can choose, each besides the record's name.
const (
	chosenColumns = 4
	mostColumns   = 7
)

// titled are fields that are part of what names a record: a column of their own
// would say it twice.
var titled = map[core.Resource][]string{"pr_person": {"first_name", "middle_name", "last_name"}}

// names reports whether a field is (part of) the name that the first column
// shows.
func names(r core.Resource, field string) bool {
	return field == "name" || slices.Contains(titled[r], field)
}

// offered are the columns a person may choose from: the schema's fields in its
// order, or those of the records there are, then when it was changed.
func offered(schema *core.Schema, rows []Row) []Column {
	var out []Column
	seen := map[string]bool{}
	add := func(f core.FieldSchema) {
		if seen[f.Name] || words.Technical(f) || names(schema.Resource, f.Name) || f.Type == "json" || f.Type == "upload" {
			return
		}
		seen[f.Name] = true
		out = append(out, Column{f.Name, words.Field(f.Name, schema)})
	}
	for _, f := range schema.Fields {
		add(f)
	}
	for i := range rows {
		for _, f := range rows[i].Record.Fields {
			if f.Value.Kind != core.JSON && f.Value.Kind != core.File {
				add(core.FieldSchema{Name: f.Name})
			}
		}
	}
	return append(out, Column{SortChanged, tr.L("Last changed")})
}

// sensible chooses columns for somebody who has not chosen: the first fields that
// most of the records shown fill in, no long texts, then when it was changed.
func sensible(all []Column, schema *core.Schema, rows []Row) []string {
	var out []string
	for _, c := range all {
		f, _ := schema.Field(c.Field)
		if c.Field == SortChanged || f.Type == "text" || f.Type == "boolean" || c.Field == "comments" || len(out) == chosenColumns-1 {
			continue
		}
		if filled(c.Field, schema, rows)*2 >= len(rows) {
			out = append(out, c.Field)
		}
	}
	return append(out, SortChanged)
}

func filled(field string, schema *core.Schema, rows []Row) (n int) {
	for i := range rows {
		if cell(&rows[i].Record, field, schema) != "" {
			n++
		}
	}
	return n
}

// cell is what a list shows of a field.
func cell(rec *core.Record, field string, schema *core.Schema) string {
	f, _ := rec.Field(field)
	switch f.Value.Kind {
	case core.Null:
		return ""
	case core.Boolean:
		if strings.EqualFold(f.Value.Str, "true") {
			return tr.L("Yes")
		}
		return tr.L("No")
	case core.Reference, core.References, core.JSON, core.File:
		return short(f.Text)
	}
	if s, ok := schema.Field(field); ok && f.Text == "" {
		for _, o := range s.Options {
			if o.Value == f.Value.Str {
				return words.Label(o.Label)
			}
		}
	}
	return words.Label(short(f.Display()))
}

// columnsKey is the setting that remembers a person's choice of columns.
func columnsKey(r core.Resource) string { return "columns." + string(r) }

// chosen returns the fields a person chose to see; nil if nobody chose.
func chosen(ctx context.Context, store Store, r core.Resource) (fields []string, err error) {
	text, err := store.Setting(ctx, columnsKey(r))
	if errors.Is(err, core.ErrNotFound) {
		return nil, nil
	}
	if err != nil || json.Unmarshal([]byte(text), &fields) != nil {
		return nil, err
	}
	return fields, nil
}

// choose remembers the fields to see; nil goes back to the sensible ones.
func choose(ctx context.Context, store Store, r core.Resource, fields []string) error {
	text, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return store.SetSetting(ctx, columnsKey(r), string(text))
}

// A Head is what stands above a list.
type Head struct {
	Resource core.Resource
	Columns  []Column // the ones shown, the record's name first
	Offered  []Column // the ones to choose from
	Sort     string
	Desc     bool
}

// Sorted returns the place of the column the list is sorted by; -1 if it is not
// shown.
func (h Head) Sorted() int {
	return slices.IndexFunc(h.Columns, func(c Column) bool { return c.Field == h.Sort })
}

// fields are those of the columns that are shown.
func (h Head) fields() []string {
	fields := make([]string, len(h.Columns))
	for i, c := range h.Columns {
		fields[i] = c.Field
	}
	return fields
}

// newHead names the columns of a list.
func newHead(schema *core.Schema, rows []Row, fields []string) Head {
	h := Head{Resource: schema.Resource, Offered: offered(schema, rows)}
	if fields == nil {
		fields = sensible(h.Offered, schema, rows)
	}
	h.Columns = []Column{{"", tr.L("Name")}}
	for _, name := range fields {
		i := slices.IndexFunc(h.Offered, func(c Column) bool { return c.Field == name })
		if i >= 0 && len(h.Columns) <= mostColumns {
			h.Columns = append(h.Columns, h.Offered[i])
		}
	}
	return h
}

// cells are what stands in the columns of one record.
func cells(l *Line, rec *core.Record, head Head, schema *core.Schema, now time.Time) []string {
	out := make([]string, len(head.Columns))
	for i, c := range head.Columns {
		switch c.Field {
		case "":
			out[i] = l.Title
		case SortChanged:
			out[i] = words.When(rec.ModifiedOn, now)
		default:
			out[i] = cell(rec, c.Field, schema)
		}
	}
	return out
}

// mostFigures is how long a number may be that is never shown in part.
const mostFigures = 20

// figures reports whether what stands in a column are numbers: telephones, dates, codes,
// counts. Half of one is none.
func figures(rows [][]string, column int) bool {
	some := false
	for _, row := range rows {
		if column >= len(row) || row[column] == "" {
			continue
		}
		digits, letters, all := 0, 0, 0
		for _, c := range row[column] {
			switch {
			case unicode.IsDigit(c):
				digits++
			case unicode.IsLetter(c):
				letters++
			}
			all++
		}
		if all > mostFigures || digits == 0 || letters > digits {
			return false
		}
		some = true
	}
	return some
}
