package storage_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// The brake on what a peer pushes counts what stands here, so that it knows it
// after a restart, too.
func TestWhatAPeersPushesDeletedIsCountedInTheStore(t *testing.T) {
	db, clock := storagetest.New(t)
	peer, other := storagetest.Repository(t, db, "peer"), storagetest.Repository(t, db, "other")
	for n := 1; n <= 8; n++ {
		storagetest.Pull(t, db, peer.ID, storagetest.Organisation(n))
	}
	bury := func(n int, origin int64, run string, at time.Time) {
		storagetest.Import(t, db, func(tx intake.Tx) error {
			rec := storagetest.Organisation(n)
			rec.Deleted = true
			return tx.Put(ctx, &rec, core.Change{Run: run, Rule: "delete NEWER", Origin: origin, At: core.MTimeOf(at)})
		})
	}
	now := clock.Now()
	if err := db.StartRun(ctx, core.Run{ID: "confirmed", Repository: peer.ID, Started: core.MTimeOf(now)}); err != nil {
		t.Fatal(err)
	}
	bury(1, peer.ID, "push 1", now.Add(-time.Hour))
	bury(2, peer.ID, "push 2", now)
	bury(3, peer.ID, "push of the day before", now.Add(-25*time.Hour))
	bury(4, other.ID, "push 3", now)
	bury(5, 0, "", now)
	bury(6, peer.ID, "confirmed", now)
	bury(7, peer.ID, "push 4", now)
	storagetest.Import(t, db, func(tx intake.Tx) error { // brought back here
		rec := storagetest.Organisation(7)
		return tx.Put(ctx, &rec, core.Change{Rule: "restore", At: core.MTimeOf(now)})
	})
	for resource, want := range map[core.Resource]int{"org_organisation": 2, "org_office": 0} {
		got, err := db.DeletedBy(ctx, peer.ID, resource, core.MTimeOf(now.Add(-24*time.Hour)))
		if err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", resource, got, err, want)
		}
	}
}
