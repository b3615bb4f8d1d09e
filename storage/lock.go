package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/fieldsync/fieldsync/core"
)

// LockRun makes sure that one run at a time works on the repository, in this
// process and all others; a Problem AlreadyRunning if one does. The lock is the
// operating system's: it dies with its process.
func (db *DB) LockRun(ctx context.Context, repo int64) (unlock func(), err error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	var release func()
	locked := !db.runs[repo]
	if locked {
		if release, locked, err = lockFile(db.dir, fmt.Sprintf("run-%d.lock", repo)); err != nil {
			return nil, problem("lock run", err)
		}
	}
	if !locked {
		name := "this repository"
		if err := db.readers.QueryRowContext(ctx, `SELECT name FROM repository WHERE id = ?`, repo).Scan(&name); err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &core.Problem{Op: "lock run", Kind: core.AlreadyRunning, Subject: name}
	}
	db.runs[repo] = true
	return func() {
		db.mu.Lock()
		defer db.mu.Unlock()
		delete(db.runs, repo)
		release()
	}, nil
}

// LockInstance makes sure that one window at a time shows the data folder; a
// Problem StoreLocked if another process does.
func LockInstance(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, &core.Problem{Op: "lock data folder", Kind: core.FileUnreadable, Subject: dir, Err: err}
	}
	release, locked, err := lockFile(dir, "instance.lock")
	if err != nil {
		return nil, problem("lock data folder", err)
	}
	if !locked {
		return nil, &core.Problem{Op: "lock data folder", Kind: core.StoreLocked}
	}
	return release, nil
}

// lockFile takes the lock of that name in dir/locks, without waiting.
func lockFile(dir, name string) (release func(), locked bool, err error) {
	dir = filepath.Join(dir, "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, err
	}
	lock := flock.New(filepath.Join(dir, name))
	locked, err = lock.TryLock()
	if err != nil || !locked {
		return nil, false, err
	}
	// Unlocking closes the file; there is nothing to do about an error, and the
	// lock ends with the process at the latest.
	return func() { _ = lock.Unlock() }, true, nil
}
