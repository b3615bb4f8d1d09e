package storage

import (
	"database/sql/driver"
	"strings"
)

// rowsAtOnce is how many rows one statement inserts where there are many.
const rowsAtOnce = 32

// An inserting is a statement that inserts rows: for one, and for rowsAtOnce.
type inserting struct {
	width     int // values of a row
	one, many *phrase
}

// insertion makes the statements that have head and tail around the list of rows.
func insertion(width int, head, tail string) *inserting {
	row := "(" + marks(width) + ")"
	return &inserting{width, &phrase{head + row + tail}, &phrase{head + row + strings.Repeat(","+row, rowsAtOnce-1) + tail}}
}

// insert inserts the rows whose values follow each other.
func (t *tx) insert(rows *inserting, values []driver.Value) error {
	for len(values) > 0 {
		n, query := rows.width, rows.one
		if many := rowsAtOnce * rows.width; len(values) >= many {
			n, query = many, rows.many
		}
		if err := t.do(query, values[:n]...); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}
