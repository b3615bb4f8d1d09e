package records

import (
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/sheet"
)

func rowsOf(n int, fields ...core.Field) (rows []Row) {
	for range n {
		rows = append(rows, Row{Record: *record(fields...)})
	}
	return rows
}

func fieldsOf(columns []Column) (out []string) {
	for _, c := range columns {
		out = append(out, c.Field)
	}
	return out
}

func TestColumnsAreThoseThatMostRecordsFillIn(t *testing.T) {
	rows := rowsOf(3, core.Field{Name: "name", Value: core.Text("x")}, core.Field{Name: "capacity", Value: core.Value{Kind: core.Integer, Str: "4"}},
		core.Field{Name: "kind", Value: core.Value{Kind: core.Integer, Str: "2"}}, core.Field{Name: "comments", Value: core.Text("long")})
	rows = append(rows, rowsOf(1, core.Field{Name: "opened", Value: core.Value{Kind: core.Bare, Str: "2020-01-01"}})...)
	head := newHead(&office, rows, nil)
	if got, want := fieldsOf(head.Columns), []string{"", "capacity", "kind", SortChanged}; !slices.Equal(got, want) {
		t.Errorf("the columns are %q, want %q", got, want)
	}
	for _, hidden := range []string{"pe_id", "name"} {
		if slices.Contains(fieldsOf(head.Offered), hidden) {
			t.Errorf("%s is offered as a column", hidden)
		}
	}
}

func TestAPersonsChoiceOfColumnsCounts(t *testing.T) {
	head := newHead(&office, nil, []string{"opened", "gone", "kind"})
	if got, want := fieldsOf(head.Columns), []string{"", "opened", "kind"}; !slices.Equal(got, want) {
		t.Errorf("the columns are %q, want %q", got, want)
	}
	if head := newHead(&office, nil, []string{}); len(head.Columns) != 1 {
		t.Errorf("somebody who wants no columns sees %q", fieldsOf(head.Columns))
	}
}

func TestACellSaysWhatAPersonUnderstands(t *testing.T) {
	now := time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
	rec := record(core.Field{Name: "kind", Value: core.Value{Kind: core.Integer, Str: "2"}}, core.Field{Name: "obsolete", Value: core.Value{Kind: core.Boolean, Str: "true"}},
		core.Field{Name: "organisation_id", Value: core.RefTo("org_organisation", "urn:uuid:9")})
	rec.ModifiedOn = core.MTimeOf(now.Add(-time.Hour))
	head := newHead(&office, nil, []string{"kind", "obsolete", "organisation_id", SortChanged})
	row := Row{Record: *rec}
	line := NewLine(&row, &office)
	got := cells(&line, rec, head, &office, now)[1:]
	want := map[string]string{"kind": "Field", "obsolete": "Yes", "organisation_id": "", SortChanged: "today 14:00"}
	for i, c := range head.Columns[1:] {
		if got[i] != want[c.Field] {
			t.Errorf("the cell of %s says %q, want %q", c.Field, got[i], want[c.Field])
		}
	}
}

// Half a telephone number is none, and a date without its end another one.
func TestNumbersAreShownWhole(t *testing.T) {
	for want, texts := range map[bool][][]string{
		true:  {{"+999 8 542 1180", "", "+999 6 834 9"}, {"1978-01-21"}, {"OF020", "OF021"}, {"٢٤"}, {"1,204"}},
		false: {{""}, {"Brücke & Söhne"}, {"+999 8 542 1180", "ask at the gate"}, {"+999 8 542 1180 or 542 1181 or 542 1182"}},
	} {
		for _, column := range texts {
			rows := [][]string{{"without this column"}}
			for _, text := range column {
				rows = append(rows, []string{"A name", text})
			}
			if got := figures(rows, 1); got != want {
				t.Errorf("%q: got %v", column, got)
			}
		}
	}
}

// A spreadsheet's columns are recognised in plain words, too.
func TestTheColumnsOfAFileAreRecognisedInPlainWords(t *testing.T) {
	schema, _ := core.CommonSchema("org_office")
	m := Matching{Choices: []string{"", "name", "organisation_id", "email", "phone1"}, Headings: []sheet.Heading{{Name: "E-mail"}, {Name: "Organisation"}, {Name: "Opened"}, {Name: "PHONE 1"}}}
	m.guess(&schema)
	if got, want := m.Fields(), []string{"email", "organisation_id", "", "phone1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
