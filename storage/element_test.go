package storage_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// worn is a dress that changes something of everything, and notes what it is told.
type worn struct {
	links    bool
	top      string // the uuid of the record that is exported by itself
	referred []core.Value
}

func (w *worn) Dress(_ context.Context, rec *core.Record) error {
	rec.URL, rec.MCI = "", rec.MCI+1
	if w.links && rec.UUID == w.top && !rec.Master.IsZero() {
		rec.Set(core.Field{Name: "master", Value: core.RefTo(rec.Master.Resource, fmt.Sprint(rec.Master.UUID, len(rec.Fields)))})
	}
	for i := range rec.Fields {
		switch v := &rec.Fields[i].Value; v.Kind {
		case core.File:
			v.Str = "http://here/" + v.Str
		case core.Reference, core.References:
			if w.Follows(core.Resource(v.Aux)) {
				w.Refer(v)
			}
		}
	}
	return nil
}

func (w *worn) Links() bool                         { return w.links }
func (w *worn) Carries(part *core.Record) bool      { return part.Alias != "hidden" }
func (w *worn) Follows(resource core.Resource) bool { return resource == "org_site" }
func (w *worn) Refer(v *core.Value)                 { w.referred = append(w.referred, *v) }

// wear dresses a record with its components.
func (w *worn) wear(t *rapid.T, rec *core.Record) {
	if err := w.Dress(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	rec.Components = slices.DeleteFunc(rec.Components, func(part core.Record) bool { return !w.Carries(&part) })
	for i := range rec.Components {
		w.wear(t, &rec.Components[i])
	}
}

// oddValues are values of every kind, the usual ones first.
var oddValues = map[core.Kind][]string{
	core.Null:       {""},
	core.String:     {"plain", "", "a \"quote\" & <b>\t\n\r\\", "é\xff\x01", "5"},
	core.Integer:    {"7", "-1", "007", "99999999999999999999"},
	core.Number:     {"1.25", "4.50", "-0", "1E+5"},
	core.Boolean:    {"true", "false", "TRUE"},
	core.Bare:       {"2020-01-01", "", "a\n&"},
	core.JSON:       {`{"a":"<"}`},
	core.Reference:  {storagetest.UUID(7), "www.example.org/1?a&b", "", "0123456789abcdef"},
	core.References: {`["a","b"]`, ""},
	core.File:       {"https://x/y.pdf", ""},
}

func anyField(name string) *rapid.Generator[core.Field] {
	return rapid.Custom(func(t *rapid.T) core.Field {
		kinds := []core.Kind{core.String, core.Integer, core.Reference, core.Boolean, core.Number, core.Bare, core.References, core.JSON, core.File, core.Null}
		f := core.Field{Name: name, Value: core.Value{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}}
		f.Value.Str = rapid.SampledFrom(oddValues[f.Value.Kind]).Draw(t, "value")
		f.Text = rapid.SampledFrom([]string{"", "", "said <&>\r", "\x02"}).Draw(t, "text")
		switch f.Value.Kind {
		case core.Reference, core.References:
			f.Value.Aux = rapid.SampledFrom([]string{"org_site", "gis_location", ""}).Draw(t, "table")
		case core.File:
			f.Value.Aux = rapid.SampledFrom([]string{"", "Plan.pdf"}).Draw(t, "name")
		case core.Null:
			f.Value.Aux = rapid.SampledFrom([]string{"", core.NullDate, core.NullReference}).Draw(t, "null")
		}
		if rapid.IntRange(0, 9).Draw(t, "attrs") == 0 {
			f.Attrs = []core.Attr{{Name: "unit", Value: "<kg>"}}
		}
		return f
	})
}

// anyRecord is the n-th record, with its components behind it. World is part of the names
// of their tables.
func anyRecord(t *rapid.T, world int, n *int, depth int) (recs []core.Record) {
	*n++
	rec := core.Record{Resource: level(world, depth), UUID: storagetest.UUID(*n), MCI: rapid.IntRange(-1, 2).Draw(t, "mci"), ModifiedOn: core.MTime(rapid.IntRange(1, 3).Draw(t, "stamp"))}
	if rapid.IntRange(0, 4).Draw(t, "uuid") == 0 {
		rec.UUID = fmt.Sprintf("plain <%d>", *n)
	}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if rapid.Bool().Draw(t, "has") {
			rec.Fields = append(rec.Fields, anyField(name).Draw(t, name))
		}
	}
	rec.CreatedBy, rec.Alias = rapid.SampledFrom([]string{"", "a@b"}).Draw(t, "by"), rapid.SampledFrom([]string{"", "x", "hidden"}).Draw(t, "alias")
	switch rapid.IntRange(0, 9).Draw(t, "unusual") {
	case 0:
		rec.Deleted, rec.ReplacedBy = true, storagetest.UUID(1)
	case 1:
		rec.Attrs, rec.Unknown = []core.Attr{{Name: "based_on", Value: "ff"}}, "<map/>"
	case 2:
		rec.URL, rec.ReplacedBy = "http://hub/1", "other"
	}
	recs = append(recs, rec)
	for range rapid.IntRange(0, 2).Draw(t, "components") * (2 - depth) {
		parts := anyRecord(t, world, n, depth+1)
		parts[0].Master = rec.Link()
		recs = append(recs, parts...)
	}
	return recs
}

func level(world, depth int) core.Resource {
	return core.Resource(fmt.Sprintf("test%d_level%d", world, depth))
}

// What a store writes of its rows is to the byte what it would write of their records.
func TestElementsAreWhatTheirRecordsWouldBe(t *testing.T) {
	var db *storage.DB
	world := 0
	rapid.Check(t, func(rt *rapid.T) {
		if world%10 == 0 { // with thousands of columns each new one takes long
			db, _ = storagetest.New(t)
		}
		world++ // with tables of its own, whose columns are of other kinds
		n := 0
		var recs []core.Record
		for range rapid.IntRange(1, 5).Draw(rt, "masters") {
			recs = append(recs, anyRecord(rt, world, &n, 0)...)
		}
		storagetest.Put(t, db, recs...)
		for depth := range 2 {
			q := responder.ExportQuery{Resource: level(world, depth), Deleted: rapid.Bool().Draw(rt, "deleted"), NoComponents: rapid.Bool().Draw(rt, "alone")}
			if rapid.Bool().Draw(rt, "filtered") {
				q.Filters = []core.Filter{{Query: "~.a__ne=7"}}
			}
			links := rapid.Bool().Draw(rt, "links")
			byRecord, byRow := worn{links: links}, worn{links: links}
			var want, got []string
			exported, err := db.Export(t.Context(), q, func(rec *core.Record) error {
				uuid := rec.UUID
				byRecord.top = uuid
				byRecord.wear(rt, rec)
				want = append(want, uuid+string(s3xml.AppendRecord(nil, rec)))
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
			b := make([]byte, 0, 100)
			written, err := db.ExportElements(t.Context(), q, &byRow, func(uuid string, element func(b []byte) ([]byte, error)) (err error) {
				byRow.top = uuid
				b, err = element(append(b[:0], "before"...))
				got = append(got, uuid+string(b[len("before"):]))
				return err
			})
			if err != nil || written != exported {
				rt.Fatalf("%d elements of %d records: %v", written, exported, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Errorf("records - elements +\n%s", diff)
			}
			if diff := cmp.Diff(byRecord.referred, byRow.referred); diff != "" {
				rt.Errorf("referred to by records - by elements +\n%s", diff)
			}
		}
	})
}
