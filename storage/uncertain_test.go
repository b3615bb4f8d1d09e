package storage_test

import (
	"errors"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// What may have arrived stands as it was first sent, until the repository is known to have
// the record, or nothing of it any more.
func TestWhatMayHaveArrivedIsRememberedUntilItIsKnown(t *testing.T) {
	db, clock := storagetest.New(t)
	repo := storagetest.Repository(t, db, "second")
	task := storagetest.Task(t, db, repo.ID, "org_organisation")
	first := storagetest.Repository(t, db, "first")
	recs := []core.Record{storagetest.Organisation(1), storagetest.Organisation(2)}
	storagetest.Pull(t, db, first.ID, recs...)
	if carries, err := db.Carries(ctx, repo.ID); err != nil || !carries {
		t.Errorf("there is another repository: %t, %v", carries, err)
	}
	note := func(stamp core.MTime) {
		storagetest.Import(t, db, func(tx intake.Tx) error {
			for i := range recs {
				if err := tx.SetUncertain(ctx, repo.ID, recs[i].Link(), recs[i].Hash(), stamp); err != nil {
					return err
				}
			}
			return nil
		})
	}
	want := func(when string, stamps ...core.MTime) { // of each record; 0: nothing
		t.Helper()
		storagetest.Import(t, db, func(tx intake.Tx) error {
			for i, stamp := range stamps {
				h, at, err := tx.Uncertain(ctx, repo.ID, recs[i].Link())
				if stamp == 0 {
					if !errors.Is(err, core.ErrNotFound) {
						t.Errorf("%s: record %d is noted still: %v, %v", when, i+1, at, err)
					}
				} else if err != nil || at != stamp || h != recs[i].Hash() {
					t.Errorf("%s: record %d: %v, %v, %v", when, i+1, h, at, err)
				}
			}
			return nil
		})
	}
	pushed := func() {
		if err := db.Pushed(ctx, core.Push{Task: task.ID, At: core.MTimeOf(clock.Now())}); err != nil {
			t.Fatal(err)
		}
	}
	want("before", 0, 0)
	note(100)
	note(200)
	want("sent twice", 100, 100)
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.SetBase(ctx, repo.ID, &recs[0], core.SeqCurrent) })
	pushed()
	want("the first is known to be there", 0, 100)
	if err := db.Lacks(ctx, repo.ID, []core.Link{recs[1].Link()}); err != nil {
		t.Fatal(err)
	}
	want("it is known to have neither", 0, 0)
	note(300)
	if err := db.Relink(ctx, repo.ID); err != nil {
		t.Fatal(err)
	}
	want("it is another one", 0, 0)
	note(400)
	if err := db.DeleteRepository(ctx, repo.ID); err != nil {
		t.Fatal(err)
	}
	want("it is gone", 0, 0)
	if carries, err := db.Carries(ctx, first.ID); err != nil || carries {
		t.Errorf("there is no other repository: %t, %v", carries, err)
	}
}
