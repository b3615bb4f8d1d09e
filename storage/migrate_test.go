package storage

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

// versions returns the program's migrations and one that is still to be
// written.
func versions(t *testing.T, second string) fstest.MapFS {
	t.Helper()
	files, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	first, err := fs.ReadFile(files, "0001_first.sql")
	if err != nil {
		t.Fatal(err)
	}
	all := fstest.MapFS{"0001_first.sql": {Data: first}}
	if second != "" {
		all["0002_second.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + second)}
	}
	return all
}

func query(t *testing.T, path, q string) (n int, err error) {
	t.Helper()
	db, err := sql.Open("sqlite3", dataSource(path, reading))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return n, db.QueryRow(q).Scan(&n)
}

func migrateTo(path string, files fs.FS) error {
	return migrate(context.Background(), path, files, time.Unix(1e9, 0), slog.New(slog.DiscardHandler))
}

func TestAnExistingDatabaseIsCopiedBeforeItIsMigrated(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, databaseName)
	for range 2 {
		if err := migrateTo(path, versions(t, "")); err != nil {
			t.Fatal(err)
		}
	}
	if copies, _ := filepath.Glob(filepath.Join(dir, "backups", "*")); len(copies) != 0 {
		t.Errorf("a copy was made without need: %v", copies)
	}
	for range 2 {
		if err := migrateTo(path, versions(t, "CREATE TABLE added (x INTEGER) STRICT;")); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := query(t, path, `SELECT count(*) FROM added`); err != nil || n != 0 {
		t.Errorf("%d %v", n, err)
	}
	copied := filepath.Join(dir, "backups", "fieldsync-20010909T014640-migration.db")
	if n, err := query(t, copied, `SELECT max(version_id) FROM migration`); err != nil || n != 1 {
		t.Errorf("the copy has version %d: %v", n, err)
	}
}

// A process that was killed while it copied, or right after, has left something
// under the name that the next one takes, if that comes within the same second.
func TestAnInterruptedCopyBeforeAMigrationIsInNobodysWay(t *testing.T) {
	for name, leave := range map[string]func(t *testing.T, path, copied string){
		"half a copy": func(t *testing.T, _, copied string) { write(t, copied+".part") },
		"of a day ago": func(t *testing.T, _, copied string) {
			write(t, filepath.Join(filepath.Dir(copied), "fieldsync-20010908T000000-migration.db.part"))
		},
		"a whole copy": func(t *testing.T, path, copied string) {
			db, err := sql.Open("sqlite3", dataSource(path, scratching))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := backup(context.Background(), db, copied, checkIntegrity); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, copied := filepath.Join(dir, databaseName), filepath.Join(dir, "backups", "fieldsync-20010909T014640-migration.db")
			if err := migrateTo(path, versions(t, "")); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Dir(copied), 0o700); err != nil {
				t.Fatal(err)
			}
			leave(t, path, copied)
			if err := migrateTo(path, versions(t, "CREATE TABLE added (x INTEGER) STRICT;")); err != nil {
				t.Fatal(err)
			}
			if n, err := query(t, copied, `SELECT max(version_id) FROM migration`); err != nil || n != 1 {
				t.Errorf("the copy has version %d: %v", n, err)
			}
			if halves, _ := filepath.Glob(filepath.Join(dir, "backups", "*.part")); len(halves) != 0 {
				t.Errorf("%v are left", halves)
			}
		})
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("half a copy"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), databaseName)
	if err := migrateTo(path, versions(t, "")); err != nil {
		t.Fatal(err)
	}
	if err := migrateTo(path, versions(t, "CREATE TABLE added (x INTEGER) STRICT;\nINSERT INTO nowhere VALUES (1);")); err == nil {
		t.Fatal("no error")
	}
	if n, err := query(t, path, `SELECT count(*) FROM sqlite_schema WHERE name = 'added'`); err != nil || n != 0 {
		t.Errorf("%d %v: half of the migration stayed", n, err)
	}
	if n, err := query(t, path, `SELECT max(version_id) FROM migration`); err != nil || n != 1 {
		t.Errorf("version %d %v", n, err)
	}
}
