package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// badRun lets a repository change organisations 0 to 2, delete 3 and make 4 to 7,
// in two transactions with an edit of a person in between.
func badRun(t *testing.T, db *storage.DB, repo int64) {
	t.Helper()
	storagetest.Task(t, db, repo, "org_organisation")
	for i := range 4 {
		rec := storagetest.Organisation(i)
		rec.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprint("before ", i))})
		storagetest.Pull(t, db, repo, rec)
	}
	for half := range 2 {
		storagetest.Import(t, db, func(tx intake.Tx) error {
			for i := half * 4; i < half*4+4; i++ {
				rec := storagetest.Organisation(i)
				rec.Deleted = i == 3
				rule := "update OTHER"
				if i > 3 {
					rule = "create"
				}
				if err := tx.Put(ctx, &rec, core.Change{Run: "bad", Rule: rule, Origin: repo}); err != nil {
					return err
				}
				if err := tx.SetBase(ctx, repo, &rec, core.SeqCurrent); err != nil {
					return err
				}
			}
			return nil
		})
		edit(t, db, link(100+half), "name", "A person's")
	}
}

func TestAWholeRunIsTakenBack(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a")
	badRun(t, db, repo.ID)
	edit(t, db, link(2), "name", "edited since")
	edit(t, db, link(6), "name", "edited since")
	storagetest.Import(t, db, func(tx intake.Tx) error { // something a person added to what the run made
		c := storagetest.Contact(1, link(7))
		return tx.Put(ctx, &c, core.Change{Rule: "create", By: "ada"})
	})

	seq, _ := db.Seq(ctx)
	plan, err := db.PlanUndo(ctx, "bad", 0)
	if err != nil {
		t.Fatal(err)
	}
	want := core.Undo{Run: "bad", Restored: 3, Removed: 2, Left: 3, Delivered: map[int64]int{repo.ID: 5}}
	same(t, want, plan)
	if after, _ := db.Seq(ctx); after != seq {
		t.Error("a plan must not write")
	}
	if n := unsent(t, db, repo.ID); n != 4+1 {
		t.Fatalf("%d unsent before", n)
	}

	done, err := db.UndoRun(ctx, "bad", "ada", 0)
	if err != nil || done.Restored != 3 || done.Removed != 2 || done.Left != 3 || done.Backup == "" || done.Undo == "" {
		t.Fatalf("%+v, %v", done, err)
	}
	for i, name := range map[int]string{0: "before 0", 1: "before 1", 2: "edited since", 3: "before 3", 6: "edited since", 7: "Organisation 00007", 100: "A person's"} {
		rec, err := db.Record(ctx, link(i))
		if err != nil || rec.Deleted || rec.Value("name").Str != name {
			t.Errorf("organisation %d is %q, deleted %v, %v; want %q", i, rec.Value("name").Str, rec.Deleted, err, name)
		}
	}
	for _, i := range []int{4, 5} {
		if rec, err := db.Record(ctx, link(i)); err != nil || !rec.Deleted {
			t.Errorf("organisation %d must be deleted and kept: %+v, %v", i, rec, err)
		}
	}
	if n := unsent(t, db, repo.ID); n != 5+5 {
		t.Errorf("%d unsent: what the repository had is a new change", n)
	}

	// The undo is a run itself.
	back, err := db.UndoRun(ctx, done.Undo, "ada", 0)
	if err != nil || back.Restored != 5 {
		t.Errorf("%+v, %v", back, err)
	}
	if rec, _ := db.Record(ctx, link(0)); rec.Title() != "Organisation 00000" {
		t.Errorf("the undo was not taken back: %q", rec.Title())
	}
}

