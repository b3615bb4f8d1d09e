package storage_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// Who writes learns that somebody else waits to, as long as that is so.
func TestWhoeverWritesLearnsThatSomebodyWaits(t *testing.T) {
	db, _ := storagetest.New(t)
	second := make(chan error)
	storagetest.Import(t, db, func(intake.Tx) error {
		if db.Awaited() {
			return errors.New("nobody waits yet")
		}
		go func() { second <- db.SetSetting(ctx, "a", "b") }()
		for !db.Awaited() { // the test ends after its time if nobody comes
			runtime.Gosched()
		}
		return nil
	})
	if err := <-second; err != nil {
		t.Fatal(err)
	}
	if db.Awaited() {
		t.Error("nobody waits any more")
	}
}
