package storage

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// SetBusyTimeout sets how long the writer waits for a lock.
func SetBusyTimeout(t *testing.T, db *DB, d time.Duration) {
	t.Helper()
	pragma(t, db, "busy_timeout", d.Milliseconds())
}

// LimitPages keeps the database from growing by more than n pages: SQLite then
// reports a full disk. The function it returns lifts the limit.
func LimitPages(t *testing.T, db *DB, n int64) (unlimit func()) {
	t.Helper()
	var pages int64
	if err := db.writer.conn.QueryRowContext(context.Background(), `PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	pragma(t, db, "max_page_count", pages+n)
	return func() { pragma(t, db, "max_page_count", 1<<30) }
}

func pragma(t *testing.T, db *DB, name string, value int64) {
	t.Helper()
	if _, err := db.writer.conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA %s = %d", name, value)); err != nil {
		t.Fatal(err)
	}
}

// LookThrough makes exports look through whole tables also for few news; the function
// it returns ends that.
func LookThrough() (end func()) {
	before := fewNews
	fewNews = -1
	return func() { fewNews = before }
}