func unsent(t *testing.T, db *storage.DB, repo int64) int {
	t.Helper()
	all, err := db.Unsent(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return all[repo]
}

func TestARunThatIsNotKnownTakesNothingBack(t *testing.T) {
	db, _ := storagetest.New(t)
	storagetest.Repository(t, db, "a")
	edit(t, db, link(1), "name", "One")
	for _, run := range []string{"", "nonsense"} {
		undo, err := db.UndoRun(ctx, run, "ada", 0)
		if err != nil || !undo.Empty() || undo.Backup != "" {
			t.Errorf("%q: %+v, %v", run, undo, err)
		}
	}
}

func TestHistoryIsKeptAsLongAsItMayBeNeeded(t *testing.T) {
	db, clock := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a").ID
	storagetest.Task(t, db, repo, "org_organisation")
	// 1: two versions of the repository replaced, by each other.
	for i := range 3 {
		rec := storagetest.Organisation(1)
		rec.Set(core.Field{Name: "name", Value: core.Text(fmt.Sprint("theirs ", i))})
		storagetest.Pull(t, db, repo, rec)
	}
	// 2: an edit that no repository ever had, replaced by theirs.
	edit(t, db, link(2), "name", "never delivered")
	storagetest.Pull(t, db, repo, storagetest.Organisation(2))
	// 3: theirs, edited and unsent.
	storagetest.Pull(t, db, repo, storagetest.Organisation(3))
	edit(t, db, link(3), "name", "unsent")

	versions := func(n int) int {
		t.Helper()
		list, err := db.History(ctx, link(n))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	clock.Add(400 * 24 * time.Hour)
	if n, err := db.ClearHistory(ctx, core.Retention{Days: 500}, core.MTimeOf(clock.Now())); err != nil || n != 0 {
		t.Fatalf("cleared %d, %v: nothing is as old", n, err)
	}
	if n, err := db.ClearHistory(ctx, core.Retention{Megabytes: 1}, core.MTimeOf(clock.Now())); err != nil || n != 0 {
		t.Fatalf("cleared %d, %v: it is not as large", n, err)
	}
	n, err := db.ClearHistory(ctx, core.Retention{Days: 300}, core.MTimeOf(clock.Now()))
	if err != nil || n != 2 || versions(1) != 0 || versions(2) != 1 || versions(3) != 1 {
		t.Errorf("cleared %d, %v; left %d, %d, %d", n, err, versions(1), versions(2), versions(3))
	}

	// By size the oldest go first, never the undelivered ones.
	large := storagetest.Organisation(4)
	for i := range 40 {
		large.Set(core.Field{Name: "comments", Value: core.Text(fmt.Sprint(i, string(make([]byte, 64<<10))))})
		storagetest.Pull(t, db, repo, large)
	}
	if n, err = db.ClearHistory(ctx, core.Retention{Megabytes: 1}, core.MTimeOf(clock.Now())); err != nil || n < 20 || versions(4) != 39-n || versions(4) == 0 || versions(2) != 1 || versions(3) != 1 {
		t.Errorf("cleared %d, %v; left %d, %d, %d", n, err, versions(4), versions(2), versions(3))
	}
	list, err := db.History(ctx, link(4))
	if err != nil || list[0].Record.Value("comments").Str[:2] != "38" {
		t.Errorf("the youngest must stay: %v", err)
	}
}

func TestRetentionIsASetting(t *testing.T) {
	db, _ := storagetest.New(t)
	if r, err := db.Retention(ctx); err != nil || r != core.DefaultRetention() {
		t.Errorf("%+v, %v", r, err)
	}
	want := core.Retention{Days: 30}
	if err := db.SetRetention(ctx, want); err != nil {
		t.Fatal(err)
	}
	if r, err := db.Retention(ctx); err != nil || r != want {
		t.Errorf("%+v, %v", r, err)
	}
	if err := db.SetRetention(ctx, core.Retention{Days: -1}); !core.IsKind(err, core.InvalidSetting) {
		t.Errorf("got %v", err)
	}
}

// finished notes a run with what it says that it did.
func finished(t *testing.T, db *storage.DB, repo int64, id string, counts core.Counts) {
	t.Helper()
	run := core.Run{ID: id, Repository: repo, Started: 1, Counts: counts}
	if err := db.StartRun(ctx, run); err != nil {
		t.Fatal(err)
	}
	if _, err := db.FinishRun(ctx, core.Ending{Run: run, Repository: core.Repository{ID: repo}}); err != nil {
		t.Fatal(err)
	}
}

// What a run changed and of which the former versions are cleared away was not made by
// it: it is not deleted, and the plan says that it cannot be taken back.
func TestARunWhoseVersionsWereClearedAwayDeletesNothing(t *testing.T) {
	counts := core.Counts{Created: 4, Updated: 3, Deleted: 1}
	for name, note := range map[string]func(*testing.T, *storage.DB, int64){
		"a run of ours": func(t *testing.T, db *storage.DB, repo int64) { finished(t, db, repo, "bad", counts) },
		"a peer's push": func(t *testing.T, db *storage.DB, _ int64) {
			if _, err := db.AddLog(ctx, core.LogEntry{Run: "bad", Resource: "org_organisation", Counts: &counts}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storagetest.New(t)
			repo := storagetest.Repository(t, db, "a")
			badRun(t, db, repo.ID)
			note(t, db, repo.ID)
			clock.Add(400 * 24 * time.Hour)
			if n, err := db.ClearHistory(ctx, core.Retention{Days: 300}, core.MTimeOf(clock.Now())); err != nil || n == 0 {
				t.Fatalf("cleared %d, %v", n, err)
			}
			done, err := db.UndoRun(ctx, "bad", "ada", 0)
			if err != nil || done.Removed != 0 || done.Restored+done.Left+done.Forgotten != 8 {
				t.Errorf("%+v, %v", done, err)
			}
			for i := range 8 {
				if rec, err := db.Record(ctx, link(i)); err != nil || rec.Deleted != (i == 3) {
					t.Errorf("organisation %d: deleted %t, %v", i, rec.Deleted, err)
				}
			}
		})
	}
}

// A merge at a server moves the contacts of the one who goes. Who takes that run back has them where
// they were, too.
func TestWhatARunMovedIsWhereItWas(t *testing.T) {
	db, _ := storagetest.New(t)
	repo := storagetest.Repository(t, db, "a")
	storagetest.Task(t, db, repo.ID, "pr_person")
	contact := core.Link{Resource: "pr_contact", UUID: "urn:uuid:00000000-0000-4000-8000-000000000009"}
	first, second := core.Link{Resource: "pr_person", UUID: "urn:uuid:a"}, core.Link{Resource: "pr_person", UUID: "urn:uuid:b"}
	below := func(run string, master core.Link, person core.Record) {
		t.Helper()
		storagetest.Import(t, db, func(tx intake.Tx) error {
			c := core.Record{Resource: contact.Resource, UUID: contact.UUID, Master: master, Alias: "contact"}
			c.Set(core.Field{Name: "value", Value: core.Text("1")})
			for _, rec := range []core.Record{person, c} {
				if err := tx.Put(ctx, &rec, core.Change{Run: run, Rule: "update NEWER", Origin: repo.ID}); err != nil {
					return err
				}
				if err := tx.SetBase(ctx, repo.ID, &rec, core.SeqCurrent); err != nil {
					return err
				}
			}
			return nil
		})
	}
	person := core.Record{Resource: first.Resource, UUID: first.UUID}
	person.Set(core.Field{Name: "first_name", Value: core.Text("Ada")})
	below("first", first, person)
	merged := person.Clone()
	merged.Deleted, merged.ReplacedBy = true, second.UUID
	below("bad", second, merged)
	done, err := db.UndoRun(ctx, "bad", "me", 0)
	if err != nil || done.Restored != 2 {
		t.Errorf("%+v, %v", done, err)
	}
	if rec, err := db.Record(ctx, first); err != nil || rec.Deleted || rec.ReplacedBy != "" {
		t.Errorf("%+v, %v", rec, err)
	}
	if rec, err := db.Record(ctx, contact); err != nil || rec.Master != first {
		t.Errorf("it is below %+v, %v", rec.Master, err)
	}
	if unsent, err := db.UnsentLinks(ctx, repo.ID); err != nil || len(unsent) != 2 {
		t.Errorf("to be sent: %v, %v", unsent, err)
	}
}
