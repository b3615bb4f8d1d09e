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

// betweenRuns does what a run that is under way must not meet: while it lasts none
// begins with the repository, or with any for 0. A Problem AlreadyRunning if one goes on.
func (db *DB) betweenRuns(ctx context.Context, repo int64, do func() error) error {
	repositories := []int64{repo}
	if repo == 0 {
		list, err := db.listRepositories(ctx, `ORDER BY id`)
		if err != nil {
			return err
		}
		repositories = repositories[:0]
		for i := range list {
			repositories = append(repositories, list[i].ID)
		}
	}
	for _, id := range repositories {
		unlock, err := db.LockRun(ctx, id)
		if err != nil {
			return err
		}
		defer unlock()
	}
	return do()
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

// share notes that the data folder is in use, until the database is closed; a
// Problem StoreLocked while it is being rebuilt.
func (db *DB) share() error {
	lock, err := newLock(db.dir, usedName)
	if err != nil {
		return err
	}
	free, err := lock.TryRLock()
	switch {
	case err != nil: // a file system without locks
		db.log.Warn("The data folder cannot be locked", "dir", db.dir, "err", err)
		return nil
	case !free:
		return &core.Problem{Op: "open store", Kind: core.StoreLocked}
	}
	db.unshare = func() { _ = lock.Unlock() } // it ends with the process at the latest
	return nil
}

// lockAll makes sure that nobody else uses the data folder: no window, worker,
// server of peers or command; a Problem StoreLocked if somebody does.
func lockAll(dir string) (release func(), err error) {
	release, free, err := lockFile(dir, usedName)
	if err != nil {
		return nil, problem("lock data folder", err)
	}
	if !free {
		return nil, &core.Problem{Op: "lock data folder", Kind: core.StoreLocked}
	}
	return release, nil
}

// usedName is the lock that everybody shares who has the database open.
const usedName = "used.lock"

// newLock returns a lock in dir/locks that is not taken yet.
func newLock(dir, name string) (*flock.Flock, error) {
	dir = filepath.Join(dir, "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return flock.New(filepath.Join(dir, name)), nil
}

// lockFile takes the lock of that name in dir/locks, without waiting.
func lockFile(dir, name string) (release func(), locked bool, err error) {
	lock, err := newLock(dir, name)
	if err != nil {
		return nil, false, err
	}
	locked, err = lock.TryLock()
	if err != nil || !locked {
		return nil, false, err
	}
	// Unlocking closes the file; there is nothing to do about an error, and the
	// lock ends with the process at the latest.
	return func() { _ = lock.Unlock() }, true, nil
}
