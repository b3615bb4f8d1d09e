package storage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// gatherBytes is how much a transaction gathers before it is written.
const gatherBytes = 64 << 10

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
	n := slices.IndexFunc(t.gathered, func(g gathered) bool { return g.statement == statement && g.of == of })
	if n < 0 {
		n = len(t.gathered)
		t.gathered = slices.Grow(t.gathered, 1)[:n+1] // with the room of one before, if there was one
		t.gathered[n].statement, t.gathered[n].of = statement, of
	}
	return &t.gathered[n]
}

// gathers ends the row that was put into g. It is written soon.
func (t *tx) gathers(g *gathered) error {
	g.rows.End()
	size := 0
	for i := range t.gathered {
		size += t.gathered[i].rows.Size()
	}
	if size < gatherBytes {
		return nil
	}
	return t.flush()
}

// flush writes what is gathered. If that fails nothing more can be done in the transaction,
// whoever heard of it.
func (t *tx) flush() error {
	for i := range t.gathered {
		g := &t.gathered[i]
		if t.failed == nil {
			t.failed = t.put(g)
		}
		g.rows.Empty()
		clear(g.uuids)
		g.uuids = g.uuids[:0]
	}
	t.gathered = t.gathered[:0]
	return t.failed
}

func (t *tx) put(g *gathered) error {
	s, err := t.w.find(putRows)
	if err != nil {
		return err
	}
	n := int64(0)
	if g.statement.several != "" {
		n = severalRows
	}
	if err := s.run(g.statement.text, g.rows.Packed(), g.statement.several, n); err != nil {
		return fmt.Errorf("%w: %.80s, one of %d rows", err, g.statement.text, g.rows.Len())
	}
	return nil
}

// isGathered reports whether the table's new row for the uuid has still to be written.
func (t *tx) isGathered(tb *table, uuid string) bool {
	for i := range t.gathered {
		if g := &t.gathered[i]; g.statement == tb.insert {
			return slices.Contains(g.uuids, uuid)
		}
	}
	return false
}
