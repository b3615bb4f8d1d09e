package storage_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fieldsync/fieldsync/storage"
)

// The log's file stays when the database is closed, but nothing is in it: whoever copies the
// database's file alone has all of it, and whoever puts an older one back has that.
func TestTheDatabaseIsWholeWithoutItsLogOnceItIsClosed(t *testing.T) {
	dir, copied := t.TempDir(), filepath.Join(t.TempDir(), "copied.db")
	session := func(do func(db *storage.DB)) {
		t.Helper()
		db, err := storage.Open(t.Context(), storage.Options{Dir: dir, Secrets: storage.NewFileSecrets(dir)})
		if err != nil {
			t.Fatal(err)
		}
		do(db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(filepath.Join(dir, "fieldsync.db-wal")); err != nil || info.Size() != 0 {
			t.Errorf("the log: %v, %v", info, err)
		}
	}
	store := func(value string) func(*storage.DB) {
		return func(db *storage.DB) {
			if err := db.SetSetting(t.Context(), "test", value); err != nil {
				t.Fatal(err)
			}
		}
	}
	copyDatabase := func(from, to string) {
		t.Helper()
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	session(store("old"))
	copyDatabase(filepath.Join(dir, "fieldsync.db"), copied)
	for range 3 {
		session(store("new"))
	}
	copyDatabase(copied, filepath.Join(dir, "fieldsync.db"))
	session(func(db *storage.DB) {
		if value, err := db.Setting(t.Context(), "test"); err != nil || value != "old" {
			t.Errorf("the setting is %q, %v", value, err)
		}
		checks, err := db.Doctor(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range checks {
			if !c.OK {
				t.Errorf("%s: %s", c.Name, c.Said)
			}
		}
	})
}
