package storage_test

import (
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestForgettingPractiseLeavesNothingToSend(t *testing.T) {
	db, _ := storagetest.New(t)
	r := storagetest.Repository(t, db, "practice")
	if _, err := db.AddTask(ctx, core.NewTask(r.ID, "org_office")); err != nil {
		t.Fatal(err)
	}
	rec := core.Record{Resource: "org_office", UUID: core.NewUUID()}
	rec.Set(core.Field{Name: "name", Value: core.Text("Invented office")})
	if _, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditSave, Record: rec, By: "me"}); err != nil {
		t.Fatal(err)
	}
	node, err := db.Node(ctx)
	if err != nil {
		t.Fatal(err)
	}
	other := storagetest.Repository(t, db, "real")
	storagetest.Pull(t, db, other.ID, storagetest.Organisation(1))
	if err := db.Forget(ctx, r.ID); !core.IsKind(err, core.InvalidSetting) || !strings.Contains(core.AsProblem(err).Message(), "another repository") {
		t.Errorf("beside another repository: %v", err)
	}
	if _, err := db.Record(ctx, rec.Link()); err != nil {
		t.Errorf("a record is gone: %v", err)
	}
	if err := db.DeleteRepository(ctx, other.ID); err != nil {
		t.Fatal(err)
	}
	if err := db.Forget(ctx, r.ID); err == nil {
		t.Error("records of a server that was removed are forgotten")
	}
	if err := db.DeleteRepository(ctx, r.ID); err != nil {
		t.Fatal(err)
	}
	if err := db.Forget(ctx, 0, r.ID); err == nil {
		t.Error("records of a server that was removed are forgotten, with those that are invented")
	}
	if err := db.Forget(ctx, 0, r.ID, other.ID); err != nil {
		t.Errorf("what two practice repositories left behind: %v", err)
	}
	if left, err := db.Resources(ctx); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	db, _ = storagetest.New(t)
	r = storagetest.Repository(t, db, "practice")
	storagetest.Pull(t, db, r.ID, storagetest.Organisation(1))
	if _, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditSave, Record: rec, By: "me"}); err != nil {
		t.Fatal(err)
	}
	if node, err = db.Node(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.Forget(ctx, r.ID); err != nil {
		t.Fatal(err)
	}
	if found, err := db.Search(ctx, "Invented", 10); err != nil || len(found) > 0 {
		t.Errorf("still found: %v, %v", found, err)
	}
	real := storagetest.Repository(t, db, "real")
	if _, err := db.AddTask(ctx, core.NewTask(real.ID, "org_office")); err != nil {
		t.Fatal(err)
	}
	if unsent, err := db.Unsent(ctx); err != nil || unsent[real.ID] != 0 {
		t.Errorf("%d invented records would be sent to a real server, %v", unsent[real.ID], err)
	}
	if after, err := db.Node(ctx); err != nil || after.UUID != node.UUID {
		t.Error("the laptop's identity changed")
	}
	checks, err := db.Doctor(ctx)
	for _, c := range checks {
		if !c.OK {
			t.Errorf("%s: %s", c.Name, c.Said)
		}
	}
	if err != nil {
		t.Error(err)
	}
	if _, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditSave, Record: rec, By: "me"}); err != nil {
		t.Errorf("a record cannot be entered any more: %v", err)
	}
}
