package storage_test

import (
	"errors"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// What may have arrived stands as it was first sent, until the repository is known to have
// the record alive, or nothing of it any more.
func TestWhatMayHaveArrivedIsRememberedUntilItIsKnown(t *testing.T) {
	db, clock := storagetest.New(t)
	repo := storagetest.Repository(t, db, "second")
	task := storagetest.Task(t, db, repo.ID, "org_organisation")
	first := storagetest.Repository(t, db, "first")
	recs := []core.Record{storagetest.Organisation(1), storagetest.Organisation(2)}
	storagetest.Pull(t, db, first.ID, recs...)
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
		if err := db.Pushed(ctx, core.Push{Task: task, At: core.MTimeOf(clock.Now())}); err != nil {
			t.Fatal(err)
		}
	}
	want("before", 0, 0)
	note(100)
	note(200)
	want("sent twice", 100, 100)
	gone := recs[0].Clone()
	gone.Deleted, gone.Fields = true, nil
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.SetBase(ctx, repo.ID, &gone, core.SeqNone) })
	pushed()
	want("the first is known to be deleted there, and may arrive yet", 100, 100)
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
}

// What was on its way when nobody could say any more what became of it may have arrived:
// as it was read and sent, whatever was made of it here since.
func TestWhatWasOnItsWayMayHaveArrived(t *testing.T) {
	db, clock := storagetest.New(t)
	repo := storagetest.Repository(t, db, "only")
	task := storagetest.Task(t, db, repo.ID, "org_organisation")
	var recs []core.Record
	for i := range 5 {
		recs = append(recs, storagetest.Organisation(i))
	}
	sent := func() (list []core.Sending) {
		t.Helper()
		out, _, err := db.Outgoing(ctx, task, core.MTimeOf(clock.Now()), 0, len(recs), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range out {
			for l, part := range o.Parts.All() {
				list = append(list, core.Sending{Record: l, Part: part, ModifiedOn: core.MTime(1000 * (len(list) + 1))})
			}
		}
		return list
	}
	note := func(list []core.Sending, more bool) {
		t.Helper()
		if err := db.Sending(ctx, repo.ID, list, more); err != nil {
			t.Fatal(err)
		}
	}
	put := func(rec core.Record) {
		t.Helper()
		storagetest.Import(t, db, func(tx intake.Tx) error { return tx.Put(ctx, &rec, core.Change{Rule: "edit"}) })
	}
	noted := func(list []core.Sending) (n int) {
		t.Helper()
		if err := db.Unheard(ctx, repo.ID); err != nil {
			t.Fatal(err)
		}
		storagetest.Import(t, db, func(tx intake.Tx) error {
			for _, s := range list {
				h, at, err := tx.Uncertain(ctx, repo.ID, s.Record)
				if err == nil && (h != s.Part.Hash || at != s.ModifiedOn) {
					t.Errorf("of %s %v, %v is noted", s.Record.UUID, h, at)
				}
				if err == nil {
					n++
				} else if !errors.Is(err, core.ErrNotFound) {
					return err
				}
			}
			return nil
		})
		return n
	}
	for _, rec := range recs {
		put(rec)
	}
	list := sent()
	if len(list) != 5 {
		t.Fatalf("%d are to be sent", len(list))
	}
	note(list[:1], false) // settled with the next one
	note(list[1:3], false)
	looked := list[3]
	looked.Part.Row, looked.Part.Seq = 0, 0 // read otherwise
	replaced := list[4]
	replaced.Part.Row, replaced.Part.Seq = 0, 0
	edit := func(i int, name string) {
		t.Helper()
		rec := recs[i].Clone()
		rec.Set(core.Field{Name: "name", Value: core.Text(name)})
		put(rec)
	}
	edit(4, "changed before it was noted")
	note([]core.Sending{looked, replaced}, true)
	edit(1, "changed while it was on its way")
	storagetest.Import(t, db, func(tx intake.Tx) error { return tx.SetBase(ctx, repo.ID, &recs[2], core.SeqCurrent) })
	if n := noted(list); n != 3 {
		t.Errorf("%d are noted, want the second, the fourth and the fifth\n%v", n, list)
	}
	if err := db.Lacks(ctx, repo.ID, []core.Link{list[1].Record, list[3].Record, list[4].Record}); err != nil {
		t.Fatal(err)
	}
	if n := noted(list); n != 0 {
		t.Errorf("%d are noted once more", n)
	}
	for what, settle := range map[string]func() error{
		"all was pushed":           func() error { return db.Pushed(ctx, core.Push{Task: task, At: core.MTimeOf(clock.Now())}) },
		"it is another repository": func() error { return db.Relink(ctx, repo.ID) },
	} {
		note(list, false)
		if err := settle(); err != nil {
			t.Fatal(err)
		}
		if n := noted(list); n != 0 {
			t.Errorf("%s: %d are noted", what, n)
		}
	}
	note(list, false)
	if err := db.DeleteRepository(ctx, repo.ID); err != nil {
		t.Fatal(err)
	}
	if err := db.Unheard(ctx, repo.ID); err != nil {
		t.Error(err)
	}
}
