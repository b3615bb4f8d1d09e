package storage

import (
	"database/sql/driver"
	"strings"
)

// sparseSets is how many sets of columns a table has statements of their own for; those
// that come first.
const sparseSets = 12

// A columnSet says which columns of a table's row have a value, _id being the first.
type columnSet [3]uint64

// sparse are the statements that insert rows of a table with some of its columns.
type sparse struct {
	table *table
	last  columnSet
	stmt  *stmt // of last
	sets  map[columnSet]*stmt
}

// insertRow inserts a row. A value that is NULL costs as much as any other on its way
// to SQLite, and most records of a wide table have few: those columns are left out.
// The values are moved together.
func (t *tx) insertRow(tb *table, values []driver.Value) error {
	var set columnSet
	if len(values) > 64*len(set) {
		return t.do(tb.insert, values...)
	}
	for i, v := range values {
		if v != nil {
			set[i/64] |= 1 << (i % 64)
		}
	}
	s, err := t.w.sparseInsert(tb, set)
	if err != nil {
		return err
	}
	if s == nil {
		return t.do(tb.insert, values...)
	}
	there := values[:0]
	for _, v := range values {
		if v != nil {
			there = append(there, v)
		}
	}
	return s.run(there...)
}

// sparseInsert returns the statement that inserts a row with these columns; nil if there
// are too many sets.
func (w *writer) sparseInsert(tb *table, set columnSet) (*stmt, error) {
	of := w.sparse[tb.id]
	if of == nil || of.table != tb {
		of = &sparse{table: tb, sets: make(map[columnSet]*stmt)}
		w.sparse[tb.id] = of
	}
	if of.stmt != nil && of.last == set {
		return of.stmt, nil
	}
	s := of.sets[set]
	if s == nil {
		if len(of.sets) == sparseSets {
			return nil, nil //nolint:nilnil // there is none, which is no error
		}
		var err error
		if s, err = w.prepare(tb.insertOf(set)); err != nil {
			return nil, err
		}
		of.sets[set] = s
	}
	of.last, of.stmt = set, s
	return s, nil
}

// insertOf returns the INSERT of some columns.
func (t *table) insertOf(set columnSet) string {
	var names []string
	for i, name := range t.names {
		if set[i/64]>>(i%64)&1 != 0 {
			names = append(names, name)
		}
	}
	return "INSERT INTO " + t.sql + " (" + strings.Join(names, ",") + ") VALUES (" + marks(len(names)) + ")"
}
