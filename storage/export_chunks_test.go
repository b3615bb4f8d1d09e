package storage_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/responder"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// The records of a chunk are made where those of the chunk before were: none of them
// may keep anything of another, and components come by table, oldest first.
func TestWhatIsExportedInManyChunksIsWhatIsStored(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "hub").ID
	const masters = 700
	var all []core.Record
	for i := range masters {
		rec := storagetest.Organisation(i)
		if i%7 == 0 {
			rec.UUID = fmt.Sprintf("plain-%d", i)
		}
		if i%11 == 0 { // in columns that others leave empty
			rec.URL, rec.ReplacedBy = "http://hub/1", storagetest.UUID(i+1)
			rec.Attrs, rec.Unknown = []core.Attr{{Name: "x", Value: fmt.Sprint(i)}}, "<x/>"
			rec.Set(core.Field{Name: "remark", Value: core.Text(fmt.Sprint(i)), Text: "said", Attrs: []core.Attr{{Name: "y", Value: "z"}}})
		}
		if i%5 == 2 { // of another kind than the column's: it lies apart
			rec.Set(core.Field{Name: "year", Value: core.Text(fmt.Sprint("before ", i))})
		}
		if i%200 == 1 {
			for k := range 300 {
				rec.Set(core.Field{Name: fmt.Sprintf("wide%d", k), Value: core.Text(fmt.Sprint(i))})
			}
		}
		all = append(all, rec)
		for k := range i % 4 {
			office := core.Record{Resource: "org_office", UUID: storagetest.UUID(3_000_000 + 10*i - k), Master: rec.Link(), Alias: "office", MCI: 1,
				Fields: []core.Field{{Name: "name", Value: core.Text(fmt.Sprint("Office ", i, " ", k))}}}
			all = append(all, storagetest.Contact(10*i-k, rec.Link()), office)
		}
	}
	storagetest.Pull(t, db, repo, all...)
	seen := make(map[string]bool)
	n, err := db.Export(ctx, responder.ExportQuery{Resource: "org_organisation", Deleted: true}, func(rec *core.Record) error {
		seen[rec.UUID] = true
		want, err := db.Record(ctx, rec.Link())
		if err != nil {
			return err
		}
		if want.Components, err = db.Components(ctx, rec.Link()); err != nil {
			return err
		}
		for i := range want.Components {
			alone, err := db.Record(ctx, want.Components[i].Link())
			if diff := cmp.Diff(alone, want.Components[i]); err != nil || diff != "" {
				t.Errorf("component %v by itself and in its master: %s", err, diff)
			}
		}
		if diff := cmp.Diff(want, *rec, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("stored - exported +\n%s", diff)
		}
		for i, c := range rec.Components[:len(rec.Components)/2] {
			office, contact := c, rec.Components[len(rec.Components)/2+i]
			if office.Resource == "pr_contact" {
				office, contact = contact, office
			}
			if office.Title()[len(office.Title())-1:] != fmt.Sprint(i) || contact.Master != rec.Link() {
				t.Errorf("component %d of %s is %q of %v", i, rec.UUID, office.Title(), contact.Master)
			}
		}
		return nil
	})
	if err != nil || n != masters || len(seen) != masters {
		t.Errorf("%d masters, %d of them different: %v", n, len(seen), err)
	}
}
