package records

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

var office = core.Schema{Resource: "org_office", Label: "Office", Fields: []core.FieldSchema{
	{Name: "name", Type: "string", Label: "Name", Required: true},
	{Name: "pe_id", Type: "reference", Target: "pr_pentity"},
	{Name: "organisation_id", Type: "reference org_organisation", Label: "Organisation"},
	{Name: "capacity", Type: "integer"},
	{Name: "opened", Type: "date"},
	{Name: "checked", Type: "datetime"},
	{Name: "obsolete", Type: "boolean"},
	{Name: "kind", Type: "integer", Options: []core.Option{{Value: "1", Label: "Main"}, {Value: "2", Label: "Field"}}},
	{Name: "comments", Type: "text"},
}}

func record(fields ...core.Field) *core.Record {
	return &core.Record{Resource: "org_office", UUID: "urn:uuid:1", Fields: fields}
}

func get(t *testing.T, fields []Field, name string) *Field {
	t.Helper()
	for i := range fields {
		if fields[i].Name == name {
			return &fields[i]
		}
	}
	t.Fatalf("there is no field %s", name)
	return nil
}

func TestTheFormIsMadeFromTheSchema(t *testing.T) {
	fields := Fields(office, record(core.Field{Name: "extra", Value: core.Text("kept")}))
	want := map[string]Input{"name": InputLine, "organisation_id": InputReference, "capacity": InputInteger, "opened": InputDate, "checked": InputDateTime,
		"obsolete": InputBoolean, "kind": InputOption, "comments": InputArea, "extra": InputLine}
	for _, f := range fields {
		if input, ok := want[f.Name]; !ok || input != f.Input {
			t.Errorf("%s has input %d", f.Name, f.Input)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
	if f := get(t, fields, "organisation_id"); f.Target != "org_organisation" {
		t.Errorf("the target of a reference is %q", f.Target)
	}
}

func TestWhatIsWrongIsSaidBesideTheField(t *testing.T) {
	for _, tt := range []struct {
		field, typed string
		wrong        bool
	}{
		{"name", "", true}, {"name", "x", false}, {"capacity", "twelve", true}, {"capacity", "12", false}, {"capacity", "", false},
		{"opened", "31.3.2026", true}, {"opened", "2026-03-31", false}, {"checked", "2026-03-31 14:30", false}, {"checked", "soon", true},
	} {
		f := get(t, Fields(office, record()), tt.field)
		f.Value = tt.typed
		if got := f.Trouble(); (got != "") != tt.wrong {
			t.Errorf("%s = %q: %q", tt.field, tt.typed, got)
		}
	}
}

func TestOnlyWhatWasChangedIsWritten(t *testing.T) {
	rec := record(
		core.Field{Name: "name", Value: core.Text("Old"), Attrs: []core.Attr{{Name: "x", Value: "y"}}},
		core.Field{Name: "kind", Value: core.Value{Kind: core.String, Str: "1"}, Text: "Main"},
		core.Field{Name: "opened", Value: core.Value{Kind: core.Bare, Str: "2020-01-01"}},
		core.Field{Name: "odd", Value: core.Value{Kind: core.JSON, Str: `{"a":1}`}})
	fields := Fields(office, rec)
	Apply(rec, fields)
	if len(rec.Fields) != 4 {
		t.Errorf("saving without a change made %v", rec.Fields)
	}
	get(t, fields, "name").Value = "New"
	get(t, fields, "kind").Value = "2"
	get(t, fields, "opened").Value = ""
	ref := get(t, fields, "organisation_id")
	ref.Value, ref.Text = "urn:uuid:9", "Red Cross"
	Apply(rec, fields)
	name, _ := rec.Field("name")
	kind, _ := rec.Field("kind")
	opened, _ := rec.Field("opened")
	organisation, _ := rec.Field("organisation_id")
	if name.Value != core.Text("New") || len(name.Attrs) != 1 {
		t.Errorf("name %+v: what is not understood must be kept", name)
	}
	if kind.Value != (core.Value{Kind: core.String, Str: "2"}) || kind.Text != "Field" {
		t.Errorf("kind %+v: it must be written as before, with its label", kind)
	}
	if opened.Value != (core.Value{Kind: core.Null, Aux: core.NullDate}) {
		t.Errorf("opened %+v", opened)
	}
	if organisation.Value != core.RefTo("org_organisation", "urn:uuid:9") || organisation.Text != "Red Cross" {
		t.Errorf("organisation %+v", organisation)
	}
	if odd := rec.Value("odd"); odd.Kind != core.JSON {
		t.Errorf("odd %+v was touched", odd)
	}
}

func TestAFileIsChosenKeptAndTakenAway(t *testing.T) {
	before := core.Value{Kind: core.File, Str: "http://hub/download/a.png", Aux: "a.png"}
	rec := record(core.Field{Name: "logo", Value: before})
	fields := Fields(office, rec)
	f := get(t, fields, "logo")
	if f.Input != InputFile || f.Value != "a.png" || f.Changed() {
		t.Fatalf("as it is: input %d, %q, changed %v", f.Input, f.Value, f.Changed())
	}
	Apply(rec, fields)
	if rec.Value("logo") != before {
		t.Errorf("saving something else made %+v of the file", rec.Value("logo"))
	}
	f.Value, f.File = "b.png", []byte("x")
	Apply(rec, fields)
	if got := rec.Value("logo"); got != (core.Value{Kind: core.File, Aux: "b.png"}) {
		t.Errorf("a new file is written as %+v", got)
	}
	f.File = make([]byte, mostFile+1)
	if f.Trouble() == "" {
		t.Error("a file that is never sent is accepted")
	}
	f.Value, f.File = "", nil
	Apply(rec, fields)
	if got := rec.Value("logo"); got.Kind != core.Null {
		t.Errorf("a file that was taken away is written as %+v", got)
	}
}

// What came below its organisation does not name it; nor is it written because it is shown.
func TestTheFormShowsWhatAComponentBelongsTo(t *testing.T) {
	rec := record(core.Field{Name: "name", Value: core.Text("North")})
	rec.Master = core.Link{Resource: "org_organisation", UUID: "urn:uuid:9"}
	fields := imply(Fields(office, rec), rec, "Red Cross")
	f := get(t, fields, "organisation_id")
	if f.Value != "urn:uuid:9" || f.Text != "Red Cross" || f.Changed() {
		t.Errorf("shown: %q, %q, changed %v", f.Value, f.Text, f.Changed())
	}
	if Apply(rec, fields); len(rec.Fields) != 1 {
		t.Errorf("written: %+v", rec.Fields)
	}
	if f.Value = "urn:uuid:8"; !f.Changed() {
		t.Error("another one is no change")
	}
	if Apply(rec, fields); rec.Value("organisation_id") != core.RefTo("org_organisation", "urn:uuid:8") {
		t.Errorf("chosen: %+v", rec.Value("organisation_id"))
	}
}
