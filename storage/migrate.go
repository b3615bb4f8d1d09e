package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/fieldsync/fieldsync/core"
)

//go:embed migrations/*.sql
var embedded embed.FS

// migrations returns the numbered files that make the database what it is.
func migrations() (fs.FS, error) { return fs.Sub(embedded, "migrations") }

// migrate brings the database at path to the present version. An existing one is
// copied first among the backups, and the copy is checked.
func migrate(ctx context.Context, path string, files fs.FS, now time.Time, log *slog.Logger) (err error) {
	db, err := openWriters(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return migrateOn(ctx, db, path, files, now, log)
}

// openWriters opens the pool of the one connection that writes.
func openWriters(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dataSource(path, writing))
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// migrateOn does the same by way of a pool that has one connection and has not
// been used: a process that only looks whether there is anything to do opens the
// database once.
func migrateOn(ctx context.Context, db *sql.DB, path string, files fs.FS, now time.Time, log *slog.Logger) error {
	_, statErr := os.Stat(path)
	existed := statErr == nil
	if err := checkFullText(ctx, db); err != nil {
		return err
	}
	if existed && isCurrent(ctx, db, files) {
		return nil
	}
	steps, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithTableName("migration"), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	have, want, err := steps.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > want {
		return &core.Problem{Kind: core.StoreTooNew, Err: fmt.Errorf("database version %d, this program knows %d", have, want)}
	}
	if have == want {
		return nil
	}
	if existed && have > 0 {
		copied := backupPath(filepath.Dir(path), BackupBeforeMigration, now)
		if err := backupOnce(ctx, db, copied, now); err != nil {
			return fmt.Errorf("copy before migration: %w", err)
		}
		log.Info("Copied the database before migrating it", "copy", copied, "from", have, "to", want)
	}
	if _, err := steps.Up(ctx); err != nil {
		return fmt.Errorf("migrate from version %d to %d: %w", have, want, err)
	}
	return nil
}

// isCurrent reports whether the database has the newest of the numbered files.
// Goose, which reads all of them to find that out, takes several milliseconds.
func isCurrent(ctx context.Context, db *sql.DB, files fs.FS) bool {
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		return false
	}
	number, _, _ := strings.Cut(names[len(names)-1], "_") // Glob sorts them
	newest, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return false
	}
	var have int64
	err = db.QueryRowContext(brief(ctx), `SELECT max(version_id) FROM migration`).Scan(&have)
	return err == nil && have == newest
}

// backupOnce copies the database unless a process that was ended in the same
// second has done so; what it left half done is removed.
func backupOnce(ctx context.Context, db *sql.DB, path string, now time.Time) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	halves, err := filepath.Glob(filepath.Join(filepath.Dir(path), "fieldsync-*.db"+unfinished))
	if err != nil {
		return err
	}
	for _, half := range halves {
		if err := removeIfThere(half); err != nil {
			return err
		}
	}
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := backup(ctx, db, path, checkIntegrity); err != nil {
		return err
	}
	return rotate(filepath.Dir(filepath.Dir(path)), BackupBeforeMigration, now)
}

// checkFullText says plainly what is wrong with a program built without the tag.
func checkFullText(ctx context.Context, db *sql.DB) error {
	var on bool
	if err := db.QueryRowContext(brief(ctx), `SELECT sqlite_compileoption_used('ENABLE_FTS5')`).Scan(&on); err != nil {
		return err
	}
	if !on {
		return errors.New("this program was built without full-text search: build it with -tags sqlite_fts5")
	}
	return nil
}
