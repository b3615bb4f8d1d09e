package storage

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/packrow"
)

func TestAWriterThatRestsGivesItsMemoryBack(t *testing.T) {
	db := openPlain(t, t.TempDir())
	packrow.GiveBack() // what the tests before this one took
	before := cLibraryMemory(t)
	err := db.Import(t.Context(), func(tx intake.Tx) error {
		for range 6_000 {
			rec := core.Record{Resource: "org_organisation", UUID: core.NewUUID(), CreatedOn: 1_700_000_000, ModifiedOn: 1_700_000_000}
			rec.Set(core.Field{Name: "comments", Value: core.Text(strings.Repeat("c", 2_000))})
			if err := tx.Put(context.Background(), &rec, core.Change{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const megabyte = 1 << 10 // in KB
	full := cLibraryMemory(t)
	if full < before+4*megabyte {
		t.Fatalf("a large transaction took %d KB: nothing to give back", full-before)
	}
	for end := time.Now().Add(30 * time.Second); cLibraryMemory(t) > full-4*megabyte; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d KB before a large transaction, %d after it, %d after a rest", before, full, cLibraryMemory(t))
		}
	}
	addTable(t, db, "org_office") // it writes as before
}

// cLibraryMemory is how many KB of the C library's heap are in memory (man 5 proc_pid_smaps).
func cLibraryMemory(t *testing.T) (kilobytes int) {
	t.Helper()
	content, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	for _, heap := range strings.Split(string(content), "[heap]\n")[1:] {
		_, resident, _ := strings.Cut(heap, "\nRss:")
		var n int
		if _, err := fmt.Sscan(resident, &n); err != nil {
			t.Fatal(err)
		}
		kilobytes += n
	}
	return kilobytes
}
