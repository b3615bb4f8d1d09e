package packrow_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// What a statement may have to take back has room, however much it is: in memory, then in
// a file.
func TestAStatementMayChangeMoreThanStaysInMemory(t *testing.T) {
	if err := packrow.Register(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "a.db"))+"?_journal_mode=WAL")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		`CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE, words TEXT)`,
		`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 1500) INSERT INTO t SELECT n, n, printf('%.3000c', 'x') FROM i`,
		`BEGIN`,
		`UPDATE t SET words = words || 'y'`, // 1,500 pages
		`UPDATE t SET n = -n, words = words || 'z'`,
		`COMMIT`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE t SET words = words || 'a', n = iif(id = 1500, -1, n)`); err == nil {
		t.Fatal("two rows have one number")
	}
	var changed int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM t WHERE words NOT LIKE 'xxx%xyz' OR n <> -id`).Scan(&changed); err != nil || changed != 0 {
		t.Errorf("%d rows are not as they were before a statement that failed: %v", changed, err)
	}
}
