package storage_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// laden fills a data folder: 3000 records of a repository, a copy if wanted, then
// 300 edits here that nobody has, 100 of them new records. It returns their titles.
func laden(t *testing.T, dir string, clock *storagetest.Clock, withCopy bool) (unsent map[core.Link]string) {
	t.Helper()
	db := storagetest.Open(t, dir, clock)
	repo := storagetest.Repository(t, db, "hub").ID
	storagetest.Task(t, db, repo, "org_organisation")
	var recs []core.Record
	for i := range 3000 {
		recs = append(recs, storagetest.Organisation(i))
	}
	storagetest.Pull(t, db, repo, recs...)
	if withCopy {
		if _, err := db.SafetyCopy(ctx, storage.BackupDaily); err != nil {
			t.Fatal(err)
		}
	}
	clock.Add(time.Hour)
	unsent = make(map[core.Link]string)
	for i := range 300 {
		l := link(i * 9)
		if i >= 200 {
			l = link(10_000 + i)
		}
		title := fmt.Sprint("edited here ", i)
		edit(t, db, l, "name", title)
		unsent[l] = title
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return unsent
}

// damage overwrites pages of a file, the first ones too if head is set.
func damage(t *testing.T, path string, pages int, head bool) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	const size = 4096
	chance := rand.New(rand.NewPCG(1, 2))
	junk := make([]byte, size)
	for n := range pages {
		at := int64(n)
		if !head {
			at = 60 + chance.Int64N(info.Size()/size-60)
		}
		for i := range junk {
			junk[i] = byte(chance.Uint32())
		}
		if _, err := f.WriteAt(junk, at*size); err != nil {
			t.Fatal(err)
		}
	}
}

// A worker or a server of peers may have the damaged database open: it would go on
// writing into what is set aside.
func TestNothingIsRebuiltWhileSomebodyUsesTheFolder(t *testing.T) {
	dir, clock := t.TempDir(), storagetest.NewClock()
	laden(t, dir, clock, true)
	o := storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir)}
	worker, err := storage.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Rebuild(ctx, o); !core.IsKind(err, core.StoreLocked) {
		t.Errorf("beside a worker: %v", err)
	}
	aside, err := filepath.Glob(filepath.Join(dir, "damaged-*"))
	if err != nil || len(aside) != 0 {
		t.Errorf("set aside: %v, %v", aside, err)
	}
	if err := worker.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Rebuild(ctx, o); err != nil {
		t.Errorf("after it has ended: %v", err)
	}
	db := storagetest.Open(t, dir, clock)
	if _, err := db.Record(ctx, link(1)); err != nil {
		t.Error(err)
	}
}

func TestADamagedDatabaseIsRebuiltAndTheUnsentEditsAreRescued(t *testing.T) {
	for _, tt := range []struct {
		name     string
		withCopy bool
	}{{"from a copy", true}, {"without a copy", false}} {
		t.Run(tt.name, func(t *testing.T) {
			dir, clock := t.TempDir(), storagetest.NewClock()
			edits := laden(t, dir, clock, tt.withCopy)
			damage(t, filepath.Join(dir, "fieldsync.db"), 12, false)
			before, err := os.ReadFile(filepath.Join(dir, "fieldsync.db"))
			if err != nil {
				t.Fatal(err)
			}

			o := storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir)}
			r, err := storage.Rebuild(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			if (r.Backup != "") != tt.withCopy || r.Lost == 0 {
				t.Errorf("%+v: the test must damage rows", r)
			}
			after, err := os.ReadFile(filepath.Join(r.SetAside, "fieldsync.db"))
			if err != nil || string(after) != string(before) {
				t.Errorf("the damaged database must be set aside as it was: %v", err)
			}
			db := storagetest.Open(t, dir, clock)
			checks, err := db.Doctor(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range checks {
				if !c.OK && c.Name != "passwords" {
					t.Errorf("%s: %s", c.Name, c.Said)
				}
			}
			kept := 0
			for l, title := range edits {
				if rec, err := db.Record(ctx, l); err == nil && rec.Title() == title {
					kept++
				}
			}
			if kept < len(edits)-r.Lost || kept < len(edits)*8/10 {
				t.Errorf("%d of %d edits were rescued, %d rows were unreadable", kept, len(edits), r.Lost)
			}
			repo, err := db.RepositoryByName(ctx, "hub")
			if err != nil {
				t.Fatalf("the settings: %v", err)
			}
			if n := unsent(t, db, repo.ID); n < kept {
				t.Errorf("%d unsent, want the %d rescued ones", n, kept)
			}
			tasks, err := db.Tasks(ctx, repo.ID)
			if err != nil || len(tasks) != 1 || tasks[0].LastPull != 0 {
				t.Errorf("the next run must read everything: %+v, %v", tasks, err)
			}
			t.Logf("%d of %d edits rescued, %d rows unreadable", kept, len(edits), r.Lost)
		})
	}
}

