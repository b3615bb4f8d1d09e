package storage_test

import (
	"slices"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestNamesakesAreTheOthersOfTheTableWithTheName(t *testing.T) {
	db, _ := storagetest.New(t)
	edit(t, db, link(1), "name", "Water")
	edit(t, db, link(2), "name", "WATER")
	edit(t, db, link(3), "name", "Water and more")
	edit(t, db, link(4), "name", "water")
	if _, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditDelete, Record: core.Record{Resource: link(4).Resource, UUID: link(4).UUID}}); err != nil {
		t.Fatal(err)
	}
	person := func(n int, first, last string) core.Link {
		rec := core.Record{Resource: "pr_person", UUID: storagetest.UUID(n), Fields: []core.Field{field("first_name", core.String, first), field("last_name", core.String, last)}}
		if _, _, err := db.Edit(ctx, storage.EditRequest{Record: rec}); err != nil {
			t.Fatal(err)
		}
		return rec.Link()
	}
	ali, aliToo := person(1, "Ali", "Khan"), person(2, "Ali", "Khan")
	other := person(3, "Ali", "Shah")
	found, err := db.Namesakes(ctx, []core.Link{link(1), link(3), ali, other, {Resource: "org_group", UUID: storagetest.UUID(9)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := found[link(1)]; len(found) != 2 || len(got) != 2 || !slices.Contains(got, link(2)) || !slices.Contains(got, link(4)) {
		t.Errorf("found %+v", found)
	}
	if got := found[ali]; len(got) != 1 || got[0] != aliToo {
		t.Errorf("of the person %+v", got)
	}
}
