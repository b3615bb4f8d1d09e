package storage_test

import (
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// What another process has written to a table is found, although it was empty when this
// one met it; so is what was written here, and what stands for a record that is not here.
func TestNoRecordIsTakenForAbsentThatAnotherProcessWrote(t *testing.T) {
	dir := t.TempDir()
	ours, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	theirs, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	repo := storagetest.Repository(t, ours, "a")
	put := func(db *storage.DB, n int) {
		t.Helper()
		rec := storagetest.Organisation(n)
		storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Put(ctx, &rec, core.Change{Rule: "create"}) })
	}
	check := func(n int, want bool) {
		t.Helper()
		rec := storagetest.Organisation(n)
		if h := head(t, ours, repo.ID, rec.Link()); h.Known != want {
			t.Errorf("record %d: known is %t, want %t", n, h.Known, want)
		}
	}
	check(1, false)
	for n := 2; n < 40; n += 4 {
		put(ours, n)
		check(n, true)
		put(theirs, n+1)
		check(n+1, true)
		put(ours, n+1) // replaces it, and makes no second row
		check(n+2, false)
		gone := storagetest.Organisation(n + 3)
		storagetest.Import(t, ours, func(tx intake.Tx) error { return tx.SetBase(ctx, repo.ID, &gone, core.SeqNone) })
		check(n+3, false) // it has a base and is not here
		put(ours, n+3)
		check(n+3, true)
	}
	if n, err := ours.Alive(ctx, "org_organisation"); err != nil || n != 30 {
		t.Errorf("%d records are here, want 30 (%v)", n, err)
	}
}

// A first load of more tables than there are newcomers for: what came is found, in each.
func TestWhatCameIsFoundInEachOfManyTables(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a")
	thing := func(table, n int) core.Record {
		rec := storagetest.Organisation(n)
		rec.Resource = core.Resource(fmt.Sprintf("test_thing%d", table))
		return rec
	}
	for n := range 3 { // the tables are empty the first time
		for table := range 40 {
			rec := thing(table, n)
			storagetest.Import(t, db, func(tx intake.Tx) error {
				if h, err := tx.Head(ctx, repo.ID, rec.Link()); err != nil || h.Known {
					t.Errorf("table %d: %d is known before it came, %v", table, n, err)
				}
				return tx.Put(ctx, &rec, core.Change{Rule: "create"})
			})
		}
	}
	for table := range 40 {
		for n := range 4 {
			rec := thing(table, n)
			if h := head(t, db, repo.ID, rec.Link()); h.Known != (n < 3) {
				t.Errorf("table %d: known of %d is %t", table, n, h.Known)
			}
		}
	}
}
