package storage_test

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// TestWhatIsNeverSentIsCounted: edits of a table that is only pulled, or of none's, go
// nowhere; the status said that everything is at the server.
func TestWhatIsNeverSentIsCounted(t *testing.T) {
	db, _ := storagetest.New(t)
	staying := func(want int, when string) {
		t.Helper()
		if n, err := db.Staying(ctx); err != nil || n != want {
			t.Errorf("%s: %d stay here, want %d: %v", when, n, want, err)
		}
	}
	made := core.Link{Resource: "org_office", UUID: "urn:uuid:00000000-0000-4000-8000-000000000001"}
	edit(t, db, made, "name", "Ours")
	staying(0, "without a server")

	repo, err := db.AddRepository(ctx, core.Repository{Name: "HQ", URL: "http://hq.example.org/eden"})
	if err != nil {
		t.Fatal(err)
	}
	staying(1, "no task")
	pull := core.NewTask(repo.ID, "org_office")
	pull.Mode = core.ModePull
	if pull, err = db.AddTask(ctx, pull); err != nil {
		t.Fatal(err)
	}
	theirs := core.Record{Resource: "org_office", UUID: "urn:uuid:00000000-0000-4000-8000-000000000002"}
	theirs.Set(core.Field{Name: "name", Value: core.Text("Theirs")})
	err = db.Import(ctx, func(tx intake.Tx) error {
		if err := tx.Put(ctx, &theirs, core.Change{Rule: "create", Origin: repo.ID}); err != nil {
			return err
		}
		return tx.SetBase(ctx, repo.ID, &theirs, core.SeqCurrent)
	})
	if err != nil {
		t.Fatal(err)
	}
	staying(1, "pulled only")
	edit(t, db, theirs.Link(), "name", "Corrected")
	staying(2, "edited here")
	remove(t, db, theirs.Link())
	staying(2, "deleted here")
	remove(t, db, made)
	staying(1, "and what nobody ever had")

	pull.Mode = core.ModeBoth
	if err := db.UpdateTask(ctx, pull); err != nil {
		t.Fatal(err)
	}
	staying(0, "pushed")
	unsent, err := db.Unsent(ctx)
	if err != nil || unsent[repo.ID] == 0 {
		t.Errorf("%v unsent, want them counted there: %v", unsent, err)
	}
}
