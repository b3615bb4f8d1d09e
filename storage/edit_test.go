package storage_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestANewRecordIsMadeHere(t *testing.T) {
	db, clock := storagetest.New(t)
	rec, changed, err := db.Edit(ctx, storage.EditRequest{By: "ada@example.org", Offset: time.Hour, Record: core.Record{
		Resource: "org_organisation", MCI: 7, Deleted: true, ModifiedOn: 1 << 40, Fields: []core.Field{field("name", core.String, "New")}}})
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	want := core.MTimeOf(clock.Now()) + 3600
	if rec.MCI != 0 || rec.Deleted || rec.ModifiedOn != want || rec.CreatedOn != want || rec.CreatedBy != "ada@example.org" || !core.ValidUUID(rec.UUID) {
		t.Errorf("%+v", rec)
	}
	stored, err := db.Record(ctx, rec.Link())
	if err != nil || sameRecord(rec, stored) != "" {
		t.Errorf("%v %s", err, sameRecord(rec, stored))
	}
}

func TestAnEditIsANewVersionOnlyIfTheContentChanged(t *testing.T) {
	db, _ := storagetest.New(t)
	rec := edit(t, db, link(1), "name", "One")
	before, _ := db.Seq(ctx)
	_, changed, err := db.Edit(ctx, storage.EditRequest{Record: rec, By: "someone else"})
	if err != nil || changed {
		t.Errorf("changed %v, %v", changed, err)
	}
	if after, _ := db.Seq(ctx); after != before {
		t.Errorf("seq went from %d to %d", before, after)
	}
}

func TestAnEditIsNeverOlderThanWhatItReplaces(t *testing.T) {
	db, clock := storagetest.New(t)
	edit(t, db, link(1), "name", "One")
	clock.Add(-24 * time.Hour)
	rec := edit(t, db, link(1), "name", "Two")
	if rec.ModifiedOn < core.MTimeOf(storagetest.Start) {
		t.Errorf("stamp %v", rec.ModifiedOn)
	}
}

func TestAnEditOfWhatChangedMeanwhileIsRefused(t *testing.T) {
	db, _ := storagetest.New(t)
	seen := edit(t, db, link(1), "name", "One")
	edit(t, db, link(1), "name", "Two")
	_, _, err := db.Edit(ctx, storage.EditRequest{Record: seen, Seen: seen.Hash()})
	if !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("got %v", err)
	}
}

func TestWhatCannotBeEditedIsRefusedWithASentence(t *testing.T) {
	db, _ := storagetest.New(t)
	for _, rec := range []core.Record{
		{Resource: "auth_user", UUID: "x"}, {Resource: `x"; DROP TABLE log; --`}, {Resource: "org_office", UUID: "a b"},
		{Resource: "org_office", Fields: []core.Field{field(`n"ame`, core.String, "x")}},
	} {
		if _, _, err := db.Edit(ctx, storage.EditRequest{Record: rec}); !core.IsKind(err, core.InvalidSetting) {
			t.Errorf("%v: got %v", rec, err)
		}
	}
	_, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditDelete, Record: core.Record{Resource: "org_office", UUID: "nobody"}})
	if !errors.Is(err, core.ErrNotFound) {
		t.Errorf("deleting nothing: %v", err)
	}
}

func TestADeletedRecordComesBackWithItsComponents(t *testing.T) {
	db, _ := storagetest.New(t)
	master := edit(t, db, link(1), "name", "One")
	kept, gone := storagetest.Contact(1, master.Link()), storagetest.Contact(2, master.Link())
	for _, c := range []core.Record{kept, gone} {
		if _, _, err := db.Edit(ctx, storage.EditRequest{Record: c}); err != nil {
			t.Fatal(err)
		}
	}
	remove(t, db, gone.Link())
	along := -1
	if _, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditDelete, Record: core.Record{Resource: master.Resource, UUID: master.UUID}, Along: &along}); err != nil || along != 1 {
		t.Errorf("%d deleted along, want the one that was not deleted before; %v", along, err)
	}
	for _, l := range []core.Link{master.Link(), kept.Link(), gone.Link()} {
		if rec, err := db.Record(ctx, l); err != nil || !rec.Deleted {
			t.Errorf("%v is not deleted: %v", l, err)
		}
	}
	rec, changed, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditRestore, Record: core.Record{Resource: master.Resource, UUID: master.UUID}})
	if err != nil || !changed || rec.Deleted || rec.Title() != "One" {
		t.Errorf("%+v %v", rec, err)
	}
	comps, err := db.Components(ctx, master.Link())
	if err != nil || len(comps) != 1 || comps[0].UUID != kept.UUID {
		t.Errorf("components %v %v, want only the one that was deleted along", comps, err)
	}
}

