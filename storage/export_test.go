package storage

import (
	"context"
	"database/sql"
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

// ListPlan is how SQLite finds the rows of a page.
func ListPlan(t *testing.T, db *DB, q Query) (plan []string) {
	t.Helper()
	err := db.read(t.Context(), "plan", func(v *view) error {
		l := listing{view: v, Query: q, table: v.catalog.tables[q.Resource]}
		k := l.table.sortKey(l.Sort)
		if err := l.conditions(k.of("r.")); err != nil {
			return err
		}
		query, err := l.selection(k)
		if err != nil {
			return err
		}
		return each(t.Context(), v.q, "EXPLAIN QUERY PLAN "+query, append(l.args, 50), func(rows *sql.Rows) error {
			var id, parent, unused int
			var step string
			err := rows.Scan(&id, &parent, &unused, &step)
			plan = append(plan, step)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
