package storage

import (
	"context"
	"database/sql"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// A reader whose transaction cannot be ended is given up: whoever read with it next would
// be told that a transaction has begun already, and see the store as it was then.
func TestAReaderThatCannotBeEndedIsNotUsedAgain(t *testing.T) {
	db := opened(t)
	count := func(v *view) (n int, err error) {
		err = each(v.ctx, v.q, `SELECT count(*) FROM setting`, nil, func(rows *sql.Rows) error { return rows.Scan(&n) })
		return n, err
	}
	err := db.read(t.Context(), "test", func(v *view) error {
		v.raw.RegisterAuthorizer(func(op int, what, _, _ string) int {
			if op == sqlite3.SQLITE_TRANSACTION && what == "ROLLBACK" {
				return sqlite3.SQLITE_DENY
			}
			return sqlite3.SQLITE_OK
		})
		_, err := count(v)
		return err
	})
	if err == nil {
		t.Error("that it could not be ended must be said")
	}
	before := -1
	for range 20 {
		err := db.read(t.Context(), "test", func(v *view) (err error) { before, err = count(v); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.SetSetting(context.Background(), "test", "x"); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		err := db.read(t.Context(), "test", func(v *view) error {
			if after, err := count(v); err != nil || after != before+1 {
				t.Errorf("%d settings, want %d, %v", after, before+1, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
