package storage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// gatherBytes is how much a transaction gathers before it is written: a good millisecond of
// SQLite's work, as much as makes it worth while to begin that beside the transaction.
const gatherBytes = 256 << 10

// Gathered are the rows with which a transaction has still to run a statement. Of a pull
// thousands follow each other: many are handed over to SQLite at once, and none of their
// values is one for the driver before. All other statements of the transaction have
// what is gathered written first (see tx.flush), so that nobody sees the difference.
type gathered struct {
	statement *phrase
	of        int64 // the resource whose rows they are
	rows      packrow.Rows
	uuids     []string // of the rows, if the statement makes new ones in a resource's table
}

// putRows runs a statement with many rows.
var putRows = &phrase{text: packrow.Put}

// severalRows is how many rows one statement takes where rows are narrow: to begin and end
// it is a good part of the work on one then. Of a wide row the values are copied once
// more for that.
const severalRows = 32

// insertion returns the statement that inserts rows of a few columns: head and tail stand
// around the list of rows.
func insertion(width int, head, tail string) *phrase {
	row := "(" + marks(width) + ")"
	return &phrase{text: head + row + tail, several: head + strings.Repeat(row+",", severalRows-1) + row + tail}
}

// gather returns where the rows of a resource for a statement are gathered, until it is
// called again: one is to be put there, and t.gathers called. Those of one resource lie
// side by side in the tables that have all, and are put one after the other.
func (t *tx) gather(statement *phrase, of int64) *gathered {
	n := slices.IndexFunc(t.w.gathered, func(g gathered) bool { return g.statement == statement && g.of == of })
	if n < 0 {
		n = len(t.w.gathered)
		t.w.gathered = slices.Grow(t.w.gathered, 1)[:n+1] // with the room of one before, if there was one
		t.w.gathered[n].statement, t.w.gathered[n].of = statement, of
	}
	return &t.w.gathered[n]
}

// gathers ends the row that was put into g. It is written soon, mostly beside what the
// transaction does next.
func (t *tx) gathers(g *gathered) error {
	g.rows.End()
	size := 0
	for i := range t.w.gathered {
		size += t.w.gathered[i].rows.Size()
	}
	switch {
	case size < gatherBytes:
		return nil
	case t.alone():
		return t.flushBeside()
	}
	return t.flush()
}

// flush writes what is gathered, when all before it is written. If that fails nothing more
// can be done in the transaction, whoever heard of it.
func (t *tx) flush() error {
	t.catchUp()
	if len(t.w.gathered) == 0 || t.failed != nil {
		t.w.gathered = noRows(t.w.gathered)
		return t.failed
	}
	t.failed = t.put(t.w.gathered...)
	t.w.gathered = noRows(t.w.gathered)
	return t.failed
}

// put writes rows at once.
func (t *tx) put(rows ...gathered) error {
	s, err := t.w.find(putRows)
	if err != nil {
		return err
	}
	return putAll(s, rows)
}

// putAll writes rows by the statement of put_rows.
func putAll(s *stmt, rows []gathered) error {
	for i := range rows {
		g, n := &rows[i], int64(0)
		if g.statement.several != "" {
			n = severalRows
		}
		if err := s.run(g.statement.text, g.rows.Packed(), g.statement.several, n); err != nil {
			return fmt.Errorf("%w: %.80s, one of %d rows", err, g.statement.text, g.rows.Len())
		}
	}
	return nil
}

// keptRoom is how much room for rows of a statement is kept, in bytes.
const keptRoom = gatherBytes

// noRows returns no rows, with the room of these.
func noRows(rows []gathered) []gathered {
	for i := range rows {
		g := &rows[i]
		if g.rows.Empty(); g.rows.Room() > keptRoom {
			g.rows = packrow.Rows{}
		}
		clear(g.uuids)
		g.uuids = g.uuids[:0]
	}
	return rows[:0]
}

// isGathered reports whether the table's new row for the uuid is to be written, and nobody
// has begun to.
func (t *tx) isGathered(tb *table, uuid string) bool {
	for i := range t.w.gathered {
		if g := &t.w.gathered[i]; g.statement == tb.insert {
			return slices.Contains(g.uuids, uuid)
		}
	}
	return false
}
