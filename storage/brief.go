package storage

import "context"

// brief is the context of a question that is answered at once, by one row or a few. A
// query that can be broken off has a goroutine that waits for it to happen, and a thread
// is woken for that: dozens of times in a run that finds nothing to do, which takes
// longer than the answers.
func brief(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

// readBriefly is read for what is answered by a few rows: by the connection that writes if
// nobody uses it, else by a reader. A process that only looks whether there is anything to
// do opens the database once, and reads once what tables it has. Who wants to write
// meanwhile waits for the answer, so that fn must not take long, nor write.
func (db *DB) readBriefly(ctx context.Context, op string, fn func(*view) error) error {
	select {
	case db.turn <- struct{}{}:
	default:
		return db.read(ctx, op, fn)
	}
	defer func() { <-db.turn }()
	if db.closed.Load() {
		return db.read(ctx, op, fn) // which says so
	}
	return db.readHere(ctx, op, fn)
}
