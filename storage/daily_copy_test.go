package storage_test

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// misleadIndex makes an index have something else than its table: nothing but a
// comparison of the two tells.
func misleadIndex(t *testing.T, dir string) {
	t.Helper()
	for _, statements := range [][]string{
		{`INSERT INTO stretch (first, last, run) VALUES (1000001, 1000002, 'was')`},
		{`PRAGMA writable_schema = ON`, `CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'stretch_run'`, `DELETE FROM sqlite_schema WHERE name = 'stretch_run'`},
		{`UPDATE stretch SET run = 'is' WHERE run = 'was'`},
		{`PRAGMA writable_schema = ON`, `INSERT INTO sqlite_schema SELECT * FROM kept`},
		{`DROP TABLE kept`},
	} {
		db, err := sql.Open("sqlite3", filepath.Join(dir, "fieldsync.db"))
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		for _, s := range statements {
			if _, err := db.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
		if err := db.Close(); err != nil { // the next one reads the tables anew
			t.Fatal(err)
		}
	}
}

// A daily copy has all that the tables have; whether the indexes have it, too, is looked
// at once a week.
func TestADailyCopyIsComparedWithItsIndexesOnceAWeek(t *testing.T) {
	db, clock := storagetest.New(t)
	day := func() error {
		edit(t, db, link(1), "name", clock.Now().String())
		err := db.Upkeep(ctx)
		clock.Add(24 * time.Hour)
		return err
	}
	if err := day(); err != nil {
		t.Fatal(err)
	}
	misleadIndex(t, db.Dir())
	if _, err := db.SafetyCopy(ctx, storage.BackupBeforeUndo); !core.IsKind(err, core.StoreDamaged) {
		t.Fatalf("%v: the index has another row", err)
	}
	for n := 1; ; n++ {
		err := day()
		if core.IsKind(err, core.StoreDamaged) && n == 7 {
			return
		}
		if err != nil || n > 7 {
			t.Fatalf("after %d days: %v", n, err)
		}
	}
}
