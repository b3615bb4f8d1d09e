package storage

import (
	"time"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// restAfter is how long nobody must have written before the writer rests. A server that is
// slow sends a page every second or two: what the next one needs is not read again.
const restAfter = 2 * time.Second

// restLater has the writer rest when nobody has written for a while from now on.
func (db *DB) restLater() { db.resting.Reset(restAfter) }

// rest gives back the pages that the writer keeps of the database: a program that waits for
// the next sync, or that answers those who read, has no use for them. Whoever writes again
// finds them in the system's own memory.
func (db *DB) rest() {
	select {
	case db.turn <- struct{}{}:
	default:
		return // somebody writes, and has it rest later
	}
	defer func() { <-db.turn }()
	if db.closed.Load() {
		return
	}
	if _, err := db.writer.raw.Exec(`PRAGMA shrink_memory`, nil); err != nil {
		db.log.Warn("The database's writer keeps its memory", "err", err)
	}
	packrow.GiveBack()
}
