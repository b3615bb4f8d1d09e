package packrow_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// connect returns the only connection of a database with the table t of four columns.
func connect(t *testing.T, path string) *sql.DB {
	t.Helper()
	if err := packrow.Register(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	exec(t, db, `CREATE TABLE t (id INTEGER PRIMARY KEY, a ANY, b ANY, c ANY UNIQUE) STRICT`)
	return db
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

const insert = `INSERT INTO t (id, a, b, c) VALUES (?, ?, ?, ?)`

func put(ctx context.Context, db *sql.DB, statement string, rows *packrow.Rows) error {
	return putSeveral(ctx, db, statement, rows, "", 0)
}

func putSeveral(ctx context.Context, db *sql.DB, statement string, rows *packrow.Rows, several string, n int) error {
	_, err := db.ExecContext(ctx, packrow.Put, statement, rows.Packed(), several, n)
	return err
}

func ids(t *testing.T, db *sql.DB) (list string) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), `SELECT ifnull(group_concat(id), '') FROM (SELECT id FROM t ORDER BY id)`).Scan(&list); err != nil {
		t.Fatal(err)
	}
	return list
}

// What is put with other rows, several by one statement too, is what the driver would have
// stored by itself: the same types, to the bit, and NULL where there is no value.
func TestRowsArePutAsTheDriverPutsThem(t *testing.T) {
	db := connect(t, ":memory:")
	exec(t, db, `CREATE TABLE other (id INTEGER PRIMARY KEY, a ANY, b ANY, c ANY) STRICT`)
	value := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.Float64(), func(x float64) any { return x }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return string(b) }), // no UTF-8
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return b }),
		rapid.SampledFrom([]any{"", "\x00", "a\x00b", []byte{}, int64(math.MinInt64), math.Inf(1), math.Copysign(0, -1)}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		exec(t, db, `DELETE FROM t`)
		exec(t, db, `DELETE FROM other`)
		var rows packrow.Rows
		for id := range rapid.Int64Range(0, 200).Draw(rt, "rows") {
			a, b := value.Draw(rt, "a"), value.Draw(rt, "b")
			exec(t, db, `INSERT INTO other (id, a, b) VALUES (?, ?, ?)`, id, a, b)
			for _, parameter := range rapid.SampledFrom([][]int{{1, 2, 3}, {3, 1, 2}}).Draw(rt, "order") {
				give(&rows, parameter, []any{id, a, b}[parameter-1])
			}
			rows.End()
		}
		several := rapid.SampledFrom([]int{0, 1, 2, 7}).Draw(rt, "several")
		if err := putSeveral(t.Context(), db, insert, &rows, insert+strings.Repeat(",(?, ?, ?, ?)", max(0, several-1)), several); err != nil {
			t.Fatal(err)
		}
		dump := func(table string) (list []string) {
			all, err := db.QueryContext(t.Context(), `SELECT id, typeof(a), typeof(b), typeof(c), pack_row(a, b, c) FROM `+table+` ORDER BY id`)
			if err != nil {
				t.Fatal(err)
			}
			defer all.Close()
			for all.Next() {
				var id int64
				var a, b, c string
				var packed []byte
				if err := all.Scan(&id, &a, &b, &c, &packed); err != nil {
					t.Fatal(err)
				}
				list = append(list, fmt.Sprint(id, a, b, c, packed))
			}
			if err := all.Err(); err != nil {
				t.Fatal(err)
			}
			return list
		}
		if got, want := dump("t"), dump("other"); len(got) != rows.Len() || !reflect.DeepEqual(got, want) {
			t.Errorf("put together\n%v\nput by the driver\n%v", got, want)
		}
	})
}

func give(r *packrow.Rows, parameter int, v any) {
	switch v := v.(type) {
	case int64:
		r.Int(parameter, v)
	case float64:
		r.Float(parameter, v)
	case string:
		r.Text(parameter, v)
	case []byte:
		r.Blob(parameter, v)
	}
}

// A row that cannot be put ends the call with SQLite's own error; those before it are put,
// those behind it are not, and the next call finds everything in order.
func TestARowThatCannotBePutIsAnErrorOfSQLite(t *testing.T) {
	db := connect(t, ":memory:")
	var rows packrow.Rows
	for id, c := range []string{"one", "two", "one", "three"} {
		rows.Int(1, int64(id))
		rows.Text(4, c)
		rows.End()
	}
	err := put(t.Context(), db, insert, &rows)
	var trouble sqlite3.Error
	if !errors.As(err, &trouble) || trouble.Code != sqlite3.ErrConstraint || trouble.Error() != "UNIQUE constraint failed: t.c" {
		t.Errorf("the error is %#v", err)
	}
	if got := ids(t, db); got != "0,1" {
		t.Errorf("rows %s are there, not 0,1", got)
	}
	rows.Empty()
	rows.Int(1, 7)
	rows.End()
	if err := put(t.Context(), db, insert, &rows); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, db); got != "0,1,7" {
		t.Errorf("rows %s are there, not 0,1,7", got)
	}
	for name, statement := range map[string]string{"a statement that is none": "INSERT INTO nowhere VALUES (?)", "nothing": "", "a parameter too many": "INSERT INTO t (a) VALUES (1)"} {
		if err := put(t.Context(), db, statement, &rows); err == nil {
			t.Error(name, "is no error")
		}
	}
	if _, err := db.ExecContext(t.Context(), "SELECT put_rows(?)", insert); err == nil {
		t.Error("no rows are no error")
	}
}

// What is cut short puts no part of a row, and reads nothing beyond its end.
func TestBrokenRowsAreAnError(t *testing.T) {
	db := connect(t, ":memory:")
	var rows packrow.Rows
	rows.Int(1, 5)
	rows.Float(2, 2.5)
	rows.Text(3, "three")
	rows.Blob(4, []byte{4})
	rows.End()
	whole := rows.Packed()
	for n := range whole {
		for several, statement := range []string{"", insert} {
			_, err := db.ExecContext(t.Context(), packrow.Put, insert, whole[:n:n], statement, several)
			if got := ids(t, db); (err != nil) != (n > 0) || got != "" {
				t.Errorf("of %d bytes rows %q were put, error %v", n, got, err)
			}
		}
	}
	if _, err := db.ExecContext(t.Context(), packrow.Put, insert, append([]byte{1, 0, 9}, whole...), "", 0); err == nil {
		t.Error("an unknown type is no error")
	}
}

// The statements follow the table when its columns change, and do not keep the connection
// open once they were given up: whoever closes a database last removes its log.
func TestStatementsThatAreKeptAreGivenUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.db")
	db := connect(t, "file:"+path+"?_journal_mode=WAL")
	var rows packrow.Rows
	for id := range int64(3) {
		rows.Empty()
		rows.Int(1, id)
		rows.End()
		if err := put(t.Context(), db, insert, &rows); err != nil {
			t.Fatal(err)
		}
		if err := put(t.Context(), db, `UPDATE t SET a = 'seen' WHERE id = ?1`, &rows); err != nil {
			t.Fatal(err)
		}
		exec(t, db, fmt.Sprintf(`ALTER TABLE t ADD COLUMN extra%d ANY`, id))
	}
	var seen int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM t WHERE a = 'seen'`).Scan(&seen); err != nil || seen != 3 {
		t.Errorf("%d rows were updated of 3: %v", seen, err)
	}
	exec(t, db, packrow.Release)
	exec(t, db, packrow.Release)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log is still there: %v", err)
	}
}
