package storage

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core/intake"
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

// ListPlan is how SQLite finds the rows of a page in the list's order, among the
// matches of a search if there is one.
func ListPlan(t *testing.T, db *DB, q Query) (plan []string) {
	t.Helper()
	err := db.read(t.Context(), "plan", func(v *view) error {
		l := listing{view: v, Query: q, table: v.catalog.tables[q.Resource]}
		s := &searching{listing: &l, key: l.table.sortKey(l.Sort)}
		ordered, err := l.hasOrder(s.key)
		if err != nil {
			return err
		}
		among, args := "", []any(nil)
		if match := matchQuery(q.Search); match != "" {
			among, args = matchesOf, s.matchArgs(match)
		}
		query, args, err := l.selection(s.key, ordered, among, args)
		if err != nil {
			return err
		}
		return each(t.Context(), v.q, "EXPLAIN QUERY PLAN "+query, append(args, 50), func(rows *sql.Rows) error {
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

// How a character may be folded for the search besides to another one.
const (
	Separates = separates
	Unwritten = unwritten
)

// FoldedTo is how a character beyond ASCII is folded for the search.
func FoldedTo(r rune) rune { return foldedTo(r) }

// Words are the words of a text as the search sees them.
func Words(text string) (words []string) {
	for r := (wordReader{text: text}); r.next(); {
		words = append(words, string(r.word))
	}
	return words
}

// MatchQuery is what the full-text index is asked for what a person typed.
func MatchQuery(typed string) string { return matchQuery(typed) }

// Finds reports whether a look at the text alone finds in it what a person typed.
func Finds(typed, text string) bool {
	s := newSought(typed)
	return s != nil && s.in(text)
}

// AwaitWriter returns as soon as somebody writes.
func AwaitWriter(db *DB) {
	for len(db.turn) == 0 {
		runtime.Gosched()
	}
}

// KinKept is of how many tables the components are kept by their masters.
func KinKept(db *DB) int {
	db.kin.mu.Lock()
	defer db.kin.mu.Unlock()
	return len(db.kin.of)
}

// WritesBeside reports whether something is being written beside the transaction.
func WritesBeside(t intake.Tx) bool { return t.(*tx).beside.written != nil }

// ReadAsking reads three rows by the connection that writes, and calls fn for each.
func ReadAsking(t intake.Tx, fn func() error) error {
	return t.(*tx).ask(func(q querier) error { return readThree(q, fn) })
}

// ReadKeeping does the same with the connection that q hands out.
func ReadKeeping(t intake.Tx, fn func() error) error { return readThree(t.(*tx).q(), fn) }

func readThree(q querier, fn func() error) error {
	return each(context.Background(), q, `SELECT n.column1 FROM (VALUES (1), (2), (3)) n`, nil, func(*sql.Rows) error { return fn() })
}
