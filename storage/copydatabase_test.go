package storage

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// logged makes a database with a log, of which two rows far from each other always say the
// same, and returns a connection that writes.
func logged(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", dataSource(path, writing))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	must(t, db, `PRAGMA journal_mode = WAL`)
	must(t, db, `CREATE TABLE twin (id INTEGER PRIMARY KEY, n INTEGER, padding)`)
	must(t, db, `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 800) INSERT INTO twin SELECT i, 0, randomblob(3000) FROM c`)
	return db
}

func must(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// step is an edit of both, and of everything between them every now and then.
const step = `UPDATE twin SET n = n + 1, padding = randomblob(3000) WHERE id IN (1, 800) OR id % 50 = abs(random()) % 50`

// twins looks whether a copy is whole and of one moment.
func twins(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", dataSource(path, scratching))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := checkIntegrity(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	var first, last int
	if err := db.QueryRow(`SELECT (SELECT n FROM twin WHERE id = 1), (SELECT n FROM twin WHERE id = 800)`).Scan(&first, &last); err != nil || first != last {
		t.Fatalf("the copy is of two moments: %d and %d (%v)", first, last, err)
	}
	return first
}

func TestADatabaseWhoseLogIsEmptyIsCopiedAsItLies(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	path, copied := filepath.Join(dir, databaseName), filepath.Join(dir, "copy.db")
	db := logged(t, path)
	reader, err := sql.Open("sqlite3", dataSource(path, scratching))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	must(t, db, step)
	if whole, err := copyDatabase(ctx, reader, copied); whole || err != nil {
		t.Fatalf("what stands in the log was left out, and the copy is called whole: %t %v", whole, err)
	}
	if _, err := os.Stat(copied); err == nil {
		t.Fatal("half a copy is left")
	}
	must(t, db, `PRAGMA wal_checkpoint(TRUNCATE)`)
	if whole, err := copyDatabase(ctx, reader, copied); !whole || err != nil {
		t.Fatalf("the log is empty: %t %v", whole, err)
	}
	if n := twins(t, copied); n != 1 {
		t.Errorf("the copy is of step %d", n)
	}
	var mode string
	only, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(copied)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer only.Close()
	if err := only.QueryRow(`PRAGMA journal_mode`).Scan(&mode); err != nil || mode != "delete" {
		t.Errorf("the copy needs a log: %s %v", mode, err)
	}
}

// What copyDatabase builds on: from when a transaction reads with an empty log to its end, the
// file stays as it is, whatever is written and however the log is copied.
func TestNothingIsWrittenIntoAFileThatIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), databaseName)
	db := logged(t, path)
	must(t, db, `PRAGMA wal_checkpoint(TRUNCATE)`)
	reader, err := sql.Open("sqlite3", dataSource(path, scratching))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	tx, err := reader.Begin()
	if err != nil {
		t.Fatal(err)
	}
	lies := func() (all []byte) {
		var pages int
		if err := tx.QueryRow(`SELECT count(*) FROM twin`).Scan(&pages); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRow(`SELECT file_part(0, 1048576) || file_part(1048576, 1048576)`).Scan(&all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	before := lies()
	busy, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(path)+"?_busy_timeout=1") // it has to wait in vain
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for range 5 {
		must(t, db, step)
		for _, how := range []string{"PASSIVE", "FULL", "RESTART", "TRUNCATE"} {
			must(t, busy, `PRAGMA wal_checkpoint(`+how+`)`)
		}
	}
	if !bytes.Equal(before, lies()) {
		t.Error("the file was written to while it was read")
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	must(t, db, `PRAGMA wal_checkpoint(TRUNCATE)`)
	if tx, err = reader.Begin(); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(before, lies()) {
		t.Error("nothing was written when nobody read any more: the test sees nothing")
	}
	_ = tx.Rollback()
}

// Copies that are made while others write and copy the log are each of one moment.
func TestACopyMadeWhileOthersWriteIsOfOneMoment(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, databaseName)
	db := logged(t, path)
	source, err := sql.Open("sqlite3", dataSource(path, scratching))
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var others sync.WaitGroup
	done := make(chan struct{})
	others.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			for _, statement := range []string{step, step, `PRAGMA wal_checkpoint(TRUNCATE)`} {
				if _, err := db.Exec(statement); err != nil {
					t.Errorf("%s: %v", statement, err)
					return
				}
			}
		}
	})
	last := 0
	for range 15 {
		copied := filepath.Join(dir, "copy.db")
		if err := backup(context.Background(), source, copied, checkIntegrity); err != nil {
			t.Fatal(err)
		}
		n := twins(t, copied)
		if n < last {
			t.Errorf("a copy of step %d comes after one of %d", n, last)
		}
		last = n
		if err := os.Remove(copied); err != nil {
			t.Fatal(err)
		}
	}
	close(done)
	others.Wait()
}

// A daily copy is made as the file lies also right after something was written.
func TestTheLogIsEmptiedBeforeACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), databaseName)
	db := logged(t, path)
	must(t, db, step)
	size := func() int64 {
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	reader, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.ExecContext(context.Background(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	emptyLog(context.Background(), path)
	if size() == 0 {
		t.Error("the log was emptied under somebody who writes")
	}
	if _, err := reader.ExecContext(context.Background(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	emptyLog(context.Background(), path)
	if size() != 0 {
		t.Error("the log is as it was")
	}
}