func TestADatabaseWithoutAHeadIsRebuiltFromTheCopy(t *testing.T) {
	dir, clock := t.TempDir(), storagetest.NewClock()
	laden(t, dir, clock, true)
	damage(t, filepath.Join(dir, "fieldsync.db"), 2, true)
	o := storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir)}
	if _, err := storage.Open(ctx, o); !core.IsKind(err, core.StoreDamaged) {
		t.Fatalf("got %v", err)
	}
	r, err := storage.Rebuild(ctx, o)
	if err != nil || r.Backup == "" || r.Rescued != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	db := storagetest.Open(t, dir, clock)
	if n, err := db.Alive(ctx, "org_organisation"); err != nil || n != 3000 {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestDamageMetWhileReadingIsLookedAtByTheNextStart(t *testing.T) {
	dir, clock := t.TempDir(), storagetest.NewClock()
	laden(t, dir, clock, false)
	damage(t, filepath.Join(dir, "fieldsync.db"), 12, false)
	db := storagetest.Open(t, dir, clock)
	var err error
	for i := 0; i < 3000 && err == nil; i++ {
		_, err = db.Record(ctx, link(i))
	}
	if !core.IsKind(err, core.StoreDamaged) {
		t.Fatalf("got %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Open(ctx, storage.Options{Dir: dir, Now: clock.Now}); !core.IsKind(err, core.StoreDamaged) {
		t.Errorf("the next start: %v", err)
	}
}

// What an administrator set up is in a copy before anything was fetched.
func TestTheFirstCopyDoesNotWaitForRecords(t *testing.T) {
	db, _ := storagetest.New(t)
	storagetest.Repository(t, db, "HQ")
	if err := db.Upkeep(ctx); err != nil {
		t.Fatal(err)
	}
	if list, err := db.Backups(ctx); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v: want one copy", list, err)
	}
}

func TestCopiesAreMadeOnceADayAndTheOldestGo(t *testing.T) {
	db, clock := storagetest.New(t)
	if err := db.Upkeep(ctx); err != nil {
		t.Fatal(err)
	}
	if list, err := db.Backups(ctx); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v: there is nothing to copy", list, err)
	}
	for day := range 8 {
		edit(t, db, link(day), "name", "One")
		for range 3 {
			clock.Add(time.Hour)
			if err := db.Upkeep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		clock.Add(21 * time.Hour)
	}
	if _, err := db.SafetyCopy(ctx, storage.BackupBeforeUndo); err != nil {
		t.Fatal(err)
	}
	clock.Add(48 * time.Hour)
	if err := db.Upkeep(ctx); err != nil {
		t.Fatal(err)
	}
	list, err := db.Backups(ctx)
	if err != nil || len(list) != 6 || list[0].Reason != storage.BackupBeforeUndo {
		t.Fatalf("%d copies, %v: want 5 daily ones and one before an undo", len(list), err)
	}
	for _, b := range list {
		if info, err := os.Stat(b.Path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", b.Path, info, err)
		}
	}
}

// What happened since the copy was made is not only the last version of each record.
func TestFormerVersionsAndConflictsSinceTheCopyAreRescued(t *testing.T) {
	for _, withCopy := range []bool{true, false} {
		t.Run(fmt.Sprint("with a copy: ", withCopy), func(t *testing.T) {
			dir, clock := t.TempDir(), storagetest.NewClock()
			laden(t, dir, clock, withCopy)
			db := storagetest.Open(t, dir, clock)
			repo, err := db.RepositoryByName(ctx, "hub")
			if err != nil {
				t.Fatal(err)
			}
			edited, fought := link(1), link(2)
			for _, title := range []string{"first", "second", "third"} {
				clock.Add(time.Minute)
				edit(t, db, edited, "name", title)
			}
			// Ours lost against theirs: only the history has it.
			lost := edit(t, db, fought, "name", "ours, that lost")
			theirs := lost.Clone()
			theirs.Set(core.Field{Name: "name", Value: core.Text("theirs")})
			storagetest.Import(t, db, func(tx intake.Tx) error {
				if err := tx.Put(ctx, &theirs, core.Change{Run: "run 1", Rule: "conflict OTHER", By: "hub", Origin: repo.ID}); err != nil {
					return err
				}
				if err := tx.SetBase(ctx, repo.ID, &theirs, core.SeqCurrent); err != nil {
					return err
				}
				if _, err := tx.AddConflict(ctx, core.Conflict{Run: "run 1", RepositoryID: repo.ID, Record: fought, Ours: lost, Theirs: theirs, Clashes: []string{"name"}, Decision: "OTHER", Winner: "theirs"}); err != nil {
					return err
				}
				_, err := tx.AddConflict(ctx, core.Conflict{Run: "run 1", RepositoryID: repo.ID, Record: edited, Ours: lost, Theirs: theirs, Clashes: []string{"name"}})
				return err
			})
			if _, err := db.AddLog(ctx, core.LogEntry{RepositoryID: repo.ID, Repository: "hub", Resource: "org_organisation", Mode: "pull", Direction: "outgoing", Result: core.ResultSuccess, Message: "since the copy"}); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}

			o := storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir)}
			r, err := storage.Rebuild(ctx, o)
			if err != nil || r.Lost != 0 || r.Conflicts != 2 {
				t.Fatalf("%+v, %v", r, err)
			}
			db = storagetest.Open(t, dir, clock)
			history := func(l core.Link) (titles []string) {
				versions, err := db.History(ctx, l)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range versions {
					titles = append(titles, v.Record.Title())
				}
				return titles
			}
			if got, err := db.Record(ctx, edited); err != nil || got.Title() != "third" {
				t.Errorf("it stands as %q, %v", got.Title(), err)
			}
			if got := history(edited); len(got) != 3 || got[0] != "second" || got[1] != "first" {
				t.Errorf("the former versions are %q", got)
			}
			if !withCopy { // it comes from the repository, and finds its past
				storagetest.Pull(t, db, repo.ID, theirs)
			}
			if got := history(fought); !slices.Contains(got, "ours, that lost") {
				t.Errorf("the losing version is gone: %q", got)
			}
			conflicts, err := db.Conflicts(ctx, storage.ConflictQuery{})
			if err != nil || len(conflicts) != 2 || !conflicts[0].Open() || conflicts[0].Record != edited || conflicts[1].Winner != "theirs" {
				t.Errorf("conflicts: %+v, %v", conflicts, err)
			}
			entries, err := db.Log(ctx, storage.LogQuery{})
			if err != nil || len(entries) != 1 || entries[0].Message != "since the copy" {
				t.Errorf("the log: %+v, %v", entries, err)
			}
			checks, err := db.Doctor(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range checks {
				if !c.OK && c.Name != "passwords" {
					t.Errorf("%s: %s", c.Name, c.Said)
				}
			}
			// No number is given out a second time.
			before := edit(t, db, link(3), "name", "after it")
			if seq, err := db.Seq(ctx); err != nil || seq < 3000+300+5 {
				t.Errorf("%s was given %d, %v", before.UUID, seq, err)
			}
		})
	}
}

