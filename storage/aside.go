package storage

import "context"

// aside runs fn in a write transaction for which nobody waits: what is to be made ready
// in the background. It does not begin while somebody writes or a run is under way here,
// and whoever wants to write ends it: fn's context is cancelled and all is undone. done is
// false then, too.
func (db *DB) aside(ctx context.Context, op string, fn func(*tx) error) (done bool, err error) {
	within, end := context.WithCancel(ctx)
	defer end()
	if !db.giveWay.CompareAndSwap(nil, &end) {
		return false, nil
	}
	defer db.giveWay.Store(nil)
	if db.runsHere() {
		return false, nil
	}
	select {
	case db.turn <- struct{}{}:
	default:
		return false, nil
	}
	defer func() { <-db.turn }()
	err = db.noteDamage(problem(op, db.transact(within, waited, fn)))
	if within.Err() != nil && ctx.Err() == nil {
		return false, nil
	}
	return err == nil, err
}

// takeTurn waits until the writer is free, and makes whoever writes aside give way.
func (db *DB) takeTurn(ctx context.Context) error {
	select {
	case db.turn <- struct{}{}:
		return nil
	default:
	}
	if giveWay := db.giveWay.Load(); giveWay != nil {
		(*giveWay)()
	}
	db.awaiting.Add(1)
	defer db.awaiting.Add(-1)
	select {
	case db.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Awaited reports whether anybody here waits until the writer is free; see
// intake.Store.
func (db *DB) Awaited() bool { return db.awaiting.Load() > 0 }

// runsHere reports whether a run is under way in this process.
func (db *DB) runsHere() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return len(db.runs) > 0
}
