package storage_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

const tenYears = 10 * 365 * 24 * time.Hour

// worked makes a day on which something came from a repository and replaced what
// was here.
func worked(t *testing.T, db *storage.DB, repo core.Repository, clock *storagetest.Clock, offset time.Duration) {
	t.Helper()
	now := core.MTimeOf(clock.Now())
	rec := storagetest.Organisation(1)
	rec.Set(core.Field{Name: "comments", Value: core.Text(now.String())})
	storagetest.Import(t, db, func(tx intake.Tx) error {
		if err := tx.Put(ctx, &rec, core.Change{Rule: "update NEWER", Origin: repo.ID, At: now}); err != nil {
			return err
		}
		return tx.SetBase(ctx, repo.ID, &rec, core.SeqCurrent)
	})
	if err := db.StartRun(ctx, core.Run{ID: core.NewUUID(), Repository: repo.ID, Started: now}); err != nil {
		t.Fatal(err)
	}
	repo.LastConnected, repo.ClockOffset = now, int64(offset/time.Second)
	if err := db.SaveRepository(ctx, repo); err != nil {
		t.Fatal(err)
	}
}

func versions(t *testing.T, db *storage.DB) int {
	t.Helper()
	rec := storagetest.Organisation(1)
	found, err := db.History(ctx, rec.Link())
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func upkeep(t *testing.T, db *storage.DB) {
	t.Helper()
	if err := db.Upkeep(ctx); err != nil {
		t.Fatal(err)
	}
}

// History is kept for two years: not for two years of a clock that is wrong.
func TestAClockThatIsYearsAheadClearsNoHistoryAway(t *testing.T) {
	for _, tt := range []struct {
		name   string
		synced bool // while the clock was wrong, so that the difference is known
	}{{"before the first sync", false}, {"after one", true}} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storagetest.New(t)
			repo := storagetest.Repository(t, db, "hub")
			for range 5 {
				worked(t, db, repo, clock, 0)
				clock.Add(25 * time.Hour)
				upkeep(t, db)
			}
			had := versions(t, db)
			clock.Add(tenYears)
			for range 3 {
				edit(t, db, link(7), "name", clock.Now().String())
				if tt.synced {
					worked(t, db, repo, clock, -tenYears)
					had++
				} else if err := db.StartRun(ctx, core.Run{ID: core.NewUUID(), Repository: repo.ID, Started: core.MTimeOf(clock.Now())}); err != nil {
					t.Fatal(err)
				}
				upkeep(t, db)
				clock.Add(25 * time.Hour)
			}
			if got := versions(t, db); got != had {
				t.Errorf("%d versions are left, want all %d", got, had)
			}
		})
	}
	t.Run("years that really passed", func(t *testing.T) {
		db, clock := storagetest.New(t)
		repo := storagetest.Repository(t, db, "hub")
		for range 5 {
			worked(t, db, repo, clock, 0)
			clock.Add(25 * time.Hour)
			upkeep(t, db)
		}
		clock.Add(3 * 365 * 24 * time.Hour)
		for range 3 {
			worked(t, db, repo, clock, 0)
			upkeep(t, db)
			clock.Add(25 * time.Hour)
		}
		if got := versions(t, db); got > 4 {
			t.Errorf("%d versions are left: what is older than two years goes", got)
		}
	})
}

// A hub calls nobody who could tell it the time: days count that it lived through.
func TestAHubWhoseClockIsYearsAheadClearsNoHistoryAway(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before int // days on the right clock
		every  time.Duration
		jumps  []time.Duration // of the clock, two days of work after each
		left   bool            // all versions are
	}{
		{"ahead after some days", 5, 25 * time.Hour, []time.Duration{tenYears}, true},
		{"ahead at once", 0, 25 * time.Hour, []time.Duration{tenYears, -tenYears}, true},
		{"ahead, right again, ahead again", 5, 25 * time.Hour, []time.Duration{tenYears, -tenYears, tenYears}, true},
		{"ahead by five months at a time", 5, 25 * time.Hour, slices.Repeat([]time.Duration{150 * 24 * time.Hour}, 12), true},
		{"three years of work", 55, 20 * 24 * time.Hour, []time.Duration{0}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storagetest.New(t)
			peer, err := db.AddRepository(ctx, core.Repository{Name: "laptop", UUID: core.NewUUID()})
			if err != nil {
				t.Fatal(err)
			}
			made := 0
			work := func(days int) {
				for range days {
					worked(t, db, peer, clock, 0)
					made++
					upkeep(t, db)
					clock.Add(tt.every)
				}
			}
			work(tt.before)
			for _, jump := range tt.jumps {
				clock.Add(jump)
				work(2)
			}
			if got := versions(t, db); (got == made-1) != tt.left {
				t.Errorf("%d versions are left of %d", got, made-1)
			}
		})
	}
}

// Copies that were made on a clock that was ahead do not push out those that are
// made when it is right again, and the copy that has most is the one to rebuild from.
func TestCopiesFromAClockThatWasAheadAreInNobodysWay(t *testing.T) {
	dir, clock := t.TempDir(), storagetest.NewClock()
	db := storagetest.Open(t, dir, clock)
	repo := storagetest.Repository(t, db, "hub")
	clock.Add(tenYears)
	for range 6 {
		worked(t, db, repo, clock, -tenYears)
		clock.Add(25 * time.Hour)
		upkeep(t, db)
	}
	clock.Add(-tenYears)
	edit(t, db, link(7), "name", "after the clock was set right")
	worked(t, db, repo, clock, 0)
	upkeep(t, db)
	list, err := db.Backups(ctx)
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, b := range list {
		if !b.Made.After(clock.Now().Add(time.Hour)) {
			right++
		}
	}
	if right == 0 {
		t.Fatalf("the copy that was made now is gone: %+v", list)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "fieldsync.db"), []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := storage.Rebuild(ctx, storage.Options{Dir: dir, Now: clock.Now, Secrets: storage.NewFileSecrets(dir)})
	if err != nil {
		t.Fatal(err)
	}
	db = storagetest.Open(t, dir, clock)
	if rec, err := db.Record(ctx, link(7)); err != nil || rec.Title() != "after the clock was set right" {
		t.Errorf("rebuilt from %s: %q, %v", r.Backup, rec.Title(), err)
	}
}
