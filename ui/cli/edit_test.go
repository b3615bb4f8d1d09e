package cli

import (
	"context"
	"io"
	"testing"

	"github.com/fieldsync/fieldsync/core"
)

// A busyStore has one record, which something else changes whenever it is read.
type busyStore struct {
	Store
	rec       core.Record
	meanwhile func(*core.Record)
}

func (s *busyStore) Record(context.Context, core.Link) (core.Record, error) {
	read := s.rec.Clone()
	if s.meanwhile != nil {
		s.meanwhile(&s.rec)
		s.meanwhile = nil
	}
	return read, nil
}

func (s *busyStore) Save(_ context.Context, rec core.Record, seen core.Hash, _ string) error {
	if seen != s.rec.Hash() {
		return core.Invalid("record", "This record was changed in the meantime. Look at it again, then make your change.")
	}
	s.rec = rec
	return nil
}

// A sync in the window changes another field of the record between the command's reading
// and its storing: both changes stand.
func TestWhatComesWhileACommandChangesARecordIsKept(t *testing.T) {
	set := func(rec *core.Record, field, value string) {
		rec.Set(core.Field{Name: field, Value: core.Text(value)})
	}
	s := &busyStore{rec: core.Record{Resource: "org_office", UUID: "urn:uuid:00000000-0000-4000-8000-000000000001"}, meanwhile: func(rec *core.Record) { set(rec, "phone1", "pulled") }}
	set(&s.rec, "name", "Office")
	c := &commands{app: App{Person: func() string { return "me" }}, io: IO{Out: io.Discard, Err: io.Discard}}
	args := []string{"org_office", s.rec.UUID}
	_, changed, err := c.change(t.Context(), s, args, func(rec *core.Record) (bool, error) { set(rec, "name", "ours"); return true, nil })
	if err != nil || !changed || s.rec.Value("name").Str != "ours" || s.rec.Value("phone1").Str != "pulled" {
		t.Errorf("changed %t, %v, the record is %+v", changed, err, s.rec)
	}
}

type toldStore struct {
	Store
	schema core.Schema
}

func (s toldStore) Schema(context.Context, core.Resource) (core.Schema, error) { return s.schema, nil }

// A server that knows no field of a table itself, such as a hub without records, is none
// that says a field is wrong.
func TestTheFirstRecordOfATableHasTheFieldsThatAreGiven(t *testing.T) {
	rec := core.Record{Resource: "org_organisation"}
	told := core.Schema{Resource: "org_organisation", Fetched: 1}
	if changed, err := assign(t.Context(), toldStore{schema: told}, &rec, []string{"name=Red Cross"}, false); err != nil || !changed || rec.Value("name").Str != "Red Cross" {
		t.Errorf("changed %t, %v: %+v", changed, err, rec)
	}
	told.Fields = []core.FieldSchema{{Name: "name", Type: "string"}}
	if _, err := assign(t.Context(), toldStore{schema: told}, &rec, []string{"colour=red"}, false); err == nil {
		t.Error("a field that the table does not have is taken")
	}
}
