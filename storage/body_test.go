package storage_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// looks is what of a record and its components is looked at on its way, and how it is written.
func looks(rec *core.Record) (all []string) {
	_ = rec.Walk(func(r *core.Record) error {
		all = append(all, r.UUID, r.Title())
		for i := range r.Fields {
			if v := &r.Fields[i].Value; v.Kind == core.Reference || v.Kind == core.References || v.Kind == core.File {
				all = append(all, r.Fields[i].Name, v.Str, v.Aux)
			}
		}
		return nil
	})
	return append(all, string(s3xml.AppendRecord(nil, rec)))
}

// What is lent with bodies is written to the byte as what is not, has the same names and
// points to the same, and its fields are those, in whatever room it is and whichever of it is
// new.
func TestWhatIsLentWithBodiesIsTheSame(t *testing.T) {
	embodied, whole, world := 0, 0, 0
	var db *storage.DB
	var repo int64
	rapid.Check(t, func(rt *rapid.T) {
		if world%10 == 0 { // with thousands of columns each new one takes long
			db, _ = storagetest.New(t)
			repo = storagetest.Repository(t, db, "hub").ID
		}
		world++
		task := storagetest.Task(t, db, repo, level(world, 0))
		n := 0
		var recs []core.Record
		for range rapid.IntRange(1, 8).Draw(rt, "masters") {
			recs = append(recs, anyRecord(rt, world, &n, 0)...)
		}
		for i := range recs {
			if rapid.IntRange(0, 3).Draw(rt, "title") == 0 {
				name := rapid.SampledFrom([]string{"name", "first_name", "last_name", "code"}).Draw(rt, "called")
				recs[i].Set(core.Field{Name: name, Value: core.Text(rapid.SampledFrom([]string{"Ann", "", "<&>"}).Draw(rt, "by"))})
			}
			if rapid.IntRange(0, 4).Draw(rt, "known") == 0 { // the repository had it before
				storagetest.Pull(t, db, repo, recs[i])
				recs[i].Unset("a")
			}
		}
		storagetest.Put(t, db, recs...)
		lending := core.Lending{Bodies: true}
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		for after := int64(0); ; {
			want, next, err := db.Outgoing(ctx, task, 0, after, limit, nil)
			if err != nil {
				rt.Fatal(err)
			}
			got, gotNext, err := db.Outgoing(ctx, task, 0, after, limit, &lending)
			if err != nil || len(got) != len(want) || gotNext != next {
				rt.Fatalf("%d up to %d instead of %d up to %d: %v", len(got), gotNext, len(want), next, err)
			}
			for i := range got {
				if diff := cmp.Diff(looks(&want[i].Record), looks(&got[i].Record)); diff != "" {
					rt.Errorf("as it is - with a body +\n%s", diff)
				}
				_ = got[i].Record.Walk(func(r *core.Record) error {
					if r.Body != nil {
						embodied++
					} else {
						whole++
					}
					return nil
				})
				got[i].Record.Embody()
				if diff := cmp.Diff(want[i], got[i], cmpopts.EquateEmpty(), cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
					rt.Errorf("as it is - embodied +\n%s", diff)
				}
			}
			if next == 0 {
				break
			}
			after = next
		}
	})
	if embodied == 0 || whole == 0 {
		t.Errorf("%d records with a body, and %d without", embodied, whole)
	}
}
