package storage

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"

	"github.com/fieldsync/fieldsync/core"
)

// Backup writes a complete, checked copy of the database to path, which must not
// exist yet. Passwords are not in it.
func (db *DB) Backup(ctx context.Context, path string) error {
	return db.backup(ctx, path, checkIntegrity)
}

func (db *DB) backup(ctx context.Context, path string, check check) error {
	if _, err := os.Stat(path); err == nil {
		return core.Invalid("path", "The file %s exists already. Choose another name for the copy.", path)
	}
	emptyLog(ctx, filepath.Join(db.dir, databaseName))
	// Neither the writer, which others wait for, nor a reader, which may not write
	// anything anywhere.
	source, err := sql.Open("sqlite3", dataSource(filepath.Join(db.dir, databaseName), scratching))
	if err != nil {
		return problem("backup", err)
	}
	err = backup(ctx, source, path, check)
	return db.noteDamage(problem("backup", errors.Join(err, source.Close())))
}

// unfinished ends the name of a copy that is not checked yet.
const unfinished = ".part"

// backup copies the database to path, which then holds a whole, checked copy, or
// nothing: a process that is killed leaves an unfinished one under another name.
func backup(ctx context.Context, db *sql.DB, path string, check check) error {
	part := path + unfinished
	if err := removeIfThere(part); err != nil {
		return err
	}
	err := copyChecked(ctx, db, part, check)
	if err == nil {
		err = rename(part, path)
	}
	if err != nil {
		return errors.Join(err, removeIfThere(part))
	}
	return nil
}

func copyChecked(ctx context.Context, db *sql.DB, path string, check check) error {
	whole, err := copyDatabase(ctx, db, path)
	if err == nil && !whole {
		_, err = db.ExecContext(ctx, `VACUUM INTO ?`, path)
	}
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return err
	}
	copied, err := sql.Open("sqlite3", dataSource(path, scratching))
	if err != nil {
		return err
	}
	err = check(ctx, copied)
	return errors.Join(err, copied.Close())
}

// A check returns what SQLite finds wrong with a database, nil if nothing is.
type check func(ctx context.Context, db querier) error

// checkIntegrity looks at everything.
func checkIntegrity(ctx context.Context, db querier) error {
	return verdict(ctx, db, `PRAGMA integrity_check(1)`)
}

// checkContents looks at every page and every row, and whether each index has as many as
// its table, but not at what it has of them: an index can be made anew from its table. It
// takes a quarter of the time.
func checkContents(ctx context.Context, db querier) error {
	return verdict(ctx, db, `PRAGMA quick_check(1)`)
}

func verdict(ctx context.Context, db querier, pragma string) error {
	var said string
	if err := db.QueryRowContext(ctx, pragma).Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return &core.Problem{Kind: core.StoreDamaged, Err: errors.New(said)}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
