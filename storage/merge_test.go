package storage_test

import (
	"errors"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestOfTwoRecordsOneStandsWithAllThatPointedToEither(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "HQ")
	from, into := link(1), link(2)
	put := func(rec core.Record) {
		t.Helper()
		if _, _, err := db.Edit(ctx, storage.EditRequest{Record: rec}); err != nil {
			t.Fatal(err)
		}
	}
	put(core.Record{Resource: from.Resource, UUID: from.UUID, Fields: []core.Field{field("name", core.String, "Red Cross"), field("phone", core.String, "42"),
		field("comments", core.String, "ours"), {Name: "logo", Value: core.Value{Kind: core.File, Aux: "logo.png"}}, {Name: "parent", Value: core.RefTo(into.Resource, into.UUID)}}})
	if err := db.SaveAttachment(ctx, core.Attachment{Record: from, Field: "logo", Name: "logo.png"}, []byte("png")); err != nil {
		t.Fatal(err)
	}
	put(core.Record{Resource: into.Resource, UUID: into.UUID, Fields: []core.Field{field("name", core.String, "Red Cross"), field("comments", core.String, "theirs"),
		{Name: "parent", Value: core.RefTo(from.Resource, from.UUID)}}})
	office := core.Link{Resource: "org_office", UUID: storagetest.UUID(3)}
	put(core.Record{Resource: office.Resource, UUID: office.UUID, Fields: []core.Field{{Name: "organisation_id", Value: core.RefTo(from.Resource, from.UUID), Text: "Red Cross"}}})
	project := core.Link{Resource: "project_project", UUID: storagetest.UUID(4)}
	put(core.Record{Resource: project.Resource, UUID: project.UUID, Fields: []core.Field{
		{Name: "partners", Value: core.Value{Kind: core.References, Aux: string(from.Resource), Str: `["` + from.UUID + `","` + link(9).UUID + `","` + into.UUID + `"]`}}}})
	contact := storagetest.Contact(5, from)
	put(contact)
	stranger := core.Link{Resource: "org_office", UUID: storagetest.UUID(6)}
	put(core.Record{Resource: stranger.Resource, UUID: stranger.UUID, Fields: []core.Field{{Name: "organisation_id", Value: core.RefTo(from.Resource, link(9).UUID)}}})
	before, err := db.Record(ctx, stranger)
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Import(t, db, func(tx intake.Tx) error {
		return tx.AddQuarantine(ctx, core.Quarantine{RepositoryID: repo.ID, Outgoing: true, Record: from, Reason: core.NamesakeThere})
	})

	if err := db.Merge(ctx, from, into, "ada@example.org"); err != nil {
		t.Fatal(err)
	}
	stands := record(t, db, into)
	if stands.Value("phone").Str != "42" || stands.Value("comments").Str != "theirs" || stands.ModifiedBy != "ada@example.org" || stands.Value("parent").Kind != core.Null {
		t.Errorf("what stands: %+v", stands)
	}
	if _, content, err := db.Attachment(ctx, into, "logo"); string(content) != "png" {
		t.Errorf("its file is %q, %v", content, err)
	}
	if gone := record(t, db, from); !gone.Deleted || gone.ReplacedBy != into.UUID {
		t.Errorf("what went: %+v", gone)
	}
	if got := record(t, db, office); got.Value("organisation_id").Str != into.UUID || got.Fields[0].Text != "" {
		t.Errorf("the office: %+v", got.Fields)
	}
	if got := record(t, db, project); got.Value("partners").Str != `["`+into.UUID+`","`+link(9).UUID+`"]` {
		t.Errorf("the project: %+v", got.Fields)
	}
	if got := record(t, db, contact.Link()); got.Master != into {
		t.Errorf("the contact: %+v", got)
	}
	if after := record(t, db, stranger); after.ModifiedOn != before.ModifiedOn {
		t.Error("what points elsewhere was changed")
	}
	if left, err := db.QuarantinesOf(ctx, from); err != nil || len(left) != 0 {
		t.Errorf("set aside: %+v, %v", left, err)
	}
}

func TestOnlyTwoLivingRecordsOfATableAreMerged(t *testing.T) {
	db, _ := storagetest.New(t)
	edit(t, db, link(1), "name", "One")
	edit(t, db, link(2), "name", "Two")
	if _, _, err := db.Edit(ctx, storage.EditRequest{Action: storage.EditDelete, Record: core.Record{Resource: link(2).Resource, UUID: link(2).UUID}}); err != nil {
		t.Fatal(err)
	}
	for _, into := range []core.Link{link(1), link(2), {Resource: "org_office", UUID: link(2).UUID}} {
		if err := db.Merge(ctx, link(1), into, "ada"); !core.IsKind(err, core.InvalidSetting) {
			t.Errorf("into %+v: %v", into, err)
		}
	}
	if err := db.Merge(ctx, link(1), link(7), "ada"); !errors.Is(err, core.ErrNotFound) {
		t.Errorf("into nothing: %v", err)
	}
	if rec := record(t, db, link(1)); rec.Deleted {
		t.Error("it went all the same")
	}
}

// record returns what stands here.
func record(t *testing.T, db *storage.DB, l core.Link) core.Record {
	t.Helper()
	rec, err := db.Record(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}
