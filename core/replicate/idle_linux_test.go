package replicate_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/storage"
)

// To open the database once more, and to read again what tables there are, is a tenth of
// what a process costs that finds nothing to do.
func TestARunWithNothingToDoOpensTheDatabaseOnce(t *testing.T) {
	w, _ := newNodes(t, "org_office", "org_organisation")
	w.sync()
	w.sync()
	w.pass(time.Hour)
	db, err := storage.Open(t.Context(), storage.Options{Dir: w.db.Dir(), Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w.engine.Store = db
	before := timesOpen(t, w.db.Dir())
	if run := w.sync(); run.Changed() > 0 {
		t.Fatalf("there was something to do: %+v", run)
	}
	if now := timesOpen(t, w.db.Dir()); now != before {
		t.Errorf("the run opened the database %d times more", now-before)
	}
}

// timesOpen counts how often this process has the database of the data folder open.
func timesOpen(t *testing.T, dir string) (n int) {
	t.Helper()
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if to, err := os.Readlink(file); err == nil && to == filepath.Join(dir, "fieldsync.db") {
			n++
		}
	}
	if n == 0 {
		t.Fatal("nobody has it open")
	}
	return n
}
