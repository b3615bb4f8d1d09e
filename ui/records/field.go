package records

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/words"
)

// An Input is how a field is entered.
type Input int

// The inputs.
const (
	InputLine Input = iota
	InputArea
	InputInteger
	InputNumber
	InputBoolean
	InputDate
	InputDateTime
	InputTime
	InputOption
	InputReference
	InputFile
	InputShown // can be seen, not changed here
)

// A Field is one line of a form.
type Field struct {
	core.FieldSchema
	Label string
	Hint  string
	Input Input
	// Value is the machine value as text and Text what a person reads of it.
	Value, Text string
	// Leads is the table of the record that was chosen, if another than Target may be meant.
	Leads core.Resource
	// File is the content of a file that was chosen for an upload; Value is its
	// name.
	File []byte

	before core.Field // as it was
}

// inputs are web2py's types.
var inputs = map[string]Input{"string": InputLine, "text": InputArea, "integer": InputInteger, "double": InputNumber, "decimal": InputNumber,
	"boolean": InputBoolean, "date": InputDate, "datetime": InputDateTime, "time": InputTime, "reference": InputReference, "upload": InputFile}

// Fields makes the form of a record: the schema's fields in its order, then what
// the record has besides. Keys and other technical fields are left out.
func Fields(schema core.Schema, rec *core.Record) []Field {
	var out []Field
	for _, f := range schema.Fields {
		if !words.Technical(f) {
			out = append(out, newField(f, schema, rec))
		}
	}
	for _, f := range rec.Fields {
		if _, known := schema.Field(f.Name); !known && !words.Technical(core.FieldSchema{Name: f.Name}) {
			out = append(out, newField(seen(f), schema, rec))
		}
	}
	return out
}

// seen describes a field that no schema knows by its value.
func seen(f core.Field) core.FieldSchema {
	types := map[core.Kind]string{core.Integer: "integer", core.Number: "double", core.Boolean: "boolean", core.Reference: "reference", core.File: "upload", core.String: "string", core.Bare: "string"}
	s := core.FieldSchema{Name: f.Name, Type: types[f.Value.Kind]}
	if f.Value.Kind == core.Reference {
		s.Target = core.Resource(f.Value.Aux)
	}
	return s
}

func newField(s core.FieldSchema, schema core.Schema, rec *core.Record) Field {
	before, _ := rec.Field(s.Name)
	before.Name = s.Name
	f := Field{FieldSchema: s, Label: words.Field(s.Name, &schema), Hint: s.Comment, before: before, Value: before.Value.Str, Text: before.Display()}
	typ, target, _ := strings.Cut(s.Type, " ")
	if s.Target == "" && typ == "reference" {
		f.Target = core.Resource(target)
	}
	input, ok := inputs[typ]
	switch {
	case !ok || s.ReadOnly || before.Value.Kind == core.JSON || before.Value.Kind == core.References:
		f.Input = InputShown
	case len(s.Options) > 0:
		f.Input = InputOption
		f.Text = f.optionLabel(f.Value)
	case input == InputInteger && before.Text != "" && before.Text != before.Value.Str:
		f.Input = InputShown // a choice whose options are not known: a bare number would say nothing
	case input == InputReference && f.Target == "":
		f.Input = InputShown
	default:
		f.Input = input
	}
	if f.Input == InputFile {
		f.Value = before.Display()
	}
	if f.Input == InputDateTime {
		f.Value = strings.TrimSuffix(strings.Replace(f.Value, "T", " ", 1), "Z")
	}
	if f.Input == InputLine && (strings.Contains(f.Value, "\n") || len(f.Value) > 120 || s.Name == "comments") {
		f.Input = InputArea
	}
	return f
}

// imply shows the record to which another belongs in the field that leads there, where that
// is not given: what came below its master does not name it.
func imply(fields []Field, rec *core.Record, title string) []Field {
	for i := range fields {
		f := &fields[i]
		if f.Input == InputReference && f.before.Value.Kind == core.Null && f.Target == rec.Master.Resource && core.IsKeyTo(f.Target, f.Name) {
			f.before.Value, f.before.Text = core.RefTo(f.Target, rec.Master.UUID), title
			f.Value, f.Text = rec.Master.UUID, title
		}
	}
	return fields
}

