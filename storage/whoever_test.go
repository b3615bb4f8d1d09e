package storage_test

import (
	"errors"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// Two processes write to one data folder, and what a place or a number was in the one
// need not be so any more.
func TestARecordIsFoundWhoeverWroteIt(t *testing.T) {
	dir := t.TempDir()
	clock := storagetest.NewClock()
	db := storagetest.Open(t, dir, clock)
	repo := storagetest.Repository(t, db, "a")
	storagetest.Pull(t, db, repo.ID, storagetest.Organisation(1))
	want := func(n int) {
		t.Helper()
		storagetest.Import(t, db, func(tx intake.Tx) error {
			h, err := tx.Head(ctx, repo.ID, link(n))
			if err != nil || !h.Known {
				t.Errorf("%d is not found: %+v, %v", n, h, err)
			}
			return nil
		})
		edit(t, db, link(n), "name", "found")
	}
	want(1)

	other := storagetest.Open(t, dir, clock) // as another process would
	storagetest.Pull(t, other, repo.ID, storagetest.Organisation(2))
	want(2)

	storagetest.Pull(t, db, repo.ID, storagetest.Organisation(3))
	err := other.Import(ctx, func(tx intake.Tx) error { // a row that stands for a record which is not here
		rec := storagetest.Organisation(4)
		return tx.SetBase(ctx, repo.ID, &rec, core.SeqNone)
	})
	if err != nil {
		t.Fatal(err)
	}
	storagetest.Pull(t, db, repo.ID, storagetest.Organisation(4))
	want(4)
	want(3)
}

func TestARecordIsFoundAfterATransactionWasTakenBack(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a")
	broken := errors.New("broken")
	err := db.Import(ctx, func(tx intake.Tx) error {
		rec := storagetest.Organisation(1)
		return errors.Join(tx.Put(ctx, &rec, core.Change{Origin: repo.ID}), broken)
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	storagetest.Pull(t, db, repo.ID, storagetest.Organisation(1))
	edit(t, db, link(1), "name", "found")
	rec, err := db.Record(ctx, link(1))
	if err != nil || rec.Value("name").Str != "found" {
		t.Errorf("%+v, %v", rec, err)
	}
}
