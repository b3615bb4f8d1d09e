package storage

import (
	"context"
	"fmt"

	"github.com/fieldsync/fieldsync/core"
)

// minRoom is how much room the disk must have before a stage of a run begins, in
// bytes: a page of records with their history and the journal that SQLite writes
// beside the database.
const minRoom = 50 << 20

// Room returns a Problem DiskFull if the disk of the data folder has so little
// room that a stage should not begin (PROMISES 22). Where it cannot be found
// out, nil.
func (db *DB) Room(ctx context.Context) error {
	if db.free == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if free, err := db.free(db.dir); err == nil && free < minRoom {
		return &core.Problem{Op: "look for room", Kind: core.DiskFull, Err: fmt.Errorf("%d MiB are free, %d are needed", free>>20, minRoom>>20)}
	}
	return nil
}