// TestADeletedOrganisationTakesNoOfficeAndNoStaffAlong: Eden nests in an organisation
// whatever has it as its organisation. One click on Delete took 144 records along,
// among them the stock of its warehouses, and sent their deletions to headquarters.
func TestADeletedOrganisationTakesNoOfficeAndNoStaffAlong(t *testing.T) {
	db, _ := storagetest.New(t)
	var n int
	add := func(resource core.Resource, master core.Link) core.Link {
		n++
		rec := core.Record{Resource: resource, UUID: fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", n), Master: master}
		rec.Set(core.Field{Name: "name", Value: core.Text(string(resource))})
		if _, _, err := db.Edit(ctx, storage.EditRequest{Record: rec}); err != nil {
			t.Fatal(err)
		}
		return rec.Link()
	}
	org := add("org_organisation", core.Link{})
	office, facility, warehouse := add("org_office", org), add("org_facility", org), add("inv_warehouse", org)
	staff, stock := add("hrm_human_resource", office), add("inv_inv_item", warehouse)
	custom := add("xyz_programme", org) // of a template that we know nothing of
	below := add("xyz_activity", custom)
	contact, name := add("pr_contact", org), add("org_organisation_name", org)
	person := add("pr_person", core.Link{})
	address, personnel := add("pr_address", person), add("hrm_human_resource", person)
	remove(t, db, org)
	remove(t, db, person)
	for l, want := range map[core.Link]bool{org: true, contact: true, name: true, person: true, address: true, personnel: true,
		office: false, facility: false, warehouse: false, staff: false, stock: false, custom: false, below: false} {
		if rec, err := db.Record(ctx, l); err != nil || rec.Deleted != want {
			t.Errorf("%s: deleted %v, want %v (%v)", l.Resource, rec.Deleted, want, err)
		}
	}
}

func TestATombstoneFromAPeerIsRestoredFromTheHistory(t *testing.T) {
	db, _ := storagetest.New(t)
	a := storagetest.Repository(t, db, "a")
	rec := storagetest.Organisation(1)
	storagetest.Pull(t, db, a.ID, rec, core.Record{Resource: rec.Resource, UUID: rec.UUID, Deleted: true})
	back, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditRestore, Record: rec})
	if err != nil || back.Deleted || back.Hash() != rec.Hash() {
		t.Errorf("%+v %v", back, err)
	}
}

func TestEveryReplacedVersionCanBeRestored(t *testing.T) {
	db, _ := storagetest.New(t)
	a := storagetest.Repository(t, db, "a")
	one := edit(t, db, link(1), "name", "One")
	edit(t, db, link(1), "name", "Two")
	theirs := one.Clone()
	theirs.Set(core.Field{Name: "name", Value: core.Text("Theirs")})
	storagetest.Import(t, db, func(tx intake.Tx) error {
		return tx.Put(ctx, &theirs, core.Change{Run: "run-1", Rule: "update OTHER", By: "hub", Origin: a.ID, At: 99})
	})
	remove(t, db, link(1))
	versions, err := db.History(ctx, link(1))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range versions {
		got = append(got, fmt.Sprintf("%s: %s by %s", v.Record.Title(), v.Change.Rule, v.Change.By))
	}
	same(t, []string{"Theirs: delete by worker@example.org", "Two: update OTHER by hub", "One: edit by worker@example.org"}, got)
	same(t, core.Change{Run: "run-1", Rule: "update OTHER", By: "hub", Origin: a.ID, At: 99}, versions[1].Change)
	rec, changed, err := db.RestoreVersion(ctx, versions[2].ID, "ada", 0)
	if err != nil || !changed || rec.Title() != "One" || rec.Deleted {
		t.Errorf("%+v %v", rec, err)
	}
	if _, _, err := db.RestoreVersion(ctx, 999, "ada", 0); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestARunCanBeTakenBack(t *testing.T) {
	db, _ := storagetest.New(t)
	storagetest.Repository(t, db, "a")
	for i := range 3 {
		edit(t, db, link(i), "name", fmt.Sprint("before ", i))
	}
	storagetest.Import(t, db, func(tx intake.Tx) error {
		for i := range 3 {
			rec := storagetest.Organisation(i)
			for range 2 {
				rec.MCI++
				rec.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprint("after ", rec.MCI))})
				if err := tx.Put(ctx, &rec, core.Change{Run: "bad", Rule: "update OTHER"}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	edit(t, db, link(2), "name", "edited since")
	undo, err := db.UndoRun(ctx, "bad", "ada", 0)
	if err != nil || undo.Restored != 2 || undo.Left != 1 {
		t.Fatalf("%+v, %v", undo, err)
	}
	for i, want := range []string{"before 0", "before 1", "edited since"} {
		rec, _ := db.Record(ctx, link(i))
		same(t, want, rec.Title())
	}
}