func (f Field) optionLabel(value string) string {
	i := slices.IndexFunc(f.Options, func(o core.Option) bool { return o.Value == value })
	if i < 0 {
		return f.before.Display()
	}
	return f.Options[i].Label
}

// kinds are the value kinds by input.
var kinds = map[Input]core.Kind{InputLine: core.String, InputArea: core.String, InputInteger: core.Integer, InputNumber: core.Number, InputBoolean: core.Boolean,
	InputDate: core.Bare, InputDateTime: core.Bare, InputTime: core.Bare, InputReference: core.Reference}

// kind is how the field's value is written: as before, else as its type wants.
func (f Field) kind() core.Kind {
	if k := f.before.Value.Kind; k != core.Null {
		return k
	}
	if f.Input == InputOption {
		if strings.HasPrefix(f.Type, "integer") {
			return core.Integer
		}
		return core.String
	}
	return kinds[f.Input]
}

// Trouble says what is wrong with the field as it was filled in; "" if nothing is.
func (f Field) Trouble() string {
	v := strings.TrimSpace(f.Value)
	if v == "" {
		if f.Required && f.Input != InputBoolean {
			return tr.L("This is needed.")
		}
		return ""
	}
	switch f.Input {
	case InputFile:
		if len(f.File) > mostFile {
			return tr.L("This file is too large to be sent. At most 10 MB can be.")
		}
	case InputInteger:
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			return tr.L("Enter a whole number, for example 12.")
		}
	case InputNumber:
		if _, err := strconv.ParseFloat(v, 64); err != nil {
			return tr.L("Enter a number, for example 12.5.")
		}
	case InputDate:
		if _, err := time.Parse("2006-01-02", v); err != nil {
			return tr.L("Enter a date as year-month-day, for example 2026-03-31.")
		}
	case InputDateTime:
		if _, ok := parseDateTime(v); !ok {
			return tr.L("Enter date and time, for example 2026-03-31 14:30.")
		}
	case InputTime:
		if _, err := time.Parse("15:04", v[:min(5, len(v))]); err != nil {
			return tr.L("Enter a time, for example 14:30.")
		}
	}
	return ""
}

func parseDateTime(v string) (time.Time, bool) {
	for _, form := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(form, v); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// Changed reports whether the field is not as it was.
func (f Field) Changed() bool {
	if f.Input == InputFile {
		return f.File != nil || f.Value != f.before.Display()
	}
	return !core.SameValue(f.result().Value, f.before.Value)
}

// mostFile is the largest file that a run sends, in bytes.
const mostFile = 10 << 20

// result is the field as it stands in the record afterwards.
func (f Field) result() core.Field {
	out := f.before
	v := strings.TrimSpace(f.Value)
	if f.Input == InputShown || f.Input == InputFile && f.File == nil && v != "" {
		return out
	}
	if v == "" {
		out.Text = ""
		out.Value = core.Value{Kind: core.Null, Aux: f.nullAux()}
		if f.before.Value.Kind == core.Null {
			out.Value = f.before.Value
		}
		return out
	}
	out.Value.Kind, out.Value.Str = f.kind(), v
	out.Text = ""
	switch f.Input {
	case InputDateTime:
		if t, ok := parseDateTime(v); ok {
			out.Value.Str = t.Format("2006-01-02T15:04:05")
		}
	case InputFile:
		out.Value = core.Value{Kind: core.File, Aux: v} // a file without an address is one that was added here
	case InputOption:
		out.Text = f.optionLabel(v)
	case InputReference:
		out.Value.Aux, out.Text = string(cmp.Or(f.Leads, f.Target)), f.Text
	}
	return out
}

func (f Field) nullAux() string {
	switch f.Input {
	case InputReference:
		return core.NullReference
	case InputDate, InputDateTime, InputTime:
		return core.NullDate
	}
	return ""
}

// Apply puts the changed fields into the record.
func Apply(rec *core.Record, fields []Field) {
	rec.Fields = slices.Clone(rec.Fields)
	for _, f := range fields {
		if f.Changed() {
			rec.Set(f.result())
		}
	}
}