// A run since the copy cannot be taken back as a whole: its records come again with
// another one. That is said, with the number; a run before the copy is taken back as ever.
func TestARunThatARebuiltDatabaseForgotIsSaidToBe(t *testing.T) {
	dir, clock := t.TempDir(), storagetest.NewClock()
	db := storagetest.Open(t, dir, clock)
	repo := storagetest.Repository(t, db, "hub")
	storagetest.Task(t, db, repo.ID, "org_organisation")
	brings := func(run string, from, to int) {
		storagetest.Import(t, db, func(tx intake.Tx) error {
			for i := from; i < to; i++ {
				rec := storagetest.Organisation(i)
				rec.Set(core.Field{Name: "comments", Value: core.Text(run)})
				if err := tx.Put(ctx, &rec, core.Change{Run: run, Rule: "update NEWER", Origin: repo.ID, At: core.MTimeOf(clock.Now())}); err != nil {
					return err
				}
				if err := tx.SetBase(ctx, repo.ID, &rec, core.SeqCurrent); err != nil {
					return err
				}
			}
			return nil
		})
	}
	brings("before", 0, 5)
	finished(t, db, repo.ID, "before", core.Counts{Created: 5})
	if _, err := db.SafetyCopy(ctx, storage.BackupDaily); err != nil {
		t.Fatal(err)
	}
	clock.Add(time.Hour)
	brings("since", 3, 8)
	finished(t, db, repo.ID, "since", core.Counts{Updated: 2, Created: 3})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Rebuild(ctx, storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir)}); err != nil {
		t.Fatal(err)
	}
	db = storagetest.Open(t, dir, clock)
	plan, err := db.PlanUndo(ctx, "since", 0)
	if err != nil || plan.Empty() || plan.Restored+plan.Removed+plan.Left+plan.Forgotten != 5 || plan.Forgotten == 0 {
		t.Errorf("since the copy: %+v, %v", plan, err)
	}
	if ids, err := db.RunIDs(ctx, "since", 2); err != nil || len(ids) != 1 {
		t.Errorf("it is found as %v, %v", ids, err)
	}
	if plan, err = db.PlanUndo(ctx, "before", 0); err != nil || plan.Removed+plan.Restored+plan.Left != 5 || plan.Forgotten != 0 {
		t.Errorf("before the copy: %+v, %v", plan, err)
	}
}
